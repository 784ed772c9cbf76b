#include "common/figures/bitmap.h"

#include <string.h>

#include "common/base/mem.h"

#define WORD_BITS 64u

struct bitmap *
bitmap_new(size_t row_count)
{
	size_t words = row_count / WORD_BITS + (row_count % WORD_BITS != 0);
	struct bitmap *b = xcalloc(1, sizeof *b + words * sizeof b->word[0]);
	b->row_count = row_count;
	b->word_count = words;
	return b;
}

struct bitmap *
bitmap_copy(const struct bitmap *b)
{
	struct bitmap *made = bitmap_new(b->row_count);
	memcpy(made->word, b->word, b->word_count * sizeof b->word[0]);
	return made;
}

void
bitmap_put(struct bitmap *b, size_t row)
{
	b->word[row / WORD_BITS] |= (uint64_t)1 << (row % WORD_BITS);
}

bool
bitmap_has(const struct bitmap *b, size_t row)
{
	return (b->word[row / WORD_BITS] >> (row % WORD_BITS)) & 1;
}

void
bitmap_add(struct bitmap *b, const struct bitmap *more)
{
	for (size_t i = 0; i < b->word_count; i++)
		b->word[i] |= more->word[i];
}

void
bitmap_remove(struct bitmap *b, const struct bitmap *less)
{
	for (size_t i = 0; i < b->word_count; i++)
		b->word[i] &= ~less->word[i];
}

size_t
bitmap_count(const struct bitmap *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->word_count; i++)
		n += (size_t)__builtin_popcountll(b->word[i]);
	return n;
}

size_t
bitmap_shared(const struct bitmap *a, const struct bitmap *b)
{
	size_t n = 0;
	for (size_t i = 0; i < a->word_count; i++)
		n += (size_t)__builtin_popcountll(a->word[i] & b->word[i]);
	return n;
}

bool
bitmap_same(const struct bitmap *a, const struct bitmap *b)
{
	return memcmp(a->word, b->word, a->word_count * sizeof a->word[0]) == 0;
}

bool
bitmap_inside(const struct bitmap *a, const struct bitmap *b)
{
	for (size_t i = 0; i < a->word_count; i++)
		if (a->word[i] & ~b->word[i])
			return false;
	return true;
}

uint64_t
bitmap_hash(const struct bitmap *b)
{
	/* FNV-1a, a word at a time: spreads well enough to tell sets apart before comparing. */
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < b->word_count; i++) {
		h = (h ^ b->word[i]) * 0x100000001b3u;
		h ^= h >> 29;
	}
	return h;
}
