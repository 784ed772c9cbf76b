#include "common/figures/disclose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/figures/hiding.h"
#include "common/figures/printed.h"
#include "common/figures/reader.h"

struct disclosure {
	const struct table **tables;
	size_t table_count;
	enum disclose_why **why; /* [table][figure] */
	struct disclose_hidden *hidden;
	size_t hidden_count;
	uint64_t weight;
	size_t asked;
};

/* What the decision is made from. */
struct judge {
	struct disclosure *out;
	const struct disclose_profile *profile;
	const struct sums *sums;
	const struct hiding *pattern;
};

void
disclosure_free(struct disclosure *d)
{
	if (!d)
		return;
	for (size_t t = 0; d->why && t < d->table_count; t++)
		free(d->why[t]);
	free(d->why);
	free(d->tables);
	free(d->hidden);
	free(d);
}

static enum err
profile_check(const struct disclose_profile *p)
{
	if (p->zero == DISCLOSE_ZERO_HIDE)
		return fail(
			E_DENIED, "disclosure: zero = hide, this version cannot hide zeros");
	if (p->audit_of == DISCLOSE_OF_ALL)
		return fail(E_DENIED,
			"disclosure: audit.of = all, this version proves primary only");
	if (!(p->audit_span >= 0 && p->audit_span <= 1))
		return fail(E_FORMAT, "disclosure: audit.span is a share from 0 to 1");
	return OK;
}

static bool
share_item(const struct table *a, const struct table *b)
{
	for (size_t i = 0; i < a->item_count; i++)
		for (size_t j = 0; j < b->item_count; j++)
			if (strcmp(a->items[i], b->items[j]) == 0)
				return true;
	return false;
}

/* Hidden because of what it counts; a cell that only too few sites keep back is not. */
static bool
is_hidden(const struct judge *j, size_t cell)
{
	return cell != SUMS_NO_CELL && j->pattern->hidden[cell] &&
	       (!j->sums->cells[cell].unpublished ||
		       j->sums->cells[cell].count < j->profile->count_min_people);
}

/* gives the atoms of all hidden counts of the items that a table of numbers is made from. */
static struct bitmap *
hidden_atoms(const struct judge *j, const struct table *numbers)
{
	struct bitmap *made = bitmap_new(j->sums->atom_count);
	for (size_t t = 0; t < j->out->table_count; t++) {
		const struct table *other = j->out->tables[t];
		if (!share_item(numbers, other))
			continue;
		for (uint32_t g = 0; g < other->group_count; g++)
			for (uint16_t l = 0; l < other->cell_count; l++) {
				size_t cell = sums_cell(j->sums, other, t, g, l);
				if (is_hidden(j, cell))
					bitmap_add(made, j->sums->cells[cell].atoms);
			}
	}
	return made;
}

/* Among the rows of a group of levels everybody with the same level has the same number. */
static bool
is_function(const struct table *numbers, size_t column, const struct table *levels,
	const struct group *of)
{
	const double *number = columns_numbers(numbers->columns, column);
	const uint16_t *level = columns_levels(levels->columns, table_column(levels, of));
	const struct bitmap *rows = of->base;
	OWNED_MEM double *of_level = xcalloc(levels->level_count + 1, sizeof *of_level);
	OWNED_MEM bool *seen = xcalloc(levels->level_count + 1, sizeof *seen);
	for (size_t r = 0; r < rows->row_count; r++) {
		if (!bitmap_has(rows, r))
			continue;
		uint16_t l = level[r];
		if (seen[l] && (of_level[l] > number[r] || of_level[l] < number[r]))
			return false;
		seen[l] = true;
		of_level[l] = number[r];
	}
	return true;
}

/* The group's whole distribution is shown, and the number follows from it. */
static bool
is_implied(
	const struct judge *j, const struct table *numbers, const struct figure *f, size_t base)
{
	size_t column = table_column(numbers, &numbers->groups[f->group]);
	/* What is put together from the sites does not follow from the counts of the heap. */
	if (numbers->kind != TABLE_NUMBER || f->pooled)
		return false;
	for (size_t t = 0; t < j->out->table_count; t++) {
		const struct table *other = j->out->tables[t];
		if (other->kind != TABLE_LEVELS || !share_item(numbers, other))
			continue;
		for (uint32_t g = 0; g < other->group_count; g++) {
			if (sums_cell(j->sums, other, t, g, TABLE_NO_LEVEL) != base)
				continue;
			bool shown = true;
			for (uint16_t l = 0; l < other->level_count; l++) {
				size_t cell = sums_cell(j->sums, other, t, g, l);
				shown &= cell == SUMS_NO_CELL || !j->pattern->hidden[cell];
			}
			if (shown && is_function(numbers, column, other, &other->groups[g]))
				return true;
		}
	}
	return false;
}

