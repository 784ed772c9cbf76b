#include "hub/keeper_task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/trust/leaf.h"
#include "common/trust/statement.h"

#include "hub/hub.h"
#include "hub/judge.h"
#include "hub/opening.h"
#include "hub/unseal.h"
#include "hub/versions.h"

#define RENEW_MS        1000
#define WAVE_TEXT_BYTES 16
#define SCAN_MAX_COUNT  100000u /* ordinals looked at in one step */

/* Whose record it was, of which form of the pack, and of which of the waves. */
struct keeper_person {
	uint8_t id[ID_BYTES];
	uint32_t form;
	bool is_earlier;
};

struct keeper_task {
	struct keeper_task_room room;
	struct warrant *warrant;
	struct versions *versions; /* of this snapshot */
	struct opening *opening;
	const char *indicators[RELEASE_INDICATORS_MAX_COUNT];
	struct vault_txn *snapshot;
	int64_t renewed_ms;
	uint32_t next; /* ordinal */
	struct keeper_person *people;
	size_t people_count;
	struct approval_figures *approvals; /* one a site of the cohort */
	struct buf document;
	struct buf evidence; /* plain */
	struct buf sealed;
};

static const struct form *
find_written(void *arg, const char *form, const char *version)
{
	const struct keeper_task *t = arg;
	return versions_form(t->versions, form, version);
}

static enum err
begin_opening(struct keeper_task *t)
{
	const struct warrant *w = t->warrant;
	for (size_t i = 0; i < w->indicator_count; i++)
		t->indicators[i] = w->indicators[i];
	enum err e = approvalitems_read(
		&t->approvals, t->snapshot, w->cohort->sites, w->cohort->site_count);
	if (e)
		return e;
	const struct opening_ask ask = {.pack = w->pack,
		.sites = w->cohort->sites,
		.site_count = w->cohort->site_count,
		.approvals = t->approvals,
		.cut = w->cut,
		.indicators = t->indicators,
		.indicator_count = w->indicator_count,
		.wave = w->cohort->wave,
		.compared = w->cohort->compared,
		.written = find_written,
		.written_arg = t};
	t->people = xcalloc(bitmap_count(w->cohort->members) + 1, sizeof(*t->people));
	return opening_new(&t->opening, &ask);
}

enum err
keeper_task_new(struct keeper_task **ret, const struct keeper_task_room *room,
	const struct warrant_task *fields)
{
	OWNED(keeper_task) struct keeper_task *t = xcalloc(1, sizeof(*t));
	*ret = NULL;
	t->room = *room;
	t->versions = versions_new(room->study, room->keys->root_public);
	buf_init(&t->document, STAGED_MAX_BYTES);
	buf_init(&t->evidence, EVIDENCE_MAX_BYTES - BOX_EXTRA_BYTES);
	buf_init(&t->sealed, EVIDENCE_MAX_BYTES);
	enum err e = vault_snapshot(&t->snapshot, room->vault);
	const struct warrant_known known = {room->study, room->origin, room->keys, t->snapshot};
	if (!e)
		e = warrant_check(&t->warrant, fields, &known);
	if (!e)
		e = begin_opening(t);
	if (!e)
		e = keyring_claim(
			room->keyring, t->warrant->release, t->warrant->cohort_digest);
	if (!e)
		*ret = take(t);
	return e;
}

void
keeper_task_free(struct keeper_task *t)
{
	if (!t)
		return;
	opening_free(t->opening);
	versions_free(t->versions);
	warrant_free(t->warrant);
	vault_txn_free(t->snapshot);
	if (t->people)
		crypto_wipe(t->people, t->people_count * sizeof(*t->people));
	mem_drop(&t->people);
	mem_drop(&t->approvals);
	buf_done(&t->document);
	buf_wipe(&t->evidence);
	buf_done(&t->sealed);
	mem_drop(&t);
}

size_t
keeper_task_missed_count(const struct keeper_task *t)
{
	return opening_missed_count(t->opening);
}

/* records */

/* Is it this record that does not open, and not the whole work? */
static bool
is_of_record(enum err e)
{
	return e == E_NOTFOUND || e == E_AUTH || e == E_FORMAT || e == E_DENIED ||
	       e == E_CONFLICT;
}

/* A release can only be published while every member permits it. Whoever ended that since the
 * freeze is not opened any more, and the others are not opened in vain. */
static enum err
check_permitted(struct keeper_task *t, struct judge *j, uint32_t ordinal)
{
	static const enum rules_use uses[] = {RULES_USE_SITE, RULES_USE_POOLED};
	struct judge_ask ask = {.action = RULES_AGGREGATE,
		.true_at_ms = clock_wall_ms(),
		.known_upto = UINT64_MAX};
	struct judged judged;
	struct record r;
	enum err e = record_get(t->snapshot, ordinal, &r);
	for (size_t i = 0; !e && i < ARRAY_LEN(uses); i++) {
		ask.use = uses[i];
		e = judge_kept(j, &r, &ask, &judged);
		if (!e && judged.verdict.outcome != RULES_PERMIT)
			e = fail(E_DENIED,
				"consent, an approval or the rules changed since the freeze: "
				"propose it again");
	}
	return e;
}

static bool
is_wave(const struct wire_rules *r, uint32_t wave)
{
	char text[WAVE_TEXT_BYTES];
	(void)snprintf(text, sizeof(text), "%u", wave);
	return strcmp(r->wave, text) == 0;
}

