#include "node/code.h"

#include <stdio.h>
#include <string.h>

#define GROUP_COUNT   4
#define CHECK_MODULUS 31

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static char
check_of(const char *code)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < CODE_CHARACTERS_COUNT - 1; i++)
		sum += (i + 1) * (unsigned)(strchr(alphabet, code[i]) - alphabet);
	return alphabet[sum % CHECK_MODULUS];
}

void
code_make(char ret[static CODE_BYTES], const uint8_t random[static 8])
{
	for (size_t i = 0; i < CODE_CHARACTERS_COUNT - 1; i++)
		ret[i] = alphabet[random[i] % (sizeof(alphabet) - 1)];
	ret[CODE_CHARACTERS_COUNT - 1] = check_of(ret);
	ret[CODE_CHARACTERS_COUNT] = 0;
}

/* The character of the alphabet that a typed one is read as; 0 if none. */
static char
read_as(char typed)
{
	char c = typed;
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'I' || c == 'L')
		return '1';
	if (c == 'O')
		return '0';
	if (c && strchr(alphabet, c))
		return c;
	return '\0';
}

bool
code_normal(char ret[static CODE_BYTES], const char *typed)
{
	char found[CODE_BYTES] = "";
	size_t count = 0;
	for (const char *at = typed; *at; at++) {
		if (*at == ' ' || *at == '-')
			continue;
		char c = read_as(*at);
		if (!c || count == CODE_CHARACTERS_COUNT)
			return false;
		found[count++] = c;
	}
	if (count != CODE_CHARACTERS_COUNT ||
		found[CODE_CHARACTERS_COUNT - 1] != check_of(found))
		return false;
	memcpy(ret, found, CODE_BYTES);
	return true;
}

void
code_show(char ret[static CODE_SHOWN_BYTES], const char *code)
{
	(void)snprintf(ret, CODE_SHOWN_BYTES, "%.*s-%.*s", GROUP_COUNT, code, GROUP_COUNT,
		code + GROUP_COUNT);
}
