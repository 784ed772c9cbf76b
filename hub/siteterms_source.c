#include "hub/siteterms_inside.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/pack.h"
#include "common/study/zone.h"

#include "hub/erase.h"
#include "hub/judge_study.h"
#include "hub/record.h"
#include "hub/siterules.h"

#define APPROVALS_MAX_COUNT 20000
#define HOLDS_MAX_COUNT     1000 /* of a site; the others are told when these are settled */

void
siteterms_source_done(struct siteterms_source *s)
{
	approval_facts_free(s->facts);
	delegation_done(&s->delegation);
	mem_drop(&s->rows);
	mem_drop(&s->sites);
	mem_drop(&s->holds);
	mem_drop(&s->hold_sites);
	leavings_done(&s->leavings);
	judge_sheets_done(&s->sheets);
	brought_done(&s->brought);
}

static enum err
add_approval(void *arg, const struct approval *a)
{
	struct siteterms_source *s = arg;
	if (!a->verified_by[0])
		return OK;
	if (s->row_count == APPROVALS_MAX_COUNT)
		return fail(E_FULL, "there are more than %d approvals", APPROVALS_MAX_COUNT);
	if ((s->row_count & (s->row_count - 1)) == 0)
		s->rows = xrealloc(s->rows, MAX(s->row_count * 2, (size_t)1), sizeof(*s->rows));
	s->rows[s->row_count++] = *a;
	return OK;
}

static enum err
add_hold(void *arg, const struct hold *h)
{
	struct siteterms_source *s = arg;
	struct record_person person;
	bool is_there = false;
	enum err e = record_person_find(s->txn, h->participant, &person, &is_there);
	if (e || !is_there)
		return e;
	const size_t n = s->hold_count++;
	if ((n & (n - 1)) == 0) {
		const size_t room = MAX(n * 2, (size_t)1);
		s->holds = xrealloc(s->holds, room, sizeof(*s->holds));
		s->hold_sites = xrealloc(s->hold_sites, room, sizeof(*s->hold_sites));
	}
	s->holds[n] = *h;
	memcpy(s->hold_sites[n], person.site, sizeof(s->hold_sites[n]));
	return OK;
}

static void
read_sites(struct siteterms_source *s)
{
	const struct pack *p = s->hub->pack;
	s->sites = xcalloc(p->site_count + 1, sizeof(*s->sites));
	for (size_t i = 0; i < p->site_count; i++)
		s->sites[s->site_count++] = (struct approval_site){
			p->sites[i].id, strcmp(p->sites[i].kind, "nhs") == 0};
}

enum err
siteterms_source_read(struct siteterms_source *s)
{
	read_sites(s);
	enum err e = approval_each(s->txn, add_approval, s);
	if (!e)
		e = delegation_read(&s->delegation, s->txn);
	if (!e)
		e = hold_each(s->txn, add_hold, s);
	if (!e)
		e = leavings_read(&s->leavings, s->txn);
	if (!e && s->hub->versions)
		e = versions_read(s->hub->versions, s->txn);
	if (e)
		return e;
	(void)brought_read(&s->brought, s->hub->versions);
	const struct approval_study study = {
		s->sites, s->site_count, s->brought.forms, s->brought.form_count};
	s->facts = approval_facts_new(s->rows, s->row_count, &study, UINT64_MAX);
	return OK;
}

/* one site */

static bool
is_of(const char *of, const char *site)
{
	return !of || !*of || strcmp(of, site) == 0;
}

static void
choose_approvals(const struct siteterms_source *s, const char *site, struct terms *t)
{
	const struct approval_facts *f = s->facts;
	t->approvals = xcalloc(f->approval_count + 1, sizeof(*t->approvals));
	for (size_t i = 0; i < f->approval_count; i++)
		if (is_of(f->approvals[i].site, site))
			t->approvals[t->approval_count++] = f->approvals[i];
	t->modifications = xcalloc(f->modification_count + 1, sizeof(*t->modifications));
	for (size_t i = 0; i < f->modification_count; i++)
		if (is_of(f->modifications[i].site, site))
			t->modifications[t->modification_count++] = f->modifications[i];
	t->reviews = xcalloc(f->review_count + 1, sizeof(*t->reviews));
	for (size_t i = 0; i < f->review_count; i++)
		if (is_of(f->reviews[i].site, site))
			t->reviews[t->review_count++] = f->reviews[i];
}