static enum err
check_wave(const struct keeper_task *t, const struct wire_rules *r)
{
	const struct cohort *c = t->warrant->cohort;
	return is_wave(r, c->wave) || (c->compared && is_wave(r, c->compared))
		       ? OK
		       : fail(E_DENIED, "the record is of another wave");
}

static void
note_miss(struct keeper_task *t, const struct place *p)
{
	char name[PLACE_NAME_BYTES] = "";
	if (p->seq)
		place_name(name, p);
	opening_miss(t->opening, name, err_text());
}

/* Records about a site are nobody's. */
static void
note_person(struct keeper_task *t, const struct wire_rules *r)
{
	static const uint8_t nobody[ID_BYTES];
	const struct pack *pack = t->warrant->pack;
	struct keeper_person *p = &t->people[t->people_count];
	if (memcmp(r->participant, nobody, ID_BYTES) == 0)
		return;
	memcpy(p->id, r->participant, ID_BYTES);
	while (p->form < pack->form_count && strcmp(pack->forms[p->form]->id, r->form) != 0)
		p->form++;
	p->is_earlier = !is_wave(r, t->warrant->cohort->wave);
	t->people_count++;
}

static enum err
open_record(struct keeper_task *t, struct unseal *unseal, uint32_t ordinal)
{
	OWNED_UNSEALED struct unsealed u = {.rules = NULL};
	enum err e = unseal_record(unseal, ordinal, &u);
	if (!e)
		e = check_wave(t, u.rules);
	if (!e)
		e = opening_add(t->opening, u.site, u.rules, u.answers);
	if (!e)
		note_person(t, u.rules);
	if (!e || !is_of_record(e))
		return e;
	note_miss(t, &u.place);
	return OK;
}

static enum err
renew(struct keeper_task *t, int64_t mono_ms)
{
	if (mono_ms - t->renewed_ms < RENEW_MS)
		return OK;
	t->renewed_ms = mono_ms;
	return vault_renew(t->snapshot);
}

enum err
keeper_task_step(struct keeper_task *t, int64_t mono_ms, bool *ret_done)
{
	const struct bitmap *members = t->warrant->cohort->members;
	const struct hub facts = {.pack = t->warrant->pack, .versions = t->versions};
	const struct unseal_with with = {
		t->room.study, t->snapshot, t->room.keys, t->room.keyring};
	OWNED(judge) struct judge *judge = NULL;
	OWNED(unseal) struct unseal *unseal = unseal_new(&with);
	size_t opened = 0, looked = 0;
	enum err e = renew(t, mono_ms);
	if (!e)
		e = judge_new(&judge, &facts, t->snapshot);
	while (!e && t->next < members->row_count && opened < KEEPER_TASK_STEP_COUNT &&
		looked++ < SCAN_MAX_COUNT) {
		uint32_t at = t->next++;
		if (!bitmap_has(members, at))
			continue;
		opened++;
		e = check_permitted(t, judge, at);
		if (!e)
			e = open_record(t, unseal, at);
	}
	if (!e)
		e = keyring_commit(t->room.keyring);
	*ret_done = !e && t->next >= members->row_count;
	return e;
}

/* end */

static int
compare_people(const void *a, const void *b)
{
	const struct keeper_person *x = a, *y = b;
	int order = memcmp(x->id, y->id, ID_BYTES);
	if (!order)
		order = (x->form > y->form) - (x->form < y->form);
	return order ? order : x->is_earlier - y->is_earlier;
}

static enum err
check_people(struct keeper_task *t)
{
	qsort(t->people, t->people_count, sizeof(*t->people), compare_people);
	for (size_t i = 1; i < t->people_count; i++)
		if (compare_people(&t->people[i - 1], &t->people[i]) == 0)
			return fail(E_DENIED,
				"the cohort holds two records of one person, form and wave");
	return OK;
}

static struct staged_head
head_of(const struct keeper_task *t)
{
	const struct warrant *w = t->warrant;
	struct staged_head h = {.study = t->room.study,
		.release = w->release,
		.purpose = w->purpose,
		.author = w->author,
		.manifest_number = w->cohort->manifest_number,
		.frozen_at_s = leaf_minute_s(w->cohort->true_at_s * 1000),
		.count_bucket = cohort_bucket(bitmap_count(w->cohort->members)),
		.wave = w->cohort->wave};
	memcpy(h.rules_digest, w->cohort->rules_digest, HASH_BYTES);
	memcpy(h.cohort_digest, w->cohort_digest, HASH_BYTES);
	return h;
}

enum err
keeper_task_close(struct keeper_task *t, struct keeper_result *ret)
{
	const struct keeperkey *keys = t->room.keys;
	const struct staged_head head = head_of(t);
	uint8_t intake[BOX_PUBLIC_BYTES];
	*ret = (struct keeper_result){0};
	enum err e = check_people(t);
	/* It holds the counts that are hidden: growing must leave no copy behind. */
	buf_reserve(&t->evidence, EVIDENCE_MAX_BYTES - BOX_EXTRA_BYTES);
	if (!e)
		e = opening_close(t->opening, &head, &t->document, &t->evidence);
	if (e)
		return e;
	box_public(intake, keys->intake[keys->intake_count - 1]);
	box_seal(&t->sealed, buf_view(&t->evidence), intake);
	e = buf_check(&t->sealed, "evidence");
	if (e)
		return e;
	ret->document = buf_view(&t->document);
	ret->evidence = buf_view(&t->sealed);
	signed_make(ret->signature, STAGED_FORMAT, ret->document, keys->release);
	return OK;
}
