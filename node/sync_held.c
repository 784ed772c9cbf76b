#include "node/sync_held.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/sync_act.h"

#define PAGE_MAX_BYTES ((size_t)4 << 20)
#define ROW_MAX_BYTES  ((size_t)8 << 10)
#define NAME_BYTES     (SYNC_HOLD_NAME_LEN / 2)
#define DECIDE_ACCEPT  1
#define DECIDE_DROP    2
#define DECIDE_TEXT    3 /* accept, with its text as it is */
#define DECIDE_WITHOUT 4 /* accept, its text taken out */
#define BY_MAX_BYTES   63

/* lists */

struct page {
	struct buf rows;
	uint32_t count;
	uint8_t last[ID_BYTES];
	bool full;
};

static void
page_done(struct page *p)
{
	buf_done(&p->rows);
}

static void
add_row(struct buf *out, struct view key, const struct sync_hold *h)
{
	char name[2 * ID_BYTES + 1];
	text_hex(name, key.at, ID_BYTES);
	name[SYNC_HOLD_NAME_LEN] = 0;
	buf_blob_text(out, name);
	buf_blob(out, h->form);
	buf_blob(out, h->version);
	buf_u8(out, h->why);
	buf_blob(out, h->reason);
	buf_u64(out, (uint64_t)h->received_s);
	buf_blob(out, h->collector);
	buf_blob(out, h->agent);
	buf_u64(out, (uint64_t)h->expires_s);
	buf_u32(out, (uint32_t)h->expected_count);
}

static enum err
list_one(void *arg, struct view key, struct view content, bool *ret_stop)
{
	struct page *p = arg;
	OWNED_HOLD struct sync_hold h;
	enum err e = sync_hold_parse(&h, content);
	if (!e && key.len != ID_BYTES)
		e = fail(E_FORMAT, "the vault is damaged: what is held has no number");
	if (e)
		return e;
	add_row(&p->rows, key, &h);
	memcpy(p->last, key.at, ID_BYTES);
	p->count++;
	p->full = p->count == SYNC_HELD_PAGE_COUNT ||
		  p->rows.len > PAGE_MAX_BYTES - ROW_MAX_BYTES;
	*ret_stop = p->full;
	return OK;
}

enum err
sync_held_list(struct vault *v, struct cursor *asks, struct buf *answer)
{
	OWNED_BY(page_done) struct page p = {.count = 0};
	struct view after = cursor_blob(asks);
	buf_init(&p.rows, PAGE_MAX_BYTES);
	enum err e = cursor_end(asks, "page of what is held");
	if (!e && after.len && after.len != ID_BYTES)
		e = fail(E_FORMAT, "a page of what is held begins behind an id");
	if (!e)
		e = vault_each_after(v, VAULT_HOLDS, after, list_one, &p);
	if (!e)
		e = buf_check(&p.rows, "what is held");
	if (e)
		return e;
	buf_u32(answer, p.count);
	buf_add_view(answer, buf_view(&p.rows));
	buf_blob(answer, view_of(p.last, p.full ? ID_BYTES : 0));
	return OK;
}

/* decisions */

struct found {
	uint8_t id[ID_BYTES];
	size_t count;
};

static enum err
find_one(void *arg, struct view key, struct view content)
{
	struct found *f = arg;
	(void)content;
	if (key.len == ID_BYTES) {
		memcpy(f->id, key.at, ID_BYTES);
		f->count++;
	}
	return OK;
}

static enum err
find_named(struct vault *v, struct view name, uint8_t ret[static ID_BYTES])
{
	uint8_t prefix[NAME_BYTES];
	struct found f = {.count = 0};
	OWNED_MEM char *text = xmemdup(name.at, name.len);
	if (name.len != SYNC_HOLD_NAME_LEN || !text_unhex(prefix, NAME_BYTES, text))
		return fail(E_NOTFOUND, "nothing is held under this name");
	enum err e = vault_each(v, VAULT_HOLDS, view_of(prefix, NAME_BYTES), find_one, &f);
	if (!e && f.count != 1)
		e = fail(E_NOTFOUND, "nothing is held under this name");
	if (!e)
		memcpy(ret, f.id, ID_BYTES);
	return e;
}

/* What becomes of a record is somebody's decision; so is that a text was kept which looks like
 * it leads to a person, or taken out of what somebody said. */
static enum err
log_decision(const struct sync_judge *j, const uint8_t id[static ID_BYTES], const char *action)
{
	char hex[2 * ID_BYTES + 1];
	text_hex(hex, id, ID_BYTES);
	return sync_act(j, (struct leaf){.actor = j->by,
				   .role = j->role,
				   .action = action,
				   .object_type = "submission",
				   .object_commit = hex,
				   .decision = "permit",
				   .outcome = "done"});
}

static void
write_item(struct buf *out, const struct sync_item *t, const struct sync_item_entry *last)
{
	buf_blob(out, t->code);
	buf_add(out, t->instance, ID_BYTES);
	buf_add(out, t->digest, HASH_BYTES);
	buf_u32(out, (uint32_t)t->entry_count);
	for (size_t i = 0; i + 1 < t->entry_count; i++)
		sync_item_write_entry(out, &t->entries[i]);
	sync_item_write_entry(out, last);
}

