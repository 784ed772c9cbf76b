#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#include "node/client.h"
#include "node/code.h"
#include "node/contact_typed.h"
#include "node/facts.h"
#include "node/ipc_contact.h"

#define FIELDS_BYTES ((size_t)16384)
#define MS_PER_S     1000

/* As the site keeps it: one that came with the data, or one of ours in its usual spelling. */
static enum err
add_code(struct program *p, struct view typed, struct buf *out)
{
	OWNED(client) struct client *sync = NULL;
	OWNED(facts) struct facts *facts = NULL;
	OWNED_MEM char *text = xmemdup(typed.at, typed.len);
	char normal[CODE_BYTES];
	enum err e = client_open(&sync, program_dir(p), "sync.sock");
	if (!e)
		e = facts_load(&facts, sync);
	if (!e && pack_is_code(facts->pack, text))
		buf_blob_text(out, text);
	else if (!e && code_normal(normal, text))
		buf_blob_text(out, normal);
	else if (!e)
		e = fail(E_FORMAT, "this is no study code");
	crypto_wipe(text, strlen(text));
	return e;
}

/* Nobody types a name before it is known that the desk is open. */
static enum err
check_open(struct program *p)
{
	OWNED_BUF struct buf reply;
	buf_init(&reply, 256);
	enum err e =
		client_ask(program_dir(p), "desk.sock", DESK_STATUS, view_of(NULL, 0), &reply);
	struct cursor c = cursor_of(buf_view(&reply));
	if (!e && !cursor_u8(&c))
		e = fail(E_DENIED, "the desk is locked: open it with `weir-node desk unlock`");
	return e;
}

/* What the name is opened for; 0: --for names something else. */
static uint8_t
purpose_of(struct program *p)
{
	static const struct {
		const char *word;
		uint8_t purpose;
	} words[] = {{"contact", CONTACT_TO_CONTACT}, {"results", CONTACT_TO_TELL_RESULTS},
		{"other-study", CONTACT_TO_ASK_ANEW}};
	const char *what = program_value(p, "for");
	if (program_has(p, "to-correct"))
		return what ? 0 : CONTACT_TO_CORRECT;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!what || strcmp(what, words[i].word) == 0)
			return words[i].purpose;
	return 0;
}

/* A request that begins with a study code; `count` lines are asked for. */
static enum err
ask_about_one(struct program *p, enum node_verb verb, size_t count, struct buf *reply)
{
	OWNED_CONTACT_TYPED struct contact_typed t = {.all = NULL};
	OWNED_WIPED struct buf fields;
	buf_init(&fields, FIELDS_BYTES);
	buf_reserve(&fields, FIELDS_BYTES);
	enum err e = check_open(p);
	if (!e)
		e = contact_typed_read(p, &t, count);
	if (!e)
		e = add_code(p, t.line[0], &fields);
	for (size_t i = 1; !e && i < count; i++)
		buf_blob(&fields, t.line[i]);
	if (!e && verb == DESK_CONTACT_GET)
		buf_u8(&fields, purpose_of(p));
	if (!e)
		e = buf_check(&fields, "request");
	return e ? e : client_ask(program_dir(p), "desk.sock", verb, buf_view(&fields), reply);
}

static enum err
run_add(struct program *p)
{
	OWNED_BUF struct buf reply;
	buf_init(&reply, CLIENT_REPLY_BYTES);
	enum err e = ask_about_one(p, DESK_CONTACT_PUT, CONTACT_TYPED_COUNT, &reply);
	if (!e)
		printf(program_json(p) ? "{\"contact\":\"kept\"}\n"
				       : "kept at this desk, and nowhere else\n");
	return e;
}

static enum err
remove_due(struct program *p, struct buf *reply)
{
	enum err e = client_ask(
		program_dir(p), "desk.sock", DESK_CONTACT_DROP_DUE, view_of(NULL, 0), reply);
	struct cursor c = cursor_of(buf_view(reply));
	const uint32_t count = cursor_u32(&c);
	if (!e)
		e = cursor_end(&c, "answer of the desk");
	if (!e)
		printf(program_json(p) ? "{\"removed\":%" PRIu32 "}\n"
				       : "%" PRIu32 " names were due and are removed; copies "
					 "made before still have them\n",
			count);
	return e;
}

static enum err
run_remove(struct program *p)
{
	OWNED_BUF struct buf reply;
	buf_init(&reply, CLIENT_REPLY_BYTES);
	if (program_has(p, "due"))
		return remove_due(p, &reply);
	enum err e = ask_about_one(p, DESK_CONTACT_DROP, 1, &reply);
	if (!e)
		printf(program_json(p) ? "{\"contact\":\"removed\"}\n"
				       : "removed; a copy made before still has it\n");
	return e;
}

static enum err
print_json(const struct buf *json)
{
	printf("%.*s\n", (int)json->len, (const char *)json->at);
	return OK;
}

