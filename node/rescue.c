#include "node/rescue.h"

#include <string.h>

#define CODE_BYTES    16
#define CODE_CHARS    26
#define CHECK_CHARS   2
#define ALL_CHARS     (CODE_CHARS + CHECK_CHARS)
#define GROUP_CHARS   4
#define BITS_PER_CHAR 5

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Five bits of at, from this bit on; zeros behind its end. */
static unsigned
bits_at(const uint8_t *at, size_t len, size_t bit)
{
	unsigned value = 0;
	for (size_t i = bit; i < bit + BITS_PER_CHAR; i++) {
		unsigned one = i / 8 < len ? (unsigned)at[i / 8] >> (7 - i % 8) & 1u : 0u;
		value = value << 1 | one;
	}
	return value;
}

static void
write_chars(char ret[static ALL_CHARS], const uint8_t code[static CODE_BYTES])
{
	uint8_t check[HASH_BYTES];
	crypto_hash_one(check, "weir-rescue-v1", view_of(code, CODE_BYTES));
	for (size_t i = 0; i < CODE_CHARS; i++)
		ret[i] = alphabet[bits_at(code, CODE_BYTES, i * BITS_PER_CHAR)];
	for (size_t i = 0; i < CHECK_CHARS; i++)
		ret[CODE_CHARS + i] = alphabet[bits_at(check, HASH_BYTES, i * BITS_PER_CHAR)];
}

void
rescue_make(char ret[static RESCUE_TEXT_BYTES])
{
	uint8_t code[CODE_BYTES];
	char chars[ALL_CHARS];
	size_t at = 0;
	crypto_random(code, sizeof(code));
	write_chars(chars, code);
	for (size_t i = 0; i < ALL_CHARS; i++) {
		if (i && i % GROUP_CHARS == 0)
			ret[at++] = '-';
		ret[at++] = chars[i];
	}
	ret[at] = '\0';
	crypto_wipe(code, sizeof(code));
	crypto_wipe(chars, sizeof(chars));
}

/* -1: not of the alphabet. */
static int
value_of(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'I' || c == 'L')
		c = '1';
	if (c == 'O')
		c = '0';
	const char *found = c ? strchr(alphabet, c) : NULL;
	return found ? (int)(found - alphabet) : -1;
}

/* The characters of what was typed; false when it has others, or not as many. */
static bool
read_chars(char ret[static ALL_CHARS], const char *typed)
{
	size_t count = 0;
	for (const char *c = typed; *c; c++) {
		if (*c == '-' || *c == ' ')
			continue;
		int value = value_of(*c);
		if (value < 0 || count == ALL_CHARS)
			return false;
		ret[count++] = alphabet[value];
	}
	return count == ALL_CHARS;
}

static void
read_code(uint8_t ret[static CODE_BYTES], const char chars[static ALL_CHARS])
{
	memset(ret, 0, CODE_BYTES);
	for (size_t bit = 0; bit < (size_t)CODE_BYTES * 8; bit++) {
		unsigned value = (unsigned)value_of(chars[bit / BITS_PER_CHAR]);
		unsigned one = value >> (BITS_PER_CHAR - 1 - bit % BITS_PER_CHAR) & 1u;
		ret[bit / 8] = (uint8_t)(ret[bit / 8] | one << (7 - bit % 8));
	}
}

enum err
rescue_seed(struct secret **ret, const char *typed)
{
	char chars[ALL_CHARS], again[ALL_CHARS];
	uint8_t code[CODE_BYTES] = {0}, seed[HASH_BYTES];
	bool is_code = read_chars(chars, typed);
	*ret = NULL;
	if (is_code) {
		read_code(code, chars);
		write_chars(again, code);
		is_code = memcmp(chars, again, sizeof(chars)) == 0;
	}
	if (is_code) {
		crypto_hash_one(seed, "weir-rescuekey", view_of(code, sizeof(code)));
		*ret = secret_copy(seed, sizeof(seed));
	}
	crypto_wipe(code, sizeof(code));
	crypto_wipe(chars, sizeof(chars));
	crypto_wipe(again, sizeof(again));
	crypto_wipe(seed, sizeof(seed));
	return is_code ? OK
		       : fail(E_AUTH, "this is not the code of a recovery sheet: compare it "
				      "with the paper");
}
