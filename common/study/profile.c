#include "common/study/profile.h"

#include <stddef.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/values.h"
#include "common/study/zone.h"

#define SECTION         "disclosure"
#define NAMED           SECTION "."
#define MOST_VARIABLES  4 /* that a table may have */
#define NOT_ASKED       UINT32_MAX
#define LEAST_APPROVERS 2
#define SYMBOLS         "hidden|none|no_site|not_applicable"

enum key_type { KEY_COUNT, KEY_FLAG, KEY_CHOICE, KEY_SHARE, KEY_TIME, KEY_DAY, KEY_TEXT };

/* What the file says, before it is known what of it this version does. */
struct asked {
	struct profile p;
	unsigned count_of, zero, least, audit, audit_of, full, symbol;
	uint32_t small_below, round_estimates, percent_decimals, dominance_top;
	uint32_t table_dimensions, difference_min;
	double dominance_share, p_share;
	int64_t release_every_ms, release_first_ms;
};

#define AT(field) offsetof(struct asked, field)

static const struct key {
	const char *name;
	enum key_type type;
	const char *of; /* unit of a count, words of a choice */
	size_t at;      /* place in struct asked; SIZE_MAX: looked at, not kept */
} keys[] = {
	{"title", KEY_TEXT, "", SIZE_MAX},
	{"source", KEY_TEXT, "", SIZE_MAX},
	{"count.min", KEY_COUNT, "people", AT(p.count_min)},
	{"count.of", KEY_CHOICE, "cells|base", AT(count_of)},
	{"small.below", KEY_COUNT, "people", AT(small_below)},
	{"small.count.min", KEY_COUNT, "people", SIZE_MAX},
	{"zero", KEY_CHOICE, "show|hide|review", AT(zero)},
	{"full", KEY_CHOICE, "show|hide|review", AT(full)},
	{"hidden.symbol", KEY_CHOICE, SYMBOLS, AT(symbol)},
	{"round.base", KEY_COUNT, "", AT(p.round_base)},
	{"round.how", KEY_CHOICE, "nearest|midpoint", SIZE_MAX},
	{"round.totals", KEY_CHOICE, "sum|round", SIZE_MAX},
	{"round.estimates", KEY_COUNT, "", AT(round_estimates)},
	{"percent.decimals", KEY_COUNT, "", AT(percent_decimals)},
	{"complementary", KEY_FLAG, "", AT(p.complementary)},
	{"complementary.least", KEY_CHOICE, "people|cells", AT(least)},
	{"audit", KEY_CHOICE, "none|exact|bounds", AT(audit)},
	{"audit.of", KEY_CHOICE, "primary|all", AT(audit_of)},
	{"audit.width", KEY_COUNT, "people", AT(p.audit_width)},
	{"audit.span", KEY_SHARE, "", AT(p.audit_span)},
	{"linked", KEY_FLAG, "", AT(p.linked)},
	{"dominance.top", KEY_COUNT, "contributors", AT(dominance_top)},
	{"dominance.share", KEY_SHARE, "", AT(dominance_share)},
	{"p.share", KEY_SHARE, "", AT(p_share)},
	{"dominance.of", KEY_CHOICE, "magnitudes|all", SIZE_MAX},
	{"dominance.sites", KEY_FLAG, "", AT(p.dominance_sites)},
	{"sites.min", KEY_COUNT, "sites", AT(p.sites_min)},
	{"table.dimensions", KEY_COUNT, "", AT(table_dimensions)},
	{"extremes", KEY_FLAG, "", SIZE_MAX},
	{"model.df_min", KEY_COUNT, "degrees of freedom", SIZE_MAX},
	{"model.terms_share", KEY_SHARE, "", SIZE_MAX},
	{"difference.min", KEY_COUNT, "people", AT(difference_min)},
	{"release.every", KEY_TIME, "", AT(release_every_ms)},
	{"release.first", KEY_DAY, "", AT(release_first_ms)},
	{"approvers", KEY_COUNT, "people", AT(p.approvers)},
};

static int64_t
read_day(const struct values *v, const char *key)
{
	int64_t day_ms = 0;
	if (!zone_day("UTC", values_text(v, key), &day_ms))
		faults_add(v->faults, values_place(v, key), "not a day YYYY-MM-DD");
	return day_ms;
}

/* The key is there. */
static void
read_key(const struct values *v, const struct key *k, struct asked *to)
{
	struct asked other;
	unsigned char *at =
		k->at == SIZE_MAX ? (unsigned char *)&other : (unsigned char *)to + k->at;
	switch (k->type) {
	case KEY_COUNT:
		*(uint32_t *)(void *)at = values_count(v, k->name, k->of, 0);
		return;
	case KEY_FLAG:
		*(bool *)at = values_flag(v, k->name, false);
		return;
	case KEY_CHOICE:
		*(unsigned *)(void *)at = values_one_of(v, k->name, k->of);
		return;
	case KEY_SHARE:
		*(double *)(void *)at = values_share(v, k->name);
		return;
	case KEY_TIME:
		*(int64_t *)(void *)at = values_time(v, k->name);
		return;
	case KEY_DAY:
		*(int64_t *)(void *)at = read_day(v, k->name);
		return;
	case KEY_TEXT:
		(void)values_need(v, k->name);
		return;
	}
}

