#include "common/study/xpath_inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define MS_PER_DAY    86400000.0
#define MS_PER_MINUTE 60000
#define TEXT_BYTES    48
#define OUT_MAX_BYTES ((size_t)16384)

/* A moment as it is written: the clock on the wall where it was written. */
struct moment {
	long year;
	int month, day, hour, minute, second, ms;
	int zone_minutes;
	bool has_time, has_zone;
};

/* Days since 1970 of a date of the Gregorian calendar: years begin in March, so that the day
 * that comes and goes is the last one. */
static double
days_of(const struct moment *m)
{
	long year = m->month > 2 ? m->year : m->year - 1;
	long era = (year >= 0 ? year : year - 399) / 400;
	long of_era = year - era * 400;
	long of_year =
		(153 * (m->month > 2 ? m->month - 3 : m->month + 9) + 2) / 5 + m->day - 1;
	long of_era_days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
	return (double)(era * 146097 + of_era_days - 719468);
}

static void
set_days(struct moment *m, double days)
{
	long z = (long)days + 719468;
	long era = (z >= 0 ? z : z - 146096) / 146097;
	long of_era = z - era * 146097;
	long year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	long of_year = of_era - (365 * year + year / 4 - year / 100);
	long month = (5 * of_year + 2) / 153;
	m->day = (int)(of_year - (153 * month + 2) / 5 + 1);
	m->month = (int)(month < 10 ? month + 3 : month - 9);
	m->year = year + era * 400 + (m->month <= 2);
}

static bool
digits(const char **at, int count, int *ret)
{
	*ret = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*ret = *ret * 10 + (**at - '0');
	}
	return true;
}

static bool
sign(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	(*at)++;
	return true;
}

