#include "common/store/datafile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/fd.h"
#include "common/base/mem.h"

#define META_COUNT          2
#define META_BYTES          152
#define META_MAGIC          0xBEEFC0DEu
#define META_VERSION        1
#define PAGE_HEAD_BYTES     16
#define PAGE_MIN_BYTES      512
#define PAGE_MAX_BYTES      65536
#define NODE_HEAD_BYTES     8
#define FLAG_BRANCH         0x01
#define FLAG_LEAF           0x02
#define FLAG_META           0x08
#define NODE_FLAG_BIG       0x01
#define NO_PAGE             UINT64_MAX
#define UNWRITTEN_MAX_PAGES 65536
#define STEP_MIN_BYTES      ((size_t)1 << 20)
#define STEP_MAX_BYTES      ((size_t)64 << 20)
#define STEP_PART_COUNT     16 /* a step is this part of the file: six percent ahead */
#define LIST_PIECE_COUNT    512

struct datafile {
	const char *path;
	int fd;
	size_t page_bytes;
	uint64_t pages; /* whole pages in the file */
};

struct meta {
	uint64_t free_root;
	uint64_t main_root;
	uint64_t last_page;
	uint64_t txn;
};

/* The pages behind the end of the file, ticked off as they are found on the free list. */
struct missing {
	uint64_t first;
	uint64_t count;
	uint64_t found;
	bool *seen;
};

/* Pages of the free list's tree still to be read; never more in total than the file has. */
struct todo {
	uint64_t *at;
	size_t count;
	uint64_t pushed;
};

static uint16_t
get16(const uint8_t *at)
{
	uint16_t v;
	memcpy(&v, at, sizeof(v));
	return v;
}

static uint32_t
get32(const uint8_t *at)
{
	uint32_t v;
	memcpy(&v, at, sizeof(v));
	return v;
}

static uint64_t
get64(const uint8_t *at)
{
	uint64_t v;
	memcpy(&v, at, sizeof(v));
	return v;
}

static enum err
damaged(const struct datafile *f, const char *what)
{
	return fail(E_FORMAT, "%s is damaged: %s; restore it from a backup", f->path, what);
}

