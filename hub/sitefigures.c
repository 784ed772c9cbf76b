#include "hub/sitefigures.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/figures/printed.h"

#include "hub/tableplan.h"

#define OUT_OF_100 "percent_100"

/* What a site's record says itself. */
struct site_value {
	bool has_record;
	size_t others; /* records of sites that count for it */
	struct expr_value value;
	struct expr_value base; /* of a funnel */
};

struct sitefigures {
	const struct codebook *codebook;
	const struct indicator *of;
	struct tableplan *plan;
	struct columns *columns;
	struct column_value *row;
	struct site_value *values; /* one a site */
	struct table *tables[2];
	size_t table_count;
	double per_people; /* of a funnel: the rate's denominator, 0: out of 100 */
};

/* The number behind "per" in a unit such as "days per 100,000 adults"; 0: none. */
static double
rate_of(const char *unit)
{
	double rate = 0;
	const char *at = strstr(unit, "per ");
	for (at = at ? at + 4 : ""; (*at >= '0' && *at <= '9') || *at == ','; at++)
		if (*at != ',')
			rate = 10 * rate + (*at - '0');
	return rate;
}

static enum err
read_unit(struct sitefigures *s)
{
	const struct indicator *i = s->of;
	if (!(i->statistics & CODEBOOK_FUNNEL) || strcmp(i->unit, OUT_OF_100) == 0)
		return OK;
	s->per_people = rate_of(i->unit);
	return s->per_people > 0 ? OK
				 : fail(E_DENIED,
					   "%s: a funnel needs the unit %s or a rate per so "
					   "many",
					   i->id, OUT_OF_100);
}

enum err
sitefigures_new(struct sitefigures **ret, const struct codebook *c, const struct indicator *i,
	const struct cohort_site *sites, size_t site_count)
{
	OWNED(sitefigures) struct sitefigures *s = xcalloc(1, sizeof(*s));
	OWNED_MEM struct column_site *named = xcalloc(site_count + 1, sizeof(*named));
	*ret = NULL;
	s->codebook = c;
	s->of = i;
	s->plan = tableplan_new(c, true);
	for (size_t k = 0; k < site_count; k++)
		named[k] = (struct column_site){sites[k].id, sites[k].state};
	enum err e = read_unit(s);
	if (!e)
		e = tableplan_add(s->plan, i, 0);
	if (!e)
		e = columns_make(
			&s->columns, named, site_count, s->plan->specs, s->plan->column_count);
	s->row = xcalloc(s->plan->column_count + 1, sizeof(*s->row));
	s->values = xcalloc(site_count + 1, sizeof(*s->values));
	if (!e)
		*ret = take(s);
	return e;
}

void
sitefigures_free(struct sitefigures *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->table_count; i++)
		table_free(s->tables[i]);
	columns_free(s->columns);
	tableplan_free(s->plan);
	mem_drop(&s->row);
	mem_drop(&s->values);
	mem_drop(&s);
}

static enum err
add_rows(struct sitefigures *s, uint16_t site, struct derive *d, size_t *ret_count)
{
	size_t rows = derive_rows(d, s->of);
	enum err e = OK;
	if (s->plan->items[0].key_count)
		rows = MIN(rows, (size_t)1);
	for (size_t r = 0; !e && r < rows; r++) {
		tableplan_fill_row(s->plan, d, r, s->row);
		e = columns_add(s->columns, site, s->row);
	}
	*ret_count = rows;
	return e;
}

static void
set_value(struct sitefigures *s, uint16_t site, struct derive *d, size_t rows)
{
	s->values[site].value = s->values[site].base = (struct expr_value){.place = -1};
	if (s->of->by_count || !rows)
		return;
	s->values[site].value = derive_row(d, s->of, 0).value;
	s->values[site].base = derive_funnel_base(d, s->of);
}

enum err
sitefigures_add(struct sitefigures *s, uint16_t site, struct derive *d)
{
	size_t rows = 0;
	if (s->values[site].has_record)
		return fail(E_DENIED, "the cohort holds two records of form %s about one site",
			s->of->form->id);
	s->values[site].has_record = true;
	enum err e = add_rows(s, site, d, &rows);
	if (!e)
		set_value(s, site, d, rows);
	return e;
}

enum err
sitefigures_add_for(struct sitefigures *s, uint16_t site, struct derive *d)
{
	struct site_value *v = &s->values[site];
	size_t rows = 0;
	enum err e = add_rows(s, site, d, &rows);
	if (e || v->has_record)
		return e;
	v->others++;
	/* Of several none is the site's. */
	set_value(s, site, d, v->others == 1 ? rows : 0);
	return OK;
}

/* rows */

struct put {
	struct sitefigures *s;
	struct figure_rows *rows;
	size_t of;
};

/* Rows resting on few records, and with them what they could be worked out from. */
static void
hide_small(const struct sitefigures *s, const struct table *t, bool *hidden)
{
	size_t combinations = table_combinations(t), sites = columns_sites(s->columns);
	OWNED_MEM bool *small = xcalloc(t->group_count + 1, sizeof(*small));
	for (size_t g = 0; g < t->group_count; g++) {
		size_t n = t->groups[g].n, all = sites * combinations + g % combinations;
		if (n > 0 && n < s->of->min_n)
			small[g] = small[all] = true;
	}
	for (size_t f = 0; f < t->figure_count; f++)
		hidden[f] = small[t->figures[f].group];
}

