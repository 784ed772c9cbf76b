#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/trust/card.h"

#include "hub/office.h"

#define PERSONS_MAX_COUNT 100000

static const char *const roles[] = {
	"researcher", "officer", "approver", "holder", "operator", "overseer"};

static bool
is_role(const char *role)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (strcmp(roles[i], role) == 0)
			return true;
	return false;
}

static enum err
read_card(struct program *p, const struct settings *s, struct wire_card *c)
{
	const char *id = program_arg(p, 0), *name = program_value(p, "name");
	const char *organisation = program_value(p, "organisation");
	size_t count = program_value_count(p, "role");
	if (!text_is_name(id, sizeof(c->person) - 1) || strcmp(id, SIGNER_ROOT) == 0)
		return program_usage(
			p, "an id is made of a-z, 0-9, _ and -, and is not \"root\"");
	if (count == 0 || count > WIRE_ROLES_MAX)
		return program_usage(p,
			"--role is needed: researcher, officer, approver, holder, "
			"operator or overseer");
	*c = (struct wire_card){.role_count = count, .time_s = clock_wall_ms() / 1000};
	for (size_t i = 0; i < count; i++) {
		const char *role = program_value_at(p, "role", i);
		if (!is_role(role))
			return program_usage(p, "there is no role %s", role);
		(void)snprintf(c->roles[i], sizeof(c->roles[i]), "%s", role);
	}
	if (!organisation || !organisation[0])
		return program_usage(p,
			"--organisation is needed: every act is logged with the organisation "
			"that the person acts for");
	(void)snprintf(c->study, sizeof(c->study), "%s", s->study);
	(void)snprintf(c->person, sizeof(c->person), "%s", id);
	(void)snprintf(c->name, sizeof(c->name), "%s", name ? name : id);
	(void)snprintf(c->organisation, sizeof(c->organisation), "%s", organisation);
	return OK;
}

static enum err
make_key(struct program *p, struct office *o, const char *path, struct signer **ret)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	const char *id = program_arg(p, 0);
	OWNED_MEM char *prompt = xasprintf("new passphrase of %s", id);
	enum err e = program_passphrase_new(p, prompt, &passphrase);
	struct signer_file f = {path, id, passphrase,
		office_settings(o)->kdf_interactive ? KDF_INTERACTIVE : KDF_MODERATE};
	return e ? e : signer_make(ret, &f);
}

static enum err
submit_card(struct office *o, struct signer *root, const struct wire_card *c)
{
	OWNED_BUF struct buf card;
	OWNED(json) struct json *answer = NULL;
	buf_init(&card, WIRE_SIGNED_MAX_BYTES);
	enum err e = card_make(&card, c, root->sign);
	struct office_act act = {"person", c->person, buf_view(&card)};
	return e ? e : office_submit(o, root, &act, &answer);
}

static enum err
run_add(struct program *p)
{
	char path[DATADIR_PATH_BYTES];
	struct wire_card card;
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *root = NULL, *person = NULL;
	enum err e = office_open(&o, p);
	if (!e)
		e = read_card(p, office_settings(o), &card);
	if (!e)
		e = office_key_path(o, card.person, path);
	if (!e && access(path, F_OK) == 0)
		e = fail(E_CONFLICT,
			"%s is an id of the study already (%s is there): nobody acts for two "
			"organisations under one id, take another one",
			card.person, path);
	if (!e)
		e = office_root(o, &root);
	if (!e)
		e = make_key(p, o, path, &person);
	if (e)
		return e;
	memcpy(card.sign_public, person->sign_public, sizeof(card.sign_public));
	memcpy(card.box_public, person->box_public, sizeof(card.box_public));
	e = submit_card(o, root, &card);
	if (e) {
		(void)unlink(path); /* a key that no card names is of no use to anybody */
		return e;
	}
	if (program_json(p))
		printf("{\"person\":\"%s\",\"key\":\"%s\"}\n", card.person, path);
	else
		printf("%s is a person of the study; the key is in %s\n", card.person, path);
	return OK;
}

static enum err
print_person(const struct json *person)
{
	const char *id = "", *name = "", *organisation = "", *role = "";
	const struct json *list = NULL;
	enum err e = json_get_text(person, "id", 200, &id);
	if (!e)
		e = json_get_text(person, "name", 500, &name);
	if (!e)
		e = json_get_text(person, "organisation", 500, &organisation);
	if (!e)
		e = json_get_array(person, "roles", WIRE_ROLES_MAX, &list);
	if (e)
		return e;
	printf("%-16s %-28s %-24s", id, name, organisation);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_text(list, i, "roles", 64, &role);
		printf(" %s", e ? "" : role);
	}
	printf("\n");
	return e;
}

static enum err
run_list(struct program *p)
{
	return office_list(p, &(struct office_list){"facts", "persons", PERSONS_MAX_COUNT,
				      print_person, NULL});
}

static const struct program_option add_options[] = {
	{"name", "TEXT", "full name, for cards and lists"},
	{"role", "ROLE...",
		"researcher, officer, approver, holder, operator, or overseer of the site that "
		"is the organisation"},
	{"organisation", "TEXT", "for whom the person acts (required)"},
	{"root", "FILE", "key file of the study root (default DIR/root.key)"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_person_add = {
	.name = "person add",
	.run = run_add,
	.help = "name a person of the study; asks for the root's passphrase, then a new one",
	.args = "ID",
	.args_min = 1,
	.args_max = 1,
	.options = add_options,
};

static enum err
run_revoke(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	OWNED_BUF struct buf body;
	struct json_out w;
	const char *id = program_arg(p, 0), *reason = program_value(p, "reason");
	buf_init(&body, 4096);
	if (!reason)
		return program_usage(p, "--reason TEXT is needed");
	json_begin(&w, &body);
	json_put_object(&w, NULL);
	json_put_text(&w, "person", id);
	json_put_text(&w, "reason", reason);
	json_put_close(&w);
	enum err e = json_end(&w, "end of an office");
	if (!e)
		e = office_open(&o, p);
	if (!e)
		e = office_signer(o, &by);
	const struct office_act act = {"person-revoke", id, buf_view(&body)};
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (e)
		return e;
	if (program_json(p))
		printf("{\"person\":\"%s\"}\n", id);
	else
		printf("%s is in office no more: nothing this person signs from now on holds.\n"
		       "If the person holds the study key: weir-hub holder remove %s; until "
		       "then it opens with another holder\n",
			id, id);
	return OK;
}

static const struct program_option revoke_options[] = {
	{"reason", "TEXT", "why; it stands in the log"},
	{"by", "PERSON", "the officer who answers for it; another person"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_person_revoke = {
	.name = "person revoke",
	.run = run_revoke,
	.help = "end the office of a person at once; what the person signed before stands",
	.args = "ID",
	.args_min = 1,
	.args_max = 1,
	.options = revoke_options,
};

const struct program_command cmd_person_list = {
	.name = "person list",
	.run = run_list,
	.help = "who the persons of the study are",
};
