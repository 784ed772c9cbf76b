#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/constraint_ops.h"

#define MAX_OPS    1024
#define NAME_BYTES 64

/* What is known of a value on the stack before any answer is there. */
struct operand {
	enum expr_type type;
	bool literal;
	size_t op;
	struct constraint_item item; /* when it is an item */
	bool is_item;
};

/* An operator that waits for its right side; strength 0 is an open bracket. */
struct waiting {
	enum op_kind kind;
	enum compare compare;
	int strength;
};

struct compiler {
	const struct constraint_dialect *dialect;
	const char *at;
	struct constraint *expr;
	struct operand operands[CONSTRAINT_MAX_STACK];
	size_t operand_count;
	struct waiting waiting[CONSTRAINT_MAX_STACK];
	size_t waiting_count;
	size_t brackets;
};

static void
skip_blanks(struct compiler *c)
{
	while (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r')
		c->at++;
}

/* ---- values ---- */

static enum err
push(struct compiler *c, struct op op, struct operand operand)
{
	if (c->expr->count == MAX_OPS || c->operand_count == CONSTRAINT_MAX_STACK) {
		free(op.text);
		pattern_free(op.pattern);
		return fail(E_FORMAT, "the expression is too long");
	}
	operand.op = c->expr->count;
	c->expr->ops[c->expr->count++] = op;
	c->operands[c->operand_count++] = operand;
	return OK;
}

static enum err
push_item(struct compiler *c, const char *name)
{
	struct constraint_item item = {0};
	if (!c->dialect->find(c->dialect->context, name, &item))
		return fail(E_FORMAT, "there is no item '%s'", name);
	return push(c, (struct op){.kind = OP_ITEM, .item = item.index},
		(struct operand){.type = item.type, .item = item, .is_item = true});
}

/* gives the words between two quotes, the first of which stands at c->at. */
static enum err
read_words(struct compiler *c, char **ret)
{
	*ret = NULL;
	char quote = *c->at;
	if (quote != '\'' && !(quote == '"' && c->dialect->constraint))
		return fail(E_FORMAT, "words in quotes are wanted before '%.12s'", c->at);
	const char *end = strchr(c->at + 1, quote);
	if (!end)
		return fail(E_FORMAT, "a quote without its pair");
	*ret = xmemdup(c->at + 1, (size_t)(end - c->at - 1));
	c->at = end + 1;
	return OK;
}

static enum err
push_words(struct compiler *c)
{
	char *text = NULL;
	enum err e = read_words(c, &text);
	if (e != OK)
		return e;
	return push(c, (struct op){.kind = OP_TEXT, .text = text},
		(struct operand){.type = EXPR_TEXT, .literal = true});
}

static enum err
push_number(struct compiler *c)
{
	size_t len = *c->at == '-' ? 1 : 0;
	size_t first = len;
	while (isdigit((unsigned char)c->at[len]))
		len++;
	if (len == first)
		return fail(E_FORMAT, "arithmetic is not built yet in this version");
	if (c->at[len] == '.' && isdigit((unsigned char)c->at[len + 1]))
		for (len++; isdigit((unsigned char)c->at[len]);)
			len++;
	if (len > 24 || isalpha((unsigned char)c->at[len]))
		return fail(E_FORMAT, "not a plain number: '%.12s'", c->at);
	double number = strtod(c->at, NULL);
	c->at += len;
	return push(c, (struct op){.kind = OP_NUMBER, .number = number},
		(struct operand){.type = EXPR_NUMBER, .literal = true});
}

static enum err
expect(struct compiler *c, char wanted)
{
	skip_blanks(c);
	if (*c->at != wanted)
		return fail(E_FORMAT, "'%c' is wanted before '%.12s'", wanted, c->at);
	c->at++;
	skip_blanks(c);
	return OK;
}

static enum err
push_regex(struct compiler *c)
{
	struct constraint_item item = {0};
	char *words = NULL;
	enum err e = expect(c, '(');
	if (e == OK)
		e = expect(c, '.');
	if (e == OK)
		e = expect(c, ',');
	if (e == OK)
		e = read_words(c, &words);
	OWNED_MEM char *text = words;
	if (e == OK)
		e = expect(c, ')');
	if (e == OK &&
		(!c->dialect->find(c->dialect->context, ".", &item) || item.type != EXPR_TEXT))
		e = fail(E_FORMAT, "regex() is for text only");
	struct pattern *pattern = NULL;
	if (e == OK)
		e = pattern_compile(&pattern, text);
	if (e != OK)
		return e;
	return push(c, (struct op){.kind = OP_REGEX, .item = item.index, .pattern = pattern},
		(struct operand){.type = EXPR_BOOL});
}

static void
read_name(struct compiler *c, char ret[static NAME_BYTES])
{
	size_t len = 0;
	while (isalnum((unsigned char)c->at[len]) || c->at[len] == '_' ||
		(c->dialect->constraint && c->at[len] == '-' && len))
		len++;
	size_t kept = MIN(len, (size_t)NAME_BYTES - 1);
	memcpy(ret, c->at, kept);
	ret[kept] = '\0';
	c->at += len;
}

static enum err
push_value(struct compiler *c)
{
	char name[NAME_BYTES];
	enum err e = expect(c, '(');
	if (e != OK)
		return e;
	read_name(c, name);
	e = push_item(c, name);
	return e == OK ? expect(c, ')') : e;
}

/* ---- operators ---- */

static bool
same_type(const struct compiler *c, struct operand *a, struct operand *b)
{
	if (a->type != EXPR_CODE && b->type == EXPR_CODE) {
		struct operand *swap = a;
		a = b;
		b = swap;
	}
	if (a->type == EXPR_CODE && b->literal && b->type == EXPR_TEXT) {
		struct op *op = &c->expr->ops[b->op];
		int place = c->dialect->code(c->dialect->context, a->item.index, op->text);
		*b = (struct operand){.type = EXPR_CODE, .literal = true, .op = b->op};
		op->kind = OP_NUMBER;
		op->number = place;
		free(take(op->text));
	}
	return a->type == b->type;
}

static const char *
type_word(enum expr_type type)
{
	static const char *const words[] = {"", "a number", "a code", "a text", "a condition"};
	return words[type];
}

/* A number that is no code of the list would make a comparison that is never true. */
static bool
is_listed(const struct compiler *c, const struct operand *item, const struct operand *literal)
{
	if (!item->is_item || !item->item.listed || !literal->literal)
		return true;
	OWNED_MEM char *code = xasprintf("%.15g", c->expr->ops[literal->op].number);
	return c->dialect->code(c->dialect->context, item->item.index, code) >= 0;
}

static enum err
check_compare(struct compiler *c, enum compare compare, struct operand *a, struct operand *b)
{
	bool order = compare != EQUAL && compare != DIFFERENT;
	if (a->type == EXPR_BOOL || b->type == EXPR_BOOL)
		return fail(E_FORMAT, "a condition is compared; comparisons do not chain");
	if (!same_type(c, a, b))
		return fail(E_FORMAT, "%s is compared with %s", type_word(a->type),
			type_word(b->type));
	if (order && a->type != EXPR_NUMBER)
		return fail(E_FORMAT, "%s has no order", type_word(a->type));
	if (a->type == EXPR_CODE && a->is_item && b->is_item)
		return fail(E_FORMAT, "comparing two choices is not built yet in this version");
	if (a->type == EXPR_CODE && c->expr->ops[a->literal ? a->op : b->op].number < 0)
		return fail(E_FORMAT, "a code that its choice list does not have");
	if (!order && (!is_listed(c, a, b) || !is_listed(c, b, a)))
		return fail(E_FORMAT, "a number that the choice list does not have");
	return OK;
}

/* Take the last waiting operator and its operands, leave its result. */
static enum err
apply(struct compiler *c)
{
	struct waiting w = c->waiting[--c->waiting_count];
	size_t sides = w.kind == OP_NOT ? 1 : 2;
	if (c->operand_count < sides || c->expr->count == MAX_OPS)
		return fail(E_FORMAT, "the expression is not complete, or too long");
	struct operand *a = &c->operands[c->operand_count - sides];
	struct operand *b = &c->operands[c->operand_count - 1];
	enum err e = OK;
	if (w.kind == OP_COMPARE)
		e = check_compare(c, w.compare, a, b);
	else if (a->type != EXPR_BOOL || b->type != EXPR_BOOL)
		e = fail(E_FORMAT, "and, or, not take conditions only");
	if (e != OK)
		return e;
	c->expr->ops[c->expr->count++] = (struct op){
		.kind = w.kind, .compare = w.compare, .texts = a->type == EXPR_TEXT};
	c->operand_count -= sides - 1;
	*a = (struct operand){.type = EXPR_BOOL};
	return OK;
}

static enum err
wait_for(struct compiler *c, struct waiting w)
{
	if (c->waiting_count == CONSTRAINT_MAX_STACK)
		return fail(E_FORMAT, "the expression is too deep");
	c->waiting[c->waiting_count++] = w;
	return OK;
}

/* An operator between two sides: first what binds at least as strongly on its left. */
static enum err
between(struct compiler *c, struct waiting w)
{
	enum err e = OK;
	while (e == OK && c->waiting_count &&
		c->waiting[c->waiting_count - 1].strength >= w.strength)
		e = apply(c);
	return e == OK ? wait_for(c, w) : e;
}

static enum err
open_bracket(struct compiler *c)
{
	c->at++;
	if (++c->brackets > CONSTRAINT_MAX_DEPTH)
		return fail(E_FORMAT, "more than %d brackets deep", CONSTRAINT_MAX_DEPTH);
	return wait_for(c, (struct waiting){.strength = 0});
}

static enum err
close_bracket(struct compiler *c)
{
	c->at++;
	if (c->brackets == 0)
		return fail(E_FORMAT, "a bracket without its pair");
	enum err e = OK;
	while (e == OK && c->waiting[c->waiting_count - 1].strength > 0)
		e = apply(c);
	c->waiting_count -= e == OK;
	c->brackets--;
	return e;
}

/* ---- words ---- */

static enum err
read_word(struct compiler *c)
{
	char name[NAME_BYTES];
	read_name(c, name);
	skip_blanks(c);
	bool constraint = c->dialect->constraint;
	if (strcmp(name, "not") == 0 && (!constraint || *c->at == '('))
		return wait_for(
			c, (struct waiting){.kind = OP_NOT, .strength = constraint ? 5 : 3});
	if (strcmp(name, "regex") == 0 && constraint)
		return push_regex(c);
	if (strcmp(name, "value") == 0 && !constraint)
		return push_value(c);
	if (*c->at == '(')
		return fail(E_FORMAT, "%s() is not built yet in this version", name);
	if (*c->at == ':')
		return fail(E_FORMAT, "'%s:' is not built yet in this version", name);
	if (constraint)
		return fail(E_FORMAT, "'%s': only the answer itself, '.', can be named", name);
	if (isupper((unsigned char)name[0]))
		return fail(E_FORMAT,
			"'%s': naming other indicators is not built yet in this version", name);
	return push_item(c, name);
}

/* What stands where a value is wanted. ret: is the next thing an operator? */
static enum err
read_operand(struct compiler *c, bool *ret)
{
	char first = *c->at;
	bool lone_dot = first == '.' && c->at[1] != '.' && !isdigit((unsigned char)c->at[1]);
	*ret = true;
	if (first == '(') {
		*ret = false;
		return open_bracket(c);
	}
	if (first == '\'' || first == '"')
		return push_words(c);
	if (first == '-' || isdigit((unsigned char)first))
		return push_number(c);
	if (lone_dot && c->dialect->constraint) {
		c->at++;
		return push_item(c, ".");
	}
	if (isalpha((unsigned char)first)) {
		size_t before = c->waiting_count;
		enum err e = read_word(c);
		*ret = c->waiting_count == before;
		return e;
	}
	if (first == '\0')
		return fail(E_FORMAT, "the expression is not complete");
	if (first == '$')
		return fail(E_FORMAT,
			"naming other answers with ${} is not built yet in this version");
	return fail(E_FORMAT, "a value is wanted before '%.12s'", c->at);
}

static enum err
read_compare(struct compiler *c)
{
	static const struct {
		const char *sign;
		enum compare compare;
	} signs[] = {{"!=", DIFFERENT}, {"<=", AT_MOST}, {">=", AT_LEAST}, {"=", EQUAL},
		{"<", LESS}, {">", MORE}};
	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		size_t len = strlen(signs[i].sign);
		if (strncmp(c->at, signs[i].sign, len) != 0)
			continue;
		c->at += len;
		return between(c, (struct waiting){.kind = OP_COMPARE,
					  .compare = signs[i].compare,
					  .strength = 4});
	}
	if (strchr("+-*/", *c->at))
		return fail(E_FORMAT, "arithmetic is not built yet in this version");
	return fail(E_FORMAT, "an operator is wanted before '%.12s'", c->at);
}

