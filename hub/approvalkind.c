#include "hub/approvalkind.h"

#include "common/study/rules_words.h"

static const char *const own_kinds[] = {
	"modification", "cag", "dspt", "training", "contract", "letter-of-access"};

static bool
does_rule_ask(const struct rule *r, const char *kind)
{
	return r->on &&
	       (rules_has_word(&r->approvals, kind) || rules_has_word(&r->agreement, kind) ||
		       rules_has_word(&r->modes, kind) ||
		       rules_same(r->consultee_approval, kind) ||
		       rules_same(r->partner_approval, kind));
}

static bool
does_site_ask(const struct pack_site *s, const char *kind)
{
	for (size_t i = 0; i < s->needs_count; i++)
		if (rules_same(s->needs[i], kind))
			return true;
	return false;
}

bool
approvalkind_is_asked(const struct pack *p, const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(own_kinds); i++)
		if (rules_same(own_kinds[i], kind))
			return true;
	for (size_t i = 0; i <= RULES_MAX; i++)
		if (does_rule_ask(&p->rules->rule[i], kind))
			return true;
	for (size_t i = 0; i < p->site_count; i++)
		if (does_site_ask(&p->sites[i], kind))
			return true;
	return false;
}
