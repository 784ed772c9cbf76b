#include <stddef.h>

#include "common/base/base.h"
#include "common/study/rules_ask.h"

static bool
counts(const struct rule *r, const struct rules_facts *f, const struct rules_cosignature *c)
{
	return c->known <= f->known_upto && !rules_blank(c->by) &&
	       c->arrived_ms <= f->true_at_ms && f->true_at_ms < c->arrived_ms + r->within_ms;
}

/* Did this site sign before in the list? It counts once. */
static bool
stood_before(const struct rule *r, const struct rules_facts *f, size_t which)
{
	for (size_t i = 0; i < which; i++) {
		const struct rules_cosignature *c = &f->cosignatures[i];
		if (c->is_site && counts(r, f, c) &&
			rules_same(c->by, f->cosignatures[which].by))
			return true;
	}
	return false;
}

static size_t
sites_that_signed(const struct rule *r, const struct rules_facts *f)
{
	size_t sites = 0;
	for (size_t i = 0; i < f->cosignature_count; i++)
		if (f->cosignatures[i].is_site && counts(r, f, &f->cosignatures[i]) &&
			!stood_before(r, f, i))
			sites++;
	return sites;
}

static bool
has_signed(const struct rule *r, const struct rules_facts *f, const char *body)
{
	for (size_t i = 0; i < f->cosignature_count; i++)
		if (!f->cosignatures[i].is_site && counts(r, f, &f->cosignatures[i]) &&
			rules_same(f->cosignatures[i].by, body))
			return true;
	return false;
}

const char *
rules_judge_quorum(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	(void)v;
	const uint32_t sites = f->sites_joined == 1 ? MIN(r->sites, 1u) : r->sites;
	if (sites_that_signed(r, f) < sites)
		return "too few sites have countersigned the log lately";
	for (size_t i = 0; i < r->also.count; i++)
		if (!has_signed(r, f, r->also.word[i]))
			return "a body that has to has not countersigned the log lately";
	return NULL;
}
