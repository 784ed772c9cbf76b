#include "node/sync_keep.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire_sync.h"

#include "node/ipc.h"

#define ITEM_ENTRIES_MAX_COUNT 16
#define INSTANCE_ROW_BYTES     64
#define ROOM_EXTRA_PERCENT     50 /* tree pages and rows of their own around what was sent */

struct sync_keep {
	struct buf items;
	uint32_t count;
};

struct entry_in {
	enum lane lane;
	struct entry_part parts[WIRE_PARTS_MAX];
	size_t part_count;
	struct wire_rules *rules; /* owned by the item */
};

struct item {
	struct view code;
	uint8_t instance[ID_BYTES];
	uint8_t digest[HASH_BYTES];
	struct entry_in entries[ITEM_ENTRIES_MAX_COUNT];
	size_t entry_count;
	uint8_t participant[ID_BYTES];
};

/* collecting */

struct sync_keep *
sync_keep_new(void)
{
	struct sync_keep *k = xcalloc(1, sizeof(*k));
	buf_init(&k->items, KEEP_MAX_BYTES);
	return k;
}

void
sync_keep_free(struct sync_keep *k)
{
	if (!k)
		return;
	buf_done(&k->items);
	mem_drop(&k);
}

enum err
sync_keep_add(struct sync_keep *k, uint32_t count, struct view items)
{
	if (count > UINT32_MAX - k->count)
		return fail(E_FORMAT, "the request has too many items");
	buf_add_view(&k->items, items);
	k->count += count;
	return buf_check(&k->items, "request");
}

/* reading items */

bool
sync_keep_is_code(struct view code)
{
	if (code.len == 0 || code.len >= SYNC_KEEP_CODE_BYTES || !text_is_utf8(code))
		return false;
	for (size_t i = 0; i < code.len; i++)
		if (code.at[i] < 0x20 || code.at[i] == 0x7f)
			return false;
	return true;
}

static void
item_done(struct item *t)
{
	for (size_t i = 0; i < t->entry_count; i++) {
		wire_rules_free(t->entries[i].rules);
		t->entries[i].rules = NULL;
	}
	t->entry_count = 0;
}

static enum err
read_entry(struct cursor *c, struct entry_in *ret)
{
	*ret = (struct entry_in){.lane = (enum lane)cursor_u8(c)};
	uint8_t count = cursor_u8(c);
	if (count == 0 || count > WIRE_PARTS_MAX)
		return fail(E_FORMAT, "an entry has no parts or too many");
	for (uint8_t i = 0; i < count; i++) {
		ret->parts[i].kind = (enum part_kind)cursor_u8(c);
		ret->parts[i].bytes = cursor_blob(c);
	}
	ret->part_count = count;
	if (c->broken)
		return fail(E_FORMAT, "an entry is cut short");
	if (ret->parts[0].kind != PART_RULES)
		return fail(E_FORMAT, "an entry has no rules part in front");
	return wire_rules_unpack(&ret->rules, ret->parts[0].bytes);
}

static enum err
read_item(struct cursor *c, struct item *t)
{
	enum err e = OK;
	t->code = cursor_blob(c);
	cursor_copy(c, t->instance, sizeof(t->instance));
	cursor_copy(c, t->digest, sizeof(t->digest));
	uint32_t count = cursor_u32(c);
	t->entry_count = 0;
	if (c->broken || count == 0 || count > ITEM_ENTRIES_MAX_COUNT)
		return fail(E_FORMAT, "it is cut short, or has no entries or too many");
	if (!sync_keep_is_code(t->code))
		return fail(E_FORMAT, "the study code is not of its form");
	while (!e && t->entry_count < count)
		e = read_entry(c, &t->entries[t->entry_count++]);
	return e;
}

/* checking */

struct form_of_entry {
	enum lane lane;
	unsigned needed; /* part kinds, one bit each */
	unsigned may;
};

#define BIT(kind) (1u << (kind))

static struct form_of_entry
form_of(enum rules_kind kind)
{
	switch (kind) {
	case RULES_RECORD:
		return (struct form_of_entry){LANE_R, BIT(PART_ANSWERS), 0};
	case RULES_KEY:
		return (struct form_of_entry){
			LANE_C, BIT(PART_WRAP_STUDY), BIT(PART_WRAP_SITE)};
	case RULES_CONSENT:
		return (struct form_of_entry){LANE_C, 0, BIT(PART_DETAIL)};
	case RULES_CHANGE:
		return (struct form_of_entry){LANE_C, 0, 0};
	}
	return (struct form_of_entry){0};
}

