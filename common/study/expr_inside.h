/* expr_inside - the compiler of expressions: its words, its stacks, who does what; shared by
 * its files only.
 *
 * Operators wait on one stack, what is known of values stands on another (Dijkstra's shunting
 * yard); ops come out in postfix order. No recursion.
 */
#ifndef WEIR_EXPR_INSIDE_H
#define WEIR_EXPR_INSIDE_H

#include "common/study/expr_ops.h"

#define EXPR_NAME_BYTES 64

enum word_kind { WORD_END, WORD_NUMBER, WORD_CODE, WORD_INDICATOR, WORD_NAME, WORD_SIGN };

/* Signs of two characters. */
#define SIGN_DIFFERENT 'd'
#define SIGN_AT_MOST   'm'
#define SIGN_AT_LEAST  'l'
#define SIGN_ARROW     'a'

struct word {
	enum word_kind kind;
	char sign;
	double number;
	char text[EXPR_NAME_BYTES]; /* a name, an indicator, a code, else as written */
};

/* What is known of a value before any answer is there. */
struct operand {
	enum expr_type type;
	const struct form_list *list; /* whose codes it is, or whose numbers */
	bool item;                    /* an answer as it stands, or `key` */
	bool literal; /* a number, or a quoted code whose place is not known yet */
	size_t first; /* op */
	char code[EXPR_NAME_BYTES];
};

enum call {
	CALL_NONE, /* a bracket */
	CALL_MEAN,
	CALL_SUM,
	CALL_RATIO,
	CALL_ANY,
	CALL_EVERY,
	CALL_COUNT,
	CALL_PICK,
};

/* An operator that waits for its right side; strength 0 is an open bracket or call. */
struct waiting {
	enum op_kind kind;
	enum compare compare;
	int strength;
	enum call call;
	size_t arguments;
	size_t operands; /* below its first argument */
	size_t first;    /* op */
};

struct compiler {
	const struct expr_scope *scope;
	struct expr *expr;
	const char *at;
	struct word word; /* the one to be read next */
	struct operand operands[EXPR_MAX_STACK];
	size_t operand_count;
	struct waiting waiting[EXPR_MAX_STACK];
	size_t waiting_count;
	size_t op_room;
	bool looping;                    /* inside any, every, count, pick */
	size_t loop;                     /* over this repeat, or EXPR_KEYS */
	char of_record[EXPR_NAME_BYTES]; /* the first word that has no place in a cell */
};

/* expr_word.c */
CHECKED enum err word_next(struct compiler *c); /* to the next word */
bool word_is(const struct compiler *c, char sign);
bool word_is_name(const struct compiler *c, const char *name);
bool word_is_reserved(const char *name);
CHECKED enum err word_expect(struct compiler *c, char sign); /* and on to the next */
const char *word_shown(const struct compiler *c); /* for sentences; lent until the next */

/* expr_value.c: operands */
CHECKED enum err value_push(struct compiler *c, struct op op, struct operand operand);
CHECKED enum err value_op(struct compiler *c, struct op op); /* works on what is there */
CHECKED enum err value_item(struct compiler *c, const char *name, size_t *ret_field);
CHECKED enum err value_find(struct compiler *c, const char *name, size_t *ret_field);
CHECKED enum err value_key(struct compiler *c);
CHECKED enum err value_reference(struct compiler *c); /* at the word of an indicator */
CHECKED enum err value_signed(struct compiler *c, double *ret); /* [-]number, and on */
/* The place of a quoted code, or of a number, in the list of an item; a missing code is
 * refused. */
CHECKED enum err value_place(
	struct compiler *c, const struct form_list *list, const char *code, int *ret);
CHECKED enum err value_place_number(
	struct compiler *c, const struct form_list *list, double number);
bool value_same_codes(const struct form_list *a, const struct form_list *b);
struct recode *value_recode(struct compiler *c); /* a new one */

/* expr_type.c: operators */
CHECKED enum err type_apply(struct compiler *c); /* the last waiting operator */
CHECKED enum err type_need(const struct operand *o, enum expr_type type, const char *who);

/* expr_call.c: functions; the word is the one behind the bracket */
CHECKED enum err call_open(struct compiler *c, const char *name, bool *ret_operator_next);
CHECKED enum err call_recode(struct compiler *c);   /* expr_recode.c */
CHECKED enum err call_argument(struct compiler *c); /* at a comma */
CHECKED enum err call_option(struct compiler *c);   /* at a semicolon; closes the call */
CHECKED enum err call_close(struct compiler *c, size_t least);

#endif
