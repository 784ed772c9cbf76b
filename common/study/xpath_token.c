#include "common/study/xpath_token.h"

#include <string.h>

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
begins_name(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool
is_in_name(uint8_t c)
{
	return begins_name(c) || is_digit(c) || c == '-' || c == '.';
}

static size_t
name_length(struct view at)
{
	size_t n = 0;
	while (n < at.len && is_in_name(at.at[n]))
		n++;
	/* One colon, and a name behind it: prefix:name, but not axis::name. */
	if (n + 1 < at.len && at.at[n] == ':' && begins_name(at.at[n + 1]))
		for (n++; n < at.len && is_in_name(at.at[n]);)
			n++;
	return n;
}

static size_t
number_length(struct view at)
{
	size_t n = 0;
	while (n < at.len && is_digit(at.at[n]))
		n++;
	if (n < at.len && at.at[n] == '.')
		for (n++; n < at.len && is_digit(at.at[n]);)
			n++;
	return n;
}

static size_t
sign_length(struct view at)
{
	static const char *const signs[] = {"..", "::", "//", "!=", "<=", ">=", "(", ")", "[",
		"]", ",", "/", "@", "|", "+", "-", "*", "=", "<", ">", ".", "$"};
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		size_t len = strlen(signs[i]);
		if (at.len >= len && memcmp(at.at, signs[i], len) == 0)
			return len;
	}
	return 0;
}

static struct xpath_token
cut(struct view *at, enum xpath_token_kind kind, size_t len)
{
	struct xpath_token t = {kind, {at->at, len}};
	at->at += len;
	at->len -= len;
	return t;
}

struct xpath_token
xpath_token_next(struct view *at)
{
	while (at->len && strchr(" \t\r\n", at->at[0]) && at->at[0])
		(void)cut(at, XPATH_T_END, 1);
	if (at->len == 0)
		return (struct xpath_token){0};
	uint8_t c = at->at[0];
	if (c == '"' || c == '\'') {
		const uint8_t *end = memchr(at->at + 1, c, at->len - 1);
		return end ? cut(at, XPATH_T_QUOTED, (size_t)(end - at->at) + 1)
			   : cut(at, XPATH_T_WRONG, at->len);
	}
	if (begins_name(c))
		return cut(at, XPATH_T_NAME, name_length(*at));
	if (is_digit(c) || (c == '.' && at->len > 1 && is_digit(at->at[1])))
		return cut(at, XPATH_T_NUMBER, number_length(*at));
	size_t len = sign_length(*at);
	return len ? cut(at, XPATH_T_SIGN, len) : cut(at, XPATH_T_WRONG, 1);
}

bool
xpath_token_is(const struct xpath_token *t, const char *sign)
{
	return (t->kind == XPATH_T_SIGN || t->kind == XPATH_T_NAME) &&
	       t->text.len == strlen(sign) && memcmp(t->text.at, sign, t->text.len) == 0;
}

struct view
xpath_token_local(const struct xpath_token *t)
{
	const uint8_t *colon = t->text.len ? memchr(t->text.at, ':', t->text.len) : NULL;
	if (!colon)
		return t->text;
	size_t skip = (size_t)(colon - t->text.at) + 1;
	return view_of(t->text.at + skip, t->text.len - skip);
}
