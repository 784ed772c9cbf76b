/* rowkey - a key that seals and opens many small values, such as the rows of a store.
 *
 * Algorithm:   XChaCha20-Poly1305 as aead_seal() and aead_open() of crypto.h do it, byte for
 *              byte: what one sealed the other opens. Nonces are series: 16 random bytes, then
 *              the value's number in the series, u64. XChaCha20 derives a key of its own from
 *              the 16; those of the series being sealed and of the one opened last are kept at
 *              hand, so that a short value does not cost another derivation.
 * Always true: key and derived keys live in locked memory and are wiped when freed.
 *              a failed opening adds nothing to its buffer.
 * Errors:      those of aead_open().
 * It can hurt: draw a series for each short piece of work. Who seals on with a copy (after
 *              fork(), from a snapshot of the machine) uses nonces again, which shows how
 *              values differ and lets others forge them.
 *              what is sealed or opened must not lie in the buffer it goes to.
 */
#ifndef WEIR_ROWKEY_H
#define WEIR_ROWKEY_H

#include "common/trust/crypto.h"

struct rowkey;

/* gives a key that stands at the beginning of a series; copies the bytes. */
struct rowkey *rowkey_new(const uint8_t key[static AEAD_KEY_BYTES]);
void rowkey_free(struct rowkey *k); /* wipes; NULL is fine */
OWNER(rowkey)

/* Begin another series. */
void rowkey_draw(struct rowkey *k);
/* Adds nonce, ciphertext, tag to out: AEAD_EXTRA_BYTES more than the value. */
void rowkey_seal(struct buf *out, struct view v, struct view aad, struct rowkey *k);
/* Adds the plain bytes to out; E_AUTH if key or context do not fit, or it was changed. */
CHECKED enum err rowkey_open(
	struct buf *out, struct view sealed, struct view aad, struct rowkey *k);

#endif
