#include "hub/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/fd.h"
#include "common/base/mem.h"
#include "hub/journalitem.h"

#define JOURNAL_MAGIC       "weir-journal-v3\n"
#define JOURNAL_MAGIC_BYTES 16
#define MAGIC_VERSION_AT    14 /* its digit; the rest is the same in every version */
#define PATH_BYTES          4096
#define ASIDE_MAX_COUNT     1000

struct journal {
	int fd;
	bool broken;
	uint64_t end;             /* of the last whole item */
	struct journal_mark mark; /* there */
	uint64_t end_before;      /* the last append; 0: there is nothing to take back */
	struct journal_mark mark_before;
	const struct journal_mark *least;
	bool has_least; /* it was passed, with the same check */
	char path[PATH_BYTES];
};

/* Read up to len bytes at an offset; *ret_len is short only at the end of the file. */
static enum err
read_at(const struct journal *j, uint64_t at, void *to, size_t len, size_t *ret_len)
{
	*ret_len = 0;
	while (*ret_len < len) {
		ssize_t n = pread(j->fd, (uint8_t *)to + *ret_len, len - *ret_len,
			(off_t)(at + *ret_len));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fd_failed(j->path);
		if (n == 0)
			return OK;
		*ret_len += (size_t)n;
	}
	return OK;
}

/* Durable when OK. */
static enum err
write_part(const struct journal *j, struct view v)
{
	while (v.len) {
		ssize_t n = write(j->fd, v.at, v.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fd_failed(j->path);
		v = view_of(v.at + n, v.len - (size_t)n);
	}
	return fdatasync(j->fd) ? fd_failed(j->path) : OK;
}

static enum err
write_item(const struct journal *j, struct view item)
{
	const size_t head = journalitem_head(j->end, item.len);
	enum err e = head ? write_part(j, view_of(item.at, head)) : OK;
	return e ? e : write_part(j, view_of(item.at + head, item.len - head));
}

/* What stands behind the last whole item cannot be read; `item`: what its length would say, 0
 * where that says nothing. */
static enum err
check_torn(const struct journal *j, uint64_t item)
{
	struct stat s;
	if (fstat(j->fd, &s))
		return fd_failed(j->path);
	uint64_t rest = (uint64_t)s.st_size - j->end;
	size_t got, room = (size_t)MIN(rest, journalitem_bytes(JOURNAL_ITEM_MAX_BYTES));
	OWNED_MEM uint8_t *bytes = xcalloc(1, room);
	enum err e = read_at(j, j->end, bytes, room, &got);
	if (e || journalitem_is_torn(view_of(bytes, got), j->end, rest, item))
		return e;
	return fail(E_FORMAT, "%s is damaged", j->path);
}

static enum err
check_cut(const struct journal *j, struct view left)
{
	if (journalitem_hides_whole(left, j->mark.check))
		return fail(E_FORMAT, "%s is damaged", j->path);
	return OK;
}

static void
go_on(struct journal *j, const uint8_t check[static ID_BYTES], uint64_t bytes)
{
	memcpy(j->mark.check, check, ID_BYTES);
	j->mark.items++;
	j->end += bytes;
	if (j->least && j->least->items == j->mark.items)
		j->has_least = memcmp(j->least->check, check, ID_BYTES) == 0;
}

/* One item at j->end. *ret_more: it was whole and there may be another. */
static enum err
read_item(struct journal *j, journal_item_fn *each, void *arg, bool *ret_more)
{
	uint8_t frame[JOURNALITEM_FRAME_BYTES], check[ID_BYTES];
	size_t got;
	*ret_more = false;
	enum err e = read_at(j, j->end, frame, sizeof(frame), &got);
	if (e || got < sizeof(frame))
		return e;
	struct cursor c = cursor_of(view_of(frame, sizeof(frame)));
	size_t len = cursor_u32(&c);
	if (len > JOURNAL_ITEM_MAX_BYTES)
		return check_torn(j, 0);
	const size_t bytes = journalitem_bytes(len);
	OWNED_MEM uint8_t *item = xcalloc(1, bytes);
	e = read_at(j, j->end, item, bytes, &got);
	if (e || got < bytes)
		return e ? e : check_cut(j, view_of(item, got));
	if (!journalitem_is_whole(view_of(item, bytes), j->mark.check, len, check))
		return check_torn(j, bytes);
	go_on(j, check, bytes);
	*ret_more = true;
	return each ? each(arg, item[4], view_of(item + JOURNALITEM_FRAME_BYTES, len)) : OK;
}

/* Hand out all items and cut off what a crash left of one that was never answered OK to. */
static enum err
read_items(struct journal *j, journal_item_fn *each, void *arg)
{
	bool more = true;
	enum err e = OK;
	while (!e && more)
		e = read_item(j, each, arg, &more);
	if (!e && !j->has_least)
		e = fail(E_NOTFOUND,
			"%s lacks items that were durable: it was lost, or is an older one",
			j->path);
	struct stat s;
	if (!e && fstat(j->fd, &s))
		e = fd_failed(j->path);
	if (!e && (uint64_t)s.st_size > j->end &&
		(ftruncate(j->fd, (off_t)j->end) || fdatasync(j->fd)))
		e = fd_failed(j->path);
	return e;
}

static enum err
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err e = fd < 0 || fsync(fd) ? fd_failed(dir) : OK;
	if (fd >= 0)
		(void)close(fd);
	return e;
}

