#include "node/sync_review.h"

#include <string.h>

#include "common/base/mem.h"

#include "node/sync_files.h"

#define WRAP_MAX_BYTES  4096
#define PAGE_BYTES      ((size_t)256 * 1024)
#define PAGE_ROWS_COUNT 2000
#define KEY_MAX_BYTES   512
#define CONTENT_BYTES   ((size_t)64 << 20)

/* Where boxes stand, in the order in which they are taken over. On the wire between desk and
 * sync. */
enum review_kind {
	REVIEW_WRAPS = 1,
	REVIEW_LOCALS,
	REVIEW_FILES,
	REVIEW_HOLDS,
	REVIEW_KEYS,
	REVIEW_END,
};

static enum vault_table
table_of(enum review_kind kind)
{
	switch (kind) {
	case REVIEW_LOCALS:
		return VAULT_LOCALS;
	case REVIEW_FILES:
		return VAULT_FILES;
	case REVIEW_HOLDS:
		return VAULT_HOLDS;
	case REVIEW_KEYS:
		return VAULT_KEYS;
	case REVIEW_WRAPS:
	case REVIEW_END:
		break;
	}
	return VAULT_INSTANCES;
}

/* looking for what is left */

struct page {
	struct vault *vault;
	struct buf *out;
	uint32_t number; /* in force */
	enum review_kind kind;
	uint8_t after[KEY_MAX_BYTES]; /* the row that was looked at last */
	size_t after_len;
	uint32_t count, rows;
	size_t begin_bytes;
	bool full;
	enum err error;
};

static enum err
add_box(struct page *p, struct view key, struct view box)
{
	uint32_t number = 0;
	enum err e = sync_review_number(&number, box);
	if (e || number >= p->number)
		return e;
	buf_u8(p->out, (uint8_t)p->kind);
	buf_blob(p->out, key);
	buf_blob(p->out, box);
	p->count++;
	return buf_check(p->out, "what is sealed for the site");
}

static enum err
add_wrap(struct page *p, struct view key, struct view row)
{
	OWNED_BUF struct buf wrap;
	struct cursor c = cursor_of(row);
	buf_init(&wrap, WRAP_MAX_BYTES);
	(void)cursor_bytes(&c, HASH_BYTES);
	const struct vault_at at = vault_at_read(&c);
	if (key.len != ID_BYTES || c.broken || at.lane != LANE_C)
		return OK;
	enum err e = sync_review_wrap(p->vault, key.at, &at, &wrap);
	/* Damaged parts are for the scrub; those of an erased person are gone. */
	if (e == E_NOTFOUND || e == E_FORMAT || e == E_AUTH)
		return OK;
	return e ? e : add_box(p, key, buf_view(&wrap));
}

static enum err
add_entry(struct page *p, struct view key, const struct sync_item_entry *n)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < n->part_count; i++)
		if (n->parts[i].kind == PART_WRAP_SITE)
			e = add_box(p, key, n->parts[i].bytes);
	return e;
}

static enum err
add_hold(struct page *p, struct view key, struct view row)
{
	OWNED_HOLD struct sync_hold h = {.why = 0};
	OWNED_ITEM struct sync_item item = {.entry_count = 0};
	enum err e = sync_hold_parse(&h, row);
	if (!e && h.site_part.len)
		e = add_box(p, key, h.site_part);
	struct cursor c = cursor_of(h.item);
	if (!e && h.item.len)
		e = sync_item_read(&c, &item);
	for (size_t i = 0; !e && i < item.entry_count; i++)
		e = add_entry(p, key, &item.entries[i]);
	return e;
}

static enum err
add_key(struct page *p, struct view key, struct view row)
{
	struct sync_item_entry n = {.part_count = 0};
	struct cursor c = cursor_of(row);
	enum err e = sync_item_read_entry(&c, &n);
	if (!e)
		e = add_entry(p, key, &n);
	wire_rules_free(n.rules);
	return e;
}

/* The box of a file is the last field of its row (sync_files.h). */
static enum err
add_file(struct page *p, struct view key, struct view row)
{
	struct view box = {0};
	enum err e = sync_file_box(row, &box);
	return e || !box.len ? e : add_box(p, key, box);
}

static enum err
look(void *arg, struct view key, struct view row, bool *ret_stop)
{
	struct page *p = arg;
	enum err e = OK;
	if (key.len > sizeof(p->after))
		return fail(E_FORMAT, "the vault is damaged: a row has too long a key");
	if (p->kind == REVIEW_WRAPS)
		e = add_wrap(p, key, row);
	else if (p->kind == REVIEW_LOCALS)
		e = add_box(p, key, row);
	else if (p->kind == REVIEW_FILES)
		e = add_file(p, key, row);
	else if (p->kind == REVIEW_HOLDS)
		e = add_hold(p, key, row);
	else
		e = add_key(p, key, row);
	memcpy(p->after, key.at, key.len);
	p->after_len = key.len;
	p->rows++;
	p->full = p->rows >= PAGE_ROWS_COUNT || p->out->len - p->begin_bytes >= PAGE_BYTES;
	*ret_stop = p->full;
	return e;
}

static enum err
fill(struct page *p)
{
	enum err e = OK;
	while (!e && !p->full && p->kind < REVIEW_END) {
		e = vault_each_after(
			p->vault, table_of(p->kind), view_of(p->after, p->after_len), look, p);
		if (!e && !p->full) {
			p->kind = (enum review_kind)(p->kind + 1);
			p->after_len = 0;
		}
	}
	return e;
}

