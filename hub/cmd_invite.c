#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/trust/card.h"
#include "common/trust/invite.h"

#include "hub/office.h"

#define BODY_MAX_BYTES    4096
#define HOURS_MAX         72
#define INVITES_MAX_COUNT 100000

/* inviting */

static enum err
make_body(
	struct invite *i, const char *site, struct buf *body, char id[static 2 * ID_BYTES + 1])
{
	uint8_t enrol_public[BOX_PUBLIC_BYTES];
	OWNED_SECRET struct secret *enrol_secret = NULL;
	struct json_out w;
	invite_keys(enrol_public, &enrol_secret, i->secret);
	text_hex(id, i->id, sizeof(i->id));
	json_begin(&w, body);
	json_put_object(&w, NULL);
	json_put_text(&w, "id", id);
	json_put_text(&w, "site", site);
	json_put_hex(&w, "enrol_public", view_of(enrol_public, sizeof(enrol_public)));
	json_put_int(&w, "expires_s", i->expires_s);
	json_put_close(&w);
	return json_end(&w, "invitation");
}

static enum err
fill(struct program *p, struct office *o, struct invite *i)
{
	OWNED(json) struct json *facts = NULL;
	const char *transport = "", *root = "";
	uint8_t root_public[SIGN_PUBLIC_BYTES];
	const char *address = program_value(p, "address");
	int64_t hours = HOURS_MAX;
	enum err e = program_number(p, "hours", 1, HOURS_MAX, &hours);
	if (!e)
		e = office_ask(o, "facts", "{}", &facts);
	if (!e)
		e = json_get_text(facts, "transport_public", 64, &transport);
	if (!e)
		e = json_get_text(facts, "root_public", 64, &root);
	if (e)
		return e;
	if (!text_unhex(i->hub_public, sizeof(i->hub_public), transport) ||
		!text_unhex(root_public, sizeof(root_public), root))
		return fail(E_FORMAT, "the ledger's keys are not of their form");
	card_root_hash(i->root_hash, root_public);
	if (snprintf(i->address, sizeof(i->address), "%s",
		    address ? address : office_settings(o)->listen) >= (int)sizeof(i->address))
		return fail(E_FORMAT, "the address is too long");
	i->expires_s = clock_wall_ms() / 1000 + hours * 3600;
	return OK;
}

static enum err
run_invite(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	OWNED(invite) struct invite *i = invite_new();
	OWNED_BUF struct buf body;
	OWNED_WIPED struct buf line;
	char id[2 * ID_BYTES + 1];
	buf_init(&body, BODY_MAX_BYTES);
	buf_init(&line, BODY_MAX_BYTES);
	enum err e = office_open(&o, p);
	if (!e)
		e = fill(p, o, i);
	if (!e)
		e = make_body(i, program_arg(p, 0), &body, id);
	if (!e)
		e = office_signer(o, &by);
	struct office_act act = {"invite", id, buf_view(&body)};
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (!e)
		e = invite_print(&line, i);
	if (e)
		return e;
	printf("%.*s\n", (int)line.len, (const char *)line.at);
	fprintf(stderr,
		"invitation %.8s for site %s; give the line to the coordinator by a private "
		"way\n",
		id, program_arg(p, 0));
	return OK;
}

/* admitting */

struct waiting {
	const char *id, *site, *state, *name, *by;
	uint8_t transcript[HASH_BYTES];
	char groups[INVITE_GROUPS_BYTES];
};

static enum err
read_waiting(const struct json *one, struct waiting *w)
{
	const char *hex = "";
	enum err e = json_get_text(one, "id", 2 * ID_BYTES, &w->id);
	if (!e)
		e = json_get_text(one, "site", 64, &w->site);
	if (!e)
		e = json_get_text(one, "state", 16, &w->state);
	if (!e)
		e = json_get_text(one, "name", 256, &w->name);
	if (!e)
		e = json_get_text(one, "by", 64, &w->by);
	if (!e)
		e = json_get_text(one, "transcript", 2 * HASH_BYTES, &hex);
	if (!e && !text_unhex(w->transcript, sizeof(w->transcript), hex))
		e = fail(E_FORMAT, "the ledger's invitation is not of its form");
	if (!e)
		invite_groups(w->groups, w->transcript);
	return e;
}

