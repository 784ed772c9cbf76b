#include "common/trust/crypto.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define PERSONAL_BYTES   16
#define NONCE_BYTES      24
#define TAG_BYTES        16
#define KDF_KEY_BYTES    32
#define SUBKEY_MIN_BYTES 16
#define SUBKEY_MAX_BYTES 64

_Static_assert(crypto_generichash_blake2b_PERSONALBYTES == PERSONAL_BYTES, "personal");
_Static_assert(crypto_sign_SECRETKEYBYTES == SIGN_SECRET_BYTES, "signing secret");
_Static_assert(crypto_sign_PUBLICKEYBYTES == SIGN_PUBLIC_BYTES, "signing public");
_Static_assert(crypto_sign_BYTES == SIGNATURE_BYTES, "signature");
_Static_assert(crypto_sign_SEEDBYTES == SIGN_SEED_BYTES, "signing seed");
_Static_assert(crypto_box_SECRETKEYBYTES == BOX_SECRET_BYTES, "box secret");
_Static_assert(crypto_box_PUBLICKEYBYTES == BOX_PUBLIC_BYTES, "box public");
_Static_assert(crypto_box_SEALBYTES == BOX_EXTRA_BYTES, "sealed box");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == NONCE_BYTES, "nonce");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == TAG_BYTES, "tag");
_Static_assert(NONCE_BYTES + TAG_BYTES == AEAD_EXTRA_BYTES, "aead");
_Static_assert(sizeof(struct aead_series) == NONCE_BYTES, "series of nonces");
_Static_assert(crypto_pwhash_SALTBYTES == KDF_SALT_BYTES, "salt");

/* The frame is plain memory and says nothing; the bytes behind it are locked and guarded. */
struct secret {
	uint8_t *at;
	size_t len;
};

/* Our own mistake or an exhausted system: there is no safe way on. */
static _Noreturn void
give_up(const char *why)
{
	(void)fprintf(stderr, "<2>crypto: %s\n", why);
	abort();
}

static const uint8_t *
need(const struct secret *s, size_t len)
{
	if (!s || s->len != len)
		give_up("a secret has not the length its use asks for");
	return s->at;
}

enum err
crypto_init(void)
{
	return sodium_init() < 0 ? fail(E_IO, "libsodium did not start") : OK;
}

struct secret *
secret_new(size_t len)
{
	struct secret *s = xcalloc(1, sizeof(*s));
	s->at = sodium_malloc(len);
	if (!s->at)
		give_up("no locked memory left");
	s->len = len;
	sodium_memzero(s->at, len);
	return s;
}

struct secret *
secret_copy(const void *at, size_t len)
{
	struct secret *s = secret_new(len);
	if (len)
		memcpy(s->at, at, len);
	return s;
}

void
secret_free(struct secret *s)
{
	if (!s)
		return;
	sodium_free(s->at);
	free(s);
}

uint8_t *
secret_bytes(struct secret *s)
{
	return s->at;
}

size_t
secret_len(const struct secret *s)
{
	return s->len;
}

struct view
secret_view(struct secret *s)
{
	return view_of(s->at, s->len);
}

void
crypto_wipe(void *at, size_t len)
{
	sodium_memzero(at, len);
}

void
buf_wipe(struct buf *b)
{
	if (b->at)
		sodium_memzero(b->at, b->room);
	buf_done(b);
}

