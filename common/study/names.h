/* names - texts that are looked up again and again: a number for each, found by its hash.
 *
 * Always true: names_find() gives what names_add() was told; of two equal texts the first.
 *              Open addressing over FNV-1a (Fowler, Noll, Vo), at most half full. The texts are
 *              those of a study pack, so nobody gains from making hashes meet.
 */
#ifndef WEIR_NAMES_H
#define WEIR_NAMES_H

#include "common/base/base.h"

struct names;

/* gives an empty set for at most `most` texts. */
struct names *names_new(size_t most);
void names_free(struct names *n);
OWNER(names)

/* The text is lent as long as the set lives. */
void names_add(struct names *n, const char *text, size_t number);
/* false when there is no such text. */
bool names_find(const struct names *n, const char *text, size_t len, size_t *ret);

#endif
