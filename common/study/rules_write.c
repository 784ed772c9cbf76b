#include "common/study/rules_write.h"

#include "common/base/base.h"

#define FACTS_FORMAT   "weir-rules-facts-v3"
#define VERDICT_FORMAT "weir-rules-verdict-v1"

/* ---- words and numbers ---- */

static void
put_text(struct buf *out, const char *text)
{
	buf_blob_text(out, text ? text : "");
}

static void
put_time(struct buf *out, int64_t ms)
{
	buf_u64(out, (uint64_t)ms);
}

static void
put_count(struct buf *out, size_t count)
{
	buf_u32(out, (uint32_t)count);
}

static void
put_list(struct buf *out, const struct rules_list *list)
{
	put_count(out, list->count);
	for (size_t i = 0; i < list->count; i++)
		put_text(out, list->words[i]);
}

/* ---- approvals ---- */

static void
put_approval(struct buf *out, const struct rules_approval *a)
{
	put_text(out, a->id);
	put_text(out, a->kind);
	put_text(out, a->site);
	put_text(out, a->partner);
	put_text(out, a->flow);
	put_text(out, a->decision);
	buf_u32(out, a->reason_given);
	put_time(out, a->from_ms);
	put_time(out, a->until_ms);
	buf_u32(out, a->stop);
	put_time(out, a->stop_from_ms);
	put_time(out, a->stop_until_ms);
	put_list(out, &a->covers.protocols);
	put_list(out, &a->covers.forms);
	put_list(out, &a->covers.data);
	put_list(out, &a->covers.activities);
	put_list(out, &a->covers.sites);
	put_list(out, &a->covers.modes);
	put_count(out, a->condition_count);
	for (size_t i = 0; i < a->condition_count; i++) {
		put_time(out, a->conditions[i].due_ms);
		put_time(out, a->conditions[i].met_ms);
		buf_u64(out, a->conditions[i].known);
		buf_u64(out, a->conditions[i].met_known);
	}
	buf_u64(out, a->known);
}

