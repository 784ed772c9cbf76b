#include "hub/judge_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/datakind.h"
#include "common/study/openitems.h"
#include "common/study/pack_rollout.h"

#include "hub/belonging.h"
#include "hub/judge_ground.h"
#include "hub/papers.h"
#include "hub/release_row.h"
#include "hub/seen.h"
#include "hub/siterules.h"
#include "hub/versions.h"

#define MS_PER_S 1000

/* make */

static enum err
note_release(void *arg, const struct release *r, bool *ret_stop)
{
	struct judge *j = arg;
	(void)ret_stop;
	j->last_release_s = MAX(j->last_release_s, r->released_s);
	return OK;
}

static enum err
make(struct judge **ret, const struct hub *h, struct vault_txn *t, const struct pack *pack,
	struct papers *papers)
{
	OWNED(judge) struct judge *j = xcalloc(1, sizeof(*j));
	*ret = NULL;
	j->hub = h;
	j->pack = pack;
	j->txn = t;
	if (!papers)
		papers = j->own_papers = papers_new();
	j->papers = papers;
	j->seen = seen_new();
	j->grounds = judge_grounds_new();
	enum err e = h->versions ? versions_read(h->versions, t) : OK;
	if (!e)
		e = papers_read(papers, t, pack, h->versions);
	if (!e)
		e = release_row_each(t, note_release, j);
	if (!e)
		e = judge_study_read(&j->study, t, pack);
	if (!e)
		e = delegation_read(&j->delegation, t);
	if (!e)
		e = leavings_read(&j->leavings, t);
	if (!e)
		*ret = take(j);
	return e;
}

enum err
judge_with(struct judge **ret, const struct hub *h, struct vault_txn *t, struct papers *papers)
{
	return make(ret, h, t, h->pack, papers);
}

enum err
judge_new(struct judge **ret, const struct hub *h, struct vault_txn *t)
{
	return make(ret, h, t, h->pack, NULL);
}

enum err
judge_then(
	struct judge **ret, const struct hub *h, struct vault_txn *t, const struct pack *pack)
{
	return make(ret, h, t, pack, NULL);
}

void
judge_free(struct judge *j)
{
	if (!j)
		return;
	papers_free(j->own_papers);
	judge_study_done(&j->study);
	judge_sheets_done(&j->sheets);
	delegation_done(&j->delegation);
	leavings_done(&j->leavings);
	siterules_free(j->own);
	seen_free(j->seen);
	judge_grounds_free(j->grounds);
	mem_drop(&j);
}

/* gather */

enum err
judge_find_writer(struct judge *j, const uint8_t public[static SIGN_PUBLIC_BYTES])
{
	if (j->has_writer && memcmp(j->writer.public, public, SIGN_PUBLIC_BYTES) == 0)
		return OK;
	enum err e = writer_get(j->txn, public, &j->writer);
	j->has_writer = e == OK;
	return e;
}

/* judge */

enum err
judge_settle(struct judged *ret, enum rules_outcome outcome, const char *reason)
{
	ret->verdict =
		(struct verdict){.outcome = outcome, .consent_then = -1, .consent_now = -1};
	ret->approval_count = 0;
	(void)snprintf(ret->reason, sizeof(ret->reason), "%s", reason);
	return OK;
}

/* What the site's leaving says of a record; false: nothing. */
static bool
has_left(const struct judge *j, const struct wire_rules *r, const struct judge_ask *ask,
	char ret[static RULES_REASON_BYTES])
{
	const struct leaving_ask about = {.zone = pack_zone(j->pack),
		.known_upto = ask->known_upto,
		.true_at_ms = ask->true_at_ms,
		.captured_ms = r->captured_s * MS_PER_S};
	return leaving_denies(&j->leavings, j->writer.site, &about, ret);
}

/* Answers are kept for so long behind the last release; before the first none has run out. */
static enum rules_check
is_retained(const struct judge *j, int64_t at_ms)
{
	if (j->pack->retention_ms == 0)
		return RULES_UNKNOWN;
	return j->last_release_s == 0 ||
			       at_ms - j->last_release_s * MS_PER_S < j->pack->retention_ms
		       ? RULES_YES
		       : RULES_NO;
}

