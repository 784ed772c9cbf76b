#include "common/figures/sums.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

/* Work that pairs of cells may cost, in words compared. */
#define PAIR_WORDS_MAX_COUNT ((size_t)4 << 30)

/* What is only needed while gathering. */
struct gather {
	struct sums *sums;
	const struct table *const *tables;
	const struct sums_rules *rules;
	const struct bitmap
		*rows[SUMS_CELLS_MAX]; /* members of each cell, lent by the tables */
	uint64_t hash[SUMS_CELLS_MAX];
};

static bool
is_small(const struct gather *w, size_t people)
{
	return people > 0 && people < w->rules->count_min_people;
}

static size_t
slot(const struct table *t, uint32_t group, uint16_t level)
{
	size_t own = level == TABLE_NO_LEVEL ? 0 : 1 + (size_t)level;
	return group * (1 + t->cell_count) + own;
}

size_t
sums_cell(const struct sums *s, const struct table *t, size_t table, uint32_t group,
	uint16_t level)
{
	return s->cell_of[table][slot(t, group, level)];
}

static const struct bitmap *
members(const struct table *t, uint32_t group, uint16_t level)
{
	const struct group *g = &t->groups[group];
	return level == TABLE_NO_LEVEL ? g->base : g->cells[level];
}

size_t
sums_sites(const struct table *t, uint32_t group, uint16_t level)
{
	if (t->groups[group].site != TABLE_SITE_ALL)
		return 1;
	size_t sites = columns_sites(t->columns), n = 0;
	size_t combinations = t->group_count / (sites + 1);
	for (size_t site = 0; site < sites; site++) {
		size_t of_site = site * combinations + group % combinations;
		n += bitmap_count(members(t, (uint32_t)of_site, level)) > 0;
	}
	return n;
}

static size_t
find_cell(const struct gather *w, const struct bitmap *rows, uint64_t hash)
{
	for (size_t i = 0; i < w->sums->cell_count; i++)
		if (w->hash[i] == hash && bitmap_same(w->rows[i], rows))
			return i;
	return SUMS_NO_CELL;
}

static enum err
zero_check(const struct gather *w, const struct table *t, uint32_t group, uint16_t level)
{
	if (w->rules->zero_shown)
		return OK;
	OWNED_MEM char *where = table_place(t, group, level);
	return fail(E_DENIED, "%s: a true zero needs a review, this version cannot hold one",
		where);
}

/* Enter one counted set: a new cell, or one that stands already. */
static enum err
put_cell(struct gather *w, size_t table, uint32_t group, uint16_t level)
{
	const struct table *t = w->tables[table];
	const struct bitmap *rows = members(t, group, level);
	size_t people = bitmap_count(rows);
	bool base = level == TABLE_NO_LEVEL;
	/* That nobody is missing for a reason says nothing of anybody. */
	bool reason = !base && level >= t->level_count;
	if (people == 0)
		return reason ? OK : zero_check(w, t, group, level);
	if (base && is_small(w, people)) {
		OWNED_MEM char *where = table_place(t, group, level);
		return fail(E_DENIED,
			"%s: a base of fewer than %u people cannot be shown; combine groups",
			where, w->rules->count_min_people);
	}
	uint64_t hash = bitmap_hash(rows);
	size_t cell = find_cell(w, rows, hash);
	bool published = base || sums_sites(t, group, level) >= w->rules->sites_min ||
			 t->groups[group].site != TABLE_SITE_ALL;
	if (cell == SUMS_NO_CELL) {
		cell = w->sums->cell_count;
		if (cell >= SUMS_CELLS_MAX)
			return fail(E_FULL, "a release has at most %u counts", SUMS_CELLS_MAX);
		w->rows[cell] = rows;
		w->hash[cell] = hash;
		w->sums->cells[w->sums->cell_count++] = (struct sum_cell){
			.count = (int64_t)people,
			.unpublished = true,
			.table = table,
			.group = group,
			.level = level,
		};
	}
	struct sum_cell *c = &w->sums->cells[cell];
	c->base |= base;
	c->unpublished &= !published;
	/* A count is what the evidence names, so it wins over the base with the same
	 * members. */
	if (c->level == TABLE_NO_LEVEL && !base) {
		c->table = table;
		c->group = group;
		c->level = level;
	}
	w->sums->cell_of[table][slot(t, group, level)] = cell;
	return OK;
}

static enum err
put_table(struct gather *w, size_t table)
{
	const struct table *t = w->tables[table];
	size_t slots = t->group_count * (1 + t->cell_count);
	w->sums->cell_of[table] = xcalloc(slots + 1, sizeof **w->sums->cell_of);
	for (size_t i = 0; i < slots; i++)
		w->sums->cell_of[table][i] = SUMS_NO_CELL;
	for (uint32_t g = 0; g < t->group_count; g++) {
		const struct group *of = &t->groups[g];
		if (of->state != SITE_TAKES_PART || of->absent || of->withheld_count)
			continue;
		enum err e = put_cell(w, table, g, TABLE_NO_LEVEL);
		/* Where nobody is, no level has anybody either; reasons are outside of the
		 * base. */
		bool any = of->n > 0;
		for (uint16_t l = any ? 0 : (uint16_t)t->level_count; !e && l < t->cell_count;
			l++)
			e = put_cell(w, table, g, l);
		if (e)
			return e;
	}
	return OK;
}

