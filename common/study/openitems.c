#include "common/study/openitems.h"

#include <string.h>

#define PARTNER "partner"

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

const char *
openitems_partner(const struct form *f, const struct wire_rules *r, bool *ret_not_asked)
{
	const int field = form_field(f, PARTNER);
	*ret_not_asked = field < 0 || f->fields[field].goes != FORM_OPEN;
	for (size_t i = 0; !*ret_not_asked && i < r->open_count; i++)
		if (strcmp(r->open[i].name, PARTNER) == 0)
			return r->open[i].value;
	return NULL;
}
