#include <stdio.h>
#include <string.h>

#include "common/study/rules_ask.h"

/* ---- what an approval covers ---- */

/* "staff_p1" covers every version of the form, "staff_p1@2" one. */
static bool
is_form(const char *covered, const char *form, const char *version)
{
	size_t len = strlen(form);
	if (strncmp(covered, form, len) != 0)
		return false;
	return covered[len] == '\0' ||
	       (covered[len] == '@' && rules_same(covered + len + 1, version));
}

static bool
lists_form(const struct rules_list *list, const struct rules_facts *f)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_form(list->words[i], f->form, f->form_version))
			return true;
	return false;
}

/* otherwise: of what is not known about the record. */
static bool
covers_word(const struct rules_list *list, const char *word, bool otherwise)
{
	if (list->count == 0)
		return true;
	return rules_blank(word) ? otherwise : rules_lists(list, word);
}

/* The plan under which the record was collected; NULL: not known. */
static const char *
protocol_of(const struct rules_facts *f)
{
	const char *version = NULL;
	for (size_t i = 0; f->record.captured_ms && i < f->protocol_count; i++)
		if (f->protocols[i].known <= f->known_upto &&
			f->protocols[i].from_ms <= f->record.captured_ms)
			version = f->protocols[i].version;
	return version;
}

static inline bool
covers_protocol(const struct rules_covers *c, const struct rules_facts *f, bool otherwise)
{
	return c->protocols.count == 0 || covers_word(&c->protocols, protocol_of(f), otherwise);
}

/* Sound comes with answers: what stops answers stops it, too, and what speaks for it has to
 * speak for both. */
static inline bool
covers_data(const struct rules_list *list, const struct rules_facts *f, bool otherwise)
{
	const bool kind = covers_word(list, f->data_kind, otherwise);
	if (!rules_same(f->data_kind, "audio"))
		return kind;
	const bool answers = covers_word(list, "answers", otherwise);
	return otherwise ? kind || answers : kind && answers;
}

/* But for the protocol, which goes by the time of collection. */
static inline bool
covers(const struct rules_covers *c, const struct rules_facts *f, bool otherwise)
{
	if (!(c->forms.count | c->data.count | c->sites.count | c->activities.count))
		return true;
	if (c->forms.count && (rules_blank(f->form) ? !otherwise : !lists_form(&c->forms, f)))
		return false;
	return covers_data(&c->data, f, otherwise) &&
	       covers_word(&c->sites, f->site, otherwise) &&
	       (c->activities.count == 0 ||
		       rules_lists(&c->activities, rules_action_word(f->action)));
}

/* A partner's papers speak for the records of its own staff alone, those of a flow for its own
 * records. */
static inline bool
is_of(const struct rules_approval *a, const struct rules_facts *f)
{
	return a->known <= f->known_upto && (!*a->site || rules_same(a->site, f->site)) &&
	       (rules_blank(a->partner) || rules_same(a->partner, f->partner)) &&
	       (rules_blank(a->flow) || rules_same(a->flow, f->flow));
}

bool
rules_concerns(const struct rules_approval *a, const struct rules_facts *f)
{
	return is_of(a, f) && covers(&a->covers, f, false) &&
	       covers_protocol(&a->covers, f, false);
}

/* ---- what is in force ---- */

static inline bool
is_stopped(const struct rules_approval *a, int64_t at_ms)
{
	return a->stop != RULES_RUNS && rules_within(at_ms, a->stop_from_ms, a->stop_until_ms);
}

bool
rules_in_force(const struct rules_approval *a, int64_t at_ms)
{
	return rules_within(at_ms, a->from_ms, a->until_ms) && !is_stopped(a, at_ms);
}

/* Decisions by which a body agrees; only R01 has a key for them. */
static bool
is_confirming(const char *decision)
{
	return rules_same(decision, "confirmed") || rules_same(decision, "favourable") ||
	       rules_same(decision, "favourable-with-conditions");
}

bool
rules_confirms(const struct rules_approval *a)
{
	return is_confirming(a->decision);
}

