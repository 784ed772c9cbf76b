#include "node/capture_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire_answers.h"
#include "common/codec/wire_entry.h"
#include "common/study/receipt.h"
#include "common/trust/seal.h"

#include "node/consent_form.h"

#define ITEM_MAX_BYTES (SEAL_PART_MAX_BYTES + 131072)
#define INSTANCE_BYTES (2 * ID_BYTES + 1)
#define DIGEST_BYTES   (2 * HASH_BYTES + 1)
#define RECEIPT_PATH   "@receipt" /* in a detail part; no item can be named so */
#define SHOWN_PATH     "@form"
#define EXTRA_ANSWERS  2

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

/* A consent that came with a questionnaire stands for itself: nothing of it is sealed. */
static enum err
add_consent_entry(
	struct buf *out, const struct capture_record *r, uint8_t ret_ref[static ID_BYTES])
{
	struct wire_rules rules = {.kind = RULES_CONSENT,
		.captured_s = r->captured_s,
		.captured_said = r->captured_said,
		.consent = r->consent->wire};
	rules.consent.permissions = r->consent->permissions;
	memcpy(rules.participant, r->participant, ID_BYTES);
	crypto_random(rules.instance, ID_BYTES);
	memcpy(ret_ref, rules.instance, ID_BYTES);
	buf_u8(out, LANE_C);
	buf_u8(out, 1);
	return add_rules(out, &rules);
}

/* Texts that a detail has besides answers; they last as long as it is being packed. */
struct extra {
	char receipt[RECEIPT_BYTES];
	char shown[DIGEST_BYTES];
};

/* What the person was shown can be proved later: the digest of the form's XML. */
static size_t
add_extra(struct wire_answer *list, size_t count, const struct capture_row *row,
	const struct seal_context *c, struct extra *x)
{
	const struct form *form = row->record->form;
	uint8_t hash[HASH_BYTES];
	if (!row->consent)
		return count;
	receipt_number(x->receipt, c->instance);
	list[count++] = (struct wire_answer){RECEIPT_PATH, x->receipt};
	if (!form->xml)
		return count;
	crypto_hash_one(hash, "weir-form-v1", buf_view(form->xml));
	text_hex(x->shown, hash, sizeof(hash));
	list[count++] = (struct wire_answer){SHOWN_PATH, x->shown};
	return count;
}

/* The answers that travel sealed: not those of the site alone, not those that rules may see. */
static enum err
pack_answers(struct buf *plain, const struct capture_row *row, const struct seal_context *c)
{
	OWNED_MEM struct wire_answer *list =
		xcalloc(row->cells.count + EXTRA_ANSWERS, sizeof(*list));
	char instance[INSTANCE_BYTES];
	struct extra extra;
	size_t count = 0;
	for (size_t i = 0; i < row->cells.count; i++) {
		const struct capture_cell *cell = &row->cells.list[i];
		if (capture_cell_is_sealed(cell))
			list[count++] = (struct wire_answer){cell->path, cell->value};
	}
	count = add_extra(list, count, row, c, &extra);
	text_hex(instance, c->instance, ID_BYTES);
	struct wire_answers answers = {.form = row->record->form->id,
		.form_version = row->record->form->version,
		.instance_id = instance,
		.count = count,
		.answers = list};
	return wire_answers_pack(plain, &answers);
}

static enum err
add_sealed(struct buf *out, enum part_kind kind, const struct capture_row *row,
	const struct seal_context *c, struct secret *key)
{
	OWNED_WIPED struct buf plain;
	OWNED_BUF struct buf sealed;
	buf_init(&plain, WIRE_ANSWERS_MAX_BYTES);
	buf_reserve(&plain, MIN(row->cells.plain_bytes + 4096, WIRE_ANSWERS_MAX_BYTES));
	buf_init(&sealed, SEAL_PART_MAX_BYTES);
	enum err e = pack_answers(&plain, row, c);
	if (!e)
		e = seal_answers(&sealed, buf_view(&plain), c, key);
	if (!e) {
		buf_u8(out, (uint8_t)kind);
		buf_blob(out, buf_view(&sealed));
	}
	return e;
}

static void
fill_open(struct wire_rules *rules, const struct capture_row *row)
{
	for (size_t i = 0; i < row->cells.count && rules->open_count < WIRE_OPEN_MAX; i++) {
		const struct capture_cell *c = &row->cells.list[i];
		if (c->field && c->field->goes == FORM_OPEN)
			rules->open[rules->open_count++] =
				(struct wire_open){c->field->name, c->value};
	}
}

/* What stays at the site is in no entry, so nothing is said of it either. */
static bool
comes_with_sound(const struct capture_row *row)
{
	for (size_t i = 0; i < row->cells.count; i++) {
		const struct capture_cell *c = &row->cells.list[i];
		if (c->field && c->field->sound && c->field->goes != FORM_SITE && *c->value)
			return true;
	}
	return false;
}

struct record_refs {
	uint8_t consent[ID_BYTES];
	uint8_t key[ID_BYTES];
};

