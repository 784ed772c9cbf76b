#include <stddef.h>

#include "common/study/rules_ask.h"

/* ---- R11: who approached, who took consent and who collected ---- */

static bool
is_for(const struct rules_duty *d, const struct rules_facts *f, const char *task)
{
	return d->known <= f->known_upto && rules_same(d->task, task) &&
	       rules_same(d->site, f->site);
}

bool
rules_is_of_staff(const struct rule *r, const struct rules_facts *f, const struct rules_duty *d)
{
	return is_for(d, f, r->taker_task) || is_for(d, f, r->approacher_task) ||
	       is_for(d, f, r->collector_task);
}

static bool
is_delegated(const struct rules_facts *f, const char *person, const char *task, int64_t at_ms)
{
	for (size_t i = 0; i < f->duty_count; i++) {
		const struct rules_duty *d = &f->duties[i];
		if (rules_same(d->person, person) && is_for(d, f, task) &&
			rules_within(at_ms, d->from_ms, d->until_ms))
			return true;
	}
	return false;
}

static const char *
judge_taker(const struct rule *r, const struct rules_facts *f, const struct rules_consent *c)
{
	if (!*r->taker || rules_has_word(&r->taker_none, c->mode))
		return NULL;
	if (rules_blank(c->taken_by))
		return "who took the consent is not known";
	if (!is_delegated(f, c->taken_by, r->taker_task, c->given_ms))
		return "who took the consent was not on the delegation log for it";
	return NULL;
}

static bool
is_said_again(const struct rules_consent *c)
{
	return rules_same(c->event, "reaffirmed") || rules_same(c->event, "changed");
}

/* Who says yes again, or says it otherwise, was approached before the yes that this one
 * follows. Where none is known they were approached for this one. */
static const struct rules_consent *
approached_for(const struct rules_facts *f, const struct rules_consent *said)
{
	const struct rules_consent *first = said;
	for (size_t i = 0; is_said_again(said) && i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (rules_is_first_yes(c) && c->known <= f->known_upto &&
			c->given_ms <= said->given_ms &&
			(first == said || c->given_ms >= first->given_ms))
			first = c;
	}
	return first;
}

static const char *
judge_approacher(
	const struct rule *r, const struct rules_facts *f, const struct rules_consent *said)
{
	const struct rules_consent *c = approached_for(f, said);
	if (*r->approacher && !rules_lists(&f->local_approach, said->approach_by))
		return "the site does not allow the kind of person who approached";
	if (!*r->approacher_code || rules_has_word(&r->approacher_none, c->approach_by))
		return NULL;
	if (rules_blank(c->approacher))
		return "who approached the person is not known";
	if (!is_delegated(f, c->approacher, r->approacher_task, c->given_ms))
		return "who approached the person was not on the delegation log for it";
	return NULL;
}

/* What people fill in themselves nobody collects. */
static const char *
judge_collector(const struct rule *r, const struct rules_facts *f)
{
	if (!*r->collector || !f->by_staff)
		return NULL;
	if (rules_blank(f->record.collected_by))
		return "who collected the record is not known";
	if (!is_delegated(f, f->record.collected_by, r->collector_task, f->record.captured_ms))
		return "who collected the record was not on the delegation log for it";
	return NULL;
}

static const char *
judge_agreement(const struct rule *r, const struct rules_facts *f, int consent_then)
{
	if (rules_goes_without(f, consent_then))
		return NULL;
	const struct rules_consent *c =
		consent_then < 0 ? NULL : rules_agreement_behind(f, consent_then);
	if (!c)
		return "there is no agreement that somebody could have taken";
	const char *why = judge_taker(r, f, c);
	return why ? why : judge_approacher(r, f, c);
}

const char *
rules_judge_staff(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	if (f->per_site)
		return NULL;
	const char *why = judge_agreement(r, f, v->consent_then);
	return why ? why : judge_collector(r, f);
}

/* ---- R17: who asks ---- */

const char *
rules_judge_requester(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const struct rules_request *q = &f->request;
	(void)v;
	if (!rules_has_word(&r->roles, q->role))
		return "who asks has no role that may ask";
	if (r->within_ms && (q->trained_ms == 0 || q->trained_ms > f->true_at_ms ||
				    f->true_at_ms >= q->trained_ms + r->within_ms))
		return "the training of who asks is too old, or not known";
	if (r->contract &&
		(q->contract_from_ms == 0 || !rules_within(f->true_at_ms, q->contract_from_ms,
						     q->contract_until_ms)))
		return "who asks has no contract or letter of access in force";
	if (r->reason && !q->reason_given)
		return "the question does not say why it is asked";
	return NULL;
}
