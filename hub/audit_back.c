#include "hub/audit_back.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/log.h"
#include "common/trust/merkle.h"
#include "common/trust/tile.h"

#include "hub/leafhashes.h"
#include "hub/recovery.h"

#define INDEX_BYTES 8

struct back {
	struct vault_txn *txn;
	struct merkle tree;
	struct leafhashes hashes;
	struct recovery recovery;
	struct buf bundle;
};

static void
back_done(struct back *b)
{
	vault_txn_free(b->txn);
	recovery_done(&b->recovery);
	buf_done(&b->bundle);
}

static enum err
grow(void *arg, const uint8_t hash[static HASH_BYTES])
{
	struct back *b = arg;
	merkle_append(&b->tree, hash);
	return OK;
}

static enum err
put_leaf(struct back *b, struct view leaf)
{
	uint8_t key[INDEX_BYTES], hash[HASH_BYTES];
	bytes_put_u64(key, b->tree.size);
	merkle_leaf(hash, leaf);
	enum err e = vault_put_new(b->txn, VAULT_LEAVES, view_of(key, sizeof(key)), leaf);
	if (!e)
		e = leafhashes_add(&b->hashes, b->txn, hash);
	if (!e)
		e = recovery_leaf(&b->recovery, b->txn, leaf);
	merkle_append(&b->tree, hash);
	return e;
}

/* The bundle in which the next leaf lies, from that leaf on. */
static enum err
put_bundle(struct back *b, const char *log_dir, uint64_t upto)
{
	uint64_t n = b->tree.size / TILE_HASHES_COUNT, first = n * TILE_HASHES_COUNT;
	unsigned width = (unsigned)MIN(upto - first, (uint64_t)TILE_HASHES_COUNT);
	buf_reset(&b->bundle);
	enum err e = tile_read_bundle(&b->bundle, log_dir, n, width);
	if (e)
		return fail_in(e, "the vault is older than the journal, and the log lacks what "
				  "came after it");
	struct cursor c = cursor_of(buf_view(&b->bundle));
	for (uint64_t i = first; !e && i < first + width; i++) {
		struct view leaf = tile_next_entry(&c);
		if (c.broken)
			return fail(E_FORMAT, "a bundle of the log is damaged");
		if (i == b->tree.size)
			e = put_leaf(b, leaf);
	}
	return e;
}

static enum err
put_back(struct back *b, const char *log_dir, const struct note_checkpoint *last)
{
	uint8_t root[HASH_BYTES];
	enum err e = recovery_begin(&b->recovery, b->txn);
	b->recovery.leaves_vault = b->tree.size;
	leafhashes_set(&b->hashes, b->tree.size);
	while (!e && b->tree.size < last->size)
		e = put_bundle(b, log_dir, last->size);
	if (!e)
		e = leafhashes_keep(&b->hashes, b->txn);
	if (e)
		return e;
	merkle_root(root, &b->tree);
	if (memcmp(root, last->root, sizeof(root)) != 0)
		return fail(E_FORMAT, "an older vault was put in place, and its leaves or the "
				      "log's bundles are not those of the journal's last "
				      "checkpoint; show this to a person");
	return recovery_keep(&b->recovery, b->txn);
}

enum err
audit_back(struct vault *v, const char *log_dir, const struct note_checkpoint *last,
	bool *ret_back)
{
	OWNED_BY(back_done) struct back b = {.txn = NULL};
	*ret_back = false;
	buf_init(&b.bundle, TILE_BUNDLE_MOST_BYTES);
	enum err e = vault_begin_reserve(&b.txn, v);
	if (!e)
		e = leafhashes_each(b.txn, grow, &b);
	if (e || b.tree.size >= last->size)
		return e;
	if (b.tree.size == 0)
		return fail(E_FORMAT,
			"the vault is empty and the journal holds a checkpoint over %" PRIu64
			" leaves: an older vault was put in place; restore a backup",
			last->size);
	e = put_back(&b, log_dir, last);
	if (e)
		return e;
	log_warn("ledger",
		"the vault is older than the journal: %" PRIu64
		" leaves were read back from the log, the hub is in recovery",
		b.recovery.leaves_back);
	struct vault_txn *t = b.txn;
	b.txn = NULL;
	*ret_back = true;
	return vault_commit(t);
}
