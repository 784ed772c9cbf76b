#include "common/study/openitems.h"

#include <string.h>

#define PARTNER "partner"
#define QUOTE   "quote_ok"
#define YES     "yes"

static enum rules_goes
goes_of(const struct form *f, const char *name)
{
	const int field = f ? form_field(f, name) : -1;
	if (field < 0)
		return RULES_GOES_UNLISTED;
	switch (f->fields[field].goes) {
	case FORM_SITE:
		return RULES_GOES_SITE;
	case FORM_OPEN:
		return RULES_GOES_OPEN;
	case FORM_HUB:
		break;
	}
	return RULES_GOES_UNLISTED;
}

size_t
openitems(struct rules_item ret[static WIRE_OPEN_MAX], const struct form *f,
	const struct wire_rules *r)
{
	for (size_t i = 0; i < r->open_count; i++)
		ret[i] = (struct rules_item){r->open[i].name, goes_of(f, r->open[i].name)};
	return r->open_count;
}

/* What an item that the form has open says; NULL if nothing. */
static const char *
said(const struct form *f, const struct wire_rules *r, const char *name)
{
	for (size_t i = 0; i < r->open_count; i++)
		if (strcmp(r->open[i].name, name) == 0 && goes_of(f, name) == RULES_GOES_OPEN)
			return r->open[i].value;
	return NULL;
}

const char *
openitems_partner(const struct form *f, const struct wire_rules *r, bool *ret_not_asked)
{
	*ret_not_asked = goes_of(f, PARTNER) != RULES_GOES_OPEN;
	return said(f, r, PARTNER);
}

const char *
openitems_collector(const struct form *f, const struct wire_rules *r)
{
	return said(f, r, FORM_COLLECTOR);
}

bool
openitems_quote(const struct form *f, const struct wire_rules *r)
{
	const char *answer = said(f, r, QUOTE);
	return answer && strcmp(answer, YES) == 0;
}