static enum err
begin_page(struct page *p, struct view at)
{
	p->kind = REVIEW_WRAPS;
	if (!at.len)
		return OK;
	if (at.at[0] < REVIEW_WRAPS || at.at[0] >= REVIEW_END || at.len - 1 > sizeof(p->after))
		return fail(E_FORMAT, "a place in the list is not of its form");
	p->kind = (enum review_kind)at.at[0];
	p->after_len = at.len - 1;
	memcpy(p->after, at.at + 1, p->after_len);
	return OK;
}

enum err
sync_review_list(
	struct vault *v, const struct hubcard *card, struct cursor *fields, struct buf *answer)
{
	OWNED_BUF struct buf list;
	struct sync_review r = {0};
	struct page p = {.vault = v, .out = &list};
	buf_init(&list, CONTENT_BYTES);
	struct view at = cursor_blob(fields);
	enum err e = cursor_end(fields, "place in the list");
	if (!e)
		e = sync_review_get(v, card, &r);
	if (!e)
		e = begin_page(&p, at);
	p.number = r.number;
	if (!e)
		e = fill(&p);
	if (e)
		return e;
	buf_u32(answer, p.count);
	buf_add_view(answer, buf_view(&list));
	buf_u32(answer, p.kind < REVIEW_END ? (uint32_t)p.after_len + 1 : 0);
	if (p.kind < REVIEW_END) {
		buf_u8(answer, (uint8_t)p.kind);
		buf_add(answer, p.after, p.after_len);
	}
	return buf_check(answer, "what is sealed for the site");
}

/* replacing */

struct swap {
	enum review_kind kind;
	struct view key, old, new;
};

static enum err
put_wrap(struct vault *v, const struct swap *s)
{
	struct view row;
	enum err e = vault_get(v, VAULT_INSTANCES, s->key, &row);
	return e ? e : vault_put(v, VAULT_WRAPS, s->key, s->new);
}

static enum err
put_inside(struct vault *v, const struct swap *s)
{
	OWNED_BUF struct buf content;
	struct view row;
	buf_init(&content, CONTENT_BYTES);
	enum err e = vault_get(v, table_of(s->kind), s->key, &row);
	if (e)
		return e;
	buf_add_view(&content, row);
	e = buf_check(&content, "what is sealed for the site");
	uint8_t *at = e ? NULL : memmem(content.at, content.len, s->old.at, s->old.len);
	if (e || !at)
		return e;
	memcpy(at, s->new.at, s->new.len);
	return vault_put(v, table_of(s->kind), s->key, buf_view(&content));
}

static enum err
check_swap(const struct swap *s, uint32_t number)
{
	uint32_t old = 0, new = 0;
	if (s->kind < REVIEW_WRAPS || s->kind >= REVIEW_END || s->old.len != s->new.len)
		return fail(E_FORMAT, "what was sealed anew is not of its form");
	enum err e = sync_review_number(&old, s->old);
	if (!e)
		e = sync_review_number(&new, s->new);
	return e || (new == number &&old < number)
		       ? e
		       : fail(E_CONFLICT, "it was sealed anew for another number");
}

enum err
sync_review_put(
	struct vault *v, const struct hubcard *card, struct cursor *fields, struct buf *answer)
{
	struct sync_review r;
	uint32_t done = 0, count = cursor_u32(fields);
	enum err e = sync_review_get(v, card, &r);
	for (uint32_t i = 0; !e && i < count && !fields->broken; i++) {
		struct swap s = {.kind = (enum review_kind)cursor_u8(fields)};
		s.key = cursor_blob(fields);
		s.old = cursor_blob(fields);
		s.new = cursor_blob(fields);
		e = fields->broken ? cursor_end(fields, "what was sealed anew")
				   : check_swap(&s, r.number);
		if (!e)
			e = s.kind == REVIEW_WRAPS ? put_wrap(v, &s) : put_inside(v, &s);
		done += e == OK;
		/* Its person may have been erased meanwhile, what was held let go. */
		e = e == E_NOTFOUND ? OK : e;
	}
	if (!e)
		e = cursor_end(fields, "what was sealed anew");
	buf_u32(answer, done);
	return e;
}

/* the end of an old number */

enum err
sync_review_taken(struct vault *v, const struct hubcard *card, uint32_t number, int64_t now_s)
{
	OWNED_BUF struct buf list;
	struct sync_review r;
	struct page p = {.vault = v, .out = &list, .kind = REVIEW_WRAPS};
	buf_init(&list, CONTENT_BYTES);
	enum err e = sync_review_get(v, card, &r);
	if (!e && number != r.number)
		e = fail(E_CONFLICT, "number %u of the site's review key is not in force",
			number);
	p.number = r.number;
	while (!e && p.kind < REVIEW_END && !p.count) {
		p.full = false;
		p.rows = 0;
		e = fill(&p);
	}
	if (!e && p.count)
		e = fail(E_BUSY, "something is sealed for an older number of the site's review "
				 "key still");
	if (e || r.taken == number)
		return e;
	r.taken = number;
	e = sync_review_note(v, &r);
	return e ? e : sync_review_note_taken(v, now_s);
}
