/* expr - the language in which a study says how answers become a figure.
 *
 * Language:    study/partnership/derivations.md is its specification (sections 1 to 4, 6). An
 *              expression is compiled once, against a form or, as a cell expression, against
 *              the statistics of other indicators.
 * Always true: it has one type, known before any answer is there; it always ends: any, every,
 *              count and pick go once over the instances of a repeat and do not stand inside
 *              each other or inside a repeat. Evaluation allocates nothing and has no side
 *              effect. A value that is not there has a reason; a result that is no finite
 *              number is not_applicable.
 * Decided here: a quoted code may stand on either side of = and !=; codes are compared only
 *              between items, `key` and quoted codes; recode() takes numbers and quoted codes
 *              on both sides of `->`.
 * Limits:      EXPR_MAX_BYTES of text, EXPR_MAX_STACK values and open brackets at one time.
 * Errors:      E_FORMAT with a sentence that names what is wrong and where.
 */
#ifndef WEIR_EXPR_H
#define WEIR_EXPR_H

#include "common/base/err.h"
#include "common/study/missing.h"

#define EXPR_MAX_BYTES 4096
#define EXPR_MAX_STACK 256

struct form;
struct form_list;
struct record;

enum expr_type {
	EXPR_NUMBER = 1,
	EXPR_CODE,
	EXPR_TEXT, /* only missing() takes it */
	EXPR_BOOL,
	EXPR_CODES, /* select_multiple; only chosen() and missing() take it */
	EXPR_DATE,  /* compared with dates only */
};

/* One answer, or one result. Zeroed: not asked. */
struct expr_value {
	bool present;
	enum missing why; /* when it is not present */
	int place;        /* of a choice: in its list, from 0; else -1 */
	/* A number; a code as its place; a bool as 0 or 1; a date as days since 1970. */
	double number;
	const char *text; /* of a constraint's text; not used by expressions */
};

struct expr_reference {     /* what an expression names beside items */
	size_t indicator;   /* the caller's number of it */
	unsigned statistic; /* the caller's word for it; 0: the value in the same record */
	bool over_keys;     /* stands inside count(keys, ...) */
	/* Of a value in the same record: */
	enum expr_type type;
	const struct form_list *list; /* of a code, else NULL */
};

struct expr_scope {
	const struct form *form;             /* NULL when only statistics can be named */
	const struct missing_codes *missing; /* may be NULL */
	int repeat; /* the whole is worked out in an instance of this repeat; -1: of none */
	int key;    /* field of `by`, for which the word `key` stands; -1: none */
	/* Finds an indicator; statistic is NULL for its value in the same record. Sets
	 * indicator, statistic, type, list. NULL when there are no other indicators. */
	enum err (*find)(const void *context, const char *id, const char *statistic,
		struct expr_reference *ret);
	const void *context;
};

struct expr;

/* gives; form and lists are lent as long as the expression lives. */
CHECKED enum err expr_compile(
	struct expr **ret, const char *text, const struct expr_scope *scope);
void expr_free(struct expr *x);
OWNER(expr)

enum expr_type expr_type_of(const struct expr *x);
/* Names statistics or keys, and no items: a cell expression. */
bool expr_is_cell(const struct expr *x);
/* The list whose codes the result can be: of a code, and of a choice item's number as it
 * stands; else NULL. Lent as long as the expression and the form live. */
const struct form_list *expr_list(const struct expr *x);
/* Nothing but one item, number, indicator or key, not even value(). */
bool expr_is_bare(const struct expr *x);
/* Does its value depend on the item of this index? References are not followed. */
bool expr_uses(const struct expr *x, size_t field);
bool expr_reverses(const struct expr *x, size_t field); /* names it in rev() */
bool expr_uses_key(const struct expr *x);
/* Has a mean or sum with min= or need=. */
bool expr_scales(const struct expr *x);
bool expr_repeats(const struct expr *x);   /* goes over a repeat, or counts it */
bool expr_subtracts(const struct expr *x); /* is A - B, whatever these are */
/* Nothing but A.statistic - B.statistic: references 0 and 1. */
bool expr_is_difference(const struct expr *x);
/* Lent as long as the expression lives; one for each different indicator, statistic and
 * over_keys. */
const struct expr_reference *expr_references(const struct expr *x, size_t *ret_count);

struct expr_env {                    /* what an expression is worked out from */
	const struct record *record; /* of the form it was compiled against */
	size_t instance;             /* of scope.repeat, from 0 */
	int key;                     /* the place in its list that `key` stands for */
	/* One for each reference, in the order of expr_references(). */
	const struct expr_value *references;
	/* For count(keys, ...): key_count rows of one value for each reference. A key is left
	 * out when a reference that stands over keys is missing in its row. */
	const struct expr_value *keys;
	size_t key_count;
};

struct expr_value expr_value_of(const struct expr *x, const struct expr_env *env);

/* The arguments of mean(...) when the expression is nothing else: their number, else 0; and the
 * value of one, after rev(). */
size_t expr_part_count(const struct expr *x);
struct expr_value expr_part(const struct expr *x, size_t part, const struct expr_env *env);

#endif
