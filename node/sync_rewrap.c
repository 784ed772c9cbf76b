#include "node/sync_rewrap.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/seal.h"

#include "node/sync_act.h"
#include "node/sync_late.h"
#include "node/sync_review.h"

#define PAGE_BYTES       ((size_t)256 * 1024)
#define PAGE_ROWS_COUNT  500
#define LIST_MAX_BYTES   ((size_t)8 << 20)
#define MS_PER_S         1000
#define CONTENT_BYTES    ((size_t)64 << 20)
#define SENT_PLACE       's' /* in front of a place in lane C, or of the id of a key there */
#define SENT_PLACE_BYTES ((size_t)1 + sizeof(uint64_t))
#define SENT_KEY_BYTES   ((size_t)1 + ID_BYTES)
#define ENTRY_ROOM_BYTES ((size_t)8192)
#define FILE_KEY_BYTES   ((size_t)2 * ID_BYTES)
#define RECORDS_AT_ONCE  PAGE_ROWS_COUNT

/* looking for what is left */

struct page {
	const struct sync_judge *judge;
	struct buf *out;
	uint32_t keys, rows;
	uint8_t last[ID_BYTES]; /* the hold that was looked at last */
	bool full;
};

static const struct entry_part *
part_of(const struct sync_item_entry *n, enum part_kind kind)
{
	for (size_t i = 0; i < n->part_count; i++)
		if (n->parts[i].kind == kind)
			return &n->parts[i];
	return NULL;
}

/* The entry of a key, if it has to be wrapped again and can be. key: of its row. */
static enum err
add_key(struct page *p, struct view key, const struct sync_item_entry *n)
{
	uint32_t number = 0;
	const struct entry_part *study = part_of(n, PART_WRAP_STUDY);
	const struct entry_part *site = part_of(n, PART_WRAP_SITE);
	if (!study || !site)
		return OK;
	enum err e = seal_wrap_number(&number, study->bytes);
	if (e || number >= p->judge->intake_first)
		return e;
	buf_blob(p->out, key);
	buf_add(p->out, n->rules->participant, ID_BYTES);
	buf_blob(p->out, study->bytes);
	buf_blob(p->out, site->bytes);
	p->keys++;
	return buf_check(p->out, "keys to wrap again");
}

static enum err
add_file_key(void *arg, struct view key, struct view content)
{
	struct sync_item_entry n = {.part_count = 0};
	struct cursor c = cursor_of(content);
	enum err e = key.len == FILE_KEY_BYTES ? sync_item_read_entry(&c, &n) : E_FORMAT;
	if (!e)
		e = add_key(arg, key, &n);
	wire_rules_free(n.rules);
	return e == E_FORMAT ? OK : e; /* it goes nowhere */
}

static enum err
add_item(struct page *p, struct view key, const struct sync_hold *h)
{
	OWNED_ITEM struct sync_item item = {.entry_count = 0};
	struct cursor c = cursor_of(h->item);
	enum err e = h->item.len ? sync_item_read(&c, &item) : OK;
	for (size_t i = 0; !e && i < item.entry_count; i++)
		e = add_key(p, key, &item.entries[i]);
	return e == E_FORMAT ? OK : e;
}

static enum err
add_hold(void *arg, struct view key, struct view row, bool *ret_stop)
{
	struct page *p = arg;
	OWNED_HOLD struct sync_hold h = {.why = 0};
	if (key.len != ID_BYTES)
		return OK;
	enum err e = sync_hold_parse(&h, row);
	if (!e)
		e = add_item(p, key, &h);
	if (!e)
		e = vault_each(p->judge->vault, VAULT_KEYS, key, add_file_key, p);
	memcpy(p->last, key.at, ID_BYTES);
	p->full = ++p->rows >= PAGE_ROWS_COUNT || p->out->len >= PAGE_BYTES;
	*ret_stop = p->full;
	/* One that cannot be read waits for nothing that could be wrapped. */
	return e == E_FORMAT ? OK : e;
}

enum err
sync_rewrap_due(const struct sync_judge *j, bool *ret)
{
	struct sync_kept_aside aside;
	struct sync_late late;
	enum err e = sync_kept_find(j, &aside);
	if (!e)
		e = sync_late_get(j->vault, &late);
	*ret = !e && (aside.by_site || late.by_site);
	return e;
}

static enum err
add_sent(void *arg, const struct sync_late_key *k)
{
	struct page *p = arg;
	if (!k->site.len)
		return OK;
	buf_u32(p->out, SENT_KEY_BYTES);
	buf_u8(p->out, SENT_PLACE);
	buf_add(p->out, k->id, ID_BYTES);
	buf_add(p->out, k->participant, ID_BYTES);
	buf_blob(p->out, k->study);
	buf_blob(p->out, k->site);
	p->keys++;
	return buf_check(p->out, "keys to wrap again");
}