static enum err
print_one(struct program *p, struct cursor *c)
{
	OWNED_WIPED struct buf out;
	struct json_out w;
	char changed[CLOCK_TEXT_BYTES];
	struct view name = cursor_blob(c), contact = cursor_blob(c), way = cursor_blob(c);
	clock_text(changed, (int64_t)cursor_u64(c) * MS_PER_S);
	enum err e = cursor_end(c, "answer of the desk");
	if (e)
		return e;
	if (!program_json(p)) {
		printf("name       %.*s\ncontact    %.*s\npreferred  %.*s\nchanged    %s\n",
			(int)name.len, (const char *)name.at, (int)contact.len,
			(const char *)contact.at, (int)way.len, (const char *)way.at, changed);
		return OK;
	}
	buf_init(&out, FIELDS_BYTES);
	buf_reserve(&out, FIELDS_BYTES);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	json_put_view(&w, "name", name);
	json_put_view(&w, "contact", contact);
	json_put_view(&w, "preferred", way);
	json_put_text(&w, "changed", changed);
	json_put_close(&w);
	e = json_end(&w, "contact");
	return e ? e : print_json(&out);
}

static enum err
run_show(struct program *p)
{
	OWNED_WIPED struct buf reply;
	buf_init(&reply, CLIENT_REPLY_BYTES);
	buf_reserve(&reply, FIELDS_BYTES);
	if (!purpose_of(p))
		return program_usage(p,
			"--for is contact, results or other-study, and does not go with "
			"--to-correct");
	enum err e = ask_about_one(p, DESK_CONTACT_GET, 1, &reply);
	struct cursor c = cursor_of(buf_view(&reply));
	return e ? e : print_one(p, &c);
}

struct listed {
	struct view code, name, why;
	bool may, is_due;
};

static void
print_row(const struct listed *l)
{
	printf("%-12.*s  %s%.*s%s\n", (int)l->code.len, (const char *)l->code.at,
		l->may ? "" : "not to be contacted: ", (int)(l->may ? l->name.len : l->why.len),
		(const char *)(l->may ? l->name.at : l->why.at),
		l->is_due ? "  (due to be removed)" : "");
}

static void
put_row(struct json_out *w, const struct listed *l)
{
	json_put_object(w, NULL);
	json_put_view(w, "code", l->code);
	json_put_view(w, "name", l->name);
	json_put_bool(w, "may_be_contacted", l->may);
	json_put_view(w, "why_not", l->why);
	json_put_bool(w, "due", l->is_due);
	json_put_close(w);
}

static enum err
print_list(struct program *p, struct cursor *c)
{
	OWNED_WIPED struct buf out;
	struct json_out w;
	uint32_t count = cursor_u32(c);
	buf_init(&out, 2 * CLIENT_REPLY_BYTES);
	json_begin(&w, &out);
	json_put_array(&w, NULL);
	for (uint32_t i = 0; i < count && !c->broken; i++) {
		struct listed l = {.code = cursor_blob(c)};
		l.name = cursor_blob(c);
		l.may = cursor_u8(c) == CONTACT_MAY;
		l.why = cursor_blob(c);
		l.is_due = cursor_u8(c) == 1;
		if (c->broken)
			break;
		if (program_json(p))
			put_row(&w, &l);
		else
			print_row(&l);
	}
	json_put_close(&w);
	enum err e = cursor_end(c, "answer of the desk");
	if (!e && !count)
		program_none(p, "the desk keeps no names yet: `weir-node contact add`");
	if (!e && program_json(p))
		e = json_end(&w, "contacts");
	return e || !program_json(p) ? e : print_json(&out);
}

static enum err
run_list(struct program *p)
{
	OWNED_WIPED struct buf reply;
	buf_init(&reply, CLIENT_REPLY_BYTES);
	enum err e = client_ask(
		program_dir(p), "desk.sock", DESK_CONTACT_LIST, view_of(NULL, 0), &reply);
	struct cursor c = cursor_of(buf_view(&reply));
	return e ? e : print_list(p, &c);
}

const struct program_command cmd_contact_add = {
	.name = "contact add",
	.run = run_add,
	.help = "keep a name at the desk, of somebody who permits it (store-identifiable): "
		"asks for study code, name, contact and preferred way, a line each; replaces "
		"what is there",
};

static const struct program_option show_options[] = {
	{"for", "contact|results|other-study",
		"what the person would be contacted for: each needs the permission of its own "
		"(contact, inform-results, recontact-other-study)"},
	{"to-correct", NULL,
		"to put the record right; also of somebody who is not to be contacted"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_contact_show = {
	.name = "contact show",
	.run = run_show,
	.help = "who is behind a study code and how to reach them; asks for the code, the log "
		"says that one was opened",
	.options = show_options,
};

const struct program_command cmd_contact_list = {
	.name = "contact list",
	.run = run_list,
	.help = "whom the desk keeps, and who is not to be contacted and why",
};

static const struct program_option remove_options[] = {
	{"due", NULL,
		"everybody whom the study keeps no longer (retention.contact behind the last "
		"contact); asks for no code"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_contact_remove = {
	.name = "contact remove",
	.run = run_remove,
	.help = "delete a name from the desk; asks for the study code",
	.options = remove_options,
};