static enum err
put_tables(struct put *p)
{
	struct sitefigures *s = p->s;
	for (size_t i = 0; i < s->plan->table_count; i++) {
		enum err e = table_make(&s->tables[i], s->columns, &s->plan->tables[i]);
		if (e)
			return e;
		s->table_count++;
		const struct table *t = s->tables[i];
		OWNED_MEM bool *hidden = xcalloc(t->figure_count + 1, sizeof(*hidden));
		if (s->of->min_n > 1)
			hide_small(s, t, hidden);
		printed_table(p->rows, p->of, t, hidden);
	}
	return OK;
}

/* Do records of several sites stand behind it, and none of its own? */
static bool
is_several(const struct sitefigures *s, size_t site)
{
	return !s->values[site].has_record && s->values[site].others > 1;
}

/* A row of a site with its symbol, to be overwritten where there is a figure. */
static struct figure_row
row_of(const struct put *p, size_t site, enum statistic statistic)
{
	static const char *const symbols[] = {
		[SITE_NOT_IN_WAVE] = SYMBOL_NOT_IN_WAVE, [SITE_LATE] = SYMBOL_LATE};
	struct figure_row row = {.of = p->of, .level = "", .statistic = statistic};
	enum site_state state = columns_site_state(p->s->columns, site);
	const bool any = p->s->values[site].value.present;
	row.site = columns_site_name(p->s->columns, site);
	row.hidden = p->s->of->min_n > 1 && any;
	(void)snprintf(row.text, sizeof(row.text), "%s",
		state != SITE_TAKES_PART        ? symbols[state]
		: any || is_several(p->s, site) ? SYMBOL_NOT_APPLICABLE
						: SYMBOL_NOBODY);
	return row;
}

static void
set_number(struct figure_row *row, double value)
{
	row->there = true;
	row->value = value;
	row->text[0] = '\0';
}

static void
put_value(const struct put *p, size_t site)
{
	const struct sitefigures *s = p->s;
	const struct expr_value *v = &s->values[site].value;
	struct figure_row row = row_of(p, site, STATISTIC_VALUE);
	if (v->present)
		set_number(&row, v->number);
	const struct form_list *list = s->of->value ? expr_list(s->of->value) : NULL;
	if (v->present && codebook_type(s->of) == EXPR_CODE && list && v->place >= 0)
		(void)snprintf(row.text, sizeof(row.text), "%s", list->choices[v->place].code);
	figure_rows_put(p->rows, &row);
}

static void
put_limits(const struct put *p, size_t site, const struct funnel_limits *limits)
{
	static const enum statistic names[] = {STATISTIC_FUNNEL_LO_95, STATISTIC_FUNNEL_HI_95,
		STATISTIC_FUNNEL_LO_998, STATISTIC_FUNNEL_HI_998};
	for (size_t k = 0; k < ARRAY_LEN(names); k++) {
		struct figure_row row = row_of(p, site, names[k]);
		const struct funnel_limits zero = {{0, 0}, {0, 0}},
					   *of = limits ? limits : &zero;
		const double values[] = {
			of->of_95.lo, of->of_95.hi, of->of_998.lo, of->of_998.hi};
		if (limits)
			set_number(&row, values[k]);
		figure_rows_put(p->rows, &row);
	}
}

static void
put_whole(const struct put *p, enum statistic statistic, const double *value, bool any)
{
	struct figure_row row = {.of = p->of,
		.site = ROWS_ALL,
		.level = "",
		.statistic = statistic,
		.hidden = p->s->of->min_n > 1 && any};
	(void)snprintf(
		row.text, sizeof(row.text), "%s", any ? SYMBOL_NOT_APPLICABLE : SYMBOL_NOBODY);
	if (value)
		set_number(&row, *value);
	figure_rows_put(p->rows, &row);
}

static void
put_funnel(const struct put *p)
{
	const struct sitefigures *s = p->s;
	const size_t sites = columns_sites(s->columns);
	OWNED_MEM struct funnel_point *points = xcalloc(sites, sizeof(*points));
	OWNED_MEM struct funnel_limits *limits = xcalloc(sites, sizeof(*limits));
	OWNED_MEM size_t *point_of = xcalloc(sites, sizeof(*point_of));
	struct funnel funnel;
	size_t count = 0;
	bool any = false;
	for (size_t i = 0; i < sites; i++) {
		const struct site_value *v = &s->values[i];
		any |= v->value.present;
		point_of[i] = SIZE_MAX;
		if (!v->value.present || !v->base.present || !(v->base.number > 0))
			continue;
		point_of[i] = count;
		points[count++] = (struct funnel_point){v->value.number, v->base.number};
	}
	bool made = estimate_funnel(points, count, s->per_people, &funnel, limits);
	for (size_t i = 0; i < sites; i++)
		put_limits(p, i,
			funnel.limited && point_of[i] != SIZE_MAX ? &limits[point_of[i]]
								  : NULL);
	put_whole(p, STATISTIC_FUNNEL_TARGET, made ? &funnel.target : NULL, any);
	put_whole(p, STATISTIC_FUNNEL_FACTOR, funnel.limited ? &funnel.factor : NULL, any);
}

enum err
sitefigures_put(struct sitefigures *s, struct figure_rows *rows)
{
	struct put p = {s, rows, (size_t)(s->of - s->codebook->indicators)};
	enum err e = put_tables(&p);
	if (e || s->of->by_count)
		return e;
	for (size_t i = 0; s->of->statistics & CODEBOOK_VALUE && i < columns_sites(s->columns);
		i++)
		put_value(&p, i);
	if (s->of->statistics & CODEBOOK_FUNNEL)
		put_funnel(&p);
	return OK;
}
