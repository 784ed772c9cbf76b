#include "common/study/collected.h"

#include <string.h>

#include "common/study/zone.h"

#define DAY_CHARS ((size_t)10) /* of YYYY-MM-DD */
#define MS_PER_S  1000

static struct collected
not_said(enum collected_word word, int64_t now_s)
{
	return (struct collected){now_s, word};
}

/* ahead_s: by how much it may be later than now. */
static struct collected
find(const char *text, const char *zone, int64_t now_s, int64_t ahead_s)
{
	int64_t at_s = 0, end_ms = 0;
	if (!text || !*text)
		return not_said(COLLECTED_UNSAID, now_s);
	if (!zone_moment(zone, text, &at_s))
		return not_said(COLLECTED_UNREAD, now_s);
	if (at_s > now_s + ahead_s)
		return not_said(COLLECTED_AHEAD, now_s);
	if (strlen(text) == DAY_CHARS && zone_day_end(zone, text, &end_ms))
		at_s = end_ms / MS_PER_S - 1;
	return (struct collected){MIN(at_s, now_s), COLLECTED_SAID};
}

struct collected
collected_by_clock(const char *text, const char *zone, int64_t now_s)
{
	struct collected c = find(text, zone, now_s, COLLECTED_AHEAD_MAX_S);
	return c.word == COLLECTED_SAID && c.at_s < COLLECTED_FIRST_S
		       ? not_said(COLLECTED_LOST, now_s)
		       : c;
}

struct collected
collected_by_hand(const char *text, const char *zone, int64_t now_s)
{
	return find(text, zone, now_s, 0);
}
