/* expr - small typed expressions over answers: what constraints and derivations have in common.
 *
 * Grammar:     or; and; not; one comparison (= != < <= > >=), which does not chain; brackets;
 *              numbers; 'words'; what the caller's dialect calls an operand. `not x` and
 *              `not(x)` are the same.
 * Types:       number, code (a choice of a list), text, bool. Known before any answer is seen:
 *              a comparison of two types, an order of codes and a code that its list lacks are
 *              refused when the expression is compiled, in words.
 * Missing:     a comparison with a missing value is missing; `and` is false if a part is false,
 *              else missing if a part is missing; `or` is true if a part is true, else missing
 *              if one is.
 * Always true: work is bounded by the text: at most EXPR_MAX_BYTES, EXPR_MAX_DEPTH brackets
 *              deep; no loops, and evaluation allocates nothing.
 */
#ifndef WEIR_EXPR_H
#define WEIR_EXPR_H

#include "common/base/err.h"

#define EXPR_MAX_BYTES 4096
#define EXPR_MAX_DEPTH 32

enum expr_type { EXPR_NUMBER = 1, EXPR_CODE, EXPR_TEXT, EXPR_BOOL };

/* One answer, or one result. Missing when `present` is false. */
struct expr_value {
	bool present;
	double number; /* a number; a code as its place in the list, from 0; a bool as 0 or 1 */
	const char *text; /* a text */
};

/* What an operand is: its place among the values given to expr_value_of(), and its type. */
struct expr_item {
	size_t index;
	enum expr_type type;
	/* A number out of a choice list: `=` and `!=` take only codes of that list. */
	bool listed;
};

/* How the words of a dialect are understood. */
struct expr_dialect {
	/* true: of a constraint: `.` is item 0, regex(., 'POSIX extended'), not(...), "words"
	 * too. false: of a derivation: names of items, value(item). */
	bool constraint;
	const void *context; /* handed to the two functions */
	/* false when there is no such item; the name of a constraint's item is "." */
	bool (*find)(const void *context, const char *name, struct expr_item *ret);
	/* place of a code in the list of the item, or -1 */
	int (*code)(const void *context, size_t index, const char *code);
};

struct expr;

CHECKED enum err expr_compile(
	struct expr **ret, const char *text, const struct expr_dialect *dialect);
void expr_free(struct expr *e);
OWNER(expr)

enum expr_type expr_type_of(const struct expr *e);

/* The item when the expression is nothing but value(item), else -1. */
int expr_only_item(const struct expr *e);
/* Does its value depend on the item of this index? */
bool expr_uses(const struct expr *e, size_t item);

/* The expression over the values, by their index; text in the result is lent from `values`. */
struct expr_value expr_value_of(const struct expr *e, const struct expr_value *values);

#endif
