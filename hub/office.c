#include "hub/office.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/net/call.h"
#include "common/net/link.h"
#include "common/run/datadir.h"
#include "common/trust/manifest.h"
#include "common/trust/statement.h"

#include "hub/acts_digest.h"
#include "hub/ipc.h"

#define OFFICE_WAIT_MS     30000
#define OFFICE_REPLY_BYTES ((size_t)16 * 1024 * 1024)
#define OFFICE_FRAME_BYTES (IPC_DOCUMENT_MAX_BYTES + 65536)

struct office {
	struct program *program;
	struct settings settings;
	struct link_context *context;
	struct link *ledger;
};

enum err
office_open(struct office **ret, struct program *p)
{
	OWNED(office) struct office *o = xcalloc(1, sizeof(*o));
	*ret = NULL;
	o->program = p;
	enum err e = settings_load(&o->settings, program_dir(p));
	if (!e)
		*ret = take(o);
	return e;
}

void
office_free(struct office *o)
{
	if (!o)
		return;
	link_free(o->ledger);
	link_context_free(o->context);
	mem_drop(&o);
}

const struct settings *
office_settings(const struct office *o)
{
	return &o->settings;
}

/* keys */

enum err
office_key_path(struct office *o, const char *person, char ret[static DATADIR_PATH_BYTES])
{
	char name[128];
	(void)snprintf(name, sizeof(name), "persons/%s.key", person);
	return datadir_path(ret, program_dir(o->program), name);
}

static enum err
open_signer(struct office *o, const char *path, const char *id, struct signer **ret)
{
	OWNED_SECRET struct secret *passphrase = NULL;
	char prompt[128];
	(void)snprintf(prompt, sizeof(prompt), "passphrase of %s", id);
	enum err e = program_passphrase(o->program, prompt, &passphrase);
	struct signer_file f = {.path = path, .id = id, .passphrase = passphrase};
	return e ? e : signer_open(ret, &f);
}

static enum err
person_alone(struct office *o, const char *person, struct signer **ret)
{
	char path[DATADIR_PATH_BYTES];
	if (!text_is_name(person, sizeof((*ret)->id) - 1))
		return fail(E_FORMAT, "a person's id is made of a-z, 0-9, _ and -");
	enum err e = office_key_path(o, person, path);
	if (!e && access(path, F_OK))
		return fail(E_NOTFOUND, "there is no key file of %s: %s", person, path);
	return e ? e : open_signer(o, path, person, ret);
}

static enum err
need_signer(struct office *o, const char **ret_by)
{
	*ret_by = program_value(o->program, "by");
	return *ret_by ? OK
		       : program_usage(o->program, "--by PERSON is needed: who decides this?");
}

enum err
office_signer_alone(struct office *o, struct signer **ret)
{
	const char *by;
	enum err e = need_signer(o, &by);
	return e ? e : person_alone(o, by, ret);
}

/* the ledger */

static enum err
connect_ledger(struct office *o)
{
	char path[DATADIR_PATH_BYTES];
	if (o->ledger)
		return OK;
	enum err e = datadir_path(path, program_dir(o->program), "run/cmd/ledger.sock");
	if (e)
		return e;
	o->context = link_context_new();
	return link_connect_ipc(&o->ledger, o->context, path, "weir-hub run");
}

/* keys of who signs; nobody is asked for a passphrase while nobody listens */

enum err
office_person(struct office *o, const char *person, struct signer **ret)
{
	enum err e = connect_ledger(o);
	return e ? e : person_alone(o, person, ret);
}

enum err
office_signer(struct office *o, struct signer **ret)
{
	const char *by;
	enum err e = need_signer(o, &by);
	return e ? e : office_person(o, by, ret);
}

enum err
office_root(struct office *o, struct signer **ret)
{
	char path[DATADIR_PATH_BYTES];
	const char *given = program_value(o->program, "root");
	enum err e = connect_ledger(o);
	if (given)
		(void)snprintf(path, sizeof(path), "%s", given);
	else if (!e)
		e = datadir_path(path, program_dir(o->program), "root.key");
	return e ? e : open_signer(o, path, SIGNER_ROOT, ret);
}

/* questions and acts */

static enum err
call(struct office *o, struct buf *frame, struct buf *out)
{
	OWNED(link_message) struct link_message *answer = NULL;
	struct cursor c;
	enum err e = buf_check(frame, "request");
	if (!e)
		e = connect_ledger(o);
	if (!e)
		e = link_call(o->ledger, buf_view(frame), OFFICE_WAIT_MS, &answer);
	if (!e)
		e = call_read_answer(answer->payload, &c);
	if (!e)
		buf_add(out, c.at, c.left);
	return e;
}

