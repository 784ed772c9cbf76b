#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/expr_inside.h"

#define SHARE_SLACK 1e-9 /* of a share times a number of arguments, both exact in the text */

static const char *const names[] = {[CALL_NONE] = "",
	[CALL_MEAN] = "mean",
	[CALL_SUM] = "sum",
	[CALL_RATIO] = "ratio",
	[CALL_ANY] = "any",
	[CALL_EVERY] = "every",
	[CALL_COUNT] = "count",
	[CALL_PICK] = "pick"};

static struct operand *
last(struct compiler *c)
{
	return &c->operands[c->operand_count - 1];
}

static void
note_record(struct compiler *c, const char *name)
{
	if (!*c->of_record)
		(void)snprintf(c->of_record, sizeof(c->of_record), "%s()", name);
}

/* ---- functions of one item ---- */

static enum err
read_item(struct compiler *c, const char *who, bool push, size_t *ret_field)
{
	char name[EXPR_NAME_BYTES];
	*ret_field = 0;
	if (c->word.kind != WORD_NAME)
		return fail(E_FORMAT, "%s() takes an item, not '%s'", who, word_shown(c));
	(void)snprintf(name, sizeof(name), "%s", c->word.text);
	enum err e = word_next(c);
	if (!e)
		e = push ? value_item(c, name, ret_field) : value_find(c, name, ret_field);
	return e;
}

static enum err
open_value(struct compiler *c)
{
	size_t field;
	enum err e = read_item(c, "value", true, &field);
	if (!e && (last(c)->type == EXPR_TEXT || last(c)->type == EXPR_CODES))
		e = fail(E_FORMAT, "%s: no words and no several codes can be a figure",
			c->scope->form->fields[field].name);
	c->expr->plain_value = true;
	return e ? e : word_expect(c, ')');
}

static enum err
open_missing(struct compiler *c)
{
	size_t field;
	enum err e = c->word.kind == WORD_INDICATOR ? value_reference(c)
						    : read_item(c, "missing", true, &field);
	note_record(c, "missing");
	if (!e)
		e = value_op(c, (struct op){.kind = OP_MISSING});
	if (e)
		return e;
	*last(c) = (struct operand){.type = EXPR_BOOL, .first = last(c)->first};
	return word_expect(c, ')');
}

static enum err
check_ends(struct compiler *c, const struct form_field *f, double lo, double hi)
{
	double least = (double)INFINITY, most = -(double)INFINITY;
	for (size_t i = 0; f->list && i < f->list->count; i++) {
		const char *code = f->list->choices[i].code;
		if (missing_is_code(c->scope->missing, c->scope->form->id, code, NULL))
			continue;
		double n = strtod(code, NULL);
		least = fmin(least, n);
		most = fmax(most, n);
	}
	if (f->list && (lo != least || hi != most))
		return fail(E_FORMAT, "%s runs from %g to %g", f->name, least, most);
	return lo < hi ? OK : fail(E_FORMAT, "rev(): the ends are the wrong way round");
}

static enum err
open_rev(struct compiler *c)
{
	size_t field;
	double lo = 0, hi = 0;
	enum err e = read_item(c, "rev", true, &field);
	if (!e)
		e = type_need(last(c), EXPR_NUMBER, "rev()");
	if (!e)
		e = word_expect(c, ',');
	if (!e)
		e = value_signed(c, &lo);
	if (!e)
		e = word_expect(c, ',');
	if (!e)
		e = value_signed(c, &hi);
	if (!e)
		e = check_ends(c, &c->scope->form->fields[field], lo, hi);
	if (!e)
		e = value_op(c, (struct op){.kind = OP_REVERSE, .number = lo + hi});
	if (e)
		return e;
	*last(c) = (struct operand){.type = EXPR_NUMBER, .first = last(c)->first};
	return word_expect(c, ')');
}

static enum err
read_choice(struct compiler *c, size_t field, int *ret)
{
	const struct form_field *f = &c->scope->form->fields[field];
	*ret = -1;
	if (word_is_name(c, "key") && c->scope->key == (int)field)
		return word_next(c);
	if (c->word.kind != WORD_CODE)
		return fail(E_FORMAT,
			"chosen() takes a quoted code, or the key when by is the same item");
	enum err e = value_place(c, f->list, c->word.text, ret);
	return e ? e : word_next(c);
}

