/* hub_node - a node as the hub's tests need one: keys, chains of entries, rules parts. */
#ifndef WEIR_TESTS_HUB_NODE_H
#define WEIR_TESTS_HUB_NODE_H

#include "common/codec/wire_rules.h"
#include "common/codec/wire_sync.h"
#include "common/trust/entry.h"
#include "hub/arrival.h"
#include "hub/standing.h"
#include "hub/writer.h"
#include "tests/unit/hub_place.h"

#define NODE_LANE_COUNT   32
#define NODE_CAPTURED_S   (PLACE_NOW_S - 3600)
#define NODE_FORM         "attitudes"
#define NODE_FORM_VERSION "1"

struct node_entry {
	struct buf header, part;
	uint8_t kind;
	uint8_t hash[HASH_BYTES];
};

struct fake_node {
	struct writer writer;
	struct secret *sign, *box;
	struct node_entry lanes[LANE_COUNT][NODE_LANE_COUNT];
	size_t count[LANE_COUNT];
	uint32_t incarnation;
	uint8_t link[LANE_COUNT][HASH_BYTES]; /* what the first entry of a lane stands on */
	uint8_t repeats[HASH_BYTES];          /* of the next entry that is added */
};

/* Keys of its own, known to the hub as a node of this site. */
struct fake_node *node_new(struct hub_place *p, const char *site);
void node_free(struct fake_node *n);
/* Forgets all entries, as a node does that was restored from nothing. */
void node_wipe(struct fake_node *n);
/* Goes on in a later incarnation with empty lanes behind these ends. */
void node_rebase(struct fake_node *n, uint32_t incarnation, uint32_t base_incarnation,
	const struct sync_mark base[static LANE_COUNT]);
/* One more entry with one part. */
struct node_entry *node_add(
	struct fake_node *n, enum lane lane, uint8_t kind, struct view part);
void node_add_rules(struct fake_node *n, enum lane lane, const struct wire_rules *r);
struct sync_entry node_entry(const struct fake_node *n, uint8_t lane, uint64_t seq);
struct sync_mark node_mark(const struct fake_node *n, uint8_t lane);
void node_sign_head(const struct fake_node *n, uint8_t lane, uint64_t seq,
	uint8_t ret[static SIGNATURE_BYTES]);
/* A person's answer to a form, as far as rules see it. The number names person and instance. */
struct wire_rules node_record(uint8_t person, uint8_t instance);
struct wire_rules node_consent(uint8_t person, uint8_t instance);

#endif
