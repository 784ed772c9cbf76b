#include "common/study/rules.h"

#include <stdio.h>
#include <string.h>

#include "common/study/rules_ask.h"

bool
rules_has_word(const struct rules_words *words, const char *word)
{
	for (size_t i = 0; word && i < words->count; i++)
		if (strcmp(words->word[i], word) == 0)
			return true;
	return false;
}

bool
rules_within(int64_t at_ms, int64_t from_ms, int64_t until_ms)
{
	return at_ms >= from_ms && (until_ms == 0 || at_ms < until_ms);
}

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

static const char *
judge_basis(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	(void)v;
	if (!f->basis || !*f->basis)
		return "the basis on which data are used is not known";
	return rules_has_word(&r->basis, f->basis)
		       ? "this version cannot decide R12: it knows no opt-outs"
		       : NULL;
}

static judge_rule *const judges[RULES_MAX + 1] = {
	[1] = rules_judge_opinion,
	[2] = rules_judge_kind,
	[3] = rules_judge_agreement,
	[4] = rules_judge_stops,
	[7] = rules_judge_consent,
	[8] = rules_judge_permissions,
	[10] = rules_judge_period,
	[12] = judge_basis,
	[13] = rules_judge_capacity,
	[14] = rules_judge_objection,
	[18] = judge_checks,
	[19] = rules_judge_erasure,
	[20] = rules_judge_agreements,
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
		facts->captured_ms ? rules_version_at(facts, facts->captured_ms, false) : -1;
	ret->consent_now = rules_version_at(facts, facts->true_at_ms, true);
	bool asked = false;
	for (unsigned n = 1; n <= RULES_MAX; n++) {
		const struct rule *rule = &r->rule[n];
		if (!rule->on || !(rule->actions & (unsigned)facts->action))
			continue;
		asked = true;
		char unbuilt[RULES_REASON_BYTES];
		const char *reason = unbuilt;
		if (rule->built && judges[n])
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
	return rules_on(r, 3) ? rules_agreement_for(&r->rule[3], site_kind) : "";
}

bool
rules_asks_retention(const struct rules *r)
{
	return rules_on(r, 10) && r->rule[10].retention[0];
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
