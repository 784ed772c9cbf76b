#include "common/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t frozen_wall_ms;

static int64_t
now_ms(clockid_t which)
{
	struct timespec t = {0};
	(void)clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
clock_wall_ms(void)
{
	if (frozen_wall_ms)
		return frozen_wall_ms;
	const char *offset = getenv("WEIR_CLOCK_OFFSET_S");
	int64_t shift_s = offset ? strtoll(offset, NULL, 10) : 0;
	return now_ms(CLOCK_REALTIME) + shift_s * 1000;
}

int64_t
clock_mono_ms(void)
{
	return now_ms(CLOCK_MONOTONIC);
}

void
clock_freeze_wall_ms(int64_t wall_ms)
{
	frozen_wall_ms = wall_ms;
}

void
clock_text(char ret[static CLOCK_TEXT_BYTES], int64_t wall_ms)
{
	time_t s = (time_t)(wall_ms / 1000);
	struct tm tm = {0};
	ret[0] = '\0';
	if (gmtime_r(&s, &tm))
		(void)strftime(ret, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

bool
clock_parse(const char *text, int64_t *ret_wall_ms)
{
	struct tm tm = {0};
	const char *format = strlen(text) == 10 ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M:%SZ";
	const char *end = strptime(text, format, &tm);
	*ret_wall_ms = 0;
	if (!end || *end)
		return false;
	struct tm asked = tm;
	time_t s = timegm(&tm);
	if (s == (time_t)-1 || tm.tm_mday != asked.tm_mday || tm.tm_mon != asked.tm_mon)
		return false;
	*ret_wall_ms = (int64_t)s * 1000;
	return true;
}

void
clock_span(char ret[static CLOCK_SPAN_BYTES], int64_t ms)
{
	static const struct {
		int64_t s;
		const char *one, *many;
	} units[] = {
		{86400, "day", "days"},
		{3600, "hour", "hours"},
		{60, "minute", "minutes"},
		{1, "second", "seconds"},
	};
	uint64_t s = (ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms) / 1000;
	size_t i = 0;
	while (i + 1 < ARRAY_LEN(units) && s < 2 * (uint64_t)units[i].s)
		i++;
	uint64_t n = s / (uint64_t)units[i].s;
	const char *word = n == 1 ? units[i].one : units[i].many;
	if (n < 1000)
		(void)snprintf(ret, CLOCK_SPAN_BYTES, "%" PRIu64 " %s", n, word);
	else if (n < 1000000)
		(void)snprintf(ret, CLOCK_SPAN_BYTES, "%" PRIu64 ",%03" PRIu64 " %s", n / 1000,
			n % 1000, word);
	else
		(void)snprintf(ret, CLOCK_SPAN_BYTES, "over 999,999 %s", word);
}
