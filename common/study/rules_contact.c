#include "common/study/rules_contact.h"

#include <string.h>

#include "common/study/rules_ask.h"

const char *
rules_no_contact(const struct rules_facts *f)
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
	if (!rules_permits(&f->record.consents[now], "contact", f->true_at_ms))
		return "the person does not permit contact";
	return NULL;
}
