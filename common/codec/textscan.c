#include "common/codec/textscan.h"

#include <string.h>

#define NHS_DIGITS_COUNT   10
#define NUMBER_DIGITS_MOST 16
#define NUMBER_GROUPS_MOST 8
#define GAP_BYTES_MOST     3
#define LOCAL_BYTES_MOST   64
#define DOMAIN_BYTES_MOST  253
#define POSTCODE_LETTERS   "ABDEFGHJLNPQRSTUWXYZ" /* at its end: neither C I K M O V */

/* Areas of postcodes: those of one letter, and those of two. */
static const char areas_of_one[] = "BEGLMNSW";
static const char areas_of_two[] = "AB AL BA BB BD BF BH BL BN BR BS BT CA CB CF CH CM CO CR "
				   "CT CV CW DA DD DE DG DH DL DN "
				   "DT DY EC EH EN EX FK FY GL GU GY HA HD HG HP HR HS HU HX "
				   "IG IM IP IV JE KA KT KW KY LA "
				   "LD LE LL LN LS LU ME MK ML NE NG NN NP NR NW OL OX PA PE "
				   "PH PL PO PR RG RH RM SA SE SG "
				   "SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW "
				   "UB WA WC WD WF WN WR WS WV YO "
				   "ZE ";

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static uint8_t
upper(uint8_t c)
{
	return c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
}

static bool
is_letter(uint8_t c)
{
	return upper(c) >= 'A' && upper(c) <= 'Z';
}

/* Bytes of UTF-8 beyond ASCII count as letters, but for the blank that does not break. */
static bool
is_word(struct view t, size_t i)
{
	uint8_t c = t.at[i];
	if (c == 0xc2 && i + 1 < t.len && t.at[i + 1] == 0xa0)
		return false;
	if (c == 0xa0 && i > 0 && t.at[i - 1] == 0xc2)
		return false;
	return is_digit(c) || is_letter(c) || c == '_' || c >= 0x80;
}

static bool
digit_at(struct view t, size_t i)
{
	return i < t.len && is_digit(t.at[i]);
}

/* Neither a word nor a number goes on before i: no 3.14159, no 10:05. */
static bool
begins_at(struct view t, size_t i)
{
	if (i == 0)
		return true;
	if (is_word(t, i - 1))
		return false;
	return !(i > 1 && t.at[i - 1] && strchr(".,:/", t.at[i - 1]) && is_digit(t.at[i - 2]) &&
		 is_digit(t.at[i]));
}

static bool
ends_at(struct view t, size_t i)
{
	if (i >= t.len)
		return true;
	if (is_word(t, i))
		return false;
	return !(strchr(".,:/", t.at[i]) && t.at[i] && digit_at(t, i + 1));
}

/* numbers: groups of digits with short gaps */

struct number {
	char digits[NUMBER_DIGITS_MOST + 1];
	size_t groups;
	size_t length_of[NUMBER_GROUPS_MOST]; /* digits of each group */
	size_t end_of[NUMBER_GROUPS_MOST];    /* offset behind each group */
	size_t count;                         /* digits */
	bool plus;
};

/* Blanks, hyphens and brackets between two groups; 0 where it is something else. */
static size_t
gap_at(struct view t, size_t i)
{
	size_t n = 0, count = 0;
	while (i + n < t.len && count < GAP_BYTES_MOST) {
		uint8_t c = t.at[i + n];
		if (c == 0xc2 && i + n + 1 < t.len && t.at[i + n + 1] == 0xa0)
			n += 2;
		else if (c && strchr(" -()", c))
			n++;
		else
			break;
		count++;
	}
	return n;
}

static bool
read_group(struct view t, size_t *at, struct number *n)
{
	size_t from = *at;
	while (digit_at(t, *at) && n->count < NUMBER_DIGITS_MOST)
		n->digits[n->count++] = (char)t.at[(*at)++];
	n->digits[n->count] = '\0';
	if (digit_at(t, *at)) /* longer than any of them */
		return false;
	n->length_of[n->groups] = *at - from;
	n->end_of[n->groups++] = *at;
	return true;
}

