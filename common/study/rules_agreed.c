#include <stddef.h>
#include <string.h>

#include "common/study/rules_ask.h"

#define UNKNOWN_TIME "the time of collection is not known"

/* ---- who spoke ---- */

/* Does this word of a parent say when the child turns sixteen? Its last day is that day where
 * what it permits has none of its own, an earlier or a later one; it says nothing of it where
 * both are one. */
static bool
says_sixteen(const struct rules_consent *c)
{
	bool says = !*c->level && c->valid_until_ms != 0;
	for (size_t i = 0; i < c->permission_count; i++)
		says = says && c->permissions[i].until_ms != c->valid_until_ms;
	return says;
}

/* Of a group of children; or a parent spoke for them, and no word of a parent says that they
 * were sixteen by then. That a paper has ended makes nobody sixteen. */
static bool
is_child(const struct rule *r, const struct rules_facts *f)
{
	bool is_spoken_for = false, is_told = false;
	if (rules_has_word(&r->children, f->record.group))
		return true;
	for (size_t i = 0; i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (c->known > f->known_upto || !rules_same(c->grantor_role, "parent"))
			continue;
		if (f->record.captured_ms < c->valid_until_ms)
			return true;
		is_spoken_for = true;
		is_told = is_told || says_sixteen(c);
	}
	return is_spoken_for && !is_told;
}

static bool
is_unable(const struct rules_consent *c)
{
	return rules_same(c->capacity, "assessed-lacks") ||
	       rules_same(c->capacity, "lost-during-study");
}

static const char *
judge_consultee(const struct rule *r, const struct rules_facts *f,
	const struct rules_consent *c, struct verdict *v)
{
	if (is_child(r, f))
		return "a consultee does not speak for a child: a parent agrees, with the "
		       "child's own assent";
	if (!rules_has_word(&r->consultee, c->event))
		return "what the consultee said is no advice that counts";
	if (!rules_blank(c->capacity) && !is_unable(c))
		return "a consultee is asked only about a person who cannot decide";
	if (f->approvals_elsewhere && rules_is_coming(f))
		return NULL;
	if (rules_has_approval(f, r->consultee_approval, f->record.captured_ms, v))
		return NULL;
	return "no approval to ask consultees was in force at collection";
}

static const char *
judge_parent(const struct rule *r, const struct rules_consent *c)
{
	if (!(r->bits & RULES_CHILD_GIVEN))
		return "the study does not take what a parent agrees to";
	if (r->bits & RULES_CHILD_ASSENT && !rules_same(c->assent, "given"))
		return "the child's own assent is missing";
	return NULL;
}

static const char *
judge_grantor(const struct rule *r, const struct rules_facts *f, const struct rules_consent *c,
	struct verdict *v)
{
	if (rules_says_no(c))
		return "the person, or who spoke for them, had said no";
	if (rules_is_consultee(c))
		return judge_consultee(r, f, c, v);
	if (!rules_has_word(&r->accept, c->event))
		return "what stood when the record was collected was no agreement";
	if (rules_same(c->grantor_role, "parent"))
		return judge_parent(r, c);
	if (is_child(r, f))
		return "a child's own yes needs the agreement of a parent beside it";
	if (is_unable(c))
		return "the person could not decide about it, and no consultee spoke";
	return NULL;
}

/* ---- how it was said ---- */

/* An ethics opinion in force when it was said names the way it was said. */
static bool
is_mode_approved(const struct rule *r, const struct rules_facts *f, const char *mode,
	int64_t at_ms, struct verdict *v)
{
	for (size_t i = 0; i < f->approval_count; i++) {
		const struct rules_approval *a = &f->approvals[i];
		if (rules_has_word(&r->modes, a->kind) && rules_speaks(a, f) &&
			rules_lists(&a->covers.modes, mode) && rules_in_force(a, at_ms)) {
			rules_note_used(v, i);
			return true;
		}
	}
	return false;
}

static bool
is_witnessed(const struct rules_facts *f, const struct rules_consent *c)
{
	return c->witnessed == RULES_YES ||
	       (c->witnessed == RULES_NOT_ASKED && rules_is_coming(f));
}

/* Who cannot read has a witness whatever the study's modes are. */
static bool
needs_witness(const struct rule *r, const struct rules_consent *c)
{
	return rules_has_word(&r->witness, c->mode) ||
	       (r->witness.count && rules_same(c->grantor_role, "witness-for-illiterate"));
}

static const char *
judge_mode(const struct rule *r, const struct rules_facts *f, const struct rules_consent *c,
	struct verdict *v)
{
	if (f->unfed & RULES_BIT_MODES && (r->modes.count || r->witness.count))
		return "this version cannot decide R07";
	if (needs_witness(r, c) && !is_witnessed(f, c))
		return "consent given in this way needs a witness, and none is known";
	if (r->modes.count == 0 || (f->approvals_elsewhere && rules_is_coming(f)))
		return NULL;
	return is_mode_approved(r, f, c->mode, c->given_ms, v)
		       ? NULL
		       : "no approval then in force names the way consent was given";
}

bool
rules_mode_approved_for(
	const struct rule *r, const struct rules_facts *f, const char *mode, int64_t at_ms)
{
	struct verdict unused = {0};
	return r->modes.count == 0 || is_mode_approved(r, f, mode, at_ms, &unused);
}

/* ---- R07 ---- */

const char *
rules_judge_consent(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	if (f->per_site)
		return NULL;
	if (f->record.captured_ms == 0)
		return UNKNOWN_TIME;
	if (rules_goes_without(f, v->consent_then))
		return NULL;
	if (v->consent_then < 0)
		return "no consent stood when the record was collected";
	if (rules_takes_away(&f->record.consents[v->consent_then]))
		return "the person had ended collection before the record was collected";
	if (rules_had_died(f, f->record.captured_ms))
		return "the person had died before the record was collected";
	const struct rules_consent *agreement = rules_agreement_behind(f, v->consent_then);
	if (!agreement)
		return "what stood when the record was collected changes no agreement";
	const char *reason = judge_grantor(r, f, agreement, v);
	if (!reason)
		reason = judge_mode(r, f, agreement, v);
	if (reason)
		return reason;
	if (f->record.captured_ms <
		(agreement->valid_from_ms ? agreement->valid_from_ms : agreement->given_ms))
		return "the consent had not begun when the record was collected";
	return NULL;
}