static enum err
open_chosen(struct compiler *c)
{
	size_t field;
	int place = -1;
	const struct form *f = c->scope->form;
	enum err e = read_item(c, "chosen", false, &field);
	if (!e && record_type(f, field, c->scope->missing) != EXPR_CODES)
		e = fail(E_FORMAT, "chosen() asks a select_multiple");
	if (!e)
		e = word_expect(c, ',');
	if (!e)
		e = read_choice(c, field, &place);
	if (!e)
		e = value_push(c,
			(struct op){.kind = OP_CHOSEN,
				.index = field,
				.place = place,
				.inside = f->repeat_count && f->fields[field].repeat >= 0},
			(struct operand){.type = EXPR_BOOL});
	return e ? e : word_expect(c, ')');
}

/* ---- calls with arguments ---- */

static enum err
open_arguments(struct compiler *c, enum call call)
{
	if (c->waiting_count == EXPR_MAX_STACK)
		return fail(E_FORMAT, "the expression is too deep");
	c->waiting[c->waiting_count++] = (struct waiting){
		.call = call, .operands = c->operand_count, .first = c->expr->count};
	return OK;
}

static enum err
find_repeat(struct compiler *c, const char *who, size_t *ret)
{
	const struct form *f = c->scope->form;
	*ret = EXPR_KEYS;
	if (word_is_name(c, "keys") && strcmp(who, "count") == 0) {
		c->expr->cell = true;
		return word_next(c);
	}
	note_record(c, who);
	if (c->word.kind != WORD_NAME || word_is_reserved(c->word.text))
		return fail(E_FORMAT, "%s() goes over a repeat, not '%s'", who, word_shown(c));
	for (size_t i = 0; f && i < f->repeat_count; i++)
		if (strcmp(f->repeats[i].name, c->word.text) == 0)
			*ret = i;
	if (*ret == EXPR_KEYS)
		return fail(E_FORMAT, "there is no repeat '%s'", c->word.text);
	return word_next(c);
}

static enum err
open_loop(struct compiler *c, enum call call, bool *ret_operator_next)
{
	static const enum loop loops[] = {[CALL_ANY] = LOOP_ANY,
		[CALL_EVERY] = LOOP_EVERY,
		[CALL_COUNT] = LOOP_COUNT,
		[CALL_PICK] = LOOP_PICK};
	size_t over;
	if (c->looping || c->scope->repeat >= 0)
		return fail(E_FORMAT, "%s() stands inside a repeat", names[call]);
	enum err e = find_repeat(c, names[call], &over);
	*ret_operator_next = !e && call == CALL_COUNT && over != EXPR_KEYS && word_is(c, ')');
	if (*ret_operator_next) {
		e = value_push(c, (struct op){.kind = OP_COUNT, .index = over},
			(struct operand){.type = EXPR_NUMBER});
		return e ? e : word_next(c);
	}
	if (!e)
		e = word_expect(c, ',');
	if (!e)
		e = open_arguments(c, call);
	if (e)
		return e;
	c->looping = true;
	c->loop = over;
	return value_op(c, (struct op){.kind = OP_LOOP, .loop = loops[call], .index = over});
}

enum err
call_open(struct compiler *c, const char *name, bool *ret_operator_next)
{
	static const struct {
		const char *name;
		enum err (*open)(struct compiler *c);
	} plain[] = {{"value", open_value}, {"missing", open_missing}, {"rev", open_rev},
		{"chosen", open_chosen}, {"recode", call_recode}};
	*ret_operator_next = true;
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (strcmp(plain[i].name, name) == 0)
			return plain[i].open(c);
	*ret_operator_next = false;
	for (enum call call = CALL_MEAN; call <= CALL_PICK; call++) {
		if (strcmp(names[call], name) != 0)
			continue;
		if (call >= CALL_ANY)
			return open_loop(c, call, ret_operator_next);
		if (call != CALL_RATIO)
			note_record(c, name);
		return open_arguments(c, call);
	}
	return fail(E_FORMAT, "there is no function %s()", name);
}

enum err
call_argument(struct compiler *c)
{
	struct waiting *w = &c->waiting[c->waiting_count - 1];
	if (w->call == CALL_NONE)
		return fail(E_FORMAT, "a comma outside the brackets of a function");
	w->arguments++;
	if (w->call == CALL_ANY || w->call == CALL_EVERY || w->call == CALL_COUNT ||
		(w->call == CALL_PICK && w->arguments > 1))
		return fail(E_FORMAT, "%s() has too many arguments", names[w->call]);
	if (w->call != CALL_PICK)
		return OK;
	enum err e = type_need(last(c), EXPR_BOOL, "the condition of pick()");
	if (e)
		return e;
	c->operand_count--;
	return value_op(c, (struct op){.kind = OP_PICK, .jump = w->first});
}