static bool
is_of_another_version(const char magic[static JOURNAL_MAGIC_BYTES])
{
	char of_it[] = JOURNAL_MAGIC;
	if (magic[MAGIC_VERSION_AT] < '1' || magic[MAGIC_VERSION_AT] > '9')
		return false;
	of_it[MAGIC_VERSION_AT] = magic[MAGIC_VERSION_AT];
	return memcmp(magic, of_it, JOURNAL_MAGIC_BYTES) == 0;
}

static enum err
check_magic(const struct journal *j, const char *magic, size_t got)
{
	if (memcmp(magic, JOURNAL_MAGIC, got) == 0)
		return OK;
	if (got == JOURNAL_MAGIC_BYTES && is_of_another_version(magic))
		return fail(E_FORMAT,
			"%s is a journal of version %c, and this program reads version %c: run "
			"the hub with the program that wrote it; where that is gone, move the "
			"file away, and the next start says what an officer has to sign",
			j->path, magic[MAGIC_VERSION_AT], JOURNAL_MAGIC[MAGIC_VERSION_AT]);
	return fail(E_FORMAT, "%s is no journal", j->path);
}

/* A new file gets its first bytes, an old one has to begin with them. */
static enum err
read_magic(struct journal *j, const char *dir)
{
	char magic[JOURNAL_MAGIC_BYTES];
	size_t got;
	enum err e = read_at(j, 0, magic, sizeof(magic), &got);
	j->end = JOURNAL_MAGIC_BYTES;
	if (e)
		return e;
	e = check_magic(j, magic, got);
	if (e)
		return e;
	if (got == sizeof(magic) || !j->has_least)
		return OK;
	if (ftruncate(j->fd, 0))
		return fd_failed(j->path);
	e = write_part(j, view_of(JOURNAL_MAGIC, JOURNAL_MAGIC_BYTES));
	return e ? e : sync_dir(dir);
}

/* The file; made if it may be a new one. */
static enum err
open_file(struct journal *j, const char *dir)
{
	int n = snprintf(j->path, sizeof(j->path), "%s/journal", dir);
	int may_make = j->has_least ? O_CREAT : 0;
	if (n < 0 || (size_t)n >= sizeof(j->path))
		return fail(E_FORMAT, "the path of the journal is too long");
	if (may_make && mkdir(dir, 0700) && errno != EEXIST)
		return fd_failed(dir);
	j->fd = open(j->path, O_RDWR | may_make | O_APPEND | O_CLOEXEC, 0600);
	if (j->fd < 0 && errno == ENOENT)
		return fail(E_NOTFOUND, "%s is not there", j->path);
	return j->fd < 0 ? fd_failed(j->path) : OK;
}

