/* sums - all counts of one release as sums of the same atoms.
 *
 * Records that are in exactly the same counted cells are one atom. A cell is a set of records
 * that some table counts, as base or as level; equal sets are one cell however many tables
 * print them. A goal is a set of 1..count_min-1 people that has to stay open: a small cell, the
 * difference of two nested cells, or what is left of a cell when the cells of one table inside
 * it are taken away (the people whose `by` value is missing, say).
 *
 * Always true: every atom is in a cell and has at least one person; a cell's count is the sum
 *              of its atoms; goals and cells are sets over the same atoms.
 * Errors:      E_DENIED the tables cannot be released whatever is hidden: a small base, a true
 *              zero that waits for review, bases that differ by a few people. E_FULL over a
 *              bound.
 */
#ifndef WEIR_SUMS_H
#define WEIR_SUMS_H

#include "common/figures/tabulate.h"

#define SUMS_CELLS_MAX 5000u
#define SUMS_ATOMS_MAX 5000u
#define SUMS_GOALS_MAX 5000u
#define SUMS_NO_CELL   SIZE_MAX

struct sum_cell {
	struct bitmap *atoms;
	int64_t count;
	bool base;        /* known to every reader, never hidden */
	bool unpublished; /* every table that counts it keeps it back (too few sites) */
	size_t table;     /* where it stands first */
	uint32_t group;
	uint16_t level; /* TABLE_NO_LEVEL: as a base */
};

struct sum_goal {
	struct bitmap *atoms;
	int64_t count;
	size_t cell; /* SUMS_NO_CELL when nobody prints it as a cell */
	size_t near; /* the cell to name in a sentence: itself, or the one it is a part of */
};

/* Only data; made by sums_gather. */
struct sums {
	int64_t *atom_people;
	size_t atom_count;
	struct sum_cell *cells;
	size_t cell_count;
	struct sum_goal *goals;
	size_t goal_count;
	size_t **cell_of; /* [table][group * (1 + levels) + 1 + level]; level -1 is the base */
	size_t table_count;
};

struct sums_rules {
	uint32_t count_min_people;
	uint32_t sites_min;
	bool zero_shown; /* else a true zero is refused */
};

/* gives the system of all tables; they share one cohort and are lent for the call. */
CHECKED enum err sums_gather(struct sums **ret, const struct table *const *tables,
	size_t table_count, const struct sums_rules *rules);
void sums_free(struct sums *s);

/* The cell of a group's base (TABLE_NO_LEVEL) or level; SUMS_NO_CELL when nobody is in it. */
size_t sums_cell(const struct sums *s, const struct table *t, size_t table, uint32_t group,
	uint16_t level);

/* Sites with somebody in a group's base (TABLE_NO_LEVEL) or level; 1 for a group of one
 * site. */
size_t sums_sites(const struct table *t, uint32_t group, uint16_t level);

OWNER(sums)

#endif
