#include "node/sync_review.h"

#include <string.h>

#include "node/putback.h"

#define META_REVIEW "review"
#define META_TAKEN  "review-taken"
#define META_KEPT   "review-kept"
#define DAY_S       86400
#define BOX_VERSION 1
#define ROW_BYTES   64

/* the row */

enum err
sync_review_get(struct vault *v, const struct hubcard *card, struct sync_review *ret)
{
	struct view row;
	*ret = (struct sync_review){.number = HUBCARD_REVIEW_NUMBER,
		.taken = HUBCARD_REVIEW_NUMBER,
		.destroyed = HUBCARD_REVIEW_NUMBER};
	if (card)
		memcpy(ret->public, card->review_public, BOX_PUBLIC_BYTES);
	enum err e = vault_get(v, VAULT_META, view_text(META_REVIEW), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	ret->number = cursor_u32(&c);
	cursor_copy(&c, ret->public, BOX_PUBLIC_BYTES);
	ret->taken = cursor_u32(&c);
	ret->destroyed = cursor_u32(&c);
	return cursor_end(&c, "review key of the site");
}

enum err
sync_review_note(struct vault *v, const struct sync_review *r)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_BYTES);
	buf_u32(&row, r->number);
	buf_add(&row, r->public, BOX_PUBLIC_BYTES);
	buf_u32(&row, r->taken);
	buf_u32(&row, r->destroyed);
	return vault_put(v, VAULT_META, view_text(META_REVIEW), buf_view(&row));
}

/* boxes */

enum err
sync_review_number(uint32_t *ret, struct view box)
{
	struct cursor c = cursor_of(box);
	*ret = 0;
	if (cursor_u8(&c) != BOX_VERSION || box.len < SYNC_REVIEW_HEAD_BYTES + BOX_EXTRA_BYTES)
		return fail(E_FORMAT, "what is sealed for the site is not of its form");
	*ret = cursor_u32(&c);
	return OK;
}

enum err
sync_review_fits(struct vault *v, struct view box)
{
	struct sync_review r;
	uint32_t number = 0;
	enum err e = sync_review_number(&number, box);
	if (!e)
		e = sync_review_get(v, NULL, &r);
	if (!e && number != r.number)
		e = fail(E_BUSY,
			"it is sealed for number %u of the site's review key, and number %u is "
			"in force: seal it anew",
			number, r.number);
	return e;
}

enum err
sync_review_fits_entry(struct vault *v, const struct sync_item_entry *n)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < n->part_count; i++)
		if (n->parts[i].kind == PART_WRAP_SITE)
			e = sync_review_fits(v, n->parts[i].bytes);
	return e;
}

enum err
sync_review_wrap(struct vault *v, const uint8_t key[static ID_BYTES], const struct vault_at *at,
	struct buf *out)
{
	struct view row;
	enum err e = vault_get(v, VAULT_WRAPS, view_of(key, ID_BYTES), &row);
	if (e == E_NOTFOUND)
		return vault_part(v, at, PART_WRAP_SITE, out);
	if (!e)
		buf_add_view(out, row);
	return e ? e : buf_check(out, "wrap for the site");
}

enum err
sync_review_forget(struct vault *v, const uint8_t key[static ID_BYTES])
{
	enum err e = vault_delete(v, VAULT_WRAPS, view_of(key, ID_BYTES));
	return e == E_NOTFOUND ? OK : e;
}

/* a new number */

enum err
sync_review_set(struct vault *v, const struct hubcard *card, bool proven, struct cursor *fields)
{
	struct sync_review r;
	uint8_t public[BOX_PUBLIC_BYTES];
	uint32_t number = cursor_u32(fields);
	cursor_copy(fields, public, sizeof(public));
	enum err e = cursor_end(fields, "review key");
	if (!e)
		e = sync_review_get(v, card, &r);
	if (e)
		return e;
	if (number == r.number && memcmp(public, r.public, sizeof(public)) == 0)
		return proven ? putback_jumped(v) : OK;
	bool was_put_back;
	e = putback_may_jump(v, &was_put_back);
	if (e)
		return e;
	if (number <= r.number || (number != r.number + 1 && !was_put_back))
		return fail(E_CONFLICT,
			"number %u of the site's review key does not follow number %u", number,
			r.number);
	if (!proven && !was_put_back)
		return fail(E_AUTH,
			"who sets a new review key has to hold the one that is in force");
	r.number = number;
	memcpy(r.public, public, sizeof(public));
	e = sync_review_note(v, &r);
	return e ? e : putback_jumped(v);
}

/* the end of an old number */

static enum err
read_row(struct vault *v, const char *name, size_t bytes, uint64_t *ret)
{
	struct view row;
	*ret = 0;
	enum err e = vault_get(v, VAULT_META, view_text(name), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	*ret = bytes == sizeof(uint32_t) ? cursor_u32(&c) : cursor_u64(&c);
	return cursor_end(&c, "review key of the site");
}

enum err
sync_review_note_taken(struct vault *v, int64_t now_s)
{
	OWNED_BUF struct buf row;
	buf_init(&row, sizeof(uint64_t));
	buf_u64(&row, (uint64_t)now_s);
	return vault_put(v, VAULT_META, view_text(META_TAKEN), buf_view(&row));
}

enum err
sync_review_kept(struct vault *v, uint32_t number)
{
	OWNED_BUF struct buf row;
	uint64_t before = 0;
	enum err e = read_row(v, META_KEPT, sizeof(number), &before);
	if (e || before >= number)
		return e;
	buf_init(&row, sizeof(number));
	buf_u32(&row, number);
	return vault_put(v, VAULT_META, view_text(META_KEPT), buf_view(&row));
}

enum err
sync_review_may_end(struct vault *v, int64_t now_s, bool *ret)
{
	struct sync_review r;
	uint64_t taken_s = 0, kept = 0;
	*ret = false;
	enum err e = sync_review_get(v, NULL, &r);
	if (!e)
		e = read_row(v, META_TAKEN, sizeof(taken_s), &taken_s);
	if (!e)
		e = read_row(v, META_KEPT, sizeof(uint32_t), &kept);
	if (!e && r.taken == r.number)
		*ret = kept >= r.number ||
		       now_s - (int64_t)taken_s >= (int64_t)SYNC_REVIEW_DAYS * DAY_S;
	return e;
}

enum err
sync_review_destroyed(struct vault *v, const struct hubcard *card, uint32_t number)
{
	struct sync_review r;
	enum err e = sync_review_get(v, card, &r);
	if (!e && (number > r.taken || number > r.number))
		e = fail(E_CONFLICT, "not everything at this site is sealed for number %u yet",
			number);
	if (e || r.destroyed >= number)
		return e;
	r.destroyed = number;
	return sync_review_note(v, &r);
}
