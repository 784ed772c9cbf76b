#include "common/trust/tlog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/fd.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/note.h"

#define FILE_MODE      0644
#define DIRECTORY_MODE 0755
/* Levels of the tree that one level of tiles stands for. */
#define TILE_TREE_LEVELS 8

_Static_assert(1 << TILE_TREE_LEVELS == TILE_HASHES_COUNT, "a tile is a whole subtree");

/* Where the log stands: what is needed to go on, and nothing that a file could say
 * otherwise. */
struct stand {
	struct merkle tree;
	/* The incomplete tile of each level. Its width follows from the size. */
	uint8_t tile[TILE_LEVELS_COUNT][TILE_HASHES_COUNT][HASH_BYTES];
};

struct tlog {
	char *dir;
	uint64_t published; /* size of the checkpoint file; 0 if there is none */
	uint64_t earlier;   /* size of the one before it */
	struct stand *stand;
};

/* One growth under way: the stand it works on and whether files may already be there. */
struct growth {
	struct tlog *log;
	const struct tlog_source *from;
	struct stand *stand;
	uint64_t present; /* files of this many leaves should be there: compare, do not write */
	bool wrote;
};

/* Make every directory above the file. */
static enum err
make_parents(const char *path)
{
	OWNED_MEM char *copy = xstrdup(path);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, DIRECTORY_MODE) && errno != EEXIST)
			return fd_failed(copy);
		*slash = '/';
	}
	return OK;
}

