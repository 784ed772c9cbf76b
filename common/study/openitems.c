#include "common/study/openitems.h"

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
