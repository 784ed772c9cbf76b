/* codebook_inside - a codebook being read, shared by the files of codebook only. */
#ifndef WEIR_CODEBOOK_INSIDE_H
#define WEIR_CODEBOOK_INSIDE_H

#include "common/codec/csv.h"
#include "common/study/codebook.h"

#define CODEBOOK_PIECE_BYTES 64  /* a word of a list in a cell */
#define CODEBOOK_MAX_LEVELS  200 /* of a distribution without a choice list */

struct codebook_reader {
	const struct codebook_source *source;
	struct faults *faults;
	struct csv_sheet *sheet;
	struct codebook *book;
	struct indicator *at; /* the row at hand */
};

/* codebook_row.c: the columns that stand for themselves */
void codebook_read_row(struct codebook_reader *r);

/* codebook_derive.c: derivation and by, once all it refers to have been read */
void codebook_read_derivation(struct codebook_reader *r);

/* codebook_fit.c: whether the columns fit each other */
void codebook_read_statistics(struct codebook_reader *r);
void codebook_check_row(struct codebook_reader *r);

const char *codebook_cell(const struct codebook_reader *r, const char *column);
struct fault_place codebook_place(const struct codebook_reader *r, const char *column);
/* Copies the next word of a list and moves behind it; false at its end. */
bool codebook_piece(
	const char **at, const char *between, char ret[static CODEBOOK_PIECE_BYTES]);

/* Finds what expressions name; context is the struct codebook_finder. */
struct codebook_finder {
	const struct codebook *book;
	const struct form *form; /* of the record; NULL: statistics only */
};
CHECKED enum err codebook_reference(
	const void *context, const char *id, const char *statistic, struct expr_reference *ret);

/* The variables of `by` in these forms, with their codes; a sentence in faults or fail(). */
CHECKED enum err codebook_make_by(struct codebook_by *ret, size_t *ret_count,
	const struct codebook *book, const struct form *const *forms, size_t form_count,
	const char *by);
void codebook_by_done(struct codebook_by *by);
void codebook_make_codes(struct codebook_codes *ret, const struct form_list *list,
	const char *form, const struct missing_codes *missing);
/* The scope in which a derivation of this form and `by` is compiled. */
struct expr_scope codebook_scope(const struct codebook_finder *f, const struct codebook_by *by,
	size_t by_count, bool cell);
/* Does the text name statistics or keys? */
bool codebook_is_cell(const char *derivation);
/* The next id of an indicator in a derivation, outside quotes; NULL behind the last. */
const char *codebook_next_id(const char *at);

enum codebook_statistic codebook_statistic_of(const char *word); /* 0: none */

#endif