/* What the section says goes over what is there. */
static void
read_section(const struct values *v, const char *known, struct asked *to)
{
	values_check_keys(v, known);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (ini_find(v->ini, v->section, keys[i].name))
			read_key(v, &keys[i], to);
	if (ini_find(v->ini, v->section, "complementary.least"))
		to->p.least = to->least ? PROFILE_LEAST_CELLS : PROFILE_LEAST_PEOPLE;
}

static char *
known_keys(void)
{
	char *known = xstrdup("|");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		char *more = xasprintf("%s%s|", known, keys[i].name);
		mem_drop(&known);
		known = more;
	}
	return known;
}

static void
read_named(const struct values *base, const char *known, const char *use, struct asked *to)
{
	bool has_use = strcmp(use, "default") == 0;
	for (size_t i = 0; i < base->ini->count; i++) {
		const struct ini_item *item = &base->ini->items[i];
		if (*item->key || strncmp(item->section, NAMED, strlen(NAMED)) != 0)
			continue;
		struct asked not_in_use = *to;
		const struct values v = {base->ini, base->file, item->section, base->faults};
		bool in_use = strcmp(item->section + strlen(NAMED), use) == 0;
		read_section(&v, known, in_use ? to : &not_in_use);
		has_use = has_use || in_use;
	}
	if (!has_use)
		faults_add(base->faults, values_place(base, "use"),
			"there is no section [" NAMED "%.40s]", use);
}

/* The section that said it last. */
static struct fault_place
place_of(const struct values *v, const char *use, const char *key)
{
	OWNED_MEM char *named = xasprintf(NAMED "%s", use);
	const struct ini_item *item = ini_find(v->ini, named, key);
	if (!item)
		return values_place(v, key);
	return (struct fault_place){v->file, item->line, key};
}

static void
check_built(const struct values *v, const char *use, struct asked *a)
{
	const struct {
		const char *key, *what;
		bool asked;
		bool seen_later; /* whoever makes the tables refuses it */
	} unbuilt[] = {
		{"count.of", "asking only the base", a->p.count_min > 1 && !a->p.count_of_cells,
			true},
		{"small.below", "a smallest cell of small sites", a->small_below > 0, false},
		{"full", "a look at cells that hold a whole row or column", a->full != 0,
			false},
		{"hidden.symbol", "another symbol for what is hidden", a->symbol != 0, false},
		{"round.base", "rounding", a->p.round_base > 0, true},
		{"round.estimates", "rounding", a->round_estimates > 0, false},
		{"percent.decimals", "rounding percentages", a->percent_decimals != NOT_ASKED,
			false},
		{"audit", "hiding without an audit",
			a->p.audit == PROFILE_AUDIT_NONE && a->p.count_min > 1, true},
		{"audit", "an audit by bounds", a->p.audit == PROFILE_AUDIT_BOUNDS, true},
		{"dominance.top", "dominance", a->dominance_top > 0, false},
		{"dominance.share", "dominance", a->dominance_share > 0, false},
		{"p.share", "the p rule", a->p_share > 0, false},
		{"dominance.sites", "dominance", a->p.dominance_sites, true},
		{"table.dimensions", "a smaller number of variables",
			a->table_dimensions && a->table_dimensions < MOST_VARIABLES, false},
		{"difference.min", "comparing with older figures", a->difference_min > 1,
			false},
		{"release.every", "releasing in rounds", a->release_every_ms > 0, false},
		{"release.first", "releasing in rounds", a->release_first_ms > 0, false},
	};
	for (size_t i = 0; i < ARRAY_LEN(unbuilt); i++) {
		if (!unbuilt[i].asked)
			continue;
		faults_warn(v->faults, place_of(v, use, unbuilt[i].key),
			"%s is not built yet in this version: releases are refused",
			unbuilt[i].what);
		if (!a->p.unbuilt && !unbuilt[i].seen_later)
			a->p.unbuilt = unbuilt[i].key;
	}
	if (a->p.approvers < LEAST_APPROVERS)
		faults_add(v->faults, place_of(v, use, "approvers"),
			"a release needs two people or more who agree");
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
	OWNED_MEM char *known = known_keys();
	OWNED_MEM char *known_here = xasprintf("|use%s", known);
	const char *use = ini_value(rules, SECTION, "use", "default");
	struct asked a = {.p = {.approvers = LEAST_APPROVERS}, .percent_decimals = NOT_ASKED};
	read_section(&v, known_here, &a);
	read_named(&v, known, use, &a);
	a.p.count_of_cells = a.count_of == 0;
	a.p.zero = (enum profile_zero)a.zero;
	a.p.audit = (enum profile_audit)a.audit;
	a.p.audit_of = (enum profile_audit_of)a.audit_of;
	check_built(&v, use, &a);
	return a.p;
}