/* The groups from here on; none when the first is too long. */
static void
read_number(struct view t, size_t at, struct number *n)
{
	*n = (struct number){.groups = 0};
	if (t.at[at] == '(')
		at++;
	if (at < t.len && t.at[at] == '+') {
		n->plus = true;
		at++;
	}
	while (n->groups < NUMBER_GROUPS_MOST && digit_at(t, at) && read_group(t, &at, n)) {
		size_t gap = gap_at(t, at);
		if (!gap)
			return;
		at += gap;
	}
}

/* NHS number: weights 10 to 2 over nine digits; eleven less the rest is the tenth, 11 is 0 and
 * 10 is no number. Ten noughts stand for nobody. */
static bool
is_nhs(const char *digits)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < NHS_DIGITS_COUNT - 1; i++)
		sum += (unsigned)(digits[i] - '0') * (NHS_DIGITS_COUNT - i);
	unsigned check = (11 - sum % 11) % 11;
	return sum > 0 && check == (unsigned)(digits[NHS_DIGITS_COUNT - 1] - '0');
}

/* The group that an NHS number ends with, or 0 groups. */
static size_t
nhs_groups(const struct number *n)
{
	if (n->plus || n->count < NHS_DIGITS_COUNT || !is_nhs(n->digits))
		return 0;
	if (n->length_of[0] == NHS_DIGITS_COUNT)
		return 1;
	return n->groups >= 3 && n->length_of[0] == 3 && n->length_of[1] == 3 &&
			       n->length_of[2] == 4
		       ? 3
		       : 0;
}

/* Digits behind 0, +44 or 0044 that make a number of the plan: nine or ten, not beginning with
 * 0. */
static bool
is_national(const char *digits, size_t count)
{
	return (count == 9 || count == 10) && digits[0] >= '1';
}

static bool
is_telephone(const struct number *n, size_t count)
{
	const char *d = n->digits;
	size_t skip = 0;
	if (n->plus && strncmp(d, "44", 2) == 0)
		skip = 2;
	else if (!n->plus && strncmp(d, "0044", 4) == 0)
		skip = 4;
	if (skip && d[skip] == '0') /* +44 (0)20 ... */
		skip++;
	if (skip)
		return count > skip && is_national(d + skip, count - skip);
	return !n->plus && d[0] == '0' && count > 1 && is_national(d + 1, count - 1);
}

/* How many groups from the first on are a telephone number; the longest, 0 for none. A date or
 * a pair of times has a first group of one or two digits, or a last of two. */
static size_t
telephone_groups(const struct number *n)
{
	size_t count = n->count;
	for (size_t groups = n->groups; groups > 0; groups--) {
		size_t last = n->length_of[groups - 1];
		bool fits = groups == 1 || n->plus || strncmp(n->digits, "0044", 4) == 0 ||
			    (n->length_of[0] >= 3 && n->length_of[0] <= 6 && last >= 3);
		if (fits && is_telephone(n, count))
			return groups;
		count -= last;
	}
	return 0;
}

static size_t
number_at(struct view t, size_t at, enum textscan_kind *ret_kind)
{
	struct number n;
	read_number(t, at, &n);
	size_t groups = nhs_groups(&n);
	*ret_kind = TEXTSCAN_NHS_NUMBER;
	if (groups && ends_at(t, n.end_of[groups - 1]))
		return n.end_of[groups - 1] - at;
	groups = telephone_groups(&n);
	*ret_kind = TEXTSCAN_TELEPHONE;
	return groups && ends_at(t, n.end_of[groups - 1]) ? n.end_of[groups - 1] - at : 0;
}

/* postcodes */

static bool
is_area_of_two(uint8_t a, uint8_t b)
{
	for (const char *p = areas_of_two; *p; p += 3)
		if ((uint8_t)p[0] == a && (uint8_t)p[1] == b)
			return true;
	return false;
}

/* A9, A99, A9A, AA9, AA99, AA9A: which of them end in i + length. */
static bool
is_outward(struct view t, size_t i, size_t length)
{
	uint8_t c[4] = {0};
	for (size_t k = 0; k < length; k++)
		c[k] = upper(t.at[i + k]);
	size_t area = is_letter(c[1]) ? 2 : 1;
	bool exists = area == 2 ? is_area_of_two(c[0], c[1])
				: c[0] && strchr(areas_of_one, c[0]) != NULL;
	if (length == 3 && memcmp(c, "GIR", 3) == 0)
		return true;
	if (!exists || length < area + 1 || length > area + 2 || !is_digit(c[area]))
		return false;
	return length == area + 1 || is_digit(c[area + 1]) || is_letter(c[area + 1]);
}

