/* constraint_ops - a compiled expression, shared by its compiler and its evaluator only. */
#ifndef WEIR_CONSTRAINT_OPS_H
#define WEIR_CONSTRAINT_OPS_H

#include "common/study/constraint.h"
#include "common/study/pattern.h"

/* Values waiting at one time: the compiler refuses more, so the evaluator needs no more. */
#define CONSTRAINT_MAX_STACK 64

enum op_kind { OP_NUMBER, OP_TEXT, OP_ITEM, OP_REGEX, OP_COMPARE, OP_NOT, OP_AND, OP_OR };
enum compare { EQUAL, DIFFERENT, LESS, AT_MOST, MORE, AT_LEAST };

/* One step of the expression in postfix order. */
struct op {
	enum op_kind kind;
	enum compare compare;
	bool texts; /* of a comparison */
	size_t item;
	double number;
	char *text;
	struct pattern *pattern;
};

struct constraint {
	struct op *ops;
	size_t count;
	enum expr_type type;
	int only_item;
};

#endif
