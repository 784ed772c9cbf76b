/* names_inside - what the files of the names store share (names.h). */
#ifndef WEIR_NODE_NAMES_INSIDE_H
#define WEIR_NODE_NAMES_INSIDE_H

#include "common/store/store.h"

#include "node/names.h"

#define NAMES_PLAIN_MAX_BYTES ((size_t)2 * NAMES_PAD_BYTES) /* before it is looked at */
#define NAMES_VALUE_MAX_BYTES (NAMES_PAD_BYTES + AEAD_EXTRA_BYTES + 1)

enum names_table { NAMES_LOCKS, NAMES_PEOPLE, NAMES_MARKS };

struct names {
	struct store *store;
	struct secret *key;  /* of whoever keeps the keys */
	struct secret *rows; /* K */
	struct buf plain;    /* of the person that was lent last */
};

/* The id that a key's lock stands under. */
void names_key_id(uint8_t ret[static ID_BYTES], struct secret *key);
/* The id of the person whose code this is, under these rows. */
void names_id(uint8_t ret[static ID_BYTES], struct secret *rows, struct view code);
/* Adds the value of a row. */
CHECKED enum err names_seal(struct buf *out, const uint8_t id[static ID_BYTES],
	const struct name *p, struct secret *rows);
/* Opens a row into the room for what is lent. */
CHECKED enum err names_open_row(
	struct names *n, struct view id, struct view value, struct name *ret);

CHECKED enum err names_lock(struct store_txn *t, struct secret *key, struct secret *rows);
/* Finds the rows' key by n->key; E_NOTFOUND no lock is for it. */
CHECKED enum err names_unlock(struct names *n, struct store_txn *t);

/* Something is about to be deleted; after the commit the file is written anew. */
CHECKED enum err names_mark_compact(struct store_txn *t);
CHECKED enum err names_compact(struct names *n);
/* The same when a process before this one did not get to it. */
CHECKED enum err names_finish_compact(struct names *n);

#endif