/* Exactly len bytes at the offset; a short file is damage. */
static enum err
read_at(const struct datafile *f, void *to, size_t len, uint64_t offset)
{
	uint8_t *at = to;
	if (offset > INT64_MAX - len)
		return damaged(f, "it points outside itself");
	while (len) {
		ssize_t n = pread(f->fd, at, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(E_IO, "%s: %m", f->path);
		if (n == 0)
			return damaged(f, "it is cut short");
		at += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return OK;
}

static bool
is_page_size(uint32_t n)
{
	return n >= PAGE_MIN_BYTES && n <= PAGE_MAX_BYTES && (n & (n - 1)) == 0;
}

/* The meta page at the offset. The first one read says the page size for both. */
static enum err
read_meta(struct datafile *f, uint64_t offset, struct meta *ret)
{
	uint8_t m[META_BYTES];
	enum err e = read_at(f, m, sizeof(m), offset);
	if (e)
		return e;
	uint32_t page_bytes = get32(m + 40);
	if (!(get16(m + 10) & FLAG_META) || get32(m + 16) != META_MAGIC)
		return damaged(f, "it does not begin like a store");
	if (get32(m + 20) != META_VERSION)
		return damaged(f, "it is of another version of LMDB");
	if (!is_page_size(page_bytes) || (f->page_bytes && f->page_bytes != page_bytes))
		return damaged(f, "its page size is impossible");
	f->page_bytes = page_bytes;
	*ret = (struct meta){.free_root = get64(m + 80),
		.main_root = get64(m + 128),
		.last_page = get64(m + 136),
		.txn = get64(m + 144)};
	return OK;
}

/* The newer of the two; LMDB goes by the larger transaction number as well. */
static enum err
read_newest_meta(struct datafile *f, struct meta *ret)
{
	struct meta m[META_COUNT] = {{0}};
	enum err e = read_meta(f, 0, &m[0]);
	if (!e)
		e = read_meta(f, f->page_bytes, &m[1]);
	if (!e)
		*ret = m[0].txn < m[1].txn ? m[1] : m[0];
	return e;
}

/* Ticks off what one record of the free list names: a count, then page numbers, u64 each. */
static enum err
read_list(const struct datafile *f, uint64_t offset, struct missing *gone)
{
	uint64_t piece[LIST_PIECE_COUNT], count;
	enum err e = read_at(f, &count, sizeof(count), offset);
	if (!e && count > f->pages + gone->count)
		e = damaged(f, "its free list is impossible");
	while (!e && count) {
		size_t n = (size_t)MIN(count, (uint64_t)LIST_PIECE_COUNT);
		offset += sizeof(count);
		e = read_at(f, piece, n * sizeof(piece[0]), offset);
		for (size_t i = 0; !e && i < n; i++) {
			uint64_t k = piece[i] - gone->first;
			if (piece[i] < gone->first || k >= gone->count || gone->seen[k])
				continue;
			gone->seen[k] = true;
			gone->found++;
		}
		offset += (n - 1) * sizeof(count);
		count -= n;
	}
	return e;
}

static void
todo_drop(struct todo *t)
{
	free(t->at);
}

static enum err
push(const struct datafile *f, struct todo *t, uint64_t page)
{
	if (page >= f->pages || t->pushed >= f->pages)
		return damaged(f, "it is cut short");
	t->at = xrealloc(t->at, t->count + 1, sizeof(t->at[0]));
	t->at[t->count++] = page;
	t->pushed++;
	return OK;
}

/* One node of a page of the free list's tree, at byte `at` of the page. */
static enum err
read_node(const struct datafile *f, const uint8_t *page, size_t at, struct todo *t,
	struct missing *gone)
{
	if (at < PAGE_HEAD_BYTES || at + NODE_HEAD_BYTES > f->page_bytes)
		return damaged(f, "a page of its free list is impossible");
	const uint8_t *node = page + at;
	uint64_t low = get32(node);
	uint16_t flags = get16(node + 4);
	if (get16(page + 10) & FLAG_BRANCH)
		return push(f, t, low | (uint64_t)flags << 32);
	size_t data = at + NODE_HEAD_BYTES + get16(node + 6);
	if (data + sizeof(uint64_t) > f->page_bytes)
		return damaged(f, "a page of its free list is impossible");
	uint64_t offset = get64(page) * f->page_bytes + data;
	if (flags & NODE_FLAG_BIG) {
		uint64_t big = get64(page + data);
		if (big >= f->pages)
			return damaged(f, "it is cut short");
		offset = big * f->page_bytes + PAGE_HEAD_BYTES;
	}
	return read_list(f, offset, gone);
}

static enum err
read_free_page(const struct datafile *f, uint8_t *page, uint64_t number, struct todo *t,
	struct missing *gone)
{
	enum err e = read_at(f, page, f->page_bytes, number * f->page_bytes);
	if (e)
		return e;
	size_t lower = get16(page + 12);
	if (get64(page) != number || !(get16(page + 10) & (FLAG_BRANCH | FLAG_LEAF)) ||
		lower < PAGE_HEAD_BYTES || lower > f->page_bytes)
		return damaged(f, "a page of its free list is impossible");
	for (size_t at = PAGE_HEAD_BYTES; !e && at + 1 < lower; at += 2)
		e = read_node(f, page, get16(page + at), t, gone);
	return e;
}

/* The file ends before its last counted page: sound only if all that is missing is free. */
static enum err
check_missing_are_free(const struct datafile *f, const struct meta *m)
{
	struct missing gone = {.first = f->pages, .count = m->last_page + 1 - f->pages};
	if (gone.count > UNWRITTEN_MAX_PAGES || m->free_root == NO_PAGE)
		return damaged(f, "it is cut short");
	OWNED_MEM bool *seen = xcalloc(gone.count, sizeof(bool));
	OWNED_MEM uint8_t *page = xcalloc(1, f->page_bytes);
	gone.seen = seen;
	OWNED_BY(todo_drop) struct todo t = {0};
	enum err e = push(f, &t, m->free_root);
	while (!e && t.count)
		e = read_free_page(f, page, t.at[--t.count], &t, &gone);
	if (!e && gone.found < gone.count)
		e = damaged(f, "it is cut short");
	return e;
}

enum err
datafile_check(const char *path)
{
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(errno == ENOENT ? E_NOTFOUND : E_IO, "%s: %m", path);
	struct datafile f = {.path = path, .fd = fd};
	struct meta m;
	enum err e = read_newest_meta(&f, &m);
	if (e)
		return e;
	/* The size is asked after the meta pages are read: a writer at work only adds to it. */
	struct stat st;
	if (fstat(fd, &st))
		return fail(E_IO, "%s: %m", path);
	f.pages = f.page_bytes ? (uint64_t)st.st_size / f.page_bytes : 0;
	if (!S_ISREG(st.st_mode) || f.pages < META_COUNT)
		return damaged(&f, "it is cut short");
	if (m.last_page + 1 < META_COUNT ||
		(m.main_root != NO_PAGE && m.main_root > m.last_page) ||
		(m.free_root != NO_PAGE && m.free_root > m.last_page))
		return damaged(&f, "its meta page is impossible");
	return m.last_page < f.pages ? OK : check_missing_are_free(&f, &m);
}

size_t
datafile_extend(int fd, size_t bytes, size_t max_bytes)
{
	struct stat st;
	if (fstat(fd, &st))
		return 0;
	size_t now = (size_t)st.st_size;
	size_t step = MIN(MAX(now / STEP_PART_COUNT, STEP_MIN_BYTES), STEP_MAX_BYTES);
	if (bytes + step / 2 <= now || now >= max_bytes)
		return now;
	size_t want = MIN(bytes + step, max_bytes);
	if (want <= now || fallocate(fd, 0, (off_t)now, (off_t)(want - now)))
		return now;
	return want;
}