/* A figure over all sites rests on fewer of them than is allowed. */
static bool
too_few_sites(const struct judge *j, const struct table *t, const struct figure *f)
{
	const struct group *g = &t->groups[f->group];
	if (g->site != TABLE_SITE_ALL || g->n == 0)
		return false;
	uint16_t level = f->level;
	if (level != TABLE_NO_LEVEL && bitmap_count(g->cells[level]) == 0)
		level = TABLE_NO_LEVEL;
	return sums_sites(t, f->group, level) < j->profile->sites_min;
}

/* Is a count hidden in the group, or for a rank, in any of its site? */
static bool
touches_hidden(const struct judge *j, size_t table, const struct figure *f,
	const struct bitmap *hidden_here)
{
	const struct table *t = j->out->tables[table];
	size_t combinations = table_combinations(t);
	const bool rank = f->statistic == STATISTIC_RANK;
	uint32_t first = rank ? (uint32_t)(f->group - f->group % combinations) : f->group;
	uint32_t last = rank ? (uint32_t)(first + combinations) : f->group + 1;
	for (uint32_t g = first; g < last; g++) {
		size_t base = sums_cell(j->sums, t, table, g, TABLE_NO_LEVEL);
		if (base != SUMS_NO_CELL &&
			bitmap_shared(hidden_here, j->sums->cells[base].atoms) > 0)
			return true;
	}
	return false;
}

static enum disclose_why
judge_figure(const struct judge *j, size_t table, const struct figure *f,
	const struct bitmap *hidden_here)
{
	const struct table *t = j->out->tables[table];
	size_t cell = sums_cell(j->sums, t, table, f->group, f->level);
	size_t base = sums_cell(j->sums, t, table, f->group, TABLE_NO_LEVEL);
	if (!f->there)
		return DISCLOSE_SHOWN;
	if (f->level != TABLE_NO_LEVEL && is_hidden(j, cell))
		return j->sums->cells[cell].count < j->profile->count_min_people
			       ? DISCLOSE_PRIMARY
			       : DISCLOSE_COMPLEMENTARY;
	if (too_few_sites(j, t, f))
		return DISCLOSE_SITES;
	if ((f->level == TABLE_NO_LEVEL || f->pooled) && f->statistic != STATISTIC_N &&
		touches_hidden(j, table, f, hidden_here) && !is_implied(j, t, f, base))
		return DISCLOSE_LINKED;
	return DISCLOSE_SHOWN;
}

static enum err
judge_table(const struct judge *j, size_t table)
{
	const struct table *t = j->out->tables[table];
	OWNED_MEM struct bitmap *hidden_here = hidden_atoms(j, t);
	j->out->why[table] = xcalloc(t->figure_count + 1, sizeof **j->out->why);
	for (size_t f = 0; f < t->figure_count; f++) {
		enum disclose_why why = judge_figure(j, table, &t->figures[f], hidden_here);
		if (why == DISCLOSE_LINKED && !j->profile->linked)
			return fail(E_DENIED,
				"disclosure: linked = no, but hidden counts of %s could be "
				"worked "
				"back to",
				t->indicator);
		j->out->why[table][f] = why;
	}
	return OK;
}

/* Write down each hidden count and what a reader can make of it. */
static enum err
give_evidence(const struct judge *j)
{
	const struct sums *s = j->sums;
	struct disclosure *d = j->out;
	OWNED(reader) struct reader *a = NULL;
	d->hidden = xcalloc(s->cell_count + 1, sizeof *d->hidden);
	enum err e = s->goal_count ? reader_open(&a, s, j->pattern->hidden) : OK;
	for (size_t c = 0; !e && c < s->cell_count; c++) {
		const struct sum_cell *cell = &s->cells[c];
		if (!is_hidden(j, c))
			continue;
		int64_t lowest = 0, highest = 0;
		enum err bounded = reader_interval(a, cell->atoms, &lowest, &highest);
		if (bounded && bounded != E_DENIED)
			return bounded;
		d->hidden[d->hidden_count++] = (struct disclose_hidden){
			.table = d->tables[cell->table],
			.group = cell->group,
			.level = cell->level,
			.why = cell->count < j->profile->count_min_people
				       ? DISCLOSE_PRIMARY
				       : DISCLOSE_COMPLEMENTARY,
			.count = (uint64_t)cell->count,
			.bounded = bounded == OK,
			.lowest = (uint64_t)lowest,
			.highest = (uint64_t)highest,
		};
	}
	return e;
}

