#include "common/study/expr.h"

#include <math.h>
#include <stdlib.h>

#include "common/study/expr_ops.h"

/* The loop at hand: there is one at most. */
struct turning {
	size_t at;
	size_t count;
	struct expr_value kept; /* the result so far */
};

struct machine {
	const struct expr *expr;
	const struct expr_env *env;
	size_t next; /* op */
	size_t instance;
	const struct expr_value *row; /* of references */
	struct turning turning;
	size_t depth;
	struct expr_value stack[EXPR_MAX_STACK];
};

/* ---- values ---- */

static struct expr_value
number_of(double n)
{
	if (!isfinite(n))
		return (struct expr_value){.why = MISSING_NOT_APPLICABLE, .place = -1};
	return (struct expr_value){.present = true, .place = -1, .number = n};
}

static struct expr_value
truth(bool yes)
{
	return (struct expr_value){.present = true, .place = -1, .number = yes ? 1 : 0};
}

static void
push(struct machine *m, struct expr_value v)
{
	m->stack[m->depth++] = v;
}

static struct expr_value *
top(struct machine *m)
{
	return &m->stack[m->depth - 1];
}

/* Drops the right side and gives the left one, where the result goes; `right` is the other. */
static struct expr_value *
two(struct machine *m, struct expr_value *right)
{
	m->depth--;
	*right = m->stack[m->depth];
	return top(m);
}

/* ---- operands ---- */

static void
do_number(struct machine *m, const struct op *op)
{
	push(m, number_of(op->number));
}

static void
do_item(struct machine *m, const struct op *op)
{
	push(m, record_value(m->env->record, op->index, op->inside ? m->instance : 0));
}

static void
do_key(struct machine *m, const struct op *op)
{
	struct expr_value v = number_of((double)m->env->key);
	v.place = m->env->key;
	/* The list is numeric: the key is its code as a number. */
	if (op->index != SIZE_MAX)
		v.number = m->expr->recodes[op->index]->to[m->env->key];
	push(m, v);
}

static void
do_reference(struct machine *m, const struct op *op)
{
	push(m, m->row[op->index]);
}

/* ---- numbers ---- */

static void
do_negate(struct machine *m, const struct op *op)
{
	(void)op;
	if (top(m)->present)
		*top(m) = number_of(-top(m)->number);
}

static double
worked_out(enum op_kind kind, double a, double b)
{
	if (kind == OP_ADD)
		return a + b;
	if (kind == OP_SUBTRACT)
		return a - b;
	if (kind == OP_MULTIPLY)
		return a * b;
	return b == 0 ? (double)NAN : a / b;
}

static void
do_arithmetic(struct machine *m, const struct op *op)
{
	struct expr_value b, *a = two(m, &b);
	if (a->present)
		*a = b.present ? number_of(worked_out(op->kind, a->number, b.number)) : b;
}

static void
do_reverse(struct machine *m, const struct op *op)
{
	if (top(m)->present)
		*top(m) = number_of(op->number - top(m)->number);
}

static void
do_mean(struct machine *m, const struct op *op)
{
	const struct expr_value *parts = &m->stack[m->depth - op->index];
	const struct expr_value *absent = NULL;
	double sum = 0;
	size_t count = 0;
	for (size_t i = 0; i < op->index; i++) {
		sum += parts[i].present ? parts[i].number : 0;
		count += parts[i].present;
		if (!parts[i].present && !absent)
			absent = &parts[i];
	}
	struct expr_value v = number_of(op->kind == OP_MEAN ? sum / (double)count : sum);
	if (count < op->least && absent)
		v = *absent;
	m->depth -= op->index;
	push(m, v);
}

static void
do_recode(struct machine *m, const struct op *op)
{
	const struct recode *r = m->expr->recodes[op->index];
	struct expr_value *v = top(m);
	if (!v->present)
		return;
	double from = r->by_place ? (double)v->place : v->number;
	double to = r->has_other ? r->other : (double)NAN;
	for (size_t i = 0; i < r->count; i++) {
		if (r->from[i] != from)
			continue;
		to = r->to[i];
		break;
	}
	*v = number_of(to);
	if (v->present && r->list.count)
		v->place = (int)to;
}

/* ---- conditions ---- */

static bool
compare_holds(enum compare compare, double a, double b)
{
	switch (compare) {
	case EQUAL:
		return a == b;
	case DIFFERENT:
		return a != b;
	case LESS:
		return a < b;
	case AT_MOST:
		return a <= b;
	case MORE:
		return a > b;
	case AT_LEAST:
		return a >= b;
	}
	return false;
}

static void
do_compare(struct machine *m, const struct op *op)
{
	struct expr_value b, *a = two(m, &b);
	if (a->present)
		*a = b.present ? truth(compare_holds(op->compare, a->number, b.number)) : b;
}

static void
do_not(struct machine *m, const struct op *op)
{
	(void)op;
	if (top(m)->present)
		*top(m) = truth(top(m)->number == 0);
}

/* One part of and, or, any, every joins what is known so far; `decisive` settles it. */
static void
join(struct expr_value *sofar, const struct expr_value *part, double decisive)
{
	bool settled = sofar->present && sofar->number == decisive;
	if (settled || (part->present && part->number == decisive))
		*sofar = truth(decisive == 1);
	else if (sofar->present)
		*sofar = *part;
}