static enum err
check_parts(const struct entry_in *n)
{
	struct form_of_entry form = form_of(n->rules->kind);
	unsigned there = 0;
	for (size_t i = 1; i < n->part_count; i++) {
		unsigned kind = (unsigned)n->parts[i].kind;
		if (kind > PART_ACT || kind <= (unsigned)n->parts[i - 1].kind)
			return fail(E_FORMAT, "the parts of an entry are not in order");
		there |= BIT(kind);
	}
	if (n->lane != form.lane)
		return fail(E_FORMAT, "an entry is in the wrong lane");
	if ((there & form.needed) != form.needed || (there & ~(form.needed | form.may)) != 0)
		return fail(E_FORMAT, "an entry has not the parts of its kind");
	return OK;
}

/* What does not fit a frame could never reach the hub. */
static enum err
check_size(const struct entry_in *n)
{
	static const uint8_t header[WIRE_HEADER_MAX_BYTES];
	struct sync_entry s = {
		.header = view_of(header, sizeof(header)), .part_count = n->part_count};
	for (size_t i = 0; i < n->part_count; i++)
		s.parts[i] = (struct sync_part){(uint8_t)n->parts[i].kind, n->parts[i].bytes};
	return sync_entry_bytes(&s) + SYNC_BATCH_EXTRA_BYTES > SYNC_FRAME_MAX_BYTES
		       ? fail(E_FORMAT,
				 "it is larger than the link to the hub carries (%zu KiB)",
				 SYNC_FRAME_MAX_BYTES / 1024)
		       : OK;
}

static enum err
check_item(const struct item *t)
{
	bool named = false;
	enum err e = OK;
	for (size_t i = 0; !e && i < t->entry_count; i++) {
		const struct entry_in *n = &t->entries[i];
		if (memcmp(n->rules->participant, t->participant, ID_BYTES) != 0)
			e = fail(E_DENIED, "an entry is about another person than the code");
		if (!e)
			e = check_parts(n);
		if (!e)
			e = check_size(n);
		named = named || memcmp(n->rules->instance, t->instance, ID_BYTES) == 0;
	}
	if (!e && !named)
		e = fail(E_FORMAT, "no entry is the one that the item is named by");
	return e;
}

/* keeping */

struct keeping {
	const struct sync_judge *judge;
	struct vault *vault;
	struct sync_kept done;
};

