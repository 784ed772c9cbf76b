/* crypto - the only room that knows libsodium: hashing, signing, sealing, locked memory.
 *
 * Always true: secret halves live in struct secret (sodium_malloc: guard pages, locked, wiped
 *              when freed); nothing here copies one anywhere else.
 *              a failed opening adds nothing to its buffer and gives no secret.
 * Algorithms:  hash BLAKE2b-256 (RFC 7693) with a 16-byte personal string; sha256 (FIPS 180-4)
 *              for the log; signatures Ed25519 (RFC 8032); sealed boxes X25519 +
 *              XSalsa20-Poly1305 with an ephemeral sender (libsodium crypto_box_seal); AEAD
 *              XChaCha20-Poly1305-IETF with a 24-byte nonce in front, random in all its bytes
 *              or in 16 of them; passphrases Argon2id (RFC 9106).
 * Errors:      E_AUTH when a signature, tag, box or passphrase does not fit.
 *              E_FULL when a buffer's maximum or the memory for a passphrase does not suffice.
 * It can hurt: crypto_init() has to come first in every program and test.
 *              each struct secret costs four pages and three mappings: have hundreds at most.
 *              what is sealed or opened must not lie in the buffer it goes to.
 */
#ifndef WEIR_CRYPTO_H
#define WEIR_CRYPTO_H

#include "common/codec/bytes.h"

#define HASH_BYTES        32
#define SIGN_PUBLIC_BYTES 32
#define SIGN_SECRET_BYTES 64
#define SIGN_SEED_BYTES   32
#define SIGNATURE_BYTES   64
#define BOX_PUBLIC_BYTES  32
#define BOX_SECRET_BYTES  32
#define BOX_EXTRA_BYTES   48 /* a sealed box is this much longer than what it holds */
#define AEAD_KEY_BYTES    32
#define AEAD_EXTRA_BYTES  40 /* nonce 24 in front, tag 16 behind */
#define ID_BYTES          16 /* pseudonyms, instances, sessions: random or hashed 128-bit ids */

CHECKED enum err crypto_init(void);

/* Locked memory for secrets. */
struct secret;
struct secret *secret_new(size_t len); /* gives zeros */
struct secret *secret_copy(const void *at, size_t len);
void secret_free(struct secret *s);      /* wipes; NULL is fine */
uint8_t *secret_bytes(struct secret *s); /* lent as long as s lives */
size_t secret_len(const struct secret *s);
struct view secret_view(struct secret *s);
OWNER(secret)
#define OWNED_SECRET OWNED(secret)
void crypto_wipe(void *at, size_t len);
/* Wipes and releases a buffer; what growing left behind stays: see buf_reserve(). */
void buf_wipe(struct buf *b);
#define OWNED_WIPED OWNED_BY(buf_wipe)
bool crypto_same(const void *a, const void *b, size_t len); /* constant time */

void crypto_random(void *ret, size_t len);

/* BLAKE2b-256 over the parts in order. personal: at most 16 characters, filled with zeros; may
 * be NULL. key: 32 bytes, or NULL. (libsodium has a crypto_hash of its own, hence the name.) */
void crypto_hash_many(uint8_t ret[static HASH_BYTES], const char *personal, const uint8_t *key,
	const struct view *parts, size_t count);
void crypto_hash_one(uint8_t ret[static HASH_BYTES], const char *personal, struct view v);
/* BLAKE2b-128 with the same words; for ids. */
void crypto_hash_id(uint8_t ret[static ID_BYTES], const char *personal, const uint8_t *key,
	const struct view *parts, size_t count);
void crypto_sha256(uint8_t ret[static HASH_BYTES], const struct view *parts, size_t count);

/* Ed25519. The secret is SIGN_SECRET_BYTES long. */
void sign_keypair(uint8_t ret_public[static SIGN_PUBLIC_BYTES], struct secret **ret_secret);
void sign_from_seed(uint8_t ret_public[static SIGN_PUBLIC_BYTES], struct secret **ret_secret,
	const uint8_t seed[static SIGN_SEED_BYTES]);
void sign_public(uint8_t ret_public[static SIGN_PUBLIC_BYTES], struct secret *secret);
void sign_make(uint8_t ret[static SIGNATURE_BYTES], struct view message, struct secret *secret);
CHECKED bool sign_check(const uint8_t signature[static SIGNATURE_BYTES], struct view message,
	const uint8_t public[static SIGN_PUBLIC_BYTES]);

/* X25519 sealed boxes. The secret is BOX_SECRET_BYTES long. */
void box_keypair(uint8_t ret_public[static BOX_PUBLIC_BYTES], struct secret **ret_secret);
void box_from_seed(uint8_t ret_public[static BOX_PUBLIC_BYTES], struct secret **ret_secret,
	const uint8_t seed[static 32]);
void box_public(uint8_t ret_public[static BOX_PUBLIC_BYTES], struct secret *secret);
/* Adds v.len + BOX_EXTRA_BYTES bytes to out; a public key of low order breaks out instead. */
void box_seal(struct buf *out, struct view v, const uint8_t public[static BOX_PUBLIC_BYTES]);
/* Adds the plain bytes to out; E_AUTH if the box is not for this key or was changed. */
CHECKED enum err box_open(struct buf *out, struct view sealed, struct secret *secret);
/* The same, straight into locked memory. */
CHECKED enum err box_open_secret(
	struct secret **ret, struct view sealed, struct secret *secret);
/* Like aead_open_into(). The public half is given: working it out takes as long as opening. */
CHECKED enum err box_open_into(struct secret *to, struct view sealed,
	const uint8_t public[static BOX_PUBLIC_BYTES], struct secret *secret);

/* XChaCha20-Poly1305: adds nonce, ciphertext, tag to out. key: AEAD_KEY_BYTES. */
void aead_seal(struct buf *out, struct view v, struct view aad,
	const uint8_t key[static AEAD_KEY_BYTES]);
/* The same with nonces of a series: 16 random bytes and a counter. Draw one for each short
 * piece of work, keep it nowhere: who seals on with a copy (after fork(), from a snapshot of
 * the machine) uses nonces again, which shows how values differ and lets others forge them. */
struct aead_series {
	uint8_t random[16];
	uint64_t count;
};
void aead_series_draw(struct aead_series *ret);
void aead_seal_next(struct buf *out, struct view v, struct view aad,
	const uint8_t key[static AEAD_KEY_BYTES], struct aead_series *series);
CHECKED enum err aead_open(struct buf *out, struct view sealed, struct view aad,
	const uint8_t key[static AEAD_KEY_BYTES]);
/* The same, straight into locked memory. */
CHECKED enum err aead_open_secret(struct secret **ret, struct view sealed, struct view aad,
	const uint8_t key[static AEAD_KEY_BYTES]);
/* The same into a secret that is there already; E_AUTH when what was sealed is not as long. It
 * holds zeros afterwards unless OK. */
CHECKED enum err aead_open_into(struct secret *to, struct view sealed, struct view aad,
	const uint8_t key[static AEAD_KEY_BYTES]);

/* Argon2id cost. It stands in the key file; `moderate` is the default. */
enum kdf_cost { KDF_INTERACTIVE = 1, KDF_MODERATE = 2 };
#define KDF_SALT_BYTES 16
CHECKED enum err crypto_kdf(struct secret **ret, struct secret *passphrase,
	const uint8_t salt[static KDF_SALT_BYTES], enum kdf_cost cost);
/* gives a 32-byte subkey: BLAKE2b keyed with `key` over name, personal "weir-subkey-v1". */
struct secret *crypto_subkey(struct secret *key, const char *name);

#endif
