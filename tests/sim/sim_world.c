#include "tests/sim/sim_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "tests/sim/sim_inside.h"
#include "tests/sim/sim_pool.h"
#include "tests/sim/sim_random.h"

#define SETTLE_MOST_COUNT 6000
#define WAIVE_ONE_IN      512

struct sim_world *
sim_world_new(void)
{
	struct sim_world *w = xcalloc(1, sizeof(*w));
	for (size_t i = 0; i < WORLD_WRITERS_COUNT; i++)
		w->pools[i] = pool_new();
	return w;
}

void
sim_world_free(struct sim_world *w)
{
	for (size_t i = 0; w && i < WORLD_WRITERS_COUNT; i++)
		pool_free(w->pools[i]);
	free(w);
}

const char *
sim_world_breach(const struct sim_world *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->writers[i].breach)
			return w->writers[i].breach;
	return NULL;
}

uint64_t
sim_world_digest(const struct sim_world *w)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < w->count; i++)
		sum = sum * 31 + w->writers[i].digest;
	return sum;
}

/* ---- recovery ---- */

static bool
all_heard(const struct sim_world *w)
{
	size_t heard = 0;
	for (size_t i = 0; i < w->count; i++)
		heard += w->writers[i].hub.heard;
	return LANE_MUTANT(MUTANT_HEARD_ONE) ? heard > 0 : heard == w->count;
}

/* The hub releases again. */
static void
end_recovery(struct sim_world *w)
{
	const struct lane_event ev = {.kind = LANE_MODE, .mode = SYNC_NORMAL};
	for (size_t i = 0; i < w->count; i++) {
		struct sim *s = &w->writers[i];
		s->hub.mode = SYNC_NORMAL;
		sim_check_recovered(s);
		s->hub.heard = false;
		s->hub.waived = false;
		sim_hub_tell(s, &ev);
	}
}

static void
see_recovery(struct sim_world *w)
{
	if (w->count > 1 && w->writers[0].hub.mode == SYNC_RECOVERY && all_heard(w))
		end_recovery(w);
}

static void
waive(struct sim_world *w, size_t writer)
{
	struct sim_hub *h = &w->writers[writer].hub;
	if (h->mode == SYNC_RECOVERY && !h->heard)
		h->heard = h->waived = true;
}

/* ---- acts ---- */

static bool
is_of_the_hub(enum sim_act act)
{
	return act == SIM_COMMIT_HUB || act == SIM_CRASH_HUB ||
	       act == SIM_CRASH_HUB_JOURNALED || act == SIM_FAIL_COMMIT ||
	       act == SIM_BACKUP_HUB || act == SIM_RESTORE_HUB || act == SIM_DRAIN ||
	       act == SIM_TICK;
}

/* A turn that is cut short may have reached the journal with some writers only. */
static enum sim_act
part_of(struct sim *s, enum sim_act act)
{
	bool cut = act == SIM_CRASH_HUB_JOURNALED && (!s->hub.is_dirty || sim_chance(s) % 2);
	return cut ? SIM_CRASH_HUB : act;
}

static void
act_on_all(struct sim_world *w, enum sim_act act, size_t which)
{
	for (size_t i = 0; i < w->count; i++) {
		struct sim *s = &w->writers[i];
		if (act == SIM_COMMIT_HUB && !s->hub.is_dirty)
			continue;
		sim_act(s, part_of(s, act), which);
	}
}

static void
act_on(struct sim_world *w, size_t writer, enum sim_act act, size_t which)
{
	if (is_of_the_hub(act))
		act_on_all(w, act, which);
	else
		sim_act(&w->writers[writer], act, which);
	see_recovery(w);
}

/* ---- runs ---- */

static void
begin(struct sim_world *w, uint64_t seed)
{
	for (size_t i = 0; i < w->count; i++) {
		sim_begin(&w->writers[i], w->pools[i], seed + (i << 48));
		w->writers[i].hub.is_shared = w->count > 1;
	}
}

static void
settle(struct sim_world *w)
{
	for (size_t i = 0; i < w->count; i++)
		sim_settle_begin(&w->writers[i]);
	for (size_t i = 0; i < w->count; i++)
		for (size_t c = 0; c < SIM_COPIES_COUNT && !sim_world_breach(w); c++)
			for (size_t n = 0; sim_settle_step(&w->writers[i], c); n++) {
				see_recovery(w);
				if (n == SETTLE_MOST_COUNT)
					sim_breach(&w->writers[i],
						"I5: what a node holds comes to the hub when "
						"nothing disturbs it");
			}
	see_recovery(w);
	for (size_t i = 0; i < w->count; i++)
		sim_settle_end(&w->writers[i]);
}

static uint64_t
run(struct sim_world *w, uint64_t seed, bool says)
{
	struct sim_odds odds;
	enum sim_act act;
	size_t which;
	uint64_t count = 0;
	struct sim *first = &w->writers[0];
	begin(w, seed);
	sim_random_odds(first, &odds);
	for (; count < odds.most * w->count && !sim_world_breach(w); count++) {
		size_t writer = sim_chance(first) % w->count;
		if (sim_chance(first) % WAIVE_ONE_IN == 0)
			waive(w, writer);
		if (!sim_random_pick(&w->writers[writer], &odds, &act, &which))
			break;
		if (says)
			(void)printf("%llu writer %zu: %s %zu\n", (unsigned long long)count,
				writer, sim_act_name(act), which);
		act_on(w, writer, act, which);
	}
	if (!sim_world_breach(w))
		settle(w);
	return count;
}

uint64_t
sim_world_random(struct sim_world *w, uint64_t seed, bool says)
{
	w->count = seed % 4 ? 1 : 2 + seed / 4 % (WORLD_WRITERS_COUNT - 1);
	return w->count > 1 ? run(w, seed, says)
			    : sim_random(&w->writers[0], w->pools[0], seed, says);
}
