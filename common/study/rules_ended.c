#include "common/study/rules_ended.h"

#include <stddef.h>
#include <string.h>

#include "common/study/rules_ask.h"
#include "common/study/rules_wish.h"

static bool
is_advice(const struct rules_consent *c)
{
	return rules_same(c->event, "advice-supports") && rules_is_consultee(c);
}

static bool
is_agreement(const struct rules_consent *c)
{
	return rules_same(c->event, "given") || rules_same(c->event, "reaffirmed");
}

/* An assessment that found so; that it was never doubted is not enough. */
static bool
can_decide(const struct rules_consent *c)
{
	return rules_same(c->capacity, "regained") || rules_same(c->capacity, "assessed-has");
}

bool
rules_gives_back(const struct rules_consent *c, const char *level)
{
	if (*c->level || rules_says_no(c))
		return false;
	if (strcmp(level, "erase") == 0)
		return is_agreement(c);
	if (strcmp(level, "objection") == 0)
		return is_agreement(c) || is_advice(c);
	if (strcmp(level, "capacity-lost") == 0)
		return is_advice(c) || (is_agreement(c) && can_decide(c));
	return false;
}

static bool
is_behind(const struct rules_facts *f, const struct rules_consent *change)
{
	for (size_t i = 0; i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (c->known <= f->known_upto && c->known > change->known &&
			c->given_ms > change->given_ms && rules_gives_back(c, change->level))
			return true;
	}
	return false;
}

const char *
rules_ended_by(const struct rules_facts *f)
{
	if (f->record.life.died_ms && f->record.life.died_known <= f->known_upto)
		return "died";
	for (size_t i = 0; i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (c->known <= f->known_upto && rules_takes_away(c) &&
			!rules_same(c->level, "erase") && !is_behind(f, c))
			return c->level;
	}
	return rules_erasure_stands(f) ? "erase" : NULL;
}
