#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"

#include "node/client.h"
#include "node/ipc_submit.h"
#include "node/staff.h"

#define TEXT_MOST        1024
#define FIELDS_MAX_BYTES 1024
#define DECIDE_ACCEPT    1
#define DECIDE_DROP      2
#define DECIDE_TEXT      3
#define DECIDE_WITHOUT   4
#define MS_PER_S         1000

struct shown {
	char *name, *form, *version, *reason, *collector, *agent;
	uint8_t why;
	int64_t received_s, expires_s;
	uint32_t files;
};

static void
shown_done(struct shown *s)
{
	char **texts[] = {
		&s->name, &s->form, &s->version, &s->reason, &s->collector, &s->agent};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		mem_drop(texts[i]);
}

static const char *
word_of(uint8_t why)
{
	static const char *const words[] = {[0] = "waits for files",
		[HOLD_INVALID] = "does not fit its form",
		[HOLD_NO_CODE] = "study code not known",
		[HOLD_NO_FORM] = "form version not known",
		[HOLD_NO_CONSENT] = "no consent for it",
		[HOLD_OTHER_COPY] = "same number, other answers",
		[HOLD_OTHER_RECORD] = "second record of the person",
		[HOLD_WAVE] = "no wave was open",
		[HOLD_BRANCH] = "corrects an old version",
		[HOLD_TEXT] = "text leads to a person?",
		[HOLD_TERMS] = "not approved here",
		[HOLD_ENDED] = "had ended taking part"};
	return why < ARRAY_LEN(words) && words[why] ? words[why] : "held";
}

static void
read_one(struct cursor *c, struct shown *s)
{
	s->name = cursor_text(c, TEXT_MOST);
	s->form = cursor_text(c, TEXT_MOST);
	s->version = cursor_text(c, TEXT_MOST);
	s->why = cursor_u8(c);
	s->reason = cursor_text(c, TEXT_MOST);
	s->received_s = (int64_t)cursor_u64(c);
	s->collector = cursor_text(c, TEXT_MOST);
	s->agent = cursor_text(c, TEXT_MOST);
	s->expires_s = (int64_t)cursor_u64(c);
	s->files = cursor_u32(c);
}

static void
put_one(struct json_out *w, const struct shown *s)
{
	char received[CLOCK_TEXT_BYTES], expires[CLOCK_TEXT_BYTES] = "";
	clock_text(received, s->received_s * MS_PER_S);
	if (s->expires_s)
		clock_text(expires, s->expires_s * MS_PER_S);
	json_put_object(w, NULL);
	json_put_text(w, "held", s->name);
	json_put_text(w, "form", s->form);
	json_put_text(w, "version", s->version);
	json_put_text(w, "why", word_of(s->why));
	json_put_text(w, "reason", s->reason);
	json_put_text(w, "received", received);
	json_put_text(w, "collector", s->collector);
	json_put_text(w, "client", s->agent);
	json_put_text(w, "expires", expires);
	json_put_int(w, "files", s->files);
	json_put_close(w);
}

static void
print_one(const struct shown *s, bool whole)
{
	char received[CLOCK_TEXT_BYTES], expires[CLOCK_TEXT_BYTES] = "never";
	clock_text(received, s->received_s * MS_PER_S);
	if (s->expires_s)
		clock_text(expires, s->expires_s * MS_PER_S);
	if (!whole) {
		printf("%s  %s  %-16s %-28s %s\n", s->name, received, s->form, word_of(s->why),
			s->collector);
		return;
	}
	printf("held       %s\nform       %s version %s\nreceived   %s\nby         %s (%s)\n"
	       "why        %s\nreason     %s\nfiles      %" PRIu32 "\nerased     %s\n",
		s->name, s->form, s->version, received, s->collector, s->agent, word_of(s->why),
		s->reason, s->files, expires);
}

struct wanted {
	const char *name; /* NULL: all */
	bool found;
};

