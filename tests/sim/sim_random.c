#include "tests/sim/sim_random.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/sim_inside.h"

#define ACTS_LEAST_COUNT 80
#define ACTS_MORE_COUNT  320
#define TRIES_COUNT      64
#define BULKY_TIMES      8 /* so often is written where what waits is looked at */

/* How likely an act is among those that may happen, and whether a seed may leave it out. */
static const struct weight {
	uint8_t weight;
	bool is_fault;
} weights[SIM_ACTS_COUNT] = {
	[SIM_DELIVER] = {120, false},
	[SIM_DROP] = {4, true},
	[SIM_DOUBLE] = {3, true},
	[SIM_COMMIT_HUB] = {60, false},
	[SIM_COMMIT_NODE] = {60, false},
	[SIM_CONNECT] = {60, false},
	[SIM_LOSE_LINE] = {3, true},
	[SIM_WRITE_RECORD] = {10, false},
	[SIM_WRITE_CONSENT] = {3, false},
	[SIM_WRITE_WITHDRAWAL] = {3, false},
	[SIM_WRITE_ACT] = {3, true},
	[SIM_CRASH_NODE] = {3, true},
	[SIM_BACKUP_NODE] = {2, true},
	[SIM_RESTORE_NODE] = {2, true},
	[SIM_CLONE] = {1, true},
	[SIM_SURVIVE] = {8, true},
	[SIM_PRUNE] = {4, true},
	[SIM_CRASH_HUB] = {2, true},
	[SIM_CRASH_HUB_JOURNALED] = {2, true},
	[SIM_FAIL_COMMIT] = {1, true},
	[SIM_BACKUP_HUB] = {2, true},
	[SIM_RESTORE_HUB] = {1, true},
	[SIM_TICK] = {30, false},
	[SIM_CHECKPOINT] = {8, false},
	[SIM_OFFER] = {1, true},
	[SIM_DRAIN] = {1, true},
	[SIM_CREDIT] = {2, true},
	[SIM_PROBE] = {3, true},
	[SIM_DAMAGE_FILE] = {1, true},
	[SIM_FORK_LOG] = {1, true},
	/* no faults: seeds without bundles stay as they are */
	[SIM_CARRY_WRITE] = {6, false},
	[SIM_CARRY_ANSWER] = {4, false},
	[SIM_CARRY_READ] = {14, false},
	/* of some seeds only, likewise */
	[SIM_LIE] = {2, false},
	[SIM_ROLL_HUB] = {1, false},
};

static size_t
pick_which(struct sim *s, enum sim_act act)
{
	if (act <= SIM_DOUBLE)
		return s->frame_count ? sim_chance(s) % s->frame_count : 0;
	if (act >= SIM_COMMIT_NODE && act <= SIM_PRUNE)
		return sim_chance(s) % SIM_COPIES_COUNT;
	if (act == SIM_CARRY_READ)
		return sim_chance(s) % (SIM_PARCELS_COUNT * SIM_CARRY_WAYS);
	if (act == SIM_DAMAGE_FILE || act == SIM_CARRY_WRITE || act == SIM_LIE)
		return sim_chance(s) % SIM_COPIES_COUNT;
	if (act == SIM_PROBE)
		return sim_chance(s) % (SIM_COPIES_COUNT + 1);
	return act == SIM_RESTORE_HUB || act == SIM_ROLL_HUB ? sim_chance(s) % 2 : 0;
}

bool
sim_random_pick(
	struct sim *s, const struct sim_odds *o, enum sim_act *ret_act, size_t *ret_which)
{
	for (unsigned tries = 0; tries < TRIES_COUNT; tries++) {
		unsigned at = (unsigned)(sim_chance(s) % o->sum), act = 0;
		while (at >= o->odds[act])
			at -= o->odds[act++];
		*ret_act = (enum sim_act)act;
		*ret_which = pick_which(s, *ret_act);
		if (sim_can(s, *ret_act, *ret_which))
			return true;
	}
	return false;
}

void
sim_random_odds(struct sim *s, struct sim_odds *ret)
{
	*ret = (struct sim_odds){0};
	for (size_t i = 0; i < SIM_ACTS_COUNT; i++) {
		bool out = weights[i].is_fault && sim_chance(s) % 3 == 0;
		ret->odds[i] = out ? 0 : weights[i].weight;
		if (i >= SIM_LIE ? !s->plays_back : i >= SIM_CARRY_WRITE && !s->plays_bundles)
			ret->odds[i] = 0;
		if (s->is_bulky && (i == SIM_WRITE_RECORD || i == SIM_WRITE_CONSENT))
			ret->odds[i] *= BULKY_TIMES;
		ret->sum += ret->odds[i];
	}
	ret->most = ACTS_LEAST_COUNT + sim_chance(s) % ACTS_MORE_COUNT;
}

uint64_t
sim_random(struct sim *s, struct sim_pool *pool, uint64_t seed, bool says)
{
	struct sim_odds odds;
	sim_begin(s, pool, seed);
	sim_random_odds(s, &odds);
	uint64_t count = 0;
	enum sim_act act;
	size_t which;
	while (count < odds.most && !s->breach && sim_random_pick(s, &odds, &act, &which)) {
		if (says)
			(void)printf("%llu %s %zu\n", (unsigned long long)count,
				sim_act_name(act), which);
		sim_act(s, act, which);
		count++;
	}
	if (!s->breach)
		sim_settle(s);
	return count;
}