/* A place: the id of a hold, or 's' and a place in lane C. Adds the next to `place`. */
static enum err
fill(struct page *p, struct view after, struct buf *place)
{
	uint64_t seq = 0;
	enum err e = OK;
	if (after.len != SENT_PLACE_BYTES) {
		e = vault_each_after(p->judge->vault, VAULT_HOLDS, after, add_hold, p);
		if (!p->full)
			buf_u8(place, SENT_PLACE);
		if (p->full)
			buf_add(place, p->last, ID_BYTES);
		else
			buf_u64(place, 0);
		return e;
	}
	struct cursor c = cursor_of(after);
	(void)cursor_u8(&c);
	e = sync_late_each(p->judge, cursor_u64(&c), PAGE_ROWS_COUNT, add_sent, p, &seq);
	if (!e && seq) {
		buf_u8(place, SENT_PLACE);
		buf_u64(place, seq);
	}
	return e;
}

enum err
sync_rewrap_list(const struct sync_judge *j, struct cursor *fields, struct buf *answer)
{
	OWNED_BUF struct buf list, place;
	struct page p = {.judge = j, .out = &list};
	struct view manifest;
	const struct view after = cursor_blob(fields);
	buf_init(&list, LIST_MAX_BYTES);
	buf_init(&place, 64);
	enum err e = cursor_end(fields, "place in the list");
	if (!e && after.len && after.len != ID_BYTES && after.len != SENT_PLACE_BYTES)
		e = fail(E_FORMAT, "a place in the list is not of its form");
	if (!e)
		e = fill(&p, after, &place);
	if (!e)
		e = vault_get(j->vault, VAULT_META, view_text(VAULT_META_MANIFEST), &manifest);
	if (e)
		return e;
	buf_blob(answer, manifest);
	buf_u32(answer, p.keys);
	buf_add_view(answer, buf_view(&list));
	buf_blob(answer, buf_view(&place));
	return buf_check(answer, "keys to wrap again");
}

/* replacing */

struct swap {
	struct view key, old, new;
};

static enum err
check_swap(const struct sync_judge *j, const struct swap *s)
{
	uint32_t old = 0, new = 0;
	if (s->old.len != s->new.len ||
		(s->key.len != ID_BYTES && s->key.len != FILE_KEY_BYTES &&
			s->key.len != SENT_KEY_BYTES))
		return fail(E_FORMAT, "a key that was wrapped again is not of its form");
	enum err e = seal_wrap_number(&old, s->old);
	if (!e)
		e = seal_wrap_number(&new, s->new);
	return e || (old < j->intake_first && new == j->intake)
		       ? e
		       : fail(E_CONFLICT, "a key was wrapped again for another number");
}

