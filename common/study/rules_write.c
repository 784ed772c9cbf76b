#include "common/study/rules_write.h"

#include "common/base/base.h"

#include "common/study/rules_put.h"

#define FACTS_FORMAT   "weir-rules-facts-v3"
#define VERDICT_FORMAT "weir-rules-verdict-v1"

/* ---- approvals ---- */

static void
put_approval(struct buf *out, const struct rules_approval *a)
{
	rules_put_text(out, a->id);
	rules_put_text(out, a->kind);
	rules_put_text(out, a->site);
	rules_put_text(out, a->partner);
	rules_put_text(out, a->flow);
	rules_put_text(out, a->decision);
	buf_u32(out, a->reason_given);
	rules_put_time(out, a->from_ms);
	rules_put_time(out, a->until_ms);
	buf_u32(out, a->stop);
	rules_put_time(out, a->stop_from_ms);
	rules_put_time(out, a->stop_until_ms);
	rules_put_covers(out, &a->covers);
	rules_put_count(out, a->condition_count);
	for (size_t i = 0; i < a->condition_count; i++) {
		rules_put_time(out, a->conditions[i].due_ms);
		rules_put_time(out, a->conditions[i].met_ms);
		buf_u64(out, a->conditions[i].known);
		buf_u64(out, a->conditions[i].met_known);
	}
	buf_u64(out, a->known);
}

static void
put_approvals(struct buf *out, const struct rules_facts *f)
{
	rules_put_count(out, f->approval_count);
	for (size_t i = 0; i < f->approval_count; i++)
		put_approval(out, &f->approvals[i]);
	rules_put_count(out, f->protocol_count);
	for (size_t i = 0; i < f->protocol_count; i++) {
		rules_put_text(out, f->protocols[i].version);
		rules_put_time(out, f->protocols[i].from_ms);
		buf_u64(out, f->protocols[i].known);
	}
	rules_put_count(out, f->modification_count);
	for (size_t i = 0; i < f->modification_count; i++) {
		rules_put_modification(out, &f->modifications[i]);
		buf_u64(out, f->modifications[i].known);
	}
	rules_put_count(out, f->review_count);
	for (size_t i = 0; i < f->review_count; i++) {
		const struct rules_review *v = &f->reviews[i];
		rules_put_text(out, v->kind);
		rules_put_text(out, v->site);
		rules_put_time(out, v->from_ms);
		rules_put_time(out, v->due_ms);
		rules_put_time(out, v->done_ms);
		buf_u32(out, v->reviewed);
		buf_u64(out, v->known);
		buf_u64(out, v->done_known);
	}
}

/* ---- persons ---- */

static void
put_consent(struct buf *out, const struct rules_consent *c)
{
	const char *const texts[] = {c->event, c->level, c->grantor_role, c->capacity,
		c->assent, c->mode, c->form, c->form_version, c->taken_by, c->approach_by,
		c->approacher};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		rules_put_text(out, texts[i]);
	buf_u32(out, c->witnessed);
	rules_put_list(out, &c->duo);
	rules_put_time(out, c->given_ms);
	rules_put_time(out, c->valid_from_ms);
	rules_put_time(out, c->valid_until_ms);
	rules_put_count(out, c->permission_count);
	for (size_t i = 0; i < c->permission_count; i++) {
		rules_put_text(out, c->permissions[i].code);
		buf_u32(out, c->permissions[i].permit);
		rules_put_time(out, c->permissions[i].from_ms);
		rules_put_time(out, c->permissions[i].until_ms);
	}
	buf_u64(out, c->known);
}

static void
put_persons(struct buf *out, const struct rules_facts *f)
{
	rules_put_count(out, f->record.consent_count);
	for (size_t i = 0; i < f->record.consent_count; i++)
		put_consent(out, &f->record.consents[i]);
	rules_put_time(out, f->record.life.died_ms);
	buf_u64(out, f->record.life.died_known);
	rules_put_count(out, f->sheet_count);
	for (size_t i = 0; i < f->sheet_count; i++) {
		rules_put_text(out, f->sheets[i].form);
		rules_put_text(out, f->sheets[i].version);
		rules_put_text(out, f->sheets[i].supersedes);
		rules_put_text(out, f->sheets[i].reconsent);
		rules_put_time(out, f->sheets[i].from_ms);
		buf_u64(out, f->sheets[i].known);
	}
	rules_put_count(out, f->duty_count);
	for (size_t i = 0; i < f->duty_count; i++) {
		rules_put_text(out, f->duties[i].person);
		rules_put_text(out, f->duties[i].site);
		rules_put_text(out, f->duties[i].task);
		rules_put_time(out, f->duties[i].from_ms);
		rules_put_time(out, f->duties[i].until_ms);
		buf_u64(out, f->duties[i].known);
	}
	rules_put_count(out, f->record.opt_out_count);
	for (size_t i = 0; i < f->record.opt_out_count; i++) {
		rules_put_time(out, f->record.opt_outs[i].checked_ms);
		buf_u32(out, f->record.opt_outs[i].opted_out);
		buf_u64(out, f->record.opt_outs[i].known);
	}
}

