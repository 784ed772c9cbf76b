/* expr_ops - a compiled expression, shared by its compiler and its evaluator only. */
#ifndef WEIR_EXPR_OPS_H
#define WEIR_EXPR_OPS_H

#include "common/study/form.h"
#include "common/study/record.h"

enum op_kind {
	OP_NUMBER,    /* number */
	OP_ITEM,      /* index: field; inside: of the instance at hand */
	OP_KEY,       /* the code that `key` stands for; number items: see recode */
	OP_REFERENCE, /* index */
	OP_NEGATE,
	OP_ADD,
	OP_SUBTRACT,
	OP_MULTIPLY,
	OP_DIVIDE,
	OP_COMPARE,
	OP_NOT,
	OP_AND,
	OP_OR,
	OP_MEAN,    /* index: arguments; least: of them that have to be there */
	OP_SUM,     /* the same */
	OP_REVERSE, /* number: lo + hi */
	OP_RECODE,  /* index: of the recodes */
	OP_MISSING,
	OP_CHOSEN, /* index: field; place: in its list, -1 for key */
	OP_COUNT,  /* index: repeat */
	OP_LOOP,   /* loop over index: repeat, EXPR_KEYS; jump: its end */
	OP_PICK,   /* the condition of pick(); jump: the loop's begin */
	OP_END,    /* of a loop; jump: its begin */
};
enum compare { EQUAL, DIFFERENT, LESS, AT_MOST, MORE, AT_LEAST };
enum loop { LOOP_ANY, LOOP_EVERY, LOOP_COUNT, LOOP_PICK };

#define EXPR_KEYS SIZE_MAX

/* One step of the expression in postfix order. */
struct op {
	enum op_kind kind;
	enum compare compare;
	enum loop loop;
	bool inside;
	int place;
	size_t index;
	size_t least;
	size_t jump;
	double number;
};

/* What recode() turns into what. */
struct recode {
	double *from; /* numbers, or places in the item's list when by_place */
	double *to;   /* numbers, or places in `list` */
	size_t count;
	bool by_place;
	bool has_other;
	double other;
	struct form_list list; /* of the codes that come out */
};

struct expr_piece {
	size_t from, to; /* ops */
};

struct expr {
	struct op *ops;
	size_t count;
	enum expr_type type;
	const struct form_list *list;
	bool cell, scales, plain_value;
	struct expr_reference *references;
	size_t reference_count;
	struct recode **recodes;
	size_t recode_count;
	struct expr_piece *parts; /* arguments of the last mean() */
	size_t part_count;
};

#endif