static enum err
add_record_entry(struct buf *out, const struct capture_row *row, const struct seal_context *c,
	struct secret *key, const struct record_refs *refs)
{
	const struct capture_record *r = row->record;
	struct wire_rules rules = {.kind = row->consent ? RULES_CONSENT : RULES_RECORD,
		.form = r->form->id,
		.form_version = r->form->version,
		.wave = r->wave,
		.group = r->group,
		.captured_s = r->captured_s,
		.captured_said = r->captured_said};
	memcpy(rules.participant, r->participant, ID_BYTES);
	memcpy(rules.instance, c->instance, ID_BYTES);
	memcpy(rules.consent_ref, refs->consent, ID_BYTES);
	memcpy(rules.key_ref, refs->key, ID_BYTES);
	if (row->consent) {
		rules.consent = row->consent->wire;
		rules.consent.permissions = row->consent->permissions;
	} else {
		fill_open(&rules, row);
		rules.sound = comes_with_sound(row);
	}
	buf_u8(out, row->consent ? LANE_C : LANE_R);
	buf_u8(out, 2);
	enum err e = add_rules(out, &rules);
	return e ? e : add_sealed(out, row->consent ? PART_DETAIL : PART_ANSWERS, row, c, key);
}

/* spare: the same row with texts taken out, or NULL. */
static enum err
add_entries(const struct capture_site *site, const struct capture_row *row,
	const struct capture_row *spare, struct capture_sealed *sealed)
{
	struct buf *out = &sealed->item;
	const struct capture_record *r = row->record;
	bool with_consent = r->consent && !row->consent;
	struct record_refs refs;
	struct seal_context record = context_of(site, r, sealed->instance), wrapped = record;
	crypto_random(refs.key, ID_BYTES);
	memcpy(wrapped.instance, refs.key, ID_BYTES);
	memcpy(refs.consent, r->consent_ref, ID_BYTES);
	buf_u32(out, with_consent ? 3 : 2);
	enum err e = add_key_entry(out, site, r, &wrapped, sealed->key);
	if (!e && with_consent)
		e = add_consent_entry(out, r, refs.consent);
	if (!e)
		e = add_record_entry(out, row, &record, sealed->key, &refs);
	if (!e && spare)
		e = add_record_entry(&sealed->spare, spare, &record, sealed->key, &refs);
	return e;
}

/* whole */

/* An item of no person has no code; each of a person has one. */
static enum err
check_whose(const struct capture_record *r)
{
	static const uint8_t nobody[ID_BYTES];
	bool about_site = memcmp(r->participant, nobody, ID_BYTES) == 0;
	if (about_site != r->form->per_site)
		return fail(E_FORMAT, "form %s is about %s", r->form->id,
			r->form->per_site ? "the site, and not about a person"
					  : "a person, and not about the site");
	return OK;
}

static enum err
seal_row(struct capture_sealed *s, const struct capture_site *site,
	const struct capture_row *row, const struct capture_row *spare)
{
	uint8_t digest[HASH_BYTES];
	enum err e = capture_name(s->instance, digest, site, row);
	if (e)
		return e;
	buf_blob_text(&s->item, row->record->code);
	buf_add(&s->item, s->instance, ID_BYTES);
	buf_add(&s->item, digest, sizeof(digest));
	e = add_entries(site, row, spare, s);
	if (!e)
		e = capture_local(&s->site_part, site, row, s->instance);
	return e ? e : buf_check(&s->item, "record");
}

enum err
capture_seal(struct capture_sealed *ret, const struct capture_site *site,
	const struct capture_record *r)
{
	OWNED_SEALED struct capture_sealed s = {.key = NULL};
	OWNED_CELLS struct capture_cells cells = {0};
	OWNED_CELLS struct capture_cells others = {0};
	*ret = s;
	buf_init(&s.item, ITEM_MAX_BYTES);
	buf_init(&s.spare, ITEM_MAX_BYTES);
	buf_init(&s.site_part, CAPTURE_SITE_MAX_BYTES);
	enum err e = check_whose(r);
	if (!e)
		e = capture_cells_read(&cells, r->form, r->answers, r->count, r->checked);
	if (!e && r->spare)
		e = capture_cells_read(&others, r->form, r->spare, r->count, r->checked);
	if (e)
		return e;
	struct consent consent;
	struct capture_row row = {r, cells, NULL};
	if (consent_form_is(r->form)) {
		e = consent_form_read(&consent, r->form, &cells, site->zone);
		row.consent = &consent;
	}
	if (e)
		return e;
	const struct capture_row spare = {r, others, row.consent};
	s.key = seal_key_new();
	e = seal_row(&s, site, &row, r->spare ? &spare : NULL);
	if (!e) {
		*ret = s;
		s = (struct capture_sealed){.key = NULL};
	}
	return e;
}

void
capture_sealed_done(struct capture_sealed *s)
{
	buf_done(&s->item);
	buf_done(&s->site_part);
	buf_done(&s->spare);
	secret_free(s->key);
	s->key = NULL;
}

enum err
capture_item(struct buf *out, const struct capture_site *site, const struct capture_record *r)
{
	OWNED_SEALED struct capture_sealed s;
	enum err e = capture_seal(&s, site, r);
	if (!e)
		buf_add_view(out, buf_view(&s.item));
	return e;
}

enum err
capture_row(struct buf *out, const struct capture_site *site, const struct capture_record *r)
{
	OWNED_SEALED struct capture_sealed s;
	enum err e = capture_seal(&s, site, r);
	if (e)
		return e;
	buf_add_view(out, buf_view(&s.item));
	buf_blob(out, buf_view(&s.site_part));
	return buf_check(out, "record");
}