/* What stands where an operator is wanted. ret: is the next thing an operator again? */
static enum err
read_operator(struct compiler *c, bool *ret)
{
	*ret = *c->at == ')';
	if (*ret)
		return close_bracket(c);
	if (!isalpha((unsigned char)*c->at))
		return read_compare(c);
	char name[NAME_BYTES];
	read_name(c, name);
	if (strcmp(name, "and") == 0)
		return between(c, (struct waiting){.kind = OP_AND, .strength = 2});
	if (strcmp(name, "or") == 0)
		return between(c, (struct waiting){.kind = OP_OR, .strength = 1});
	return fail(E_FORMAT, "'%s' stands where 'and' or 'or' is wanted", name);
}

static enum err
compile(struct compiler *c)
{
	bool operator_next = false;
	enum err e = OK;
	for (skip_blanks(c); e == OK && (*c->at || !operator_next); skip_blanks(c))
		e = operator_next ? read_operator(c, &operator_next)
				  : read_operand(c, &operator_next);
	if (e == OK && c->brackets)
		e = fail(E_FORMAT, "a bracket without its pair");
	while (e == OK && c->waiting_count)
		e = apply(c);
	if (e == OK && c->operand_count != 1)
		e = fail(E_FORMAT, "the expression is not complete");
	return e;
}

enum err
constraint_compile(
	struct constraint **ret, const char *text, const struct constraint_dialect *dialect)
{
	*ret = NULL;
	if (strlen(text) > CONSTRAINT_MAX_BYTES)
		return fail(
			E_FORMAT, "an expression of more than %d bytes", CONSTRAINT_MAX_BYTES);
	OWNED(constraint) struct constraint *x = xcalloc(1, sizeof(*x));
	x->ops = xcalloc(MAX_OPS, sizeof(*x->ops));
	x->only_item = -1;
	struct compiler c = {.dialect = dialect, .at = text, .expr = x};
	enum err e = compile(&c);
	if (e != OK)
		return e;
	x->type = c.operands[0].type;
	if (x->count == 1 && x->ops[0].kind == OP_ITEM)
		x->only_item = (int)x->ops[0].item;
	x->ops = xrealloc(x->ops, x->count, sizeof(*x->ops));
	*ret = take(x);
	return OK;
}
