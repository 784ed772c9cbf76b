#include <stddef.h>

#include "common/study/rules_ask.h"

/* ---- R11: who approached and who took consent ---- */

bool
rules_is_of_taker(const struct rule *r, const struct rules_facts *f, const struct rules_duty *d)
{
	return d->known <= f->known_upto && rules_same(d->task, r->taker_task) &&
	       rules_same(d->site, f->site);
}

static bool
is_delegated(const struct rule *r, const struct rules_facts *f, const struct rules_consent *c)
{
	for (size_t i = 0; i < f->duty_count; i++) {
		const struct rules_duty *d = &f->duties[i];
		if (rules_same(d->person, c->taken_by) && rules_is_of_taker(r, f, d) &&
			rules_within(c->given_ms, d->from_ms, d->until_ms))
			return true;
	}
	return false;
}

const char *
rules_judge_staff(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	if (f->per_site || rules_goes_without(f, v->consent_then))
		return NULL;
	const struct rules_consent *c =
		v->consent_then < 0 ? NULL : rules_agreement_behind(f, v->consent_then);
	if (!c)
		return "there is no agreement that somebody could have taken";
	if (*r->taker && !rules_has_word(&r->taker_none, c->mode)) {
		if (rules_blank(c->taken_by))
			return "who took the consent is not known";
		if (!is_delegated(r, f, c))
			return "who took the consent was not on the delegation log for it";
	}
	if (*r->approacher && !rules_lists(&f->local_approach, c->approach_by))
		return "the site does not allow the kind of person who approached";
	return NULL;
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
