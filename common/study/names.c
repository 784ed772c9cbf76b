#include "common/study/names.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define FNV_BASIS 14695981039346656037u
#define FNV_PRIME 1099511628211u

struct slot {
	const char *text; /* NULL: free */
	size_t len;
	size_t number;
};

struct names {
	struct slot *slots;
	size_t mask;
};

struct names *
names_new(size_t most)
{
	size_t room = 4;
	while (room < 2 * most + 1)
		room *= 2;
	struct names *n = xcalloc(1, sizeof(*n));
	n->slots = xcalloc(room, sizeof(*n->slots));
	n->mask = room - 1;
	return n;
}

static uint64_t
hash_of(const char *text, size_t len)
{
	uint64_t hash = FNV_BASIS;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * FNV_PRIME;
	return hash ^ (hash >> 32);
}

/* The slot of the text, or the free one where it would stand. */
static struct slot *
slot_of(const struct names *n, const char *text, size_t len)
{
	size_t at = (size_t)hash_of(text, len) & n->mask;
	while (n->slots[at].text &&
		(n->slots[at].len != len || memcmp(n->slots[at].text, text, len) != 0))
		at = (at + 1) & n->mask;
	return &n->slots[at];
}

void
names_add(struct names *n, const char *text, size_t number)
{
	size_t len = strlen(text);
	struct slot *s = slot_of(n, text, len);
	if (!s->text)
		*s = (struct slot){text, len, number};
}

bool
names_find(const struct names *n, const char *text, size_t len, size_t *ret)
{
	const struct slot *s = slot_of(n, text, len);
	*ret = s->number;
	return s->text != NULL;
}

void
names_free(struct names *n)
{
	if (!n)
		return;
	free(n->slots);
	free(n);
}
