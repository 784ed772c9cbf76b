#include "common/study/termspieces.h"

#include <string.h>

#define WHAT "piece of the terms of the site"

/* making */

size_t
termspieces_count(struct view signed_terms)
{
	return (signed_terms.len + TERMS_PIECE_BYTES - 1) / TERMS_PIECE_BYTES;
}

enum err
termspieces_write(struct buf *out, struct view signed_terms, uint64_t number, size_t index)
{
	const size_t offset = MIN(index * TERMS_PIECE_BYTES, signed_terms.len);
	const size_t len = MIN(TERMS_PIECE_BYTES, signed_terms.len - offset);
	buf_u64(out, number);
	buf_u32(out, (uint32_t)signed_terms.len);
	buf_u32(out, (uint32_t)offset);
	buf_add_view(out, view_of(signed_terms.at + offset, len));
	return buf_check(out, WHAT);
}

/* putting together */

static void
begin(struct termspieces *p, uint64_t number, uint32_t total)
{
	buf_done(&p->bytes);
	buf_init(&p->bytes, total);
	p->number = number;
	p->total = total;
}

enum err
termspieces_add(struct termspieces *p, struct view piece, struct view *ret_whole)
{
	struct cursor c = cursor_of(piece);
	const uint64_t number = cursor_u64(&c);
	const uint32_t total = cursor_u32(&c), offset = cursor_u32(&c);
	*ret_whole = view_of(NULL, 0);
	if (c.broken || c.left == 0 || c.left > TERMS_PIECE_BYTES ||
		total > TERMS_SIGNED_MAX_BYTES || offset > total || c.left > total - offset)
		return fail(E_FORMAT, "a " WHAT " is not of its form");
	if (offset == 0)
		begin(p, number, total);
	if (number != p->number || total != p->total || offset > p->bytes.len)
		return fail(E_FORMAT, "a " WHAT " is missing: they will be said again");
	if (offset < p->bytes.len)
		return OK;
	buf_add_view(&p->bytes, view_of(c.at, c.left));
	if (p->bytes.len == total)
		*ret_whole = buf_view(&p->bytes);
	return OK;
}

void
termspieces_done(struct termspieces *p)
{
	buf_done(&p->bytes);
	*p = (struct termspieces){.number = 0};
}