static void
say_one(void *arg, struct cursor *c, struct json_out *json)
{
	struct wanted *w = arg;
	OWNED_BY(shown_done) struct shown s = {0};
	read_one(c, &s);
	if (c->broken || (w->name && strcmp(w->name, s.name) != 0))
		return;
	w->found = true;
	if (json)
		put_one(json, &s);
	else
		print_one(&s, w->name != NULL);
}

/* All, or (name not NULL) the one of this name. */
static enum err
show(struct program *p, const char *name)
{
	OWNED(client) struct client *sync = NULL;
	struct wanted wanted = {.name = name};
	const struct client_list list = {.verb = SYNC_HELD,
		.what = "what is held",
		.none = name ? "" : "nothing is held",
		.row = say_one,
		.arg = &wanted};
	enum err e = client_open(&sync, program_dir(p), "sync.sock");
	if (!e)
		e = client_list(p, sync, &list);
	if (!e && name && !wanted.found)
		e = fail(E_NOTFOUND, "nothing is held under this name");
	return e;
}

static enum err
run_list(struct program *p)
{
	return show(p, NULL);
}

static enum err
run_show(struct program *p)
{
	return show(p, program_arg(p, 0));
}

static enum err
decide(struct program *p, uint8_t what)
{
	OWNED(client) struct client *sync = NULL;
	OWNED_BUF struct buf fields, answer;
	OWNED_MEM char *words = NULL;
	struct staff by = {.role = ""};
	buf_init(&fields, FIELDS_MAX_BYTES);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e = client_open(&sync, program_dir(p), "sync.sock");
	if (!e)
		e = staff_of(&by, p, sync);
	buf_blob_text(&fields, program_arg(p, 0));
	buf_u8(&fields, what);
	buf_blob_text(&fields, by.id);
	buf_blob_text(&fields, by.role);
	if (!e)
		e = buf_check(&fields, "name");
	if (!e)
		e = client_call(sync, SYNC_HELD_DECIDE, buf_view(&fields), &answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	words = cursor_text(&c, TEXT_MOST);
	e = cursor_end(&c, "answer of sync");
	if (!e)
		printf(program_json(p) ? "{\"held\":\"%s\",\"now\":\"%s\"}\n" : "%s: %s\n",
			program_arg(p, 0), words);
	return e;
}

static enum err
run_accept(struct program *p)
{
	return decide(p, program_has(p, "text-kept") ? DECIDE_TEXT : DECIDE_ACCEPT);
}

static enum err
run_drop(struct program *p)
{
	return decide(p, DECIDE_DROP);
}

static enum err
run_drop_text(struct program *p)
{
	return decide(p, DECIDE_WITHOUT);
}

const struct program_command cmd_held_list = {
	.name = "held list",
	.run = run_list,
	.help = "what was handed in and is not used yet",
};

const struct program_command cmd_held_show = {
	.name = "held show",
	.run = run_show,
	.help = "why one record is held; never its answers",
	.args = "NAME",
	.args_min = 1,
	.args_max = 1,
};

static const struct program_option accept_options[] = {
	{"text-kept", NULL, "its text was looked at, and goes on as it is; the log says so"},
	{"by", "CODE",
		"who does it: a coordinator or a staff code (default: the only coordinator)"},
	{NULL, NULL, NULL},
};

static const struct program_option drop_options[] = {
	{"by", "CODE",
		"who does it: a coordinator or a staff code (default: the only coordinator)"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_held_accept = {
	.name = "held accept",
	.run = run_accept,
	.help = "let a held record go on",
	.args = "NAME",
	.args_min = 1,
	.args_max = 1,
	.options = accept_options,
};

const struct program_command cmd_held_drop_text = {
	.name = "held drop-text",
	.run = run_drop_text,
	.help = "let a held record go on without the texts that look like they lead to a "
		"person; they are erased, and the log says so",
	.args = "NAME",
	.args_min = 1,
	.args_max = 1,
	.options = drop_options,
};

const struct program_command cmd_held_drop = {
	.name = "held drop",
	.run = run_drop,
	.help = "erase a held record; it is not taken again",
	.args = "NAME",
	.args_min = 1,
	.args_max = 1,
	.options = drop_options,
};
