#include "common/study/terms.h"

#define WHAT "terms of the site"

static void
put_text(struct buf *out, const char *text)
{
	buf_blob_text(out, text ? text : "");
}

static void
put_time(struct buf *out, int64_t at)
{
	buf_u64(out, (uint64_t)at);
}

static void
put_list(struct buf *out, const struct rules_list *l)
{
	buf_u32(out, (uint32_t)l->count);
	for (size_t i = 0; i < l->count; i++)
		put_text(out, l->words[i]);
}

static void
put_approval(struct buf *out, const struct rules_approval *a)
{
	put_text(out, a->id);
	put_text(out, a->kind);
	put_text(out, a->site);
	put_text(out, a->partner);
	put_text(out, a->flow);
	put_text(out, a->decision);
	buf_u8(out, a->reason_given);
	put_time(out, a->from_ms);
	put_time(out, a->until_ms);
	put_list(out, &a->covers.protocols);
	put_list(out, &a->covers.forms);
	put_list(out, &a->covers.data);
	put_list(out, &a->covers.activities);
	put_list(out, &a->covers.sites);
	put_list(out, &a->covers.modes);
	buf_u32(out, (uint32_t)a->condition_count);
	for (size_t i = 0; i < a->condition_count; i++) {
		put_time(out, a->conditions[i].due_ms);
		put_time(out, a->conditions[i].met_ms);
	}
}

static void
put_modification(struct buf *out, const struct rules_modification *m)
{
	put_text(out, m->term);
	put_text(out, m->form);
	put_text(out, m->form_version);
	put_text(out, m->site);
	put_text(out, m->decision);
	put_time(out, m->from_ms);
	put_time(out, m->until_ms);
}

static void
put_review(struct buf *out, const struct rules_review *r)
{
	put_text(out, r->kind);
	put_text(out, r->site);
	put_time(out, r->from_ms);
	put_time(out, r->due_ms);
	put_time(out, r->done_ms);
	buf_u8(out, r->reviewed);
}

static void
put_sheet(struct buf *out, const struct rules_sheet *s)
{
	put_text(out, s->form);
	put_text(out, s->version);
	put_text(out, s->supersedes);
	put_text(out, s->reconsent);
	put_time(out, s->from_ms);
}

static void
put_duty(struct buf *out, const struct rules_duty *d)
{
	put_text(out, d->person);
	put_text(out, d->task);
	put_time(out, d->from_ms);
	put_time(out, d->until_ms);
}

/* What is judged by. */
static void
put_facts(struct buf *out, const struct terms *t)
{
	buf_u32(out, (uint32_t)t->approval_count);
	for (size_t i = 0; i < t->approval_count; i++)
		put_approval(out, &t->approvals[i]);
	buf_u32(out, (uint32_t)t->protocol_count);
	for (size_t i = 0; i < t->protocol_count; i++) {
		put_text(out, t->protocols[i].version);
		put_time(out, t->protocols[i].from_ms);
	}
	buf_u32(out, (uint32_t)t->modification_count);
	for (size_t i = 0; i < t->modification_count; i++)
		put_modification(out, &t->modifications[i]);
	buf_u32(out, (uint32_t)t->review_count);
	for (size_t i = 0; i < t->review_count; i++)
		put_review(out, &t->reviews[i]);
	buf_u32(out, (uint32_t)t->duty_count);
	for (size_t i = 0; i < t->duty_count; i++)
		put_duty(out, &t->duties[i]);
	buf_u32(out, (uint32_t)t->sheet_count);
	for (size_t i = 0; i < t->sheet_count; i++)
		put_sheet(out, &t->sheets[i]);
	put_time(out, t->plan.sealed_ms);
	put_time(out, t->plan.task_ms);
	buf_blob(out, t->rules_text);
}

/* What the site is to do, and to know. */
static void
put_word(struct buf *out, const struct terms *t)
{
	buf_u32(out, (uint32_t)t->hold_count);
	for (size_t i = 0; i < t->hold_count; i++) {
		put_text(out, t->holds[i].number);
		put_time(out, t->holds[i].placed_s);
	}
	put_text(out, t->left_day);
	put_time(out, t->left_ms);
	put_text(out, t->left_data);
	buf_u32(out, (uint32_t)t->paper_count);
	for (size_t i = 0; i < t->paper_count; i++) {
		buf_blob(out, t->papers[i].text);
		buf_add(out, t->papers[i].signature, SIGNATURE_BYTES);
	}
	buf_u32(out, (uint32_t)t->gone_count);
	for (size_t i = 0; i < t->gone_count; i++) {
		buf_add(out, t->gone[i].start, sizeof(t->gone[i].start));
		put_time(out, t->gone[i].stopped_s);
		buf_add(out, t->gone[i].mark, sizeof(t->gone[i].mark));
	}
}

enum err
terms_write(struct buf *out, const struct terms *t)
{
	buf_u8(out, TERMS_VERSION);
	put_text(out, t->study);
	put_text(out, t->site);
	buf_u64(out, t->number);
	put_time(out, t->made_s);
	buf_u64(out, t->manifest_number);
	put_time(out, t->until_s);
	put_facts(out, t);
	put_word(out, t);
	buf_u8(out, t->is_cut);
	return buf_check(out, WHAT);
}
