#include "common/study/zone.h"

#include <string.h>

#include "common/base/clock.h"

#define DAY_MS    ((int64_t)86400000)
#define HOUR_MS   ((int64_t)3600000)
#define MINUTE_MS ((int64_t)60000)

static const struct {
	const char *name;
	int minutes; /* ahead of UTC in winter */
	bool summer; /* an hour more in summer, by the dates of Europe */
} zones[] = {
	{"UTC", 0, false},
	{"Europe/London", 0, true},
	{"Europe/Dublin", 0, true},
	{"Europe/Lisbon", 0, true},
	{"Europe/Amsterdam", 60, true},
	{"Europe/Berlin", 60, true},
	{"Europe/Madrid", 60, true},
	{"Europe/Oslo", 60, true},
	{"Europe/Paris", 60, true},
	{"Europe/Rome", 60, true},
	{"Europe/Stockholm", 60, true},
	{"Europe/Vienna", 60, true},
	{"Europe/Zurich", 60, true},
	{"Europe/Athens", 120, true},
	{"Europe/Helsinki", 120, true},
};

/* 0 = Sunday; 1970-01-01 was a Thursday. */
static int
weekday(int64_t day)
{
	return (int)((day % 7 + 11) % 7);
}

static int
two_digits(const char *at)
{
	return (at[0] - '0') * 10 + (at[1] - '0');
}

/* Does summer time hold as the day begins? Both changes come after midnight of their Sunday. */
static bool
is_summer(const char *day, int64_t number)
{
	int month = two_digits(day + 5), date = two_digits(day + 8);
	if (month != 3 && month != 10)
		return month > 3 && month < 10;
	int last_sunday = 31 - weekday(number + (31 - date));
	return month == 3 ? date > last_sunday : date <= last_sunday;
}

bool
zone_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(zones); i++)
		if (strcmp(zones[i].name, name) == 0)
			return true;
	return false;
}

bool
zone_day(const char *name, const char *day, int64_t *ret_wall_ms)
{
	int64_t ms;
	*ret_wall_ms = 0;
	if (strlen(day) != strlen("YYYY-MM-DD") || !clock_parse(day, &ms))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		if (strcmp(zones[i].name, name) != 0)
			continue;
		int minutes = zones[i].minutes;
		if (zones[i].summer && is_summer(day, ms / DAY_MS))
			minutes += 60;
		*ret_wall_ms = ms - minutes * MINUTE_MS;
		return true;
	}
	return false;
}

bool
zone_day_end(const char *name, const char *day, int64_t *ret_wall_ms)
{
	int64_t ms;
	*ret_wall_ms = 0;
	if (!zone_day("UTC", day, &ms))
		return false;
	char next[CLOCK_TEXT_BYTES];
	clock_text(next, ms + DAY_MS);
	next[strlen("YYYY-MM-DD")] = '\0';
	return zone_day(name, next, ret_wall_ms);
}

int
zone_minutes(const char *name, int64_t wall_ms)
{
	char day[CLOCK_TEXT_BYTES];
	/* From 01:00 UTC on the clock goes as the next day begins. */
	int64_t next_ms = wall_ms - HOUR_MS + DAY_MS;
	clock_text(day, next_ms);
	for (size_t i = 0; i < ARRAY_LEN(zones); i++)
		if (strcmp(zones[i].name, name) == 0)
			return zones[i].minutes +
			       (zones[i].summer && is_summer(day, next_ms / DAY_MS) ? 60 : 0);
	return 0;
}
