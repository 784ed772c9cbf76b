#include "hub/judge_ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/rules_settled.h"

/* More than a site has forms, waves and partners; beyond them all are gathered anew. */
#define GROUNDS_COUNT 64

struct judge_ground {
	char *form, *form_version, *wave, *partner; /* NULL: the facts have none */
	struct rules_facts facts;
	struct rules_settled *study;
	struct rules_settled *own; /* NULL: the site has no rules */
};

struct judge_grounds {
	char site[ROW_ID_BYTES];
	struct judge_ask ask;
	struct rules_request request; /* what ask.request says */
	struct judge_ground *at[GROUNDS_COUNT];
	size_t count, last;
};

/* make */

struct judge_grounds *
judge_grounds_new(void)
{
	return xcalloc(1, sizeof(struct judge_grounds));
}

static void
ground_free(struct judge_ground *g)
{
	rules_settled_free(g->study);
	rules_settled_free(g->own);
	free(g->form);
	free(g->form_version);
	free(g->wave);
	free(g->partner);
	free(g);
}

void
judge_grounds_forget(struct judge_grounds *g)
{
	for (size_t i = 0; i < g->count; i++)
		ground_free(g->at[i]);
	g->count = g->last = 0;
}

void
judge_grounds_free(struct judge_grounds *g)
{
	if (!g)
		return;
	judge_grounds_forget(g);
	free(g);
}

/* check */

static bool
is_same_list(const struct rules_list *a, const struct rules_list *b)
{
	return a->words == b->words && a->count == b->count;
}

static bool
is_same_request(const struct rules_request *a, const struct rules_request *b)
{
	return a->purpose == b->purpose && is_same_list(&a->duo, &b->duo) &&
	       a->role == b->role && a->trained_ms == b->trained_ms &&
	       a->contract_from_ms == b->contract_from_ms &&
	       a->contract_until_ms == b->contract_until_ms &&
	       a->reason_given == b->reason_given;
}

/* Action and use may differ: they are those of a ground. */
static bool
is_same_ask(const struct judge_grounds *g, const struct judge_ask *ask)
{
	return g->ask.true_at_ms == ask->true_at_ms && g->ask.known_upto == ask->known_upto &&
	       g->ask.log_size == ask->log_size && g->ask.rules == ask->rules &&
	       !g->ask.request == !ask->request &&
	       (!ask->request || is_same_request(&g->request, ask->request));
}

static bool
is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool
is_of(const struct judge_ground *g, const struct rules_facts *f)
{
	return g->facts.action == f->action && g->facts.use == f->use &&
	       g->facts.per_site == f->per_site && g->facts.by_staff == f->by_staff &&
	       g->facts.no_partner == f->no_partner && is_same_text(g->wave, f->wave) &&
	       is_same_text(g->form, f->form) &&
	       is_same_text(g->form_version, f->form_version) &&
	       is_same_text(g->facts.data_kind, f->data_kind) &&
	       is_same_text(g->partner, f->partner);
}

/* use */

void
judge_grounds_begin(struct judge_grounds *g, const char *site, const struct judge_ask *ask)
{
	if (g->count && strcmp(g->site, site) == 0 && is_same_ask(g, ask))
		return;
	judge_grounds_forget(g);
	(void)snprintf(g->site, sizeof(g->site), "%s", site);
	g->ask = *ask;
	if (ask->request)
		g->request = *ask->request;
}

struct judge_ground *
judge_grounds_find(struct judge_grounds *g, const struct rules_facts *f)
{
	for (size_t i = 0; i < g->count; i++) {
		const size_t at = (g->last + i) % g->count;
		if (is_of(g->at[at], f)) {
			g->last = at;
			return g->at[at];
		}
	}
	return NULL;
}

static char *
copy(const char **text)
{
	char *own = *text ? xstrdup(*text) : NULL;
	*text = own;
	return own;
}

struct judge_ground *
judge_grounds_add(struct judge_grounds *g, const struct rules_facts *f,
	const struct rules *rules, const struct rules *own)
{
	struct judge_ground *new = xcalloc(1, sizeof(*new));
	if (g->count == GROUNDS_COUNT)
		judge_grounds_forget(g);
	new->facts = *f;
	new->form = copy(&new->facts.form);
	new->form_version = copy(&new->facts.form_version);
	new->wave = copy(&new->facts.wave);
	new->partner = copy(&new->facts.partner);
	new->facts.site = g->site;
	new->study = rules_settled_new(rules, &new->facts);
	if (own)
		new->own = rules_settled_new(own, &new->facts);
	g->last = g->count;
	g->at[g->count++] = new;
	return new;
}

void
judge_ground_ask(struct judge_ground *g, const struct rules_record *record, struct verdict *ret)
{
	struct verdict own;
	rules_settled_judge(g->study, record, ret);
	if (!g->own)
		return;
	rules_settled_judge(g->own, record, &own);
	rules_join(ret, &own);
}

const char *
judge_ground_approval(const struct judge_ground *g, size_t place)
{
	return g->facts.approvals[place].id;
}
