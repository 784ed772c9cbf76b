#include "node/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/codec/text.h"
#include "common/trust/crypto.h"

#include "node/client.h"
#include "node/ipc.h"
#include "node/staff.h"
#include "node/sync_duties.h"

#define WORDS_BYTES 160
#define CODE_MOST   63
#define DAY_LEN     10
#define OPEN_END    "-"

static bool
is_day(const char *text)
{
	int64_t at_ms;
	return strlen(text) == DAY_LEN && clock_parse(text, &at_ms);
}

static bool
is_task(const char *word)
{
	return strcmp(word, "approach") == 0 || strcmp(word, "consent") == 0 ||
	       strcmp(word, "collect") == 0;
}

static enum err
send_act(struct program *p, const char *action, const char *words)
{
	OWNED(client) struct client *sync = NULL;
	struct staff by;
	enum err e = client_open(&sync, program_dir(p), "sync.sock");
	if (!e)
		e = staff_of(&by, p, sync);
	if (e)
		return e;
	return client_act(sync, (struct leaf){.actor = by.id,
					.role = by.role,
					.action = action,
					.object_type = "delegation",
					.reason_code = words,
					.outcome = "done"});
}

static enum err
check_code(struct program *p)
{
	const char *code = program_arg(p, 0);
	size_t len = strlen(code);
	bool fits = len > 0 && len <= CODE_MOST && text_is_plain(code) && !strchr(code, ' ');
	if (!fits)
		return program_usage(
			p, "a staff code has no blanks and at most %d characters", CODE_MOST);
	return is_task(program_arg(p, 1))
		       ? OK
		       : program_usage(p, "a task is approach, consent or collect");
}

static enum err
say_line(struct program *p, const char *action, const char *from, const char *until)
{
	char words[WORDS_BYTES];
	(void)snprintf(words, sizeof(words), "%s %s %s %s", program_arg(p, 0),
		program_arg(p, 1), from, until);
	enum err e = send_act(p, action, words);
	if (!e && program_json(p))
		printf("{\"delegation\":\"%s\"}\n", words);
	else if (!e && strcmp(action, DUTY_ENDED) == 0)
		printf("on the delegation log: after %s, which is the last day, %s may %s no "
		       "longer\n",
			until, program_arg(p, 0), program_arg(p, 1));
	else if (!e)
		printf("on the delegation log: %s\n", words);
	return e;
}

/* Is there a line "added CODE TASK ..."? */
static bool
has_added(struct view lines, const char *code, const char *task)
{
	char start[WORDS_BYTES];
	const int n = snprintf(start, sizeof(start), DUTY_LINE_ADDED "%s %s ", code, task);
	while (lines.len) {
		const uint8_t *end = memchr(lines.at, '\n', lines.len);
		size_t len = end ? (size_t)(end - lines.at) : lines.len;
		if (len >= (size_t)n && memcmp(lines.at, start, (size_t)n) == 0)
			return true;
		lines = view_of(
			lines.at + len + (end != NULL), lines.len - len - (end != NULL));
	}
	return false;
}

static enum err
fetch_lines(struct program *p, struct buf *answer, struct view *ret)
{
	enum err e =
		client_ask(program_dir(p), "sync.sock", SYNC_DUTIES, view_of(NULL, 0), answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(answer));
	*ret = cursor_blob(&c);
	return cursor_end(&c, "delegation log");
}

static enum err
run_add(struct program *p)
{
	const char *from = program_value(p, "from"), *until = program_value(p, "until");
	enum err e = check_code(p);
	if (e)
		return e;
	if (!from || !is_day(from))
		return program_usage(p, "--from YYYY-MM-DD is needed: the first day");
	if (until && (!is_day(until) || strcmp(until, from) < 0))
		return program_usage(p, "--until is a day, YYYY-MM-DD, not before the first");
	return say_line(p, DUTY_ADDED, from, until ? until : OPEN_END);
}

static enum err
run_end(struct program *p)
{
	const char *until = program_value(p, "until");
	OWNED_BUF struct buf answer;
	struct view lines = view_of(NULL, 0);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e = check_code(p);
	if (e)
		return e;
	if (!until || !is_day(until))
		return program_usage(p, "--until YYYY-MM-DD is needed: the last day");
	e = fetch_lines(p, &answer, &lines);
	if (!e)
		e = say_line(p, DUTY_ENDED, until, until);
	/* Taken all the same: a log that was put back may lack the line, and nobody is to go on
	 * because of that. */
	if (!e && !program_json(p) && !has_added(lines, program_arg(p, 0), program_arg(p, 1)))
		printf("no line here says that %s may %s: look whether the code is right, with "
		       "`weir-node delegation list`\n",
			program_arg(p, 0), program_arg(p, 1));
	return e;
}

/* Of an end both days are the last one (sync_duties.h): it is said once. */
static void
print_line(struct view line)
{
	static const char ended[] = DUTY_LINE_ENDED;
	size_t len = line.len;
	bool is_end =
		len > sizeof(ended) + DAY_LEN && memcmp(line.at, ended, sizeof(ended) - 1) == 0;
	if (is_end)
		len -= DAY_LEN + 1 + DAY_LEN;
	printf("%.*s", (int)len, (const char *)line.at);
	if (is_end)
		printf("last day %.*s", DAY_LEN, (const char *)line.at + line.len - DAY_LEN);
	printf("\n");
}

static void
print_lines(struct view lines)
{
	while (lines.len) {
		const uint8_t *end = memchr(lines.at, '\n', lines.len);
		size_t len = end ? (size_t)(end - lines.at) : lines.len;
		print_line(view_of(lines.at, len));
		lines = view_of(
			lines.at + len + (end != NULL), lines.len - len - (end != NULL));
	}
}

static enum err
run_list(struct program *p)
{
	OWNED_BUF struct buf answer;
	struct view lines = view_of(NULL, 0);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e = fetch_lines(p, &answer, &lines);
	if (!e && !lines.len)
		program_none(p, "nobody is on the delegation log yet");
	if (!e)
		print_lines(lines);
	return e;
}

static const struct program_option add_options[] = {
	{"from", "DATE", "first day"},
	{"until", "DATE", "last day; left out: open end"},
	{"by", "CODE",
		"who does it: a coordinator or a staff code (default: the only coordinator)"},
	{NULL, NULL, NULL},
};
static const struct program_option end_options[] = {
	{"until", "DATE", "last day"},
	{"by", "CODE",
		"who does it: a coordinator or a staff code (default: the only coordinator)"},
	{NULL, NULL, NULL},
};

const struct program_command cmd_delegation_add = {
	.name = "delegation add",
	.run = run_add,
	.help = "somebody may approach people, take consent or collect here: R11 asks it of "
		"the staff codes that consents and records name",
	.args = "CODE TASK",
	.args_min = 2,
	.args_max = 2,
	.options = add_options,
};
const struct program_command cmd_delegation_end = {
	.name = "delegation end",
	.run = run_end,
	.help = "somebody no longer may",
	.args = "CODE TASK",
	.args_min = 2,
	.args_max = 2,
	.options = end_options,
};
const struct program_command cmd_delegation_list = {
	.name = "delegation list",
	.run = run_list,
	.help = "the delegation log as this node has it",
};
