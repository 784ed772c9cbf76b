#include "common/run/supersede.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/fd.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"

#define MODE          0600
#define READ_TRIES    50
#define READ_PAUSE_NS 20000000L

static enum err
path_of(char ret[static DATADIR_PATH_BYTES], const char *dir, const char *name, const char *end)
{
	char whole[DATADIR_PATH_BYTES];
	if (snprintf(whole, sizeof(whole), "%s%s", name, end) >= (int)sizeof(whole))
		return fail(E_FORMAT, "the path of %s is too long", name);
	return datadir_path(ret, dir, whole);
}

static bool
is_there(const char *dir, const char *name, const char *end, struct stat *ret)
{
	char path[DATADIR_PATH_BYTES];
	return path_of(path, dir, name, end) == OK && lstat(path, ret) == 0;
}

static enum err
remove_file(const char *dir, const char *name, const char *end)
{
	char path[DATADIR_PATH_BYTES];
	struct stat found;
	enum err e = path_of(path, dir, name, end);
	if (e || lstat(path, &found))
		return e;
	return unlink(path) ? fail(E_IO, "%s cannot be removed: %m", path) : OK;
}

/* Renames and removals are on the disk when the directory is. */
static enum err
sync_dir(const char *dir, const char *name)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = path_of(path, dir, name, "");
	char *slash = strrchr(path, '/');
	if (e || !slash)
		return e;
	*slash = '\0';
	OWNED_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) ? fail(E_IO, "%s cannot be synced: %m", path) : OK;
}

static enum err
put_next(const char *dir, const struct supersede_file *f)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = path_of(path, dir, f->name, ".next");
	return e ? e : text_write_file(path, f->content, MODE);
}

static enum err
keep_old(const char *dir, const struct supersede_file *f)
{
	char now[DATADIR_PATH_BYTES], old[DATADIR_PATH_BYTES];
	struct stat found;
	enum err e = path_of(now, dir, f->name, "");
	if (!e)
		e = path_of(old, dir, f->name, ".old");
	if (e || !is_there(dir, f->name, "", &found))
		return e;
	return link(now, old) ? fail(E_IO, "%s cannot be made: %m", old) : OK;
}

static enum err
take_name(const char *dir, const struct supersede_file *f)
{
	char now[DATADIR_PATH_BYTES], next[DATADIR_PATH_BYTES];
	struct stat found;
	enum err e = path_of(now, dir, f->name, "");
	if (!e)
		e = path_of(next, dir, f->name, ".next");
	if (e || !is_there(dir, f->name, ".next", &found))
		return e;
	return rename(next, now) ? fail(E_IO, "%s cannot be replaced: %m", now) : OK;
}

static enum err
overwrite(const char *path, off_t len)
{
	const uint8_t zeros[4096] = {0};
	OWNED_FD int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	bool failed = fd < 0;
	for (off_t at = 0; !failed && at < len; at += (off_t)sizeof(zeros)) {
		size_t n = (size_t)MIN((off_t)sizeof(zeros), len - at);
		failed = pwrite(fd, zeros, n, at) != (ssize_t)n;
	}
	return failed || fsync(fd) ? fail(E_IO, "%s cannot be overwritten: %m", path) : OK;
}

/* A second name of what is still in force only loses its name. */
static enum err
destroy_old(const char *dir, const struct supersede_file *f)
{
	char path[DATADIR_PATH_BYTES];
	struct stat old, now;
	enum err e = path_of(path, dir, f->name, ".old");
	if (e || !is_there(dir, f->name, ".old", &old))
		return e;
	bool is_in_force = is_there(dir, f->name, "", &now) && now.st_ino == old.st_ino &&
			   now.st_dev == old.st_dev;
	if (!is_in_force)
		e = overwrite(path, old.st_size);
	return e ? e : remove_file(dir, f->name, ".old");
}

/* The other files take their names, and what was there before goes. */
static enum err
finish(const char *dir, const struct supersede_file *files, size_t count)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++)
		e = take_name(dir, &files[i]);
	if (!e)
		e = sync_dir(dir, files[0].name);
	for (size_t i = 0; !e && i < count; i++)
		e = destroy_old(dir, &files[i]);
	return e ? e : sync_dir(dir, files[0].name);
}

enum err
supersede_recover(const char *dir, const struct supersede_file *files, size_t count)
{
	struct stat found;
	enum err e = OK;
	/* While the first one waits nothing was replaced; it is the last to be given up. */
	if (is_there(dir, files[0].name, ".next", &found))
		for (size_t i = count; !e && i-- > 0;)
			e = remove_file(dir, files[i].name, ".next");
	return e ? e : finish(dir, files, count);
}

enum err
supersede(const char *dir, const struct supersede_file *files, size_t count)
{
	enum err e = supersede_recover(dir, files, count);
	for (size_t i = 0; !e && i < count; i++)
		e = put_next(dir, &files[i]);
	for (size_t i = 0; !e && i < count; i++)
		e = keep_old(dir, &files[i]);
	if (!e)
		e = sync_dir(dir, files[0].name);
	return e ? e : finish(dir, files, count);
}

/* reading beside the writer */

void
supersede_read_done(struct supersede_content *c, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		mem_drop(&c[i].bytes);
		c[i].len = 0;
	}
}

/* Zeros where nothing is there. */
static struct stat
seen_at(const char *dir, const char *name)
{
	struct stat s;
	return is_there(dir, name, "", &s) ? s : (struct stat){.st_ino = 0};
}

/* A file takes its name before the bytes of the old one are overwritten. */
static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static enum err
read_content(struct supersede_content *ret, const char *dir, const char *name, size_t max)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = path_of(path, dir, name, "");
	if (!e)
		e = text_read_file(&ret->bytes, &ret->len, path, max);
	return e == E_NOTFOUND ? OK : e;
}

/* Nothing waits to take a name, and what was read still has it. */
static bool
is_settled(const char *dir, const char *const *names, size_t count, const struct stat *before)
{
	struct stat next;
	for (size_t i = 0; i < count; i++) {
		const struct stat now = seen_at(dir, names[i]);
		if (!is_same(&before[i], &now) || is_there(dir, names[i], ".next", &next))
			return false;
	}
	return true;
}

static enum err
read_once(struct supersede_content *ret, const char *dir, const char *const *names,
	size_t count, size_t max_bytes)
{
	OWNED_MEM struct stat *before = xcalloc(count, sizeof(*before));
	enum err e = OK;
	for (size_t i = 0; i < count; i++)
		before[i] = seen_at(dir, names[i]);
	for (size_t i = 0; !e && i < count; i++)
		e = read_content(&ret[i], dir, names[i], max_bytes);
	if (!e && !is_settled(dir, names, count, before))
		e = fail(E_BUSY,
			"%s is being replaced, or that was cut off: try again when "
			"its program has started",
			names[0]);
	return e;
}

enum err
supersede_read(struct supersede_content *ret, const char *dir, const char *const *names,
	size_t count, size_t max_bytes)
{
	const struct timespec pause = {.tv_nsec = READ_PAUSE_NS};
	enum err e = E_BUSY;
	memset(ret, 0, count * sizeof(*ret));
	for (int i = 0; e == E_BUSY && i < READ_TRIES; i++) {
		if (i)
			(void)nanosleep(&pause, NULL);
		supersede_read_done(ret, count);
		e = read_once(ret, dir, names, count, max_bytes);
	}
	if (e)
		supersede_read_done(ret, count);
	return e;
}
