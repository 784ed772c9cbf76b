/* scrub - reads every entry at the hub once more, a little at a time, and has what is damaged
 * sent again by its node.
 *
 * Looks at:    lane by lane, in the order of writers and incarnations: the head; each header
 *              against its place and the entry before it, each part against its hash in the
 *              header; what lacks between the first entry and the head. At the end of a pass
 *              the number of entries against the heads.
 * Mends:       one entry of a node at a time, while its session is up: asked for again after
 *              SCRUB_WAIT_S. ingest_take() puts it in its place, and only if what stands beside
 *              it vouches for it. After SCRUB_ASKS_COUNT times a person has to know: the node
 *              may have lost it, too.
 * Compares:    each SCRUB_PROBE_TICKS seconds of a pass the entry looked at last with its
 *              node's, so that two sides that differ silently are found; in a pass that was
 *              asked for each second.
 * Pace:        a pass of its own takes `every_s`; one that was asked for goes as fast as
 *              SCRUB_TURN_COUNT entries a second.
 * Leaves:      damage-found, of actor "ledger", once per node and pass; entries-repaired when
 *              they are back (ingest_take()).
 * Errors:      those of the vault but E_AUTH and E_FORMAT, which are what it looks for.
 * It can hurt: a part that is missing counts as damaged, and is asked for again: what erases
 *              parts has to be asked here, and in ingest_take(), whether it erased this one.
 *              other tables than entries, parts and heads no node has: `weir-hub check
 *              --read-data` reads them. What is known of damage is forgotten when the ledger
 *              ends: the next pass finds it again.
 */
#ifndef WEIR_HUB_SCRUB_H
#define WEIR_HUB_SCRUB_H

#include "hub/place.h"

struct hub;
struct ingest;
struct scrub;

#define SCRUB_TURN_COUNT    1000
#define SCRUB_DAMAGED_COUNT 1024 /* kept in mind; of more the next pass knows */
#define SCRUB_WAIT_S        30
#define SCRUB_ASKS_COUNT    3
#define SCRUB_PROBE_TICKS   60

/* gives; h and g are lent. every_s 0: only when it is asked for. */
struct scrub *scrub_new(struct hub *h, struct ingest *g, int64_t every_s);
void scrub_free(struct scrub *s);
OWNER(scrub)

/* Begin a pass now, at full pace; in the next tick. */
void scrub_begin(struct scrub *s);
/* Each second, in a turn. */
CHECKED enum err scrub_tick(struct scrub *s, int64_t mono_ms);

struct scrub_facts {
	bool running;          /* a pass, or mending what it found with nodes that are there */
	uint64_t entries, all; /* looked at in this or the last pass, of how many */
	uint64_t damaged;      /* entries and heads found in it */
	uint64_t mended;
	bool is_count_wrong; /* there are other entries than the heads name */
};
void scrub_facts(const struct scrub *s, struct scrub_facts *ret);

/* What is damaged of one node and not mended. */
struct scrub_node {
	uint64_t waits;              /* it is asked for again when the node is there */
	uint64_t failed;             /* the node was asked, and it did not come */
	uint64_t heads;              /* no node can send them */
	char name[PLACE_NAME_BYTES]; /* of the first of them */
};
void scrub_of(const struct scrub *s, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	struct scrub_node *ret);

#endif
