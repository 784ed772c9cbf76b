#include "node/capture.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire_answers.h"
#include "common/codec/wire_entry.h"
#include "common/trust/seal.h"

#define ITEM_MAX_BYTES (SEAL_PART_MAX_BYTES + 131072)
#define ROW_MAX_BYTES  ((size_t)FORM_MAX_FIELDS * (FORM_MAX_TEXT_BYTES + 1024))
#define INSTANCE_BYTES (2 * ID_BYTES + 1)

/* A record whose answers were found to be of its form: values by field, "" where blank. */
struct row {
	const struct capture_record *record;
	const char **values;
};

/* ids */

/* What names and values take together, each with its length: answers are put into buffers that
 * are never moved, so that nothing of them stays behind. */
static size_t
plain_bytes(const struct row *row)
{
	const struct form *form = row->record->form;
	size_t bytes = 1024;
	for (size_t i = 0; i < form->field_count; i++)
		bytes += strlen(form->fields[i].name) + strlen(row->values[i]) + 32;
	return bytes;
}

static enum err
row_digest(
	uint8_t ret[static HASH_BYTES], const struct capture_site *site, const struct row *row)
{
	OWNED_WIPED struct buf plain;
	const struct capture_record *r = row->record;
	buf_init(&plain, ROW_MAX_BYTES);
	buf_reserve(&plain, plain_bytes(row));
	buf_blob_text(&plain, r->form->id);
	buf_blob(&plain, view_of(r->participant, ID_BYTES));
	for (size_t i = 0; i < r->form->field_count; i++) {
		const char *name = r->form->fields[i].name;
		if (strcmp(name, FORM_PARTICIPANT) == 0 || !row->values[i][0])
			continue;
		buf_blob_text(&plain, name);
		buf_blob_text(&plain, row->values[i]);
	}
	struct view whole = buf_view(&plain);
	crypto_hash_many(ret, "weir-row-v1", site->row_key, &whole, 1);
	return buf_check(&plain, "row");
}

static void
record_instance(uint8_t ret[static ID_BYTES], const struct capture_site *site,
	const struct capture_record *r, const uint8_t digest[static HASH_BYTES])
{
	OWNED_BUF struct buf about;
	buf_init(&about, 4096);
	buf_blob_text(&about, r->form->id);
	buf_blob(&about, view_of(r->participant, ID_BYTES));
	buf_blob_text(&about, r->wave);
	if (r->form->many)
		buf_blob(&about, view_of(digest, HASH_BYTES));
	struct view whole = buf_view(&about);
	crypto_hash_id(ret, "weir-instance-v1", site->row_key, &whole, 1);
}

/* entries of an item */

static enum err
add_rules(struct buf *out, struct wire_rules *r)
{
	OWNED_BUF struct buf part;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	crypto_random(r->salt, sizeof(r->salt));
	enum err e = wire_rules_pack(&part, r);
	if (!e) {
		buf_u8(out, PART_RULES);
		buf_blob(out, buf_view(&part));
	}
	return e;
}

static struct seal_context
context_of(const struct capture_site *site, const struct capture_record *r,
	const uint8_t instance[static ID_BYTES])
{
	struct seal_context c = {.study = site->study,
		.form = r->form->id,
		.form_version = r->form->version,
		.class = r->form->coordinator_reads ? SEAL_BOTH : SEAL_HUB};
	memcpy(c.participant, r->participant, ID_BYTES);
	memcpy(c.instance, instance, ID_BYTES);
	return c;
}

static enum err
add_wrap(struct buf *out, enum part_kind kind, const struct seal_context *c, struct secret *key,
	const struct capture_site *site)
{
	OWNED_BUF struct buf wrap;
	buf_init(&wrap, 4096);
	bool study = kind == PART_WRAP_STUDY;
	enum err e = seal_wrap(&wrap, c, key, study ? site->intake_number : site->review_number,
		study ? site->intake_public : site->review_public);
	if (!e) {
		buf_u8(out, (uint8_t)kind);
		buf_blob(out, buf_view(&wrap));
	}
	return e;
}