static enum err
write_file(struct growth *g, const char *name, struct view content)
{
	OWNED_MEM char *path = xasprintf("%s/%s", g->log->dir, name);
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
	OWNED_FD int fd = open(path, flags, FILE_MODE);
	if (fd < 0 && errno == ENOENT) {
		enum err e = make_parents(path);
		if (e)
			return e;
		fd = open(path, flags, FILE_MODE);
	}
	if (fd < 0)
		return fd_failed(path);
	g->wrote = true;
	while (content.len) {
		ssize_t n = write(fd, content.at, content.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fd_failed(path);
		content.at += n;
		content.len -= (size_t)n;
	}
	return OK;
}

/* Is the tile there and as it should be? */
static bool
tile_stands(const struct growth *g, int level, uint64_t n, unsigned width)
{
	uint8_t there[TILE_HASHES_COUNT][HASH_BYTES];
	OWNED_MEM char *name = tile_name(level, n, width);
	OWNED_MEM char *path = xasprintf("%s/%s", g->log->dir, name);
	struct stat st;
	size_t len = (size_t)width * HASH_BYTES;
	return stat(path, &st) == 0 && st.st_size == (off_t)len &&
	       tile_read(there, g->log->dir, level, n, width) == OK &&
	       memcmp(there, g->stand->tile[level], len) == 0;
}

static bool
bundle_stands(const struct growth *g, uint64_t n, unsigned width)
{
	OWNED_MEM char *name = tile_name(TILE_ENTRIES, n, width);
	OWNED_MEM char *path = xasprintf("%s/%s", g->log->dir, name);
	struct stat st;
	return stat(path, &st) == 0 && st.st_size >= (off_t)width * 2;
}

/* Widths of a tile's parts that stay; 0: none. */
struct kept {
	unsigned now;
	unsigned before;
};

static bool
is_kept(const char *name, struct kept keep)
{
	char now[16], before[16];
	(void)snprintf(now, sizeof(now), "%u", keep.now);
	(void)snprintf(before, sizeof(before), "%u", keep.before);
	return (keep.now && strcmp(name, now) == 0) ||
	       (keep.before && strcmp(name, before) == 0);
}

/* Remove the parts of a tile but those kept, and their directory with the last of them. What
 * cannot be removed is in nobody's way: no checkpoint asks for it. */
static void
sweep_parts(const char *dir, int level, uint64_t n, struct kept keep)
{
	OWNED_MEM char *whole = tile_name(level, n, TILE_HASHES_COUNT);
	OWNED_MEM char *parts = xasprintf("%s/%s.p", dir, whole);
	OWNED_DIR DIR *d = opendir(parts);
	if (!d)
		return;
	for (struct dirent *f = readdir(d); f; f = readdir(d))
		if (f->d_name[0] != '.' && !is_kept(f->d_name, keep))
			(void)unlinkat(dirfd(d), f->d_name, 0);
	if (!keep.now && !keep.before)
		(void)rmdir(parts);
}

static enum err
write_bundle(struct growth *g, uint64_t n, unsigned width)
{
	OWNED_MEM char *name = tile_name(TILE_ENTRIES, n, width);
	OWNED_BUF struct buf b;
	buf_init(&b, TILE_BUNDLE_MOST_BYTES);
	for (unsigned i = 0; i < width; i++) {
		struct view entry;
		enum err e = g->from->entry(g->from->arg, n * TILE_HASHES_COUNT + i, &entry);
		if (e)
			return e;
		if (entry.len > TILE_ENTRY_MOST_BYTES)
			return fail(E_FORMAT, "log: an entry of more than %d bytes",
				TILE_ENTRY_MOST_BYTES);
		buf_u16(&b, (uint16_t)entry.len);
		buf_add_view(&b, entry);
	}
	enum err e = buf_check(&b, name);
	return e ? e : write_file(g, name, buf_view(&b));
}

/* The tile that the stand holds at this level, and at level 0 the bundle under it. `end`: the
 * log's size from which on they exist. */
static enum err
put_tile(struct growth *g, int level, uint64_t n, unsigned width, uint64_t end)
{
	bool expected = end <= g->present;
	enum err e = OK;
	if (!expected || !tile_stands(g, level, n, width)) {
		OWNED_MEM char *name = tile_name(level, n, width);
		size_t len = (size_t)width * HASH_BYTES;
		e = write_file(g, name, view_of(g->stand->tile[level], len));
	}
	if (!e && level == 0 && !(expected && bundle_stands(g, n, width)))
		e = write_bundle(g, n, width);
	if (!e && expected && width == TILE_HASHES_COUNT) {
		sweep_parts(g->log->dir, level, n, (struct kept){0});
		if (level == 0)
			sweep_parts(g->log->dir, TILE_ENTRIES, n, (struct kept){0});
	}
	return e;
}

/* A level's next hash; a tile that it fills is written and gives a hash to the level above. */
static enum err
add_leaf(struct growth *g, const uint8_t leaf[static HASH_BYTES])
{
	struct stand *s = g->stand;
	const uint8_t *top = leaf;
	merkle_append(&s->tree, leaf);
	uint64_t size = s->tree.size;
	for (int level = 0; level < TILE_LEVELS_COUNT; level++) {
		unsigned width = tile_width(size, level);
		unsigned at = (width + TILE_HASHES_COUNT - 1) % TILE_HASHES_COUNT;
		memcpy(s->tile[level][at], top, HASH_BYTES);
		if (width != 0 || level + 1 == TILE_LEVELS_COUNT)
			return OK;
		enum err e = put_tile(
			g, level, tile_count(size, level) - 1, TILE_HASHES_COUNT, size);
		if (e)
			return e;
		/* The tree has just made the top of all that this tile stands over. */
		top = s->tree.peak[TILE_TREE_LEVELS * (level + 1)];
	}
	return OK;
}

static enum err
leaf_hash(const struct tlog_source *from, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	if (from->leaf)
		return from->leaf(from->arg, index, ret);
	struct view entry;
	enum err e = from->entry(from->arg, index, &entry);
	if (!e)
		merkle_leaf(ret, entry);
	return e;
}

/* The incomplete tiles at the right edge that changed since the log had `before` leaves. */
static enum err
put_edge(struct growth *g, uint64_t before)
{
	uint64_t size = g->stand->tree.size;
	for (int level = 0; level < TILE_LEVELS_COUNT; level++) {
		uint64_t n = tile_count(size, level);
		unsigned width = tile_width(size, level);
		bool same =
			n == tile_count(before, level) && width == tile_width(before, level);
		enum err e = width && !same ? put_tile(g, level, n, width, size) : OK;
		if (e)
			return e;
	}
	return OK;
}

static enum err
sync_all(const struct growth *g)
{
	if (!g->wrote)
		return OK;
	OWNED_FD int fd = open(g->log->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && syncfs(fd) == 0 ? OK : fd_failed(g->log->dir);
}

/* Work on a copy, so that a failure leaves the log where it stood. */
static enum err
grow(struct tlog *t, const struct tlog_source *from, uint64_t size, uint64_t present)
{
	OWNED_MEM struct stand *next = xmemdup(t->stand, sizeof(*next));
	struct growth g = {t, from, next, present, false};
	uint64_t before = next->tree.size;
	enum err e = OK;
	for (uint64_t i = before; !e && i < size; i++) {
		uint8_t leaf[HASH_BYTES];
		e = leaf_hash(from, i, leaf);
		if (!e)
			e = add_leaf(&g, leaf);
	}
	if (!e)
		e = put_edge(&g, before);
	if (!e)
		e = sync_all(&g);
	if (e)
		return e;
	memcpy(t->stand, next, sizeof(*next));
	return OK;
}

/* The vault's leaves have to give the root of the checkpoint that is out. */
static enum err
compare_checkpoint(
	const struct note_checkpoint *cp, const struct tlog_source *from, uint64_t size)
{
	if (cp->size > size)
		return fail(E_CONFLICT, "log: its checkpoint has more leaves than the vault");
	struct merkle tree = {0};
	uint8_t hash[HASH_BYTES];
	while (tree.size < cp->size) {
		enum err e = leaf_hash(from, tree.size, hash);
		if (e)
			return e;
		merkle_append(&tree, hash);
	}
	merkle_root(hash, &tree);
	if (!crypto_same(hash, cp->root, HASH_BYTES))
		return fail(E_CONFLICT, "log: its checkpoint and the vault's leaves differ");
	return OK;
}

static enum err
read_checkpoint(struct note_checkpoint *ret, struct view bytes)
{
	OWNED_MEM struct note *n = xcalloc(1, sizeof(*n));
	enum err e = note_parse(n, bytes);
	return e ? e : note_checkpoint_parse(ret, n->text);
}

/* The size of the checkpoint that is out, 0 if there is none. */
static enum err
published_size(uint64_t *ret, const char *dir, const struct tlog_source *from, uint64_t size)
{
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	struct note_checkpoint cp;
	*ret = 0;
	enum err e = tile_read_checkpoint(&bytes, &len, dir);
	if (e == E_NOTFOUND)
		return OK;
	if (!e)
		e = read_checkpoint(&cp, view_of(bytes, len));
	if (!e)
		e = compare_checkpoint(&cp, from, size);
	if (!e)
		*ret = cp.size;
	return e;
}

enum err
tlog_open(struct tlog **ret, const char *dir, const struct tlog_source *from, uint64_t size)
{
	*ret = NULL;
	OWNED(tlog) struct tlog *t = xcalloc(1, sizeof(*t));
	t->dir = xstrdup(dir);
	t->stand = xcalloc(1, sizeof(*t->stand));
	OWNED_MEM char *path = xasprintf("%s/checkpoint", dir);
	enum err e = make_parents(path);
	if (!e)
		e = published_size(&t->published, dir, from, size);
	t->earlier = t->published;
	if (!e)
		e = grow(t, from, size, t->published);
	if (!e)
		*ret = take(t);
	return e;
}

void
tlog_free(struct tlog *t)
{
	if (!t)
		return;
	free(t->stand);
	free(t->dir);
	free(t);
}

enum err
tlog_grow(struct tlog *t, const struct tlog_source *from, uint64_t size)
{
	if (size < t->stand->tree.size)
		return fail(E_CONFLICT, "log: cannot become smaller");
	return grow(t, from, size, 0);
}

uint64_t
tlog_size(const struct tlog *t)
{
	return t->stand->tree.size;
}

void
tlog_root(uint8_t ret[static HASH_BYTES], const struct tlog *t)
{
	merkle_root(ret, &t->stand->tree);
}

/* Parts that neither the checkpoint that is out nor the one before it needs. The one before
 * stays readable for whoever began with it and is slower than the log. */
static void
sweep_edge(const struct tlog *t)
{
	uint64_t size = tlog_size(t);
	for (int level = TILE_ENTRIES; level < TILE_LEVELS_COUNT; level++) {
		uint64_t last = tile_count(size, level);
		uint64_t before = tile_count(t->published, level);
		for (uint64_t n = tile_count(t->earlier, level); n <= last; n++)
			sweep_parts(t->dir, level, n,
				(struct kept){n == last ? tile_width(size, level) : 0,
					n == before ? tile_width(t->published, level) : 0});
	}
}

enum err
tlog_publish(struct tlog *t, struct view note)
{
	struct note_checkpoint cp;
	uint8_t root[HASH_BYTES];
	enum err e = read_checkpoint(&cp, note);
	if (e)
		return e;
	tlog_root(root, t);
	if (cp.size != tlog_size(t) || !crypto_same(cp.root, root, HASH_BYTES))
		return fail(E_CONFLICT, "log: the checkpoint is not of what the log stands at");
	OWNED_MEM char *path = xasprintf("%s/checkpoint", t->dir);
	e = text_write_file(path, note, FILE_MODE);
	if (e)
		return e;
	sweep_edge(t);
	t->earlier = t->published;
	t->published = cp.size;
	return OK;
}