bool
crypto_same(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void
crypto_random(void *ret, size_t len)
{
	randombytes_buf(ret, len);
}

static void
hash_parts(uint8_t *ret, size_t ret_len, const char *personal, struct view key,
	const struct view *parts, size_t count)
{
	crypto_generichash_blake2b_state state;
	uint8_t filled[PERSONAL_BYTES] = {0};
	struct view given = personal ? view_text(personal) : view_of(NULL, 0);
	if (given.len > sizeof(filled))
		give_up("a personal string is longer than 16 bytes");
	if (given.len)
		memcpy(filled, given.at, given.len);
	(void)crypto_generichash_blake2b_init_salt_personal(
		&state, key.at, key.len, ret_len, NULL, filled);
	for (size_t i = 0; i < count; i++)
		(void)crypto_generichash_blake2b_update(&state, parts[i].at, parts[i].len);
	(void)crypto_generichash_blake2b_final(&state, ret, ret_len);
	if (key.len)
		sodium_memzero(&state, sizeof(state));
}

void
crypto_hash_many(uint8_t ret[static HASH_BYTES], const char *personal, const uint8_t *key,
	const struct view *parts, size_t count)
{
	hash_parts(ret, HASH_BYTES, personal, view_of(key, key ? HASH_BYTES : 0), parts, count);
}

void
crypto_hash_one(uint8_t ret[static HASH_BYTES], const char *personal, struct view v)
{
	crypto_hash_many(ret, personal, NULL, &v, 1);
}

void
crypto_hash_id(uint8_t ret[static ID_BYTES], const char *personal, const uint8_t *key,
	const struct view *parts, size_t count)
{
	hash_parts(ret, ID_BYTES, personal, view_of(key, key ? HASH_BYTES : 0), parts, count);
}

void
crypto_sha256(uint8_t ret[static HASH_BYTES], const struct view *parts, size_t count)
{
	crypto_hash_sha256_state state;
	(void)crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < count; i++)
		(void)crypto_hash_sha256_update(&state, parts[i].at, parts[i].len);
	(void)crypto_hash_sha256_final(&state, ret);
}

void
sign_keypair(uint8_t ret_public[static SIGN_PUBLIC_BYTES], struct secret **ret_secret)
{
	struct secret *s = secret_new(SIGN_SECRET_BYTES);
	(void)crypto_sign_keypair(ret_public, s->at);
	*ret_secret = s;
}

void
sign_from_seed(uint8_t ret_public[static SIGN_PUBLIC_BYTES], struct secret **ret_secret,
	const uint8_t seed[static SIGN_SEED_BYTES])
{
	struct secret *s = secret_new(SIGN_SECRET_BYTES);
	(void)crypto_sign_seed_keypair(ret_public, s->at, seed);
	*ret_secret = s;
}

void
sign_public(uint8_t ret_public[static SIGN_PUBLIC_BYTES], struct secret *secret)
{
	(void)crypto_sign_ed25519_sk_to_pk(ret_public, need(secret, SIGN_SECRET_BYTES));
}

void
sign_make(uint8_t ret[static SIGNATURE_BYTES], struct view message, struct secret *secret)
{
	(void)crypto_sign_detached(
		ret, NULL, message.at, message.len, need(secret, SIGN_SECRET_BYTES));
}

bool
sign_check(const uint8_t signature[static SIGNATURE_BYTES], struct view message,
	const uint8_t public[static SIGN_PUBLIC_BYTES])
{
	return crypto_sign_verify_detached(signature, message.at, message.len, public) == 0;
}

void
box_keypair(uint8_t ret_public[static BOX_PUBLIC_BYTES], struct secret **ret_secret)
{
	struct secret *s = secret_new(BOX_SECRET_BYTES);
	(void)crypto_box_keypair(ret_public, s->at);
	*ret_secret = s;
}

void
box_from_seed(uint8_t ret_public[static BOX_PUBLIC_BYTES], struct secret **ret_secret,
	const uint8_t seed[static 32])
{
	struct secret *s = secret_new(BOX_SECRET_BYTES);
	(void)crypto_box_seed_keypair(ret_public, s->at, seed);
	*ret_secret = s;
}

void
box_public(uint8_t ret_public[static BOX_PUBLIC_BYTES], struct secret *secret)
{
	(void)crypto_scalarmult_base(ret_public, need(secret, BOX_SECRET_BYTES));
}

/* Sealed in place: the plain bytes are put where the ciphertext will stand, so that no second
 * copy of them is left in the heap. */
void
box_seal(struct buf *out, struct view v, const uint8_t public[static BOX_PUBLIC_BYTES])
{
	static const uint8_t room[BOX_EXTRA_BYTES];
	size_t start = out->len;
	buf_add(out, room, sizeof(room));
	buf_add_view(out, v);
	if (out->broken) {
		out->len = start;
		return;
	}
	uint8_t *at = out->at + start;
	if (crypto_box_seal(at, at + BOX_EXTRA_BYTES, v.len, public)) {
		/* A public key of low order: nothing may be sealed to it. */
		sodium_memzero(at, BOX_EXTRA_BYTES + v.len);
		out->len = start;
		out->broken = true;
	}
}