/* An id may be shortened to its first eight digits or more, as far as it stays unique. */
static enum err
find(const struct json *answer, const char *id, struct waiting *ret)
{
	const struct json *list = NULL, *one = NULL;
	size_t found = 0;
	if (strlen(id) < 8)
		return fail(E_FORMAT,
			"give at least the first eight digits of the invitation's id");
	enum err e = json_get_array(answer, "invites", INVITES_MAX_COUNT, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		struct waiting w;
		e = json_item_object(list, i, "invites", &one);
		if (!e)
			e = read_waiting(one, &w);
		if (!e && strncmp(w.id, id, strlen(id)) == 0) {
			*ret = w;
			found++;
		}
	}
	if (e || found == 1)
		return e;
	return found ? fail(E_CONFLICT, "several invitations begin with %s", id)
		     : fail(E_NOTFOUND, "there is no invitation %s", id);
}

/* The two people have read the digits to each other: here the person at the hub says so. */
static enum err
compare(struct program *p, const struct waiting *w)
{
	const char *given = program_value(p, "groups");
	if (given)
		return strcmp(given, w->groups) == 0
			       ? OK
			       : fail(E_DENIED,
					 "the digits differ: somebody else is waiting on this "
					 "invitation; admit nobody");
	if (!isatty(STDIN_FILENO))
		return program_usage(p,
			"--groups \"1234 5678 ...\" is needed without a terminal: the "
			"digits that the coordinator reads out");
	char line[16] = "";
	printf("node \"%s\" of site %s shows: %s\ndoes the coordinator read the same digits? "
	       "[yes/no] ",
		w->name, w->site, w->groups);
	(void)fflush(stdout);
	if (!fgets(line, sizeof(line), stdin) || strcmp(line, "yes\n") != 0)
		return fail(E_DENIED, "nobody was admitted");
	return OK;
}

static enum err
run_admit(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL, *done = NULL;
	OWNED_BUF struct buf body;
	struct waiting w = {0};
	buf_init(&body, BODY_MAX_BYTES);
	enum err e = office_open(&o, p);
	if (!e)
		e = office_ask(o, "invites", "{}", &answer);
	if (!e)
		e = find(answer, program_arg(p, 0), &w);
	if (!e && strcmp(w.state, "admitted") == 0)
		e = fail(E_CONFLICT, "the invitation was used: its node is admitted already");
	if (!e && strcmp(w.state, "claimed") != 0)
		e = fail(E_NOTFOUND, "nobody is waiting on this invitation");
	if (!e)
		e = compare(p, &w);
	if (!e)
		e = office_signer(o, &by);
	if (e)
		return e;
	buf_format(&body, "{\"id\":\"%s\",\"transcript\":\"", w.id);
	char hex[2 * HASH_BYTES + 1];
	text_hex(hex, w.transcript, sizeof(w.transcript));
	buf_format(&body, "%s\"}", hex);
	struct office_act act = {"admit", w.id, buf_view(&body)};
	e = office_submit(o, by, &act, &done);
	if (!e)
		printf(program_json(p) ? "{\"site\":\"%s\"}\n"
				       : "site %s: the node is admitted\n",
			w.site);
	return e;
}

static enum err
print_waiting(const struct json *one)
{
	struct waiting w = {0};
	enum err e = read_waiting(one, &w);
	if (!e)
		printf("%.8s  %-16s %-9s by %-12s %s\n", w.id, w.site, w.state, w.by,
			strcmp(w.state, "claimed") == 0 ? w.groups : "");
	return e;
}

static enum err
run_list(struct program *p)
{
	return office_list(
		p, &(struct office_list){"invites", "invites", INVITES_MAX_COUNT, print_waiting,
			   "no invitation is open: make one with `weir-hub invite "
			   "SITE`"});
}

static const struct program_option invite_options[] = {
	{"by", "PERSON", "who invites; another person will admit"},
	{"hours", "N", "how long it lives, at most 72 (default 72)"},
	{"address", "ADDRESS", "where the node reaches this hub (default: where it listens)"},
	{NULL, NULL, NULL},
};

static const struct program_option admit_options[] = {
	{"by", "PERSON", "who admits; not the one who invited"},
	{"groups", "DIGITS", "the six groups that the coordinator reads out"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_invite = {.name = "invite",
	.run = run_invite,
	.help = "print an invitation for a site's node",
	.args = "SITE",
	.args_min = 1,
	.args_max = 1,
	.options = invite_options};

const struct program_command cmd_admit = {.name = "admit",
	.run = run_admit,
	.help = "let the node in that waits on an invitation, after comparing six groups of "
		"digits",
	.args = "ID",
	.args_min = 1,
	.args_max = 1,
	.options = admit_options};

const struct program_command cmd_invite_list = {.name = "invites",
	.run = run_list,
	.help = "invitations, and the digits of nodes that wait"};
