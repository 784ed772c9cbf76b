#include "hub/question.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/pack.h"

#include "hub/approval_facts.h"

struct gathering {
	struct approval *rows;
	size_t count;
};

static void
gathering_done(struct gathering *g)
{
	mem_drop(&g->rows);
}

static enum err
gather(void *arg, const struct approval *a)
{
	struct gathering *g = arg;
	if ((g->count & (g->count - 1)) == 0)
		g->rows = xrealloc(g->rows, MAX(g->count * 2, (size_t)1), sizeof(*g->rows));
	g->rows[g->count++] = *a;
	return OK;
}

void
question_purpose(const char *text, struct question_purpose *room, struct rules_request *ret)
{
	const size_t len = strcspn(text, ":");
	const char *why = text + len + (text[len] == ':');
	char *rest = room->text;
	*room = (struct question_purpose){.text = ""};
	if (len < sizeof(room->text))
		memcpy(room->text, text, len);
	ret->purpose = strsep(&rest, " ");
	ret->duo = (struct rules_list){room->limits, 0};
	for (char *word; (word = strsep(&rest, " "));)
		if (*word)
			room->limits[ret->duo.count++] = word;
	ret->reason_given = why[strspn(why, " ")] != '\0';
}

/* gives the items; names are lent by the forms. */
static struct rules_item *
items_of(const struct pack *p, const struct chosen *c, size_t *ret_count)
{
	struct rules_item *items = NULL;
	*ret_count = 0;
	for (size_t i = 0; i < p->form_count; i++) {
		const struct form *f = p->forms[i];
		if (!chosen_has_form(c, f->id))
			continue;
		items = xrealloc(items, *ret_count + f->field_count + 1, sizeof(*items));
		for (size_t k = 0; k < f->field_count; k++)
			if (f->fields[k].goes != FORM_SITE)
				items[(*ret_count)++] = (struct rules_item){f->fields[k].name,
					f->fields[k].goes == FORM_OPEN ? RULES_GOES_OPEN
								       : RULES_GOES_HUB};
	}
	return items;
}

static enum err
refuse(const struct verdict *v)
{
	for (size_t i = 0; i < v->fired_count; i++)
		if (v->fired[i].rule[0] && v->fired[i].outcome != RULES_PERMIT)
			return fail(E_DENIED, "%s: %s", v->fired[i].rule, v->fired[i].reason);
	return OK;
}

enum err
question_check(const struct hub *h, const struct question *q)
{
	OWNED_BY(gathering_done) struct gathering g = {NULL, 0};
	struct question_purpose purpose;
	struct rules_request request = {.role = q->role};
	size_t item_count;
	struct verdict v;
	enum err e = approval_each(h->txn, gather, &g);
	if (e)
		return e;
	question_purpose(q->purpose, &purpose, &request);
	approval_facts_person(g.rows, g.count, q->author, UINT64_MAX, &request);
	OWNED(approval_facts)
	struct approval_facts *a = approval_facts_new(g.rows, g.count, NULL, UINT64_MAX);
	OWNED_MEM struct rules_item *items = items_of(h->pack, q->chosen, &item_count);
	const struct rules_facts facts = {.action = RULES_QUERY,
		.data_kind = "answers",
		.no_partner = true,
		.site = "",
		.true_at_ms = q->at_ms,
		.known_upto = UINT64_MAX,
		.basis = h->pack->confidentiality,
		.approvals = a->approvals,
		.approval_count = a->approval_count,
		.request = request,
		.record.items_known = RULES_YES,
		.record.items = items,
		.record.item_count = item_count};
	rules_judge(h->pack->rules, &facts, &v);
	return refuse(&v);
}
