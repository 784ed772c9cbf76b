/* ingest_line - a node's session machine and the hub's ingest, with the line between them in
 * memory. */
#ifndef WEIR_TESTS_INGEST_LINE_H
#define WEIR_TESTS_INGEST_LINE_H

#include "common/codec/json.h"
#include "common/sync/lane_node.h"
#include "common/trust/leaf.h"
#include "hub/ingest.h"
#include "tests/unit/hub_node.h"

#define INBOX_COUNT 64

struct line {
	struct hub_place *place;
	struct fake_node *node;
	struct lane_node lane;
	struct lane_actions actions;
	struct ingest *ingest;
	struct buf inbox[INBOX_COUNT]; /* frames from the hub, sealed */
	size_t inbox_count;
	struct wire_arena arena;
	struct sync_entry entries[SYNC_BATCH_MAX_COUNT];
	struct buf config; /* bytes of the manifest as they came */
	struct sync_offer offered;
	bool has_config;
	struct sync_receipt receipts[LANE_COUNT];
	size_t close_count;
	size_t taken_count;           /* entries that a refill or a repair brought */
	struct lane_chain chain;      /* of the node, once it was rebased */
	uint8_t token[WIRE_ID_BYTES]; /* as a node keeps it */
	int64_t mono_ms;
	bool mute; /* turns are not committed by pump() */
};

enum err line_feed_as(
	struct line *l, const uint8_t key[static BOX_PUBLIC_BYTES], struct view bytes);
void line_end_turn(struct line *l);
void line_fail_turn(struct line *l);
void line_publish(struct line *l);
void line_step(struct line *l, const struct lane_event *first);
/* Hand over what is on the way until nothing is. */
void line_pump(struct line *l);
void line_start_node(struct line *l);
void line_connect(struct line *l);
void line_lose(struct line *l);
void line_add_one_person(struct line *l, uint8_t person);
void line_restart_ingest(struct line *l);
int line_make(void **state);
int line_drop(void **state);
uint64_t line_rows(struct line *l, enum vault_table table);
struct standing line_standing_of(struct line *l);
/* The newest leaf. */
void line_last_leaf(struct line *l, struct leaf *ret, struct json **ret_tree);

#endif
