/* sync_late - keys in lane C that came to the hub when the number of its intake key that they
 * are wrapped for was destroyed already.
 *
 * When:        a node that has no word with the hub for longer than SYNC_KEPT_DAYS goes on
 *              sealing for the number it knows. Which keys came too late is known here: a
 *              number goes when this node has said that it is done with it and all of that is
 *              at the hub (then none is late), or SYNC_KEPT_DAYS after a newer one was told;
 *              late is what was not at the hub before that day, or before the day on which the
 *              manifest was made that names the number no more. Of a day in doubt all is taken:
 *              a key that is wrapped again in vain opens as before.
 * Rows:        META "late-days" -> count u32, count x (day u32, incarnation u32, seq u64): how
 *              far lane C was at the hub by receipt at the end of a day on which that changed;
 *              the newest DAYS_COUNT
 *              META "late" -> first u32 | incarnation u32 | from u64 | to u64 | by site u32 |
 *              by nobody u32: numbers below first were looked at; what may be late stands
 *              behind `from`, up to `to`, in lane C of that incarnation; how many keys of it
 *              the desk can wrap again, and how many nobody can open
 * Errors:      those of the vault.
 */
#ifndef WEIR_NODE_SYNC_LATE_H
#define WEIR_NODE_SYNC_LATE_H

#include "node/sync_kept.h"

struct sync_late {
	uint32_t first;
	uint32_t incarnation;
	uint64_t from, to;
	uint32_t by_site, by_nobody;
};
CHECKED enum err sync_late_get(struct vault *v, struct sync_late *ret);

/* Each second: behind sync_kept_tick(). made_s: of the manifest in force. */
CHECKED enum err sync_late_tick(const struct sync_judge *j, int64_t made_s);
/* Looks anew at what is left to wrap again; puts the row. */
CHECKED enum err sync_late_count(const struct sync_judge *j);

/* One that is to be wrapped again; lent for the call. id: of the entry whose wrap it is, which
 * is the key's own or that in which it was wrapped again last. */
struct sync_late_key {
	uint8_t id[ID_BYTES];
	uint8_t participant[ID_BYTES];
	struct view study, site; /* site empty: nobody can open it */
};
typedef enum err sync_late_fn(void *arg, const struct sync_late_key *k);
/* Those behind this place, `count` entries of the lane at most; *ret_seq: where it ended, 0: at
 * the end. */
CHECKED enum err sync_late_each(const struct sync_judge *j, uint64_t after, uint64_t count,
	sync_late_fn *each, void *arg, uint64_t *ret_seq);

#endif
