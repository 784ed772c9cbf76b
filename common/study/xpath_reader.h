/* xpath_reader - what the files that read an expression share: values that were read, and
 * brackets and operators that wait for more.
 *
 * Two stacks in place of recursion: what strangers nest costs memory of a stated size.
 */
#ifndef WEIR_XPATH_READER_H
#define WEIR_XPATH_READER_H

#include "common/study/xpath_path.h"

/* Each open bracket can have one operator of each level before it. */
#define XPATH_MAX_WAITING (XPATH_MAX_DEPTH * 10)

enum xpath_level {
	XPATH_LEVEL_OPEN,
	XPATH_LEVEL_OR,
	XPATH_LEVEL_AND,
	XPATH_LEVEL_SAME,
	XPATH_LEVEL_ORDER,
	XPATH_LEVEL_ADD,
	XPATH_LEVEL_TIMES,
	XPATH_LEVEL_MINUS,
	XPATH_LEVEL_UNION
};

/* What was read and stands in `out` from `start` on. */
struct xpath_operand {
	size_t start;
	enum xpath_type type;
	enum xpath_kind kind; /* of the node that a path means */
};

/* A bracket that is open, or an operator whose right side is not complete. */
struct xpath_waiting {
	enum xpath_level level;
	char opened; /* '(' a bracket, 'f' a function, '[' a predicate, 0 an operator */
	size_t start;
	size_t operands; /* how many there were before */
	int arguments;
	const struct xpath_function *function;
	struct xpath_path path; /* that goes on behind the predicate */
};

struct xpath_reader {
	struct xpath *x;
	const struct xpath_scope *scope;
	struct view left;
	struct xpath_token token;
	struct xpath_operand operands[XPATH_MAX_WORDS];
	size_t count, words;
	struct xpath_waiting stack[XPATH_MAX_WAITING];
	size_t height, depth;
	bool want; /* an operand */
};

/* The next token. */
void xpath_reader_step(struct xpath_reader *r);
bool xpath_reader_at(const struct xpath_reader *r, const char *sign);
/* What waits innermost; NULL if nothing does. */
struct xpath_waiting *xpath_reader_top(struct xpath_reader *r);
/* A value is complete, and stands in `out` from `start`. */
CHECKED enum err xpath_reader_push(
	struct xpath_reader *r, size_t start, enum xpath_type type, enum xpath_kind kind);
CHECKED enum err xpath_reader_wait(struct xpath_reader *r, struct xpath_waiting w); /* copies */
/* Says what stands where it cannot. */
CHECKED enum err xpath_reader_unexpected(const struct xpath_reader *r);

/* A path: from the node at hand, from the root, from current(). */
CHECKED enum err xpath_reader_relative(struct xpath_reader *r);
CHECKED enum err xpath_reader_absolute(struct xpath_reader *r);
CHECKED enum err xpath_reader_current(struct xpath_reader *r);
/* Further steps of a path, or its end. */
CHECKED enum err xpath_reader_path(struct xpath_reader *r, struct xpath_path *p);

/* At the name of a function; at its ')'; at a pattern in quotes. */
CHECKED enum err xpath_reader_call(struct xpath_reader *r);
CHECKED enum err xpath_reader_close_call(struct xpath_reader *r);
CHECKED enum err xpath_reader_pattern(struct xpath_reader *r);
bool xpath_reader_wants_pattern(struct xpath_reader *r);

#endif
