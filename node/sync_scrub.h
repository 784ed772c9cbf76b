/* sync_scrub - reads everything that is stored once more, a little at a time, and has what is
 * damaged sent again by the hub.
 *
 * Looks at:    each header and each part against its row's check and its hash, in the order of
 *              the chains. What was pruned is not missed.
 * Mends:       one entry at a time, of what the hub has, while the session is up; it is asked
 *              for again after SYNC_SCRUB_WAIT_S. An entry that the hub never had cannot be
 *              mended: it is counted for a person, who has to restore a backup.
 * Compares:    each SYNC_SCRUB_PROBE_TICKS seconds of a pass, and in a pass that was asked for
 *              each second, the hash of the entry looked at last with what the hub has there:
 *              two sides that differ are found, though each agrees with itself.
 * Pace:        a pass of its own takes `every_s`; one that was asked for goes as fast as a turn
 *              of SYNC_SCRUB_TURN_COUNT entries a tick allows.
 * Errors:      those of the vault but E_FORMAT, which is what it looks for.
 */
#ifndef WEIR_NODE_SYNC_SCRUB_H
#define WEIR_NODE_SYNC_SCRUB_H

#include "node/sync_link.h"

#define SYNC_SCRUB_TURN_COUNT    500
#define SYNC_SCRUB_DAMAGED_COUNT 256 /* kept in mind; of more the next pass knows */
#define SYNC_SCRUB_WAIT_S        30
#define SYNC_SCRUB_PROBE_TICKS   60

struct sync_scrub;
struct sync_scrub *sync_scrub_new(
	struct vault *v, struct sync_link *link, int64_t every_s); /* gives; every_s 0: never */
void sync_scrub_free(struct sync_scrub *s);
OWNER(sync_scrub)

/* Begin a pass now, at full pace. */
void sync_scrub_begin(struct sync_scrub *s);
/* Each second. */
CHECKED enum err sync_scrub_tick(struct sync_scrub *s, int64_t mono_ms);

struct sync_scrub_facts {
	bool running;          /* a pass, or mending what it found */
	uint64_t entries, all; /* looked at in this or the last pass, of how many */
	uint64_t damaged;      /* found in it */
	uint64_t mended;
	uint64_t lost; /* damaged, and never at the hub */
};
void sync_scrub_facts(const struct sync_scrub *s, struct sync_scrub_facts *ret);
/* Lends the name of the i-th entry that is damaged and that the hub never had; NULL behind the
 * last. */
const char *sync_scrub_lost(const struct sync_scrub *s, size_t i);

#endif
