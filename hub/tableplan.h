/* tableplan - which columns and tables a release needs, from the codebook and the profile in
 * force.
 *
 * Always true: tables stand in codebook order, whatever order they were named in; a row that
 *              asks for a distribution and for mean, sd or median gives two tables under one
 *              name, the distribution first and with the n. A table names every form item
 *              behind its value, because what is linked is found by items.
 *              the smallest count is the profile's, or an indicator's own if that is larger.
 * Refused:     what release.h and opening.h say.
 * Errors:      E_NOTFOUND, E_DENIED, E_FORMAT, E_FULL: one sentence that names the indicator or
 *              key.
 */
#ifndef WEIR_HUB_TABLEPLAN_H
#define WEIR_HUB_TABLEPLAN_H

#include "common/figures/disclose.h"
#include "common/study/derive.h"
#include "common/study/pack.h"

#include "hub/staged.h"

#define TABLEPLAN_VALUE SIZE_MAX /* a column that holds the indicator's value */

/* A column and what fills it. */
struct tableplan_column {
	enum column_kind kind;
	const struct indicator *of;
	size_t by; /* which of the indicator's `by`, or TABLEPLAN_VALUE */
};

/* Texts are lent by the pack or owned by the plan. */
struct tableplan {
	const struct codebook *codebook;
	const struct form *form;
	struct disclose_profile profile;
	struct column_spec *specs;
	struct tableplan_column *columns;
	size_t column_count;
	struct table_spec *tables;
	size_t table_count;
	const char *by[STAGED_BY_MAX];
	size_t by_count;
	char **texts; /* names of columns and levels */
	size_t text_count;
	const char ***lists; /* of level names */
	size_t list_count;
};

/* gives; the pack is lent as long as the plan lives. */
CHECKED enum err tableplan_make(struct tableplan **ret, const struct pack *pack,
	const char *const *indicators, size_t count);
void tableplan_free(struct tableplan *p);
OWNER(tableplan)

/* The value for a column of the record at hand. */
struct column_value tableplan_value(const struct tableplan_column *c, struct derive *d);

/* [disclosure] of rules.ini as disclose.h knows it; refuses what it does not. */
CHECKED enum err tableplan_profile(struct disclose_profile *ret, const struct profile *p);

#endif
