/* bundle_parcel - a bundle of the example node, handed to the ledger frame by frame. */
#ifndef WEIR_TESTS_BUNDLE_PARCEL_H
#define WEIR_TESTS_BUNDLE_PARCEL_H

#include "hub/bundles.h"
#include "tests/unit/ingest_line.h"

#define FRAMES_MAX_COUNT 8

struct parcel {
	struct bundle_claim claim;
	struct buf boxes[FRAMES_MAX_COUNT];
	enum bundle_kind kinds[FRAMES_MAX_COUNT];
	size_t count;
};

void parcel_drop(struct parcel *p);
void parcel_add_box(struct parcel *p, struct line *l, enum bundle_kind kind, struct view plain);
void parcel_begin_at(struct parcel *p, struct line *l, uint64_t config);
void parcel_begin(struct parcel *p, struct line *l);
void parcel_add_run(
	struct parcel *p, struct line *l, uint8_t lane, uint64_t first, uint64_t last);
void parcel_sign(struct parcel *p, struct line *l);
void parcel_add_batch(struct parcel *p, struct line *l, uint8_t lane, uint64_t first);
void parcel_pack_all(struct parcel *p, struct line *l);
enum err parcel_ask(struct line *l, struct bundles *b, enum hub_verb verb, struct view fields,
	struct buf *out);
enum err parcel_open(struct line *l, struct bundles *b, const struct parcel *p);
enum err parcel_give(struct line *l, struct bundles *b, const struct parcel *p, size_t i);
enum err parcel_import(
	struct line *l, struct bundles *b, const struct parcel *p, struct buf *out);
enum err parcel_import_all(struct line *l);
#define OWNED_PARCEL OWNED_BY(parcel_drop)

#endif
