/* xpath_path - one path of an expression, step by step, against the nodes of the form.
 *
 * As long as every step is a plain name or '..', the path is a node of the form and nothing is
 * written. The first predicate (or wildcard) writes what was found so far, and further steps
 * follow as they stand.
 */
#ifndef WEIR_XPATH_PATH_H
#define WEIR_XPATH_PATH_H

#include "common/study/xpath_inside.h"
#include "common/study/xpath_token.h"

#define XPATH_UNKNOWN (-1) /* a node that is not of the form: of an instance, or any */

struct xpath_path {
	size_t start; /* of its text in out */
	int node;     /* of the form, or XPATH_UNKNOWN */
	int base;     /* where a relative path began, or the highest node it went up to */
	bool absolute;
	bool raw;   /* steps are written as they stand */
	bool empty; /* no step yet */
	bool rose;  /* the last step went up */
	bool loose; /* an absolute path means all turns of its repeats */
	bool own;   /* nothing but '.' */
};

/* A step with its sign before it already read; E_FORMAT when it leads to no node. */
CHECKED enum err xpath_path_step(struct xpath *x, const struct xpath_scope *scope,
	struct xpath_path *p, const struct xpath_token *step, bool attribute);
/* Write what was not written yet: at its end, or before a predicate. */
void xpath_path_write(struct xpath *x, const struct xpath_scope *scope, struct xpath_path *p);
/* The expression reads this node. */
void xpath_path_use(struct xpath *x, int node);

#endif