bool
rules_may_speak(const struct rules_approval *a, const struct rules_facts *f)
{
	return rules_blank(a->partner) && is_of(a, f) && covers(&a->covers, f, false) &&
	       rules_confirms(a);
}

bool
rules_speaks(const struct rules_approval *a, const struct rules_facts *f)
{
	return rules_may_speak(a, f) && covers_protocol(&a->covers, f, false);
}

void
rules_note_used(struct verdict *v, size_t approval)
{
	for (size_t i = 0; i < v->used_count; i++)
		if (v->used[i] == approval)
			return;
	if (v->used_count < RULES_MAX_USED)
		v->used[v->used_count++] = approval;
}

/* partner NULL: of the site itself. */
static inline bool
has_of(const struct rules_facts *f, const char *kind, const char *partner, int64_t at_ms,
	struct verdict *v)
{
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (rules_same(a->kind, kind) && rules_blank(a->partner) == !partner &&
			rules_concerns(a, f) && rules_confirms(a) && rules_in_force(a, at_ms)) {
			rules_note_used(v, i);
			return true;
		}
	}
	return false;
}

bool
rules_has_approval(
	const struct rules_facts *f, const char *kind, int64_t at_ms, struct verdict *v)
{
	return has_of(f, kind, NULL, at_ms, v);
}

/* ---- R01: opinion ---- */

static bool
is_favourable(const struct rule *r, const struct rules_approval *a)
{
	if (!rules_has_word(&r->accept, a->decision))
		return false;
	return !r->reason || a->reason_given || !rules_same(a->decision, "not-required");
}

static bool
has_opinion(const struct rule *r, const struct rules_facts *f, int64_t at_ms, struct verdict *v)
{
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (rules_has_word(&r->approvals, a->kind) && rules_blank(a->partner) &&
			rules_concerns(a, f) && is_favourable(r, a) &&
			rules_in_force(a, at_ms)) {
			rules_note_used(v, i);
			return true;
		}
	}
	return false;
}

static bool
is_only_told(const struct rules_modification *m)
{
	return (rules_same(m->term, "minor") || rules_same(m->term, "non-substantial")) &&
	       (rules_blank(m->decision) || rules_same(m->decision, "not-required"));
}

/* Had what brought the version of the form been agreed to, as far as it has to be? */
static bool
is_modified_rightly(const struct rules_facts *f)
{
	for (size_t i = 0; i < f->modification_count; i++) {
		const struct rules_modification *m = &f->modifications[i];
		if (m->known > f->known_upto || !rules_same(m->form, f->form) ||
			!rules_same(m->form_version, f->form_version) ||
			(!rules_blank(m->site) && !rules_same(m->site, f->site)))
			continue;
		if (!rules_within(f->record.captured_ms, m->from_ms, m->until_ms) ||
			!(is_only_told(m) || is_confirming(m->decision)))
			return false;
	}
	return true;
}

const char *
rules_judge_opinion(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	if (r->bits & RULES_AT_COLLECTION && f->record.captured_ms == 0)
		return "the time of collection is not known";
	if (r->bits & RULES_AT_COLLECTION && !has_opinion(r, f, f->record.captured_ms, v))
		return "no favourable ethics opinion was in force at collection";
	if (r->bits & RULES_AT_COLLECTION && !is_modified_rightly(f))
		return "the change that brought this form was not agreed to at collection";
	if (r->bits & RULES_AT_NOW && !has_opinion(r, f, f->true_at_ms, v))
		return "no favourable ethics opinion is in force now";
	return NULL;
}

/* ---- R02, R03, R20: what a site needs ---- */

static bool
has_any(const struct rule *r, const struct rules_facts *f, int64_t at_ms, struct verdict *v)
{
	for (size_t i = 0; i < r->approvals.count; i++)
		if (rules_has_approval(f, r->approvals.word[i], at_ms, v))
			return true;
	return false;
}

