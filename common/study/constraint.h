/* constraint - the condition a form puts on one answer, compiled and evaluated.
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
 * Always true: work is bounded by the text: at most CONSTRAINT_MAX_BYTES,
 *              CONSTRAINT_MAX_DEPTH brackets deep; no loops, and evaluation allocates nothing.
 */
#ifndef WEIR_CONSTRAINT_H
#define WEIR_CONSTRAINT_H

#include "common/study/expr.h"

#define CONSTRAINT_MAX_BYTES 4096
#define CONSTRAINT_MAX_DEPTH 32

/* What an operand is: its place among the values, and its type. */
struct constraint_item {
	size_t index;
	enum expr_type type;
	/* A number out of a choice list: `=` and `!=` take only codes of that list. */
	bool listed;
};

/* How the words of a dialect are understood. */
struct constraint_dialect {
	/* true: of a constraint: `.` is item 0, regex(., 'POSIX extended'), not(...), "words"
	 * too. false: of a derivation: names of items, value(item). */
	bool constraint;
	const void *context; /* handed to the two functions */
	/* false when there is no such item; the name of a constraint's item is "." */
	bool (*find)(const void *context, const char *name, struct constraint_item *ret);
	/* place of a code in the list of the item, or -1 */
	int (*code)(const void *context, size_t index, const char *code);
};

struct constraint;

CHECKED enum err constraint_compile(
	struct constraint **ret, const char *text, const struct constraint_dialect *dialect);
void constraint_free(struct constraint *e);
OWNER(constraint)

enum expr_type constraint_type_of(const struct constraint *e);

/* The item when the expression is nothing but value(item), else -1. */
int constraint_only_item(const struct constraint *e);
/* Does its value depend on the item of this index? */
bool constraint_uses(const struct constraint *e, size_t item);

/* The expression over the values, by their index; text in the result is lent from `values`. */
struct expr_value constraint_value_of(
	const struct constraint *e, const struct expr_value *values);

#endif
