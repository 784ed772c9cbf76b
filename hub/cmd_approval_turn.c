#include "hub/cmd.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#include "hub/approval.h"
#include "hub/office.h"

#define BODY_MAX_BYTES      4096
#define APPROVALS_MAX_COUNT 100000
#define MS_PER_S            1000

/* One turn, in the order of approvals.h. */
struct turn {
	const char *id, *word, *reason;
	int64_t condition, at_s;
};

static enum err
sign(struct program *p, struct office *o, const char *kind, const struct turn *t)
{
	OWNED_BUF struct buf body;
	OWNED(signer) struct signer *by = NULL;
	OWNED(json) struct json *answer = NULL;
	struct json_out w;
	const char *state = "";
	buf_init(&body, BODY_MAX_BYTES);
	json_begin(&w, &body);
	json_put_object(&w, NULL);
	json_put_text(&w, "id", t->id);
	json_put_text(&w, "turn", t->word);
	json_put_int(&w, "condition", t->condition);
	json_put_int(&w, "at_s", t->at_s);
	json_put_text(&w, "reason", t->reason);
	json_put_close(&w);
	enum err e = json_end(&w, "turn");
	if (!e)
		e = office_signer(o, &by);
	const struct office_act act = {kind, t->id, buf_view(&body)};
	if (!e)
		e = office_submit(o, by, &act, &answer);
	if (!e)
		e = json_get_text(answer, "state", 32, &state);
	if (!e && program_json(p))
		printf("{\"approval\":\"%s\",\"turn\":\"%s\",\"state\":\"%s\"}\n", t->id,
			t->word, state);
	else if (!e)
		printf("approval %s: %s is %s%s\n", t->id, t->word, state,
			strcmp(state, "entered") == 0
				? "; another person puts it in force: `weir-hub approval agree`"
				: "");
	return e;
}

static enum err
begin_turn(struct program *p, const char *word)
{
	OWNED(office) struct office *o = NULL;
	struct turn t = {.id = program_arg(p, 0), .word = word};
	const char *at = program_value(p, "at"), *condition = program_value(p, "condition");
	int64_t at_ms = clock_wall_ms();
	t.reason = program_value(p, "reason");
	if (!t.reason)
		return program_usage(p, "--reason TEXT is needed");
	if (at && !clock_parse(at, &at_ms))
		return program_usage(p, "--at is a day, YYYY-MM-DD, or a time");
	if (condition && (!text_int(view_text(condition), &t.condition) || t.condition < 1))
		return program_usage(p, "--condition is a number from 1");
	t.condition -= condition != NULL;
	t.at_s = MAX(at_ms / MS_PER_S, 1);
	enum err e = office_open(&o, p);
	return e ? e : sign(p, o, "approval-turn", &t);
}

static enum err
run_suspend(struct program *p)
{
	return begin_turn(p, "suspend");
}

static enum err
run_withdraw(struct program *p)
{
	return begin_turn(p, "withdraw");
}

static enum err
run_lift(struct program *p)
{
	return begin_turn(p, "lift");
}

static enum err
run_met(struct program *p)
{
	return program_value(p, "condition") ? begin_turn(p, "met")
					     : program_usage(p, "--condition NUMBER is needed");
}

static enum err
run_reviewed(struct program *p)
{
	return begin_turn(p, "reviewed");
}

/* agree */

/* The first that waits for a second person; its texts are lent by the answer. */
static enum err
find_waiting(const struct json *one, struct turn *ret)
{
	const struct json *turns, *turn;
	enum err e = json_get_array(one, "turns", APPROVAL_TURNS_MAX, &turns);
	for (size_t i = 0; !e && i < json_count(turns); i++) {
		const char *second = "";
		e = json_item_object(turns, i, "turns", &turn);
		if (!e)
			e = json_get_text(turn, "turn", 32, &ret->word);
		if (!e)
			e = json_get_text(turn, "verified_by", ROW_ID_BYTES, &second);
		if (!e)
			e = json_get_text(turn, "reason", ROW_TEXT_BYTES, &ret->reason);
		if (!e)
			e = json_get_int(turn, "condition", 0, UINT32_MAX, &ret->condition);
		if (!e)
			e = json_get_int(turn, "at_s", 0, INT64_MAX / MS_PER_S, &ret->at_s);
		if (!e && approval_turn_widens(approval_turn_of(ret->word)) && !*second)
			return OK;
	}
	return e ? e : fail(E_NOTFOUND, "nothing waits at approval %s", ret->id);
}

static enum err
find_approval(const struct json *answer, const char *id, const struct json **ret)
{
	const struct json *list = NULL;
	const char *name = "";
	enum err e = json_get_array(answer, "approvals", APPROVALS_MAX_COUNT, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		e = json_item_object(list, i, "approvals", ret);
		if (!e)
			e = json_get_text(*ret, "id", ROW_ID_BYTES, &name);
		if (!e && strcmp(name, id) == 0)
			return OK;
	}
	return e ? e : fail(E_NOTFOUND, "there is no approval %s", id);
}

static enum err
run_agree(struct program *p)
{
	OWNED(office) struct office *o = NULL;
	OWNED(json) struct json *answer = NULL;
	const struct json *one = NULL;
	struct turn t = {.id = program_arg(p, 0)};
	enum err e = office_open(&o, p);
	if (!e)
		e = office_ask(o, "approvals", "{}", &answer);
	if (!e)
		e = find_approval(answer, t.id, &one);
	if (!e)
		e = find_waiting(one, &t);
	if (!e && !program_json(p))
		printf("%s of approval %s: %s\n", t.word, t.id, t.reason);
	return e ? e : sign(p, o, "approval-turn-verify", &t);
}

static const struct program_option turn_options[] = {
	{"reason", "TEXT", "why"},
	{"at", "DATE", "from when; now if not given"},
	{"by", "PERSON", "who does it"},
	{NULL, NULL, NULL},
};
static const struct program_option met_options[] = {
	{"condition", "NUMBER", "which of its conditions, from 1"},
	{"reason", "TEXT", "how it was met"},
	{"at", "DATE", "when; now if not given"},
	{"by", "PERSON", "who says so"},
	{NULL, NULL, NULL},
};
static const struct program_option agree_options[] = {
	{"by", "PERSON", "who agrees; not the one who entered it"},
	{NULL, NULL, NULL},
};

#define TURN(word, run_it, words, of)                                                          \
	{                                                                                      \
		.name = "approval " word, .run = (run_it), .help = (words), .args = "ID",      \
		.args_min = 1, .args_max = 1, .options = (of)                                  \
	}

const struct program_command cmd_approval_suspend =
	TURN("suspend", run_suspend, "stop what an approval permits, at once", turn_options);
const struct program_command cmd_approval_withdraw =
	TURN("withdraw", run_withdraw, "an approval was taken back for good", turn_options);
const struct program_command cmd_approval_lift =
	TURN("lift", run_lift, "a suspension has ended; a second person agrees", turn_options);
const struct program_command cmd_approval_met = TURN("met", run_met,
	"a condition of an approval was met; a second person agrees", met_options);
const struct program_command cmd_approval_reviewed = TURN("reviewed", run_reviewed,
	"a yearly review or report was done; a second person agrees", turn_options);
const struct program_command cmd_approval_agree = TURN("agree", run_agree,
	"agree to what waits at an approval, as a second person", agree_options);
