#include "node/sync_bounds.h"

static enum err
check_open(const struct form *form, const struct wire_rules *r)
{
	enum err e = OK;
	if (r->open_count && (!form || r->kind != RULES_RECORD))
		return fail(E_FORMAT, "an entry shows answers that no form lets it show");
	for (size_t i = 0; !e && i < r->open_count; i++) {
		int at = form_field(form, r->open[i].name);
		if (at < 0)
			e = fail(E_FORMAT, "the record shows an answer that form %s has not",
				form->id);
		else if (form->fields[at].goes != FORM_OPEN)
			e = fail(E_FORMAT,
				"the record shows %.60s, which form %s does not let travel "
				"open",
				form->fields[at].name, form->id);
	}
	return e;
}

static enum err
check_wraps(const struct form *form, const struct sync_item *t)
{
	for (size_t i = 0; i < t->entry_count; i++)
		for (size_t k = 0; k < t->entries[i].part_count; k++)
			if (t->entries[i].parts[k].kind == PART_WRAP_SITE)
				return fail(E_FORMAT,
					"the record brings a key for the site, where nobody "
					"reads form %s",
					form->id);
	return OK;
}

enum err
sync_bounds_check(
	const struct form *form, const struct sync_item *t, const struct sync_item_entry *n)
{
	enum err e = check_open(form, n->rules);
	if (!e && form && n->rules->kind == RULES_RECORD && !form->coordinator_reads)
		e = check_wraps(form, t);
	return e;
}
