#include "common/study/terms.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/faults.h"

#define TEXT_MAX_BYTES 1024
#define ROWS_MAX_COUNT 20000
#define LISTS_COUNT    6
#define GONE_BYTES     ((size_t)RECEIPT_START_BYTES + sizeof(uint64_t) + ID_BYTES)
#define RULES_FILE     "rules.ini"
#define WHAT           "terms of the site"

struct reading {
	struct cursor c;
	struct terms *to;
};

static void *
keep(struct reading *r, void *owned)
{
	struct terms *t = r->to;
	if ((t->owned_count & (t->owned_count - 1)) == 0)
		t->owned = xrealloc(
			t->owned, MAX(t->owned_count * 2, (size_t)1), sizeof(*t->owned));
	t->owned[t->owned_count++] = owned;
	return owned;
}

static const char *
text(struct reading *r)
{
	return keep(r, cursor_text(&r->c, TEXT_MAX_BYTES));
}

static int64_t
at_time(struct reading *r)
{
	const uint64_t at = cursor_u64(&r->c);
	if (at > INT64_MAX)
		r->c.broken = true;
	return r->c.broken ? 0 : (int64_t)at;
}

/* A count is believed only as far as so many rows fit into what is left. */
static size_t
rows(struct reading *r, size_t least_bytes)
{
	const size_t count = cursor_u32(&r->c);
	if (count > ROWS_MAX_COUNT || count > r->c.left / least_bytes)
		r->c.broken = true;
	return r->c.broken ? 0 : count;
}

static struct rules_list
list(struct reading *r)
{
	const size_t count = rows(r, sizeof(uint32_t));
	if (count == 0)
		return (struct rules_list){NULL, 0};
	const char **words = keep(r, xcalloc(count, sizeof(*words)));
	for (size_t i = 0; i < count; i++)
		words[i] = text(r);
	return (struct rules_list){words, count};
}

static void
read_conditions(struct reading *r, struct rules_approval *a)
{
	a->condition_count = rows(r, 2 * sizeof(uint64_t));
	if (a->condition_count == 0)
		return;
	struct rules_condition *to = keep(r, xcalloc(a->condition_count, sizeof(*to)));
	for (size_t i = 0; i < a->condition_count; i++) {
		to[i].due_ms = at_time(r);
		to[i].met_ms = at_time(r);
	}
	a->conditions = to;
}

static void
read_approval(struct reading *r, struct rules_approval *a)
{
	a->id = text(r);
	a->kind = text(r);
	a->site = text(r);
	a->partner = text(r);
	a->flow = text(r);
	a->decision = text(r);
	a->reason_given = cursor_u8(&r->c) != 0;
	a->from_ms = at_time(r);
	a->until_ms = at_time(r);
	struct rules_list *lists[LISTS_COUNT] = {&a->covers.protocols, &a->covers.forms,
		&a->covers.data, &a->covers.activities, &a->covers.sites, &a->covers.modes};
	for (size_t i = 0; i < LISTS_COUNT; i++)
		*lists[i] = list(r);
	read_conditions(r, a);
}

static void
read_approvals(struct reading *r)
{
	struct terms *t = r->to;
	t->approval_count = rows(r, LISTS_COUNT * sizeof(uint32_t));
	t->approvals = xcalloc(t->approval_count + 1, sizeof(*t->approvals));
	for (size_t i = 0; i < t->approval_count; i++)
		read_approval(r, &t->approvals[i]);
}

static void
read_protocols(struct reading *r)
{
	struct terms *t = r->to;
	t->protocol_count = rows(r, sizeof(uint32_t) + sizeof(uint64_t));
	t->protocols = xcalloc(t->protocol_count + 1, sizeof(*t->protocols));
	for (size_t i = 0; i < t->protocol_count; i++) {
		t->protocols[i].version = text(r);
		t->protocols[i].from_ms = at_time(r);
	}
}

static void
read_modifications(struct reading *r)
{
	struct terms *t = r->to;
	t->modification_count = rows(r, 2 * sizeof(uint64_t));
	t->modifications = xcalloc(t->modification_count + 1, sizeof(*t->modifications));
	for (size_t i = 0; i < t->modification_count; i++) {
		struct rules_modification *m = &t->modifications[i];
		m->term = text(r);
		m->form = text(r);
		m->form_version = text(r);
		m->site = text(r);
		m->decision = text(r);
		m->from_ms = at_time(r);
		m->until_ms = at_time(r);
	}
}

static void
read_reviews(struct reading *r)
{
	struct terms *t = r->to;
	t->review_count = rows(r, 3 * sizeof(uint64_t));
	t->reviews = xcalloc(t->review_count + 1, sizeof(*t->reviews));
	for (size_t i = 0; i < t->review_count; i++) {
		struct rules_review *v = &t->reviews[i];
		v->kind = text(r);
		v->site = text(r);
		v->from_ms = at_time(r);
		v->due_ms = at_time(r);
		v->done_ms = at_time(r);
		v->reviewed = cursor_u8(&r->c) != 0;
	}
}

static void
read_duties(struct reading *r)
{
	struct terms *t = r->to;
	t->duty_count = rows(r, 2 * sizeof(uint64_t));
	t->duties = xcalloc(t->duty_count + 1, sizeof(*t->duties));
	for (size_t i = 0; i < t->duty_count; i++) {
		struct rules_duty *d = &t->duties[i];
		d->site = t->site;
		d->person = text(r);
		d->task = text(r);
		d->from_ms = at_time(r);
		d->until_ms = at_time(r);
	}
}

