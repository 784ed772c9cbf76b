#include "node/attach.h"

#include <string.h>

#include "common/trust/merkle.h"

#define CHUNK_TEXT    "weir-chunk-v1"
#define SEALED_BYTES  (ATTACH_CHUNK_BYTES + AEAD_EXTRA_BYTES)
#define AAD_MAX_BYTES 1024
#define BOX_VERSION   1

/* chunks */

static enum err
make_aad(struct buf *out, const struct attach_context *c, uint32_t index, bool last)
{
	buf_reset(out);
	buf_blob_text(out, CHUNK_TEXT);
	buf_blob_text(out, c->study);
	buf_blob(out, view_of(c->participant, ID_BYTES));
	buf_blob(out, view_of(c->instance, ID_BYTES));
	buf_blob_text(out, c->name);
	buf_u32(out, index);
	buf_u8(out, last);
	return buf_check(out, "file of a record");
}

enum err
attach_seal(struct buf *out, struct view plain, const struct attach_context *context,
	struct secret *key)
{
	OWNED_BUF struct buf aad;
	struct aead_series series;
	buf_init(&aad, AAD_MAX_BYTES);
	aead_series_draw(&series);
	enum err e = OK;
	size_t at = 0;
	bool last = false;
	for (uint32_t i = 0; !e && !last; i++) {
		size_t n = MIN(plain.len - at, ATTACH_CHUNK_BYTES);
		last = at + n == plain.len;
		e = make_aad(&aad, context, i, last);
		if (!e)
			aead_seal_next(out, view_of(plain.at + at, n), buf_view(&aad),
				secret_bytes(key), &series);
		at += n;
	}
	return e ? e : buf_check(out, "file of a record");
}

enum err
attach_seal_site(struct buf *out, struct view plain, const struct attach_context *context,
	uint32_t review_number, const uint8_t review_public[static BOX_PUBLIC_BYTES])
{
	OWNED_SECRET struct secret *key = secret_new(AEAD_KEY_BYTES);
	crypto_random(secret_bytes(key), AEAD_KEY_BYTES);
	buf_u8(out, BOX_VERSION);
	buf_u32(out, review_number);
	box_seal(out, secret_view(key), review_public);
	return attach_seal(out, plain, context, key);
}

uint32_t
attach_chunk_count(size_t sealed_bytes)
{
	return (uint32_t)((sealed_bytes + SEALED_BYTES - 1) / SEALED_BYTES);
}

static struct view
chunk_of(struct view sealed, uint32_t index)
{
	size_t at = (size_t)index * SEALED_BYTES;
	return view_of(sealed.at + at, MIN(sealed.len - at, SEALED_BYTES));
}

/* Every chunk is whole, and there are no more than a header can count. */
static enum err
check_sealed(struct view sealed)
{
	size_t rest = sealed.len % SEALED_BYTES;
	if (sealed.len == 0 || (rest != 0 && rest < AEAD_EXTRA_BYTES) ||
		attach_chunk_count(sealed.len) > ROOTS_CHUNKS_MAX)
		return fail(E_FORMAT, "a file of a record is not sealed in whole chunks");
	return OK;
}

/* roots */

enum err
attach_root(uint8_t ret[static HASH_BYTES], struct view sealed)
{
	struct merkle tree = {0};
	uint8_t leaf[HASH_BYTES];
	memset(ret, 0, HASH_BYTES);
	enum err e = check_sealed(sealed);
	if (e)
		return e;
	uint32_t count = attach_chunk_count(sealed.len);
	for (uint32_t i = 0; i < count; i++) {
		merkle_leaf(leaf, chunk_of(sealed, i));
		merkle_append(&tree, leaf);
	}
	merkle_root(ret, &tree);
	return OK;
}
