/* packrows - the study pack that a manifest names, out of the documents in the vault.
 *
 * Always true: every document has the hash and length that the manifest names.
 * Errors:      E_NOTFOUND a document is not there; E_AUTH it is not what the manifest names;
 *              E_FORMAT with the first fault of the pack; those of vault.h.
 */
#ifndef WEIR_HUB_PACKROWS_H
#define WEIR_HUB_PACKROWS_H

#include "common/codec/wire_study.h"
#include "common/study/pack.h"

#include "hub/vault.h"

#define PACKROWS_NUMBER_BYTES 8

/* gives the pack. */
CHECKED enum err packrows_load(
	struct pack **ret, struct vault_txn *t, const struct wire_manifest *m);

/* The key of a manifest in MANIFESTS, from its number, and back; 0 if it is none. */
void packrows_key(uint8_t ret[static PACKROWS_NUMBER_BYTES], uint64_t number);
uint64_t packrows_number(struct view key);

/* The leaf of the act that put a manifest in force. Row: META "manifest-leaf-NUMBER" ->
 * version u8 | leaf u64; 0 where there is none. */
CHECKED enum err packrows_put_leaf(struct vault_txn *t, uint64_t number, uint64_t leaf);
CHECKED enum err packrows_leaf(struct vault_txn *t, uint64_t number, uint64_t *ret);

#endif