/* Atoms while they are split: which one each row is in, and how many rows each has. Atom 0 is
 * that of the rows in no cell, and is dropped at the end. */
struct split {
	uint32_t *atom_of;
	size_t row_count;
	size_t people[SUMS_ATOMS_MAX + 1];
	size_t inside[SUMS_ATOMS_MAX + 1]; /* of those, the ones in the cell at hand */
	uint32_t becomes[SUMS_ATOMS_MAX + 1];
	size_t used;
};

/* Part every atom that is neither wholly inside nor wholly outside of these rows. */
static enum err
split_by(struct split *s, const struct bitmap *rows)
{
	memset(s->inside, 0, sizeof s->inside);
	for (size_t r = 0; r < s->row_count; r++)
		s->inside[s->atom_of[r]] += bitmap_has(rows, r);
	size_t before = s->used;
	for (size_t a = 0; a < before; a++) {
		s->becomes[a] = (uint32_t)a;
		bool whole = s->inside[a] == s->people[a] && a != 0;
		if (s->inside[a] == 0 || whole)
			continue;
		if (s->used > SUMS_ATOMS_MAX)
			return fail(E_FULL,
				"the tables cut the records into more than %u classes",
				SUMS_ATOMS_MAX);
		s->becomes[a] = (uint32_t)s->used;
		s->people[s->used++] = s->inside[a];
		s->people[a] -= s->inside[a];
	}
	for (size_t r = 0; r < s->row_count; r++)
		if (bitmap_has(rows, r))
			s->atom_of[r] = s->becomes[s->atom_of[r]];
	return OK;
}

static void
name_atoms(struct gather *w, const struct split *split)
{
	struct sums *s = w->sums;
	s->atom_count = split->used - 1;
	s->atom_people = xcalloc(split->used, sizeof *s->atom_people);
	OWNED_MEM size_t *example = xcalloc(split->used, sizeof *example);
	for (size_t r = 0; r < split->row_count; r++)
		example[split->atom_of[r]] = r;
	for (size_t a = 0; a < s->atom_count; a++)
		s->atom_people[a] = (int64_t)split->people[a + 1];
	for (size_t c = 0; c < s->cell_count; c++) {
		s->cells[c].atoms = bitmap_new(s->atom_count);
		for (size_t a = 0; a < s->atom_count; a++)
			if (bitmap_has(w->rows[c], example[a + 1]))
				bitmap_put(s->cells[c].atoms, a);
	}
}

static enum err
make_atoms(struct gather *w, size_t row_count)
{
	OWNED_MEM struct split *split = xcalloc(1, sizeof *split);
	OWNED_MEM uint32_t *atom_of = xcalloc(row_count + 1, sizeof *atom_of);
	split->atom_of = atom_of;
	split->row_count = row_count;
	split->people[0] = row_count;
	split->used = 1;
	for (size_t c = 0; c < w->sums->cell_count; c++) {
		enum err e = split_by(split, w->rows[c]);
		if (e)
			return e;
	}
	name_atoms(w, split);
	return OK;
}

static int64_t
people_in(const struct sums *s, const struct bitmap *atoms)
{
	int64_t n = 0;
	for (size_t a = 0; a < s->atom_count; a++)
		if (bitmap_has(atoms, a))
			n += s->atom_people[a];
	return n;
}

/* takes atoms. One goal a set: the first that names it stays. */
static enum err
put_goal(struct sums *s, struct bitmap *atoms, size_t cell, size_t near)
{
	OWNED_MEM struct bitmap *own = atoms;
	for (size_t i = 0; i < s->goal_count; i++)
		if (bitmap_same(s->goals[i].atoms, own))
			return OK;
	if (s->goal_count >= SUMS_GOALS_MAX)
		return fail(E_FULL, "a release has more than %u small counts", SUMS_GOALS_MAX);
	int64_t count = people_in(s, own);
	s->goals[s->goal_count++] = (struct sum_goal){
		.atoms = take(own), .count = count, .cell = cell, .near = near};
	return OK;
}

static enum err
small_cells(struct gather *w)
{
	struct sums *s = w->sums;
	enum err e = OK;
	for (size_t c = 0; !e && c < s->cell_count; c++)
		if (is_small(w, (size_t)s->cells[c].count))
			e = put_goal(s, bitmap_copy(s->cells[c].atoms), c, c);
	return e;
}

