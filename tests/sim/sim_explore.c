#include "tests/sim/sim_explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "tests/sim/sim_canon.h"
#include "tests/sim/sim_ids.h"
#include "tests/sim/sim_inside.h"

#define FIRST_SLOTS       65536
#define DEPTH_MOST        3000
#define SETTLE_MOST_COUNT 4000
#define SALT_OF_SETTLING  0x100

/* Keys that were seen. */
struct seen {
	struct sim_key *slots;
	size_t slot_count, count;
};

struct level {
	struct sim s;
	unsigned act;
	size_t which;
};

struct search {
	struct seen states, settled;
	struct level *levels[DEPTH_MOST];
	size_t depth, late_most;
	struct sim *spare;
};

/* ---- what was seen ---- */

static bool
put_key(struct seen *seen, struct sim_key k)
{
	size_t at = k.a & (seen->slot_count - 1);
	while (seen->slots[at].a || seen->slots[at].b) {
		if (seen->slots[at].a == k.a && seen->slots[at].b == k.b)
			return false;
		at = (at + 1) & (seen->slot_count - 1);
	}
	seen->slots[at] = k;
	seen->count++;
	return true;
}

static bool
is_new(struct seen *seen, struct sim_key k)
{
	if (2 * seen->count >= seen->slot_count) {
		struct seen grown = {.slot_count = 2 * seen->slot_count};
		grown.slots = xcalloc(grown.slot_count, sizeof(*grown.slots));
		for (size_t i = 0; i < seen->slot_count; i++)
			if (seen->slots[i].a || seen->slots[i].b)
				(void)put_key(&grown, seen->slots[i]);
		free(seen->slots);
		*seen = grown;
	}
	return put_key(seen, k);
}

/* ---- from a state on, undisturbed ---- */

static void
settle(struct search *x, const struct sim *from, struct explore_result *ret)
{
	struct sim *s = x->spare;
	*s = *from;
	memset(&s->budget, 0, sizeof(s->budget));
	sim_settle_begin(s);
	for (size_t i = 0; i < SIM_COPIES_COUNT && !s->breach; i++) {
		size_t steps = 0;
		while (sim_settle_step(s, i)) {
			sim_tidy(s);
			ret->steps++;
			/* Undisturbed there is one way on, and it was gone before. */
			if (!is_new(&x->settled, sim_key_of(s, SALT_OF_SETTLING + i)))
				return;
			if (steps++ == SETTLE_MOST_COUNT && !s->breach)
				s->breach = "I5: what a node holds comes to the hub";
		}
	}
	sim_settle_end(s);
	ret->breach = s->breach;
}

/* ---- all ways ---- */

/* The oldest of the frames that come late are lost where there are too many. */
static void
lose_late(struct sim *s, size_t most)
{
	size_t late = 0;
	for (size_t i = s->frame_count; i-- > 0;)
		if (s->frames[i].is_old && late++ >= most)
			sim_take_frame(s, i);
}

static bool
is_free(enum sim_act act)
{
	return act == SIM_DELIVER || act == SIM_COMMIT_HUB || act == SIM_COMMIT_NODE ||
	       act == SIM_CONNECT || act == SIM_LOSE_LINE;
}

static size_t
which_most(const struct sim *s, enum sim_act act)
{
	if (act <= SIM_DOUBLE)
		return s->frame_count;
	if (act >= SIM_COMMIT_NODE && act <= SIM_PRUNE)
		return SIM_COPIES_COUNT;
	if (act == SIM_LIE)
		return SIM_COPIES_COUNT;
	return act == SIM_RESTORE_HUB || act == SIM_ROLL_HUB ? s->hub.backup_count : 1;
}

/* The next act of this level that may happen. */
static bool
next_act(struct level *l)
{
	for (; l->act < SIM_ACTS_COUNT; l->act++, l->which = 0) {
		enum sim_act act = (enum sim_act)l->act;
		if (!is_free(act) && l->s.budget.left[act] == 0)
			continue;
		for (; l->which < which_most(&l->s, act); l->which++)
			if (sim_can(&l->s, act, l->which))
				return true;
	}
	return false;
}

static struct level *
push(struct search *x)
{
	struct level **l = &x->levels[x->depth];
	if (!*l)
		*l = xcalloc(1, sizeof(**l));
	(*l)->act = 0;
	(*l)->which = 0;
	x->depth++;
	return *l;
}

static void
say_way(const struct search *x)
{
	for (size_t i = 0; i + 1 < x->depth; i++)
		(void)printf("%zu %s %zu\n", i, sim_act_name((enum sim_act)x->levels[i]->act),
			x->levels[i]->which - 1);
}

static void
go_deeper(struct search *x, struct explore_result *ret)
{
	struct level *from = x->levels[x->depth - 1];
	struct level *to = push(x);
	to->s = from->s;
	enum sim_act act = (enum sim_act)from->act;
	if (!is_free(act))
		to->s.budget.left[act]--;
	sim_act(&to->s, act, from->which++);
	ret->steps++;
	lose_late(&to->s, x->late_most);
	sim_tidy(&to->s);
	ret->breach = to->s.breach;
	if (ret->breach)
		return;
	if (!is_new(&x->states, sim_key_of(&to->s, 0)) || x->depth == DEPTH_MOST) {
		ret->is_whole = ret->is_whole && x->depth < DEPTH_MOST;
		x->depth--;
		return;
	}
	settle(x, &to->s, ret);
	ret->deepest = MAX(ret->deepest, (uint64_t)x->depth);
}

void
explore(struct explore_result *ret, const struct explore_config *config, struct sim_pool *pool,
	uint64_t most, bool says)
{
	OWNED_MEM struct search *x = xcalloc(1, sizeof(*x));
	*ret = (struct explore_result){.is_whole = true};
	x->late_most = config->late_most;
	x->states = (struct seen){xcalloc(FIRST_SLOTS, sizeof(struct sim_key)), FIRST_SLOTS, 0};
	x->settled =
		(struct seen){xcalloc(FIRST_SLOTS, sizeof(struct sim_key)), FIRST_SLOTS, 0};
	x->spare = xcalloc(1, sizeof(*x->spare));
	struct level *first = push(x);
	sim_ids_explore();
	sim_begin(&first->s, pool, 0);
	first->s.explores = true;
	first->s.budget = config->budget;
	first->s.plays_notices = config->plays_notices;
	while (x->depth && !ret->breach && x->states.count < most)
		if (next_act(x->levels[x->depth - 1]))
			go_deeper(x, ret);
		else
			x->depth--;
	ret->is_whole = ret->is_whole && !ret->breach && x->depth == 0;
	ret->states = x->states.count;
	if (ret->breach && says)
		say_way(x);
	for (size_t i = 0; i < DEPTH_MOST; i++)
		free(x->levels[i]);
	free(x->states.slots);
	free(x->settled.slots);
	free(x->spare);
}
