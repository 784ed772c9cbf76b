#include "hub/cellfigures.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/derive.h"

#define KEYS_MAX_COUNT COLUMNS_LEVELS_MAX

/* An expression and the figures it reads in one site and key. */
struct reading {
	const struct cell_source *source;
	struct figure_rows *rows;
	const struct indicator *cell;
	const char *site;
	enum site_state state;
	const char *key; /* NULL: not broken down */
};

/* What an expression gives. */
struct result {
	struct expr_value value;
	bool hidden;
};

static enum statistic
statistic_of(unsigned statistic)
{
	static const struct {
		unsigned of;
		enum statistic is;
	} pairs[] = {{CODEBOOK_N, STATISTIC_N}, {CODEBOOK_COUNT, STATISTIC_COUNT},
		{CODEBOOK_PROPORTION, STATISTIC_PROPORTION}, {CODEBOOK_MEAN, STATISTIC_MEAN},
		{CODEBOOK_SD, STATISTIC_SD}, {CODEBOOK_MEDIAN, STATISTIC_MEDIAN},
		{CODEBOOK_SUM, STATISTIC_SUM},
		{CODEBOOK_SHARE_NEGATIVE, STATISTIC_SHARE_NEGATIVE},
		{CODEBOOK_SHARE_POSITIVE, STATISTIC_SHARE_POSITIVE},
		{CODEBOOK_ALPHA, STATISTIC_ALPHA}, {CODEBOOK_RANK, STATISTIC_RANK},
		{CODEBOOK_VALUE, STATISTIC_VALUE}};
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (pairs[i].of == statistic)
			return pairs[i].is;
	return STATISTIC_N;
}

static const struct figure_row *
find(const struct reading *r, const struct expr_reference *ref, const char *key)
{
	return figure_rows_find(
		r->rows, ref->indicator, r->site, key, statistic_of(ref->statistic));
}

/* One figure; what is there is read even when it is hidden, and hides what is made of it. */
static struct expr_value
read_figure(const struct reading *r, const struct expr_reference *ref, const char *key,
	bool *hidden)
{
	const struct figure_row *row = find(r, ref, key);
	if (!row || !row->there)
		return (struct expr_value){.place = -1};
	*hidden |= row->hidden;
	return (struct expr_value){.present = true, .place = -1, .number = row->value};
}

/* Every key that an indicator read over keys has in the site; gives their number. */
static size_t
keys_read(const struct reading *r, const struct expr *x, const char **ret)
{
	size_t count = 0, refs;
	const struct expr_reference *ref = expr_references(x, &refs);
	OWNED_MEM const char **own = xcalloc(KEYS_MAX_COUNT, sizeof(char *));
	for (size_t i = 0; i < refs; i++) {
		if (!ref[i].over_keys)
			continue;
		size_t n = figure_rows_keys(
			r->rows, ref[i].indicator, r->site, own, KEYS_MAX_COUNT);
		for (size_t k = 0; k < n; k++) {
			bool known = false;
			for (size_t j = 0; !known && j < count; j++)
				known = strcmp(ret[j], own[k]) == 0;
			if (!known && count < KEYS_MAX_COUNT)
				ret[count++] = own[k];
		}
	}
	return count;
}

static struct result
work_out(const struct reading *r, const struct expr *x)
{
	size_t refs;
	const struct expr_reference *ref = expr_references(x, &refs);
	OWNED_MEM const char **keys = xcalloc(KEYS_MAX_COUNT, sizeof(char *));
	const size_t key_count = keys_read(r, x, keys);
	OWNED_MEM struct expr_value *figures = xcalloc(refs + 1, sizeof(*figures));
	OWNED_MEM struct expr_value *over = xcalloc(refs * key_count + 1, sizeof(*over));
	struct result out = {.hidden = false};
	for (size_t i = 0; i < refs; i++) {
		if (!ref[i].over_keys)
			figures[i] = read_figure(r, &ref[i], r->key, &out.hidden);
		for (size_t k = 0; ref[i].over_keys && k < key_count; k++)
			over[k * refs + i] = read_figure(r, &ref[i], keys[k], &out.hidden);
	}
	const struct expr_env env = {
		.key = -1, .references = figures, .keys = over, .key_count = key_count};
	out.value = expr_value_of(x, &env);
	return out;
}

