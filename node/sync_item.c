#include "node/sync_item.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire_sync.h"

#include "node/attach.h"
#include "node/sync_bounds.h"
#include "node/sync_hold_said.h"

/* reading items */

bool
sync_item_is_code(struct view code)
{
	if (code.len == 0 || code.len >= SYNC_CODE_BYTES || !text_is_utf8(code))
		return false;
	for (size_t i = 0; i < code.len; i++)
		if (code.at[i] < 0x20 || code.at[i] == 0x7f)
			return false;
	return true;
}

void
sync_item_done(struct sync_item *t)
{
	for (size_t i = 0; i < t->entry_count; i++) {
		wire_rules_free(t->entries[i].rules);
		t->entries[i].rules = NULL;
	}
	t->entry_count = 0;
	buf_done(&t->changed_rules);
	buf_done(&t->roots);
}

enum err
sync_item_read_entry(struct cursor *c, struct sync_item_entry *ret)
{
	*ret = (struct sync_item_entry){.lane = (enum lane)cursor_u8(c)};
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

void
sync_item_write_entry(struct buf *out, const struct sync_item_entry *n)
{
	buf_u8(out, (uint8_t)n->lane);
	buf_u8(out, (uint8_t)n->part_count);
	for (size_t i = 0; i < n->part_count; i++) {
		buf_u8(out, (uint8_t)n->parts[i].kind);
		buf_blob(out, n->parts[i].bytes);
	}
}

enum err
sync_item_read(struct cursor *c, struct sync_item *t)
{
	enum err e = OK;
	*t = (struct sync_item){.entry_count = 0};
	buf_init(&t->changed_rules, WIRE_RULES_MAX_BYTES);
	buf_init(&t->roots, ROOTS_PART_MAX_BYTES);
	t->code = cursor_blob(c);
	cursor_copy(c, t->instance, sizeof(t->instance));
	cursor_copy(c, t->digest, sizeof(t->digest));
	uint32_t count = cursor_u32(c);
	if (c->broken || count == 0 || count > SYNC_ITEM_ENTRIES_MAX_COUNT)
		return fail(E_FORMAT, "it is cut short, or has no entries or too many");
	if (t->code.len && !sync_item_is_code(t->code))
		return fail(E_FORMAT, "the study code is not of its form");
	while (!e && t->entry_count < count)
		e = sync_item_read_entry(c, &t->entries[t->entry_count++]);
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
		return (struct form_of_entry){LANE_R, BIT(PART_ANSWERS), BIT(PART_ROOTS)};
	case RULES_KEY:
		return (struct form_of_entry){
			LANE_C, BIT(PART_WRAP_STUDY), BIT(PART_WRAP_SITE)};
	case RULES_CONSENT:
		return (struct form_of_entry){LANE_C, 0, BIT(PART_DETAIL)};
	case RULES_CHANGE:
	case RULES_OPT_OUT:
		return (struct form_of_entry){LANE_C, 0, 0};
	}
	return (struct form_of_entry){0};
}

static enum err
check_parts(const struct sync_item_entry *n)
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
check_size(const struct sync_item_entry *n)
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

enum err
sync_item_check(const struct sync_item *t)
{
	bool named = false;
	enum err e = OK;
	for (size_t i = 0; !e && i < t->entry_count; i++) {
		const struct sync_item_entry *n = &t->entries[i];
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

struct sync_item_entry *
sync_item_named(struct sync_item *t)
{
	for (size_t i = 0; i < t->entry_count; i++)
		if (memcmp(t->entries[i].rules->instance, t->instance, ID_BYTES) == 0)
			return &t->entries[i];
	return NULL;
}

/* A record is sealed with a key of its own person, in the same item or on file. */
static enum err
check_key(const struct sync_item *t, struct vault *v, const struct wire_rules *r)
{
	uint8_t digest[HASH_BYTES];
	enum lane lane = LANE_R;
	bool found = false;
	for (size_t i = 0; i < t->entry_count; i++)
		if (t->entries[i].rules->kind == RULES_KEY &&
			memcmp(t->entries[i].rules->instance, r->key_ref, ID_BYTES) == 0)
			return OK;
	enum err e = sync_item_find(v, r->key_ref, &found, digest, &lane);
	if (!e && (!found || lane != LANE_C))
		e = fail(E_DENIED, "the record names a key that is not on file");
	return e;
}

/* Where nobody has to agree, what a person says has to be heard first. */
static enum err
check_said(const struct sync_judge *j, const struct wire_rules *r)
{
	struct sync_hold_said said = {.any = false};
	bool without = false;
	enum err e = sync_judge_without(j, r, &without);
	if (!e && without)
		e = sync_hold_said(j, r->participant, &said);
	return e || !said.any
		       ? e
		       : fail(E_DENIED, "what the person said is held here and may be a no: "
					"it is looked at first (weir-node held)");
}

static enum err
judge_record(
	const struct sync_judge *j, const struct sync_item *t, const struct sync_item_entry *n)
{
	enum err e = check_key(t, j->vault, n->rules);
	if (!e)
		e = sync_judge_record(j, n->rules, t->has_files_of_site);
	return e ? e : check_said(j, n->rules);
}

enum err
sync_item_judge(
	const struct sync_judge *j, const struct sync_item *t, const struct sync_item_entry *n)
{
	enum err e = sync_bounds_check(
		sync_judge_form(j, n->rules->form, n->rules->form_version), t, n);
	if (e)
		return e;
	switch (n->rules->kind) {
	case RULES_RECORD:
		return judge_record(j, t, n);
	case RULES_CONSENT:
		return sync_judge_consent(j, n->rules);
	case RULES_CHANGE:
		return sync_judge_change(j, n->rules);
	case RULES_OPT_OUT:
		return sync_judge_opt_out(j, n->rules);
	case RULES_KEY:
		return OK;
	}
	return fail(E_FORMAT, "an entry is of an unknown kind");
}

/* changing */

enum err
sync_item_refer(struct sync_item *t, const uint8_t id[static ID_BYTES])
{
	struct sync_item_entry *n = sync_item_named(t);
	if (!n)
		return fail(E_FORMAT, "no entry is the one that the item is named by");
	memcpy(n->rules->refers_to, id, ID_BYTES);
	buf_reset(&t->changed_rules);
	enum err e = wire_rules_pack(&t->changed_rules, n->rules);
	if (!e)
		n->parts[0].bytes = buf_view(&t->changed_rules);
	return e;
}

enum err
sync_item_add_roots(struct sync_item *t, struct view roots)
{
	struct sync_item_entry *n = sync_item_named(t);
	if (!n || n->part_count == WIRE_PARTS_MAX || n->rules->kind != RULES_RECORD)
		return fail(E_FORMAT, "the entry cannot have files");
	buf_reset(&t->roots);
	buf_add_view(&t->roots, roots);
	n->parts[n->part_count++] = (struct entry_part){PART_ROOTS, buf_view(&t->roots)};
	return buf_check(&t->roots, "files of a record");
}
