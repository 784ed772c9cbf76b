#include "common/store/envdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/store/datafile.h"

static const char *const file_names[] = {"data.mdb", "lock.mdb"};

static void
close_drop(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}
#define OWNED_FD OWNED_BY(close_drop)

static void
dir_drop(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

static enum err
io_fail(const char *path)
{
	return fail(errno == ENOSPC || errno == EDQUOT ? E_FULL : E_IO, "%s: %m", path);
}

/* E_NOTFOUND for a directory that is absent or empty, E_FORMAT for one that holds other
 * things. */
static enum err
check_without_data(const char *dir)
{
	OWNED_BY(dir_drop) DIR *d = opendir(dir);
	if (!d && errno == ENOENT)
		return fail(E_NOTFOUND, "%s: there is no store", dir);
	if (!d)
		return fail(E_IO, "%s: %m", dir);
	const struct dirent *entry;
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return fail(E_FORMAT, "%s is damaged: it holds files, but not data.mdb",
				dir);
	return fail(E_NOTFOUND, "%s: there is no store", dir);
}

enum err
envdir_check(const char *dir)
{
	OWNED_MEM char *data = xasprintf("%s/data.mdb", dir);
	enum err e = datafile_check(data);
	return e == E_NOTFOUND ? check_without_data(dir) : e;
}

enum err
envdir_reserve_lock(const char *dir)
{
	OWNED_MEM char *path = xasprintf("%s/lock.mdb", dir);
	OWNED_FD int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return io_fail(path);
	int rc = posix_fallocate(fd, 0, ENVDIR_LOCK_BYTES);
	errno = rc;
	return rc ? io_fail(path) : OK;
}

/* Removes what an interrupted making left behind; only files that we would have made. */
static enum err
clear_aside(const char *aside)
{
	for (size_t i = 0; i < ARRAY_LEN(file_names); i++) {
		OWNED_MEM char *path = xasprintf("%s/%s", aside, file_names[i]);
		if (unlink(path) && errno != ENOENT)
			return io_fail(path);
	}
	return rmdir(aside) && errno != ENOENT ? io_fail(aside) : OK;
}

enum err
envdir_begin(char **ret_aside, const char *dir)
{
	*ret_aside = NULL;
	OWNED_MEM char *aside = xasprintf("%s.new", dir);
	enum err e = clear_aside(aside);
	if (!e && mkdir(aside, 0700))
		e = io_fail(aside);
	if (!e)
		e = envdir_reserve_lock(aside);
	if (!e)
		*ret_aside = take(aside);
	return e;
}

static enum err
sync_path(const char *path)
{
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 || fsync(fd) ? io_fail(path) : OK;
}

enum err
envdir_publish(const char *aside, const char *dir)
{
	OWNED_MEM char *data = xasprintf("%s/data.mdb", aside);
	OWNED_MEM char *copy = xstrdup(dir);
	enum err e = sync_path(data);
	if (!e)
		e = sync_path(aside);
	if (!e && rename(aside, dir))
		e = io_fail(dir);
	if (!e)
		e = sync_path(dirname(copy));
	return e;
}

enum err
envdir_free_bytes(const char *dir, size_t *ret)
{
	*ret = 0;
	struct statvfs st;
	if (statvfs(dir, &st))
		return fail(E_IO, "%s: %m", dir);
	*ret = (size_t)st.f_bavail * st.f_frsize;
	return OK;
}