/* rows */

static void
put(const struct reading *r, enum statistic statistic, const char *level,
	const struct result *result, bool any)
{
	struct figure_row row = {.of = (size_t)(r->cell - r->source->codebook->indicators),
		.site = r->site,
		.by = {r->key},
		.level = level,
		.statistic = statistic,
		.hidden = result->hidden,
		.there = result->value.present,
		.value = result->value.number};
	const char *symbol = r->state == SITE_NOT_IN_WAVE ? SYMBOL_NOT_IN_WAVE
			     : r->state == SITE_LATE      ? SYMBOL_LATE
			     : any                        ? SYMBOL_NOT_APPLICABLE
							  : SYMBOL_NOBODY;
	if (!row.there) {
		row.hidden = false;
		(void)snprintf(row.text, sizeof(row.text), "%s", symbol);
	}
	figure_rows_put(r->rows, &row);
}

static struct result
number(double value, bool there, bool hidden)
{
	return (struct result){{.present = there, .number = value, .place = -1}, hidden};
}

/* differences */

/* The people's table that prints the statistic of an indicator, and the group of it. */
static const struct table *
find_table(const struct reading *r, const struct expr_reference *ref, uint32_t *ret_group)
{
	const struct indicator *of = &r->source->codebook->indicators[ref->indicator];
	const enum statistic statistic = statistic_of(ref->statistic);
	for (size_t i = 0; i < r->source->table_count; i++) {
		const struct table *t = r->source->tables[i];
		if (strcmp(t->indicator, of->id) != 0)
			continue;
		for (uint32_t g = 0; g < t->group_count; g++) {
			const struct group *group = &t->groups[g];
			if (strcmp(table_site(t, group), r->site) != 0 ||
				(r->key && strcmp(table_by(t, group, 0), r->key) != 0))
				continue;
			*ret_group = g;
			if (table_figure(t, g, statistic))
				return t;
		}
	}
	return NULL;
}

struct side {
	const struct table *table;
	uint32_t group;
};

static bool
interval_of_means(const struct side *sides, double difference, struct bounds *ret)
{
	size_t room = columns_sites(sides[0].table->columns) + 1;
	OWNED_MEM struct term *terms = xcalloc(2 * room, sizeof(*terms));
	size_t count = table_terms(sides[0].table, sides[0].group, terms);
	count += table_terms(sides[1].table, sides[1].group, terms + count);
	return estimate_bounds(terms, count, difference, ret);
}

static bool
interval_of_shares(const struct side *sides, struct bounds *ret)
{
	struct bounds of[2];
	double share[2];
	for (size_t i = 0; i < 2; i++)
		share[i] = table_share(sides[i].table, sides[i].group, &of[i]);
	*ret = estimate_newcombe(share[0], of[0], share[1], of[1]);
	return true;
}

static bool
interval(const struct reading *r, const struct expr_reference *ref, double difference,
	struct bounds *ret)
{
	struct side sides[2];
	for (size_t i = 0; i < 2; i++) {
		sides[i].table = find_table(r, &ref[i], &sides[i].group);
		if (!sides[i].table || sides[i].table->groups[sides[i].group].n == 0)
			return false;
	}
	if (ref[0].statistic != ref[1].statistic)
		return false;
	if (ref[0].statistic == CODEBOOK_MEAN)
		return interval_of_means(sides, difference, ret);
	return ref[0].statistic == CODEBOOK_PROPORTION && interval_of_shares(sides, ret);
}

static bool
put_bases(const struct reading *r, const struct expr_reference *ref)
{
	bool any = true;
	for (size_t i = 0; i < 2; i++) {
		const struct indicator *of = &r->source->codebook->indicators[ref[i].indicator];
		const struct figure_row *n = figure_rows_find(
			r->rows, ref[i].indicator, r->site, r->key, STATISTIC_N);
		const struct result base = n ? number(n->value, n->there, n->hidden)
					     : number(0, r->state == SITE_TAKES_PART, false);
		any &= base.value.number > 0;
		put(r, STATISTIC_N, of->id, &base, true);
	}
	return any;
}

