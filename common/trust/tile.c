#include "common/trust/tile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/note.h"

#define TILE_BYTES       (TILE_HASHES_COUNT * HASH_BYTES)
#define TILE_LEVEL_BITS  8
#define NAME_GROUP_COUNT 1000

/* One remembered tile of each level. */
struct tile_tree {
	char *dir;
	uint64_t size;
	struct {
		bool full;
		uint64_t n;
		uint8_t hash[TILE_HASHES_COUNT][HASH_BYTES];
	} level[TILE_LEVELS_COUNT];
};

/* Hashes at a level of a log of `size` leaves. */
static uint64_t
hashes_at(uint64_t size, int level)
{
	int bits = TILE_LEVEL_BITS * (level == TILE_ENTRIES ? 0 : level);
	return bits < 64 ? size >> bits : 0;
}

unsigned
tile_width(uint64_t size, int level)
{
	return (unsigned)(hashes_at(size, level) % TILE_HASHES_COUNT);
}

uint64_t
tile_count(uint64_t size, int level)
{
	return hashes_at(size, level) / TILE_HASHES_COUNT;
}

/* "x001/x234/067" into text, which holds seven groups of five characters. */
static void
number_name(char *text, size_t room, uint64_t n)
{
	unsigned group[7], count = 0;
	do {
		group[count++] = (unsigned)(n % NAME_GROUP_COUNT);
		n /= NAME_GROUP_COUNT;
	} while (n && count < ARRAY_LEN(group));
	size_t at = 0;
	while (count--) {
		int len =
			snprintf(text + at, room - at, count ? "x%03u/" : "%03u", group[count]);
		at += (size_t)len;
	}
}

char *
tile_name(int level, uint64_t n, unsigned width)
{
	char number[48], part[16] = "";
	number_name(number, sizeof(number), n);
	if (width < TILE_HASHES_COUNT)
		(void)snprintf(part, sizeof(part), ".p/%u", width);
	if (level == TILE_ENTRIES)
		return xasprintf("tile/entries/%s%s", number, part);
	return xasprintf("tile/%d/%s%s", level, number, part);
}

/* A file that is asked for. */
struct asked {
	const char *dir;
	int level;
	uint64_t n;
	unsigned width; /* after reading: of the file that was there */
};

static enum err
read_one(struct buf *ret, const struct asked *a, const char *name)
{
	OWNED_MEM char *path = xasprintf("%s/%s", a->dir, name);
	OWNED_MEM uint8_t *raw = NULL;
	size_t len = 0;
	enum err e = text_read_file(&raw, &len, path, ret->max);
	if (e == E_NOTFOUND)
		return fail(e, "%s is missing", name);
	if (e == E_FULL)
		return fail(E_FORMAT, "%s is longer than a tile can be", name);
	if (e)
		return e;
	buf_reset(ret);
	buf_add(ret, raw, len);
	return buf_check(ret, name);
}

/* Read the part that is asked for or, where it is gone, the whole file. */
static enum err
read_asked(struct buf *ret, struct asked *a, char **ret_name)
{
	*ret_name = tile_name(a->level, a->n, a->width);
	enum err e = read_one(ret, a, *ret_name);
	if (e != E_NOTFOUND || a->width == TILE_HASHES_COUNT)
		return e;
	OWNED_MEM char *whole = tile_name(a->level, a->n, TILE_HASHES_COUNT);
	e = read_one(ret, a, whole);
	if (e == E_NOTFOUND)
		return fail(e, "%s is missing", *ret_name);
	char *old = *ret_name;
	*ret_name = take(whole);
	free(old);
	a->width = TILE_HASHES_COUNT;
	return e;
}

enum err
tile_read(uint8_t (*ret)[HASH_BYTES], const char *dir, int level, uint64_t n, unsigned width)
{
	struct asked a = {dir, level, n, width};
	OWNED_MEM char *name = NULL;
	OWNED_BUF struct buf raw;
	buf_init(&raw, TILE_BYTES);
	enum err e = read_asked(&raw, &a, &name);
	if (e)
		return e;
	if (raw.len != (size_t)a.width * HASH_BYTES)
		return fail(E_FORMAT, "%s has the wrong length", name);
	memcpy(ret, raw.at, (size_t)width * HASH_BYTES);
	return OK;
}

enum err
tile_read_bundle(struct buf *ret, const char *dir, uint64_t n, unsigned width)
{
	struct asked a = {dir, TILE_ENTRIES, n, width};
	OWNED_MEM char *name = NULL;
	enum err e = read_asked(ret, &a, &name);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(ret));
	for (unsigned i = 0; i < a.width; i++)
		(void)tile_next_entry(&c);
	if (c.broken || c.left)
		return fail(E_FORMAT, "%s does not hold %u entries", name, a.width);
	return OK;
}

struct view
tile_next_entry(struct cursor *bundle)
{
	return cursor_bytes(bundle, cursor_u16(bundle));
}

enum err
tile_read_checkpoint(uint8_t **ret, size_t *ret_len, const char *dir)
{
	OWNED_MEM char *path = xasprintf("%s/checkpoint", dir);
	enum err e = text_read_file(ret, ret_len, path, NOTE_MOST_BYTES);
	return e == E_FULL ? fail(E_FORMAT, "checkpoint is too long") : e;
}

struct tile_tree *
tile_tree_new(const char *dir, uint64_t size)
{
	struct tile_tree *t = xcalloc(1, sizeof(*t));
	t->dir = xstrdup(dir);
	t->size = size;
	return t;
}

void
tile_tree_free(struct tile_tree *t)
{
	if (!t)
		return;
	free(t->dir);
	free(t);
}

static enum err
load_tile(struct tile_tree *t, int level, uint64_t n)
{
	if (t->level[level].full && t->level[level].n == n)
		return OK;
	unsigned width =
		n < tile_count(t->size, level) ? TILE_HASHES_COUNT : tile_width(t->size, level);
	t->level[level].full = false;
	enum err e = tile_read(t->level[level].hash, t->dir, level, n, width);
	if (e)
		return e;
	t->level[level].full = true;
	t->level[level].n = n;
	return OK;
}

/* The subtree stands on 2^(level mod 8) neighbouring hashes of one tile. */
static enum err
subtree_hash(void *arg, unsigned level, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	struct tile_tree *t = arg;
	memset(ret, 0, HASH_BYTES);
	if (level >= MERKLE_LEVELS_COUNT || index >= t->size >> level)
		return fail(E_FORMAT, "tile: the log has no such subtree");
	int at = (int)(level / TILE_LEVEL_BITS);
	unsigned inside = level % TILE_LEVEL_BITS;
	uint64_t first = index << inside;
	enum err e = load_tile(t, at, first / TILE_HASHES_COUNT);
	if (e)
		return e;
	merkle_join(ret, t->level[at].hash + first % TILE_HASHES_COUNT, (size_t)1 << inside);
	return OK;
}

struct merkle_source
tile_tree_source(struct tile_tree *t)
{
	return (struct merkle_source){subtree_hash, t};
}
