#include "node/leads.h"

#include <string.h>

#include "common/codec/textscan.h"

static bool
is_looked_at(const struct form_field *f)
{
	return f->type == FORM_TEXT && f->goes == FORM_HUB && !f->calculated &&
	       f->disclosure != FORM_PSEUDONYM && strcmp(f->name, FORM_PARTICIPANT) != 0;
}

const char *
leads_to(const struct form_field *f, const char *value)
{
	struct textscan_hit hits[TEXTSCAN_HITS_MAX_COUNT];
	if (!is_looked_at(f) || !textscan(view_text(value), hits))
		return NULL;
	return textscan_words(hits[0].kind);
}