static void
read_sheets(struct reading *r)
{
	struct terms *t = r->to;
	t->sheet_count = rows(r, 4 * sizeof(uint32_t));
	t->sheets = xcalloc(t->sheet_count + 1, sizeof(*t->sheets));
	for (size_t i = 0; i < t->sheet_count; i++) {
		struct rules_sheet *s = &t->sheets[i];
		s->form = text(r);
		s->version = text(r);
		s->supersedes = text(r);
		s->reconsent = text(r);
		s->from_ms = at_time(r);
	}
}

static void
read_holds(struct reading *r)
{
	struct terms *t = r->to;
	t->hold_count = rows(r, sizeof(uint64_t));
	t->holds = xcalloc(t->hold_count + 1, sizeof(*t->holds));
	for (size_t i = 0; i < t->hold_count; i++) {
		OWNED_MEM char *number = cursor_text(&r->c, RECEIPT_BYTES - 1);
		memcpy(t->holds[i].number, number, strlen(number) + 1);
		t->holds[i].placed_s = at_time(r);
	}
}

static void
read_papers(struct reading *r)
{
	struct terms *t = r->to;
	t->paper_count = rows(r, sizeof(uint32_t) + SIGNATURE_BYTES);
	t->papers = xcalloc(t->paper_count + 1, sizeof(*t->papers));
	for (size_t i = 0; i < t->paper_count; i++) {
		const struct view lent = cursor_blob(&r->c);
		if (lent.len)
			t->papers[i].text =
				view_of(keep(r, xmemdup(lent.at, lent.len)), lent.len);
		cursor_copy(&r->c, t->papers[i].signature, SIGNATURE_BYTES);
	}
}

static void
read_gone(struct reading *r)
{
	struct terms *t = r->to;
	t->gone_count = rows(r, GONE_BYTES);
	t->gone = xcalloc(t->gone_count + 1, sizeof(*t->gone));
	for (size_t i = 0; i < t->gone_count; i++) {
		cursor_copy(&r->c, t->gone[i].start, sizeof(t->gone[i].start));
		t->gone[i].stopped_s = at_time(r);
		cursor_copy(&r->c, t->gone[i].mark, sizeof(t->gone[i].mark));
	}
}

static enum err
read_rules(struct reading *r)
{
	OWNED(faults) struct faults *faults = faults_new();
	struct terms *t = r->to;
	const struct view lent = cursor_blob(&r->c);
	if (r->c.broken || lent.len == 0)
		return OK;
	t->rules_text = view_of(keep(r, xmemdup(lent.at, lent.len)), lent.len);
	t->rules = rules_read(t->rules_text, RULES_FILE, faults);
	if (t->rules)
		return OK;
	enum err e = faults_check(faults);
	return e ? e : fail(E_FORMAT, WHAT ": its own rules are none");
}

enum err
terms_read(struct terms **ret, struct view body)
{
	OWNED(terms) struct terms *t = xcalloc(1, sizeof(*t));
	struct reading r = {cursor_of(body), t};
	*ret = NULL;
	if (cursor_u8(&r.c) != TERMS_VERSION)
		return fail(E_FORMAT, WHAT " are of another version");
	t->study = cursor_text(&r.c, TEXT_MAX_BYTES);
	t->site = cursor_text(&r.c, TEXT_MAX_BYTES);
	t->number = cursor_u64(&r.c);
	t->made_s = at_time(&r);
	t->manifest_number = cursor_u64(&r.c);
	t->until_s = at_time(&r);
	if (!r.c.broken && t->until_s == 0)
		return fail(E_FORMAT, WHAT " say no day until when they count");
	read_approvals(&r);
	read_protocols(&r);
	read_modifications(&r);
	read_reviews(&r);
	read_duties(&r);
	read_sheets(&r);
	t->plan.sealed_ms = at_time(&r);
	t->plan.task_ms = at_time(&r);
	enum err e = read_rules(&r);
	read_holds(&r);
	t->left_day = cursor_text(&r.c, TEXT_MAX_BYTES);
	t->left_ms = at_time(&r);
	t->left_data = cursor_text(&r.c, TEXT_MAX_BYTES);
	read_papers(&r);
	read_gone(&r);
	t->is_cut = cursor_u8(&r.c) != 0;
	if (!e)
		e = cursor_end(&r.c, WHAT);
	if (!e)
		*ret = take(t);
	return e;
}

void
terms_free(struct terms *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->owned_count; i++)
		mem_drop(&t->owned[i]);
	mem_drop(&t->owned);
	mem_drop(&t->study);
	mem_drop(&t->site);
	mem_drop(&t->approvals);
	mem_drop(&t->protocols);
	mem_drop(&t->modifications);
	mem_drop(&t->reviews);
	mem_drop(&t->duties);
	mem_drop(&t->sheets);
	mem_drop(&t->holds);
	mem_drop(&t->papers);
	mem_drop(&t->gone);
	mem_drop(&t->left_day);
	mem_drop(&t->left_data);
	rules_free(t->rules);
	mem_drop(&t);
}

bool
terms_left(const struct terms *t, int64_t wall_ms)
{
	return t && t->left_day && *t->left_day && wall_ms >= t->left_ms;
}
