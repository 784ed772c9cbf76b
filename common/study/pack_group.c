#include "common/study/pack_group.h"

#include <string.h>

#include "common/study/group.h"

#define WORDS_MAX_BYTES 512

static void
add_word(struct buf *out, const char *word)
{
	buf_format(out, "%s%s", out->len ? ", " : "", word);
}

/* Which items decide, and between which groups: what a person has to look at. */
static enum err
none_fits(const struct pack *p, const struct form *f)
{
	OWNED_BUF struct buf items, groups;
	buf_init(&items, WORDS_MAX_BYTES);
	buf_init(&groups, WORDS_MAX_BYTES);
	for (size_t i = 0; i < p->group_count; i++)
		if (p->groups[i].form == f)
			add_word(&groups, p->groups[i].id);
	for (size_t k = 0; k < f->field_count; k++) {
		bool used = false;
		for (size_t i = 0; i < p->group_count; i++)
			used = used || (p->groups[i].form == f && p->groups[i].where &&
					       expr_uses(p->groups[i].where, k));
		if (used)
			add_word(&items, f->fields[k].name);
	}
	return fail(E_FORMAT, "%.*s: fits none of the groups %.*s", (int)items.len,
		(const char *)items.at, (int)groups.len, (const char *)groups.at);
}

static enum err
read_record(struct record *r, const struct form_answer *answers, size_t count)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++)
		e = record_put(r, answers[i].name, answers[i].value);
	return e;
}

enum err
pack_group_find(const char **ret, const struct pack *p, const struct form *f,
	const struct form_answer *answers, size_t count)
{
	OWNED(record) struct record *r = NULL;
	enum err e = OK;
	bool any = false;
	*ret = "";
	for (size_t i = 0; !e && i < p->group_count; i++) {
		const struct pack_group *g = &p->groups[i];
		const struct group_rule rule = {g->id, g->form, g->where};
		if (g->form != f)
			continue;
		any = true;
		if (g->where && !r) {
			r = record_new(f, NULL, &p->missing);
			e = read_record(r, answers, count);
		}
		if (!e && (!g->where || group_rule_holds(&rule, r))) {
			*ret = g->id;
			return OK;
		}
	}
	return !e && any ? none_fits(p, f) : e;
}
