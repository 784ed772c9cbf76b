#include "common/study/rules.h"

#include <stdio.h>
#include <string.h>

#include "common/study/rules_ask.h"

static bool
holds(const struct rules_facts *f, enum rules_check check, bool may_skip)
{
	return check == RULES_YES ||
	       (check == RULES_NOT_ASKED && (may_skip || f->action == RULES_SYNC));
}

/* There is no consent that could lie under a signature, and none is needed. */
static bool
is_without(const struct rules_facts *f, const struct verdict *v)
{
	return rules_goes_without(f, v->consent_then) && rules_goes_without(f, v->consent_now);
}

static const char *
judge_checks(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	if (r->bits & RULES_RECORD_SIGNATURE && !holds(f, f->record.record_signature, false))
		return "the record does not lie under a verified signature";
	if (r->bits & RULES_CONSENT_SIGNATURE && !f->per_site && !is_without(f, v) &&
		!holds(f, f->record.consent_signature, false))
		return "the consent does not lie under a verified signature";
	if (r->bits & RULES_BATCH_PROOF && !holds(f, f->record.batch_proof, false))
		return "the parts of the record do not match their hashes";
	if (r->bits & RULES_DECRYPTS && !holds(f, f->record.decrypts, true))
		return "the record cannot be opened";
	return NULL;
}

/* Rules that are asked one behind the other. */
struct asking {
	const struct rules *rules;
	const struct rules_facts *facts;
	struct verdict *verdict;
	uint32_t asked, fired; /* a bit for each rule */
};

/* What is longer than a reason may be is cut. */
static void
put_reason(struct rules_fired *to, const char *reason)
{
	const size_t len = strnlen(reason, sizeof(to->reason) - 1);
	memcpy(to->reason, reason, len);
	to->reason[len] = '\0';
}

static void
put_number(struct rules_fired *to, unsigned number)
{
	const char name[] = {'R', (char)('0' + number / 10), (char)('0' + number % 10), '\0'};
	memcpy(to->rule, name, sizeof(to->rule));
}

void
rules_fire(struct verdict *v, unsigned number, enum rules_outcome outcome, const char *reason)
{
	struct rules_fired *fired = &v->fired[v->fired_count++];
	fired->outcome = outcome;
	if (number)
		put_number(fired, number);
	if (reason != fired->reason)
		put_reason(fired, reason);
	if (outcome < v->outcome)
		v->outcome = outcome;
}

static __attribute__((noinline)) void
fire_unfed(struct verdict *v, unsigned number, enum rules_outcome outcome)
{
	char reason[RULES_REASON_BYTES];
	(void)snprintf(
		reason, sizeof(reason), "this version cannot decide R%02u", number % 100);
	rules_fire(v, number, outcome, reason);
}

/* In place, so that each judge is called by its name. */
static inline __attribute__((always_inline)) void
ask(struct asking *q, unsigned number, judge_rule *judge)
{
	const struct rule *rule = &q->rules->rule[number];
	struct verdict *v = q->verdict;
	const size_t before = v->fired_count;
	if (!(q->asked & RULES_BIT(number)))
		return;
	v->fired[before].outcome = rule->outcome;
	if (q->facts->unfed & RULES_BIT(number)) {
		fire_unfed(v, number, rule->outcome);
	} else {
		const char *reason = judge(rule, q->facts, v);
		if (reason)
			rules_fire(v, number, v->fired[before].outcome, reason);
	}
	if (v->fired_count > before)
		q->fired |= RULES_BIT(number);
}

