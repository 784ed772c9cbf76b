/* collected - when a form was filled in, which is not when it came in: by the clock of the
 * client that it was filled in with, or as a person wrote it down.
 *
 * Always true: at_s is not after now_s. Where nothing that can be is said, it is now_s, and
 *              `word` says why; `word` is COLLECTED_SAID exactly where at_s is what was said.
 * A day alone: is its last second, or now if it is today: what was decided on that day, a
 *              consent as well as a wish to stop, counts as decided before.
 * A clock:     may go ahead by COLLECTED_AHEAD_MAX_S (clients that nobody sets drift by seconds
 *              a day): then it is now. Before COLLECTED_FIRST_S there was no form of weir to be
 *              filled in: a client that says so has lost its time. No later moment is refused
 *              for being early. What has to begin first (plan, approval, consent, window) is
 *              the stricter for it; what ends (an approval, a window, a consent) is not: a slow
 *              clock is believed.
 * A site:      records that open one (R23) do not ask this room: they count from when they come
 *              in.
 * Purity:      no clock of its own.
 */
#ifndef WEIR_COLLECTED_H
#define WEIR_COLLECTED_H

#include "common/base/base.h"

#define COLLECTED_AHEAD_MAX_S ((int64_t)15 * 60)
#define COLLECTED_FIRST_S     ((int64_t)1735689600) /* 2025-01-01T00:00:00Z */

enum collected_word {
	COLLECTED_UNSAID = 0,
	COLLECTED_SAID,
	COLLECTED_UNREAD, /* what is said is no day and no time */
	COLLECTED_AHEAD,  /* it is later than now */
	COLLECTED_LOST,   /* it is before COLLECTED_FIRST_S, by a clock */
};

struct collected {
	int64_t at_s;
	enum collected_word word;
};

/* By a client's clock. text: as zone.h reads a moment; NULL or blank: it does not say. */
struct collected collected_by_clock(const char *text, const char *zone, int64_t now_s);
/* As a person wrote it down, who may say any day that has begun. */
struct collected collected_by_hand(const char *text, const char *zone, int64_t now_s);

#endif
