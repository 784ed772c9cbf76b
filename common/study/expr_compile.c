#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/expr_inside.h"

/* How strongly operators bind. */
enum strength { OPEN, OR, AND, NOT, COMPARISON, ADDITION, PRODUCT, SIGN };

static enum err
wait_for(struct compiler *c, struct waiting w)
{
	if (c->waiting_count == EXPR_MAX_STACK)
		return fail(E_FORMAT, "the expression is too deep");
	c->waiting[c->waiting_count++] = w;
	return word_next(c);
}

static int
strength_before(const struct compiler *c)
{
	return c->waiting_count ? c->waiting[c->waiting_count - 1].strength : OPEN;
}

/* ---- where a value is wanted ---- */

static enum err
read_literal(struct compiler *c)
{
	struct operand o = {.literal = true};
	bool number = c->word.kind == WORD_NUMBER;
	o.type = number ? EXPR_NUMBER : EXPR_CODE;
	if (!number)
		(void)snprintf(o.code, sizeof(o.code), "%s", c->word.text);
	enum err e = value_push(
		c, (struct op){.kind = OP_NUMBER, .number = number ? c->word.number : 0}, o);
	return e ? e : word_next(c);
}

static enum err
read_name(struct compiler *c, bool *ret_operator_next)
{
	char name[EXPR_NAME_BYTES];
	size_t field;
	*ret_operator_next = true;
	if (word_is_name(c, "not")) {
		*ret_operator_next = false;
		if (strength_before(c) > NOT)
			return fail(E_FORMAT, "'not' stands where a value is wanted");
		return wait_for(c, (struct waiting){.kind = OP_NOT, .strength = NOT});
	}
	if (word_is_name(c, "key"))
		return value_key(c);
	(void)snprintf(name, sizeof(name), "%s", c->word.text);
	enum err e = word_next(c);
	if (!e && word_is(c, '(')) {
		e = word_next(c);
		return e ? e : call_open(c, name, ret_operator_next);
	}
	return e ? e : value_item(c, name, &field);
}

static enum err
read_value(struct compiler *c, bool *ret_operator_next)
{
	*ret_operator_next = true;
	switch (c->word.kind) {
	case WORD_NUMBER:
	case WORD_CODE:
		return read_literal(c);
	case WORD_INDICATOR:
		return value_reference(c);
	case WORD_NAME:
		return read_name(c, ret_operator_next);
	case WORD_END:
		return fail(E_FORMAT, "the expression is not complete");
	case WORD_SIGN:
		break;
	}
	*ret_operator_next = false;
	if (word_is(c, '('))
		return wait_for(c, (struct waiting){.call = CALL_NONE});
	if (word_is(c, '-'))
		return wait_for(c, (struct waiting){.kind = OP_NEGATE, .strength = SIGN});
	return fail(E_FORMAT, "a value is wanted before '%s'", word_shown(c));
}

/* ---- where an operator is wanted ---- */

/* Applies what waits and binds at least so strongly. */
static enum err
settle(struct compiler *c, int strength)
{
	enum err e = OK;
	while (!e && strength_before(c) > OPEN && strength_before(c) >= strength)
		e = type_apply(c);
	return e;
}

static const struct {
	char sign;
	struct waiting waiting;
} signs[] = {
	{'+', {.kind = OP_ADD, .strength = ADDITION}},
	{'-', {.kind = OP_SUBTRACT, .strength = ADDITION}},
	{'*', {.kind = OP_MULTIPLY, .strength = PRODUCT}},
	{'/', {.kind = OP_DIVIDE, .strength = PRODUCT}},
	{'=', {.kind = OP_COMPARE, .compare = EQUAL, .strength = COMPARISON}},
	{SIGN_DIFFERENT, {.kind = OP_COMPARE, .compare = DIFFERENT, .strength = COMPARISON}},
	{'<', {.kind = OP_COMPARE, .compare = LESS, .strength = COMPARISON}},
	{SIGN_AT_MOST, {.kind = OP_COMPARE, .compare = AT_MOST, .strength = COMPARISON}},
	{'>', {.kind = OP_COMPARE, .compare = MORE, .strength = COMPARISON}},
	{SIGN_AT_LEAST, {.kind = OP_COMPARE, .compare = AT_LEAST, .strength = COMPARISON}},
};

