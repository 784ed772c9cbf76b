#include "common/study/rules.h"

#include <stdio.h>
#include <string.h>

#include "common/study/rules_set.h"

/* Decisions by which a site confirms; R03 has no key for them. */
static const char *const confirming[] = {
	"confirmed", "favourable", "favourable-with-conditions"};

static bool
has_word(const struct rules_words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->word[i], word) == 0)
			return true;
	return false;
}

static bool
within(int64_t at_ms, int64_t from_ms, int64_t until_ms)
{
	return at_ms >= from_ms && (until_ms == 0 || at_ms < until_ms);
}

/* ---- approvals ---- */

static bool
is_stopped(const struct rules_approval *a, int64_t at_ms)
{
	return a->stop != RULES_RUNS && within(at_ms, a->stop_from_ms, a->stop_until_ms);
}

static bool
concerns(const struct rules_approval *a, const struct rules_facts *f)
{
	return a->known <= f->known_upto && (!*a->site || strcmp(a->site, f->site) == 0);
}

static bool
in_force(const struct rules_approval *a, int64_t at_ms)
{
	return within(at_ms, a->from_ms, a->until_ms) && !is_stopped(a, at_ms);
}

static void
note_used(struct verdict *v, size_t approval)
{
	for (size_t i = 0; i < v->used_count; i++)
		if (v->used[i] == approval)
			return;
	if (v->used_count < RULES_MAX_USED)
		v->used[v->used_count++] = approval;
}

static bool
is_favourable(const struct rule *r, const struct rules_approval *a)
{
	if (!has_word(&r->accept, a->decision))
		return false;
	return strcmp(a->decision, "not-required") != 0 || !r->reason || a->reason_given;
}

static bool
opinion_at(const struct rule *r, const struct rules_facts *f, int64_t at_ms, struct verdict *v)
{
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (concerns(a, f) && has_word(&r->approvals, a->kind) && is_favourable(r, a) &&
			in_force(a, at_ms)) {
			note_used(v, i);
			return true;
		}
	}
	return false;
}

/* Each rule gives the reason why it is not met, or NULL. */
typedef const char *judge_rule(
	const struct rule *r, const struct rules_facts *f, struct verdict *v);

static const char *
judge_opinion(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	if (r->bits & RULES_AT_COLLECTION && f->captured_ms == 0)
		return "the time of collection is not known";
	if (r->bits & RULES_AT_COLLECTION && !opinion_at(r, f, f->captured_ms, v))
		return "no favourable ethics opinion was in force at collection";
	if (r->bits & RULES_AT_NOW && !opinion_at(r, f, f->true_at_ms, v))
		return "no favourable ethics opinion is in force now";
	return NULL;
}

static const char *
agreement_for(const struct rule *r, const char *site_kind)
{
	for (size_t i = 0; i < r->kinds.count; i++)
		if (strcmp(r->kinds.word[i], site_kind) == 0)
			return r->agreement.word[i];
	return NULL;
}

static bool
confirms(const struct rules_approval *a)
{
	for (size_t i = 0; i < sizeof(confirming) / sizeof(confirming[0]); i++)
		if (strcmp(a->decision, confirming[i]) == 0)
			return true;
	return false;
}

static const char *
judge_agreement(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const char *kind = agreement_for(r, f->site_kind);
	if (!kind || !*f->site)
		return "no agreement is named for this kind of site";
	if (f->captured_ms == 0)
		return "the time of collection is not known";
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (*a->site && concerns(a, f) && strcmp(a->kind, kind) == 0 && confirms(a) &&
			in_force(a, f->captured_ms)) {
			note_used(v, i);
			return NULL;
		}
	}
	return "the site had not confirmed before the record was collected";
}

