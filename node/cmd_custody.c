#include "node/cmd.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/client.h"
#include "node/desk_change.h"
#include "node/hubcard.h"
#include "node/rescue.h"
#include "node/settings.h"
#include "node/staff.h"

#define SHEET_ID         "sheet"
#define ROLE_COORDINATOR "coordinator"
#define FRAME_BYTES      65536

/* Somebody who opens the desk, by a passphrase or by the recovery sheet, and what it opens. */
struct opened {
	struct client *desk;
	struct custody *keys;
	struct staff by;
	bool by_sheet;
	struct custody_list list; /* as it stands */
};

static void
opened_done(struct opened *o)
{
	client_free(o->desk);
	custody_free(o->keys);
}
#define OWNED_OPENED OWNED_BY(opened_done)

static enum err
open_by_sheet(struct program *p, struct opened *o)
{
	OWNED_SECRET struct secret *text = NULL, *line = NULL;
	enum err e = program_secret_text(p, "code of the recovery sheet", &text);
	if (e)
		return e;
	line = secret_new(secret_len(text) + 1); /* with a final zero */
	memcpy(secret_bytes(line), secret_bytes(text), secret_len(text));
	return custody_open_sheet(&o->keys, program_dir(p), (const char *)secret_bytes(line));
}

static enum err
open_by_passphrase(struct program *p, struct opened *o)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	o->by.role = ROLE_COORDINATOR;
	enum err e = program_passphrase(p, "passphrase of the coordinator", &passphrase);
	return e ? e
		 : custody_open(&o->keys, o->by.id, program_dir(p), program_value(p, "by"),
			   passphrase);
}

/* Who uses the sheet: whom the command names, else `usual`; NULL: the only coordinator. */
static enum err
name_user(struct program *p, struct opened *o, const char *usual)
{
	OWNED(client) struct client *sync = NULL;
	const char *asked = program_value(p, "by");
	if (usual && (!asked || strcmp(asked, usual) == 0)) {
		o->by = (struct staff){.role = ROLE_COORDINATOR};
		(void)snprintf(o->by.id, sizeof(o->by.id), "%s", usual);
		return OK;
	}
	enum err e = client_open(&sync, program_dir(p), "sync.sock");
	return e ? e : staff_of(&o->by, p, sync);
}

/* Nobody types a passphrase before it is known that the desk listens. A list of after the
 * opening does not go with its stamp: the desk refuses it. */
static enum err
open_keys(struct program *p, struct opened *o)
{
	enum err e = client_open(&o->desk, program_dir(p), "desk.sock");
	if (!e)
		e = open_by_passphrase(p, o);
	return e ? e : custody_read_list(&o->list, program_dir(p));
}

static enum err
open_keys_by_sheet(struct program *p, struct opened *o, const char *usual)
{
	o->by_sheet = true;
	enum err e = client_open(&o->desk, program_dir(p), "desk.sock");
	if (!e)
		e = name_user(p, o, usual);
	if (!e)
		e = open_by_sheet(p, o);
	return e ? e : custody_read_list(&o->list, program_dir(p));
}

/* the list as it is to be */

static void
drop_at(struct custody_list *l, size_t at)
{
	memmove(&l->who[at], &l->who[at + 1], (l->count - at - 1) * sizeof(l->who[0]));
	l->count--;
}

static enum err
add(struct custody_list *l, const struct custody_who *w)
{
	if (l->count == CUSTODY_WHO_COUNT)
		return fail(E_FULL, "%d open the desk already", CUSTODY_WHO_COUNT);
	l->who[l->count++] = *w;
	return OK;
}

static enum err
drop_coordinator(struct custody_list *l, const char *id)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->who[i].kind == CUSTODY_COORDINATOR && strcmp(l->who[i].id, id) == 0) {
			drop_at(l, i);
			return OK;
		}
	return fail(E_NOTFOUND, "nobody called %s opens the desk", id);
}

/* The sheet from before opens nothing any more. */
static enum err
set_sheet(struct custody_list *l, char ret_code[static RESCUE_TEXT_BYTES])
{
	struct custody_who sheet;
	for (size_t i = 0; i < l->count; i++)
		if (l->who[i].kind == CUSTODY_SHEET)
			drop_at(l, i--);
	rescue_make(ret_code);
	enum err e = custody_sheet(&sheet, ret_code);
	return e ? e : add(l, &sheet);
}

