/* namebook_inside - what the files of the names store share (namebook.h). */
#ifndef WEIR_NODE_NAMEBOOK_INSIDE_H
#define WEIR_NODE_NAMEBOOK_INSIDE_H

#include "common/store/store.h"

#include "node/namebook.h"

#define NAMEBOOK_PLAIN_MAX_BYTES ((size_t)2 * NAMEBOOK_PAD_BYTES) /* before it is looked at */
#define NAMEBOOK_VALUE_MAX_BYTES (NAMEBOOK_PAD_BYTES + AEAD_EXTRA_BYTES + 1)

enum namebook_table { NAMEBOOK_LOCKS, NAMEBOOK_PEOPLE, NAMEBOOK_MARKS };

struct namebook {
	struct store *store;
	struct secret *key;  /* of whoever keeps the keys */
	struct secret *rows; /* K */
	struct buf plain;    /* of the person that was lent last */
	struct namebook_damage damage;
};

/* The id that a key's lock stands under. */
void namebook_key_id(uint8_t ret[static ID_BYTES], struct secret *key);
/* The id of the person whose code this is, under these rows. */
void namebook_id(uint8_t ret[static ID_BYTES], struct secret *rows, struct view code);
/* Adds the value of a row. */
CHECKED enum err namebook_seal(struct buf *out, const uint8_t id[static ID_BYTES],
	const struct name *p, struct secret *rows);
/* Opens a row into the room for what is lent. */
CHECKED enum err namebook_open_row(
	struct namebook *n, struct view id, struct view value, struct name *ret);

/* Forgets what damage was met; notes a row that does not open. */
void namebook_begin_walk(struct namebook *n);
void namebook_note_damage(struct namebook *n, struct view id);

CHECKED enum err namebook_lock(struct store_txn *t, struct secret *key, struct secret *rows);
/* Finds the rows' key by n->key; E_NOTFOUND no lock is for it. */
CHECKED enum err namebook_unlock(struct namebook *n, struct store_txn *t);

/* Something is about to be deleted; after the commit the file is written anew. */
CHECKED enum err namebook_mark_compact(struct store_txn *t);
CHECKED enum err namebook_compact(struct namebook *n);
/* The same when a process before this one did not get to it. */
CHECKED enum err namebook_finish_compact(struct namebook *n);

#endif
