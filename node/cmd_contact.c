#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/code.h"
#include "node/facts.h"
#include "node/ipc_contact.h"

#define FIELDS_COUNT   4
#define TEXT_MOST      4096
#define FIELDS_BYTES   ((size_t)16384)
#define COPY_MAX_BYTES ((size_t)13 << 20)
#define COPY_RIGHTS    0600
#define MS_PER_S       1000

/* What was typed, one text a line: study code, name, contact, preferred way. */
struct typed {
	struct secret *all;
	struct view line[FIELDS_COUNT];
};

static void
typed_done(struct typed *t)
{
	secret_free(t->all);
}
#define OWNED_TYPED OWNED_BY(typed_done)

static struct view
trimmed(struct view v)
{
	while (v.len && (v.at[0] == ' ' || v.at[0] == '\t'))
		v = view_of(v.at + 1, v.len - 1);
	while (v.len && strchr(" \t\r", v.at[v.len - 1]))
		v.len--;
	return v;
}

static enum err
split(struct typed *t)
{
	struct view rest = secret_view(t->all);
	size_t count = 0;
	while (rest.len) {
		const uint8_t *end = memchr(rest.at, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.at) : rest.len;
		if (count == FIELDS_COUNT)
			return fail(E_FORMAT, "more than %d lines were given", FIELDS_COUNT);
		t->line[count++] = trimmed(view_of(rest.at, len));
		rest = view_of(rest.at + len + (end != NULL), rest.len - len - (end != NULL));
	}
	return OK;
}

/* At a terminal each is asked for by its name; nothing of it is an argument. */
static enum err
ask_each(struct program *p, struct typed *t, size_t count)
{
	static const char *const prompts[FIELDS_COUNT] = {"study code", "name",
		"contact (telephone, e-mail or address)", "preferred way (may be empty)"};
	OWNED_WIPED struct buf all;
	buf_init(&all, FIELDS_COUNT * TEXT_MOST);
	buf_reserve(&all, FIELDS_COUNT * TEXT_MOST);
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++) {
		OWNED_SECRET struct secret *one = NULL;
		e = program_secret_text(p, prompts[i], &one);
		if (e)
			break;
		buf_add_view(&all, secret_view(one));
		buf_u8(&all, '\n');
	}
	if (!e)
		e = buf_check(&all, "what was typed");
	if (!e)
		t->all = secret_copy(all.at, all.len);
	return e;
}

static const char *
wanted_lines(size_t count)
{
	return count == 1 ? "the study code, typed when asked, by --file FILE or on standard "
			    "input"
			  : "study code, name, contact and preferred way, a line each, typed "
			    "when asked, by --file FILE or on standard input";
}

static enum err
read_typed(struct program *p, struct typed *t, size_t count)
{
	enum err e = isatty(STDIN_FILENO) && !program_value(p, "file")
			     ? ask_each(p, t, count)
			     : program_secret_text(p, wanted_lines(count), &t->all);
	if (!e)
		e = split(t);
	if (!e && !t->line[0].len)
		e = fail(E_FORMAT, "no study code was given; wanted: %s", wanted_lines(count));
	if (!e && count == 1 && t->line[1].len)
		e = fail(E_FORMAT, "one line is wanted: the study code");
	return e;
}

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

static enum err
call_desk(struct program *p, enum node_verb verb, struct buf *fields, struct buf *reply)
{
	OWNED(client) struct client *desk = NULL;
	enum err e = buf_check(fields, "request");
	if (!e)
		e = client_open(&desk, program_dir(p), "desk.sock");
	return e ? e : client_call(desk, verb, buf_view(fields), reply);
}

