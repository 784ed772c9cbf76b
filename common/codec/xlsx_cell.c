#include "common/codec/xlsx_cell.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S                86400
#define DAYS_TO_1904         1462
#define LAST_DAY             2958466 /* 9999-12-31 and one */
#define DAYS_1899_TO_EPOCH   25569   /* 1899-12-30 to 1970-01-01 */
#define WHOLE_BELOW          1e15    /* doubles hold every whole number below */
#define MAX_ROW_OF_SHEETS    1048576
#define MAX_COLUMN_OF_SHEETS 16384

bool
xlsx_format_is_date(unsigned id, const char *code)
{
	if (!*code)
		return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) ||
		       (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
	bool quoted = false, bracket = false;
	for (const char *p = code; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if ((*p == '\\' || *p == '_' || *p == '*') && p[1])
			p++;
		else if (*p == '[' || *p == ']')
			bracket = *p == '[';
		else if (!bracket && strchr("yYmMdDhHsS", *p))
			return strncmp(p, "General", 7) != 0;
		else if (strncmp(p, "General", 7) == 0)
			return false;
	}
	return false;
}

static bool
number_of(const char *text, double *ret)
{
	char *end = NULL;
	if (!*text || text[strspn(text, "0123456789+-.eE")] != '\0')
		return false;
	*ret = strtod(text, &end);
	return *end == '\0' && isfinite(*ret);
}

void
xlsx_number(char ret[static XLSX_CELL_BYTES], const char *number)
{
	double d;
	if (!number_of(number, &d))
		(void)snprintf(ret, XLSX_CELL_BYTES, "%s", number);
	else if (d == floor(d) && fabs(d) < WHOLE_BELOW)
		(void)snprintf(ret, XLSX_CELL_BYTES, "%.0f", d == 0 ? 0.0 : d);
	else
		(void)snprintf(ret, XLSX_CELL_BYTES, "%.15g", d);
}

/* Years, months and days of a count of days since 1970-01-01 (proleptic Gregorian): the year
 * begins in March, so that the leap day is its last. */
static void
put_day(char ret[static XLSX_CELL_BYTES], int64_t days)
{
	int64_t z = days + 719468, era = z / 146097, of_era = z % 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t m = (5 * of_year + 2) / 153, day = of_year - (153 * m + 2) / 5 + 1;
	int64_t month = m < 10 ? m + 3 : m - 9;
	year += era * 400 + (month <= 2);
	(void)snprintf(ret, XLSX_CELL_BYTES, "%04d-%02d-%02d", (int)year, (int)month, (int)day);
}

void
xlsx_date(char ret[static XLSX_CELL_BYTES], const char *number, bool from_1904)
{
	double d;
	if (!number_of(number, &d) || d < 0 || d >= LAST_DAY - DAYS_TO_1904) {
		xlsx_number(ret, number);
		return;
	}
	int64_t days = (int64_t)floor(d), seconds = (int64_t)llround((d - floor(d)) * DAY_S);
	if (seconds == DAY_S) {
		days++;
		seconds = 0;
	}
	size_t at = 0;
	bool has_day = days > 0 || seconds == 0;
	if (has_day) {
		put_day(ret, days + (from_1904 ? DAYS_TO_1904 : 0) - DAYS_1899_TO_EPOCH);
		at = strlen(ret);
	}
	if (seconds)
		(void)snprintf(ret + at, XLSX_CELL_BYTES - at, "%s%02d:%02d:%02d",
			has_day ? "T" : "", (int)(seconds / 3600), (int)(seconds / 60 % 60),
			(int)(seconds % 60));
}

bool
xlsx_address(const char *text, size_t *ret_row, size_t *ret_column)
{
	size_t row = 0, column = 0;
	const char *p = text;
	for (; *p >= 'A' && *p <= 'Z' && column <= MAX_COLUMN_OF_SHEETS; p++)
		column = column * 26 + (size_t)(*p - 'A' + 1);
	if (p == text || column > MAX_COLUMN_OF_SHEETS)
		return false;
	const char *digits = p;
	for (; *p >= '0' && *p <= '9' && row <= MAX_ROW_OF_SHEETS; p++)
		row = row * 10 + (size_t)(*p - '0');
	if (p == digits || *p || row == 0 || row > MAX_ROW_OF_SHEETS)
		return false;
	*ret_row = row - 1;
	*ret_column = column - 1;
	return true;
}