static bool
is_inward(struct view t, size_t i)
{
	if (i + 3 > t.len || !is_digit(t.at[i]))
		return false;
	for (size_t k = i + 1; k < i + 3; k++)
		if (!is_letter(t.at[k]) || !strchr(POSTCODE_LETTERS, upper(t.at[k])))
			return false;
	return ends_at(t, i + 3);
}

static size_t
postcode_at(struct view t, size_t i)
{
	for (size_t length = 2; length <= 4 && i + length < t.len; length++) {
		if (!is_outward(t, i, length))
			continue;
		size_t gap = t.at[i + length] == ' ' ? 1 : 0;
		if (!gap && t.at[i + length] == 0xc2 && i + length + 1 < t.len &&
			t.at[i + length + 1] == 0xa0)
			gap = 2;
		if (is_inward(t, i + length + gap))
			return length + gap + 3;
	}
	return 0;
}

/* e-mail */

static bool
is_local(uint8_t c)
{
	return is_digit(c) || is_letter(c) || (c && strchr(".!#$%&'*+/=?^_`{|}~-", c));
}

/* Bytes of a domain from i on, with a point and a last name of two letters or more; or 0. */
static size_t
domain_at(struct view t, size_t i)
{
	size_t n = 0, label = 0, points = 0, letters = 0;
	size_t good = 0;
	while (i + n < t.len && n < DOMAIN_BYTES_MOST) {
		uint8_t c = t.at[i + n];
		if (c == '.' && label == 0)
			break;
		if (c == '.') {
			points++;
			label = letters = 0;
		} else if (is_digit(c) || is_letter(c) || c == '-') {
			label++;
			letters += is_letter(c);
		} else {
			break;
		}
		n++;
		if (points && label >= 2 && letters == label)
			good = n;
	}
	return good;
}

/* Bytes before the @ at i that belong to the address, not before `from`. */
static size_t
local_before(struct view t, size_t i, size_t from)
{
	size_t n = 0;
	while (i - n > from && n < LOCAL_BYTES_MOST && is_local(t.at[i - n - 1]))
		n++;
	while (n > 0 && !is_digit(t.at[i - n]) && !is_letter(t.at[i - n]))
		n--;
	return n;
}

/* walking */

static bool
hit_at(struct view t, size_t i, size_t from, struct textscan_hit *ret)
{
	*ret = (struct textscan_hit){.offset = i};
	if (t.at[i] == '@') {
		size_t local = local_before(t, i, from);
		size_t domain = local ? domain_at(t, i + 1) : 0;
		*ret = (struct textscan_hit){TEXTSCAN_EMAIL, i - local, local + 1 + domain};
		return domain > 0;
	}
	if (!begins_at(t, i))
		return false;
	if (is_digit(t.at[i]) || t.at[i] == '+' || t.at[i] == '(') {
		ret->length = number_at(t, i, &ret->kind);
		return ret->length > 0;
	}
	ret->kind = TEXTSCAN_POSTCODE;
	ret->length = is_letter(t.at[i]) ? postcode_at(t, i) : 0;
	return ret->length > 0;
}

size_t
textscan(struct view text, struct textscan_hit ret[static TEXTSCAN_HITS_MAX_COUNT])
{
	size_t count = 0, from = 0;
	for (size_t i = 0; i < text.len && count < TEXTSCAN_HITS_MAX_COUNT; i++) {
		if (!hit_at(text, i, from, &ret[count]))
			continue;
		from = ret[count].offset + ret[count].length;
		i = from - 1;
		count++;
	}
	return count;
}

const char *
textscan_words(enum textscan_kind kind)
{
	switch (kind) {
	case TEXTSCAN_NHS_NUMBER:
		return "an NHS number";
	case TEXTSCAN_POSTCODE:
		return "a postcode";
	case TEXTSCAN_TELEPHONE:
		return "a telephone number";
	case TEXTSCAN_EMAIL:
		return "an e-mail address";
	}
	return "";
}