static void
do_join(struct machine *m, const struct op *op)
{
	struct expr_value b, *a = two(m, &b);
	join(a, &b, op->kind == OP_OR ? 1 : 0);
}

static void
do_missing(struct machine *m, const struct op *op)
{
	(void)op;
	*top(m) = truth(!top(m)->present);
}

static void
do_chosen(struct machine *m, const struct op *op)
{
	const struct expr_env *env = m->env;
	size_t instance = op->inside ? m->instance : 0;
	struct expr_value v = record_value(env->record, op->index, instance);
	int place = op->place < 0 ? env->key : op->place;
	if (v.present)
		v = truth(place >= 0 &&
			  record_chosen(env->record, op->index, instance, (size_t)place));
	push(m, v);
}

/* ---- repeats and keys ---- */

static void
do_count(struct machine *m, const struct op *op)
{
	push(m, number_of((double)record_instances(m->env->record, op->index)));
}

/* The row of a key has every reference that stands over keys. */
static bool
is_whole(const struct expr *x, const struct expr_value *row)
{
	for (size_t i = 0; i < x->reference_count; i++)
		if (x->references[i].over_keys && !row[i].present)
			return false;
	return true;
}

/* Stands on the turn at hand, or on the next one that is whole; false behind the last. */
static bool
stand(struct machine *m, const struct op *loop)
{
	struct turning *t = &m->turning;
	if (loop->index != EXPR_KEYS) {
		m->instance = t->at;
		return t->at < t->count;
	}
	for (; t->at < t->count; t->at++) {
		m->row = m->env->keys + t->at * m->expr->reference_count;
		if (is_whole(m->expr, m->row))
			return true;
	}
	return false;
}

static void
leave(struct machine *m, size_t end)
{
	m->instance = m->env->instance;
	m->row = m->env->references;
	m->next = end + 1;
	push(m, m->turning.kept);
}

static void
do_loop(struct machine *m, const struct op *op)
{
	struct turning *t = &m->turning;
	t->at = 0;
	t->count = op->index == EXPR_KEYS ? m->env->key_count
					  : record_instances(m->env->record, op->index);
	t->kept = (struct expr_value){.place = -1};
	if (op->loop == LOOP_COUNT)
		t->kept = number_of(0);
	else if (op->loop != LOOP_PICK && t->count)
		t->kept = truth(op->loop == LOOP_EVERY);
	if (!stand(m, op))
		leave(m, op->jump);
}

/* The next turn from `begin`, or out of the loop. */
static void
turn(struct machine *m, size_t begin)
{
	const struct op *loop = &m->expr->ops[begin];
	m->turning.at++;
	if (stand(m, loop))
		m->next = begin + 1;
	else
		leave(m, loop->jump);
}

static void
do_pick(struct machine *m, const struct op *op)
{
	m->depth--;
	const struct expr_value *is = &m->stack[m->depth];
	if (!is->present || is->number == 0)
		turn(m, op->jump);
}

static void
do_end(struct machine *m, const struct op *op)
{
	struct turning *t = &m->turning;
	m->depth--;
	const struct expr_value v = m->stack[m->depth];
	if (op->loop == LOOP_COUNT && v.present && v.number != 0)
		t->kept.number += 1;
	if (op->loop == LOOP_ANY || op->loop == LOOP_EVERY)
		join(&t->kept, &v, op->loop == LOOP_ANY ? 1 : 0);
	if (op->loop == LOOP_PICK) {
		t->kept = v;
		leave(m, m->expr->ops[op->jump].jump);
	} else {
		turn(m, op->jump);
	}
}

/* ---- running ---- */

typedef void op_fn(struct machine *m, const struct op *op);

static op_fn *const steps[] = {
	[OP_NUMBER] = do_number,
	[OP_ITEM] = do_item,
	[OP_KEY] = do_key,
	[OP_REFERENCE] = do_reference,
	[OP_NEGATE] = do_negate,
	[OP_ADD] = do_arithmetic,
	[OP_SUBTRACT] = do_arithmetic,
	[OP_MULTIPLY] = do_arithmetic,
	[OP_DIVIDE] = do_arithmetic,
	[OP_COMPARE] = do_compare,
	[OP_NOT] = do_not,
	[OP_AND] = do_join,
	[OP_OR] = do_join,
	[OP_MEAN] = do_mean,
	[OP_SUM] = do_mean,
	[OP_REVERSE] = do_reverse,
	[OP_RECODE] = do_recode,
	[OP_MISSING] = do_missing,
	[OP_CHOSEN] = do_chosen,
	[OP_COUNT] = do_count,
	[OP_LOOP] = do_loop,
	[OP_PICK] = do_pick,
	[OP_END] = do_end,
};

static struct expr_value
run(const struct expr *x, struct expr_piece piece, const struct expr_env *env)
{
	/* The stack is written before it is read, and too large to be cleared each time. */
	struct machine m;
	m.expr = x;
	m.env = env;
	m.instance = env->instance;
	m.row = env->references;
	m.depth = 0;
	m.next = piece.from;
	while (m.next < piece.to) {
		const struct op *op = &x->ops[m.next++];
		steps[op->kind](&m, op);
	}
	return m.stack[0];
}

struct expr_value
expr_value_of(const struct expr *x, const struct expr_env *env)
{
	return run(x, (struct expr_piece){0, x->count}, env);
}

struct expr_value
expr_part(const struct expr *x, size_t part, const struct expr_env *env)
{
	return run(x, x->parts[part], env);
}
