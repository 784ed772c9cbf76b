/* keys - secrets in files under a passphrase.
 *
 * Always true: a key file is 0600 and written whole or not at all.
 *              keys_write() never replaces a file; keys_rewrite() says by its name that it
 *              does.
 * On disk:     "weir-key-v1" 11 bytes | kind u8 length, text | cost u8 (enum kdf_cost) |
 *              salt 16 | u32 length of the next | nonce 24, ciphertext, tag 16 | check 8
 *              The key is Argon2id(passphrase, salt, cost); the AAD is every byte before the
 *              nonce.
 *              check: the first bytes of BLAKE2b-256 over everything before it, personal
 *              weir-keyfile-v1. It tells a damaged file from a wrong passphrase; it proves
 *              nothing.
 * Kinds:       a word that the caller chooses (person, root, writer, review, ...): a file of
 *              one kind is not read as another.
 * Errors:      E_AUTH "wrong passphrase for PATH"; E_FORMAT damaged, or of another kind;
 *              E_CONFLICT a file is there; E_NOTFOUND; E_FULL no memory for the derivation;
 *              E_IO.
 * It can hurt: moderate cost takes 256 MiB and about a second. The file is as strong as the
 *              passphrase.
 */
#ifndef WEIR_KEYS_H
#define WEIR_KEYS_H

#include "common/trust/crypto.h"

#define KEYS_KIND_MAX_BYTES    32
#define KEYS_PAYLOAD_MAX_BYTES 65536

CHECKED enum err keys_write(const char *path, const char *kind, struct view payload,
	struct secret *passphrase, enum kdf_cost cost);
/* Replaces what is there, for a new passphrase or another payload. */
CHECKED enum err keys_rewrite(const char *path, const char *kind, struct view payload,
	struct secret *passphrase, enum kdf_cost cost);
/* gives the payload. */
CHECKED enum err keys_read(
	struct secret **ret, const char *path, const char *kind, struct secret *passphrase);

/* The same in memory: adds to out what would be in the file; gives the payload of one that is
 * called `path` in words. */
CHECKED enum err keys_seal(struct buf *out, const char *kind, struct view payload,
	struct secret *passphrase, enum kdf_cost cost);
CHECKED enum err keys_unseal(struct secret **ret, struct view file, const char *path,
	const char *kind, struct secret *passphrase);

#endif
