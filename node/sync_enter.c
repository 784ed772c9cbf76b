#include "node/sync_enter.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/sync_hold_said.h"

#define MS_PER_S            1000
#define EDITS_MAX_COUNT     1000
#define KEY_ENTRY_MAX_BYTES ((size_t)64 * 1024)

static const uint8_t no_id[ID_BYTES];

static bool
is_id(const uint8_t id[static ID_BYTES])
{
	return memcmp(id, no_id, ID_BYTES) != 0;
}

static enum err
hold(struct sync_ruling *v, enum submit_hold why, const char *reason)
{
	v->why = (uint8_t)why;
	(void)snprintf(v->reason, sizeof(v->reason), "%s", reason);
	return OK;
}

static void
refer(struct sync_ruling *v, const uint8_t id[static ID_BYTES])
{
	v->refers = true;
	memcpy(v->refers_to, id, ID_BYTES);
}

/* what it edits */

/* The last version of a chain of edits. */
static enum err
find_tip(struct vault *v, const uint8_t from[static ID_BYTES], uint8_t ret[static ID_BYTES])
{
	uint8_t at[ID_BYTES];
	enum err e = OK;
	bool more = true;
	memcpy(at, from, ID_BYTES);
	for (int i = 0; !e && more && i < EDITS_MAX_COUNT; i++) {
		OWNED_SUBMISSION struct sync_submission s;
		e = sync_submission_get(v, at, &s);
		more = !e && is_id(s.next);
		if (more)
			memcpy(at, s.next, ID_BYTES);
	}
	memcpy(ret, at, ID_BYTES);
	return e;
}

static enum err
judge_edit(
	const struct sync_question *q, const struct sync_item_entry *n, struct sync_ruling *ret)
{
	OWNED_SUBMISSION struct sync_submission before;
	uint8_t tip[ID_BYTES];
	enum err e = sync_submission_get(q->judge->vault, q->previous, &before);
	if (e == E_NOTFOUND || (!e && before.state != SUBMISSION_KEPT))
		return OK; /* what it replaces was never kept */
	if (e)
		return e;
	if (memcmp(before.participant, q->item->participant, ID_BYTES) != 0 ||
		!view_same(before.form, view_text(n->rules->form)))
		return hold(ret, HOLD_OTHER_RECORD,
			"it corrects a record of another person or form");
	if (is_id(before.next) && !q->accepted)
		return hold(ret, HOLD_BRANCH,
			"it corrects a version that has been corrected already");
	e = find_tip(q->judge->vault, q->previous, tip);
	if (!e)
		refer(ret, tip);
	return e;
}

/* when */

static enum err
judge_wave(const struct sync_question *q, const struct wire_rules *r, struct sync_ruling *ret)
{
	const struct pack *pack = q->judge->pack;
	const struct form *form = pack_form(pack, r->form);
	int64_t number = 0;
	if (q->accepted || !form || !pack_has_windows(pack, form))
		return OK;
	const struct pack_wave *w =
		text_int(view_text(r->wave), &number) && number > 0 && number <= UINT32_MAX
			? pack_wave(pack, (uint32_t)number)
			: NULL;
	return w && pack_wave_is_open(w, form, r->captured_s * MS_PER_S)
		       ? OK
		       : hold(ret, HOLD_WAVE,
				 r->captured_said
					 ? "no wave of the form was open on the day it was "
					   "filled in"
					 : "no wave of the form was open on the day it came, "
					   "and it does not say when it was filled in");
}

/* What was filled in behind it, or does not say when, waits until the form is open again;
 * who says no on it is heard. */
static enum err
judge_closed(const struct sync_question *q, const struct wire_rules *r, struct sync_ruling *ret)
{
	const bool is_no = r->kind == RULES_CONSENT && !sync_rules_agrees(r->consent.event);
	enum err e = ret->refers || is_no ? OK : sync_judge_closed(q->judge, r);
	return e == E_DENIED ? hold(ret, HOLD_TERMS, err_text()) : e;
}

/* beside what */

static enum err
judge_current(const struct sync_question *q, const struct form *form,
	const struct wire_rules *r, struct sync_ruling *ret)
{
	uint8_t id[ID_BYTES];
	bool found = false;
	enum err e = form->many ? OK : sync_item_current(q->judge->vault, r, &found, id);
	if (e || !found || (ret->refers && memcmp(ret->refers_to, id, ID_BYTES) == 0))
		return e;
	if (form->per_site || q->accepted) {
		refer(ret, id);
		return OK;
	}
	return hold(ret, HOLD_OTHER_RECORD,
		"a record of this person, form and wave is here already");
}