static enum err
add_key_entry(struct buf *out, const struct capture_site *site, const struct capture_record *r,
	const struct seal_context *c, struct secret *key)
{
	struct wire_rules rules = {.kind = RULES_KEY, .captured_s = r->captured_s};
	bool both = c->class == SEAL_BOTH;
	memcpy(rules.participant, r->participant, ID_BYTES);
	memcpy(rules.instance, c->instance, ID_BYTES); /* the key's own id */
	buf_u8(out, LANE_C);
	buf_u8(out, both ? 3 : 2);
	enum err e = add_rules(out, &rules);
	if (!e)
		e = add_wrap(out, PART_WRAP_STUDY, c, key, site);
	if (!e && both)
		e = add_wrap(out, PART_WRAP_SITE, c, key, site);
	return e;
}

static enum err
add_consent_entry(
	struct buf *out, const struct capture_record *r, uint8_t ret_ref[static ID_BYTES])
{
	struct wire_rules rules = {.kind = RULES_CONSENT,
		.captured_s = r->captured_s,
		.consent = r->consent->wire};
	rules.consent.permissions = r->consent->permissions;
	memcpy(rules.participant, r->participant, ID_BYTES);
	crypto_random(rules.instance, ID_BYTES);
	memcpy(ret_ref, rules.instance, ID_BYTES);
	buf_u8(out, LANE_C);
	buf_u8(out, 1);
	return add_rules(out, &rules);
}

/* The answers that travel sealed: not those of the site alone, not those that rules may see. */
static enum err
seal_record(struct buf *out, const struct row *row, const struct seal_context *c,
	struct secret *key)
{
	const struct capture_record *r = row->record;
	OWNED_WIPED struct buf plain;
	OWNED_BUF struct buf sealed;
	OWNED_MEM struct wire_answer *list = xcalloc(r->form->field_count, sizeof(*list));
	char instance[INSTANCE_BYTES];
	size_t count = 0;
	buf_init(&plain, WIRE_ANSWERS_MAX_BYTES);
	buf_reserve(&plain, MIN(plain_bytes(row), WIRE_ANSWERS_MAX_BYTES));
	buf_init(&sealed, SEAL_PART_MAX_BYTES);
	for (size_t i = 0; i < r->form->field_count; i++) {
		const struct form_field *f = &r->form->fields[i];
		if (f->goes == FORM_HUB && row->values[i][0])
			list[count++] = (struct wire_answer){f->name, row->values[i]};
	}
	text_hex(instance, c->instance, ID_BYTES);
	struct wire_answers answers = {.form = r->form->id,
		.form_version = r->form->version,
		.instance_id = instance,
		.count = count,
		.answers = list};
	enum err e = wire_answers_pack(&plain, &answers);
	if (!e)
		e = seal_answers(&sealed, buf_view(&plain), c, key);
	if (!e) {
		buf_u8(out, PART_ANSWERS);
		buf_blob(out, buf_view(&sealed));
	}
	return e;
}

static void
fill_open(struct wire_rules *rules, const struct row *row)
{
	const struct form *form = row->record->form;
	for (size_t i = 0; i < form->field_count && rules->open_count < WIRE_OPEN_MAX; i++)
		if (form->fields[i].goes == FORM_OPEN && row->values[i][0])
			rules->open[rules->open_count++] =
				(struct wire_open){form->fields[i].name, row->values[i]};
}

struct record_refs {
	uint8_t consent[ID_BYTES];
	uint8_t key[ID_BYTES];
};

static enum err
add_record_entry(struct buf *out, const struct row *row, const struct seal_context *c,
	struct secret *key, const struct record_refs *refs)
{
	const struct capture_record *r = row->record;
	struct wire_rules rules = {.kind = RULES_RECORD,
		.form = r->form->id,
		.form_version = r->form->version,
		.wave = r->wave,
		.group = r->group,
		.captured_s = r->captured_s};
	memcpy(rules.participant, r->participant, ID_BYTES);
	memcpy(rules.instance, c->instance, ID_BYTES);
	memcpy(rules.consent_ref, refs->consent, ID_BYTES);
	memcpy(rules.key_ref, refs->key, ID_BYTES);
	fill_open(&rules, row);
	buf_u8(out, LANE_R);
	buf_u8(out, 2);
	enum err e = add_rules(out, &rules);
	return e ? e : seal_record(out, row, c, key);
}

