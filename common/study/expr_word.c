#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/study/expr_inside.h"

#define MAX_DIGITS 24

static const char *const reserved[] = {"and", "or", "not", "key", "keys", "min", "need", "else",
	"system", "mean", "sum", "ratio", "rev", "value", "recode", "chosen", "missing", "any",
	"every", "count", "pick"};

static const struct {
	const char *text;
	char sign;
} pairs[] = {{"->", SIGN_ARROW}, {"!=", SIGN_DIFFERENT}, {"<=", SIGN_AT_MOST},
	{">=", SIGN_AT_LEAST}};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_part(char c)
{
	return is_small(c) || is_digit(c) || c == '_';
}

static enum err
keep(struct compiler *c, enum word_kind kind, size_t len)
{
	if (len >= sizeof(c->word.text))
		return fail(E_FORMAT, "a word of more than %zu characters",
			sizeof(c->word.text) - 1);
	c->word.kind = kind;
	memcpy(c->word.text, c->at, len);
	c->word.text[len] = '\0';
	c->at += len;
	return OK;
}

static enum err
read_number(struct compiler *c)
{
	size_t len = strspn(c->at, "0123456789");
	if (c->at[len] == '.' && is_digit(c->at[len + 1]))
		len += 1 + strspn(c->at + len + 1, "0123456789");
	if (len > MAX_DIGITS || is_part(c->at[len]) || is_capital(c->at[len]))
		return fail(E_FORMAT, "'%.*s' is no plain number", (int)len + 1, c->at);
	enum err e = keep(c, WORD_NUMBER, len);
	if (!e)
		c->word.number = strtod(c->word.text, NULL);
	return e;
}

static enum err
read_code(struct compiler *c)
{
	const char *end = strchr(c->at + 1, '\'');
	if (!end)
		return fail(E_FORMAT, "a quote without its pair");
	c->at++;
	enum err e = keep(c, WORD_CODE, (size_t)(end - c->at));
	c->at = end + 1;
	return e;
}

static enum err
read_indicator(struct compiler *c)
{
	if (!is_digit(c->at[1]) || !is_digit(c->at[2]) || is_part(c->at[3]) ||
		is_capital(c->at[3]))
		return fail(E_FORMAT, "'%.8s' is neither an item nor an indicator", c->at);
	return keep(c, WORD_INDICATOR, 3);
}

static enum err
read_name(struct compiler *c)
{
	size_t len = 0;
	while (is_part(c->at[len]))
		len++;
	if (is_capital(c->at[len]))
		return fail(E_FORMAT, "'%.*s' is no name", (int)len + 1, c->at);
	return keep(c, WORD_NAME, len);
}

static enum err
read_sign(struct compiler *c)
{
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		if (strncmp(c->at, pairs[i].text, 2) != 0)
			continue;
		c->word.sign = pairs[i].sign;
		return keep(c, WORD_SIGN, 2);
	}
	if (!strchr("+-*/=<>(),;.", *c->at))
		return fail(E_FORMAT, "'%.8s' cannot be read", c->at);
	c->word.sign = *c->at;
	return keep(c, WORD_SIGN, 1);
}

enum err
word_next(struct compiler *c)
{
	c->at += strspn(c->at, " \t\r\n");
	c->word = (struct word){.kind = WORD_END};
	if (*c->at == '\0')
		return OK;
	if (is_digit(*c->at))
		return read_number(c);
	if (*c->at == '\'')
		return read_code(c);
	if (is_capital(*c->at))
		return read_indicator(c);
	return is_small(*c->at) ? read_name(c) : read_sign(c);
}

bool
word_is(const struct compiler *c, char sign)
{
	return c->word.kind == WORD_SIGN && c->word.sign == sign;
}

bool
word_is_name(const struct compiler *c, const char *name)
{
	return c->word.kind == WORD_NAME && strcmp(c->word.text, name) == 0;
}

bool
word_is_reserved(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
		if (strcmp(reserved[i], name) == 0)
			return true;
	return false;
}

const char *
word_shown(const struct compiler *c)
{
	return c->word.kind == WORD_END ? "the end" : c->word.text;
}

enum err
word_expect(struct compiler *c, char sign)
{
	if (!word_is(c, sign))
		return fail(E_FORMAT, "'%s' is wanted before '%s'",
			sign == SIGN_ARROW ? "->" : (char[]){sign, '\0'}, word_shown(c));
	return word_next(c);
}
