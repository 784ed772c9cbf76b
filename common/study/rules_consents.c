#include "common/study/rules_wish.h"

#include <stddef.h>

#include "common/study/rules_ask.h"

static bool
is_level(const struct rules_consent *c, const char *level)
{
	return rules_same(c->level, level);
}

static bool
ends_use(const struct rules_consent *c)
{
	return is_level(c, "no-further-use") || is_level(c, "erase");
}

static bool
permits_anything(const struct rules_consent *c)
{
	for (size_t i = 0; i < c->permission_count; i++)
		if (c->permissions[i].permit)
			return true;
	return false;
}

/* Somebody was asked: what was said before stands until there is an answer. */
static bool
is_question(const struct rules_consent *c)
{
	return rules_same(c->event, "requested");
}

/* A wish to be erased is taken back by an agreement that is later by its date and by when it
 * was known. It is there to be asked only where nothing was deleted before it came. */
static bool
is_taken_back(const struct rules_facts *f, const struct rules_consent *wish)
{
	for (size_t i = 0; i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (!*c->level && !rules_says_no(c) && !is_question(c) &&
			!rules_same(c->event, "advice-supports") && permits_anything(c) &&
			c->known <= f->known_upto && c->known > wish->known &&
			c->given_ms > wish->given_ms)
			return true;
	}
	return false;
}

/* How many wishes are known, and of those how many stand. */
static size_t
count_wishes(const struct rules_facts *f, size_t *ret_standing)
{
	size_t wishes = 0;
	*ret_standing = 0;
	for (size_t i = 0; i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (!is_level(c, "erase") || c->known > f->known_upto)
			continue;
		wishes++;
		*ret_standing += !is_taken_back(f, c);
	}
	return wishes;
}

bool
rules_erasure_taken_back(const struct rules_facts *f)
{
	size_t standing;
	return count_wishes(f, &standing) > 0 && standing == 0;
}

bool
rules_erasure_stands(const struct rules_facts *f)
{
	size_t standing;
	(void)count_wishes(f, &standing);
	return standing > 0;
}

/* For good: behind it nothing gives back. */
static bool
ends_for_good(const struct rules_facts *f, const struct rules_consent *c)
{
	return ends_use(c) && !(is_level(c, "erase") && is_taken_back(f, c));
}

/* The change or the no that was made known last, or -1; one that ends use for good stands
 * before all others. Dates are those of the site's clock: what takes away now (by_now) does so
 * from when it is known. */