/* ---- the end of a call ---- */

static void
keep_parts(struct compiler *c, const struct waiting *w)
{
	struct expr *x = c->expr;
	x->part_count = c->operand_count - w->operands;
	x->parts = xrealloc(x->parts, x->part_count, sizeof(*x->parts));
	for (size_t i = 0; i < x->part_count; i++) {
		bool is_last = i + 1 == x->part_count;
		x->parts[i] = (struct expr_piece){c->operands[w->operands + i].first,
			is_last ? x->count : c->operands[w->operands + i + 1].first};
	}
}

static enum err
close_numbers(struct compiler *c, const struct waiting *w, size_t least)
{
	size_t count = c->operand_count - w->operands;
	for (size_t i = w->operands; i < c->operand_count; i++) {
		enum err e = type_need(&c->operands[i], EXPR_NUMBER, names[w->call]);
		if (e)
			return e;
	}
	if (w->call == CALL_RATIO && count != 2)
		return fail(E_FORMAT, "ratio() takes two arguments");
	if (w->call == CALL_MEAN)
		keep_parts(c, w);
	c->operand_count = w->operands + 1;
	*last(c) = (struct operand){.type = EXPR_NUMBER, .first = w->first};
	if (w->call == CALL_RATIO)
		return value_op(c, (struct op){.kind = OP_DIVIDE});
	return value_op(c, (struct op){.kind = w->call == CALL_MEAN ? OP_MEAN : OP_SUM,
				   .index = count,
				   .least = least ? least : count});
}

static enum err
close_loop(struct compiler *c, const struct waiting *w)
{
	struct operand *o = last(c);
	enum err e = OK;
	if (w->call != CALL_PICK)
		e = type_need(o, EXPR_BOOL, "a condition");
	else if (w->arguments != 1)
		e = fail(E_FORMAT, "pick() takes a repeat, a condition and an expression");
	else if (o->type == EXPR_TEXT || o->type == EXPR_CODES ||
		 (o->type == EXPR_CODE && o->literal))
		e = fail(E_FORMAT, "pick() gives a number, a code, a date or a condition");
	if (e)
		return e;
	struct operand result = {.type = EXPR_BOOL, .first = w->first};
	if (w->call == CALL_COUNT)
		result.type = EXPR_NUMBER;
	if (w->call == CALL_PICK) {
		result.type = o->type;
		result.list = o->list;
	}
	*o = result;
	c->looping = false;
	c->expr->ops[w->first].jump = c->expr->count;
	return value_op(c,
		(struct op){
			.kind = OP_END, .loop = c->expr->ops[w->first].loop, .jump = w->first});
}

enum err
call_close(struct compiler *c, size_t least)
{
	const struct waiting w = c->waiting[--c->waiting_count];
	enum err e = OK;
	if (w.call == CALL_MEAN || w.call == CALL_SUM || w.call == CALL_RATIO)
		e = close_numbers(c, &w, least);
	else if (w.call != CALL_NONE)
		e = close_loop(c, &w);
	return e ? e : word_next(c);
}

enum err
call_option(struct compiler *c)
{
	const struct waiting *w = &c->waiting[c->waiting_count - 1];
	size_t count = c->operand_count - w->operands;
	enum err e = word_next(c);
	bool share = !e && word_is_name(c, "min");
	if (!e && (w->call > CALL_SUM || w->call == CALL_NONE ||
			  (!share && !word_is_name(c, "need"))))
		e = fail(E_FORMAT, "only mean() and sum() have '; min=' or '; need='");
	if (!e)
		e = word_next(c);
	if (!e)
		e = word_expect(c, '=');
	if (!e && c->word.kind != WORD_NUMBER)
		e = fail(E_FORMAT, "a number is wanted before '%s'", word_shown(c));
	if (e)
		return e;
	double n = c->word.number;
	if (share && !(n > 0 && n <= 1))
		return fail(E_FORMAT, "min is a share above 0 and up to 1");
	if (!share && !(n >= 1 && n <= (double)count && n == floor(n)))
		return fail(E_FORMAT, "need is a whole number from 1 to %zu", count);
	double least = share ? ceil(n * (double)count - SHARE_SLACK) : n;
	c->expr->scales = true;
	e = word_next(c);
	if (!e && !word_is(c, ')'))
		e = fail(E_FORMAT, "')' is wanted before '%s'", word_shown(c));
	return e ? e : call_close(c, (size_t)fmax(least, 1));
}
