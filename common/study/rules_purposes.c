#include <stddef.h>

#include "common/study/rules_ask.h"
#include "common/study/rules_limits.h"

/* ---- R12: the national opt-out ---- */

/* The check made last by then; of two at one time the one that says no. */
static const struct rules_opt_out *
last_check(const struct rules_facts *f)
{
	const struct rules_opt_out *best = NULL;
	for (size_t i = 0; i < f->record.opt_out_count; i++) {
		const struct rules_opt_out *o = &f->record.opt_outs[i];
		if (o->known > f->known_upto || o->checked_ms > f->true_at_ms)
			continue;
		if (!best || o->checked_ms > best->checked_ms ||
			(o->checked_ms == best->checked_ms && o->opted_out))
			best = o;
	}
	return best;
}

const char *
rules_judge_opt_out(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	if (rules_blank(f->basis))
		return "the basis on which data are used is not known";
	if (f->per_site || !rules_has_word(&r->basis, f->basis) || v->consent_now >= 0)
		return NULL;
	const struct rules_opt_out *last = last_check(f);
	if (!last)
		return "the national opt-out was not checked";
	if (last->opted_out)
		return "the person has opted out";
	if (f->true_at_ms >= last->checked_ms + r->within_ms)
		return "the last check of the national opt-out is too old";
	return NULL;
}

/* ---- R15: purposes ---- */

/* A question as such names no person: the persons in it are asked at release. */
static const char *
judge_secondary(const struct rule *r, const struct rules_facts *f, const struct verdict *v)
{
	if (r->duo.count == 0)
		return "the study shares nothing for other research";
	const struct rules_list study = {r->duo.word, r->duo.count};
	if (!rules_limits_kept(&study, &f->request.duo))
		return "the request does not keep the study's limits on other research";
	if (f->per_site || f->action == RULES_QUERY)
		return NULL;
	const struct rules_consent *now = rules_consent_at(f, v->consent_now);
	if (!rules_permits(now, RULES_SHARING, f->true_at_ms))
		return "the person does not permit sharing for other research";
	if (now->duo.count == 0)
		return "under which limits the person shares is not recorded";
	if (!rules_limits_known(&now->duo))
		return "the person set a limit that this version does not know";
	if (!rules_limits_kept(&now->duo, &f->request.duo))
		return "the request does not keep the person's limits on other research";
	return NULL;
}

const char *
rules_judge_purpose(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	if (rules_blank(f->request.purpose))
		return "the question does not state its purpose";
	if (!rules_limits_known(&f->request.duo))
		return "the request states a limit that this version does not know";
	if (rules_has_word(&r->secondary, f->request.purpose))
		return judge_secondary(r, f, v);
	return rules_has_word(&r->purposes, f->request.purpose)
		       ? NULL
		       : "the purpose lies outside what was agreed";
}

/* ---- R16: items ---- */

const char *
rules_judge_items(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	(void)r;
	(void)v;
	if (f->record.items_known == RULES_NOT_ASKED && rules_is_coming(f))
		return NULL;
	if (f->record.items_known != RULES_YES)
		return "the items that are used are not known";
	for (size_t i = 0; i < f->record.item_count; i++) {
		if (f->record.items[i].goes == RULES_GOES_UNLISTED)
			return "an item is not on the approved list";
		if (f->record.items[i].goes == RULES_GOES_SITE)
			return "an item is not to leave the site";
	}
	return NULL;
}
