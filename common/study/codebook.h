/* codebook - the indicators of a study: which derivation, broken down by what, summed up how.
 *
 * A row of codebook.csv is an indicator; columns, kinds, `by` and statistics are those of
 * study/partnership/derivations.md, sections 5 to 9.
 * Always true: an indicator without family, source (defined_by) and definition (derivation,
 *              denominator) is refused; no site-only item reaches a figure; every reference is
 *              there and none runs in a circle; statistics begin with n and fit what is
 *              derived.
 * Limits:      CODEBOOK_MAX_INDICATORS rows; CODEBOOK_MAX_BY variables, CODEBOOK_MAX_FORMS
 *              forms and CODEBOOK_MAX_GROUPS groups of one indicator.
 */
#ifndef WEIR_CODEBOOK_H
#define WEIR_CODEBOOK_H

#include "common/codec/bytes.h"
#include "common/study/faults.h"
#include "common/study/indicator.h"
#include "common/study/names.h"

struct codebook {
	struct indicator *indicators;
	size_t count;
	struct names *ids;
	const struct missing_codes *missing; /* lent, may be NULL */
};

struct codebook_source {
	struct view text;
	const char *file; /* its name in faults */
	struct form *const *forms;
	size_t form_count;
	const struct group_rule *groups; /* NULL: stakeholders are not looked up */
	size_t group_count;
	const struct missing_codes *missing; /* may be NULL */
};

/* gives the codebook; NULL when a fault was added. Forms and missing codes are lent as long as
 * the codebook lives. */
struct codebook *codebook_load(const struct codebook_source *s, struct faults *faults);
void codebook_free(struct codebook *c);
OWNER(codebook)

/* The indicator of this id, or NULL. */
const struct indicator *codebook_find(const struct codebook *c, const char *id);

/* Compiles one more expression, as an indicator's `derivation` with this `by` (NULL or "":
 * none); form is NULL for a cell expression. */
CHECKED enum err codebook_compile(struct expr **ret, const struct codebook *c,
	const struct form *form, const char *by, const char *derivation);

/* number, code or bool; number for a cell expression, bool for a system count. */
enum expr_type codebook_type(const struct indicator *i);
bool codebook_asks(const struct indicator *i, enum codebook_statistic statistic);
/* The word of a statistic: "share_negative"; "funnel". */
const char *codebook_statistic_word(enum codebook_statistic statistic);

/* The levels of a distribution: their number, their codes as printed, and the level of a value:
 * from 0, -1 when it is missing or fits none. A value without list is rounded, halves up. */
#define CODEBOOK_LEVEL_BYTES 64
size_t codebook_level_count(const struct indicator *i);
void codebook_level_name(
	const struct indicator *i, size_t level, char ret[static CODEBOOK_LEVEL_BYTES]);
int codebook_level(const struct indicator *i, const struct expr_value *value);

/* The codes of a `by`: the code as printed, and the key of an answer: from 0, -1 when it is
 * missing. */
const char *codebook_key_code(const struct codebook_by *by, size_t key);
int codebook_key(const struct codebook_by *by, const struct expr_value *value);
/* The key of this code, or -1: how keys of two forms meet. */
int codebook_key_of_code(const struct codebook_by *by, const char *code);
/* Do both hold codes of one list, or of a list cut from it? Decided by the codes. */
bool codebook_same_key(const struct codebook_by *a, const struct codebook_by *b);

#endif