static void
put_difference(const struct reading *r)
{
	size_t refs;
	const struct expr_reference *ref = expr_references(r->cell->value, &refs);
	const struct result value = work_out(r, r->cell->value);
	bool any = put_bases(r, ref);
	put(r, STATISTIC_DIFFERENCE, "", &value, any);
	if (!(r->cell->statistics & CODEBOOK_INTERVAL))
		return;
	struct bounds of = {0, 0};
	bool made = value.value.present && interval(r, ref, value.value.number, &of);
	struct result lo = number(of.lo, made, value.hidden);
	struct result hi = number(of.hi, made, value.hidden);
	put(r, STATISTIC_INTERVAL_LO, "", &lo, any);
	put(r, STATISTIC_INTERVAL_HI, "", &hi, any);
}

/* ratios */

/* gives the text of the second argument when the derivation is one ratio(a, b), else NULL. */
static char *
second_argument(const char *derivation)
{
	static const char head[] = "ratio(";
	const char *comma = NULL;
	if (strncmp(derivation, head, sizeof(head) - 1) != 0)
		return NULL;
	size_t depth = 0;
	bool quoted = false;
	for (const char *at = derivation + sizeof(head) - 1; *at; at++) {
		quoted ^= *at == '\'';
		if (quoted)
			continue;
		depth += *at == '(';
		if (*at == ',' && depth == 0)
			comma = at;
		if (*at != ')')
			continue;
		if (depth-- == 0)
			return comma ? xasprintf("%.*s", (int)(at - comma - 1), comma + 1)
				     : NULL;
	}
	return NULL;
}

static enum err
put_ratio(const struct reading *r)
{
	OWNED(expr) struct expr *base = NULL;
	OWNED_MEM char *text = second_argument(r->cell->derivation);
	const char *by = r->cell->by_count ? r->cell->by[0].name : "";
	const struct result value = work_out(r, r->cell->value);
	if (!text) {
		put(r, STATISTIC_RATIO, "", &value, true);
		return OK;
	}
	enum err e = codebook_compile(&base, r->source->codebook, NULL, by, text);
	if (e)
		return fail_in(e, "%s", r->cell->id);
	struct result n = work_out(r, base);
	n.value.present = r->state == SITE_TAKES_PART;
	put(r, STATISTIC_N, "", &n, true);
	put(r, STATISTIC_RATIO, "", &value, n.value.number > 0);
	return OK;
}

/* sites and keys */

static enum err
put_one(const struct reading *r)
{
	if (r->cell->statistics & CODEBOOK_RATIO)
		return put_ratio(r);
	put_difference(r);
	return OK;
}

/* Every figure that is read at this key is there. */
static bool
has_all(const struct reading *r)
{
	size_t refs;
	const struct expr_reference *ref = expr_references(r->cell->value, &refs);
	for (size_t i = 0; i < refs; i++) {
		const struct figure_row *row = find(r, &ref[i], r->key);
		if (!row || !row->there)
			return false;
	}
	return refs > 0;
}

static enum err
put_keys(struct reading *r)
{
	size_t refs;
	const struct expr_reference *ref = expr_references(r->cell->value, &refs);
	OWNED_MEM const char **keys = xcalloc(KEYS_MAX_COUNT, sizeof(char *));
	size_t count = refs ? figure_rows_keys(
				      r->rows, ref[0].indicator, r->site, keys, KEYS_MAX_COUNT)
			    : 0;
	enum err e = OK;
	for (size_t k = 0; !e && k < count; k++) {
		r->key = keys[k];
		if (has_all(r))
			e = put_one(r);
	}
	return e;
}

enum err
cellfigures_put(
	const struct cell_source *s, const struct indicator *cell, struct figure_rows *rows)
{
	enum err e = OK;
	for (size_t i = 0; !e && i <= s->site_count; i++) {
		struct reading r = {.source = s,
			.rows = rows,
			.cell = cell,
			.site = i < s->site_count ? s->sites[i].id : ROWS_ALL,
			.state = i < s->site_count ? s->sites[i].state : SITE_TAKES_PART};
		e = cell->by_count ? put_keys(&r) : put_one(&r);
	}
	return e;
}