static int
last_change(const struct rules_facts *f, int64_t at_ms, bool by_now)
{
	int best = -1;
	for (size_t i = 0; i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if ((!rules_takes_away(c) && !rules_says_no(c)) || c->known > f->known_upto ||
			(!by_now && c->given_ms > at_ms))
			continue;
		const struct rules_consent *b = best < 0 ? NULL : &f->record.consents[best];
		const bool ends = ends_for_good(f, c), ended = b && ends_for_good(f, b);
		if (!b || ends > ended || (ends == ended && c->known >= b->known))
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
	if (change >= 0 && ends_for_good(f, &f->record.consents[change]))
		return change;
	for (size_t i = 0; i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (c->known > f->known_upto || c->given_ms > at_ms || is_question(c) ||
			(change >= 0 &&
				(*c->level || c->known <= f->record.consents[change].known)))
			continue;
		const struct rules_consent *b = best < 0 ? NULL : &f->record.consents[best];
		if (!b || c->given_ms > b->given_ms ||
			(c->given_ms == b->given_ms && c->known >= b->known))
			best = (int)i;
	}
	return best;
}

/* A change of participation agrees to nothing by itself: the agreement before it does. */
const struct rules_consent *
rules_agreement_behind(const struct rules_facts *f, int which)
{
	const struct rules_consent *change = &f->record.consents[which], *best = NULL;
	if (!*change->level)
		return change;
	for (size_t i = 0; i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (*c->level || is_question(c) || c->known > f->known_upto ||
			c->given_ms > change->given_ms)
			continue;
		if (!best || c->given_ms > best->given_ms ||
			(c->given_ms == best->given_ms && c->known >= best->known))
			best = c;
	}
	return best;
}

/* One permit that covers the time and no refusal that does; nothing said is a refusal, and who
 * says no permits nothing. */
bool
rules_permits(const struct rules_consent *c, const char *code, int64_t at_ms)
{
	bool permit = false;
	if (c && rules_says_no(c))
		return false;
	for (size_t i = 0; c && i < c->permission_count; i++) {
		const struct rules_permission *p = &c->permissions[i];
		if (!rules_same(p->code, code) || !rules_within(at_ms, p->from_ms, p->until_ms))
			continue;
		if (!p->permit)
			return false;
		permit = true;
	}
	return permit;
}

bool
rules_ends_with_age(const struct rules_consent *c)
{
	if (c->valid_until_ms == 0 || !rules_same(c->grantor_role, "parent"))
		return false;
	for (size_t i = 0; i < c->permission_count; i++)
		if (c->permissions[i].until_ms &&
			c->permissions[i].until_ms <= c->valid_until_ms)
			return false;
	return true;
}

/* The permission this use needs and what to say without it; "" when the rule names none. */
static const char *
permission_for(const struct rule *r, enum rules_use use, const char **ret_without)
{
	*ret_without = "what the record is used for is not known";
	switch (use) {
	case RULES_NO_USE:
		*ret_without = "what the record is used for is not said";
		break;
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
	if (f->use == RULES_NO_USE && rules_is_coming(f))
		return NULL;
	if (f->use == RULES_USE_QUOTE && !f->record.quote_ok)
		return "the person did not say that these words may be printed";
	return *permission && rules_permits(now, permission, f->true_at_ms) ? NULL : without;
}

/* "" when the rule names none. */
static const char *
permission_of_data(const struct rule *r, const char *kind)
{
	if (rules_same(kind, "answers"))
		return r->data_answers;
	if (rules_same(kind, "records"))
		return r->data_records;
	return rules_same(kind, "audio") ? r->data_audio : "";
}

/* Sound is of somebody who answers, so it needs what answers need, too. */
static const char *
judge_data(const struct rule *r, const struct rules_facts *f, const struct rules_consent *then)
{
	const bool sound = rules_same(f->data_kind, "audio");
	const char *kind = permission_of_data(r, f->data_kind);
	const char *beside = sound ? r->data_answers : kind;
	if (!*kind)
		return "no permission is named for this kind of data";
	if (!rules_permits(then, beside, f->record.captured_ms))
		return "the person did not permit this kind of data when it was collected";
	return rules_permits(then, kind, f->record.captured_ms)
		       ? NULL
		       : "the person did not permit being recorded, and sound goes with the "
			 "record";
}

/* All that is done without consent: nobody was asked about anything else. */
static bool
is_figure(enum rules_use use)
{
	return use == RULES_USE_SITE || use == RULES_USE_POOLED;
}

const char *
rules_judge_permissions(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const struct rules_consent *then = rules_consent_at(f, v->consent_then);
	const struct rules_consent *now = rules_consent_at(f, v->consent_now);
	if (f->per_site)
		return NULL;
	const char *reason =
		rules_goes_without(f, v->consent_then) ? NULL : judge_data(r, f, then);
	if (reason)
		return reason;
	if (rules_goes_without(f, v->consent_now))
		return is_figure(f->use) ? NULL : judge_use(r, f, NULL);
	if (!now)
		return "there was no consent yet";
	if (ends_use(now))
		return "the person wants no further use";
	if (!r->after_death && rules_had_died(f, f->true_at_ms))
		return "the person has died, and the study stops use then";
	return judge_use(r, f, now);
}

static bool
is_retained(const struct rules_facts *f)
{
	return f->record.retained == RULES_YES ||
	       (f->record.retained == RULES_NOT_ASKED && rules_is_coming(f));
}

/* 0: never. Of a parent's word, whose last day is the child's sixteenth birthday, what it
 * permits may end before. */
static int64_t
end_of(const struct rules_consent *c)
{
	int64_t end_ms = c->valid_until_ms;
	if (!rules_same(c->grantor_role, "parent"))
		return end_ms;
	for (size_t i = 0; i < c->permission_count; i++)
		if (c->permissions[i].until_ms)
			end_ms = MIN(end_ms, c->permissions[i].until_ms);
	return end_ms;
}

/* Has it ended by this time? What ended with the child's age alone is left to R09 where that
 * is asked for every action at hand. */
static bool
has_run_out(const struct rule *r, const struct rules_facts *f, const struct rules_consent *c,
	int64_t at_ms)
{
	const int64_t end_ms = end_of(c);
	if (end_ms == 0 || at_ms < end_ms)
		return false;
	return f->action & ~r->left_to_sheets || !rules_ends_with_age(c);
}

const char *
rules_judge_period(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const struct rules_consent *then = rules_consent_at(f, v->consent_then);
	const struct rules_consent *now = rules_consent_at(f, v->consent_now);
	if (*r->retention && !is_retained(f))
		return "the time for which answers are kept has run out, or is not known";
	if (f->per_site)
		return NULL;
	if ((!then && !rules_goes_without(f, v->consent_then)) ||
		(!now && !rules_goes_without(f, v->consent_now)))
		return "there is no consent whose last day could be looked at";
	if (then && has_run_out(r, f, then, f->record.captured_ms))
		return "the consent had run out when the record was collected";
	if (now && has_run_out(r, f, now, f->true_at_ms))
		return "the consent has run out";
	return NULL;
}