/* Is the instance on file? ret_digest, ret_lane: of what is there. */
static enum err
find_instance(struct vault *v, const uint8_t id[static ID_BYTES], bool *ret_found,
	uint8_t ret_digest[static HASH_BYTES], enum lane *ret_lane)
{
	struct view row;
	*ret_found = false;
	enum err e = vault_get(v, VAULT_INSTANCES, view_of(id, ID_BYTES), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	cursor_copy(&c, ret_digest, HASH_BYTES);
	*ret_lane = (enum lane)cursor_u8(&c);
	(void)cursor_u64(&c);
	*ret_found = true;
	return cursor_end(&c, "instance on file");
}

static enum err
put_instance(struct keeping *k, const struct item *t, const struct entry_in *n,
	const struct sync_mark *at)
{
	static const uint8_t none[HASH_BYTES];
	OWNED_BUF struct buf b;
	uint8_t digest[HASH_BYTES];
	enum lane lane;
	bool found;
	bool names_item = memcmp(n->rules->instance, t->instance, ID_BYTES) == 0;
	buf_init(&b, INSTANCE_ROW_BYTES);
	enum err e = find_instance(k->vault, n->rules->instance, &found, digest, &lane);
	if (!e && found)
		e = fail(E_CONFLICT, "an entry of this id is on file already");
	buf_add(&b, names_item ? t->digest : none, HASH_BYTES);
	buf_u8(&b, (uint8_t)n->lane);
	buf_u64(&b, at->seq);
	if (!e)
		e = vault_put(k->vault, VAULT_INSTANCES, view_of(n->rules->instance, ID_BYTES),
			buf_view(&b));
	return e;
}

static enum err
put_person(struct keeping *k, const struct entry_in *n, const struct sync_mark *at)
{
	OWNED_BUF struct buf key;
	buf_init(&key, INSTANCE_ROW_BYTES);
	buf_add(&key, n->rules->participant, ID_BYTES);
	buf_u32(&key, vault_incarnation(k->vault));
	buf_u8(&key, (uint8_t)n->lane);
	buf_u64(&key, at->seq);
	return vault_put(k->vault, VAULT_PERSONS, buf_view(&key), view_of(NULL, 0));
}

static enum err
count_version(void *arg, struct view key, struct view row)
{
	uint32_t *count = arg;
	(void)key;
	(void)row;
	(*count)++;
	return OK;
}

static enum err
put_consent(struct keeping *k, const struct entry_in *n, const struct sync_mark *at)
{
	OWNED_BUF struct buf key, row;
	uint32_t index = 0;
	struct view person = view_of(n->rules->participant, ID_BYTES);
	buf_init(&key, INSTANCE_ROW_BYTES);
	buf_init(&row, INSTANCE_ROW_BYTES);
	enum err e = vault_each(k->vault, VAULT_CONSENTS, person, count_version, &index);
	buf_add_view(&key, person);
	buf_u32(&key, index);
	buf_u8(&row, (uint8_t)n->lane);
	buf_u64(&row, at->seq);
	return e ? e : vault_put(k->vault, VAULT_CONSENTS, buf_view(&key), buf_view(&row));
}

/* A record is sealed with a key of its own person that the hub gets before it. */
static enum err
check_key(struct keeping *k, const struct wire_rules *r)
{
	uint8_t digest[HASH_BYTES];
	enum lane lane = LANE_R;
	bool found;
	enum err e = find_instance(k->vault, r->key_ref, &found, digest, &lane);
	if (!e && (!found || lane != LANE_C))
		e = fail(E_DENIED, "the record names a key that is not on file");
	return e;
}

static enum err
judge_entry(struct keeping *k, const struct entry_in *n)
{
	enum err e;
	switch (n->rules->kind) {
	case RULES_RECORD:
		e = check_key(k, n->rules);
		return e ? e : sync_judge_record(k->judge, n->rules);
	case RULES_CONSENT:
		return sync_judge_consent(k->judge, n->rules);
	case RULES_CHANGE:
		return sync_judge_change(k->judge, n->rules);
	case RULES_KEY:
		return OK;
	}
	return fail(E_FORMAT, "an entry is of an unknown kind");
}

static enum err
keep_entry(struct keeping *k, const struct item *t, const struct entry_in *n)
{
	struct sync_mark at;
	enum err e = judge_entry(k, n);
	if (!e)
		e = vault_append(k->vault, n->lane, n->parts, n->part_count, &at);
	if (!e)
		e = put_instance(k, t, n, &at);
	if (!e)
		e = put_person(k, n, &at);
	if (!e && (n->rules->kind == RULES_CONSENT || n->rules->kind == RULES_CHANGE))
		e = put_consent(k, n, &at);
	if (!e)
		k->done.entries++;
	return e;
}

static enum err
find_person(struct keeping *k, struct item *t)
{
	struct view row;
	enum err e = vault_get(k->vault, VAULT_PEOPLE, t->code, &row);
	if (e == E_NOTFOUND)
		return fail(e, "its study code is not known at this site");
	if (!e && row.len != ID_BYTES)
		e = fail(E_FORMAT, "its person on file is not of its form");
	if (!e)
		memcpy(t->participant, row.at, ID_BYTES);
	return e;
}

static enum err
keep_item(struct keeping *k, struct item *t)
{
	uint8_t digest[HASH_BYTES];
	enum lane lane;
	bool found = false;
	enum err e = find_instance(k->vault, t->instance, &found, digest, &lane);
	if (!e && found && memcmp(digest, t->digest, HASH_BYTES) == 0) {
		k->done.skipped++;
		return OK;
	}
	if (!e && found)
		e = fail(
			E_CONFLICT, "other answers are on file for this person, form and wave");
	if (!e)
		e = find_person(k, t);
	if (!e)
		e = check_item(t);
	for (size_t i = 0; !e && i < t->entry_count; i++)
		e = keep_entry(k, t, &t->entries[i]);
	if (!e)
		k->done.items++;
	return e;
}

/* Changes of participation may use the room that is kept for them. */
static bool
is_change(const struct item *t)
{
	return t->entry_count == 1 && t->entries[0].rules->kind == RULES_CHANGE;
}

static enum err
check_room(const struct sync_keep *k, struct vault *v)
{
	size_t bytes = k->items.len;
	return vault_room(v, bytes + bytes / 100 * ROOM_EXTRA_PERCENT);
}

enum err
sync_keep_apply(struct sync_keep *k, const struct sync_judge *j, struct sync_kept *ret)
{
	struct keeping run = {.judge = j, .vault = j->vault};
	struct cursor c = cursor_of(buf_view(&k->items));
	bool room_checked = false;
	*ret = (struct sync_kept){0};
	if (!j->pack)
		return fail(E_NOTFOUND, "no study has arrived from the hub yet");
	for (uint32_t i = 0; i < k->count; i++) {
		OWNED_BY(item_done) struct item t = {.entry_count = 0};
		enum err e = read_item(&c, &t);
		if (!e && !room_checked && !is_change(&t)) {
			e = check_room(k, j->vault);
			room_checked = true;
			if (e)
				return e;
		}
		if (!e)
			e = keep_item(&run, &t);
		if (e)
			return fail_in(e, "item %u", i);
	}
	enum err e = cursor_end(&c, "request");
	if (!e)
		*ret = run.done;
	return e;
}
