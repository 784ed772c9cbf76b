#include "hub/season.h"

#include <string.h>

static enum err
find_wave(const struct pack *p, uint32_t number, const struct pack_wave **ret)
{
	*ret = pack_wave(p, number);
	return *ret ? OK : fail(E_NOTFOUND, "the study has no wave %u", number);
}

enum err
season_check(const struct pack *p, uint32_t wave, uint32_t earlier)
{
	const struct pack_wave *now = NULL, *then = NULL;
	enum err e = find_wave(p, wave, &now);
	if (!e)
		e = find_wave(p, earlier, &then);
	if (e)
		return e;
	if (earlier >= wave)
		return fail(E_DENIED, "wave %u is not earlier than wave %u", earlier, wave);
	if (!*now->season || !*then->season)
		return fail(E_DENIED,
			"wave %u has no season in study.ini: only like seasons are compared",
			*now->season ? earlier : wave);
	if (strcmp(now->season, then->season) != 0)
		return fail(E_DENIED,
			"wave %u is of season %s and wave %u of season %s: only like seasons "
			"are compared",
			wave, now->season, earlier, then->season);
	return OK;
}

void
season_note(struct buf *out, const struct pack *p, uint32_t wave)
{
	const struct pack_wave *of = pack_wave(p, wave);
	size_t like = 0;
	if (!of || !*of->season)
		return;
	buf_format(out, "wave %u is of season %s: ", wave, of->season);
	for (size_t i = 0; i < p->wave_count; i++)
		if (p->waves[i].number != wave && strcmp(p->waves[i].season, of->season) == 0)
			buf_format(out, "%s %u", like++ ? "," : "compare it with wave",
				p->waves[i].number);
	buf_format(out, "%s", like ? " alone" : "the study has no other wave like it");
}
