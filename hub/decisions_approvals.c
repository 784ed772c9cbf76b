#include "hub/decisions_inside.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#include "hub/approval.h"

#define MS_PER_S   1000
#define DAY_S      ((int64_t)24 * 60 * 60)
#define SOON_S     (30 * DAY_S)
#define ABOUT      "approvals"
#define FIRST_ROOM 8
#define SAID_MOST  32 /* lines; of the rest the number */

struct looking {
	const struct deciding *deciding;
	int64_t now_s;
	char (*superseded)[ROW_ID_BYTES]; /* owned */
	size_t count, room;
	size_t lines; /* that there were to say */
};

static void
looking_done(struct looking *l)
{
	mem_drop(&l->superseded);
}
#define OWNED_LOOKING OWNED_BY(looking_done)

static void
say(struct looking *l, const char *words, const char *command)
{
	if (l->lines++ < SAID_MOST)
		decisions_say(l->deciding, ABOUT, words, command);
}

/* what waits for a second person */

static void
put_entered(struct looking *l, const struct approval *a)
{
	OWNED_MEM char *words = xasprintf(
		"approval %s (%s, %s) was entered by %s and is not in "
		"force: another person puts it in force",
		a->id, a->kind, a->site[0] ? a->site : "the whole study", a->entered_by);
	OWNED_MEM char *command = xasprintf("weir-hub approval verify %s --by PERSON", a->id);
	say(l, words, command);
}

static void
put_waiting_turn(struct looking *l, const struct approval *a)
{
	for (size_t i = 0; i < a->turn_count; i++) {
		const struct approval_turn *t = &a->turns[i];
		if (!approval_turn_widens(t->kind) || t->verified_by[0])
			continue;
		OWNED_MEM char *words =
			xasprintf("approval %s: \"%s\" was entered by %s and does not "
				  "count yet: another person agrees",
				a->id, approval_turn_word(t->kind), t->by);
		OWNED_MEM char *command =
			xasprintf("weir-hub approval agree %s --by PERSON", a->id);
		say(l, words, command);
	}
}

/* what comes to an end, or is due */

/* The second before is in the last day that somebody wrote. */
static void
day_before(char ret[static CLOCK_TEXT_BYTES], int64_t at_s)
{
	clock_text(ret, (at_s - 1) * MS_PER_S);
}

static bool
is_soon(const struct looking *l, int64_t at_s)
{
	return at_s && at_s - l->now_s <= SOON_S;
}

static const struct approval_turn *
last_turn(const struct approval *a, enum approval_turn_kind kind, size_t condition)
{
	const struct approval_turn *found = NULL;
	for (size_t i = 0; i < a->turn_count; i++)
		if (a->turns[i].kind == kind && a->turns[i].condition == condition &&
			(!approval_turn_widens(kind) || a->turns[i].verified_by[0]))
			found = &a->turns[i];
	return found;
}

static void
put_suspended(struct looking *l, const struct approval *a)
{
	char day[CLOCK_TEXT_BYTES];
	const struct approval_turn *stop = last_turn(a, APPROVAL_SUSPENDED, 0);
	const struct approval_turn *lifted = last_turn(a, APPROVAL_LIFTED, 0);
	if (!stop || stop->at_s > l->now_s || (lifted && lifted > stop))
		return;
	clock_text(day, stop->at_s * MS_PER_S);
	OWNED_MEM char *words = xasprintf("approval %s is suspended since %.10s: nothing that "
					  "needs it is collected or counted",
		a->id, day);
	OWNED_MEM char *command =
		xasprintf("weir-hub approval lift %s --reason TEXT --by PERSON, "
			  "when it has ended",
			a->id);
	say(l, words, command);
}

static void
put_end(struct looking *l, const struct approval *a)
{
	char day[CLOCK_TEXT_BYTES];
	if (!is_soon(l, a->until_s) || l->now_s - a->until_s > SOON_S)
		return;
	day_before(day, a->until_s);
	OWNED_MEM char *words = xasprintf("approval %s (%s, %s): its last day %s %.10s", a->id,
		a->kind, a->site[0] ? a->site : "the whole study",
		a->until_s <= l->now_s ? "was" : "is", day);
	OWNED_MEM char *command = xasprintf(
		"weir-hub approval add ID --supersedes %s ..., when there is a newer one",
		a->id);
	say(l, words, command);
}

static void
put_review(struct looking *l, const struct approval *a)
{
	char day[CLOCK_TEXT_BYTES];
	if (!is_soon(l, a->review_due_s) || last_turn(a, APPROVAL_REVIEWED, 0))
		return;
	day_before(day, a->review_due_s);
	OWNED_MEM char *words = xasprintf("the review or report of approval %s %s due on %.10s",
		a->id, a->review_due_s <= l->now_s ? "was" : "is", day);
	OWNED_MEM char *command =
		xasprintf("weir-hub approval reviewed %s --reason TEXT --by PERSON", a->id);
	say(l, words, command);
}

static void
put_conditions(struct looking *l, const struct approval *a)
{
	for (size_t i = 0; i < a->condition_count; i++) {
		const int64_t due_s = a->conditions[i].due_s;
		char day[CLOCK_TEXT_BYTES] = "";
		if ((due_s && !is_soon(l, due_s)) || last_turn(a, APPROVAL_MET, i))
			continue;
		if (due_s)
			day_before(day, due_s);
		OWNED_MEM char *words =
			xasprintf("condition %zu of approval %s is not met: it %s due %s%.10s",
				i + 1, a->id, due_s <= l->now_s ? "was" : "is",
				due_s ? "on " : "before the start", day);
		OWNED_MEM char *command = xasprintf(
			"weir-hub approval met %s --condition %zu --reason TEXT --by PERSON",
			a->id, i + 1);
		say(l, words, command);
	}
}

/* all of them */

static enum err
note_superseded(void *arg, const struct approval *a)
{
	struct looking *l = arg;
	if (!a->supersedes[0] || !a->verified_by[0])
		return OK;
	if (l->count == l->room) {
		l->room = l->room ? 2 * l->room : FIRST_ROOM;
		l->superseded = xrealloc(l->superseded, l->room, sizeof(*l->superseded));
	}
	memcpy(l->superseded[l->count++], a->supersedes, ROW_ID_BYTES);
	return OK;
}

static bool
is_superseded(const struct looking *l, const struct approval *a)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->superseded[i], a->id) == 0)
			return true;
	return false;
}

static enum err
put_approval(void *arg, const struct approval *a)
{
	struct looking *l = arg;
	if (!a->verified_by[0]) {
		put_entered(l, a);
		return OK;
	}
	put_waiting_turn(l, a);
	if (approval_is_withdrawn(a) || is_superseded(l, a))
		return OK;
	put_end(l, a);
	if (a->until_s && a->until_s <= l->now_s)
		return OK;
	put_suspended(l, a);
	put_review(l, a);
	put_conditions(l, a);
	return OK;
}

enum err
decisions_put_approvals(const struct deciding *d)
{
	OWNED_LOOKING struct looking l = {.deciding = d, .now_s = clock_wall_ms() / MS_PER_S};
	enum err e = approval_each(d->txn, note_superseded, &l);
	if (!e)
		e = approval_each(d->txn, put_approval, &l);
	if (e || l.lines <= SAID_MOST)
		return e;
	OWNED_MEM char *words = xasprintf(
		"%zu more about approvals, shown when these are settled", l.lines - SAID_MOST);
	decisions_say(d, ABOUT, words, "weir-hub approval list");
	return OK;
}