static enum err
nested_pair(struct gather *w, size_t outside, size_t inside)
{
	const struct sum_cell *outer = &w->sums->cells[outside];
	const struct sum_cell *inner = &w->sums->cells[inside];
	if (outer->base && inner->base) {
		OWNED_MEM char *a =
			table_place(w->tables[outer->table], outer->group, outer->level);
		OWNED_MEM char *b =
			table_place(w->tables[inner->table], inner->group, inner->level);
		return fail(E_DENIED,
			"%s and %s: the bases differ by fewer than %u people; leave one out", a,
			b, w->rules->count_min_people);
	}
	struct bitmap *rest = bitmap_copy(outer->atoms);
	bitmap_remove(rest, inner->atoms);
	return put_goal(w->sums, rest, SUMS_NO_CELL, outside);
}

static enum err
nested_pairs(struct gather *w)
{
	struct sums *s = w->sums;
	for (size_t i = 0; i < s->cell_count; i++)
		for (size_t j = 0; j < s->cell_count; j++) {
			int64_t more = s->cells[i].count - s->cells[j].count;
			if (more <= 0 || !is_small(w, (size_t)more) ||
				!bitmap_inside(s->cells[j].atoms, s->cells[i].atoms))
				continue;
			enum err e = nested_pair(w, i, j);
			if (e)
				return e;
		}
	return OK;
}

/* What of a cell is in none of the cells that a table has at this level, all sites or each. */
static enum err
left_over(struct gather *w, size_t near, size_t table, uint16_t level, bool all)
{
	const struct sum_cell *cell = &w->sums->cells[near];
	const struct table *t = w->tables[table];
	OWNED_MEM struct bitmap *rest = bitmap_copy(cell->atoms);
	bool any = false;
	for (uint32_t g = 0; g < t->group_count; g++) {
		size_t inner = sums_cell(w->sums, t, table, g, level);
		if (inner == SUMS_NO_CELL || (t->groups[g].site == TABLE_SITE_ALL) != all ||
			!bitmap_inside(w->sums->cells[inner].atoms, cell->atoms))
			continue;
		bitmap_remove(rest, w->sums->cells[inner].atoms);
		any = true;
	}
	if (!any || !is_small(w, (size_t)people_in(w->sums, rest)))
		return OK;
	return put_goal(w->sums, take(rest), SUMS_NO_CELL, near);
}

static enum err
left_overs(struct gather *w)
{
	struct sums *s = w->sums;
	size_t words = s->atom_count / 64 + 1, slots = 0;
	for (size_t t = 0; t < s->table_count; t++)
		slots += w->tables[t]->group_count * (1 + w->tables[t]->cell_count);
	if (s->cell_count * slots > PAIR_WORDS_MAX_COUNT / words)
		return fail(E_FULL, "the tables of a release have too many groups to compare");
	enum err e = OK;
	for (size_t c = 0; c < s->cell_count; c++)
		for (size_t t = 0; t < s->table_count; t++)
			for (size_t l = 0; !e && l < 2 * (1 + w->tables[t]->cell_count); l++) {
				uint16_t level = l < 2 ? TABLE_NO_LEVEL : (uint16_t)(l / 2 - 1);
				e = left_over(w, c, t, level, l % 2);
			}
	return e;
}

static enum err
gather_goals(struct gather *w)
{
	enum err e = small_cells(w);
	if (!e)
		e = nested_pairs(w);
	return e ? e : left_overs(w);
}

enum err
sums_gather(struct sums **ret, const struct table *const *tables, size_t table_count,
	const struct sums_rules *rules)
{
	*ret = NULL;
	OWNED(sums) struct sums *s = xcalloc(1, sizeof *s);
	s->table_count = table_count;
	s->cell_of = xcalloc(table_count + 1, sizeof *s->cell_of);
	s->cells = xcalloc(SUMS_CELLS_MAX, sizeof *s->cells);
	s->goals = xcalloc(SUMS_GOALS_MAX, sizeof *s->goals);
	OWNED_MEM struct gather *w = xcalloc(1, sizeof *w);
	w->sums = s;
	w->tables = tables;
	w->rules = rules;
	enum err e = OK;
	for (size_t t = 0; !e && t < table_count; t++)
		e = tables[t]->columns == tables[0]->columns
			    ? put_table(w, t)
			    : fail(E_FORMAT,
				      "the tables of a release are of different cohorts");
	if (!e && table_count)
		e = make_atoms(w, columns_rows(tables[0]->columns));
	if (!e && rules->count_min_people > 1)
		e = gather_goals(w);
	if (!e)
		*ret = take(s);
	return e;
}

void
sums_free(struct sums *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->cell_count; i++)
		free(s->cells[i].atoms);
	for (size_t i = 0; i < s->goal_count; i++)
		free(s->goals[i].atoms);
	for (size_t i = 0; i < s->table_count; i++)
		free(s->cell_of[i]);
	free(s->cells);
	free(s->goals);
	free(s->cell_of);
	free(s->atom_people);
	free(s);
}
