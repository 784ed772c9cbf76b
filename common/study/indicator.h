/* indicator - one row of a codebook: which derivation, broken down by what, summed up how.
 *
 * What is lent is lent by the forms and the codebook. codebook.h says what is always true.
 */
#ifndef WEIR_INDICATOR_H
#define WEIR_INDICATOR_H

#include "common/study/group.h"

#define CODEBOOK_MAX_INDICATORS 2000
#define CODEBOOK_MAX_BY         3 /* with the site: four variables, the most a table may have */
#define CODEBOOK_MAX_FORMS      8
#define CODEBOOK_MAX_GROUPS     32

enum codebook_kind {
	CODEBOOK_RECORD = 1, /* a value for each record */
	CODEBOOK_CELL,       /* from figures of other indicators in the same cell */
	CODEBOOK_SYSTEM,     /* from what nodes count and coders decide: `system` says what */
};

enum codebook_system {
	CODEBOOK_RESPONSE = 1,
	CODEBOOK_APPROACH,
	CODEBOOK_CONSENT,
	CODEBOOK_ITEM_MISSING, /* one row for each item */
	CODEBOOK_KEPT,
	CODEBOOK_WITHDRAWN,
	CODEBOOK_CODED_HARM,
	CODEBOOK_CODED_NEW,
};

enum codebook_statistic {
	CODEBOOK_N = 1 << 0,
	CODEBOOK_COUNT = 1 << 1,
	CODEBOOK_PROPORTION = 1 << 2,
	CODEBOOK_INTERVAL = 1 << 3, /* of what interval_of says */
	CODEBOOK_DISTRIBUTION = 1 << 4,
	CODEBOOK_MEAN = 1 << 5,
	CODEBOOK_SD = 1 << 6,
	CODEBOOK_MEDIAN = 1 << 7,
	CODEBOOK_MISSING = 1 << 8,
	CODEBOOK_SUM = 1 << 9,
	CODEBOOK_SHARE_NEGATIVE = 1 << 10,
	CODEBOOK_SHARE_POSITIVE = 1 << 11,
	CODEBOOK_ALPHA = 1 << 12,
	CODEBOOK_VALUE = 1 << 13,
	CODEBOOK_FUNNEL = 1 << 14, /* around funnel_base */
	CODEBOOK_RANK = 1 << 15,
	CODEBOOK_DIFFERENCE = 1 << 16,
	CODEBOOK_RATIO = 1 << 17,
};

/* The codes of a list that are answers, missing codes aside, in the order of the list. */
struct codebook_codes {
	const struct form_list *list; /* lent by the form; its name decides nothing */
	size_t *places;               /* of each in the list */
	size_t count;
};

enum codebook_by_kind {
	CODEBOOK_BY_ONE = 1,  /* select_one outside repeats */
	CODEBOOK_BY_MULTIPLE, /* select_multiple: the record counts for every code */
	CODEBOOK_BY_REPEAT,   /* an item of a repeat: once for each instance */
	CODEBOOK_BY_CELL,     /* of a cell expression: the keys its references share */
};

struct codebook_by {
	enum codebook_by_kind kind;
	const char *name;        /* of the item; lent by the form */
	const struct form *form; /* lent */
	size_t field;
	struct codebook_codes codes;
};

struct indicator {
	char *id; /* a capital and two digits */
	char *label, *family, *level;
	char *stakeholder; /* groups of study.ini, joined by ';' */
	char *derivation;  /* as written */
	char *unit, *direction, *denominator;
	char *missing_rule, *defined_by;
	char *seed_theme, *factor_group, *network_criterion;
	size_t row; /* of codebook.csv, as a spreadsheet shows it */
	enum codebook_kind kind;
	enum codebook_system system; /* 0 unless kind is CODEBOOK_SYSTEM */
	/* Lent: the one of a record expression; all that a cell expression reaches; those of a
	 * system count that has any. */
	const struct form *forms[CODEBOOK_MAX_FORMS];
	size_t form_count;
	const struct form *form; /* forms[0], or NULL */
	size_t groups
		[CODEBOOK_MAX_GROUPS]; /* indexes of the groups the codebook was read with */
	size_t group_count;
	struct expr *value; /* NULL for a system count */
	/* The indicators whose values in the same record it needs, in the order in which they
	 * are worked out, its own last; indexes. */
	size_t *order;
	size_t order_count;
	struct codebook_by by[CODEBOOK_MAX_BY];
	size_t by_count;
	unsigned statistics; /* of enum codebook_statistic */
	unsigned interval_of;
	size_t funnel_base;  /* field of `form` */
	bool has_lo, has_hi; /* scale_lo, scale_hi are given */
	double scale_lo, scale_hi;
	uint32_t min_n;
	/* The codes of a distribution; no list: the whole numbers from scale_lo to scale_hi. */
	struct codebook_codes levels;
};

#endif
