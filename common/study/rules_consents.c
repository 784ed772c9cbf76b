#include <stddef.h>
#include <string.h>

#include "common/study/rules_ask.h"

static bool
is_level(const struct rules_consent *c, const char *level)
{
	return strcmp(c->level, level) == 0;
}

static bool
ends_use(const struct rules_consent *c)
{
	return is_level(c, "no-further-use") || is_level(c, "erase");
}

static bool
takes_away(const struct rules_consent *c)
{
	return *c->level && !is_level(c, "no-further-contact");
}

static bool
is_word(const char *text, const char *word)
{
	return text && strcmp(text, word) == 0;
}

/* A refusal, advice against it, or the person's own no: whatever else was said. */
static bool
says_no(const struct rules_consent *c)
{
	return is_word(c->event, "refused") || is_word(c->event, "advice-against") ||
	       is_word(c->assent, "dissent");
}

/* The change or the no that was made known last, or -1; one that ends use stands before all
 * others. Dates are those of the site's clock: what takes away now (by_now) does so from when
 * it is known. */
static int
last_change(const struct rules_facts *f, int64_t at_ms, bool by_now)
{
	int best = -1;
	for (size_t i = 0; i < f->consent_count; i++) {
		const struct rules_consent *c = &f->consents[i];
		if ((!takes_away(c) && !says_no(c)) || c->known > f->known_upto ||
			(!by_now && c->given_ms > at_ms))
			continue;
		const struct rules_consent *b = best < 0 ? NULL : &f->consents[best];
		if (!b || ends_use(c) > ends_use(b) ||
			(ends_use(c) == ends_use(b) && c->known >= b->known))
			best = (int)i;
	}
	return best;
}

/* The version that stands at this time, or -1. Of two given at one time the later known one
 * counts. Behind a no, or a change that takes away, only a new consent gives back, and
 * behind one that ends use nothing does. */
int
rules_version_at(const struct rules_facts *f, int64_t at_ms, bool by_now)
{
	const int change = last_change(f, at_ms, by_now);
	int best = change;
	if (change >= 0 && ends_use(&f->consents[change]))
		return change;
	for (size_t i = 0; i < f->consent_count; i++) {
		const struct rules_consent *c = &f->consents[i];
		if (c->known > f->known_upto || c->given_ms > at_ms ||
			(change >= 0 && (*c->level || c->known <= f->consents[change].known)))
			continue;
		const struct rules_consent *b = best < 0 ? NULL : &f->consents[best];
		if (!b || c->given_ms > b->given_ms ||
			(c->given_ms == b->given_ms && c->known >= b->known))
			best = (int)i;
	}
	return best;
}

static const struct rules_consent *
version(const struct rules_facts *f, int which)
{
	return which < 0 ? NULL : &f->consents[which];
}

static bool
is_consultee(const struct rules_consent *c)
{
	static const char start[] = "consultee";
	return c->grantor_role && strncmp(c->grantor_role, start, sizeof(start) - 1) == 0;
}

/* Is the record on its way, and asked about again before it is used? */
static bool
is_coming(const struct rules_facts *f)
{
	return f->action == RULES_COLLECT || f->action == RULES_SYNC;
}

static const char *
judge_consultee(const struct rule *r, const struct rules_facts *f,
	const struct rules_consent *c, struct verdict *v)
{
	if (!rules_has_word(&r->consultee, c->event))
		return "what the consultee said is no advice that counts";
	if (f->approvals_elsewhere && is_coming(f))
		return NULL;
	if (rules_has_approval(f, r->consultee_approval, f->captured_ms, v))
		return NULL;
	return "no approval to ask consultees was in force at collection";
}

/* Who spoke, and whether they could. */
static const char *
judge_grantor(const struct rule *r, const struct rules_facts *f, const struct rules_consent *c,
	struct verdict *v)
{
	if (says_no(c))
		return "the person, or who spoke for them, had said no";
	if (is_consultee(c))
		return judge_consultee(r, f, c, v);
	if (!rules_has_word(&r->accept, c->event))
		return "what stood when the record was collected was no agreement";
	if (is_word(c->grantor_role, "parent")) {
		if (!(r->bits & RULES_CHILD_GIVEN))
			return "the study does not take what a parent agrees to";
		if (r->bits & RULES_CHILD_ASSENT && !is_word(c->assent, "given"))
			return "the child's own assent is missing";
		return NULL;
	}
	if (is_word(c->capacity, "assessed-lacks") || is_word(c->capacity, "lost-during-study"))
		return "the person could not decide about it, and no consultee spoke";
	return NULL;
}

/* A change of participation agrees to nothing by itself: the agreement before it does.
 * Place of that, or -1. */
