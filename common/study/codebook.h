/* codebook - the indicators of a study: which expression, broken down by what, summed up how.
 *
 * A row of codebook.csv is an indicator. Of the derivation language this version has
 * value(item), = != < <= > >= over items and literals, and, or, not; everything else is refused
 * by name.
 * Always true: an indicator names fields of one form of the pack; `by` fields are select_one
 *              items of it that go to the hub or stand open; a site-only item is in no
 *              derivation. n is the first statistic, and the statistics fit the type of the
 *              derivation: of numbers n distribution interval mean sd median, of codes n
 *              distribution interval, of conditions n count proportion interval. The interval
 *              is that of the shares (Wilson).
 * Also refused: an indicator without family, denominator, unit, definer or theme.
 */
#ifndef WEIR_CODEBOOK_H
#define WEIR_CODEBOOK_H

#include "common/codec/bytes.h"
#include "common/study/faults.h"
#include "common/study/constraint.h"
#include "common/study/form.h"

#define CODEBOOK_MAX_BY         3 /* with the site: four variables, the most a table may have */
#define CODEBOOK_MAX_INDICATORS 2000

enum codebook_statistic {
	CODEBOOK_N = 1 << 0,
	CODEBOOK_COUNT = 1 << 1,
	CODEBOOK_PROPORTION = 1 << 2,
	CODEBOOK_INTERVAL = 1 << 3,
	CODEBOOK_DISTRIBUTION = 1 << 4,
	CODEBOOK_MEAN = 1 << 5,
	CODEBOOK_SD = 1 << 6,
	CODEBOOK_MEDIAN = 1 << 7,
};

struct indicator {
	char *id; /* a capital and two digits */
	char *label;
	char *family;
	char *level;
	char *stakeholder; /* a group of study.ini */
	char *derivation;  /* as written */
	char *unit;
	char *direction;
	char *denominator;
	char *missing_rule;
	char *defined_by;
	char *seed_theme;
	char *factor_group;
	char *network_criterion;
	const struct form *form; /* lent by the pack */
	struct constraint *value;
	size_t by[CODEBOOK_MAX_BY]; /* field indexes */
	size_t by_count;
	unsigned statistics; /* of enum codebook_statistic */
	double scale_lo;
	double scale_hi;
	uint32_t min_n;
	size_t row; /* of codebook.csv, as a spreadsheet shows it */
	/* The choice list whose codes are the levels of a distribution; NULL when the
	 * derivation is not value(select_one): then the levels are the whole numbers from
	 * scale_lo to scale_hi. */
	const struct form_list *levels;
};

struct codebook {
	struct indicator *indicators;
	size_t count;
};

/* gives the codebook; NULL when a fault was added. `file` names it in faults. Forms are lent as
 * long as the codebook lives. */
struct codebook *codebook_read(struct view text, const char *file, struct form *const *forms,
	size_t form_count, struct faults *faults);
void codebook_free(struct codebook *c);
OWNER(codebook)

/* The indicator of this id, or NULL. */
const struct indicator *codebook_find(const struct codebook *c, const char *id);

/* number (also of a select_one with whole-number codes), code or bool. */
enum expr_type codebook_type(const struct indicator *i);

/* The value for one record. `values`: those of form_check_answers(), by field index. */
struct expr_value codebook_eval(const struct indicator *i, const struct expr_value *values);

/* The levels of a distribution: their number, their codes as printed, and the level of a value:
 * from 0, -1 when it is missing or fits none. */
#define CODEBOOK_LEVEL_BYTES 64
size_t codebook_level_count(const struct indicator *i);
void codebook_level_name(
	const struct indicator *i, size_t level, char ret[static CODEBOOK_LEVEL_BYTES]);
int codebook_level(const struct indicator *i, const struct expr_value *value);

/* The place of a `by` answer in its choice list, from 0; -1 when it is missing. which <
 * by_count. */
int codebook_by_choice(
	const struct indicator *i, size_t which, const struct expr_value *values);

#endif
