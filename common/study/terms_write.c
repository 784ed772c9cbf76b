#include "common/study/terms.h"

#include "common/study/rules_put.h"

#define WHAT "terms of the site"

static void
put_approval(struct buf *out, const struct rules_approval *a)
{
	rules_put_text(out, a->id);
	rules_put_text(out, a->kind);
	rules_put_text(out, a->site);
	rules_put_text(out, a->partner);
	rules_put_text(out, a->flow);
	rules_put_text(out, a->decision);
	buf_u8(out, a->reason_given);
	rules_put_time(out, a->from_ms);
	rules_put_time(out, a->until_ms);
	rules_put_covers(out, &a->covers);
	rules_put_count(out, a->condition_count);
	for (size_t i = 0; i < a->condition_count; i++) {
		rules_put_time(out, a->conditions[i].due_ms);
		rules_put_time(out, a->conditions[i].met_ms);
	}
}

static void
put_review(struct buf *out, const struct rules_review *r)
{
	rules_put_text(out, r->kind);
	rules_put_text(out, r->site);
	rules_put_time(out, r->from_ms);
	rules_put_time(out, r->due_ms);
	rules_put_time(out, r->done_ms);
	buf_u8(out, r->reviewed);
}

static void
put_sheet(struct buf *out, const struct rules_sheet *s)
{
	rules_put_text(out, s->form);
	rules_put_text(out, s->version);
	rules_put_text(out, s->supersedes);
	rules_put_text(out, s->reconsent);
	rules_put_time(out, s->from_ms);
}

static void
put_duty(struct buf *out, const struct rules_duty *d)
{
	rules_put_text(out, d->person);
	rules_put_text(out, d->task);
	rules_put_time(out, d->from_ms);
	rules_put_time(out, d->until_ms);
}

/* What is judged by. */
static void
put_facts(struct buf *out, const struct terms *t)
{
	rules_put_count(out, t->approval_count);
	for (size_t i = 0; i < t->approval_count; i++)
		put_approval(out, &t->approvals[i]);
	rules_put_count(out, t->protocol_count);
	for (size_t i = 0; i < t->protocol_count; i++) {
		rules_put_text(out, t->protocols[i].version);
		rules_put_time(out, t->protocols[i].from_ms);
	}
	rules_put_count(out, t->modification_count);
	for (size_t i = 0; i < t->modification_count; i++)
		rules_put_modification(out, &t->modifications[i]);
	rules_put_count(out, t->review_count);
	for (size_t i = 0; i < t->review_count; i++)
		put_review(out, &t->reviews[i]);
	rules_put_count(out, t->duty_count);
	for (size_t i = 0; i < t->duty_count; i++)
		put_duty(out, &t->duties[i]);
	rules_put_count(out, t->sheet_count);
	for (size_t i = 0; i < t->sheet_count; i++)
		put_sheet(out, &t->sheets[i]);
	rules_put_time(out, t->plan.sealed_ms);
	rules_put_time(out, t->plan.task_ms);
	buf_blob(out, t->rules_text);
}

/* What the site is to do, and to know. */
static void
put_word(struct buf *out, const struct terms *t)
{
	rules_put_count(out, t->hold_count);
	for (size_t i = 0; i < t->hold_count; i++) {
		rules_put_text(out, t->holds[i].number);
		rules_put_time(out, t->holds[i].placed_s);
	}
	rules_put_text(out, t->left_day);
	rules_put_time(out, t->left_ms);
	rules_put_text(out, t->left_data);
	rules_put_count(out, t->paper_count);
	for (size_t i = 0; i < t->paper_count; i++) {
		buf_blob(out, t->papers[i].text);
		buf_add(out, t->papers[i].signature, SIGNATURE_BYTES);
	}
	rules_put_count(out, t->gone_count);
	for (size_t i = 0; i < t->gone_count; i++) {
		buf_add(out, t->gone[i].start, sizeof(t->gone[i].start));
		rules_put_time(out, t->gone[i].stopped_s);
		buf_add(out, t->gone[i].mark, sizeof(t->gone[i].mark));
	}
}

enum err
terms_write(struct buf *out, const struct terms *t)
{
	buf_u8(out, TERMS_VERSION);
	rules_put_text(out, t->study);
	rules_put_text(out, t->site);
	buf_u64(out, t->number);
	rules_put_time(out, t->made_s);
	buf_u64(out, t->manifest_number);
	rules_put_time(out, t->until_s);
	put_facts(out, t);
	put_word(out, t);
	buf_u8(out, t->is_cut);
	return buf_check(out, WHAT);
}