static bool
read_date(const char **at, struct moment *m)
{
	static const int longest[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year;
	if (!digits(at, 4, &year) || !sign(at, '-') || !digits(at, 2, &m->month) ||
		!sign(at, '-') || !digits(at, 2, &m->day))
		return false;
	m->year = year;
	if (m->month < 1 || m->month > 12 || m->day < 1 || m->day > longest[m->month - 1])
		return false;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return m->month != 2 || m->day < 29 || leap;
}

static bool
read_zone(const char **at, struct moment *m)
{
	int hours, minutes = 0, way = **at == '-' ? -1 : 1;
	m->has_zone = true;
	if (sign(at, 'Z'))
		return true;
	if (!sign(at, '+') && !sign(at, '-'))
		return false;
	if (!digits(at, 2, &hours))
		return false;
	bool more = sign(at, ':') || **at;
	if (more && !digits(at, 2, &minutes))
		return false;
	m->zone_minutes = way * (hours * 60 + minutes);
	return hours <= 14 && minutes < 60;
}

static bool
read_time(const char **at, struct moment *m)
{
	m->has_time = true;
	if (!digits(at, 2, &m->hour) || !sign(at, ':') || !digits(at, 2, &m->minute))
		return false;
	if (sign(at, ':') && !digits(at, 2, &m->second))
		return false;
	if (sign(at, '.')) {
		int scale = 100;
		const char *first = *at;
		for (; **at >= '0' && **at <= '9'; (*at)++, scale /= 10)
			m->ms += (**at - '0') * scale;
		if (*at == first)
			return false;
	}
	if (m->hour > 23 || m->minute > 59 || m->second > 60)
		return false;
	return **at == '\0' || read_zone(at, m);
}

/* A date, or a date and a time: the whole text. */
static bool
read_moment(const char *text, struct moment *ret)
{
	*ret = (struct moment){0};
	const char *at = text;
	if (!read_date(&at, ret))
		return false;
	if (sign(&at, 'T') && !read_time(&at, ret))
		return false;
	return *at == '\0';
}

static double
part_of_day(const struct moment *m)
{
	return (((m->hour * 60.0 + m->minute) * 60 + m->second) * 1000 + m->ms) / MS_PER_DAY;
}

double
xpath_days(const char *text)
{
	struct moment m;
	return read_moment(text, &m) ? days_of(&m) + part_of_day(&m) : NAN;
}

bool
xpath_is_moment(const char *text, bool date, bool time)
{
	struct moment m = {0};
	const char *at = text;
	if (date)
		return read_moment(text, &m) && m.has_time == time;
	return read_time(&at, &m) && *at == '\0';
}

double
xpath_value(const char *text)
{
	double n = xmlXPathCastStringToNumber((const xmlChar *)text);
	return isnan(n) ? xpath_days(text) : n;
}

static struct moment
moment_of_days(double days)
{
	struct moment m = {.has_time = true};
	double whole = floor(days);
	long ms = (long)llround((days - whole) * MS_PER_DAY);
	if (ms >= (long)MS_PER_DAY) {
		whole++;
		ms = 0;
	}
	set_days(&m, whole);
	m.hour = (int)(ms / 3600000);
	m.minute = (int)(ms / 60000 % 60);
	m.second = (int)(ms / 1000 % 60);
	m.ms = (int)(ms % 1000);
	return m;
}

static struct moment
moment_now(const struct xpath_sources *s)
{
	double ms = (double)(s->now_ms + (int64_t)s->zone_minutes * MS_PER_MINUTE);
	struct moment m = moment_of_days(ms / MS_PER_DAY);
	m.zone_minutes = s->zone_minutes;
	m.has_zone = true;
	return m;
}

/* Four digits of a year: others are no dates of ours. */
static bool
in_years(double days)
{
	return days >= -719162 && days < 2932897;
}

/* An argument as a moment: a text, or days since 1970. */
static bool
arg_moment(const xmlXPathParserContext *p, int count, int i, struct moment *ret)
{
	const xmlXPathObject *o = xpath_arg(p, count, i);
	OWNED_MEM char *text = xpath_arg_text(p, count, i);
	if (o->type != XPATH_NUMBER && read_moment(text, ret))
		return true;
	double days = xpath_arg_number(p, count, i);
	if (isnan(days) || !in_years(days))
		return false;
	*ret = moment_of_days(days);
	return true;
}

static void
write_moment(char ret[static TEXT_BYTES], const struct moment *m, bool time)
{
	int len = snprintf(ret, TEXT_BYTES, "%04ld-%02d-%02d", m->year, m->month, m->day);
	if (!time)
		return;
	int zone = abs(m->zone_minutes);
	(void)snprintf(ret + len, TEXT_BYTES - (size_t)len, "T%02d:%02d:%02d.%03d%c%02d:%02d",
		m->hour, m->minute, m->second, m->ms, m->zone_minutes < 0 ? '-' : '+',
		zone / 60, zone % 60);
}

static void
give_moment(xmlXPathParserContext *p, int count, bool time)
{
	char text[TEXT_BYTES] = "";
	struct moment m;
	if (arg_moment(p, count, 0, &m)) {
		if (!m.has_zone)
			m.zone_minutes = xpath_running(p)->sources.zone_minutes;
		write_moment(text, &m, time);
	}
	xpath_give_text(p, count, text);
}

static void
run_date(xmlXPathParserContext *p, int count)
{
	give_moment(p, count, false);
}

static void
run_date_time(xmlXPathParserContext *p, int count)
{
	give_moment(p, count, true);
}

static void
give_now(xmlXPathParserContext *p, bool time)
{
	char text[TEXT_BYTES];
	struct moment m = moment_now(&xpath_running(p)->sources);
	write_moment(text, &m, time);
	xpath_give_text(p, 0, text);
}

static void
run_today(xmlXPathParserContext *p, int count)
{
	(void)count;
	give_now(p, false);
}

static void
run_now(xmlXPathParserContext *p, int count)
{
	(void)count;
	give_now(p, true);
}

static void
run_decimal_date_time(xmlXPathParserContext *p, int count)
{
	xpath_give_number(p, count, xpath_arg_number(p, count, 0));
}

static void
run_decimal_time(xmlXPathParserContext *p, int count)
{
	OWNED_MEM char *text = xpath_arg_text(p, count, 0);
	const char *at = text;
	struct moment m = {0};
	bool good = read_time(&at, &m) && *at == '\0';
	xpath_give_number(p, count, good ? part_of_day(&m) : NAN);
}

/* One letter behind '%' (ODK XForms, format-date). */
static bool
add_letter(struct buf *out, const struct moment *m, char letter)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static const char days[] = "SunMonTueWedThuFriSat";
	long weekday = ((long)days_of(m) % 7 + 11) % 7;
	const struct {
		char letter;
		int width;
		long value;
	} numbers[] = {{'Y', 4, m->year}, {'y', 2, m->year % 100}, {'m', 2, m->month},
		{'n', 1, m->month}, {'d', 2, m->day}, {'e', 1, m->day}, {'H', 2, m->hour},
		{'h', 1, m->hour}, {'M', 2, m->minute}, {'S', 2, m->second}, {'3', 3, m->ms}};
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (numbers[i].letter == letter) {
			buf_format(out, "%0*ld", numbers[i].width, numbers[i].value);
			return true;
		}
	if (letter == 'b')
		buf_format(out, "%.3s", months + (m->month - 1) * 3);
	if (letter == 'a')
		buf_format(out, "%.3s", days + weekday * 3);
	return letter == 'a' || letter == 'b';
}

static void
run_format(xmlXPathParserContext *p, int count)
{
	OWNED_BUF struct buf out;
	OWNED_MEM char *format = xpath_arg_text(p, count, 1);
	struct moment m;
	buf_init(&out, OUT_MAX_BYTES);
	if (arg_moment(p, count, 0, &m))
		for (const char *at = format; *at; at++) {
			if (*at != '%' || !at[1] || !add_letter(&out, &m, *++at))
				buf_u8(&out, (uint8_t)*at);
		}
	buf_u8(&out, 0);
	xpath_give_text(p, count, out.broken ? "" : (const char *)out.at);
}

const struct xpath_function xpath_dates[] = {
	{"today", "today", 0, 0, XPATH_DAY, XPATH_FREE, run_today},
	{"now", "now", 0, 0, XPATH_DAY, XPATH_FREE, run_now},
	{"date", "date", 1, 1, XPATH_DAY, XPATH_FREE, run_date},
	{"date-time", "date-time", 1, 1, XPATH_DAY, XPATH_FREE, run_date_time},
	{"decimal-date-time", "decimal-date-time", 1, 1, XPATH_NUM, XPATH_FREE,
		run_decimal_date_time},
	{"decimal-date", "decimal-date-time", 1, 1, XPATH_NUM, XPATH_FREE,
		run_decimal_date_time},
	{"decimal-time", "decimal-time", 1, 1, XPATH_NUM, XPATH_FREE, run_decimal_time},
	{"format-date", "format-date", 2, 2, XPATH_TEXT, XPATH_FREE, run_format},
	{"format-date-time", "format-date", 2, 2, XPATH_TEXT, XPATH_FREE, run_format},
	{0},
};
