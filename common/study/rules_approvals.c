#include <stddef.h>
#include <string.h>

#include "common/study/rules_ask.h"

/* Decisions by which a site confirms; R03 has no key for them. */
static const char *const confirming[] = {
	"confirmed", "favourable", "favourable-with-conditions"};

static bool
is_stopped(const struct rules_approval *a, int64_t at_ms)
{
	return a->stop != RULES_RUNS && rules_within(at_ms, a->stop_from_ms, a->stop_until_ms);
}

static bool
concerns(const struct rules_approval *a, const struct rules_facts *f)
{
	return a->known <= f->known_upto && (!*a->site || strcmp(a->site, f->site) == 0);
}

static bool
in_force(const struct rules_approval *a, int64_t at_ms)
{
	return rules_within(at_ms, a->from_ms, a->until_ms) && !is_stopped(a, at_ms);
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
	if (!rules_has_word(&r->accept, a->decision))
		return false;
	return strcmp(a->decision, "not-required") != 0 || !r->reason || a->reason_given;
}

static bool
opinion_at(const struct rule *r, const struct rules_facts *f, int64_t at_ms, struct verdict *v)
{
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (concerns(a, f) && rules_has_word(&r->approvals, a->kind) &&
			is_favourable(r, a) && in_force(a, at_ms)) {
			note_used(v, i);
			return true;
		}
	}
	return false;
}

const char *
rules_judge_opinion(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	if (r->bits & RULES_AT_COLLECTION && f->captured_ms == 0)
		return "the time of collection is not known";
	if (r->bits & RULES_AT_COLLECTION && !opinion_at(r, f, f->captured_ms, v))
		return "no favourable ethics opinion was in force at collection";
	if (r->bits & RULES_AT_NOW && !opinion_at(r, f, f->true_at_ms, v))
		return "no favourable ethics opinion is in force now";
	return NULL;
}

const char *
rules_agreement_for(const struct rule *r, const char *site_kind)
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

const char *
rules_judge_agreement(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const char *kind = rules_agreement_for(r, f->site_kind);
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

bool
rules_has_approval(
	const struct rules_facts *f, const char *kind, int64_t at_ms, struct verdict *v)
{
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (concerns(a, f) && strcmp(a->kind, kind) == 0 && confirms(a) &&
			in_force(a, at_ms)) {
			note_used(v, i);
			return true;
		}
	}
	return false;
}

static bool
has_any(const struct rule *r, const struct rules_facts *f, int64_t at_ms, struct verdict *v)
{
	for (size_t i = 0; i < r->approvals.count; i++)
		if (rules_has_approval(f, r->approvals.word[i], at_ms, v))
			return true;
	return false;
}

const char *
rules_judge_kind(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	if (!*f->site_kind)
		return "the kind of the site is not known";
	if (!rules_has_word(&r->kinds, f->site_kind))
		return NULL;
	if (f->captured_ms == 0)
		return "the time of collection is not known";
	if (!has_any(r, f, f->captured_ms, v))
		return "the approval this kind of site needs was not in force at collection";
	if (!has_any(r, f, f->true_at_ms, v))
		return "the approval this kind of site needs is not in force now";
	return NULL;
}

const char *
rules_judge_agreements(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	if (!*f->site)
		return "the site is not known";
	for (size_t i = 0; i < r->approvals.count; i++)
		if (!rules_has_approval(f, r->approvals.word[i], f->true_at_ms, v))
			return "an agreement or assessment that the site needs is not in force";
	return NULL;
}

const char *
rules_judge_stops(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	(void)v;
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (!concerns(a, f) || !rules_within(f->true_at_ms, a->from_ms, a->until_ms))
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
