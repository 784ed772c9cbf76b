/* hubclock - what time it is at the hub, as far as this node can tell: its last day
 * (sync_terms.h) is one of the hub's clock.
 *
 * Row:         META "hub-time" -> seen u64 s | gap u64 s, two's complement
 * Always true: by hubclock_now_s() no time goes by backwards, whatever the clock of this
 *              machine does, until the hub says itself what time it is: what is over stays
 *              over. While the node runs time goes by even when that clock stands still.
 * Heard:       the hub says its time in each greeting, fresh and signed: that counts, back,
 *              too, and with it by how much the clock here is off. What the hub signed some
 *              time ago (terms in a bundle) says that it is at least that late.
 * It can hurt: a clock that was set ahead by mistake makes what it touches seem over until the
 *              hub was heard or a bundle of it was read, because nothing here can tell it from
 *              time that went by. One that is set back while the node is switched off hides how
 *              long it was off.
 * Errors:      those of vault.h.
 */
#ifndef WEIR_NODE_HUBCLOCK_H
#define WEIR_NODE_HUBCLOCK_H

#include "node/vault.h"

struct hubclock {
	int64_t seen_s;   /* the latest time seen; 0: none */
	int64_t gap_s;    /* the hub's time less ours */
	int64_t since_ms; /* mono: when that was seen; 0: by another process */
	int64_t kept_s;   /* seen_s as it stands in the vault */
	int64_t kept_gap_s;
};

/* The clocks of this machine now. */
struct hubclock_here {
	int64_t wall_ms, mono_ms;
};
struct hubclock_here hubclock_here(void);

CHECKED enum err hubclock_open(struct hubclock *ret, struct vault *v);
/* Puts the row when it says something else by more than HUBCLOCK_KEEP_S. */
#define HUBCLOCK_KEEP_S 600
CHECKED enum err hubclock_keep(struct hubclock *c, struct vault *v);

/* A greeting: the hub's time is this now. */
void hubclock_heard(struct hubclock *c, int64_t hub_s, const struct hubclock_here *here);
/* The clock here is believed again, but for what the hub signed at hub_s. */
void hubclock_believe(struct hubclock *c, int64_t hub_s, const struct hubclock_here *here);

/* By the clock here alone: what comes from the hub is held against it. */
int64_t hubclock_guess_s(const struct hubclock *c, const struct hubclock_here *here);
/* The latest of that and of all that was seen; it is seen now. */
int64_t hubclock_now_s(struct hubclock *c, const struct hubclock_here *here);

#endif