/* The record that was sealed without the text takes the place of the whole one, under the same
 * key, so that its files stay its files. */
static enum err
take_text_out(struct vault *v, const uint8_t id[static ID_BYTES], struct sync_hold *h)
{
	OWNED_ITEM struct sync_item item = {.entry_count = 0};
	OWNED_BUF struct buf whole;
	struct sync_item_entry last = {.part_count = 0};
	struct cursor c = cursor_of(h->item), spare = cursor_of(h->spare);
	buf_init(&whole, h->item.len + h->spare.len);
	if (!h->spare.len)
		return fail(E_DENIED, "nothing of it could be sealed without its text: drop "
				      "it, and enter it anew");
	enum err e = sync_item_read(&c, &item);
	if (!e)
		e = sync_item_read_entry(&spare, &last);
	if (!e)
		e = cursor_end(&spare, "record without its text");
	if (!e)
		write_item(&whole, &item, &last);
	if (!e)
		e = buf_check(&whole, "record without its text");
	h->item = buf_view(&whole);
	h->spare = view_of(NULL, 0);
	if (!e)
		e = sync_hold_put(v, id, h);
	wire_rules_free(last.rules);
	return e;
}

/* What is done about a text that looks like it leads to a person. */
static enum err
settle_text(const struct sync_judge *j, const uint8_t id[static ID_BYTES], struct sync_hold *h,
	uint8_t what)
{
	if (h->why != HOLD_TEXT)
		return what == DECIDE_WITHOUT
			       ? fail(E_DENIED, "it is held for another reason than its text")
			       : OK;
	if (what == DECIDE_ACCEPT)
		return fail(E_DENIED,
			"a text of it looks like it leads to a person: say --text-kept when it "
			"may go on as it is, take it out with `weir-node held drop-text`, or "
			"drop the record and enter it anew");
	if (what != DECIDE_WITHOUT)
		return OK;
	enum err e = take_text_out(j->vault, id, h);
	return e ? e : log_decision(j, id, "text-taken-out");
}

static enum err
accept(const struct sync_judge *j, const uint8_t id[static ID_BYTES], uint8_t what,
	struct buf *answer)
{
	struct sync_try t = {.judge = j, .id = id, .accepted = true};
	uint8_t participant[ID_BYTES];
	OWNED_HOLD struct sync_hold h;
	uint8_t why = 0;
	enum err e = sync_hold_get(j->vault, id, &h);
	memcpy(participant, h.participant, ID_BYTES);
	t.without_files = !e && h.why == 0;
	if (!e)
		e = settle_text(j, id, &h, what);
	bool keeps_text = !e && h.why == HOLD_TEXT && what == DECIDE_TEXT;
	if (!e)
		e = sync_hold_try(&t, &why);
	if (!e && keeps_text)
		e = log_decision(j, id, "text-kept");
	if (!e && !why && what == DECIDE_ACCEPT)
		e = log_decision(j, id, "held-accepted");
	if (!e && !why)
		e = sync_hold_release(j, participant);
	if (!e)
		buf_blob_text(answer,
			why == HOLD_NO_CONSENT ? "held on: no consent covers it yet"
			: why == HOLD_TERMS    ? "held on: what the site needs is not in force"
			: why                  ? "held on for another reason"
					       : "taken up");
	return e;
}

static enum err
drop(const struct sync_judge *j, const uint8_t id[static ID_BYTES], struct buf *answer)
{
	enum err e = sync_hold_drop(j->vault, id);
	if (!e)
		e = log_decision(j, id, "held-dropped");
	if (!e)
		buf_blob_text(answer, "dropped");
	return e;
}

enum err
sync_held_decide(const struct sync_judge *judge, struct cursor *asks, struct buf *answer)
{
	uint8_t id[ID_BYTES];
	struct sync_judge j = *judge;
	struct view name = cursor_blob(asks);
	uint8_t what = cursor_u8(asks);
	OWNED_MEM char *by = cursor_text(asks, BY_MAX_BYTES);
	OWNED_MEM char *role = cursor_text(asks, BY_MAX_BYTES);
	enum err e = cursor_end(asks, "decision");
	if (!e && (!by[0] || !role[0]))
		e = fail(E_FORMAT, "a decision about a held record is somebody's");
	if (!e && !j.pack)
		e = fail(E_NOTFOUND, "no study has arrived from the hub yet");
	if (!e)
		e = find_named(j.vault, name, id);
	j.by = by;
	j.role = role;
	if (!e && (what == DECIDE_ACCEPT || what == DECIDE_TEXT || what == DECIDE_WITHOUT))
		return accept(&j, id, what, answer);
	if (!e && what != DECIDE_DROP)
		e = fail(E_FORMAT, "a held record is accepted or dropped");
	return e ? e : drop(&j, id, answer);
}
