#include "common/study/indicator.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/study/codebook_inside.h"

static const char *const words[] = {"n", "count", "proportion", "interval", "distribution",
	"mean", "sd", "median", "missing", "sum", "share_negative", "share_positive", "alpha",
	"value", "funnel", "rank", "difference", "ratio"};

const char *
codebook_statistic_word(enum codebook_statistic statistic)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if ((unsigned)statistic == 1u << i)
			return words[i];
	return "";
}

enum codebook_statistic
codebook_statistic_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i], word) == 0)
			return (enum codebook_statistic)(1u << i);
	return (enum codebook_statistic)0;
}

enum expr_type
codebook_type(const struct indicator *i)
{
	if (i->kind == CODEBOOK_CELL)
		return EXPR_NUMBER;
	return i->value ? expr_type_of(i->value) : EXPR_BOOL;
}

bool
codebook_asks(const struct indicator *i, enum codebook_statistic statistic)
{
	return (i->statistics & (unsigned)statistic) != 0;
}

/* ---- codes ---- */

/* Places stand in rising order. */
static int
code_at(const struct codebook_codes *c, int place)
{
	size_t lo = 0, hi = c->count;
	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;
		if (c->places[middle] < (size_t)place)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo < c->count && c->places[lo] == (size_t)place ? (int)lo : -1;
}

size_t
codebook_level_count(const struct indicator *i)
{
	if (i->levels.list)
		return i->levels.count;
	return i->has_lo && i->has_hi ? (size_t)(i->scale_hi - i->scale_lo) + 1 : 0;
}

void
codebook_level_name(
	const struct indicator *i, size_t level, char ret[static CODEBOOK_LEVEL_BYTES])
{
	const struct codebook_codes *c = &i->levels;
	if (!c->list)
		(void)snprintf(ret, CODEBOOK_LEVEL_BYTES, "%.0f", i->scale_lo + (double)level);
	else
		(void)snprintf(ret, CODEBOOK_LEVEL_BYTES, "%s",
			level < c->count ? c->list->choices[c->places[level]].code : "");
}

int
codebook_level(const struct indicator *i, const struct expr_value *value)
{
	if (!value->present)
		return -1;
	if (i->levels.list)
		return code_at(&i->levels, value->place);
	double whole = floor(value->number + 0.5);
	bool fits = i->has_lo && i->has_hi && whole >= i->scale_lo && whole <= i->scale_hi;
	return fits ? (int)(whole - i->scale_lo) : -1;
}

const char *
codebook_key_code(const struct codebook_by *by, size_t key)
{
	const struct codebook_codes *c = &by->codes;
	return key < c->count ? c->list->choices[c->places[key]].code : "";
}

int
codebook_key(const struct codebook_by *by, const struct expr_value *value)
{
	return value->present ? code_at(&by->codes, value->place) : -1;
}

int
codebook_key_of_code(const struct codebook_by *by, const char *code)
{
	int place = form_choice(by->codes.list, code);
	return place < 0 ? -1 : code_at(&by->codes, place);
}

static bool
is_cut_from(const struct codebook_by *a, const struct codebook_by *b)
{
	for (size_t i = 0; i < a->codes.count; i++)
		if (codebook_key_of_code(b, codebook_key_code(a, i)) < 0)
			return false;
	return true;
}

bool
codebook_same_key(const struct codebook_by *a, const struct codebook_by *b)
{
	return a->codes.list == b->codes.list || is_cut_from(a, b) || is_cut_from(b, a);
}