/* What the study as a whole says; lent by the judge. */
static enum err
add_study(struct judge *j, const struct wire_rules *r, const struct judge_ask *ask,
	struct rules_facts *f)
{
	const struct approval_facts *a = papers_at(j->papers, ask->known_upto);
	const struct pack_site *site = pack_site(j->pack, j->writer.site);
	f->approvals = a->approvals;
	f->approval_count = a->approval_count;
	f->flow = pack_flow(j->pack, r->form);
	f->protocols = papers_brought(j->papers)->protocols;
	f->protocol_count = papers_brought(j->papers)->protocol_count;
	f->modifications = a->modifications;
	f->modification_count = a->modification_count;
	f->reviews = a->reviews;
	f->review_count = a->review_count;
	f->basis = j->pack->confidentiality;
	f->planned_ms = pack_planned_ms(j->pack);
	f->site_kind = site->kind;
	f->local_approach = (struct rules_list){site->approach, site->approach_count};
	f->needs_known = true;
	f->needs = (struct rules_list){site->needs, site->needs_count};
	f->duties = j->delegation.duties;
	f->duty_count = j->delegation.count;
	f->cosignature_count = judge_study_cover(&j->study, ask->log_size);
	f->cosignatures = j->study.cosignatures;
	f->sites_joined = j->study.sites_joined;
	f->windows_known = true;
	f->windows = j->study.windows;
	f->window_count = j->study.window_count;
	judge_sheets_read(&j->sheets, j->hub->versions, j->writer.site);
	f->sheets = j->sheets.at;
	f->sheet_count = j->sheets.count;
	if (j->hub->versions)
		f->plan.sealed_ms = versions_sealed_ms(j->hub->versions, &f->plan.sealed_known);
	if (ask->request)
		f->request = *ask->request;
	return seen_plan(j->seen, j->txn, j->writer.site, r->wave, &f->plan);
}

/* What the record shares with others of its site, as the rules settled it. */
static enum err
find_ground(struct judge *j, const struct wire_rules *r, const struct judge_ask *ask,
	const struct form *form, struct judge_ground **ret)
{
	struct rules_facts facts = {.action = ask->action,
		.use = ask->use,
		.unfed = ask->request ? 0 : RULES_BIT(15) | RULES_BIT(17),
		.data_kind = datakind_of(form, r),
		.per_site = form->per_site,
		.by_staff = form->filled_by == FORM_BY_STAFF,
		.form = r->form,
		.form_version = r->form_version,
		.wave = r->wave,
		.site = j->writer.site,
		.true_at_ms = ask->true_at_ms,
		.known_upto = ask->known_upto};
	facts.partner = openitems_partner(form, r, &facts.no_partner);
	judge_grounds_begin(j->grounds, j->writer.site, ask);
	*ret = judge_grounds_find(j->grounds, &facts);
	if (*ret)
		return OK;
	enum err e = add_study(j, r, ask, &facts);
	if (!e)
		e = siterules_find(&j->own, j->txn, j->writer.site, ask->known_upto);
	if (!e)
		*ret = judge_grounds_add(j->grounds, &facts,
			ask->rules ? ask->rules : j->pack->rules, siterules_of(j->own));
	return e;
}

static enum err
ask_rules(struct judge *j, const struct wire_rules *r, const struct judge_ask *ask,
	const struct judge_checks *checks, struct judged *ret)
{
	static const struct consents none = {.count = 0};
	const struct seen_person *person = NULL;
	struct judge_ground *ground;
	enum err e = ret->form->per_site
			     ? OK
			     : seen_person(j->seen, j->txn, r->participant, &person);
	const struct consents *consents = person ? &person->consents : &none;
	if (e)
		return e;
	if (consents->is_too_many)
		return judge_settle(ret, RULES_HOLD, "more consents of one person than can be");
	struct rules_item items[WIRE_OPEN_MAX];
	const struct rules_record record = {.captured_ms = r->captured_s * MS_PER_S,
		.group = r->group,
		.collected_by = openitems_collector(ret->form, r),
		.items_known = RULES_YES,
		.items = items,
		.item_count = openitems(items, ret->form, r),
		.quote_ok = openitems_quote(ret->form, r),
		.consents = consents->at,
		.consent_count = consents->count,
		.life = consents->life,
		.opt_outs = consents->opt_outs,
		.opt_out_count = consents->opt_out_count,
		.record_signature = checks->signature,
		/* Every version came under a verified head, or it would not be kept. */
		.consent_signature = consents->count ? RULES_YES : RULES_UNKNOWN,
		.batch_proof = checks->parts,
		.decrypts = RULES_NOT_ASKED,
		.retained = is_retained(j, ask->true_at_ms)};
	e = find_ground(j, r, ask, ret->form, &ground);
	if (e)
		return e;
	judge_ground_ask(ground, &record, &ret->verdict);
	for (size_t i = 0; i < ret->verdict.used_count; i++)
		ret->approvals[ret->approval_count++] =
			judge_ground_approval(ground, ret->verdict.used[i]);
	return OK;
}