/* *ret_done: the old wrap stood there still. */
static enum err
put_one(const struct sync_judge *j, const struct swap *s, bool *ret_done)
{
	OWNED_BUF struct buf content;
	struct view row;
	const enum vault_table t = s->key.len == ID_BYTES ? VAULT_HOLDS : VAULT_KEYS;
	buf_init(&content, CONTENT_BYTES);
	*ret_done = false;
	enum err e = vault_get(j->vault, t, s->key, &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	buf_add_view(&content, row);
	e = buf_check(&content, "what is held");
	uint8_t *at = e ? NULL : memmem(content.at, content.len, s->old.at, s->old.len);
	if (e || !at)
		return e;
	memcpy(at, s->new.at, s->new.len);
	*ret_done = true;
	return vault_put(j->vault, t, s->key, buf_view(&content));
}

static enum err
say(const struct sync_judge *j, const uint8_t id[static ID_BYTES], const char *type)
{
	char hex[2 * ID_BYTES + 1];
	text_hex(hex, id, ID_BYTES);
	return sync_act(j, (struct leaf){.actor = j->by,
				   .role = "coordinator",
				   .action = "key-wrapped-again",
				   .object_type = type,
				   .object_commit = hex,
				   .decision = "permit",
				   .outcome = "done"});
}

/* The entry that holds the key of this id, wrapped again. */
static enum err
write_entry(const struct sync_judge *j, const struct swap *s, const struct wire_rules *before,
	const struct vault_at *at, struct buf *out)
{
	OWNED_BUF struct buf rules, site;
	const uint8_t *id = s->key.at + 1;
	struct wire_rules r = {.kind = RULES_KEY, .captured_s = j->now_ms / MS_PER_S};
	buf_init(&rules, WIRE_RULES_MAX_BYTES);
	buf_init(&site, ENTRY_ROOM_BYTES);
	memcpy(r.participant, before->participant, ID_BYTES);
	memcpy(r.refers_to, id, ID_BYTES);
	seal_again_id(r.instance, id);
	crypto_random(r.salt, sizeof(r.salt));
	enum err e = sync_review_wrap(j->vault, id, at, &site);
	if (!e)
		e = wire_rules_pack(&rules, &r);
	const struct sync_item_entry n = {.lane = LANE_C,
		.part_count = 3,
		.parts = {{PART_RULES, buf_view(&rules)}, {PART_WRAP_STUDY, s->new},
			{PART_WRAP_SITE, buf_view(&site)}}};
	if (!e)
		sync_item_write_entry(out, &n);
	return e ? e : buf_check(out, "key");
}

static enum err
append(const struct sync_judge *j, struct view entry, const uint8_t id[static ID_BYTES])
{
	struct sync_item item = {.entry_count = 0};
	struct sync_item_entry n = {.part_count = 0};
	struct cursor c = cursor_of(entry);
	enum err e = sync_item_read_entry(&c, &n);
	if (!e)
		e = vault_room(j->vault, ENTRY_ROOM_BYTES);
	if (!e)
		e = sync_item_put_entry(j->vault, &item, &n);
	wire_rules_free(n.rules);
	if (!e)
		e = say(j, id, "key");
	return e == E_CONFLICT ? OK : e; /* it was wrapped again meanwhile */
}

static enum err
put_sent(const struct sync_judge *j, const struct swap *s)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	OWNED_BUF struct buf rules, old, entry;
	struct view row;
	const uint8_t *id = s->key.at + 1;
	buf_init(&rules, WIRE_RULES_MAX_BYTES);
	buf_init(&old, ENTRY_ROOM_BYTES);
	buf_init(&entry, 4 * ENTRY_ROOM_BYTES);
	enum err e = vault_get(j->vault, VAULT_INSTANCES, view_of(id, ID_BYTES), &row);
	struct cursor c = cursor_of(e ? view_of(NULL, 0) : row);
	(void)cursor_bytes(&c, HASH_BYTES);
	const struct vault_at at = vault_at_read(&c);
	if (!e)
		e = vault_part(j->vault, &at, PART_WRAP_STUDY, &old);
	if (!e)
		e = vault_part(j->vault, &at, PART_RULES, &rules);
	if (!e)
		e = wire_rules_unpack(&r, buf_view(&rules));
	/* Its person was erased meanwhile, or the wrap is another by now. */
	if (e == E_NOTFOUND || (!e && !view_same(buf_view(&old), s->old)))
		return OK;
	if (!e)
		e = write_entry(j, s, r, &at, &entry);
	return e ? e : append(j, buf_view(&entry), id);
}

/* What is wrapped for a number in force may go on. */
static enum err
let_go_on(const struct sync_judge *j, const uint8_t id[static ID_BYTES])
{
	OWNED_HOLD struct sync_hold h = {.why = 0};
	enum err e = say(j, id, "submission");
	if (!e)
		e = sync_hold_get(j->vault, id, &h);
	if (e)
		return e == E_NOTFOUND ? OK : e; /* it went on with the one before it */
	return sync_hold_release(j, h.participant);
}

struct records {
	uint8_t list[RECORDS_AT_ONCE][ID_BYTES];
	size_t count;
};

/* Keys of one record stand side by side. */
static enum err
note_record(struct records *r, const uint8_t id[static ID_BYTES])
{
	if (r->count && memcmp(r->list[r->count - 1], id, ID_BYTES) == 0)
		return OK;
	if (r->count == RECORDS_AT_ONCE)
		return fail(E_FULL, "too many records were wrapped again at once");
	memcpy(r->list[r->count++], id, ID_BYTES);
	return OK;
}

static enum err
put_next(const struct sync_judge *j, struct cursor *fields, struct records *r)
{
	struct swap s = {.key = cursor_blob(fields)};
	bool done = false;
	s.old = cursor_blob(fields);
	s.new = cursor_blob(fields);
	enum err e = fields->broken ? cursor_end(fields, "keys that were wrapped again")
				    : check_swap(j, &s);
	if (!e && s.key.len == SENT_KEY_BYTES)
		return put_sent(j, &s);
	if (!e)
		e = put_one(j, &s, &done);
	return e || !done ? e : note_record(r, s.key.at);
}

enum err
sync_rewrap_put(const struct sync_judge *j, struct cursor *fields, struct buf *answer)
{
	OWNED_MEM struct records *r = xcalloc(1, sizeof(*r));
	uint32_t count = cursor_u32(fields);
	enum err e = OK;
	for (uint32_t i = 0; !e && i < count; i++)
		e = put_next(j, fields, r);
	if (!e)
		e = cursor_end(fields, "keys that were wrapped again");
	for (size_t i = 0; !e && i < r->count; i++)
		e = let_go_on(j, r->list[i]);
	if (!e)
		e = sync_late_count(j);
	buf_u32(answer, (uint32_t)r->count);
	return e;
}