const char *
rules_judge_kind(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	if (rules_blank(f->site_kind))
		return "the kind of the site is not known";
	if (!rules_has_word(&r->kinds, f->site_kind))
		return NULL;
	if (f->record.captured_ms == 0)
		return "the time of collection is not known";
	if (!has_any(r, f, f->record.captured_ms, v))
		return "the approval this kind of site needs was not in force at collection";
	if (!has_any(r, f, f->true_at_ms, v))
		return "the approval this kind of site needs is not in force now";
	return NULL;
}

const char *
rules_agreement_for(const struct rule *r, const char *site_kind)
{
	for (size_t i = 0; i < r->kinds.count; i++)
		if (rules_same(r->kinds.word[i], site_kind))
			return r->agreement.word[i];
	return NULL;
}

/* The site itself, not the study, has to agree. */
static bool
has_confirmed(const struct rules_facts *f, const char *kind, struct verdict *v)
{
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (rules_same(a->kind, kind) && *a->site && rules_blank(a->partner) &&
			rules_concerns(a, f) && rules_confirms(a) &&
			rules_in_force(a, f->record.captured_ms)) {
			rules_note_used(v, i);
			return true;
		}
	}
	return false;
}

/* A body that said why it need not be asked has been asked. */
static bool
is_settled(const struct rules_approval *a)
{
	return rules_confirms(a) ||
	       (a->reason_given && rules_same(a->decision, "not-required"));
}

static bool
has_needed(const struct rules_facts *f, const char *kind, struct verdict *v)
{
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (rules_same(a->kind, kind) && rules_blank(a->partner) &&
			rules_concerns(a, f) && is_settled(a) &&
			rules_in_force(a, f->record.captured_ms)) {
			rules_note_used(v, i);
			return true;
		}
	}
	return false;
}

/* Written where the verdict keeps it, so that it can name the kind. */
static const char *
lacks(struct verdict *v, const char *kind)
{
	char *reason = v->fired[v->fired_count].reason;
	(void)snprintf(reason, RULES_REASON_BYTES,
		"approval %.31s, which the site needs, was not in force at collection", kind);
	return reason;
}

const char *
rules_judge_agreement(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const char *kind = rules_agreement_for(r, f->site_kind);
	if (!kind || rules_blank(f->site))
		return "no agreement is named for this kind of site";
	if (f->record.captured_ms == 0)
		return "the time of collection is not known";
	if (!has_confirmed(f, kind, v))
		return "the site had not confirmed before the record was collected";
	if (!f->needs_known)
		return "the approvals that the site needs are not known";
	for (size_t i = 0; i < f->needs.count; i++)
		if (!has_needed(f, f->needs.words[i], v))
			return lacks(v, f->needs.words[i]);
	return NULL;
}

const char *
rules_judge_agreements(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	if (rules_blank(f->site))
		return "the site is not known";
	for (size_t i = 0; i < r->approvals.count; i++)
		if (!rules_has_approval(f, r->approvals.word[i], f->true_at_ms, v))
			return "an agreement or assessment that the site needs is not in force";
	if (!*r->partner_approval || f->no_partner)
		return NULL;
	if (rules_blank(f->partner))
		return "the partner organisation whose staff gave the record is not known";
	if (!has_of(f, r->partner_approval, f->partner, f->true_at_ms, v))
		return "the partner organisation has no agreement in force";
	return NULL;
}

/* ---- R04: stops ---- */

const char *
rules_judge_stops(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	(void)v;
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		bool suspended = rules_same(a->decision, "suspended") ||
				 (a->stop == RULES_SUSPENDED && is_stopped(a, f->true_at_ms));
		bool withdrawn = rules_same(a->decision, "withdrawn") ||
				 (a->stop == RULES_WITHDRAWN && is_stopped(a, f->true_at_ms));
		if ((!suspended && !withdrawn) || !is_of(a, f) ||
			!covers(&a->covers, f, true) || !covers_protocol(&a->covers, f, true) ||
			!rules_within(f->true_at_ms, a->from_ms, a->until_ms))
			continue;
		if (suspended && r->bits & RULES_STOP_SUSPENDED)
			return "an approval is suspended";
		if (withdrawn && r->bits & RULES_STOP_WITHDRAWN)
			return "an approval is withdrawn";
	}
	return NULL;
}
