#include <stddef.h>

#include "common/study/rules_ask.h"

/* ---- R05: conditions ---- */

static bool
is_met(const struct rules_condition *c, const struct rules_facts *f)
{
	return c->met_ms != 0 && c->met_ms <= f->true_at_ms && c->met_known <= f->known_upto;
}

static bool
is_late(const struct rules_condition *c, const struct rules_facts *f, int64_t grace_ms)
{
	if (c->known > f->known_upto || is_met(c, f))
		return false;
	return c->due_ms == 0 || f->true_at_ms >= c->due_ms + grace_ms;
}

/* Conditions of what ran out, or never began, bind nobody. */
const char *
rules_judge_conditions(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	(void)v;
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (a->condition_count == 0 || !rules_concerns(a, f) ||
			!rules_within(f->true_at_ms, a->from_ms, a->until_ms))
			continue;
		for (size_t k = 0; k < a->condition_count; k++)
			if (is_late(&a->conditions[k], f, r->grace_ms))
				return "a condition of an approval is due and was not met";
	}
	return NULL;
}

/* ---- R06: what comes round ---- */

/* One kind of review, and how often. */
struct round {
	const char *kind;
	int64_t every_ms, grace_ms;
	bool reviewed; /* graded by the organisation alone is not enough */
};

static bool
is_done(const struct rules_review *v, const struct rules_facts *f)
{
	return v->done_ms != 0 && v->done_ms <= f->true_at_ms && v->done_known <= f->known_upto;
}

/* The first moment at which the next one is late. */
static int64_t
late_ms(const struct rules_review *v, const struct rules_facts *f, const struct round *round)
{
	if (is_done(v, f))
		return v->done_ms + round->every_ms + round->grace_ms;
	return (v->due_ms ? v->due_ms : v->from_ms + round->every_ms) + round->grace_ms;
}

/* One is current, and none that was asked for is left undone. */
static bool
is_current(const struct rules_facts *f, const struct round *round)
{
	bool current = false;
	for (size_t i = 0; i < f->review_count; i++) {
		const struct rules_review *v = &f->reviews[i];
		if (!rules_same(v->kind, round->kind) || v->known > f->known_upto ||
			(!rules_blank(v->site) && !rules_same(v->site, f->site)))
			continue;
		bool late = f->true_at_ms >= late_ms(v, f, round);
		if (late && !is_done(v, f))
			return false;
		current = current ||
			  (!late && (!round->reviewed || (v->reviewed && is_done(v, f))));
	}
	return current;
}

static bool
asks_progress(const struct rule *r, const struct rules_facts *f)
{
	return r->progress_ms && (f->planned_ms == 0 || f->planned_ms > r->progress_longer_ms);
}

const char *
rules_judge_reviews(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const struct round progress = {"progress", r->progress_ms, r->grace_ms, false};
	const struct round cag = {"cag", r->cag_ms, r->grace_ms, false};
	/* Nobody said on what basis: as if it were section 251. */
	const bool s251 = rules_blank(f->basis) || rules_same(f->basis, "s251");
	const struct round dspt = {"dspt", r->dspt_ms, r->grace_ms, s251};
	(void)v;
	if (asks_progress(r, f) && !is_current(f, &progress))
		return "a progress report is overdue, or none is known";
	if (r->cag_ms && s251 && !is_current(f, &cag))
		return "the review of section 251 support is overdue, or none is known";
	if (r->dspt_ms && (s251 || rules_has_word(&r->kinds, f->site_kind)) &&
		!is_current(f, &dspt))
		return "the review of the security toolkit is overdue, or none is known";
	return NULL;
}
