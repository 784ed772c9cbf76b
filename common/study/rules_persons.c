#include <stddef.h>

#include "common/study/rules_ask.h"
#include "common/study/rules_wish.h"

static bool
is_known(const struct rules_facts *f, const struct rules_consent *c)
{
	return c->known <= f->known_upto;
}

/* ---- capacity ---- */

static bool
is_loss(const struct rule *r, const struct rules_consent *c)
{
	return rules_has_word(&r->starts, c->capacity) || rules_same(c->level, "capacity-lost");
}

static bool
is_regained(const struct rules_consent *c)
{
	return !*c->level &&
	       (rules_same(c->capacity, "regained") || rules_same(c->capacity, "assessed-has"));
}

/* A word that the person can decide, later than the loss by its date; an older paper undoes
 * nothing, whenever it is made known. */
static bool
is_regained_since(const struct rules_facts *f, const struct rules_consent *loss)
{
	for (size_t i = 0; i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (is_known(f, c) && is_regained(c) && c->known >= loss->known &&
			c->given_ms > loss->given_ms)
			return true;
	}
	return false;
}

/* The first loss made known from which the person has not recovered; NULL: none. */
static const struct rules_consent *
loss_of(const struct rule *r, const struct rules_facts *f)
{
	const struct rules_consent *loss = NULL;
	for (size_t i = 0; i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (is_known(f, c) && is_loss(r, c) && (!loss || c->known < loss->known) &&
			!is_regained_since(f, c))
			loss = c;
	}
	return loss;
}

/* Advice that is later than the loss, by its date and by when it was made known; or that is the
 * record of the loss itself. */
static bool
is_advised(const struct rule *r, const struct rules_facts *f, const struct rules_consent *loss)
{
	for (size_t i = 0; i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (is_known(f, c) && rules_has_word(&r->ends, c->event) &&
			(c == loss || (c->known > loss->known && c->given_ms > loss->given_ms)))
			return true;
	}
	return false;
}

/* What was given before the loss, by a person who had said beforehand that it may stay. */
static bool
is_kept(const struct rule *r, const struct rules_facts *f, const struct rules_consent *loss,
	const struct verdict *v)
{
	const struct rules_consent *then = rules_consent_at(f, v->consent_then);
	if (!then || f->record.captured_ms >= loss->given_ms)
		return false;
	return then->known < loss->known && rules_permits(then, r->keep, f->record.captured_ms);
}

const char *
rules_judge_capacity(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const struct rules_consent *loss = f->per_site ? NULL : loss_of(r, f);
	if (!loss || is_advised(r, f, loss) || is_kept(r, f, loss, v))
		return NULL;
	return "the person lost capacity, and no consultee has advised since";
}

/* ---- objection ---- */

static bool
is_no(const struct rule *r, const struct rules_consent *c)
{
	return rules_has_word(&r->dissent, c->assent) ||
	       rules_has_word(&r->objection, c->event);
}

static bool
is_yes(const struct rule *r, const struct rules_consent *c)
{
	return !is_no(r, c) && !*c->level &&
	       (rules_same(c->event, "given") || rules_same(c->event, "reaffirmed") ||
		       rules_same(c->event, "changed") ||
		       rules_same(c->event, "advice-supports"));
}

/* An agreement made known later and not dated before the no. */
static bool
is_undone(const struct rule *r, const struct rules_facts *f, const struct rules_consent *no)
{
	for (size_t i = 0; i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (is_known(f, c) && is_yes(r, c) && c->known > no->known &&
			c->given_ms >= no->given_ms)
			return true;
	}
	return false;
}

const char *
rules_judge_objection(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	(void)v;
	for (size_t i = 0; !f->per_site && i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (is_known(f, c) && is_no(r, c) && !is_undone(r, f, c))
			return "the person said no, or showed it, or a consultee advised so";
	}
	return NULL;
}

/* ---- erasure ---- */

/* That a request was decided is not known here: it waits as long as it stands, and it stands
 * until the person takes it back. */
const char *
rules_judge_erasure(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	(void)r;
	(void)v;
	return !f->per_site && rules_erasure_stands(f) ? "a request to erase is waiting" : NULL;
}