static enum err
add_coordinator(struct program *p, struct custody_list *l, const char *id)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	OWNED_MEM char *prompt = xasprintf("new passphrase of %s", id);
	struct custody_who who;
	struct settings settings;
	enum err e = settings_load(&settings, program_dir(p));
	if (!e)
		e = program_passphrase_new(p, prompt, &passphrase);
	if (!e)
		e = custody_coordinator(&who, id, passphrase,
			settings.kdf_interactive ? KDF_INTERACTIVE : KDF_MODERATE);
	return e ? e : add(l, &who);
}

/* The one who is asked for, or the only one there is. */
static enum err
find_coordinator(const struct custody_list *l, const char *asked, const char *option, char *ret)
{
	size_t count = 0;
	for (size_t i = 0; i < l->count; i++) {
		const struct custody_who *w = &l->who[i];
		if (w->kind != CUSTODY_COORDINATOR || (asked && strcmp(w->id, asked) != 0))
			continue;
		(void)snprintf(ret, CUSTODY_ID_BYTES, "%s", w->id);
		count++;
	}
	if (!count)
		return fail(E_NOTFOUND, "nobody called %s opens the desk", asked);
	return count == 1 ? OK
			  : fail(E_CONFLICT, "several open the desk: name one by %s", option);
}

/* the desk */

static enum err
tell_desk(const struct opened *o, struct desk_change *change)
{
	OWNED_WIPED struct buf fields, packed;
	OWNED_BUF struct buf reply;
	buf_init(&packed, CUSTODY_PACKED_BYTES);
	buf_reserve(&packed, CUSTODY_PACKED_BYTES);
	buf_init(&fields, FRAME_BYTES);
	buf_reserve(&fields, FRAME_BYTES);
	buf_init(&reply, 256);
	change->by_sheet = o->by_sheet;
	change->by_staff = strcmp(o->by.role, ROLE_COORDINATOR) != 0;
	custody_pack(o->keys, &packed);
	buf_blob_text(&fields, o->by.id);
	buf_blob(&fields, buf_view(&packed));
	buf_add(&fields, o->keys->file, sizeof(o->keys->file));
	desk_change_put(&fields, change);
	enum err e = buf_check(&fields, "a change of the desk");
	return e ? e : client_call(o->desk, DESK_CHANGE, buf_view(&fields), &reply);
}

/* what is printed */

static enum err
print_sheet(struct program *p, const char *code)
{
	struct hubcard card;
	char day[16];
	time_t now = time(NULL);
	struct tm when;
	enum err e = hubcard_load(&card, program_dir(p));
	if (e)
		return e;
	(void)gmtime_r(&now, &when);
	(void)strftime(day, sizeof(day), "%Y-%m-%d", &when);
	printf("Recovery sheet of site %s, study %s, printed %s\n\n    %s\n\n"
	       "It opens the desk of this node when the passphrase is lost:\n"
	       "    weir-node recovery passphrase\n"
	       "Keep it in a sealed envelope in a safe, apart from the machine. It is used "
	       "once; "
	       "then\nanother is printed. Sheets printed before this one open nothing.\n",
		card.site, card.study, day, code);
	return OK;
}

/* "whom" opens the desk from now on; `before` no more, if there was one. */
static enum err
print_change(struct program *p, const char *word, const char *whom, const char *code)
{
	if (program_json(p)) {
		printf("{\"%s\":\"%s\",\"sheet\":\"%s\"}\n", word, whom, code);
		return OK;
	}
	printf("%s opens the desk with the new passphrase. Whoever does not open it any more "
	       "may "
	       "still have copies of\nthis machine's files from before, with the passphrase of "
	       "that time: destroy them.\n\n",
		whom);
	return print_sheet(p, code);
}

/* the commands */