static const char *
judge_stops(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	(void)v;
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (!concerns(a, f) || !within(f->true_at_ms, a->from_ms, a->until_ms))
			continue;
		bool suspended = strcmp(a->decision, "suspended") == 0 ||
				 (a->stop == RULES_SUSPENDED && is_stopped(a, f->true_at_ms));
		bool withdrawn = strcmp(a->decision, "withdrawn") == 0 ||
				 (a->stop == RULES_WITHDRAWN && is_stopped(a, f->true_at_ms));
		if (suspended && r->bits & RULES_STOP_SUSPENDED)
			return "an approval is suspended";
		if (withdrawn && r->bits & RULES_STOP_WITHDRAWN)
			return "an approval is withdrawn";
	}
	return NULL;
}

/* ---- consent ---- */

static bool
is_level(const struct rules_consent *c, const char *level)
{
	return strcmp(c->level, level) == 0;
}

static bool
ends_use(const struct rules_consent *c)
{
	return is_level(c, "no-further-use") || is_level(c, "erase");
}

static bool
takes_away(const struct rules_consent *c)
{
	return *c->level && !is_level(c, "no-further-contact");
}

/* The change that was made known last, or -1; one that ends use stands before all others. Dates
 * are those of the site's clock: what takes away now (by_now) does so from when it is known. */
static int
last_change(const struct rules_facts *f, int64_t at_ms, bool by_now)
{
	int best = -1;
	for (size_t i = 0; i < f->consent_count; i++) {
		const struct rules_consent *c = &f->consents[i];
		if (!takes_away(c) || c->known > f->known_upto ||
			(!by_now && c->given_ms > at_ms))
			continue;
		const struct rules_consent *b = best < 0 ? NULL : &f->consents[best];
		if (!b || ends_use(c) > ends_use(b) ||
			(ends_use(c) == ends_use(b) && c->known >= b->known))
			best = (int)i;
	}
	return best;
}

/* The version that stands at this time, or -1. Of two given at one time the later known one
 * counts. Behind a change that takes away only a new consent gives back, and behind one that
 * ends use nothing does. */
static int
version_at(const struct rules_facts *f, int64_t at_ms, bool by_now)
{
	const int change = last_change(f, at_ms, by_now);
	int best = change;
	if (change >= 0 && ends_use(&f->consents[change]))
		return change;
	for (size_t i = 0; i < f->consent_count; i++) {
		const struct rules_consent *c = &f->consents[i];
		if (c->known > f->known_upto || c->given_ms > at_ms ||
			(change >= 0 && (*c->level || c->known <= f->consents[change].known)))
			continue;
		const struct rules_consent *b = best < 0 ? NULL : &f->consents[best];
		if (!b || c->given_ms > b->given_ms ||
			(c->given_ms == b->given_ms && c->known >= b->known))
			best = (int)i;
	}
	return best;
}

static const struct rules_consent *
version(const struct rules_facts *f, int which)
{
	return which < 0 ? NULL : &f->consents[which];
}

static bool
is_word(const char *text, const char *word)
{
	return text && strcmp(text, word) == 0;
}

static bool
is_consultee(const struct rules_consent *c)
{
	static const char start[] = "consultee";
	return c->grantor_role && strncmp(c->grantor_role, start, sizeof(start) - 1) == 0;
}

/* A refusal, advice against it, or the person's own no: whatever else was said. */
static bool
says_no(const struct rules_consent *c)
{
	return is_word(c->event, "refused") || is_word(c->event, "advice-against") ||
	       is_word(c->assent, "dissent");
}

static const char *
judge_consultee(const struct rule *r, const struct rules_facts *f,
	const struct rules_consent *c, struct verdict *v)
{
	if (!has_word(&r->consultee, c->event))
		return "what the consultee said is no advice that counts";
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (concerns(a, f) && strcmp(a->kind, r->consultee_approval) == 0 &&
			confirms(a) && in_force(a, f->captured_ms)) {
			note_used(v, i);
			return NULL;
		}
	}
	return "no approval to ask consultees was in force at collection";
}

