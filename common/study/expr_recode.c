#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/expr_inside.h"

#define NO_TYPE ((enum expr_type)0)

/* A recode being read. */
struct recoding {
	struct compiler *c;
	struct recode *to;
	const struct form_field *item;
	enum expr_type item_type;
	enum expr_type type; /* of what comes out; NO_TYPE at first */
};

static void
add_pair(struct recode *r, double from, double to)
{
	r->from = xrealloc(r->from, r->count + 1, sizeof(*r->from));
	r->to = xrealloc(r->to, r->count + 1, sizeof(*r->to));
	r->from[r->count] = from;
	r->to[r->count++] = to;
}

/* The place of a code among those that come out; adds it when it is new. */
static double
code_out(struct recode *r, const char *code)
{
	struct form_list *l = &r->list;
	int place = form_choice(l, code);
	if (place >= 0)
		return place;
	l->choices = xrealloc(l->choices, l->count + 1, sizeof(*l->choices));
	l->choices[l->count] =
		(struct form_choice){.code = xstrdup(code), .label = xstrdup(code)};
	return (double)l->count++;
}

/* ---- by a column of the choices ---- */

static enum err
by_column(struct recoding *r)
{
	const char *column = r->c->word.text;
	const struct form_list *l = r->item->list;
	size_t at = 0;
	while (l && at < l->column_count && strcmp(l->columns[at], column) != 0)
		at++;
	if (!l || at == l->column_count || strncmp(column, "weir_", 5) != 0)
		return fail(E_FORMAT, "the choices of %s have no column '%s' of ours, weir_...",
			r->item->name, column);
	r->to->by_place = true;
	r->to->list.name = xasprintf("%s.%s", l->name, column);
	for (size_t i = 0; i < l->count; i++) {
		const char *cell = l->choices[i].more ? l->choices[i].more[at] : "";
		if (*cell)
			add_pair(r->to, (double)i, code_out(r->to, cell));
	}
	if (!r->to->count)
		return fail(E_FORMAT, "the column %s is empty for %s", column, r->item->name);
	r->type = EXPR_CODE;
	return word_next(r->c);
}

/* ---- by pairs ---- */

static enum err
read_from(struct recoding *r, double *ret)
{
	struct compiler *c = r->c;
	int place;
	*ret = 0;
	if (c->word.kind == WORD_CODE) {
		if (r->item_type != EXPR_CODE)
			return fail(E_FORMAT, "%s has no quoted codes", r->item->name);
		enum err e = value_place(c, r->item->list, c->word.text, &place);
		*ret = e ? 0 : place;
		return e ? e : word_next(c);
	}
	if (r->item_type != EXPR_NUMBER)
		return fail(E_FORMAT, "%s is no number: a quoted code is wanted before '%s'",
			r->item->name, word_shown(c));
	enum err e = value_signed(c, ret);
	if (!e && r->item->list)
		e = value_place_number(c, r->item->list, *ret);
	return e;
}

static enum err
read_to(struct recoding *r, double *ret)
{
	struct compiler *c = r->c;
	enum expr_type type = c->word.kind == WORD_CODE ? EXPR_CODE : EXPR_NUMBER;
	*ret = 0;
	if (r->type != NO_TYPE && r->type != type)
		return fail(E_FORMAT, "recode() gives codes or numbers, not both");
	r->type = type;
	if (type == EXPR_NUMBER)
		return value_signed(c, ret);
	*ret = code_out(r->to, c->word.text);
	return word_next(c);
}

static enum err
read_pair(struct recoding *r)
{
	double from = 0, to = 0;
	struct recode *out = r->to;
	out->has_other = word_is_name(r->c, "else");
	enum err e = OK;
	if (out->has_other && !out->count)
		e = fail(E_FORMAT, "else alone recodes nothing");
	if (!e)
		e = out->has_other ? word_next(r->c) : read_from(r, &from);
	if (!e)
		e = word_expect(r->c, SIGN_ARROW);
	if (!e)
		e = read_to(r, &to);
	if (e)
		return e;
	if (out->has_other)
		out->other = to;
	else
		add_pair(out, from, to);
	return OK;
}

static enum err
by_pairs(struct recoding *r)
{
	r->to->list.name = xstrdup(r->item->name);
	enum err e = read_pair(r);
	while (!e && !r->to->has_other && word_is(r->c, ',')) {
		e = word_next(r->c);
		if (!e)
			e = read_pair(r);
	}
	return e;
}

enum err
call_recode(struct compiler *c)
{
	char name[EXPR_NAME_BYTES];
	size_t field;
	if (c->word.kind != WORD_NAME)
		return fail(E_FORMAT, "recode() takes an item, not '%s'", word_shown(c));
	(void)snprintf(name, sizeof(name), "%s", c->word.text);
	enum err e = word_next(c);
	if (!e)
		e = value_item(c, name, &field);
	if (!e)
		e = word_expect(c, ',');
	if (e)
		return e;
	struct operand *o = &c->operands[c->operand_count - 1];
	size_t index = c->expr->recode_count;
	struct recoding r = {.c = c,
		.to = value_recode(c),
		.item = &c->scope->form->fields[field],
		.item_type = o->type};
	bool column = c->word.kind == WORD_NAME && !word_is_name(c, "else");
	if (column && o->type != EXPR_CODE && o->type != EXPR_NUMBER)
		return fail(E_FORMAT, "recode() takes one choice or a number");
	e = column ? by_column(&r) : by_pairs(&r);
	if (!e)
		e = value_op(c, (struct op){.kind = OP_RECODE, .index = index});
	if (e)
		return e;
	*o = (struct operand){.type = r.type,
		.list = r.type == EXPR_CODE ? &r.to->list : NULL,
		.first = o->first};
	return word_expect(c, ')');
}
