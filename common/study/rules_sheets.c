#include <stddef.h>

#include "common/base/mem.h"
#include "common/study/rules_ask.h"

/* Nobody knows what the person saw. */
#define UNKNOWN (-1)

static bool
is_known(const struct rules_facts *f, const struct rules_sheet *s, const char *form)
{
	return s->known <= f->known_upto && rules_same(s->form, form);
}

static const struct rules_sheet *
find(const struct rules_facts *f, const char *form, const char *version)
{
	for (size_t i = 0; i < f->sheet_count; i++)
		if (rules_same(f->sheets[i].version, version) &&
			is_known(f, &f->sheets[i], form))
			return &f->sheets[i];
	return NULL;
}

/* The version in force: the one that came last by then; of two that came at once the later
 * known one. */
static const struct rules_sheet *
in_force(const struct rules_facts *f, const char *form, int64_t at_ms)
{
	const struct rules_sheet *best = NULL;
	for (size_t i = 0; i < f->sheet_count; i++) {
		const struct rules_sheet *s = &f->sheets[i];
		if (!is_known(f, s, form) || s->from_ms > at_ms)
			continue;
		if (!best || s->from_ms > best->from_ms ||
			(s->from_ms == best->from_ms && s->known >= best->known))
			best = s;
	}
	return best;
}

/* A word that nobody knows asks the most. */
static int
demand_of(const struct rules_sheet *s)
{
	if (rules_same(s->reconsent, "none"))
		return RULES_ASKS_NOTHING;
	if (rules_same(s->reconsent, "next-contact"))
		return RULES_ASKS_AT_CONTACT;
	if (rules_same(s->reconsent, "before-collection"))
		return RULES_ASKS_BEFORE_COLLECTION;
	return RULES_ASKS_BEFORE_USE;
}

/* What versions ask that came after `seen`, down to which `from` leads; UNKNOWN if it does not
 * lead there. A chain that bites its tail ends after as many steps as there are versions. */
static int
demand_between(const struct rules_facts *f, const struct rules_sheet *from, const char *seen)
{
	int demand = RULES_ASKS_NOTHING;
	for (size_t i = 0; from && i < f->sheet_count; i++) {
		if (rules_same(from->version, seen))
			return demand;
		demand = MAX(demand, demand_of(from));
		from = rules_blank(from->supersedes) ? NULL
						     : find(f, from->form, from->supersedes);
	}
	return UNKNOWN;
}

/* What is asked of who saw this version when that one is in force: enum rules_demand or
 * UNKNOWN. Who saw a later version than the one in force saw enough. */
static int
demand_of_seen(const struct rules_facts *f, const struct rules_sheet *newest,
	const struct rules_sheet *seen)
{
	if (!newest)
		return UNKNOWN;
	const int demand = demand_between(f, newest, seen->version);
	if (demand == UNKNOWN && demand_between(f, seen, newest->version) != UNKNOWN)
		return RULES_ASKS_NOTHING;
	return demand;
}

/* The same, and what is asked of who has turned sixteen by this time. */
static int
with_age(const struct rule *r, const struct rules_consent *c, int64_t at_ms, int demand)
{
	if (demand == UNKNOWN || at_ms < c->valid_until_ms || !rules_ends_with_age(c))
		return demand;
	return MAX(demand,
		r->sixteen_collection ? RULES_ASKS_BEFORE_COLLECTION : RULES_ASKS_BEFORE_USE);
}

/* What is asked of who agreed in this way, at collection and now. */
struct demands {
	int then, now;
};

/* Of what is on its way only collection is looked at. */
static struct demands
demands_of(const struct rule *r, const struct rules_facts *f, const struct rules_consent *c)
{
	const int64_t then_ms = f->record.captured_ms;
	const int64_t now_ms = rules_is_coming(f) ? then_ms : f->true_at_ms;
	const struct rules_sheet *seen = find(f, c->form, c->form_version);
	if (!seen)
		return (struct demands){UNKNOWN, UNKNOWN};
	const struct rules_sheet *first = in_force(f, seen->form, then_ms);
	const struct rules_sheet *last = in_force(f, seen->form, now_ms);
	const int demand = demand_of_seen(f, first, seen);
	return (struct demands){.then = with_age(r, c, then_ms, demand),
		.now = with_age(
			r, c, now_ms, last == first ? demand : demand_of_seen(f, last, seen))};
}

static const char *
say(struct verdict *v, unsigned outcome, const char *reason)
{
	v->fired[v->fired_count].outcome = (enum rules_outcome)outcome;
	return outcome == RULES_PERMIT ? NULL : reason;
}

/* Collection looks at what the person had seen by then; use at what they have seen by now, so
 * that an agreement made up for frees what was held. */
const char *
rules_judge_sheets(const struct rule *r, const struct rules_facts *f, struct verdict *v)
{
	const int which = rules_is_coming(f) ? v->consent_then : v->consent_now;
	if (f->per_site || rules_goes_without(f, which))
		return NULL;
	const struct rules_consent *c = which < 0 ? NULL : rules_agreement_behind(f, which);
	if (!c || f->record.captured_ms == 0)
		return "there is no agreement whose form could be looked at";
	const struct demands of = demands_of(r, f, c);
	if (of.then == UNKNOWN || of.now == UNKNOWN)
		return "the version of the form that the person saw is not known";
	if (of.now == RULES_ASKS_BEFORE_USE)
		return say(v, r->before_use, "the person has to agree anew before any use");
	if (of.then >= RULES_ASKS_BEFORE_COLLECTION)
		return say(v, r->before_collection,
			"the person had to agree anew before more was collected");
	if (of.then == RULES_ASKS_AT_CONTACT || of.now >= RULES_ASKS_AT_CONTACT)
		return say(v, r->next_contact, "the person is to agree anew at next contact");
	return NULL;
}