/* Who spoke, and whether they could. */
static const char *
judge_grantor(const struct rule *r, const struct rules_facts *f, const struct rules_consent *c,
	struct verdict *v)
{
	if (says_no(c))
		return "the person, or who spoke for them, had said no";
	if (is_consultee(c))
		return judge_consultee(r, f, c, v);
	if (!has_word(&r->accept, c->event))
		return "what stood when the record was collected was no agreement";
	if (is_word(c->grantor_role, "parent")) {
		if (!r->parent)
			return "the study does not take what a parent agrees to";
		if (r->child_assent && !is_word(c->assent, "given"))
			return "the child's own assent is missing";
		return NULL;
	}
	if (is_word(c->capacity, "assessed-lacks") || is_word(c->capacity, "lost-during-study"))
		return "the person could not decide about it, and no consultee spoke";
	return NULL;
}

static const char *
judge_consent(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const struct rules_consent *c = version(f, v->consent_then);
	if (f->per_site)
		return NULL;
	if (f->captured_ms == 0)
		return "the time of collection is not known";
	if (!c)
		return "no consent stood when the record was collected";
	const char *reason = judge_grantor(r, f, c, v);
	if (reason)
		return reason;
	if (takes_away(c))
		return "the person had ended collection before the record was collected";
	if (f->captured_ms < (c->valid_from_ms ? c->valid_from_ms : c->given_ms))
		return "the consent had not begun when the record was collected";
	return NULL;
}

/* One permit that covers the time and no refusal that does; nothing said is a refusal, and who
 * says no permits nothing. */
static bool
permits(const struct rules_consent *c, const char *code, int64_t at_ms)
{
	bool permit = false;
	if (c && says_no(c))
		return false;
	for (size_t i = 0; c && i < c->permission_count; i++) {
		const struct rules_permission *p = &c->permissions[i];
		if (strcmp(p->code, code) != 0 || !within(at_ms, p->from_ms, p->until_ms))
			continue;
		if (!p->permit)
			return false;
		permit = true;
	}
	return permit;
}

static const char *
judge_use(const struct rule *r, const struct rules_facts *f, const struct rules_consent *now)
{
	switch (f->use) {
	case RULES_NO_USE:
		return f->action == RULES_COLLECT || f->action == RULES_SYNC
			       ? NULL
			       : "what the record is used for is not said";
	case RULES_USE_SITE:
		return permits(now, r->use_site, f->true_at_ms)
			       ? NULL
			       : "the person does not permit tables of one site";
	case RULES_USE_POOLED:
		return permits(now, r->use_pooled, f->true_at_ms)
			       ? NULL
			       : "the person does not permit figures over several sites";
	}
	return "what the record is used for is not known";
}

static const char *
judge_permissions(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const struct rules_consent *then = version(f, v->consent_then);
	const struct rules_consent *now = version(f, v->consent_now);
	if (f->per_site)
		return NULL;
	if (strcmp(f->data_kind, "answers") != 0)
		return "no permission is named for this kind of data";
	if (!permits(then, r->data_answers, f->captured_ms))
		return "the person did not permit this kind of data when it was collected";
	if (!now || ends_use(now))
		return "the person wants no further use";
	return judge_use(r, f, now);
}

static const char *
judge_period(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	(void)r;
	const struct rules_consent *then = version(f, v->consent_then);
	const struct rules_consent *now = version(f, v->consent_now);
	if (f->per_site)
		return NULL;
	if (!then || !now)
		return "there is no consent whose last day could be looked at";
	if (then->valid_until_ms && f->captured_ms >= then->valid_until_ms)
		return "the consent had run out when the record was collected";
	if (now->valid_until_ms && f->true_at_ms >= now->valid_until_ms)
		return "the consent has run out";
	return NULL;
}

/* ---- signatures ---- */

static bool
holds(const struct rules_facts *f, enum rules_check check, bool may_skip)
{
	return check == RULES_YES ||
	       (check == RULES_NOT_ASKED && (may_skip || f->action == RULES_SYNC));
}

