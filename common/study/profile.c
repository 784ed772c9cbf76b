#include "common/study/profile.h"

#include <string.h>

#include "common/study/values.h"

#define SECTION "disclosure"

static const char known[] =
	"|use|count.min|count.of|zero|round.base|complementary|complementary.least|audit|"
	"audit.of|audit.width|audit.span|linked|dominance.sites|sites.min|approvers|small.*|"
	"hidden.symbol|round.how|round.totals|round.estimates|percent.decimals|dominance.*|"
	"p.share|full|table.dimensions|extremes|model.*|difference.min|release.*|";
/* Asked for by studies, and without effect in this version. The symbol, how rounding is done and
 * the digits of percentages are what they are here anyway; small.below and dominance are looked at
 * below. */
static const char later[] = "|full|table.dimensions|extremes|model.*|difference.min|release.*|";

/* What is known of the language, but not of this version. */
static void
check_built(const struct values *v, const struct profile *p)
{
	(void)values_one_of(v, "use", "default");
	if (p->round_base)
		faults_warn(v->faults, values_place(v, "round.base"),
			"rounding is not built yet in this version: releases are refused");
	if (p->dominance_sites)
		faults_warn(v->faults, values_place(v, "dominance.sites"),
			"dominance is not built yet in this version: releases are refused");
	if (values_count(v, "small.below", "people", 0))
		faults_add(v->faults, values_place(v, "small.below"),
			"a smallest cell of small sites is not built yet in this version");
	if (p->complementary && p->least == PROFILE_LEAST_CELLS)
		faults_add(v->faults, values_place(v, "complementary.least"),
			"hiding the fewest cells is not built yet in this version");
	if (p->count_min && !p->count_of_cells)
		faults_add(v->faults, values_place(v, "count.of"),
			"asking only the base is not built yet in this version");
	if (p->approvers < 2)
		faults_add(v->faults, values_place(v, "approvers"),
			"a release needs two people or more who agree");
}

/* Does a key ask that one contributor be hidden behind the others? */
static bool
asks_dominance(const struct values *v)
{
	return values_flag(v, "dominance.sites", false) || *values_text(v, "dominance.top") ||
	       *values_text(v, "dominance.share") || *values_text(v, "p.share");
}

struct profile
profile_read(const struct ini *rules, const char *file, struct faults *faults)
{
	const struct values v = {rules, file, SECTION, faults};
	if (!ini_find(rules, SECTION, "")) {
		faults_add(faults, (struct fault_place){file, 0, NULL},
			"[" SECTION "] is missing");
		return (struct profile){0};
	}
	values_check_keys(&v, known);
	values_warn_keys(&v, later);
	struct profile p = {
		.count_min = values_count(&v, "count.min", "people", 0),
		.count_of_cells = values_one_of(&v, "count.of", "cells|base") == 0,
		.zero = (enum profile_zero)values_one_of(&v, "zero", "show|hide|review"),
		.round_base = values_count(&v, "round.base", "", 0),
		.complementary = values_flag(&v, "complementary", false),
		.least = PROFILE_LEAST_NONE,
		.audit = (enum profile_audit)values_one_of(&v, "audit", "none|exact"),
		.audit_of = (enum profile_audit_of)values_one_of(&v, "audit.of", "primary|all"),
		.audit_width = values_count(&v, "audit.width", "people", 0),
		.audit_span = values_share(&v, "audit.span"),
		.linked = values_flag(&v, "linked", false),
		.dominance_sites = asks_dominance(&v),
		.sites_min = values_count(&v, "sites.min", "sites", 0),
		.approvers = values_count(&v, "approvers", "people", 2),
	};
	if (*values_text(&v, "complementary.least"))
		p.least = values_one_of(&v, "complementary.least", "people|cells")
				  ? PROFILE_LEAST_CELLS
				  : PROFILE_LEAST_PEOPLE;
	check_built(&v, &p);
	return p;
}
