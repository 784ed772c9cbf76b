#include "common/run/supersede.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/fd.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"

#define MODE 0600

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
