/* derive - indicators worked out: for a record, row by row; for a cell, from figures.
 *
 * Always true: what an indicator refers to in the same record is worked out once a record,
 *              before it, without recursion.
 * It can hurt: holds a person's answers between derive_record() and the next; derive_free()
 *              wipes them.
 */
#ifndef WEIR_DERIVE_H
#define WEIR_DERIVE_H

#include "common/study/codebook.h"

struct derive;

/* gives; the codebook is lent as long as it lives. */
struct derive *derive_new(const struct codebook *c);
void derive_free(struct derive *d);
OWNER(derive)

/* The record at hand; lent until the next one or derive_free(). */
void derive_record(struct derive *d, const struct record *r);

/* What one record gives to an indicator: a value and the keys of its `by`, -1 where the key is
 * missing (the row is then left out and counted). */
struct derive_row {
	int keys[CODEBOOK_MAX_BY];
	struct expr_value value;
};

/* Rows of the record at hand: 1, or one for each code (select_multiple), or one for each
 * instance (repeat). 0 when the record is of another form. */
size_t derive_rows(const struct derive *d, const struct indicator *i);
struct derive_row derive_row(struct derive *d, const struct indicator *i, size_t row);

/* For Cronbach's alpha: the arguments of mean(). `ret` has derive_parts() values. */
size_t derive_parts(const struct indicator *i);
void derive_row_parts(
	struct derive *d, const struct indicator *i, size_t row, struct expr_value *ret);

/* The base of a funnel in the record at hand. */
struct expr_value derive_funnel_base(const struct derive *d, const struct indicator *i);

/* What a cell expression reads: an indicator of the codebook and one of its statistics. */
struct derive_figure {
	const struct indicator *of;
	enum codebook_statistic statistic;
	bool over_keys; /* read for every key, inside count(keys, ...) */
};
size_t derive_figure_count(const struct indicator *cell);
struct derive_figure derive_figure(
	const struct codebook *c, const struct indicator *cell, size_t figure);

/* The value of a cell expression: `figures` one for each figure, of the key at hand or of the
 * cell; `keys` key_count rows of the same, for figures that are over keys. Not asked when a
 * figure is not there. */
struct expr_value derive_cell(const struct indicator *cell, const struct expr_value *figures,
	const struct expr_value *keys, size_t key_count);

#endif