static const char *
judge_checks(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	(void)v;
	if (r->bits & RULES_RECORD_SIGNATURE && !holds(f, f->record_signature, false))
		return "the record does not lie under a verified signature";
	if (r->bits & RULES_CONSENT_SIGNATURE && !f->per_site &&
		!holds(f, f->consent_signature, false))
		return "the consent does not lie under a verified signature";
	if (r->bits & RULES_BATCH_PROOF && !holds(f, f->batch_proof, false))
		return "the parts of the record do not match their hashes";
	if (r->bits & RULES_DECRYPTS && !holds(f, f->decrypts, true))
		return "the record cannot be opened";
	return NULL;
}

static judge_rule *const judges[RULES_MAX + 1] = {
	[1] = judge_opinion,
	[3] = judge_agreement,
	[4] = judge_stops,
	[7] = judge_consent,
	[8] = judge_permissions,
	[10] = judge_period,
	[18] = judge_checks,
};

static void
fire(struct verdict *v, unsigned number, enum rules_outcome outcome, const char *reason)
{
	struct rules_fired *fired = &v->fired[v->fired_count++];
	fired->outcome = outcome;
	if (number)
		(void)snprintf(fired->rule, sizeof(fired->rule), "R%02u", number % 100);
	(void)snprintf(fired->reason, sizeof(fired->reason), "%s", reason);
	if (outcome < v->outcome)
		v->outcome = outcome;
}

void
rules_judge(const struct rules *r, const struct rules_facts *facts, struct verdict *ret)
{
	*ret = (struct verdict){.outcome = RULES_PERMIT, .rules_version = r->version};
	memcpy(ret->rules_digest, r->digest, sizeof(ret->rules_digest));
	ret->consent_then =
		facts->captured_ms ? version_at(facts, facts->captured_ms, false) : -1;
	ret->consent_now = version_at(facts, facts->true_at_ms, true);
	bool asked = false;
	for (unsigned n = 1; n <= RULES_MAX; n++) {
		const struct rule *rule = &r->rule[n];
		if (!rule->on || !(rule->actions & (unsigned)facts->action))
			continue;
		asked = true;
		char unbuilt[RULES_REASON_BYTES];
		const char *reason = unbuilt;
		if (judges[n])
			reason = judges[n](rule, facts, ret);
		else
			(void)snprintf(unbuilt, sizeof(unbuilt),
				"this version cannot decide R%02u", n);
		if (reason)
			fire(ret, n, rule->outcome, reason);
	}
	if (!asked)
		fire(ret, 0, RULES_DENY, "no rule speaks for this action");
}

uint32_t
rules_version(const struct rules *r)
{
	return r->version;
}

uint32_t
rules_signatures(const struct rules *r)
{
	return r->signatures;
}

const uint8_t *
rules_digest(const struct rules *r)
{
	return r->digest;
}

bool
rules_on(const struct rules *r, unsigned number)
{
	return number >= 1 && number <= RULES_MAX && r->rule[number].on;
}

const char *
rules_title(const struct rules *r, unsigned number)
{
	return rules_on(r, number) ? r->rule[number].title : "";
}

const char *
rules_agreement(const struct rules *r, const char *site_kind)
{
	return rules_on(r, 3) ? agreement_for(&r->rule[3], site_kind) : "";
}

const char *
rules_outcome_word(enum rules_outcome outcome)
{
	static const char *const words[] = {"deny", "hold", "permit"};
	return (unsigned)outcome < 3 ? words[outcome] : "";
}

const char *
rules_action_word(enum rules_action action)
{
	switch (action) {
	case RULES_COLLECT:
		return "collect";
	case RULES_SYNC:
		return "sync";
	case RULES_AGGREGATE:
		return "aggregate";
	case RULES_RELEASE:
		return "release";
	case RULES_QUERY:
		return "query";
	case RULES_EXPORT:
		return "export";
	}
	return "";
}
