#include "common/trust/rowkey.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define NONCE_BYTES 24
#define TAG_BYTES   16

_Static_assert(NONCE_BYTES + TAG_BYTES == AEAD_EXTRA_BYTES, "sealed as crypto.h seals");
_Static_assert(crypto_aead_chacha20poly1305_ietf_ABYTES == TAG_BYTES, "tag");
_Static_assert(crypto_core_hchacha20_INPUTBYTES + sizeof(uint64_t) == NONCE_BYTES, "nonce");
_Static_assert(crypto_core_hchacha20_OUTPUTBYTES == AEAD_KEY_BYTES, "key of a series");

/* XChaCha20-Poly1305 is ChaCha20-Poly1305 (RFC 8439) with the key that HChaCha20 makes of the
 * nonce's first 16 bytes and a nonce of four zeros and the other eight
 * (draft-irtf-cfrg-xchacha-03, section 2.3). */
struct series {
	uint8_t head[crypto_core_hchacha20_INPUTBYTES];
	struct secret *key; /* what HChaCha20 makes of it */
};

struct rowkey {
	struct secret *key;
	struct series sealing;
	uint64_t sealed_count; /* in that series */
	struct series opening; /* the one met last */
};

static void
series_begin(struct series *s, const uint8_t *head, struct secret *key)
{
	memcpy(s->head, head, sizeof(s->head));
	(void)crypto_core_hchacha20(secret_bytes(s->key), s->head, secret_bytes(key), NULL);
}

struct rowkey *
rowkey_new(const uint8_t key[static AEAD_KEY_BYTES])
{
	struct rowkey *k = xcalloc(1, sizeof(*k));
	k->key = secret_copy(key, AEAD_KEY_BYTES);
	k->sealing.key = secret_new(AEAD_KEY_BYTES);
	k->opening.key = secret_new(AEAD_KEY_BYTES);
	series_begin(&k->opening, k->opening.head, k->key);
	rowkey_draw(k);
	return k;
}

void
rowkey_free(struct rowkey *k)
{
	if (!k)
		return;
	secret_free(k->key);
	secret_free(k->sealing.key);
	secret_free(k->opening.key);
	free(k);
}

void
rowkey_draw(struct rowkey *k)
{
	uint8_t head[sizeof(k->sealing.head)];
	crypto_random(head, sizeof(head));
	series_begin(&k->sealing, head, k->key);
	k->sealed_count = 0;
}

/* The short nonce of what stands behind this long one. */
struct short_nonce {
	uint8_t at[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];
};

static struct short_nonce
short_nonce(const uint8_t nonce[static NONCE_BYTES])
{
	struct short_nonce n = {0};
	size_t head = crypto_core_hchacha20_INPUTBYTES, tail = NONCE_BYTES - head;
	memcpy(n.at + sizeof(n.at) - tail, nonce + head, tail);
	return n;
}

void
rowkey_seal(struct buf *out, struct view v, struct view aad, struct rowkey *k)
{
	uint8_t tag[TAG_BYTES];
	size_t start = out->len;
	buf_add(out, k->sealing.head, sizeof(k->sealing.head));
	buf_u64(out, k->sealed_count++);
	buf_add_view(out, v);
	if (!out->broken) {
		uint8_t *nonce = out->at + start, *text = nonce + NONCE_BYTES;
		const struct short_nonce n = short_nonce(nonce);
		(void)crypto_aead_chacha20poly1305_ietf_encrypt_detached(text, tag, NULL, text,
			v.len, aad.at, aad.len, NULL, n.at, secret_bytes(k->sealing.key));
		buf_add(out, tag, sizeof(tag));
	}
	if (out->broken)
		out->len = start;
}

/* Makes room in `out` for the plain bytes and gives where they go; what is copied there is
 * overwritten. With nothing inside, `out` may have no memory yet: then it is `nothing`, and the
 * tag is checked all the same. */
static enum err
make_room(struct buf *out, struct view sealed, uint8_t *nothing, uint8_t **ret)
{
	size_t start = out->len;
	*ret = nothing;
	if (sealed.len < AEAD_EXTRA_BYTES)
		return fail(E_AUTH, "sealed bytes: cut short");
	buf_add(out, sealed.at + NONCE_BYTES, sealed.len - AEAD_EXTRA_BYTES);
	if (out->at)
		*ret = out->at + start;
	return buf_check(out, "sealed bytes");
}

static enum err
open_in_series(uint8_t *ret, struct view sealed, struct view aad, struct rowkey *k)
{
	size_t len = sealed.len - AEAD_EXTRA_BYTES;
	const uint8_t *text = sealed.at + NONCE_BYTES;
	const struct short_nonce n = short_nonce(sealed.at);
	if (memcmp(k->opening.head, sealed.at, sizeof(k->opening.head)) != 0)
		series_begin(&k->opening, sealed.at, k->key);
	if (crypto_aead_chacha20poly1305_ietf_decrypt_detached(ret, NULL, text, len, text + len,
		    aad.at, aad.len, n.at, secret_bytes(k->opening.key)))
		return fail(E_AUTH, "sealed bytes: wrong key or context, or changed");
	return OK;
}

enum err
rowkey_open(struct buf *out, struct view sealed, struct view aad, struct rowkey *k)
{
	size_t start = out->len;
	uint8_t nothing = 0, *to;
	enum err e = make_room(out, sealed, &nothing, &to);
	if (!e)
		e = open_in_series(to, sealed, aad, k);
	if (e)
		out->len = start;
	return e;
}
