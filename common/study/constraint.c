#include "common/study/constraint.h"

#include <stdlib.h>
#include <string.h>

#include "common/study/constraint_ops.h"

enum expr_type
constraint_type_of(const struct constraint *x)
{
	return x->type;
}

int
constraint_only_item(const struct constraint *x)
{
	return x->only_item;
}

bool
constraint_uses(const struct constraint *x, size_t item)
{
	for (size_t i = 0; i < x->count; i++)
		if (x->ops[i].kind == OP_ITEM && x->ops[i].item == item)
			return true;
	return false;
}

/* ---- evaluation ---- */

static struct expr_value
truth(bool present, bool yes)
{
	return (struct expr_value){.present = present, .number = present && yes ? 1 : 0};
}

static bool
compare_holds(enum compare compare, double sign)
{
	switch (compare) {
	case EQUAL:
		return sign == 0;
	case DIFFERENT:
		return sign != 0;
	case LESS:
		return sign < 0;
	case AT_MOST:
		return sign <= 0;
	case MORE:
		return sign > 0;
	case AT_LEAST:
		return sign >= 0;
	}
	return false;
}

static const char *
text_of(const struct expr_value *v)
{
	return v->text ? v->text : "";
}

static struct expr_value
compared(const struct op *op, const struct expr_value *a, const struct expr_value *b)
{
	if (!a->present || !b->present)
		return truth(false, false);
	double sign = op->texts ? (double)strcmp(text_of(a), text_of(b))
				: (double)((a->number > b->number) - (a->number < b->number));
	return truth(true, compare_holds(op->compare, sign));
}

/* `decisive` is 0 for and, 1 for or: one such part settles it, whatever is missing. */
static struct expr_value
joined(double decisive, const struct expr_value *a, const struct expr_value *b)
{
	if ((a->present && a->number == decisive) || (b->present && b->number == decisive))
		return truth(true, decisive == 1);
	return truth(a->present && b->present, decisive == 0);
}

static struct expr_value
matched(const struct op *op, const struct expr_value *v)
{
	return truth(v->present, v->present && pattern_matches(op->pattern, v->text));
}

struct expr_value
constraint_value_of(const struct constraint *x, const struct expr_value *values)
{
	struct expr_value stack[CONSTRAINT_MAX_STACK] = {{0}};
	size_t n = 0;
	for (size_t i = 0; i < x->count; i++) {
		const struct op *op = &x->ops[i];
		switch (op->kind) {
		case OP_NUMBER:
			stack[n++] = (struct expr_value){.present = true, .number = op->number};
			break;
		case OP_TEXT:
			stack[n++] = (struct expr_value){.present = true, .text = op->text};
			break;
		case OP_ITEM:
			stack[n++] = values[op->item];
			break;
		case OP_REGEX:
			stack[n++] = matched(op, &values[op->item]);
			break;
		case OP_NOT:
			stack[n - 1] = truth(stack[n - 1].present, stack[n - 1].number == 0);
			break;
		case OP_COMPARE:
			n--;
			stack[n - 1] = compared(op, &stack[n - 1], &stack[n]);
			break;
		case OP_AND:
		case OP_OR:
			n--;
			stack[n - 1] =
				joined(op->kind == OP_OR ? 1 : 0, &stack[n - 1], &stack[n]);
			break;
		}
	}
	return stack[0];
}

void
constraint_free(struct constraint *x)
{
	if (!x)
		return;
	for (size_t i = 0; x->ops && i < x->count; i++) {
		free(x->ops[i].text);
		pattern_free(x->ops[i].pattern);
	}
	free(x->ops);
	free(x);
}
