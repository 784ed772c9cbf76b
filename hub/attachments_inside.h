/* attachments_inside - what the files of attachments share; nobody else includes this.
 *
 * attachments: files that are named, asked for, kept and counted. attachments_settle: records
 * that wait for a file that is whole. attachments_drop: what erasures take.
 * attachments_row: keys and rows.
 */
#ifndef WEIR_HUB_ATTACHMENTS_INSIDE_H
#define WEIR_HUB_ATTACHMENTS_INSIDE_H

#include "hub/attachments.h"

#define ATTACHMENTS_KEY_MAX_BYTES (1 + HASH_BYTES + PLACE_KEY_BYTES)

struct attachment {
	uint32_t count, have; /* pieces */
	uint64_t bytes;       /* of those that are here */
};

/* Begins the key: kind, then a root or writer of HASH_BYTES. */
void attachments_key(struct buf *key, char kind, const uint8_t *id);
/* The same of a place; root: NULL for none. */
void attachments_place_key(
	struct buf *key, char kind, const uint8_t *root, const struct place *p);
CHECKED enum err attachments_get(
	struct vault_txn *t, const uint8_t root[static HASH_BYTES], struct attachment *ret);
CHECKED enum err attachments_put(
	struct vault_txn *t, const uint8_t root[static HASH_BYTES], const struct attachment *f);

/* Some of the records that wait for this whole file; it is in the list as long as there are
 * more. */
CHECKED enum err attachments_finish(struct vault_txn *t, const uint8_t *root);

#endif
