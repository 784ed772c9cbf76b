#include "hub/freeze.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/pack.h"

#include "hub/judge.h"
#include "hub/lease.h"
#include "hub/question.h"
#include "hub/sitecut.h"
#include "hub/writer.h"

#define WAVE_TEXT_BYTES 16
#define ACTIONS_COUNT   2
#define PURPOSE_RULE    "R15"

void
frozen_done(struct frozen *f)
{
	cohort_free(f->cohort);
}

/* sites */

static enum err
see_writer(void *arg, const struct writer *w)
{
	struct cohort *c = arg;
	for (size_t i = 0; i < c->site_count; i++)
		if (strcmp(c->sites[i].id, w->site) == 0)
			c->sites[i].state = SITE_TAKES_PART;
	return OK;
}

/* Nothing of such a site may be counted any more. */
static enum err
see_leavings(struct hub *h, struct cohort *c)
{
	OWNED_LEAVINGS struct leavings all = {.at = NULL};
	const int64_t at_ms = c->true_at_s * 1000;
	enum err e = leavings_read(&all, h->txn);
	for (size_t i = 0; !e && i < c->site_count; i++) {
		const struct leaving *l = leaving_of(&all, c->sites[i].id, UINT64_MAX);
		if (l && l->data != LEAVING_KEEP && leaving_begun(l, pack_zone(h->pack), at_ms))
			c->sites[i].state = SITE_NOT_IN_WAVE;
	}
	return e;
}

static enum err
fill_view(struct hub *h, struct cohort *c, const char *view)
{
	OWNED(sitecut) struct sitecut *cut = NULL;
	enum err e = sitecut_read(&cut, h->txn, h->pack, view, c->true_at_s * 1000);
	if (!e)
		sitecut_to_cohort(cut, c);
	return e;
}

static enum err
fill_sites(struct hub *h, struct cohort *c)
{
	for (size_t i = 0; i < c->site_count; i++) {
		(void)snprintf(
			c->sites[i].id, sizeof(c->sites[i].id), "%s", h->pack->sites[i].id);
		c->sites[i].state = SITE_NOT_IN_WAVE;
	}
	enum err e = writer_each(h->txn, see_writer, c);
	if (!e)
		e = see_leavings(h, c);
	return e ? e : lease_sites(h->txn, h->pack, c->true_at_s, c);
}

static bool
takes_part(const struct cohort *c, const char *site)
{
	for (size_t i = 0; i < c->site_count; i++)
		if (strcmp(c->sites[i].id, site) == 0)
			return c->sites[i].state == SITE_TAKES_PART;
	return false;
}

/* records */

/* What is asked of every record. */
struct asking {
	const struct freeze_ask *ask;
	char wave[WAVE_TEXT_BYTES];
	char compared[WAVE_TEXT_BYTES]; /* "": none */
	struct judge *judge;
	struct rules_request request;
	struct question_purpose purpose;
};

static bool
is_of_waves(const struct asking *a, const char *wave)
{
	return strcmp(wave, a->wave) == 0 || (a->compared[0] && strcmp(wave, a->compared) == 0);
}

/* A record of the forms and waves. Whether it counts is for the judge to say. */
static enum err
is_asked(const struct asking *a, const struct place *p, bool *ret)
{
	const struct wire_rules *r;
	*ret = false;
	enum err e = judge_rules(a->judge, p, &r);
	if (e == E_NOTFOUND || e == E_FORMAT) /* erased, or never of its form */
		return OK;
	*ret = !e && r->kind == RULES_RECORD && chosen_has_form(a->ask->chosen, r->form) &&
	       is_of_waves(a, r->wave);
	return e;
}

static void
note_approvals(struct frozen *f, const struct judged *j)
{
	for (size_t i = 0; i < j->approval_count; i++) {
		bool known = f->approval_count == LEAF_LIST_MOST_COUNT;
		for (size_t k = 0; !known && k < f->approval_count; k++)
			known = strcmp(f->approvals[k], j->approvals[i]) == 0;
		if (!known)
			(void)snprintf(f->approvals[f->approval_count++], ROW_ID_BYTES, "%s",
				j->approvals[i]);
	}
}

/* Permitted for both uses that a release makes of a record. */
static enum err
is_permitted(struct judge *j, const struct record *r, const struct judge_ask *ask,
	struct judged *last, bool *ret)
{
	static const enum rules_use uses[] = {RULES_USE_SITE, RULES_USE_POOLED};
	*ret = true;
	for (size_t i = 0; i < ARRAY_LEN(uses) && *ret; i++) {
		struct judge_ask one = *ask;
		one.use = uses[i];
		enum err e = judge_kept(j, r, &one, last);
		if (e)
			return e;
		*ret = last->verdict.outcome == RULES_PERMIT;
	}
	return OK;
}

