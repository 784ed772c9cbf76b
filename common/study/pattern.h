/* pattern - POSIX extended regular expressions that have to match a whole text.
 *
 * Bytes are compared, not letters: [a-z] has no umlauts. What Java and JavaScript have beyond
 * POSIX is refused (\d, \w, back references), since it would mean something else here.
 * Always true: a pattern is at most PATTERN_MAX_BYTES long, and its counted repeats multiply to
 *              at most PATTERN_MAX_REPEATS, so that compiling and matching stay small.
 */
#ifndef WEIR_PATTERN_H
#define WEIR_PATTERN_H

#include "common/base/err.h"

#define PATTERN_MAX_BYTES   256
#define PATTERN_MAX_REPEATS 10000

struct pattern;

/* gives the pattern; E_FORMAT says what is wrong with it. */
CHECKED enum err pattern_compile(struct pattern **ret, const char *text);
void pattern_free(struct pattern *p);
OWNER(pattern)

bool pattern_matches(const struct pattern *p, const char *text);

#endif
