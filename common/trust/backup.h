/* backup - the signed paper that lies beside a copied vault: what it is, whose, and how far.
 *
 * Directory:   DIR/vault/data.mdb   the copy (store_copy() of store.h)
 *              DIR/backup.json      canonical JSON: format "weir-backup-v2", kind ("node" or
 *                                   "hub"), study, by (public key), made_s, entries, leaves,
 *                                   root (of the log's tree; hub only), bytes, digest,
 *                                   vault_key (number; hub only, else 0), keyring: epoch,
 *                                   keys, digest (hub only, else zeros), heads:
 *                                   an array of writer, incarnation, lane, seq, head
 *              DIR/backup.sig       128 hex digits and a newline: Ed25519 by the node's writer
 *                                   key or the hub's receipt key over u32 length and bytes of
 *                                   "weir-backup-v2", then of backup.json
 *              digest: BLAKE2b-256 (personal "weir-backup-v2") over the digest so far (zeros
 *              at first) and a piece of 1 MiB, piece by piece
 * Always true: no key is in a backup.
 * Errors:      E_NOTFOUND "... is no backup"; E_AUTH signature or digest; E_CONFLICT another
 *              kind, study or installation; E_FORMAT.
 * It can hurt: who has the directory of a node has codes and pseudonyms in clear: keep it as
 *              the vault itself is kept.
 */
#ifndef WEIR_BACKUP_H
#define WEIR_BACKUP_H

#include "common/codec/wire.h"
#include "common/trust/crypto.h"

#define BACKUP_HEADS_MAX_COUNT 65536

struct backup_head {
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint32_t incarnation;
	uint8_t lane;
	uint64_t seq;
	uint8_t head[HASH_BYTES];
};

/* The keyring that lies beside a hub's vault; how it is digested says hub/keyring.h. */
struct backup_keyring {
	uint32_t epoch; /* 0: there is none */
	uint64_t keys;
	uint8_t digest[HASH_BYTES];
};

struct backup {
	char kind[8];
	char study[WIRE_NAME_BYTES];
	uint8_t by[SIGN_PUBLIC_BYTES];
	int64_t made_s;
	uint64_t entries, leaves;
	uint8_t root[HASH_BYTES];
	uint64_t bytes; /* of the data file; with the digest filled by the room */
	uint8_t digest[HASH_BYTES];
	uint32_t vault_key; /* that the rows of the hub's vault are sealed under */
	struct backup_keyring keyring;
	struct backup_head *heads;
	size_t head_count;
};

void backup_done(struct backup *b);
#define OWNED_BACKUP OWNED_BY(backup_done)
void backup_add_head(struct backup *b, const struct backup_head *h);
/* lends the head of this lane, or NULL. */
const struct backup_head *backup_head(const struct backup *b, const struct backup_head *of);

/* Reads the copied vault in `dir`, fills bytes and digest, writes both files. */
CHECKED enum err backup_sign(const char *dir, struct backup *b, struct secret *sign);

/* Fills ret, which begins as zeros, when signature, digest, kind, study and key fit. */
CHECKED enum err backup_read(
	struct backup *ret, const char *dir, const struct backup *expected);

#endif
