#include "common/study/terms.h"

#define FORMAT_NAME   "weir-terms-v1"
#define MARK_PERSONAL "weir-gone-v1"
#define WHAT          "terms of the site"

static void
put_signed_part(struct buf *out, struct view body)
{
	buf_blob_text(out, FORMAT_NAME);
	buf_blob(out, body);
}

enum err
terms_sign(struct buf *out, struct view body, struct secret *receipt_key)
{
	OWNED_BUF struct buf message;
	uint8_t signature[SIGNATURE_BYTES];
	buf_init(&message, TERMS_MAX_BYTES + 64);
	put_signed_part(&message, body);
	enum err e = buf_check(&message, WHAT);
	if (e)
		return e;
	sign_make(signature, buf_view(&message), receipt_key);
	buf_blob(out, body);
	buf_add(out, signature, sizeof(signature));
	return buf_check(out, WHAT);
}

enum err
terms_open(struct terms **ret, struct view signed_terms,
	const uint8_t receipt_public[static SIGN_PUBLIC_BYTES])
{
	OWNED_BUF struct buf message;
	uint8_t signature[SIGNATURE_BYTES];
	struct cursor c = cursor_of(signed_terms);
	buf_init(&message, TERMS_MAX_BYTES + 64);
	*ret = NULL;
	const struct view body = cursor_blob(&c);
	cursor_copy(&c, signature, sizeof(signature));
	enum err e = cursor_end(&c, WHAT);
	if (!e && body.len > TERMS_MAX_BYTES)
		e = fail(E_FORMAT, WHAT " are too long");
	if (e)
		return e;
	put_signed_part(&message, body);
	e = buf_check(&message, WHAT);
	if (!e && !sign_check(signature, buf_view(&message), receipt_public))
		e = fail(E_AUTH, WHAT " are not signed by the hub");
	return e ? e : terms_read(ret, body);
}

void
terms_mark(uint8_t ret[static ID_BYTES], const uint8_t participant[static ID_BYTES])
{
	const struct view whole = view_of(participant, ID_BYTES);
	crypto_hash_id(ret, MARK_PERSONAL, NULL, &whole, 1);
}