/* ---- questions, witnesses, times ---- */

static void
put_request(struct buf *out, const struct rules_facts *f)
{
	const struct rules_request *q = &f->request;
	rules_put_text(out, q->purpose);
	rules_put_list(out, &q->duo);
	rules_put_text(out, q->role);
	rules_put_time(out, q->trained_ms);
	rules_put_time(out, q->contract_from_ms);
	rules_put_time(out, q->contract_until_ms);
	buf_u32(out, q->reason_given);
	buf_u32(out, f->record.items_known);
	rules_put_count(out, f->record.item_count);
	for (size_t i = 0; i < f->record.item_count; i++) {
		rules_put_text(out, f->record.items[i].name);
		buf_u32(out, f->record.items[i].goes);
	}
}

static void
put_times(struct buf *out, const struct rules_facts *f)
{
	rules_put_count(out, f->cosignature_count);
	for (size_t i = 0; i < f->cosignature_count; i++) {
		rules_put_text(out, f->cosignatures[i].by);
		buf_u32(out, f->cosignatures[i].is_site);
		rules_put_time(out, f->cosignatures[i].arrived_ms);
		buf_u64(out, f->cosignatures[i].known);
	}
	buf_u32(out, f->sites_joined);
	buf_u32(out, f->windows_known);
	rules_put_count(out, f->window_count);
	for (size_t i = 0; i < f->window_count; i++) {
		rules_put_text(out, f->windows[i].form);
		rules_put_text(out, f->windows[i].wave);
		rules_put_text(out, f->windows[i].site);
		rules_put_time(out, f->windows[i].from_ms);
		rules_put_time(out, f->windows[i].until_ms);
		buf_u64(out, f->windows[i].known);
	}
	rules_put_time(out, f->plan.sealed_ms);
	buf_u64(out, f->plan.sealed_known);
	rules_put_time(out, f->plan.task_ms);
	buf_u64(out, f->plan.task_known);
	rules_put_time(out, f->plan.first_record_ms);
}

/* ---- facts ---- */

static void
put_record(struct buf *out, const struct rules_facts *f)
{
	buf_u32(out, f->action);
	buf_u32(out, f->use);
	buf_u32(out, f->unfed);
	rules_put_text(out, f->data_kind);
	buf_u32(out, f->record.quote_ok);
	buf_u32(out, f->per_site);
	buf_u32(out, f->by_staff);
	rules_put_text(out, f->form);
	rules_put_text(out, f->form_version);
	rules_put_text(out, f->wave);
	rules_put_text(out, f->flow);
	rules_put_text(out, f->partner);
	buf_u32(out, f->no_partner);
	rules_put_text(out, f->site);
	rules_put_text(out, f->site_kind);
	rules_put_list(out, &f->local_approach);
	buf_u32(out, f->needs_known);
	rules_put_list(out, &f->needs);
	rules_put_time(out, f->true_at_ms);
	rules_put_time(out, f->record.captured_ms);
	rules_put_text(out, f->record.group);
	rules_put_text(out, f->record.collected_by);
	buf_u64(out, f->known_upto);
	rules_put_text(out, f->basis);
	rules_put_time(out, f->planned_ms);
	buf_u32(out, f->approvals_elsewhere);
}

void
rules_write_facts(struct buf *out, const struct rules_facts *f)
{
	rules_put_text(out, FACTS_FORMAT);
	put_record(out, f);
	put_approvals(out, f);
	put_persons(out, f);
	put_request(out, f);
	put_times(out, f);
	buf_u32(out, f->record.record_signature);
	buf_u32(out, f->record.consent_signature);
	buf_u32(out, f->record.batch_proof);
	buf_u32(out, f->record.decrypts);
	buf_u32(out, f->record.retained);
}

void
rules_write_verdict(struct buf *out, const struct verdict *v, const struct rules_facts *f)
{
	rules_put_text(out, VERDICT_FORMAT);
	buf_u32(out, v->outcome);
	rules_put_count(out, v->fired_count);
	for (size_t i = 0; i < v->fired_count; i++) {
		rules_put_text(out, v->fired[i].rule);
		buf_u32(out, v->fired[i].outcome);
		rules_put_text(out, v->fired[i].reason);
	}
	rules_put_count(out, v->used_count);
	for (size_t i = 0; i < v->used_count; i++)
		rules_put_text(out, f->approvals[v->used[i]].id);
	buf_u32(out, (uint32_t)v->consent_then);
	buf_u32(out, (uint32_t)v->consent_now);
	buf_add(out, v->rules_digest, sizeof(v->rules_digest));
	buf_u32(out, v->rules_version);
}
