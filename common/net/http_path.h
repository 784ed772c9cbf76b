/* http_path - the text of a URL: percent signs, and the patterns that routes are told apart by.
 *
 * Pattern:     "/key/:token/forms/:form": a segment with a colon stands for any one segment
 *              that is not empty; all others have to be as written.
 * Always true: what was decoded is UTF-8 and has no zero byte; a slash that was written as %2F
 *              stands in a value and never ends a segment.
 * Errors:      E_FORMAT: a percent sign without its two digits, a zero byte, no UTF-8.
 *              E_NOTFOUND: the path is of another pattern.
 */
#ifndef WEIR_HTTP_PATH_H
#define WEIR_HTTP_PATH_H

#include "common/codec/bytes.h"

#define HTTP_PARAMS_MAX_COUNT 6

struct http_params {
	const char *names[HTTP_PARAMS_MAX_COUNT]; /* lent from the pattern, up to its slash */
	char *values[HTTP_PARAMS_MAX_COUNT];      /* decoded; owned */
	size_t count;
};

void http_params_done(struct http_params *p);
/* lends the value of a segment; NULL if the pattern has none of this name. */
const char *http_params_value(const struct http_params *p, const char *name);

/* gives the text with its percent signs decoded (RFC 3986, section 2.1). */
CHECKED enum err http_decode(char **ret, struct view text);

/* Adds text as it may stand in one segment or one value: all but the unreserved characters of
 * RFC 3986, section 2.3, become percent signs. */
void http_encode(struct buf *out, const char *text);

/* Hold the path (raw, without query) against the pattern; on OK the values are given. */
CHECKED enum err http_path_match(
	struct http_params *ret, const char *pattern, const char *path);

/* Is this what a Host header may say: a name, an IPv4 or a bracketed IPv6 address, with or
 * without port (RFC 9110, section 7.2)? Nothing else of it is put into a URL. */
bool http_host_is_fine(const char *host);

#endif
