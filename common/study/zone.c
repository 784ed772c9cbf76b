#include "common/study/zone.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"

#define DAY_MS    ((int64_t)86400000)
#define HOUR_MS   ((int64_t)3600000)
#define MINUTE_MS ((int64_t)60000)
#define SECOND_MS ((int64_t)1000)

/* Characters of YYYY-MM-DD, with hh:mm behind it, with :ss behind that. */
#define DAY_CHARS    ((size_t)10)
#define MINUTE_CHARS ((size_t)16)
#define SECOND_CHARS ((size_t)19)

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

/* Two digits; -1 if they are none. */
static int
digits(const char *at)
{
	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return -1;
	return two_digits(at);
}

/* "+01:00", "-0500" or "Z": seconds east of UTC. */
static bool
read_offset(const char *text, int64_t *ret_s)
{
	*ret_s = 0;
	if (strcmp(text, "Z") == 0)
		return true;
	size_t len = strlen(text);
	if ((text[0] != '+' && text[0] != '-') || (len != 3 && len != 5 && len != 6))
		return false;
	int hours = digits(text + 1);
	int minutes = len == 3 ? 0 : digits(text + (len == 6 ? 4 : 3));
	if (hours < 0 || minutes < 0 || (len == 6 && text[3] != ':'))
		return false;
	*ret_s = (text[0] == '-' ? -1 : 1) * ((int64_t)hours * 3600 + minutes * 60);
	return true;
}

/* The zone's own clock showed this; in the hour that autumn has twice, for the second time. */
static int64_t
by_the_wall(const char *name, int64_t shown_ms)
{
	int64_t ms = shown_ms - zone_minutes(name, shown_ms) * MINUTE_MS;
	return shown_ms - zone_minutes(name, ms) * MINUTE_MS;
}

/* The date and time in front; ret_rest: the offset behind them, "" if there is none. */
static bool
read_shown(const char *text, int64_t *ret_ms, const char **ret_rest)
{
	char plain[CLOCK_TEXT_BYTES];
	size_t len = strlen(text);
	if (len < MINUTE_CHARS || (text[DAY_CHARS] != 'T' && text[DAY_CHARS] != ' '))
		return false;
	const bool has_seconds = text[MINUTE_CHARS] == ':' && len >= SECOND_CHARS;
	*ret_rest = text + (has_seconds ? SECOND_CHARS : MINUTE_CHARS);
	(void)snprintf(plain, sizeof(plain), "%.10sT%.5s%.3sZ", text, text + DAY_CHARS + 1,
		has_seconds ? text + MINUTE_CHARS : ":00");
	if (has_seconds && **ret_rest == '.')
		*ret_rest += 1 + strspn(*ret_rest + 1, "0123456789");
	return clock_parse(plain, ret_ms);
}

bool
zone_moment(const char *name, const char *text, int64_t *ret_s)
{
	int64_t ms, east_s;
	const char *rest;
	*ret_s = 0;
	if (strlen(text) == DAY_CHARS) {
		bool is_day = zone_day(name, text, &ms);
		*ret_s = is_day ? ms / SECOND_MS : 0;
		return is_day;
	}
	if (!zone_known(name) || !read_shown(text, &ms, &rest))
		return false;
	if (*rest == '\0') {
		*ret_s = by_the_wall(name, ms) / SECOND_MS;
		return true;
	}
	if (!read_offset(rest, &east_s))
		return false;
	*ret_s = ms / SECOND_MS - east_s;
	return true;
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
