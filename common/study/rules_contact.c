#include "common/study/rules_contact.h"

#include <string.h>

#include "common/study/rules_ask.h"

static const struct {
	const char *permission, *without;
} contacts[] = {
	[RULES_FOR_STUDY] = {"contact", "the person does not permit contact"},
	[RULES_FOR_RESULTS] = {"inform-results",
		"the person does not want to be told what the study found"},
	[RULES_FOR_OTHER_STUDY] = {"recontact-other-study",
		"the person does not permit being asked about another study"},
};

const char *
rules_no_contact(const struct rules_facts *f, enum rules_contact what_for)
{
	const int now = rules_version_at(f, f->true_at_ms, true);
	if (f->record.life.died_ms && f->record.life.died_known <= f->known_upto)
		return "the person has died";
	if (now < 0)
		return "there is no consent on which the person could be contacted";
	for (size_t i = 0; i < f->record.consent_count; i++) {
		const struct rules_consent *c = &f->record.consents[i];
		if (c->known <= f->known_upto && rules_same(c->level, "no-further-contact") &&
			c->known >= f->record.consents[now].known)
			return "the person wants no further contact";
	}
	if (rules_takes_away(&f->record.consents[now]))
		return "the person has ended taking part";
	return rules_permits(
		       &f->record.consents[now], contacts[what_for].permission, f->true_at_ms)
		       ? NULL
		       : contacts[what_for].without;
}

const char *
rules_no_name(const struct rules_facts *f)
{
	const int now = rules_version_at(f, f->true_at_ms, true);
	if (now < 0)
		return "there is no consent on which the name could be kept";
	return rules_permits(&f->record.consents[now], "store-identifiable", f->true_at_ms)
		       ? NULL
		       : "the person does not permit this site to keep their name";
}
