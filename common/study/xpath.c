#include "common/study/xpath.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/constraint.h"

struct xpath {
	struct constraint *expr;
};

static bool
find(const void *context, const char *name, struct constraint_item *ret)
{
	const struct xpath_answer *answer = context;
	if (strcmp(name, ".") != 0)
		return false;
	*ret = (struct constraint_item){.index = 0, .type = answer->type};
	return true;
}

static int
code(const void *context, size_t index, const char *text)
{
	const struct xpath_answer *answer = context;
	return answer->code ? answer->code(answer->context, index, text) : -1;
}

enum err
xpath_compile(struct xpath **ret, const char *text, const struct xpath_answer *answer)
{
	*ret = NULL;
	struct constraint_dialect dialect = {
		.constraint = true, .context = answer, .find = find, .code = code};
	OWNED(xpath) struct xpath *x = xcalloc(1, sizeof(*x));
	enum err e = constraint_compile(&x->expr, text, &dialect);
	if (e == OK && constraint_type_of(x->expr) != EXPR_BOOL)
		e = fail(E_FORMAT, "a constraint has to be a condition");
	if (e == OK)
		*ret = take(x);
	return e;
}

bool
xpath_holds(const struct xpath *x, const struct expr_value *answer)
{
	struct expr_value v = constraint_value_of(x->expr, answer);
	return !v.present || v.number != 0;
}

void
xpath_free(struct xpath *x)
{
	if (!x)
		return;
	constraint_free(x->expr);
	free(x);
}