/* The consent that would cover it may be held itself, and go on by itself one day. */
static enum err
consent_waits(const struct sync_question *q, const struct wire_rules *r, bool *ret)
{
	struct sync_hold_said said = {.any = false};
	enum err e = r->kind == RULES_RECORD
			     ? sync_hold_said(q->judge, q->item->participant, &said)
			     : OK;
	*ret = said.goes_on;
	return e;
}

/* What is not approved here waits for it; what no consent covers is erased after a while. */
static enum err
hold_for(const struct sync_question *q, const struct wire_rules *r, struct sync_ruling *ret)
{
	bool waits = false;
	(void)hold(ret, HOLD_NO_CONSENT, err_text());
	enum err e = sync_judge_waits(q->judge, r, q->item->has_files_of_site, &waits);
	if (!e && !waits)
		e = consent_waits(q, r, &waits);
	if (waits)
		ret->why = HOLD_TERMS;
	return e;
}

enum err
sync_enter_answers(const struct sync_judge *j, const struct sync_item *t, bool *ret)
{
	uint8_t change[ID_BYTES];
	const struct wire_rules *r = t->entries[t->entry_count - 1].rules;
	*ret = false;
	return r->kind == RULES_CONSENT ? sync_judge_answers(j, r, ret, change) : OK;
}

/* A consent of who objected or lost capacity ends that when a coordinator says so. */
static enum err
judge_answer(const struct sync_question *q, const struct wire_rules *r, struct sync_ruling *ret)
{
	uint8_t change[ID_BYTES];
	bool answers = false;
	enum err e = r->kind == RULES_CONSENT
			     ? sync_judge_answers(q->judge, r, &answers, change)
			     : OK;
	if (e || !answers)
		return e;
	if (!q->answers)
		return hold(ret, HOLD_ENDED,
			"the person had objected or lost capacity: accept it if this was said "
			"in answer to that, else drop it");
	ret->answers = true;
	memcpy(ret->answers_to, change, ID_BYTES);
	return sync_item_refer(q->item, change);
}

static enum err
judge_entries(const struct sync_question *q, struct sync_ruling *ret)
{
	const struct sync_item *t = q->item;
	for (size_t i = 0; i < t->entry_count; i++) {
		enum err e = sync_item_judge(q->judge, t, &t->entries[i]);
		if (e == E_DENIED)
			return hold_for(q, t->entries[i].rules, ret);
		if (e)
			return e;
	}
	return OK;
}

/* What a tablet had finished before waits like what is not approved here. */
static enum err
judge_over(const struct sync_question *q, const struct wire_rules *r, struct sync_ruling *ret)
{
	enum err e = ret->refers ? OK : sync_judge_over(q->judge, r);
	return e == E_DENIED ? hold(ret, HOLD_TERMS, err_text()) : e;
}

/* Ids that are taken already would show only while the entries are put. */
static enum err
check_ids(struct vault *v, const struct sync_item *t)
{
	uint8_t digest[HASH_BYTES];
	enum lane lane;
	bool found = false;
	enum err e = OK;
	for (size_t i = 0; !e && !found && i < t->entry_count; i++)
		e = sync_item_find(v, t->entries[i].rules->instance, &found, digest, &lane);
	return e ? e : found ? fail(E_CONFLICT, "an entry of this id is on file already") : OK;
}

/* Keys first, then one record or one consent, so that judging needs nothing of the item put. */
static enum err
check_shape(const struct sync_item *t)
{
	size_t last = t->entry_count - 1;
	for (size_t i = 0; i < last; i++)
		if (t->entries[i].rules->kind != RULES_KEY)
			return fail(E_FORMAT, "a submission is one record behind its keys");
	enum rules_kind kind = t->entries[last].rules->kind;
	if (kind != RULES_RECORD && kind != RULES_CONSENT)
		return fail(E_FORMAT, "a submission is a record or a consent");
	if (memcmp(t->entries[last].rules->instance, t->instance, ID_BYTES) != 0)
		return fail(E_FORMAT, "no entry is the one that the item is named by");
	return sync_item_check(t);
}

