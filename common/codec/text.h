/* text - hex, base64, UTF-8 and strict numbers.
 *
 * Every reader is strict: the whole text has to be of the form, no blanks, no sign where none
 * is said, no leftovers. Base64 is the standard alphabet with padding (RFC 4648, section 4),
 * and non-zero bits behind the last byte are refused, so that a value has one spelling.
 */
#ifndef WEIR_TEXT_H
#define WEIR_TEXT_H

#include "common/codec/bytes.h"

/* Lower-case hex; `ret` holds 2*len+1 bytes. */
void text_hex(char *ret, const void *at, size_t len);
/* Of a digit, lower or upper case; -1: it is none. */
int text_hex_digit(char c);
/* Exactly len bytes from 2*len lower- or upper-case digits. */
CHECKED bool text_unhex(void *ret, size_t len, const char *hex);

/* gives base64 text. */
char *text_base64(struct view v);
/* gives the bytes (one zero behind them) in *ret; at most `max`. */
CHECKED enum err text_unbase64(uint8_t **ret, size_t *ret_len, struct view text, size_t max);

/* Well-formed UTF-8 without zero bytes (RFC 3629: no surrogates, no overlong forms). */
bool text_is_utf8(struct view v);
/* The same without control characters of ASCII and of Unicode's second set: what may be shown
 * on a terminal. */
bool text_is_plain(const char *text);

/* Whole decimal number, optional minus, no leading zeros but "0"; false if it does not fit. */
CHECKED bool text_int(struct view v, int64_t *ret);
/* Decimal number with optional minus, point and digits; exponent not allowed; finite. */
CHECKED bool text_decimal(struct view v, double *ret);
/* The same, or with an exponent as Java prints it ("3.45E7", "1.0E-4"): ODK Collect sends
 * decimals that way from ten millions on. */
CHECKED bool text_number(struct view v, double *ret);

/* gives true if text is 1..max characters of a-z 0-9 _ - and begins with a letter. */
bool text_is_name(const char *text, size_t max);

/* gives the content of a whole file, at most max bytes, one zero byte behind it; E_NOTFOUND,
 * E_FULL or E_IO. */
CHECKED enum err text_read_file(uint8_t **ret, size_t *ret_len, const char *path, size_t max);

/* Replace a file whole: temporary file beside it, fsync, rename, fsync of the directory. */
CHECKED enum err text_write_file(const char *path, struct view content, unsigned mode);

#endif
