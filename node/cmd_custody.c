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

#define SHEET_ID    "sheet"
#define FRAME_BYTES 65536

/* Somebody who opens the desk, and what it opens. */
struct opened {
	struct client *desk;
	struct custody *keys;
	char id[CUSTODY_ID_BYTES]; /* of the coordinator, or "sheet" */
	struct custody_list list;  /* as it stands */
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
	(void)snprintf(o->id, sizeof(o->id), SHEET_ID);
	return custody_open_sheet(&o->keys, program_dir(p), (const char *)secret_bytes(line));
}

static enum err
open_keys(struct program *p, bool by_sheet, struct opened *o)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	/* Nobody types a passphrase before it is known that the desk listens. */
	enum err e = client_open(&o->desk, program_dir(p), "desk.sock");
	if (!e)
		e = by_sheet ? open_by_sheet(p, o)
			     : program_passphrase(
				       p, "passphrase of the coordinator", &passphrase);
	if (!e && !by_sheet)
		e = custody_open(
			&o->keys, o->id, program_dir(p), program_value(p, "by"), passphrase);
	/* A list of after the opening does not go with its stamp: the desk refuses it. */
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
find_coordinator(const struct custody_list *l, const char *asked, char *ret)
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
	return count == 1 ? OK : fail(E_CONFLICT, "several open the desk: name one by --by");
}

/* the desk */

static enum err
tell_desk(const struct opened *o, const struct desk_change *change)
{
	OWNED_WIPED struct buf fields, packed;
	OWNED_BUF struct buf reply;
	buf_init(&packed, CUSTODY_PACKED_BYTES);
	buf_reserve(&packed, CUSTODY_PACKED_BYTES);
	buf_init(&fields, FRAME_BYTES);
	buf_reserve(&fields, FRAME_BYTES);
	buf_init(&reply, 256);
	custody_pack(o->keys, &packed);
	buf_blob_text(&fields, o->id);
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
	enum err e = open_keys(p, false, &o);
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
	enum err e = open_keys(p, true, &o);
	change.to = o.list;
	if (!e)
		e = find_coordinator(&o.list, program_value(p, "by"), change.whom);
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
	enum err e = open_keys(p, program_has(p, "sheet"), &o);
	change.to = o.list;
	if (!e)
		e = find_coordinator(&o.list,
			program_has(p, "sheet") ? program_value(p, "by") : o.id, before);
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

static const struct program_option handover_options[] = {
	{"to", "ID", "who is the coordinator from now on"},
	{"by", "ID", "who was it, where there are several"},
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
	.options = sheet_options,
};

const struct program_command cmd_handover = {
	.name = "handover",
	.run = run_handover,
	.help = "hand the desk over to a new coordinator; the one before opens nothing any "
		"more",
	.options = handover_options,
};