enum err
sync_enter_judge(const struct sync_question *q, struct sync_ruling *ret)
{
	*ret = (struct sync_ruling){.why = 0};
	enum err e = check_shape(q->item);
	if (!e)
		e = check_ids(q->judge->vault, q->item);
	if (e)
		return e;
	const struct sync_item_entry *n = &q->item->entries[q->item->entry_count - 1];
	const struct form *form =
		sync_judge_form(q->judge, n->rules->form, n->rules->form_version);
	if (!form)
		return hold(ret, HOLD_NO_FORM, "this version of the form is not known here");
	if (is_id(q->previous))
		e = judge_edit(q, n, ret);
	if (!e && !ret->why && n->rules->kind == RULES_RECORD)
		e = judge_wave(q, n->rules, ret);
	if (!e && !ret->why)
		e = judge_closed(q, n->rules, ret);
	if (!e && !ret->why && n->rules->kind == RULES_RECORD)
		e = judge_current(q, form, n->rules, ret);
	if (!e && !ret->why)
		e = judge_answer(q, n->rules, ret);
	if (!e && !ret->why)
		e = judge_entries(q, ret);
	if (!e && !ret->why)
		e = judge_over(q, n->rules, ret);
	return e;
}

/* putting */

struct late_keys {
	struct vault *vault;
	const struct sync_item *item;
};

/* Keys of files that came with later requests. */
static enum err
put_late_key(void *arg, struct view key, struct view content)
{
	struct late_keys *k = arg;
	OWNED_BUF struct buf copy;
	OWNED_ITEM struct sync_item one = {.entry_count = 0};
	(void)key;
	buf_init(&one.changed_rules, 0);
	buf_init(&one.roots, 0);
	buf_init(&copy, KEY_ENTRY_MAX_BYTES);
	buf_add_view(&copy, content);
	struct cursor c = cursor_of(buf_view(&copy));
	one.entry_count = 1;
	enum err e = sync_item_read_entry(&c, &one.entries[0]);
	if (!e)
		e = sync_item_put_entry(k->vault, k->item, &one.entries[0]);
	return e;
}

static enum err
add_roots(struct vault *v, struct sync_item *t)
{
	OWNED_BUF struct buf roots;
	buf_init(&roots, ROOTS_PART_MAX_BYTES);
	if (t->entries[t->entry_count - 1].rules->kind != RULES_RECORD)
		return OK;
	enum err e = sync_file_roots(v, t->instance, &roots);
	return e || !roots.len ? e : sync_item_add_roots(t, buf_view(&roots));
}

static enum err
link_before(struct vault *v, const uint8_t before[static ID_BYTES],
	const uint8_t next[static ID_BYTES])
{
	OWNED_SUBMISSION struct sync_submission s;
	enum err e = sync_submission_get(v, before, &s);
	if (e)
		return e == E_NOTFOUND ? OK : e; /* it came by import */
	memcpy(s.next, next, ID_BYTES);
	return sync_submission_put(v, before, &s);
}

static enum err
put_rows(const struct sync_entering *x)
{
	const struct sync_item *t = x->item;
	struct sync_submission row = *x->row;
	row.state = SUBMISSION_KEPT;
	enum err e = OK;
	memset(row.previous, 0, ID_BYTES);
	if (x->verdict->refers) {
		memcpy(row.previous, x->verdict->refers_to, ID_BYTES);
		e = link_before(x->vault, x->verdict->refers_to, t->instance);
	}
	if (!e)
		e = sync_submission_put(x->vault, t->instance, &row);
	if (!e && x->site_part.len)
		e = vault_put(
			x->vault, VAULT_LOCALS, view_of(t->instance, ID_BYTES), x->site_part);
	return e;
}

enum err
sync_enter(const struct sync_entering *x, bool *ret_consent)
{
	struct sync_item *t = x->item;
	struct late_keys late = {x->vault, t};
	enum err e = OK;
	*ret_consent = t->entries[t->entry_count - 1].rules->kind == RULES_CONSENT;
	if (x->verdict->refers)
		e = sync_item_refer(t, x->verdict->refers_to);
	if (!e && x->verdict->answers)
		e = sync_item_refer(t, x->verdict->answers_to);
	if (!e)
		e = add_roots(x->vault, t);
	if (!e)
		e = vault_each(x->vault, VAULT_KEYS, view_of(t->instance, ID_BYTES),
			put_late_key, &late);
	if (!e)
		e = sync_item_put(x->vault, t);
	return e ? e : put_rows(x);
}
