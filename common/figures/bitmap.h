/* bitmap - a set of rows, one bit a row.
 *
 * Always true: bits behind the last row are zero, so two sets are equal when their words are.
 *              two bitmaps that meet in one call have the same number of rows.
 */
#ifndef WEIR_BITMAP_H
#define WEIR_BITMAP_H

#include "common/base/base.h"

struct bitmap {
	size_t row_count;
	size_t word_count;
	uint64_t word[];
};

/* gives an empty set over row_count rows; release with free(). */
struct bitmap *bitmap_new(size_t row_count);
/* gives a copy. */
struct bitmap *bitmap_copy(const struct bitmap *b);

void bitmap_put(struct bitmap *b, size_t row);
bool bitmap_has(const struct bitmap *b, size_t row);
/* Everything of `more` goes into b, or everything of `less` out of it. */
void bitmap_add(struct bitmap *b, const struct bitmap *more);
void bitmap_remove(struct bitmap *b, const struct bitmap *less);

size_t bitmap_count(const struct bitmap *b);
/* Members of both. */
size_t bitmap_shared(const struct bitmap *a, const struct bitmap *b);
bool bitmap_same(const struct bitmap *a, const struct bitmap *b);
/* Every member of a is one of b. */
bool bitmap_inside(const struct bitmap *a, const struct bitmap *b);
/* The same for the same members; for finding equal sets, not for secrets. */
uint64_t bitmap_hash(const struct bitmap *b);

#endif
