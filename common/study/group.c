#include "common/study/group.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

enum err
group_rule_make(struct group_rule *ret, const char *id, const struct form *form,
	const char *where, const struct missing_codes *missing)
{
	OWNED(expr) struct expr *x = NULL;
	const struct expr_scope scope = {
		.form = form, .missing = missing, .repeat = -1, .key = -1};
	*ret = (struct group_rule){0};
	enum err e = *where ? expr_compile(&x, where, &scope) : OK;
	if (!e && x && (!form || expr_type_of(x) != EXPR_BOOL))
		e = fail(E_FORMAT, "not a condition on a record of a form");
	if (!e)
		*ret = (struct group_rule){xstrdup(id), form, take(x)};
	return e;
}

void
group_rule_done(struct group_rule *g)
{
	free(g->id);
	expr_free(g->where);
	*g = (struct group_rule){0};
}

bool
group_rule_holds(const struct group_rule *g, const struct record *r)
{
	if (!g->form || record_form(r) != g->form)
		return false;
	if (!g->where)
		return true;
	const struct expr_env env = {.record = r, .key = -1};
	const struct expr_value v = expr_value_of(g->where, &env);
	return v.present && v.number != 0;
}