static void
put_approvals(struct buf *out, const struct rules_facts *f)
{
	put_count(out, f->approval_count);
	for (size_t i = 0; i < f->approval_count; i++)
		put_approval(out, &f->approvals[i]);
	put_count(out, f->protocol_count);
	for (size_t i = 0; i < f->protocol_count; i++) {
		put_text(out, f->protocols[i].version);
		put_time(out, f->protocols[i].from_ms);
		buf_u64(out, f->protocols[i].known);
	}
	put_count(out, f->modification_count);
	for (size_t i = 0; i < f->modification_count; i++) {
		const struct rules_modification *m = &f->modifications[i];
		put_text(out, m->term);
		put_text(out, m->form);
		put_text(out, m->form_version);
		put_text(out, m->site);
		put_text(out, m->decision);
		put_time(out, m->from_ms);
		put_time(out, m->until_ms);
		buf_u64(out, m->known);
	}
	put_count(out, f->review_count);
	for (size_t i = 0; i < f->review_count; i++) {
		const struct rules_review *v = &f->reviews[i];
		put_text(out, v->kind);
		put_text(out, v->site);
		put_time(out, v->from_ms);
		put_time(out, v->due_ms);
		put_time(out, v->done_ms);
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
		put_text(out, texts[i]);
	buf_u32(out, c->witnessed);
	put_list(out, &c->duo);
	put_time(out, c->given_ms);
	put_time(out, c->valid_from_ms);
	put_time(out, c->valid_until_ms);
	put_count(out, c->permission_count);
	for (size_t i = 0; i < c->permission_count; i++) {
		put_text(out, c->permissions[i].code);
		buf_u32(out, c->permissions[i].permit);
		put_time(out, c->permissions[i].from_ms);
		put_time(out, c->permissions[i].until_ms);
	}
	buf_u64(out, c->known);
}

static void
put_persons(struct buf *out, const struct rules_facts *f)
{
	put_count(out, f->record.consent_count);
	for (size_t i = 0; i < f->record.consent_count; i++)
		put_consent(out, &f->record.consents[i]);
	put_time(out, f->record.life.died_ms);
	buf_u64(out, f->record.life.died_known);
	put_count(out, f->sheet_count);
	for (size_t i = 0; i < f->sheet_count; i++) {
		put_text(out, f->sheets[i].form);
		put_text(out, f->sheets[i].version);
		put_text(out, f->sheets[i].supersedes);
		put_text(out, f->sheets[i].reconsent);
		put_time(out, f->sheets[i].from_ms);
		buf_u64(out, f->sheets[i].known);
	}
	put_count(out, f->duty_count);
	for (size_t i = 0; i < f->duty_count; i++) {
		put_text(out, f->duties[i].person);
		put_text(out, f->duties[i].site);
		put_text(out, f->duties[i].task);
		put_time(out, f->duties[i].from_ms);
		put_time(out, f->duties[i].until_ms);
		buf_u64(out, f->duties[i].known);
	}
	put_count(out, f->record.opt_out_count);
	for (size_t i = 0; i < f->record.opt_out_count; i++) {
		put_time(out, f->record.opt_outs[i].checked_ms);
		buf_u32(out, f->record.opt_outs[i].opted_out);
		buf_u64(out, f->record.opt_outs[i].known);
	}
}

/* ---- questions, witnesses, times ---- */

static void
put_request(struct buf *out, const struct rules_facts *f)
{
	const struct rules_request *q = &f->request;
	put_text(out, q->purpose);
	put_list(out, &q->duo);
	put_text(out, q->role);
	put_time(out, q->trained_ms);
	put_time(out, q->contract_from_ms);
	put_time(out, q->contract_until_ms);
	buf_u32(out, q->reason_given);
	buf_u32(out, f->record.items_known);
	put_count(out, f->record.item_count);
	for (size_t i = 0; i < f->record.item_count; i++) {
		put_text(out, f->record.items[i].name);
		buf_u32(out, f->record.items[i].goes);
	}
}

static void
put_times(struct buf *out, const struct rules_facts *f)
{
	put_count(out, f->cosignature_count);
	for (size_t i = 0; i < f->cosignature_count; i++) {
		put_text(out, f->cosignatures[i].by);
		buf_u32(out, f->cosignatures[i].is_site);
		put_time(out, f->cosignatures[i].arrived_ms);
		buf_u64(out, f->cosignatures[i].known);
	}
	buf_u32(out, f->sites_joined);
	buf_u32(out, f->windows_known);
	put_count(out, f->window_count);
	for (size_t i = 0; i < f->window_count; i++) {
		put_text(out, f->windows[i].form);
		put_text(out, f->windows[i].wave);
		put_text(out, f->windows[i].site);
		put_time(out, f->windows[i].from_ms);
		put_time(out, f->windows[i].until_ms);
		buf_u64(out, f->windows[i].known);
	}
	put_time(out, f->plan.sealed_ms);
	buf_u64(out, f->plan.sealed_known);
	put_time(out, f->plan.task_ms);
	buf_u64(out, f->plan.task_known);
	put_time(out, f->plan.first_record_ms);
}

/* ---- facts ---- */

static void
put_record(struct buf *out, const struct rules_facts *f)
{
	buf_u32(out, f->action);
	buf_u32(out, f->use);
	buf_u32(out, f->unfed);
	put_text(out, f->data_kind);
	buf_u32(out, f->record.quote_ok);
	buf_u32(out, f->per_site);
	buf_u32(out, f->by_staff);
	put_text(out, f->form);
	put_text(out, f->form_version);
	put_text(out, f->wave);
	put_text(out, f->flow);
	put_text(out, f->partner);
	buf_u32(out, f->no_partner);
	put_text(out, f->site);
	put_text(out, f->site_kind);
	put_list(out, &f->local_approach);
	buf_u32(out, f->needs_known);
	put_list(out, &f->needs);
	put_time(out, f->true_at_ms);
	put_time(out, f->record.captured_ms);
	put_text(out, f->record.group);
	put_text(out, f->record.collected_by);
	buf_u64(out, f->known_upto);
	put_text(out, f->basis);
	put_time(out, f->planned_ms);
	buf_u32(out, f->approvals_elsewhere);
}

void
rules_write_facts(struct buf *out, const struct rules_facts *f)
{
	put_text(out, FACTS_FORMAT);
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
	put_text(out, VERDICT_FORMAT);
	buf_u32(out, v->outcome);
	put_count(out, v->fired_count);
	for (size_t i = 0; i < v->fired_count; i++) {
		put_text(out, v->fired[i].rule);
		buf_u32(out, v->fired[i].outcome);
		put_text(out, v->fired[i].reason);
	}
	put_count(out, v->used_count);
	for (size_t i = 0; i < v->used_count; i++)
		put_text(out, f->approvals[v->used[i]].id);
	buf_u32(out, (uint32_t)v->consent_then);
	buf_u32(out, (uint32_t)v->consent_now);
	buf_add(out, v->rules_digest, sizeof(v->rules_digest));
	buf_u32(out, v->rules_version);
}