static bool
has_fired(const struct verdict *v, const char *rule)
{
	for (size_t i = 0; i < v->fired_count; i++)
		if (strcmp(v->fired[i].rule, rule) == 0)
			return v->fired[i].outcome != RULES_PERMIT;
	return false;
}

/* Does the person let the record serve this purpose? What else a release asks is asked when it
 * is published. */
static enum err
serves(struct judge *j, const struct record *r, const struct judge_ask *ask, bool *ret)
{
	struct judge_ask one = *ask;
	struct judged judged;
	one.action = RULES_RELEASE;
	one.use = RULES_USE_POOLED;
	enum err e = judge_kept(j, r, &one, &judged);
	*ret = !e && !has_fired(&judged.verdict, PURPOSE_RULE);
	return e;
}

static enum err
judge_record(const struct asking *a, struct vault_txn *t, uint32_t ordinal, struct frozen *f)
{
	const struct judge_ask question = {.action = RULES_AGGREGATE,
		.true_at_ms = a->ask->true_at_ms,
		.known_upto = UINT64_MAX,
		.request = &a->request};
	struct record r;
	struct judged judged;
	bool in = false;
	enum err e = record_get(t, ordinal, &r);
	if (!e)
		e = is_asked(a, &r.place, &in);
	if (!e && in)
		e = is_permitted(a->judge, &r, &question, &judged, &in);
	if (!e && in)
		e = serves(a->judge, &r, &question, &in);
	if (e || !in || !takes_part(f->cohort, judged.site))
		return e;
	bitmap_put(f->cohort->members, ordinal);
	note_approvals(f, &judged);
	return OK;
}

static enum err
judge_records(struct hub *h, const struct freeze_ask *ask, struct frozen *f)
{
	OWNED(judge) struct judge *j = NULL;
	struct asking a = {.ask = ask};
	(void)snprintf(a.wave, sizeof(a.wave), "%u", ask->wave);
	if (ask->compared)
		(void)snprintf(a.compared, sizeof(a.compared), "%u", ask->compared);
	question_purpose(ask->purpose, &a.purpose, &a.request);
	enum err e = judge_new(&j, h, h->txn);
	a.judge = j;
	for (uint32_t i = 0; !e && i < f->cohort->members->row_count; i++)
		e = judge_record(&a, h->txn, i, f);
	return e;
}

enum err
freeze_make(struct hub *h, const struct freeze_ask *ask, struct frozen *ret)
{
	OWNED_FROZEN struct frozen f = {0};
	uint32_t records = 0;
	struct vault_txn *txn;
	*ret = (struct frozen){0};
	if (!h->pack)
		return fail(E_NOTFOUND, "no study is in force");
	enum err e = hub_txn(h, &txn);
	if (!e)
		e = record_count(txn, &records);
	if (!e && records > COHORT_ROWS_MAX)
		e = fail(E_FULL, "more than %u records in one study", COHORT_ROWS_MAX);
	if (e)
		return e;
	f.cohort = cohort_new(h->pack->site_count, records);
	(void)snprintf(f.cohort->study, sizeof(f.cohort->study), "%s", h->study);
	(void)snprintf(f.cohort->release, sizeof(f.cohort->release), "%s", ask->release);
	f.cohort->manifest_number = h->manifest_number;
	memcpy(f.cohort->rules_digest, rules_digest(h->pack->rules), HASH_BYTES);
	f.cohort->true_at_s = ask->true_at_ms / 1000;
	f.cohort->wave = ask->wave;
	f.cohort->compared = ask->compared;
	e = fill_sites(h, f.cohort);
	if (!e)
		e = fill_view(h, f.cohort, ask->view);
	if (!e)
		e = judge_records(h, ask, &f);
	if (!e) {
		*ret = f;
		f.cohort = NULL;
	}
	return e;
}

/* later */

static enum err
changed(void)
{
	return fail(E_CONFLICT, "consent, an approval or the rules changed since the freeze: "
				"propose it again");
}

/* What the request itself lacks is no change of the record. */
static enum err
not_in(const struct judged *j)
{
	static const char *const asked[] = {PURPOSE_RULE, "R17"};
	const struct rules_fired *f = j->verdict.fired;
	for (size_t i = 0; j->verdict.fired_count && i < ARRAY_LEN(asked); i++)
		if (strcmp(f->rule, asked[i]) == 0)
			return fail(E_DENIED, "%s: %s", f->rule, f->reason);
	return changed();
}