static int
agreement_behind(const struct rules_facts *f, int which)
{
	const struct rules_consent *change = &f->consents[which];
	int best = -1;
	if (!*change->level)
		return which;
	for (size_t i = 0; i < f->consent_count; i++) {
		const struct rules_consent *c = &f->consents[i];
		if (*c->level || c->known > f->known_upto || c->given_ms > change->given_ms)
			continue;
		const struct rules_consent *b = best < 0 ? NULL : &f->consents[best];
		if (!b || c->given_ms > b->given_ms ||
			(c->given_ms == b->given_ms && c->known >= b->known))
			best = (int)i;
	}
	return best;
}

const char *
rules_judge_consent(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const struct rules_consent *c = version(f, v->consent_then);
	if (f->per_site)
		return NULL;
	if (f->captured_ms == 0)
		return "the time of collection is not known";
	if (!c)
		return "no consent stood when the record was collected";
	if (takes_away(c))
		return "the person had ended collection before the record was collected";
	const struct rules_consent *agreement =
		version(f, agreement_behind(f, v->consent_then));
	if (!agreement)
		return "what stood when the record was collected changes no agreement";
	const char *reason = judge_grantor(r, f, agreement, v);
	if (reason)
		return reason;
	if (f->captured_ms < (c->valid_from_ms ? c->valid_from_ms : c->given_ms))
		return "the consent had not begun when the record was collected";
	return NULL;
}

/* One permit that covers the time and no refusal that does; nothing said is a refusal, and who
 * says no permits nothing. */
bool
rules_permits(const struct rules_consent *c, const char *code, int64_t at_ms)
{
	bool permit = false;
	if (c && says_no(c))
		return false;
	for (size_t i = 0; c && i < c->permission_count; i++) {
		const struct rules_permission *p = &c->permissions[i];
		if (strcmp(p->code, code) != 0 || !rules_within(at_ms, p->from_ms, p->until_ms))
			continue;
		if (!p->permit)
			return false;
		permit = true;
	}
	return permit;
}

/* The permission this use needs and what to say without it; "" when the rule names none. */
static const char *
permission_for(const struct rule *r, enum rules_use use, const char **ret_without)
{
	*ret_without = "what the record is used for is not known";
	switch (use) {
	case RULES_NO_USE:
		*ret_without = "what the record is used for is not said";
		return "";
	case RULES_USE_SITE:
		*ret_without = "the person does not permit tables of one site";
		return r->use_site;
	case RULES_USE_POOLED:
		*ret_without = "the person does not permit figures over several sites";
		return r->use_pooled;
	case RULES_USE_QUOTE:
		*ret_without = "the person does not permit printing words";
		return r->use_quote;
	case RULES_USE_LINK:
		*ret_without = "the person does not permit linking what was given";
		return r->use_link;
	case RULES_USE_SHARE:
		*ret_without = "the person does not permit sharing with others";
		return r->use_share;
	}
	return "";
}

static const char *
judge_use(const struct rule *r, const struct rules_facts *f, const struct rules_consent *now)
{
	const char *without;
	const char *permission = permission_for(r, f->use, &without);
	if (f->use == RULES_NO_USE && is_coming(f))
		return NULL;
	if (f->use == RULES_USE_QUOTE && !f->quote_ok)
		return "the person did not say that these words may be printed";
	return *permission && rules_permits(now, permission, f->true_at_ms) ? NULL : without;
}

/* "" when the rule names none. */
static const char *
permission_of_data(const struct rule *r, const char *kind)
{
	if (strcmp(kind, "answers") == 0)
		return r->data_answers;
	if (strcmp(kind, "records") == 0)
		return r->data_records;
	return strcmp(kind, "audio") == 0 ? r->data_audio : "";
}

const char *
rules_judge_permissions(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const struct rules_consent *then = version(f, v->consent_then);
	const struct rules_consent *now = version(f, v->consent_now);
	if (f->per_site)
		return NULL;
	const char *permission = permission_of_data(r, f->data_kind);
	if (!*permission)
		return "no permission is named for this kind of data";
	if (!rules_permits(then, permission, f->captured_ms))
		return "the person did not permit this kind of data when it was collected";
	if (!now || ends_use(now))
		return "the person wants no further use";
	return judge_use(r, f, now);
}

static bool
is_retained(const struct rules_facts *f)
{
	return f->retained == RULES_YES || (f->retained == RULES_NOT_ASKED && is_coming(f));
}

const char *
rules_judge_period(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const struct rules_consent *then = version(f, v->consent_then);
	const struct rules_consent *now = version(f, v->consent_now);
	if (*r->retention && !is_retained(f))
		return "the time for which answers are kept has run out, or is not known";
	if (f->per_site)
		return NULL;
	if (!then || !now)
		return "there is no consent whose last day could be looked at";
	if (then->valid_until_ms && f->captured_ms >= then->valid_until_ms)
		return "the consent had run out when the record was collected";
	if (now->valid_until_ms && f->true_at_ms >= now->valid_until_ms)
		return "the consent has run out";
	return NULL;
}
