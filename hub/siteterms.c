#include "hub/siteterms.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/study/pack.h"
#include "common/study/zone.h"

#include "hub/audit.h"
#include "hub/brought.h"
#include "hub/delegation.h"
#include "hub/erase.h"
#include "hub/forward.h"
#include "hub/hold.h"
#include "hub/judge_sheets.h"
#include "hub/judge_study.h"
#include "hub/leaving.h"
#include "hub/record.h"
#include "hub/recovery.h"
#include "hub/siterules.h"

#define EPOCH_SHIFT         40 /* a log has fewer leaves than that many bits count */
#define MS_PER_S            1000
#define APPROVALS_MAX_COUNT 20000
#define HOLDS_MAX_COUNT     1000 /* of a site; the others are told when these are settled */
#define CONTENT_PERSONAL    "weir-terms-v1"

struct site_terms {
	char id[ROW_ID_BYTES];
	uint64_t number;
	bool is_cut;
	uint8_t content[HASH_BYTES]; /* of the body without number and time */
	uint8_t *signed_terms;
	size_t signed_len;
};

struct siteterms {
	uint64_t generation;
	uint64_t changes; /* of the hub, as they were made from; + 1 */
	struct site_terms *sites;
	size_t count;
};

/* What all sites' terms are made from; lives while they are made. */
struct source {
	struct hub *hub;
	struct vault_txn *txn;
	struct approval *rows;
	size_t row_count;
	struct approval_site *sites;
	size_t site_count;
	struct approval_facts *facts;
	struct delegation delegation;
	struct hold *holds;
	char (*hold_sites)[ROW_ID_BYTES];
	size_t hold_count;
	struct leavings leavings;
	struct judge_sheets sheets;
	struct brought brought;
};

static void
source_done(struct source *s)
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

/* make, free */

struct siteterms *
siteterms_new(void)
{
	return xcalloc(1, sizeof(struct siteterms));
}

static void
drop_sites(struct siteterms *s)
{
	for (size_t i = 0; i < s->count; i++)
		mem_drop(&s->sites[i].signed_terms);
	mem_drop(&s->sites);
	s->count = 0;
}

void
siteterms_free(struct siteterms *s)
{
	if (!s)
		return;
	drop_sites(s);
	mem_drop(&s);
}

void
siteterms_forget(struct siteterms *s)
{
	drop_sites(s);
	s->changes = 0;
}

/* the source */

static enum err
add_approval(void *arg, const struct approval *a)
{
	struct source *s = arg;
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
	struct source *s = arg;
	struct record_person person;
	enum err e = record_person_get(s->txn, h->participant, &person);
	if (e)
		return e == E_NOTFOUND ? OK : e;
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
read_sites(struct source *s)
{
	const struct pack *p = s->hub->pack;
	s->sites = xcalloc(p->site_count + 1, sizeof(*s->sites));
	for (size_t i = 0; i < p->site_count; i++)
		s->sites[s->site_count++] = (struct approval_site){
			p->sites[i].id, strcmp(p->sites[i].kind, "nhs") == 0};
}

static enum err
read_source(struct source *s)
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
choose_approvals(const struct source *s, const char *site, struct terms *t)
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
choose_people(const struct source *s, const char *site, struct terms *t)
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
choose_sheets(struct source *s, const char *site, struct terms *t)
{
	judge_sheets_read(&s->sheets, s->hub->versions, site);
	t->sheets = xmemdup(s->sheets.at, s->sheets.count * sizeof(*t->sheets));
	t->sheet_count = s->sheets.count;
}

/* When the first record of a wave was collected is the hub's to ask. */
static enum err
choose_plan(const struct source *s, const char *site, struct terms *t)
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
add_leaving(const struct source *s, const char *site, struct terms *t)
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

static struct site_terms *
find_site(const struct siteterms *s, const char *site)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->sites[i].id, site) == 0)
			return &s->sites[i];
	return NULL;
}

static struct site_terms *
add_site(struct siteterms *s, const char *site)
{
	if ((s->count & (s->count - 1)) == 0)
		s->sites = xrealloc(s->sites, MAX(s->count * 2, (size_t)1), sizeof(*s->sites));
	struct site_terms *one = &s->sites[s->count++];
	*one = (struct site_terms){.number = 0};
	memcpy(one->id, site, MIN(strlen(site), sizeof(one->id) - 1));
	return one;
}

