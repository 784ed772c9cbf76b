/* tableplan - which columns and tables a set of indicators needs, and what a record puts into
 * the columns.
 *
 * Always true: tables of an indicator stand together, in the order in which the indicators were
 *              added; a row that asks for a distribution and for numbers gives two tables under
 *              one name, the distribution first and with the n. A table names every form item
 *              behind its value, because what is linked is found by items.
 * Rows:        of people, one row is one record: an indicator broken down by a select_multiple
 *              or by an item of a repeat has a value column for each key. Of sites, one row is
 *              one value: of an instance, where it is broken down by an item of a repeat.
 * Waves:       where a release compares waves, each has items, value columns and tables of its
 *              own; rows of the other wave are apart in them. Breakdowns are shared.
 * Errors:      E_DENIED, E_FULL: one sentence that names the indicator or key.
 */
#ifndef WEIR_HUB_TABLEPLAN_H
#define WEIR_HUB_TABLEPLAN_H

#include "common/figures/disclose.h"
#include "common/study/derive.h"
#include "common/study/pack.h"

#include "hub/staged.h"

#define TABLEPLAN_NONE SIZE_MAX

/* An indicator, its columns and tables; columns are TABLEPLAN_NONE where there are none. */
struct tableplan_item {
	const struct indicator *of;
	size_t wave;      /* index among the waves of the release */
	size_t key_count; /* of a keyed one, else 0: its value columns stand side by side */
	size_t levels, number, truth;
	size_t parts, part_count;
	size_t by[CODEBOOK_MAX_BY];
	size_t first_table, table_count;
};

/* Texts are lent by the pack or owned by the plan. */
struct tableplan {
	const struct codebook *codebook;
	bool per_site;
	struct tableplan_item *items;
	size_t item_count;
	struct column_spec *specs;
	size_t column_count;
	struct table_spec *tables;
	size_t table_count;
	char **texts; /* names of columns, levels and keys */
	size_t text_count;
	void **lists; /* of names */
	size_t list_count;
};

/* gives an empty plan; the codebook is lent. */
struct tableplan *tableplan_new(const struct codebook *c, bool per_site);
void tableplan_free(struct tableplan *p);
OWNER(tableplan)

/* A record expression, of records of this wave; lent as long as the plan lives. */
CHECKED enum err tableplan_add(struct tableplan *p, const struct indicator *i, size_t wave);

/* A record of people: every column, those of other forms, groups and waves set apart. groups:
 * is the record of the pack's group? */
void tableplan_fill(const struct tableplan *p, size_t wave, struct derive *d,
	const bool *groups, struct column_value *ret);
/* One value of a record about a site: every column. */
void tableplan_fill_row(
	const struct tableplan *p, struct derive *d, size_t row, struct column_value *ret);

/* Is a record with these groups one of the indicator's? */
bool tableplan_counts(const struct indicator *i, const bool *groups);

/* [disclosure] of rules.ini as disclose.h knows it; refuses what it does not. */
CHECKED enum err tableplan_profile(struct disclose_profile *ret, const struct profile *p);
/* Does the profile hide anything for its size? */
bool tableplan_hides(const struct disclose_profile *p);

#endif