/* What is asked of every member, first whether it may be counted: a record is read once for
 * both. */
struct holding {
	struct judge *judge;
	struct judge_ask asks[ACTIONS_COUNT];
	struct judged refused; /* the first that may be counted and not be released */
	bool is_refused;
};

static enum err
member_holds(struct holding *s, const struct record *r)
{
	struct judged judged;
	bool in = true;
	enum err e = OK;
	size_t i = 0;
	for (; !e && in && i < ACTIONS_COUNT; i++)
		e = is_permitted(s->judge, r, &s->asks[i], &judged, &in);
	if (e || in)
		return e;
	if (i == 1)
		return not_in(&judged);
	if (!s->is_refused)
		s->refused = judged;
	s->is_refused = true;
	return OK;
}

static enum err
all_hold(struct holding *s, struct vault_txn *t, const struct cohort *c)
{
	enum err e = OK;
	for (uint32_t i = 0; !e && i < c->members->row_count; i++) {
		struct record r;
		if (!bitmap_has(c->members, i))
			continue;
		e = record_get(t, i, &r);
		if (!e)
			e = member_holds(s, &r);
	}
	return e || !s->is_refused ? e : not_in(&s->refused);
}

static enum err
check_view(struct hub *h, const struct cohort *c)
{
	OWNED(sitecut) struct sitecut *cut = NULL;
	if (!c->as)
		return OK;
	enum err e = sitecut_read(&cut, h->txn, h->pack, c->view, c->true_at_s * 1000);
	if (!e && !sitecut_is_of(cut, c))
		e = fail(E_CONFLICT,
			"a change of sites was recorded since the freeze: propose it again");
	return e;
}

/* A site that fell silent since the freeze. */
static enum err
check_leases(struct hub *h, const struct cohort *c, int64_t now_s)
{
	OWNED(cohort) struct cohort *now = cohort_new(c->site_count, 0);
	memcpy(now->sites, c->sites, c->site_count * sizeof(*c->sites));
	enum err e = lease_sites(h->txn, h->pack, now_s, now);
	for (size_t i = 0; !e && i < c->site_count; i++)
		if (now->sites[i].state != c->sites[i].state)
			e = fail(E_CONFLICT,
				"site %s was not heard for longer than a withdrawal may take: "
				"hear it, or propose the release again without it",
				c->sites[i].id);
	return e;
}

static enum err
check_witnessed(struct judge *j, const struct freeze_use *use)
{
	const struct judge_ask ask = {.action = RULES_RELEASE,
		.true_at_ms = use->true_at_ms,
		.known_upto = UINT64_MAX,
		.log_size = use->log_size};
	char why[RULES_REASON_BYTES];
	enum err e = judge_witnessed(j, &ask, why);
	if (e || !why[0])
		return e;
	return fail(E_DENIED,
		"the release is held by R21: %s. Sites that are connected countersign within "
		"two minutes: try again then",
		why);
}

enum err
freeze_holds(struct hub *h, const struct cohort *c, const struct freeze_use *use)
{
	static const enum rules_action actions[ACTIONS_COUNT] = {
		RULES_AGGREGATE, RULES_RELEASE};
	OWNED(judge) struct judge *j = NULL;
	struct vault_txn *txn;
	struct rules_request request = {.role = use->role};
	struct question_purpose purpose;
	if (!h->pack || h->manifest_number != c->manifest_number ||
		memcmp(rules_digest(h->pack->rules), c->rules_digest, HASH_BYTES) != 0)
		return changed();
	question_purpose(use->purpose, &purpose, &request);
	enum err e = hub_txn(h, &txn);
	if (!e)
		e = check_view(h, c);
	if (!e)
		e = check_leases(h, c, use->true_at_ms / 1000);
	if (!e)
		e = judge_new(&j, h, txn);
	if (!e)
		e = check_witnessed(j, use);
	if (!e)
		judge_requester(j, use->author, UINT64_MAX, &request);
	struct holding s = {.judge = j};
	for (size_t i = 0; i < ACTIONS_COUNT; i++)
		s.asks[i] = (struct judge_ask){.action = actions[i],
			.true_at_ms = use->true_at_ms,
			.known_upto = UINT64_MAX,
			.log_size = use->log_size,
			.request = &request};
	return e ? e : all_hold(&s, txn, c);
}
