#include "common/trust/ledgernote.h"

#include "common/trust/statement.h"

#define FORMAT "weir-ledger-key-v1"

enum err
ledgernote_make(
	struct buf *out, const struct ledgernote *n, const char *study, struct secret *receipt)
{
	OWNED_BUF struct buf body;
	uint8_t signature[SIGNATURE_BYTES];
	buf_init(&body, LEDGERNOTE_MAX_BYTES);
	buf_blob_text(&body, study);
	buf_u32(&body, n->number);
	buf_add(&body, n->public, sizeof(n->public));
	signed_make(signature, FORMAT, buf_view(&body), receipt);
	buf_add_view(out, buf_view(&body));
	buf_add(out, signature, sizeof(signature));
	enum err e = buf_check(&body, "note of a ledger key");
	return e ? e : buf_check(out, "note of a ledger key");
}

enum err
ledgernote_read(struct ledgernote *ret, struct view bytes, const char *study,
	const uint8_t receipt_public[static SIGN_PUBLIC_BYTES])
{
	struct ledgernote n;
	uint8_t signature[SIGNATURE_BYTES];
	struct cursor c = cursor_of(bytes);
	struct view of = cursor_blob(&c);
	n.number = cursor_u32(&c);
	cursor_copy(&c, n.public, sizeof(n.public));
	struct view signed_bytes = view_of(bytes.at, bytes.len - c.left);
	cursor_copy(&c, signature, sizeof(signature));
	enum err e = cursor_end(&c, "note of a ledger key");
	if (!e && !signed_check(signature, FORMAT, signed_bytes, receipt_public))
		e = fail(E_AUTH, "a note of a ledger key is not signed by this hub");
	if (!e && !view_same(of, view_text(study)))
		e = fail(E_DENIED, "a note of a ledger key is of another study");
	if (!e)
		*ret = n;
	return e;
}