enum err
journal_open(struct journal **ret, const char *dir, const struct journal_mark *least,
	journal_item_fn *each, void *arg)
{
	OWNED(journal) struct journal *j = xcalloc(1, sizeof(*j));
	*ret = NULL;
	j->least = least;
	j->has_least = !least || least->items == 0;
	j->fd = -1;
	enum err e = open_file(j, dir);
	if (e)
		return e;
	e = fd_lock(j->fd, j->path);
	if (!e)
		e = read_magic(j, dir);
	if (!e)
		e = read_items(j, each, arg);
	j->least = NULL;
	if (!e)
		*ret = take(j);
	return e;
}

enum err
journal_read(const char *dir, journal_item_fn *each, void *arg)
{
	OWNED(journal) struct journal *j = xcalloc(1, sizeof(*j));
	char magic[JOURNAL_MAGIC_BYTES];
	size_t got = 0;
	bool more = true;
	(void)snprintf(j->path, sizeof(j->path), "%s/journal", dir);
	j->end = JOURNAL_MAGIC_BYTES;
	j->fd = open(j->path, O_RDONLY | O_CLOEXEC);
	if (j->fd < 0)
		return errno == ENOENT ? fail(E_NOTFOUND, "%s is not there", j->path)
				       : fd_failed(j->path);
	enum err e = read_at(j, 0, magic, sizeof(magic), &got);
	if (!e)
		e = check_magic(j, magic, got);
	if (!e && got < sizeof(magic))
		e = fail(E_FORMAT, "%s is no journal", j->path);
	while (!e && more)
		e = read_item(j, each, arg, &more);
	return e;
}

void
journal_free(struct journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0)
		(void)close(j->fd);
	mem_drop(&j);
}

enum err
journal_append(struct journal *j, enum journal_kind kind, struct view content)
{
	OWNED_BUF struct buf item;
	uint8_t check[ID_BYTES];
	buf_init(&item, journalitem_bytes(MIN(content.len, JOURNAL_ITEM_MAX_BYTES)));
	if (j->broken)
		return fail(E_IO, "%s failed before", j->path);
	if (content.len > JOURNAL_ITEM_MAX_BYTES)
		return fail(E_FORMAT, "an item is too long for the journal");
	journalitem_put(&item, j->mark.check, (uint8_t)kind, content, check);
	enum err e = write_item(j, buf_view(&item));
	/* What a full disk took of it goes; what else failed may be on the disk or not. */
	j->broken = e && (e != E_FULL || ftruncate(j->fd, (off_t)j->end) || fdatasync(j->fd));
	if (e)
		return e;
	j->end_before = j->end;
	j->mark_before = j->mark;
	go_on(j, check, item.len);
	return OK;
}

enum err
journal_take_back(struct journal *j)
{
	if (j->broken || !j->end_before)
		return fail(E_IO, "%s has nothing that may be taken back", j->path);
	j->broken = ftruncate(j->fd, (off_t)j->end_before) || fdatasync(j->fd);
	if (j->broken)
		return fail(E_IO, "%s: %m", j->path);
	j->end = j->end_before;
	j->mark = j->mark_before;
	j->end_before = 0;
	return OK;
}

struct journal_mark
journal_mark_of(const struct journal *j)
{
	return j->mark;
}

uint64_t
journal_bytes(const struct journal *j)
{
	return j->end;
}

enum err
journal_put_aside(const char *dir)
{
	OWNED_MEM char *path = xasprintf("%s/journal", dir);
	for (unsigned i = 1; i <= ASIDE_MAX_COUNT; i++) {
		OWNED_MEM char *aside = xasprintf("%s/journal.lost-%u", dir, i);
		if (access(aside, F_OK) == 0)
			continue;
		if (rename(path, aside))
			return errno == ENOENT ? OK : fd_failed(path);
		return sync_dir(dir);
	}
	return fail(E_CONFLICT, "%s: too many journals were put aside there", dir);
}