static enum err
sign_anew(const struct source *s, struct terms *t, struct site_terms *one)
{
	OWNED_BUF struct buf body, out;
	buf_init(&body, TERMS_MAX_BYTES);
	buf_init(&out, TERMS_SIGNED_MAX_BYTES);
	t->number = forward_epoch(audit_forward(s->hub->audit)) << EPOCH_SHIFT |
		    audit_size(s->hub->audit);
	t->made_s = clock_wall_ms() / MS_PER_S;
	enum err e = terms_write(&body, t);
	if (!e)
		e = terms_sign(&out, buf_view(&body), s->hub->receipt);
	if (e)
		return e;
	mem_drop(&one->signed_terms);
	one->signed_terms = buf_take(&out, &one->signed_len);
	one->number = t->number;
	return OK;
}

/* What the site must hear whatever else there is stays: whom to erase, whom to ask, and when it
 * leaves. */
static void
cut(struct terms *t)
{
	t->approval_count = t->modification_count = t->review_count = t->duty_count =
		t->sheet_count = 0;
	t->rules_text = view_of(NULL, 0);
	t->is_cut = true;
}

static enum err
write_or_cut(struct buf *body, struct terms *t)
{
	enum err e = terms_write(body, t);
	if (e != E_FULL)
		return e;
	cut(t);
	buf_reset(body);
	return terms_write(body, t);
}

/* Those that say nothing new stay as they are. */
static enum err
make_if_new(struct siteterms *s, const struct source *from, struct terms *t)
{
	OWNED_BUF struct buf body;
	uint8_t content[HASH_BYTES];
	buf_init(&body, TERMS_MAX_BYTES);
	enum err e = write_or_cut(&body, t);
	if (e)
		return e;
	crypto_hash_one(content, CONTENT_PERSONAL, buf_view(&body));
	struct site_terms *one = find_site(s, t->site);
	if (one && one->signed_len && memcmp(one->content, content, sizeof(content)) == 0)
		return OK;
	if (!one)
		one = add_site(s, t->site);
	memcpy(one->content, content, sizeof(content));
	one->is_cut = t->is_cut;
	return sign_anew(from, t, one);
}

static enum err
make_one(struct siteterms *s, struct source *from, const char *site)
{
	OWNED(terms) struct terms *t = xcalloc(1, sizeof(*t));
	OWNED_BUF struct buf own;
	buf_init(&own, SITERULES_MAX_BYTES);
	t->study = xstrdup(from->hub->study);
	t->site = xstrdup(site);
	choose_approvals(from, site, t);
	choose_people(from, site, t);
	choose_sheets(from, site, t);
	add_leaving(from, site, t);
	enum err e = choose_plan(from, site, t);
	if (!e)
		e = siterules_text(from->txn, site, &own);
	t->rules_text = buf_view(&own);
	if (!e)
		e = erase_papers(from->hub, site, add_paper, t);
	if (!e)
		e = erase_named(from->hub, site, t);
	return e ? e : make_if_new(s, from, t);
}

enum err
siteterms_refresh(struct siteterms *s, struct hub *h, struct vault_txn *t)
{
	OWNED_BY(source_done) struct source from = {.hub = h, .txn = t};
	if (s->changes == h->terms_changes + 1 || !h->pack || recovery_is_on(t))
		return OK;
	enum err e = read_source(&from);
	for (size_t i = 0; !e && i < from.site_count; i++)
		e = make_one(s, &from, from.sites[i].id);
	if (e)
		return e;
	s->changes = h->terms_changes + 1;
	s->generation++;
	return OK;
}

/* use */

uint64_t
siteterms_generation(const struct siteterms *s)
{
	return s->generation;
}

struct view
siteterms_of(const struct siteterms *s, const char *site, uint64_t *ret_number)
{
	const struct site_terms *one = find_site(s, site);
	*ret_number = one ? one->number : 0;
	return one ? view_of(one->signed_terms, one->signed_len) : view_of(NULL, 0);
}

const char *
siteterms_cut(const struct siteterms *s, size_t index)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->sites[i].is_cut && index-- == 0)
			return s->sites[i].id;
	return NULL;
}