static enum err
add_entries(struct buf *out, const struct capture_site *site, const struct row *row,
	const uint8_t instance[static ID_BYTES])
{
	const struct capture_record *r = row->record;
	OWNED_SECRET struct secret *key = seal_key_new();
	struct record_refs refs;
	struct seal_context record = context_of(site, r, instance), wrapped = record;
	crypto_random(refs.key, ID_BYTES);
	memcpy(wrapped.instance, refs.key, ID_BYTES);
	memcpy(refs.consent, r->consent_ref, ID_BYTES);
	buf_u32(out, r->consent ? 3 : 2);
	enum err e = add_key_entry(out, site, r, &wrapped, key);
	if (!e && r->consent)
		e = add_consent_entry(out, r, refs.consent);
	if (!e)
		e = add_record_entry(out, row, &record, key, &refs);
	return e;
}

/* values: one for each field, "" so far. */
static enum err
check_record(const struct capture_record *r, const char **values)
{
	OWNED_MEM struct expr_value *found = xcalloc(r->form->field_count, sizeof(*found));
	if (r->form->per_site)
		return fail(E_FORMAT,
			"form %s is about the site: this version takes records about persons "
			"only",
			r->form->id);
	enum err e = form_check_answers(r->form, r->answers, r->count, found);
	for (size_t i = 0; !e && i < r->form->field_count; i++)
		values[i] = "";
	for (size_t i = 0; !e && i < r->count; i++) {
		int at = form_field(r->form, r->answers[i].name);
		if (at >= 0 && found[at].present)
			values[at] = r->answers[i].value;
	}
	if (r->form->field_count)
		crypto_wipe(found, r->form->field_count * sizeof(*found));
	return e;
}

enum err
capture_item(struct buf *out, const struct capture_site *site, const struct capture_record *r)
{
	OWNED_BUF struct buf item;
	OWNED_MEM const char **values = xcalloc(r->form->field_count, sizeof(*values));
	const struct row row = {r, values};
	uint8_t digest[HASH_BYTES], instance[ID_BYTES];
	buf_init(&item, ITEM_MAX_BYTES);
	enum err e = check_record(r, values);
	if (!e)
		e = row_digest(digest, site, &row);
	if (e)
		return e;
	record_instance(instance, site, r, digest);
	buf_blob_text(&item, r->code);
	buf_add(&item, instance, sizeof(instance));
	buf_add(&item, digest, sizeof(digest));
	e = add_entries(&item, site, &row, instance);
	if (!e)
		e = buf_check(&item, "record");
	if (!e)
		buf_add_view(out, buf_view(&item));
	return e;
}

enum err
capture_change_item(struct buf *out, const struct capture_change *c)
{
	OWNED_BUF struct buf item;
	struct wire_rules rules = {
		.kind = RULES_CHANGE, .captured_s = c->captured_s, .consent = c->after->wire};
	uint8_t digest[HASH_BYTES];
	buf_init(&item, ITEM_MAX_BYTES);
	rules.consent.permissions = c->after->permissions;
	memcpy(rules.participant, c->participant, ID_BYTES);
	memcpy(rules.refers_to, c->refers_to, ID_BYTES);
	crypto_random(rules.instance, ID_BYTES);
	crypto_random(digest, sizeof(digest)); /* a change is never the same row again */
	buf_blob_text(&item, c->code);
	buf_add(&item, rules.instance, ID_BYTES);
	buf_add(&item, digest, sizeof(digest));
	buf_u32(&item, 1);
	buf_u8(&item, LANE_C);
	buf_u8(&item, 1);
	enum err e = add_rules(&item, &rules);
	if (!e)
		e = buf_check(&item, "participation change");
	if (!e)
		buf_add_view(out, buf_view(&item));
	return e;
}