static enum err
judge_all(struct disclosure *d, const struct disclose_profile *profile)
{
	struct sums_rules gathered = {
		.count_min_people = profile->count_min_people,
		.sites_min = profile->sites_min,
		.zero_shown = profile->zero == DISCLOSE_ZERO_SHOW,
	};
	struct hiding_rules rules = {
		.open = {.width_people = profile->audit_width_people,
			.span = profile->audit_span},
		.complementary = profile->complementary,
		.least_cells = profile->least == DISCLOSE_LEAST_CELLS,
	};
	OWNED(sums) struct sums *s = NULL;
	OWNED(hiding) struct hiding *p = NULL;
	enum err e = sums_gather(&s, d->tables, d->table_count, &gathered);
	if (!e)
		e = hiding_find(&p, s, &rules, d->tables);
	if (e)
		return e;
	struct judge j = {.out = d, .profile = profile, .sums = s, .pattern = p};
	d->weight = p->weight;
	d->asked = p->asked;
	for (size_t t = 0; !e && t < d->table_count; t++)
		e = judge_table(&j, t);
	if (!e)
		e = give_evidence(&j);
	return e;
}

static bool
asks_nothing(const struct disclose_profile *p)
{
	return p->count_min_people <= 1 && p->sites_min <= 1 && p->zero == DISCLOSE_ZERO_SHOW;
}

static enum err
show_all(struct disclosure *d)
{
	for (size_t t = 0; t < d->table_count; t++)
		d->why[t] = xcalloc(d->tables[t]->figure_count + 1, sizeof **d->why);
	return OK;
}

enum err
disclose(struct disclosure **ret, const struct table *const *tables, size_t table_count,
	const struct disclose_profile *profile)
{
	*ret = NULL;
	if (table_count == 0 || table_count > DISCLOSE_TABLES_MAX)
		return fail(E_FORMAT, "a release has 1 to %u tables", DISCLOSE_TABLES_MAX);
	OWNED(disclosure) struct disclosure *d = xcalloc(1, sizeof *d);
	d->tables = xmemdup(tables, table_count * sizeof(const struct table *));
	d->table_count = table_count;
	d->why = xcalloc(table_count, sizeof *d->why);
	enum err e = profile_check(profile);
	if (!e)
		e = asks_nothing(profile) ? show_all(d) : judge_all(d, profile);
	if (!e)
		*ret = take(d);
	return e;
}

void
disclosure_text(const struct disclosure *d, size_t table, size_t figure,
	char ret[static FIGURE_TEXT_BYTES])
{
	const struct figure *f = &d->tables[table]->figures[figure];
	if (d->why[table][figure] != DISCLOSE_SHOWN)
		(void)snprintf(ret, FIGURE_TEXT_BYTES, "%s", SYMBOL_HIDDEN);
	else if (f->there)
		figure_text(ret, f->value);
	else
		(void)snprintf(
			ret, FIGURE_TEXT_BYTES, "%s", printed_symbol(d->tables[table], f));
}

enum disclose_why
disclosure_why(const struct disclosure *d, size_t table, size_t figure)
{
	return d->why[table][figure];
}

const char *
disclose_why_name(enum disclose_why why)
{
	switch (why) {
	case DISCLOSE_SHOWN:
		return "";
	case DISCLOSE_PRIMARY:
		return "primary";
	case DISCLOSE_COMPLEMENTARY:
		return "complementary";
	case DISCLOSE_LINKED:
		return "linked";
	case DISCLOSE_SITES:
		return "sites";
	}
	return "";
}

size_t
disclosure_hidden_count(const struct disclosure *d)
{
	return d->hidden_count;
}

const struct disclose_hidden *
disclosure_hidden(const struct disclosure *d, size_t i)
{
	return &d->hidden[i];
}

uint64_t
disclosure_hidden_weight(const struct disclosure *d)
{
	return d->weight;
}

size_t
disclosure_patterns_tried(const struct disclosure *d)
{
	return d->asked;
}
