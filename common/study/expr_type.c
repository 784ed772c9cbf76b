#include <math.h>
#include <string.h>

#include "common/study/expr_inside.h"

static const char *
type_word(enum expr_type type)
{
	static const char *const words[] = {"", "a number", "a code", "a text", "a condition",
		"an answer with several codes", "a date"};
	return words[type];
}

enum err
type_need(const struct operand *o, enum expr_type type, const char *who)
{
	if (o->literal && o->type == EXPR_CODE)
		return fail(E_FORMAT,
			"'%s': a quoted code stands beside = or !=, or in chosen() and "
			"recode()",
			o->code);
	if (o->type != type)
		return fail(E_FORMAT, "%s takes %s, this is %s", who, type_word(type),
			type_word(o->type));
	return OK;
}

/* ---- comparison ---- */

/* A quoted code beside an item gets its place in the item's list. */
static enum err
settle_code(struct compiler *c, const struct operand *item, struct operand *code)
{
	int place;
	if (item->literal)
		return fail(E_FORMAT, "two quoted codes are compared");
	if (item->type == EXPR_NUMBER)
		return fail(
			E_FORMAT, "a number is compared with the quoted code '%s'", code->code);
	if (item->type != EXPR_CODE || !item->item)
		return fail(E_FORMAT, "'%s': a quoted code is compared with an item only",
			code->code);
	enum err e = value_place(c, item->list, code->code, &place);
	if (e)
		return e;
	c->expr->ops[code->first].number = place;
	code->list = item->list;
	code->literal = false;
	code->item = true;
	return OK;
}

static enum err
check_numbers(struct compiler *c, const struct operand *a, const struct operand *b)
{
	const struct operand *item = a->literal ? b : a;
	const struct operand *other = a->literal ? a : b;
	if (!item->item || !item->list || !other->literal)
		return OK;
	return value_place_number(c, item->list, c->expr->ops[other->first].number);
}

static enum err
check_compare(struct compiler *c, enum compare compare, struct operand *a, struct operand *b)
{
	bool order = compare != EQUAL && compare != DIFFERENT;
	bool code_a = a->literal && a->type == EXPR_CODE;
	bool code_b = b->literal && b->type == EXPR_CODE;
	if (a->type == EXPR_BOOL || b->type == EXPR_BOOL)
		return fail(E_FORMAT, "a condition is compared; comparisons do not chain");
	if (order && (a->type == EXPR_CODE || b->type == EXPR_CODE))
		return fail(E_FORMAT, "codes have no order");
	if (code_a || code_b) {
		enum err e = code_b ? settle_code(c, a, b) : settle_code(c, b, a);
		if (e)
			return e;
	}
	if (a->type != b->type || a->type == EXPR_TEXT || a->type == EXPR_CODES)
		return fail(E_FORMAT, "%s is compared with %s", type_word(a->type),
			type_word(b->type));
	if (a->type == EXPR_CODE && (!a->item || !b->item))
		return fail(E_FORMAT, "codes are compared between items only");
	if (a->type == EXPR_CODE && !value_same_codes(a->list, b->list))
		return fail(E_FORMAT, "the two items have different choice lists, %s and %s",
			a->list->name, b->list->name);
	return order || a->type != EXPR_NUMBER ? OK : check_numbers(c, a, b);
}

/* ---- operators ---- */

static bool
is_arithmetic(enum op_kind kind)
{
	return kind == OP_NEGATE || kind == OP_ADD || kind == OP_SUBTRACT ||
	       kind == OP_MULTIPLY || kind == OP_DIVIDE;
}

static enum err
check_sides(struct compiler *c, const struct waiting *w, struct operand *a, struct operand *b)
{
	if (w->kind == OP_COMPARE)
		return check_compare(c, w->compare, a, b);
	bool numbers = is_arithmetic(w->kind);
	const char *who = numbers ? "arithmetic" : "and, or, not";
	enum err e = type_need(a, numbers ? EXPR_NUMBER : EXPR_BOOL, who);
	return e ? e : type_need(b, numbers ? EXPR_NUMBER : EXPR_BOOL, who);
}

enum err
type_apply(struct compiler *c)
{
	const struct waiting w = c->waiting[--c->waiting_count];
	size_t sides = w.kind == OP_NOT || w.kind == OP_NEGATE ? 1 : 2;
	if (c->operand_count < sides)
		return fail(E_FORMAT, "the expression is not complete");
	struct operand *a = &c->operands[c->operand_count - sides];
	struct operand *b = &c->operands[c->operand_count - 1];
	enum err e = check_sides(c, &w, a, b);
	if (e)
		return e;
	c->operand_count -= sides - 1;
	/* -2 is a number as it stands, so that it can be held against a choice list. */
	if (w.kind == OP_NEGATE && a->literal) {
		c->expr->ops[a->first].number *= -1;
		return OK;
	}
	*a = (struct operand){
		.type = is_arithmetic(w.kind) ? EXPR_NUMBER : EXPR_BOOL, .first = a->first};
	return value_op(c, (struct op){.kind = w.kind, .compare = w.compare});
}