static enum err
open_box(uint8_t *ret, struct view sealed, const uint8_t public[static BOX_PUBLIC_BYTES],
	const struct secret *secret)
{
	const uint8_t *at = need(secret, BOX_SECRET_BYTES);
	if (crypto_box_seal_open(ret, sealed.at, sealed.len, public, at))
		return fail(E_AUTH, "sealed box: not for this key, or changed");
	return OK;
}

enum err
box_open(struct buf *out, struct view sealed, struct secret *secret)
{
	if (sealed.len < BOX_EXTRA_BYTES)
		return fail(E_AUTH, "sealed box: cut short");
	uint8_t public[BOX_PUBLIC_BYTES];
	box_public(public, secret);
	size_t start = out->len;
	/* Makes room; what is copied is overwritten by the plain bytes. */
	buf_add(out, sealed.at, sealed.len - BOX_EXTRA_BYTES);
	enum err e = buf_check(out, "sealed box");
	/* With nothing inside, the buffer may have no memory yet; the tag is checked all the
	 * same. */
	uint8_t nothing = 0;
	if (!e)
		e = open_box(out->at ? out->at + start : &nothing, sealed, public, secret);
	if (e)
		out->len = start;
	return e;
}

enum err
box_open_secret(struct secret **ret, struct view sealed, struct secret *secret)
{
	*ret = NULL;
	if (sealed.len < BOX_EXTRA_BYTES)
		return fail(E_AUTH, "sealed box: cut short");
	uint8_t public[BOX_PUBLIC_BYTES];
	box_public(public, secret);
	OWNED_SECRET struct secret *made = secret_new(sealed.len - BOX_EXTRA_BYTES);
	enum err e = open_box(made->at, sealed, public, secret);
	if (!e)
		*ret = take(made);
	return e;
}

enum err
box_open_into(struct secret *to, struct view sealed,
	const uint8_t public[static BOX_PUBLIC_BYTES], struct secret *secret)
{
	sodium_memzero(to->at, to->len);
	if (sealed.len < BOX_EXTRA_BYTES || sealed.len - BOX_EXTRA_BYTES != to->len)
		return fail(E_AUTH, "sealed box: not of the length of its secret");
	enum err e = open_box(to->at, sealed, public, secret);
	if (e)
		sodium_memzero(to->at, to->len);
	return e;
}

/* Seals what stands behind the nonce at `start`. In place before the buffer grows again:
 * growing may leave a copy of it in the heap, and that copy has to be ciphertext. */
static void
seal_behind(struct buf *out, size_t start, struct view aad, const uint8_t *key)
{
	uint8_t tag[TAG_BYTES];
	if (!out->broken) {
		uint8_t *nonce = out->at + start, *text = nonce + NONCE_BYTES;
		(void)crypto_aead_xchacha20poly1305_ietf_encrypt_detached(text, tag, NULL, text,
			out->len - start - NONCE_BYTES, aad.at, aad.len, NULL, nonce, key);
		buf_add(out, tag, sizeof(tag));
	}
	if (out->broken)
		out->len = start;
}

void
aead_seal(struct buf *out, struct view v, struct view aad,
	const uint8_t key[static AEAD_KEY_BYTES])
{
	uint8_t nonce[NONCE_BYTES];
	size_t start = out->len;
	randombytes_buf(nonce, sizeof(nonce));
	buf_add(out, nonce, sizeof(nonce));
	buf_add_view(out, v);
	seal_behind(out, start, aad, key);
}

void
aead_series_draw(struct aead_series *ret)
{
	randombytes_buf(ret->random, sizeof(ret->random));
	ret->count = 0;
}

void
aead_seal_next(struct buf *out, struct view v, struct view aad,
	const uint8_t key[static AEAD_KEY_BYTES], struct aead_series *series)
{
	size_t start = out->len;
	buf_add(out, series->random, sizeof(series->random));
	buf_u64(out, series->count++);
	buf_add_view(out, v);
	seal_behind(out, start, aad, key);
}