static enum err
judge_person(struct judge *j, const struct wire_rules *r, const struct judge_ask *ask,
	const struct judge_checks *checks, struct judged *ret)
{
	const struct seen_person *person;
	if (wire_is_zero(r->participant, sizeof(r->participant)))
		return judge_settle(ret, RULES_DENY, "no participant");
	enum err e = seen_person(j->seen, j->txn, r->participant, &person);
	if (!e && person->is_known && strcmp(person->home, j->writer.site) != 0)
		return judge_settle(ret, RULES_DENY, "the person is at home at another site");
	return e ? e : ask_rules(j, r, ask, checks, ret);
}

enum err
judge_entry(struct judge *j, const struct wire_rules *r, const struct judge_ask *ask,
	const struct judge_checks *checks, struct judged *ret)
{
	const struct pack *pack = j->pack;
	struct belonging b;
	char left[RULES_REASON_BYTES];
	memcpy(ret->site, j->writer.site, sizeof(ret->site));
	if (r->kind != RULES_RECORD)
		return judge_settle(ret, RULES_DENY, "not a record");
	if (!pack)
		return judge_settle(ret, RULES_HOLD, "no study is in force");
	enum err e = belonging_find(j->hub, j->txn, j->writer.site, r, &b);
	if (e)
		return e;
	ret->form = b.form;
	if (b.unknown)
		return judge_settle(ret, RULES_HOLD, b.unknown);
	if (!pack_site(pack, j->writer.site))
		return judge_settle(ret, RULES_HOLD, "site unknown");
	if (has_left(j, r, ask, left))
		return judge_settle(ret, RULES_DENY, left);
	if (!b.is_at_site)
		return judge_settle(
			ret, RULES_HOLD, "the form version is not rolled out at this site");
	if (b.is_closed)
		return judge_settle(
			ret, RULES_HOLD, "the form was closed before the record was collected");
	if (!b.form->per_site)
		return judge_person(j, r, ask, checks, ret);
	return wire_is_zero(r->participant, sizeof(r->participant))
		       ? ask_rules(j, r, ask, checks, ret)
		       : judge_settle(
				 ret, RULES_DENY, "a record about the site names a person");
}

enum err
judge_see_person(struct judge *j, const uint8_t participant[static ID_BYTES],
	const struct record_person *first, struct record_person *ret)
{
	return seen_first(j->seen, j->txn, participant, first, ret);
}

enum err
judge_arriving(struct judge *j, const struct place *p, const struct wire_rules *r,
	const struct judge_ask *ask, struct judged *ret)
{
	const struct judge_checks checks = {RULES_YES, RULES_YES};
	/* The turn writes between its entries. */
	seen_forget(j->seen);
	judge_grounds_forget(j->grounds);
	*ret = (struct judged){.verdict = {.consent_then = -1, .consent_now = -1}};
	enum err e = judge_find_writer(j, p->writer);
	return e ? e : judge_entry(j, r, ask, &checks, ret);
}

enum err
judge_witnessed(
	struct judge *j, const struct judge_ask *ask, char ret[static RULES_REASON_BYTES])
{
	static const char rule[] = "R21";
	struct verdict v;
	judge_grounds_forget(j->grounds); /* they lend the cosignatures in their order */
	const size_t count = judge_study_cover(&j->study, ask->log_size);
	const struct rules_facts facts = {.action = RULES_RELEASE,
		.data_kind = "answers",
		.site = "",
		.true_at_ms = ask->true_at_ms,
		.known_upto = ask->known_upto,
		.cosignatures = j->study.cosignatures,
		.cosignature_count = count,
		.sites_joined = j->study.sites_joined};
	ret[0] = '\0';
	if (!j->pack)
		return OK;
	rules_judge(j->pack->rules, &facts, &v);
	for (size_t i = 0; i < v.fired_count; i++)
		if (strcmp(v.fired[i].rule, rule) == 0 && v.fired[i].outcome != RULES_PERMIT)
			(void)snprintf(ret, RULES_REASON_BYTES, "%s", v.fired[i].reason);
	return OK;
}

void
judge_requester(const struct judge *j, const char *person, uint64_t known_upto,
	struct rules_request *ret)
{
	papers_person(j->papers, person, known_upto, ret);
}