/* Nobody types a name before it is known that the desk is open. */
static enum err
check_open(struct program *p)
{
	OWNED_BUF struct buf fields, reply;
	buf_init(&fields, 16);
	buf_init(&reply, 256);
	enum err e = call_desk(p, DESK_STATUS, &fields, &reply);
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
	OWNED_TYPED struct typed t = {.all = NULL};
	OWNED_WIPED struct buf fields;
	buf_init(&fields, FIELDS_BYTES);
	buf_reserve(&fields, FIELDS_BYTES);
	enum err e = check_open(p);
	if (!e)
		e = read_typed(p, &t, count);
	if (!e)
		e = add_code(p, t.line[0], &fields);
	for (size_t i = 1; !e && i < count; i++)
		buf_blob(&fields, t.line[i]);
	if (!e && verb == DESK_CONTACT_GET)
		buf_u8(&fields, purpose_of(p));
	return e ? e : call_desk(p, verb, &fields, reply);
}

static enum err
run_add(struct program *p)
{
	OWNED_BUF struct buf reply;
	buf_init(&reply, CLIENT_REPLY_BYTES);
	enum err e = ask_about_one(p, DESK_CONTACT_PUT, FIELDS_COUNT, &reply);
	if (!e)
		printf(program_json(p) ? "{\"contact\":\"kept\"}\n"
				       : "kept at this desk, and nowhere else\n");
	return e;
}

static enum err
remove_due(struct program *p, struct buf *reply)
{
	OWNED_BUF struct buf fields;
	buf_init(&fields, 16);
	enum err e = call_desk(p, DESK_CONTACT_DROP_DUE, &fields, reply);
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
	OWNED_BUF struct buf fields;
	OWNED_WIPED struct buf reply;
	buf_init(&fields, 16);
	buf_init(&reply, CLIENT_REPLY_BYTES);
	enum err e = call_desk(p, DESK_CONTACT_LIST, &fields, &reply);
	struct cursor c = cursor_of(buf_view(&reply));
	return e ? e : print_list(p, &c);
}

/* copies */

static enum err
run_backup(struct program *p)
{
	OWNED_BUF struct buf fields, reply;
	const char *path = program_arg(p, 0);
	buf_init(&fields, 16);
	buf_init(&reply, CLIENT_REPLY_BYTES);
	if (access(path, F_OK) == 0)
		return fail(E_CONFLICT, "%s is there already", path);
	enum err e = call_desk(p, DESK_CONTACT_SAVE, &fields, &reply);
	struct cursor c = cursor_of(buf_view(&reply));
	struct view copy = cursor_blob(&c);
	if (!e)
		e = cursor_end(&c, "answer of the desk");
	if (!e)
		e = text_write_file(path, copy, COPY_RIGHTS);
	if (!e)
		printf(program_json(p) ? "{\"copied\":\"%s\"}\n"
				       : "the names are in %s, sealed: it opens with the "
					 "desk's keys (`weir-node backup --keys`), and no "
					 "more once somebody was erased: make a new one "
					 "then\n",
			path);
	return e;
}

static enum err
run_restore(struct program *p)
{
	OWNED_MEM uint8_t *copy = NULL;
	OWNED_BUF struct buf fields, reply;
	size_t len = 0;
	buf_init(&fields, COPY_MAX_BYTES + 16);
	buf_init(&reply, CLIENT_REPLY_BYTES);
	enum err e = text_read_file(&copy, &len, program_arg(p, 0), COPY_MAX_BYTES);
	if (e)
		return e;
	buf_blob(&fields, view_of(copy, len));
	e = call_desk(p, DESK_CONTACT_LOAD, &fields, &reply);
	struct cursor c = cursor_of(buf_view(&reply));
	uint32_t put = cursor_u32(&c);
	if (!e)
		e = cursor_end(&c, "answer of the desk");
	if (!e && program_json(p))
		printf("{\"put_back\":%" PRIu32 "}\n", put);
	else if (!e)
		printf("put back %" PRIu32 " name%s\n", put,
			put == 1 ? " that was missing" : "s that were missing");
	return e;
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

const struct program_command cmd_contact_backup = {
	.name = "contact backup",
	.run = run_backup,
	.help = "write all names of the desk, sealed, to a new file",
	.args = "FILE",
	.args_min = 1,
	.args_max = 1,
};

const struct program_command cmd_contact_restore = {
	.name = "contact restore",
	.run = run_restore,
	.help = "put back names from such a file that the desk lacks",
	.args = "FILE",
	.args_min = 1,
	.args_max = 1,
};