static enum err
run_sheet(struct program *p)
{
	OWNED_OPENED struct opened o = {.keys = NULL};
	struct desk_change change = {.kind = DESK_NEW_SHEET, .whom = SHEET_ID};
	char code[RESCUE_TEXT_BYTES];
	enum err e = open_keys(p, &o);
	change.to = o.list;
	if (!e)
		e = set_sheet(&change.to, code);
	if (!e)
		e = tell_desk(&o, &change);
	if (e)
		return e;
	if (!program_json(p))
		return print_sheet(p, code);
	printf("{\"sheet\":\"%s\"}\n", code);
	return OK;
}

static enum err
run_passphrase(struct program *p)
{
	OWNED_OPENED struct opened o = {.keys = NULL};
	struct desk_change change = {.kind = DESK_NEW_PASSPHRASE};
	char code[RESCUE_TEXT_BYTES];
	enum err e = open_keys_by_sheet(p, &o, NULL);
	const bool is_own = !e && strcmp(o.by.role, ROLE_COORDINATOR) == 0;
	const char *of = program_value(p, "of");
	change.to = o.list;
	if (!e)
		e = find_coordinator(
			&o.list, is_own && !of ? o.by.id : of, "--of", change.whom);
	if (!e)
		e = drop_coordinator(&change.to, change.whom);
	if (!e)
		e = add_coordinator(p, &change.to, change.whom);
	if (!e)
		e = set_sheet(&change.to, code);
	if (!e)
		e = tell_desk(&o, &change);
	return e ? e : print_change(p, "coordinator", change.whom, code);
}

static enum err
run_handover(struct program *p)
{
	OWNED_OPENED struct opened o = {.keys = NULL};
	struct desk_change change = {.kind = DESK_HANDED_OVER};
	const char *to = program_value(p, "to");
	char code[RESCUE_TEXT_BYTES], before[CUSTODY_ID_BYTES];
	if (!to)
		return program_usage(
			p, "--to ID is needed: who is the coordinator from now on?");
	if (!text_is_name(to, CUSTODY_ID_BYTES - 1))
		return program_usage(p, "a coordinator's id is made of a-z, 0-9, _ and -");
	(void)snprintf(change.whom, sizeof(change.whom), "%s", to);
	const bool by_sheet = program_has(p, "sheet");
	enum err e = by_sheet ? open_keys_by_sheet(p, &o, to) : open_keys(p, &o);
	change.to = o.list;
	if (!e)
		e = find_coordinator(&o.list, by_sheet ? program_value(p, "from") : o.by.id,
			"--from", before);
	if (!e && !program_has(p, "beside"))
		e = drop_coordinator(&change.to, before);
	if (!e)
		e = add_coordinator(p, &change.to, to);
	if (!e)
		e = set_sheet(&change.to, code);
	if (!e)
		e = tell_desk(&o, &change);
	return e ? e : print_change(p, "coordinator", to, code);
}

static const struct program_option sheet_options[] = {
	{"by", "ID", "the coordinator, where there are several"},
	{NULL, NULL, NULL},
};

static const struct program_option passphrase_options[] = {
	{"by", "CODE",
		"who uses the sheet: a coordinator or a staff code (default: the only "
		"coordinator)"},
	{"of", "ID",
		"whose passphrase it is (default: that of the coordinator who uses the sheet)"},
	{NULL, NULL, NULL},
};

static const struct program_option handover_options[] = {
	{"to", "ID", "who is the coordinator from now on"},
	{"by", "CODE",
		"whose passphrase it is, where there are several; with --sheet who uses it: "
		"a coordinator or a staff code (default: the new coordinator)"},
	{"from", "ID", "with --sheet: who was it, where there are several"},
	{"sheet", NULL, "open with the recovery sheet: the one before is not here"},
	{"beside", NULL, "the one before keeps the desk, too"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_recovery_sheet = {
	.name = "recovery sheet",
	.run = run_sheet,
	.help = "print the sheet that opens the desk when the passphrase is lost",
	.options = sheet_options,
};

const struct program_command cmd_recovery_passphrase = {
	.name = "recovery passphrase",
	.run = run_passphrase,
	.help = "set a new passphrase of the coordinator with the recovery sheet; prints "
		"another",
	.options = passphrase_options,
};

const struct program_command cmd_handover = {
	.name = "handover",
	.run = run_handover,
	.help = "hand the desk over to a new coordinator; the one before opens nothing any "
		"more",
	.options = handover_options,
};