/* An answer's one field: JSON text. */
static enum err
call_json(struct office *o, struct buf *frame, struct buf *out)
{
	OWNED_BUF struct buf fields;
	buf_init(&fields, OFFICE_REPLY_BYTES);
	enum err e = call(o, frame, &fields);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&fields));
	struct view text = cursor_blob(&c);
	e = cursor_end(&c, "the ledger's answer");
	if (!e)
		buf_add_view(out, text);
	return e ? e : buf_check(out, "the ledger's answer");
}

enum err
office_ask_bytes(struct office *o, const char *question, const char *args, struct buf *out)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, OFFICE_FRAME_BYTES);
	call_begin(&frame, LEDGER_ASK);
	buf_blob_text(&frame, question);
	buf_blob_text(&frame, args);
	return call_json(o, &frame, out);
}

enum err
office_ask(struct office *o, const char *question, const char *args, struct json **ret)
{
	OWNED_BUF struct buf answer;
	buf_init(&answer, OFFICE_REPLY_BYTES);
	*ret = NULL;
	enum err e = office_ask_bytes(o, question, args, &answer);
	return e ? e : json_parse(ret, buf_view(&answer), OFFICE_REPLY_BYTES);
}

enum err
office_print(struct office *o, const char *question, const char *args)
{
	OWNED_BUF struct buf answer;
	buf_init(&answer, OFFICE_REPLY_BYTES);
	enum err e = office_ask_bytes(o, question, args, &answer);
	if (!e)
		printf("%.*s\n", (int)answer.len, (const char *)answer.at);
	return e;
}

enum err
office_list(struct program *p, const struct office_list *l)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	const struct json *list = NULL, *one = NULL;
	enum err e = office_open(&o, p);
	if (!e && program_json(p))
		return office_print(o, l->question, "{}");
	if (!e)
		e = office_ask(o, l->question, "{}", &answer);
	if (!e)
		e = json_get_array(answer, l->member, l->most, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_object(list, i, l->member, &one);
		if (!e)
			e = l->row(one);
	}
	if (!e && l->none && json_count(list) == 0)
		program_none(p, l->none);
	return e;
}

enum err
office_sign(struct office *o, struct signer *by, const struct office_act *a, struct buf *out)
{
	struct statement_about about = {o->settings.study, a->kind, a->id, {0}};
	acts_digest_of(about.digest, a->kind, a->body);
	return statement_make(out, &about, by->id, clock_wall_ms() / 1000, by->sign);
}

enum err
office_submit(
	struct office *o, struct signer *by, const struct office_act *a, struct json **ret)
{
	OWNED_BUF struct buf statement, frame, answer;
	buf_init(&statement, IPC_STATEMENT_MAX_BYTES);
	buf_init(&frame, OFFICE_FRAME_BYTES);
	buf_init(&answer, OFFICE_REPLY_BYTES);
	*ret = NULL;
	enum err e = office_sign(o, by, a, &statement);
	if (e)
		return e;
	call_begin(&frame, LEDGER_SUBMIT);
	buf_blob(&frame, buf_view(&statement));
	buf_blob(&frame, a->body);
	e = call_json(o, &frame, &answer);
	return e ? e : json_parse(ret, buf_view(&answer), OFFICE_REPLY_BYTES);
}

enum err
office_do(struct office *o, const char *name, struct view args, struct json **ret)
{
	OWNED_BUF struct buf frame, answer;
	buf_init(&frame, OFFICE_FRAME_BYTES);
	buf_init(&answer, OFFICE_REPLY_BYTES);
	*ret = NULL;
	call_begin(&frame, LEDGER_DO);
	buf_blob_text(&frame, name);
	buf_blob(&frame, args);
	enum err e = call_json(o, &frame, &answer);
	return e ? e : json_parse(ret, buf_view(&answer), OFFICE_REPLY_BYTES);
}

enum err
office_document(struct office *o, struct view bytes)
{
	OWNED_BUF struct buf frame, answer;
	buf_init(&frame, OFFICE_FRAME_BYTES);
	buf_init(&answer, OFFICE_REPLY_BYTES);
	if (bytes.len > IPC_DOCUMENT_MAX_BYTES)
		return fail(
			E_FULL, "a document is longer than %zu bytes", IPC_DOCUMENT_MAX_BYTES);
	call_begin(&frame, LEDGER_DOCUMENT);
	buf_blob(&frame, bytes);
	return call(o, &frame, &answer);
}

enum err
office_bundle(struct office *o, enum hub_verb verb, struct view fields, struct buf *reply)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, OFFICE_FRAME_BYTES);
	call_begin(&frame, (uint16_t)verb);
	buf_add_view(&frame, fields);
	return call(o, &frame, reply);
}
