/* attach_open - opens a file that travels with a record, by what the header of attach.h says of
 * its bytes and nothing else. */
#ifndef WEIR_TESTS_ATTACH_OPEN_H
#define WEIR_TESTS_ATTACH_OPEN_H

#include "tests/unit/suite.h"

#include "node/attach.h"

/* Adds the plain bytes of the sealed chunks to out. */
static inline enum err
attach_open(struct buf *out, struct view sealed, const struct attach_context *context,
	struct secret *key)
{
	const size_t whole = ATTACH_CHUNK_BYTES + AEAD_EXTRA_BYTES;
	enum err e = sealed.len ? OK : E_FORMAT;
	OWNED_BUF struct buf aad;
	buf_init(&aad, 1024);
	for (uint32_t i = 0; !e && i * whole < sealed.len; i++) {
		const size_t at = i * whole, left = sealed.len - at;
		buf_reset(&aad);
		buf_blob_text(&aad, "weir-chunk-v1");
		buf_blob_text(&aad, context->study);
		buf_blob(&aad, view_of(context->participant, ID_BYTES));
		buf_blob(&aad, view_of(context->instance, ID_BYTES));
		buf_blob_text(&aad, context->name);
		buf_u32(&aad, i);
		buf_u8(&aad, left <= whole);
		e = aead_open(out, view_of(sealed.at + at, MIN(left, whole)), buf_view(&aad),
			secret_bytes(key));
	}
	return e;
}

/* The same of a file that goes `site`: its key lies in front. */
static inline enum err
attach_open_site(struct buf *out, struct view sealed, const struct attach_context *context,
	struct secret *review_secret)
{
	OWNED_SECRET struct secret *key = NULL;
	assert_in_range(sealed.len, ATTACH_BOX_BYTES, SIZE_MAX);
	assert_int_equal(sealed.at[0], 1);
	const struct view box = view_of(sealed.at + 1 + 4, AEAD_KEY_BYTES + BOX_EXTRA_BYTES);
	enum err e = box_open_secret(&key, box, review_secret);
	return e ? e
		 : attach_open(out,
			   view_of(sealed.at + ATTACH_BOX_BYTES, sealed.len - ATTACH_BOX_BYTES),
			   context, key);
}

#endif
