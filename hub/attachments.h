/* attachments - the sealed files that records name by their root, piece by piece as they come.
 *
 * Rows:        FILES  'r' root:32          -> version u8 | count u32 | have u32 | bytes u64
 *                     'c' writer:32        -> version u8 | cursor u64: files it named so far
 *                     'w' writer:32 u64    -> root:32. Named by a record of this writer, under
 *                                             the cursor it got, and not whole yet
 *                     'n' root:32 place    -> empty. This record waits for that file
 *                     'i' place            -> empty. This record lacks a file
 *                     'd' root:32          -> empty. Whole, and not all that wait know it yet
 *              CHUNKS root:32 index u32    -> sealed chunk, at most 64 KiB and 40 bytes
 * Always true: a chunk is there only with those before it, under the root that its record
 *              names; the session has checked it (common/sync/lane_proof). A record with 'i' is
 *              not aggregated. A file that two records name is kept once.
 *              However many records name a file, a turn looks at ATTACHMENTS_TURN_COUNT of them
 *              when it is whole; the rest follows, so many a tick.
 *              A record whose roots part is damaged here is passed over, and looked at again
 *              when its node has sent it anew.
 *              A roots part that is not of its form leaves its record incomplete for good.
 * Errors:      those of vault.h; E_CONFLICT a chunk that leaves out others.
 */
#ifndef WEIR_HUB_ATTACHMENTS_H
#define WEIR_HUB_ATTACHMENTS_H

#include "common/sync/lane_place.h"

#include "hub/place.h"

#define ATTACHMENTS_TURN_COUNT 256

/* A record came that names these files. */
CHECKED enum err attachments_named(
	struct vault_txn *t, const struct place *p, struct view roots_part);
/* The writer's first file behind this cursor that lacks chunks; count 0: there is none. */
CHECKED enum err attachments_next(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], uint64_t cursor, struct lane_file *ret);
/* The next chunk of a file: `file` has root and next. */
/* One that is there already changes nothing. */
CHECKED enum err attachments_keep(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], const struct lane_file *file,
	struct view chunk);

/* What there is of a file that some record names: root, next, count. E_NOTFOUND. */
CHECKED enum err attachments_of(
	struct vault_txn *t, const uint8_t root[static HASH_BYTES], struct lane_file *ret);
/* Forgets of the writer's files that are waited for those that came whole by another way. */
CHECKED enum err attachments_sweep(
	struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES]);

/* The record at this place is erased: nothing waits for its files, and nothing says it lacks
 * one. */
CHECKED enum err attachments_unnamed(struct vault_txn *t, const struct place *p);
/* Goes on with records that wait for a file that is whole; bounded, call it each tick. */
CHECKED enum err attachments_settle(struct vault_txn *t);
/* The record at this place was damaged, and its node has sent it again. */
CHECKED enum err attachments_mended(struct vault_txn *t, const struct place *p);
/* The file and all its chunks. */
CHECKED enum err attachments_drop(struct vault_txn *t, const uint8_t root[static HASH_BYTES]);

CHECKED enum err attachments_lacks(struct vault_txn *t, const struct place *p, bool *ret);
struct attachments_count {
	uint64_t records; /* that lack a file */
	uint64_t files;   /* that are not whole */
};
/* Of one writer. */
CHECKED enum err attachments_counts(struct vault_txn *t,
	const uint8_t writer[static SIGN_PUBLIC_BYTES], struct attachments_count *ret);

#endif
