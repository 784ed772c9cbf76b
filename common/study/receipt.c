#include "common/study/receipt.h"

#include <stdio.h>
#include <string.h>

#define DIGIT_COUNT     8
#define DIGIT_BITS      5
#define DIGIT_MASK      31
#define CHECK_MODULUS   31
#define CHARACTER_COUNT (DIGIT_COUNT + 1)

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static unsigned
check_of(const uint8_t digits[static DIGIT_COUNT])
{
	unsigned sum = 0;
	for (unsigned i = 0; i < DIGIT_COUNT; i++)
		sum += (i + 1) * digits[i];
	return sum % CHECK_MODULUS;
}

void
receipt_number(char ret[static RECEIPT_BYTES], const uint8_t instance[static WIRE_ID_BYTES])
{
	uint8_t digits[DIGIT_COUNT];
	char text[CHARACTER_COUNT + 1] = "";
	uint64_t bits = 0;
	for (size_t i = 0; i < RECEIPT_START_BYTES; i++)
		bits = bits << 8 | instance[i];
	for (size_t i = 0; i < DIGIT_COUNT; i++) {
		digits[i] = bits >> (DIGIT_BITS * (DIGIT_COUNT - 1 - i)) & DIGIT_MASK;
		text[i] = alphabet[digits[i]];
	}
	text[DIGIT_COUNT] = alphabet[check_of(digits)];
	(void)snprintf(ret, RECEIPT_BYTES, "%.4s-%.4s-%s", text, text + 4, text + 8);
}

/* The place in the alphabet that a typed character is read as; -1 if none. */
static int
read_as(char typed)
{
	char c = typed;
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'I' || c == 'L')
		c = '1';
	if (c == 'O')
		c = '0';
	const char *at = c ? strchr(alphabet, c) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

bool
receipt_read(uint8_t ret[static RECEIPT_START_BYTES], const char *typed)
{
	uint8_t digits[CHARACTER_COUNT];
	uint64_t bits = 0;
	size_t count = 0;
	for (const char *at = typed; *at; at++) {
		const int digit = read_as(*at);
		if (*at == ' ' || *at == '-')
			continue;
		if (digit < 0 || count == CHARACTER_COUNT)
			return false;
		digits[count++] = (uint8_t)digit;
	}
	if (count != CHARACTER_COUNT || digits[DIGIT_COUNT] != check_of(digits))
		return false;
	for (size_t i = 0; i < DIGIT_COUNT; i++)
		bits = bits << DIGIT_BITS | digits[i];
	for (size_t i = 0; i < RECEIPT_START_BYTES; i++)
		ret[i] = (uint8_t)(bits >> (8 * (RECEIPT_START_BYTES - 1 - i)));
	return true;
}