static void
choose_people(const struct siteterms_source *s, const char *site, struct terms *t)
{
	t->duties = xcalloc(s->delegation.count + 1, sizeof(*t->duties));
	for (size_t i = 0; i < s->delegation.count; i++)
		if (strcmp(s->delegation.duties[i].site, site) == 0)
			t->duties[t->duty_count++] = s->delegation.duties[i];
	t->holds = xcalloc(s->hold_count + 1, sizeof(*t->holds));
	for (size_t i = 0; i < s->hold_count && t->hold_count < HOLDS_MAX_COUNT; i++) {
		/* One that the journal brought back has no number to look up. */
		if (strcmp(s->hold_sites[i], site) != 0 || !*s->holds[i].number)
			continue;
		struct terms_hold *h = &t->holds[t->hold_count++];
		memcpy(h->number, s->holds[i].number, sizeof(h->number));
		h->placed_s = s->holds[i].placed_s;
	}
}

/* Texts are lent by the packs of the versions, which live as long as the hub does. */
static void
choose_sheets(struct siteterms_source *s, const char *site, struct terms *t)
{
	judge_sheets_read(&s->sheets, s->hub->versions, site);
	t->sheets = xmemdup(s->sheets.at, s->sheets.count * sizeof(*t->sheets));
	t->sheet_count = s->sheets.count;
}

/* When the first record of a wave was collected is the hub's to ask. */
static enum err
choose_plan(const struct siteterms_source *s, const char *site, struct terms *t)
{
	const size_t count = s->brought.protocol_count;
	const struct versions *v = s->hub->versions;
	t->protocols = xmemdup(s->brought.protocols, count * sizeof(*t->protocols));
	t->protocol_count = count;
	enum err e = judge_study_plan(s->txn, site, "", &t->plan);
	t->plan.first_record_ms = 0;
	t->plan.sealed_ms = v ? versions_sealed_ms(v, &t->plan.sealed_known) : 0;
	return e;
}

static void
add_paper(void *arg, struct view paper, const uint8_t signature[static SIGNATURE_BYTES])
{
	struct terms *t = arg;
	t->papers = xrealloc(t->papers, t->paper_count + 1, sizeof(*t->papers));
	struct terms_paper *p = &t->papers[t->paper_count++];
	memcpy(p->signature, signature, sizeof(p->signature));
	p->text = view_of(xmemdup(paper.at, paper.len), paper.len);
	t->owned = xrealloc(t->owned, t->owned_count + 1, sizeof(*t->owned));
	t->owned[t->owned_count++] = (void *)(uintptr_t)p->text.at;
}

static void
add_leaving(const struct siteterms_source *s, const char *site, struct terms *t)
{
	const struct leaving *l = leaving_of(&s->leavings, site, UINT64_MAX);
	if (!l)
		return;
	t->left_day = xstrdup(l->day);
	t->left_data = xstrdup(leaving_word(l->data));
	/* A day that cannot be placed has begun. */
	if (!zone_day(pack_zone(s->hub->pack), l->day, &t->left_ms))
		t->left_ms = 0;
}

enum err
siteterms_source_fill(
	struct siteterms_source *s, const char *site, struct terms *to, struct buf *own)
{
	to->study = xstrdup(s->hub->study);
	to->site = xstrdup(site);
	to->manifest_number = s->hub->manifest_number;
	choose_approvals(s, site, to);
	choose_people(s, site, to);
	choose_sheets(s, site, to);
	add_leaving(s, site, to);
	enum err e = choose_plan(s, site, to);
	if (!e)
		e = siterules_text(s->txn, site, own);
	to->rules_text = buf_view(own);
	if (!e)
		e = erase_papers(s->hub, site, add_paper, to);
	return e ? e : erase_named(s->hub, site, to);
}
