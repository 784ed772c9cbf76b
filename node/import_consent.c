#include "node/import_consent.h"

#include <string.h>

#include "common/study/zone.h"

#define MS_PER_S 1000
#define MODE     "returned-questionnaire"

const char *
import_consent_wrong(const struct import_consent *c)
{
	int64_t end_ms;
	if (!c->mode && !c->permits)
		return c->until ? "--until goes with --consent" : NULL;
	if (!c->mode || !c->permits)
		return "--consent and --permit go together";
	if (strcmp(c->mode, MODE) != 0)
		return "an import can record consent of mode " MODE " only";
	return c->until && !zone_day_end(c->zone, c->until, &end_ms)
		       ? "--until is a day YYYY-MM-DD"
		       : NULL;
}

enum err
import_consent_at(struct import_consent *c, int64_t at_s)
{
	int64_t end_ms = 0;
	struct consent_given g = {c->mode, c->permits, c->form->id, c->form->version, at_s};
	if (!c->mode)
		return OK;
	enum err e = consent_give(&c->given, c->codes, &g);
	if (e || !c->until)
		return e;
	if (!zone_day_end(c->zone, c->until, &end_ms))
		return fail(E_FORMAT, "%s", import_consent_wrong(c));
	return consent_end(&c->given, end_ms / MS_PER_S);
}
