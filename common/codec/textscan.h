/* textscan - what in a free text looks like a way to find a person: an NHS number, a postcode,
 * a telephone number, an e-mail address.
 *
 * Finds:       NHS number  ten digits in one, or 3-3-4 with blanks or hyphens, whose last digit
 *                          is right modulo 11 (NHS Data Dictionary; CHI and H&C numbers of
 *                          Scotland and Northern Ireland have the same check)
 *              postcode    of the United Kingdom and the Crown dependencies, capitals or not,
 *                          with a blank or without; its area is one that exists
 *              telephone   0 and nine or ten digits, or +44 or 0044 and as many, in one or in
 *                          groups; as Ofcom's numbering plan writes them
 *              e-mail      local part, @, names with points between them (RFC 5321, unquoted)
 * Not found:   study codes, dates, times, decimals, numbers whose check digit is wrong. Names
 *              and street addresses are not looked for: no pattern tells them from words.
 * Always true: a hit begins and ends at the edge of a word; hits are in order and apart.
 *              time is linear in the length of the text, memory is none.
 * It can hurt: of whole numbers of ten digits one in eleven has a right check digit by chance:
 *              a hit is for a person to look at, nothing is taken out because of it.
 */
#ifndef WEIR_TEXTSCAN_H
#define WEIR_TEXTSCAN_H

#include "common/codec/bytes.h"

#define TEXTSCAN_HITS_MAX_COUNT 16

enum textscan_kind {
	TEXTSCAN_NHS_NUMBER = 1,
	TEXTSCAN_POSTCODE,
	TEXTSCAN_TELEPHONE,
	TEXTSCAN_EMAIL,
};

struct textscan_hit {
	enum textscan_kind kind;
	size_t offset, length; /* bytes */
};

/* The first TEXTSCAN_HITS_MAX_COUNT hits; returns how many. Any bytes will do. */
size_t textscan(struct view text, struct textscan_hit ret[static TEXTSCAN_HITS_MAX_COUNT]);

/* "an NHS number", ... */
const char *textscan_words(enum textscan_kind kind);

#endif