static bool
find_operator(const struct compiler *c, struct waiting *ret)
{
	*ret = (struct waiting){.kind = OP_AND, .strength = AND};
	if (word_is_name(c, "and"))
		return true;
	*ret = (struct waiting){.kind = OP_OR, .strength = OR};
	if (word_is_name(c, "or"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		if (!word_is(c, signs[i].sign))
			continue;
		*ret = signs[i].waiting;
		return true;
	}
	return false;
}

/* What ends an argument or a bracket. */
static enum err
read_end(struct compiler *c, bool *ret_operator_next)
{
	*ret_operator_next = word_is(c, ')') || word_is(c, ';');
	enum err e = settle(c, OPEN);
	if (!e && !c->waiting_count)
		e = fail(E_FORMAT, "'%s' without a bracket before it", word_shown(c));
	if (e)
		return e;
	if (word_is(c, ')'))
		return call_close(c, 0);
	if (word_is(c, ';'))
		return call_option(c);
	e = call_argument(c);
	return e ? e : word_next(c);
}

static enum err
read_operator(struct compiler *c, bool *ret_operator_next)
{
	struct waiting w;
	if (word_is(c, ')') || word_is(c, ',') || word_is(c, ';'))
		return read_end(c, ret_operator_next);
	*ret_operator_next = false;
	if (!find_operator(c, &w))
		return fail(E_FORMAT, "an operator is wanted before '%s'", word_shown(c));
	enum err e = settle(c, w.strength);
	return e ? e : wait_for(c, w);
}

/* ---- the whole ---- */

static enum err
check_whole(struct compiler *c)
{
	const struct operand *o = &c->operands[0];
	if (c->waiting_count)
		return fail(E_FORMAT, "a bracket without its pair");
	if (c->operand_count != 1)
		return fail(E_FORMAT, "the expression is not complete");
	if (o->literal && o->type == EXPR_CODE)
		return fail(E_FORMAT, "a quoted code is no derivation");
	if (c->expr->cell && *c->of_record)
		return fail(E_FORMAT,
			"'%s' cannot stand beside statistics: they join figures, not answers",
			c->of_record);
	return OK;
}

static enum err
compile(struct compiler *c)
{
	bool operator_next = false;
	enum err e = word_next(c);
	while (!e && (c->word.kind != WORD_END || !operator_next))
		e = operator_next ? read_operator(c, &operator_next)
				  : read_value(c, &operator_next);
	if (!e)
		e = settle(c, OPEN);
	return e ? e : check_whole(c);
}

enum err
expr_compile(struct expr **ret, const char *text, const struct expr_scope *scope)
{
	*ret = NULL;
	if (strlen(text) > EXPR_MAX_BYTES)
		return fail(E_FORMAT, "an expression of more than %d bytes", EXPR_MAX_BYTES);
	OWNED(expr) struct expr *x = xcalloc(1, sizeof(*x));
	OWNED_MEM struct compiler *c = xcalloc(1, sizeof(*c));
	c->scope = scope;
	c->expr = x;
	c->at = text;
	enum err e = compile(c);
	if (e)
		return e;
	x->type = c->operands[0].type;
	x->list = c->operands[0].list;
	*ret = take(x);
	return OK;
}

void
expr_free(struct expr *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->recode_count; i++) {
		struct recode *r = x->recodes[i];
		for (size_t k = 0; k < r->list.count; k++) {
			free(r->list.choices[k].code);
			free(r->list.choices[k].label);
		}
		free(r->list.choices);
		free(r->list.name);
		free(r->from);
		free(r->to);
		free(r);
	}
	free(x->recodes);
	free(x->references);
	free(x->parts);
	free(x->ops);
	free(x);
}

/* ---- what is known of it ---- */

enum expr_type
expr_type_of(const struct expr *x)
{
	return x->type;
}

bool
expr_is_cell(const struct expr *x)
{
	return x->cell;
}

const struct form_list *
expr_list(const struct expr *x)
{
	return x->list;
}

bool
expr_is_bare(const struct expr *x)
{
	return x->count == 1 && !x->plain_value && x->ops[0].kind != OP_COUNT &&
	       x->ops[0].kind != OP_CHOSEN && !(x->ops[0].kind == OP_REFERENCE && x->cell);
}

bool
expr_uses(const struct expr *x, size_t field)
{
	for (size_t i = 0; i < x->count; i++)
		if ((x->ops[i].kind == OP_ITEM || x->ops[i].kind == OP_CHOSEN) &&
			x->ops[i].index == field)
			return true;
	return false;
}

bool
expr_reverses(const struct expr *x, size_t field)
{
	for (size_t i = 0; i + 1 < x->count; i++)
		if (x->ops[i].kind == OP_ITEM && x->ops[i].index == field &&
			x->ops[i + 1].kind == OP_REVERSE)
			return true;
	return false;
}

bool
expr_uses_key(const struct expr *x)
{
	for (size_t i = 0; i < x->count; i++)
		if (x->ops[i].kind == OP_KEY ||
			(x->ops[i].kind == OP_CHOSEN && x->ops[i].place < 0))
			return true;
	return false;
}

bool
expr_scales(const struct expr *x)
{
	return x->scales;
}

bool
expr_repeats(const struct expr *x)
{
	for (size_t i = 0; i < x->count; i++)
		if (x->ops[i].kind == OP_LOOP || x->ops[i].kind == OP_COUNT)
			return true;
	return false;
}

bool
expr_subtracts(const struct expr *x)
{
	return x->ops[x->count - 1].kind == OP_SUBTRACT;
}

bool
expr_is_difference(const struct expr *x)
{
	return x->count == 3 && x->reference_count == 2 && x->ops[0].kind == OP_REFERENCE &&
	       x->ops[1].kind == OP_REFERENCE && x->ops[2].kind == OP_SUBTRACT && x->cell;
}

const struct expr_reference *
expr_references(const struct expr *x, size_t *ret_count)
{
	*ret_count = x->reference_count;
	return x->references;
}

size_t
expr_part_count(const struct expr *x)
{
	bool whole = x->count && x->ops[x->count - 1].kind == OP_MEAN && x->parts &&
		     x->parts[0].from == 0;
	return whole ? x->part_count : 0;
}