uint32_t
rules_ask(struct verdict *v, const struct rules *r, uint32_t asked, const struct rules_facts *f)
{
	struct asking q = {.rules = r, .facts = f, .verdict = v, .asked = asked};
	ask(&q, 1, rules_judge_opinion);
	ask(&q, 2, rules_judge_kind);
	ask(&q, 3, rules_judge_agreement);
	ask(&q, 4, rules_judge_stops);
	ask(&q, 5, rules_judge_conditions);
	ask(&q, 6, rules_judge_reviews);
	ask(&q, 7, rules_judge_consent);
	ask(&q, 8, rules_judge_permissions);
	ask(&q, 9, rules_judge_sheets);
	ask(&q, 10, rules_judge_period);
	ask(&q, 11, rules_judge_staff);
	ask(&q, 12, rules_judge_opt_out);
	ask(&q, 13, rules_judge_capacity);
	ask(&q, 14, rules_judge_objection);
	ask(&q, 15, rules_judge_purpose);
	ask(&q, 16, rules_judge_items);
	ask(&q, 17, rules_judge_requester);
	ask(&q, 18, judge_checks);
	ask(&q, 19, rules_judge_erasure);
	ask(&q, 20, rules_judge_agreements);
	ask(&q, 21, rules_judge_quorum);
	ask(&q, 22, rules_judge_window);
	ask(&q, 23, rules_judge_plan);
	return q.fired;
}

uint32_t
rules_asked(const struct rules *r, unsigned action)
{
	uint32_t asked = 0;
	while (action) {
		const int which = __builtin_ctz(action);
		asked |= r->asked[which];
		action ^= 1u << which;
	}
	return asked;
}

void
rules_begin(const struct rules *r, const struct rules_facts *f, struct verdict *ret)
{
	ret->outcome = RULES_PERMIT;
	ret->fired_count = ret->used_count = 0;
	ret->fired[0].rule[0] = ret->fired[0].reason[0] = '\0';
	ret->rules_version = r->version;
	memcpy(ret->rules_digest, r->digest, sizeof(ret->rules_digest));
	ret->consent_then =
		f->record.captured_ms ? rules_version_at(f, f->record.captured_ms, false) : -1;
	ret->consent_now = rules_version_at(f, f->true_at_ms, true);
}

void
rules_judge(const struct rules *r, const struct rules_facts *facts, struct verdict *ret)
{
	const uint32_t asked = rules_asked(r, facts->action);
	rules_begin(r, facts, ret);
	(void)rules_ask(ret, r, asked, facts);
	if (!asked)
		rules_fire(ret, 0, RULES_DENY, RULES_NOT_SPOKEN_FOR);
}

/* They stand in the order of the rules, each once: of two for one rule the harsher one. */
static void
add_fired(struct verdict *v, const struct rules_fired *f)
{
	size_t at = 0;
	while (at < v->fired_count && strcmp(v->fired[at].rule, f->rule) < 0)
		at++;
	struct rules_fired *here = &v->fired[at];
	if (at < v->fired_count && strcmp(here->rule, f->rule) == 0) {
		if (f->outcome < here->outcome)
			*here = *f;
		return;
	}
	memmove(here + 1, here, (v->fired_count++ - at) * sizeof(*here));
	*here = *f;
}

void
rules_join(struct verdict *v, const struct verdict *other)
{
	for (size_t i = 0; i < other->fired_count; i++)
		add_fired(v, &other->fired[i]);
	for (size_t i = 0; i < other->used_count; i++)
		rules_note_used(v, other->used[i]);
	if (other->outcome >= v->outcome)
		return;
	v->outcome = other->outcome;
	v->rules_version = other->rules_version;
	memcpy(v->rules_digest, other->rules_digest, sizeof(v->rules_digest));
}

bool
rules_asks_opt_outs(const struct rules *r)
{
	static const unsigned needed = RULES_COLLECT | RULES_AGGREGATE | RULES_RELEASE;
	const struct rule *rule = &r->rule[12];
	return rule->on && rules_has_word(&rule->basis, RULES_WITHOUT) && rule->within_ms &&
	       (rule->actions & needed) == needed;
}

bool
rules_asks_staff(const struct rules *r, const char *item)
{
	const struct rule *rule = &r->rule[11];
	return rule->on &&
	       (rules_same(rule->approacher_code, item) || rules_same(rule->collector, item));
}

uint32_t
rules_version(const struct rules *r)
{
	return r->version;
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
rules_mode_approved(
	const struct rules *r, const struct rules_facts *facts, const char *mode, int64_t at_ms)
{
	return !rules_on(r, 7) || rules_mode_approved_for(&r->rule[7], facts, mode, at_ms);
}

const char *
rules_child_group(const struct rules *r, size_t i)
{
	const struct rules_words *children = &r->rule[7].children;
	return i < children->count ? children->word[i] : NULL;
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
