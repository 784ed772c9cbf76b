/* writer - the node installations that were admitted.
 *
 * Rows:        WRITERS  'w' public:32    -> version u8 | 5 keys of 32 | blob site | blob name |
 *                                          admitted u64 s | revoked u64 s (0: in force)
 *                       't' transport:32 -> public:32
 * Errors:      E_NOTFOUND, E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_WRITER_H
#define WEIR_HUB_WRITER_H

#include "hub/row.h"
#include "hub/vault.h"

/* A node installation that was admitted. */
struct writer {
	uint8_t public[SIGN_PUBLIC_BYTES];   /* Ed25519: the writer's name */
	uint8_t transport[BOX_PUBLIC_BYTES]; /* CURVE */
	uint8_t box[BOX_PUBLIC_BYTES];       /* X25519: what the ledger seals to */
	uint8_t review[BOX_PUBLIC_BYTES];    /* X25519: the site's review key, number 1 */
	uint8_t witness[SIGN_PUBLIC_BYTES];  /* Ed25519: cosignatures */
	char site[ROW_ID_BYTES];
	char name[ROW_TEXT_BYTES]; /* of the installation, as it gave it */
	int64_t admitted_s;
	int64_t revoked_s; /* 0: in force */
};

CHECKED enum err writer_put(struct vault_txn *t, const struct writer *w);
CHECKED enum err writer_get(struct vault_txn *t, const uint8_t public[static SIGN_PUBLIC_BYTES],
	struct writer *ret);
CHECKED enum err writer_by_transport(struct vault_txn *t,
	const uint8_t transport[static BOX_PUBLIC_BYTES], struct writer *ret);
typedef enum err writer_fn(void *arg, const struct writer *w);
CHECKED enum err writer_each(struct vault_txn *t, writer_fn *each, void *arg);

/* The fields of a writer inside another row. */
void writer_write(struct buf *b, const struct writer *w);
void writer_read(struct cursor *c, struct writer *ret);

#endif
