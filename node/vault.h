/* vault - what a site keeps: sealed entries in chains, and what has to be known about them.
 *
 * Always true: one transaction a loop turn; nothing is kept before vault_commit() answered OK,
 *              and an entry, its parts, its instance, its person and its consent are in one
 *              transaction. the head of a lane is its last entry; numbers are dense from 1;
 *              hashes chain. each incarnation follows where the one before it here ends.
 * On disk:     DIR/vault (common/store); place = incarnation u32 | lane u8 | seq u64;
 *              big-endian. every value: version u8 = 1 | content | check 8 (first bytes of
 *              BLAKE2b-256, personal weir-site-row-v1, over table number u8, u32 length of the
 *              key, key, content)
 *              entries    place -> header          parts      place | kind u8 -> bytes
 *              heads      incarnation | lane -> seq u64 | hash 32 (of every incarnation)
 *              marks      lane -> durable u64 | by receipt u64 | retained u64 | blob receipt;
 *                         incarnation | lane -> pruned up to u64
 *              aside      see vault_rebase.h
 *              and the tables of vault_tables.h
 * Errors:      E_FORMAT "the vault is damaged: ..." changes nothing: restore or call for help.
 *              E_CONFLICT it belongs to another installation. E_FULL no room. E_NOTFOUND.
 *              after E_IO of a commit the process has to end and open anew.
 * It can hurt: what a get lends ends with the next put or the end of the transaction.
 */
#ifndef WEIR_NODE_VAULT_H
#define WEIR_NODE_VAULT_H

#include "common/sync/lane_event.h"
#include "common/trust/entry.h"

#include "node/vault_tables.h"

#define VAULT_META_TOKEN    "token"    /* session token, 16 bytes */
#define VAULT_META_MANIFEST "manifest" /* SignedManifest in force */
#define VAULT_META_CONTACT  "contact"  /* wall seconds u64 of the last word from the hub */

struct vault_config {
	const char *dir; /* of the node; the store is DIR/vault */
	const char *study;
	uint8_t writer[SIGN_PUBLIC_BYTES];
	const uint8_t *row_key; /* HASH_BYTES, of a vault that is made; NULL: random */
	size_t map_bytes;
	size_t floor_bytes;
	bool read_only; /* beside the writer; the vault has to be there */
};

/* gives; makes an empty vault with incarnation 1 where there is none. Heads
 * are checked against entries and counts. */
CHECKED enum err vault_open(struct vault **ret, const struct vault_config *c);
void vault_free(struct vault *v);
OWNER(vault)

/* Copies what was committed last to `dir`, which must not be there (store_copy()). */
CHECKED enum err vault_copy(struct vault *v, const char *dir);

/* The turn's transaction begins with the first need. Commit: OK too if there was nothing to
 * do. */
CHECKED enum err vault_commit(struct vault *v);
void vault_abort(struct vault *v);
bool vault_is_changed(const struct vault *v); /* in this turn, not committed yet */
/* E_FULL unless the usual limits leave room for so much; changes of participation need not
 * ask. */
CHECKED enum err vault_room(struct vault *v, size_t bytes);
struct vault_usage {
	size_t used_bytes;
	size_t limit_bytes;
	size_t disk_free_bytes;
};
CHECKED enum err vault_usage(struct vault *v, struct vault_usage *ret);
/* At least each minute. */
CHECKED enum err vault_tick(struct vault *v, int64_t mono_ms);

uint32_t vault_incarnation(const struct vault *v);   /* in use */
const uint8_t *vault_row_key(const struct vault *v); /* HASH_BYTES, lent */
/* The end of a lane: with what this turn appended, or as committed. */
struct sync_mark vault_head(const struct vault *v, enum lane lane);
struct sync_mark vault_committed(const struct vault *v, enum lane lane);
/* An incarnation as committed; false if there is none. The one above it, as committed or with
 * what this turn did: incarnation 0 gives the first. */
CHECKED bool vault_chain(const struct vault *v, uint32_t incarnation, struct lane_chain *ret);
CHECKED bool vault_chain_above(
	const struct vault *v, uint32_t incarnation, struct lane_chain *ret);
CHECKED bool vault_chain_now_above(
	const struct vault *v, uint32_t incarnation, struct lane_chain *ret);

/* Append one entry; parts with rising kinds. */
CHECKED enum err vault_append(struct vault *v, enum lane lane, const struct entry_part *parts,
	size_t count, struct sync_mark *ret);

struct vault_at {
	uint32_t incarnation;
	enum lane lane;
	uint64_t seq;
};
/* A place in the incarnation in use. */
struct vault_at vault_here(const struct vault *v, enum lane lane, uint64_t seq);
/* As rows have it: lane u8 | seq u64 | incarnation u32. */
void vault_at_write(struct buf *out, const struct vault_at *at);
CHECKED struct vault_at vault_at_read(struct cursor *c);
/* Adds header or part, checked against its hash; part: PART_... */
CHECKED enum err vault_header(struct vault *v, const struct vault_at *at, struct buf *out);
CHECKED enum err vault_part(
	struct vault *v, const struct vault_at *at, enum part_kind kind, struct buf *out);
/* The hash of an entry; E_NOTFOUND. */
CHECKED enum err vault_hash(
	struct vault *v, const struct vault_at *at, uint8_t ret[static HASH_BYTES]);
/* 3f2a91bc.1.R.17 */
#define VAULT_NAME_BYTES 48
void vault_name(
	const struct vault *v, const struct vault_at *at, char ret[static VAULT_NAME_BYTES]);

/* What the hub has of a lane. */
struct vault_mark {
	uint64_t durable;
	uint64_t at_hub;             /* by receipt */
	uint64_t retained;           /* in every backup that it may be restored from */
	struct sync_receipt receipt; /* incarnation 0: none */
};
CHECKED enum err vault_mark_get(struct vault *v, enum lane lane, struct vault_mark *ret);
CHECKED enum err vault_mark_put(struct vault *v, enum lane lane, const struct vault_mark *m);

#endif
