#include "common/study/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define MAX_COUNT 1000000
#define DAY_MS    ((int64_t)86400000)

struct fault_place
values_place(const struct values *v, const char *key)
{
	const struct ini_item *item = ini_find(v->ini, v->section, key);
	if (!item)
		item = ini_find(v->ini, v->section, "");
	return (struct fault_place){v->file, item ? item->line : 0, key};
}

/* Is the key one of "|one|two.*|"? */
static bool
is_known(const char *key, const char *known)
{
	OWNED_MEM char *whole = xasprintf("|%s|", key);
	if (strstr(known, whole))
		return true;
	const char *dot = strchr(key, '.');
	if (!dot || !dot[1])
		return false;
	OWNED_MEM char *family = xasprintf("|%.*s.*|", (int)(dot - key), key);
	return strstr(known, family) != NULL;
}

void
values_check_keys(const struct values *v, const char *known)
{
	for (size_t i = 0; i < v->ini->count; i++) {
		const struct ini_item *item = &v->ini->items[i];
		if (strcmp(item->section, v->section) != 0 || !*item->key ||
			is_known(item->key, known))
			continue;
		faults_add(v->faults, (struct fault_place){v->file, item->line, item->key},
			"this key is not known in [%s], or not built yet in this version",
			v->section);
	}
}

const char *
values_text(const struct values *v, const char *key)
{
	return ini_value(v->ini, v->section, key, "");
}

const char *
values_need(const struct values *v, const char *key)
{
	const char *text = values_text(v, key);
	if (!*text)
		faults_add(v->faults, values_place(v, key), "[%s] needs this key", v->section);
	return text;
}

bool
values_flag(const struct values *v, const char *key, bool otherwise)
{
	const char *text = ini_value(v->ini, v->section, key, otherwise ? "yes" : "no");
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
		faults_add(v->faults, values_place(v, key), "yes or no is wanted");
	return strcmp(text, "yes") == 0;
}

uint32_t
values_count(const struct values *v, const char *key, const char *unit, uint32_t otherwise)
{
	const struct ini_item *item = ini_find(v->ini, v->section, key);
	if (!item)
		return otherwise;
	size_t digits = strspn(item->value, "0123456789");
	const char *rest = item->value + digits;
	int64_t n = 0;
	bool unit_fits = *unit ? *rest == ' ' && strcmp(rest + 1, unit) == 0 : *rest == '\0';
	if (!text_int(view_of(item->value, digits), &n) || n > MAX_COUNT || !unit_fits) {
		faults_add(v->faults, values_place(v, key),
			"a whole number up to %d%s%s is wanted", MAX_COUNT,
			*unit ? " with its unit, " : "", unit);
		return otherwise;
	}
	return (uint32_t)n;
}

double
values_share(const struct values *v, const char *key)
{
	double share = 0;
	const struct ini_item *item = ini_find(v->ini, v->section, key);
	if (!item)
		return 0;
	if (text_decimal(view_text(item->value), &share) && share >= 0 && share <= 1)
		return share;
	faults_add(v->faults, values_place(v, key), "a share from 0 to 1 is wanted");
	return 0;
}

int64_t
values_time(const struct values *v, const char *key)
{
	static const struct {
		const char *unit;
		int64_t days, days_of_12;
	} units[] = {{" days", 1, 12}, {" weeks", 7, 84}, {" months", 28, 365},
		{" years", 365, 12 * 365}};
	const struct ini_item *item = ini_find(v->ini, v->section, key);
	if (!item)
		return 0;
	size_t digits = strspn(item->value, "0123456789");
	int64_t n;
	bool is_number = text_int(view_of(item->value, digits), &n) && n <= MAX_COUNT;
	for (size_t i = 0; is_number && i < ARRAY_LEN(units); i++)
		if (strcmp(item->value + digits, units[i].unit) == 0)
			return DAY_MS * (n / 12 * units[i].days_of_12 + n % 12 * units[i].days);
	faults_add(v->faults, values_place(v, key),
		"a time is wanted, such as 10 years, 6 months, 2 weeks or 7 days");
	return 0;
}

/* Place of the word in "first|second", or -1. */
static int
place_of(const char *word, const char *words)
{
	size_t len = strlen(word);
	for (int place = 0; words; place++) {
		const char *end = strchr(words, '|');
		size_t have = end ? (size_t)(end - words) : strlen(words);
		if (have == len && strncmp(words, word, len) == 0)
			return place;
		words = end ? end + 1 : NULL;
	}
	return -1;
}

unsigned
values_one_of(const struct values *v, const char *key, const char *words)
{
	const struct ini_item *item = ini_find(v->ini, v->section, key);
	if (!item)
		return 0;
	int place = place_of(item->value, words);
	if (place < 0)
		faults_add(
			v->faults, values_place(v, key), "one of these is wanted: %s", words);
	return place < 0 ? 0 : (unsigned)place;
}

bool
values_next(const char **at, char ret[static VALUES_WORD_BYTES])
{
	*at += strspn(*at, " \t");
	size_t len = strcspn(*at, " \t");
	(void)snprintf(
		ret, VALUES_WORD_BYTES, "%.*s", (int)MIN(len, (size_t)VALUES_WORD_BYTES), *at);
	*at += len;
	return len > 0;
}

unsigned
values_bits(const struct values *v, const char *key, const char *words)
{
	const char *at = values_text(v, key);
	char word[VALUES_WORD_BYTES];
	unsigned bits = 0;
	while (values_next(&at, word)) {
		int place = place_of(word, words);
		if (place < 0)
			faults_add(v->faults, values_place(v, key), "'%s' is none of these: %s",
				word, words);
		else
			bits |= 1u << place;
	}
	return bits;
}
