#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/expr_inside.h"

enum err
value_op(struct compiler *c, struct op op)
{
	struct expr *x = c->expr;
	if (x->count == c->op_room) {
		c->op_room = MAX(2 * c->op_room, (size_t)16);
		x->ops = xrealloc(x->ops, c->op_room, sizeof(*x->ops));
	}
	x->ops[x->count++] = op;
	return OK;
}

enum err
value_push(struct compiler *c, struct op op, struct operand operand)
{
	if (c->operand_count == EXPR_MAX_STACK)
		return fail(E_FORMAT, "more than %d values at one time", EXPR_MAX_STACK);
	operand.first = c->expr->count;
	c->operands[c->operand_count++] = operand;
	return value_op(c, op);
}

/* ---- items ---- */

static void
note_record(struct compiler *c, const char *word)
{
	if (!*c->of_record)
		(void)snprintf(c->of_record, sizeof(c->of_record), "%s", word);
}

enum err
value_find(struct compiler *c, const char *name, size_t *ret_field)
{
	const struct form *f = c->scope->form;
	*ret_field = 0;
	note_record(c, name);
	if (word_is_reserved(name))
		return fail(E_FORMAT, "'%s' cannot stand here", name);
	int at = f ? form_field(f, name) : -1;
	if (at < 0)
		return fail(E_FORMAT, "there is no item '%s'%s%s", name, f ? " in form " : "",
			f ? f->id : "");
	int repeat = f->repeat_count ? f->fields[at].repeat : -1;
	bool here = c->looping ? c->loop == (size_t)repeat : c->scope->repeat == repeat;
	if (repeat >= 0 && !here)
		return fail(E_FORMAT, "%s is inside repeat %s and used outside it", name,
			f->repeats[repeat].name);
	*ret_field = (size_t)at;
	return OK;
}

enum err
value_item(struct compiler *c, const char *name, size_t *ret_field)
{
	enum err e = value_find(c, name, ret_field);
	if (e)
		return e;
	const struct form_field *f = &c->scope->form->fields[*ret_field];
	return value_push(c,
		(struct op){.kind = OP_ITEM,
			.index = *ret_field,
			.inside = c->scope->form->repeat_count && f->repeat >= 0},
		(struct operand){
			.type = record_type(c->scope->form, *ret_field, c->scope->missing),
			.list = f->list,
			.item = true});
}

struct recode *
value_recode(struct compiler *c)
{
	struct expr *x = c->expr;
	x->recodes = xrealloc(x->recodes, x->recode_count + 1, sizeof(struct recode *));
	x->recodes[x->recode_count] = xcalloc(1, sizeof(struct recode));
	return x->recodes[x->recode_count++];
}

/* The code of each place as a number. */
static size_t
key_numbers(struct compiler *c, const struct form_list *list)
{
	struct recode *r = value_recode(c);
	r->to = xcalloc(list->count + 1, sizeof(*r->to));
	for (size_t i = 0; i < list->count; i++)
		r->to[i] = strtod(list->choices[i].code, NULL);
	return c->expr->recode_count - 1;
}

enum err
value_key(struct compiler *c)
{
	const struct expr_scope *s = c->scope;
	note_record(c, "key");
	if (!s->form || s->key < 0)
		return fail(E_FORMAT, "'key' stands for a code of 'by', a select_multiple");
	const struct form_field *f = &s->form->fields[s->key];
	bool numeric = true;
	int64_t n;
	for (size_t i = 0; i < f->list->count; i++)
		if (!missing_is_code(s->missing, s->form->id, f->list->choices[i].code, NULL))
			numeric = numeric && text_int(view_text(f->list->choices[i].code), &n);
	size_t numbers = numeric ? key_numbers(c, f->list) : SIZE_MAX;
	enum err e = value_push(c, (struct op){.kind = OP_KEY, .index = numbers},
		(struct operand){.type = numeric ? EXPR_NUMBER : EXPR_CODE,
			.list = f->list,
			.item = true});
	return e ? e : word_next(c);
}

/* ---- other indicators ---- */

static size_t
keep_reference(struct expr *x, const struct expr_reference *r)
{
	for (size_t i = 0; i < x->reference_count; i++)
		if (x->references[i].indicator == r->indicator &&
			x->references[i].statistic == r->statistic &&
			x->references[i].over_keys == r->over_keys)
			return i;
	x->references = xrealloc(x->references, x->reference_count + 1, sizeof(*x->references));
	x->references[x->reference_count] = *r;
	return x->reference_count++;
}

enum err
value_reference(struct compiler *c)
{
	const struct expr_scope *s = c->scope;
	struct expr_reference r = {.type = EXPR_NUMBER};
	char id[EXPR_NAME_BYTES], statistic[EXPR_NAME_BYTES] = "";
	(void)snprintf(id, sizeof(id), "%s", c->word.text);
	enum err e = word_next(c);
	bool dot = !e && word_is(c, '.');
	if (dot)
		e = word_next(c);
	if (!e && dot && c->word.kind != WORD_NAME)
		e = fail(E_FORMAT, "a statistic is wanted behind '%s.'", id);
	if (!e && dot) {
		(void)snprintf(statistic, sizeof(statistic), "%s", c->word.text);
		e = word_next(c);
	}
	if (!e && !s->find)
		e = fail(E_FORMAT, "'%s': other indicators cannot be named here", id);
	if (!e)
		e = s->find(s->context, id, dot ? statistic : NULL, &r);
	if (e)
		return e;
	r.over_keys = c->looping && c->loop == EXPR_KEYS;
	if (dot)
		c->expr->cell = true;
	else
		note_record(c, id);
	return value_push(c,
		(struct op){.kind = OP_REFERENCE, .index = keep_reference(c->expr, &r)},
		(struct operand){.type = r.type, .list = r.list});
}

/* ---- codes ---- */

enum err
value_signed(struct compiler *c, double *ret)
{
	bool minus = word_is(c, '-');
	*ret = 0;
	enum err e = minus ? word_next(c) : OK;
	if (e)
		return e;
	if (c->word.kind != WORD_NUMBER)
		return fail(E_FORMAT, "a number is wanted before '%s'", word_shown(c));
	*ret = minus ? -c->word.number : c->word.number;
	return word_next(c);
}

enum err
value_place(struct compiler *c, const struct form_list *list, const char *code, int *ret)
{
	const char *form = c->scope->form ? c->scope->form->id : "";
	*ret = list ? form_choice(list, code) : -1;
	if (*ret < 0)
		return fail(E_FORMAT, "'%s' is not a choice of the list %s", code,
			list ? list->name : "");
	if (missing_is_code(c->scope->missing, form, code, NULL))
		return fail(E_FORMAT, "'%s' is a missing code of the list %s: use missing()",
			code, list->name);
	return OK;
}

enum err
value_place_number(struct compiler *c, const struct form_list *list, double number)
{
	int place;
	OWNED_MEM char *code = xasprintf("%.15g", number);
	for (size_t i = 0; i < list->count; i++) {
		int64_t n;
		const char *other = list->choices[i].code;
		if (text_int(view_text(other), &n) && (double)n == number)
			return value_place(c, list, other, &place);
	}
	return fail(E_FORMAT, "%s is not a choice of the list %s", code, list->name);
}

bool
value_same_codes(const struct form_list *a, const struct form_list *b)
{
	if (a == b || !a || !b || a->count != b->count)
		return a == b;
	/* Places are compared, so the order counts, too. */
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->choices[i].code, b->choices[i].code) != 0)
			return false;
	return strcmp(a->name, b->name) == 0;
}
