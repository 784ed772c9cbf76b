/* xpath - the condition a form puts on one answer (XLSForm column `constraint`).
 *
 * The part of XPath 1.0 that forms need for one value: `.` (the answer), numbers, 'words',
 * comparisons, and, or, not(), brackets, and the ODK function regex(., 'pattern'), which has to
 * match the whole answer. Anything else is refused when the form is loaded, never skipped when
 * an answer comes. An own small compiler (room expr) in place of libxml2: with it a fault of
 * the form is found before any answer is there, and strangers' bytes meet no general engine.
 * A blank answer is missing and meets every constraint, as in ODK.
 */
#ifndef WEIR_XPATH_H
#define WEIR_XPATH_H

#include "common/study/expr.h"

struct xpath;

/* `dot` is the type of the answer; E_FORMAT says what is wrong with the expression. For codes,
 * `code` gives the place of a code in the list of `context`, or -1. */
struct xpath_answer {
	enum expr_type type;
	const void *context;
	int (*code)(const void *context, size_t index, const char *code);
};

CHECKED enum err xpath_compile(
	struct xpath **ret, const char *text, const struct xpath_answer *answer);
void xpath_free(struct xpath *x);
OWNER(xpath)

/* Does the answer meet the condition? A missing result counts as met. */
bool xpath_holds(const struct xpath *x, const struct expr_value *answer);

#endif