/* Opens nonce, ciphertext and tag to as many bytes less AEAD_EXTRA_BYTES. */
static enum err
open_aead(uint8_t *ret, struct view sealed, struct view aad, const uint8_t *key)
{
	size_t len = sealed.len - AEAD_EXTRA_BYTES;
	const uint8_t *text = sealed.at + NONCE_BYTES;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
		    ret, NULL, text, len, text + len, aad.at, aad.len, sealed.at, key))
		return fail(E_AUTH, "sealed bytes: wrong key or context, or changed");
	return OK;
}

enum err
aead_open(struct buf *out, struct view sealed, struct view aad,
	const uint8_t key[static AEAD_KEY_BYTES])
{
	if (sealed.len < AEAD_EXTRA_BYTES)
		return fail(E_AUTH, "sealed bytes: cut short");
	size_t start = out->len;
	/* Makes room; what is copied is overwritten by the plain bytes. */
	buf_add(out, sealed.at + NONCE_BYTES, sealed.len - AEAD_EXTRA_BYTES);
	enum err e = buf_check(out, "sealed bytes");
	uint8_t nothing = 0;
	if (!e)
		e = open_aead(out->at ? out->at + start : &nothing, sealed, aad, key);
	if (e)
		out->len = start;
	return e;
}

enum err
aead_open_secret(struct secret **ret, struct view sealed, struct view aad,
	const uint8_t key[static AEAD_KEY_BYTES])
{
	*ret = NULL;
	if (sealed.len < AEAD_EXTRA_BYTES)
		return fail(E_AUTH, "sealed bytes: cut short");
	OWNED_SECRET struct secret *made = secret_new(sealed.len - AEAD_EXTRA_BYTES);
	enum err e = open_aead(made->at, sealed, aad, key);
	if (!e)
		*ret = take(made);
	return e;
}

enum err
aead_open_into(struct secret *to, struct view sealed, struct view aad,
	const uint8_t key[static AEAD_KEY_BYTES])
{
	sodium_memzero(to->at, to->len);
	if (sealed.len < AEAD_EXTRA_BYTES || sealed.len - AEAD_EXTRA_BYTES != to->len)
		return fail(E_AUTH, "sealed bytes: not of the length of their secret");
	enum err e = open_aead(to->at, sealed, aad, key);
	if (e)
		sodium_memzero(to->at, to->len);
	return e;
}

static bool
kdf_limits(enum kdf_cost cost, unsigned long long *ret_ops, size_t *ret_memory_bytes)
{
	switch (cost) {
	case KDF_INTERACTIVE:
		*ret_ops = crypto_pwhash_OPSLIMIT_INTERACTIVE;
		*ret_memory_bytes = crypto_pwhash_MEMLIMIT_INTERACTIVE;
		return true;
	case KDF_MODERATE:
		*ret_ops = crypto_pwhash_OPSLIMIT_MODERATE;
		*ret_memory_bytes = crypto_pwhash_MEMLIMIT_MODERATE;
		return true;
	}
	return false;
}

enum err
crypto_kdf(struct secret **ret, struct secret *passphrase,
	const uint8_t salt[static KDF_SALT_BYTES], enum kdf_cost cost)
{
	*ret = NULL;
	unsigned long long ops = 0;
	size_t memory_bytes = 0;
	if (!kdf_limits(cost, &ops, &memory_bytes))
		return fail(E_FORMAT, "passphrase: unknown cost %d", (int)cost);
	OWNED_SECRET struct secret *made = secret_new(KDF_KEY_BYTES);
	const char *words = (const char *)passphrase->at;
	if (crypto_pwhash(made->at, made->len, words, passphrase->len, salt, ops, memory_bytes,
		    crypto_pwhash_ALG_ARGON2ID13))
		return fail(E_FULL, "passphrase: the derivation needs %zu MiB of memory",
			memory_bytes >> 20);
	*ret = take(made);
	return OK;
}

struct secret *
crypto_subkey(struct secret *key, const char *name)
{
	if (key->len < SUBKEY_MIN_BYTES || key->len > SUBKEY_MAX_BYTES)
		give_up("a subkey needs a key of 16 to 64 bytes");
	struct secret *made = secret_new(HASH_BYTES);
	struct view part = view_text(name);
	hash_parts(made->at, made->len, "weir-subkey-v1", secret_view(key), &part, 1);
	return made;
}
