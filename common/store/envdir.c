#include "common/store/envdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/base/fd.h"
#include "common/base/mem.h"
#include "common/store/datafile.h"

static const char *const file_names[] = {"data.mdb", "lock.mdb"};

/* E_NOTFOUND for a directory that is absent or empty, E_FORMAT for one that holds other
 * things. */
static enum err
check_without_data(const char *dir)
{
	OWNED_DIR DIR *d = opendir(dir);
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
		return fd_failed(path);
	int rc = posix_fallocate(fd, 0, ENVDIR_LOCK_BYTES);
	errno = rc;
	return rc ? fd_failed(path) : OK;
}

/* Removes what an interrupted making left behind; only files that we would have made. */
static enum err
clear_aside(const char *aside)
{
	for (size_t i = 0; i < ARRAY_LEN(file_names); i++) {
		OWNED_MEM char *path = xasprintf("%s/%s", aside, file_names[i]);
		if (unlink(path) && errno != ENOENT)
			return fd_failed(path);
	}
	return rmdir(aside) && errno != ENOENT ? fd_failed(aside) : OK;
}

enum err
envdir_begin(char **ret_aside, const char *dir)
{
	*ret_aside = NULL;
	OWNED_MEM char *aside = xasprintf("%s.new", dir);
	enum err e = clear_aside(aside);
	if (!e && mkdir(aside, 0700))
		e = fd_failed(aside);
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
	return fd < 0 || fsync(fd) ? fd_failed(path) : OK;
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
		e = fd_failed(dir);
	if (!e)
		e = sync_path(dirname(copy));
	return e;
}

/* moving */

static enum err
inode_of(uint64_t *ret, const char *dir, const char *name)
{
	OWNED_MEM char *path = xasprintf("%s/%s", dir, name);
	struct stat st;
	if (stat(path, &st))
		return fail(errno == ENOENT ? E_NOTFOUND : E_IO, "%s: %m", path);
	*ret = st.st_ino;
	return OK;
}

enum err
envdir_files(struct envdir_files *ret, const char *dir)
{
	*ret = (struct envdir_files){0};
	enum err e = inode_of(&ret->data, dir, file_names[0]);
	return e ? e : inode_of(&ret->lock, dir, file_names[1]);
}

enum err
envdir_hold(int *ret, const char *dir, bool exclusive)
{
	OWNED_FD int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*ret = -1;
	if (fd < 0 || flock(fd, exclusive ? LOCK_EX : LOCK_SH))
		return fd_failed(dir);
	*ret = fd;
	fd = -1;
	return OK;
}

enum err
envdir_begin_move(int *ret, const char *dir)
{
	OWNED_MEM char *data = xasprintf("%s/data.new", dir);
	OWNED_MEM char *lock = xasprintf("%s/lock.new", dir);
	*ret = -1;
	OWNED_FD int lock_fd = open(lock, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (lock_fd < 0)
		return fd_failed(lock);
	errno = posix_fallocate(lock_fd, 0, ENVDIR_LOCK_BYTES);
	if (errno)
		return fd_failed(lock);
	*ret = open(data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return *ret < 0 ? fd_failed(data) : OK;
}

enum err
envdir_move(int fd, const char *dir)
{
	OWNED_FD int held = -1;
	if (fsync(fd))
		return fd_failed(dir);
	enum err e = envdir_hold(&held, dir, true);
	for (size_t i = 0; !e && i < ARRAY_LEN(file_names); i++) {
		OWNED_MEM char *to = xasprintf("%s/%s", dir, file_names[i]);
		OWNED_MEM char *from = xasprintf("%s/%.4s.new", dir, file_names[i]);
		if (rename(from, to))
			e = fd_failed(from);
	}
	return e ? e : sync_path(dir);
}

enum err
envdir_settle_move(const char *dir)
{
	OWNED_MEM char *data = xasprintf("%s/data.new", dir);
	OWNED_MEM char *lock = xasprintf("%s/lock.new", dir);
	OWNED_MEM char *to = xasprintf("%s/%s", dir, file_names[1]);
	if (unlink(data) == 0)
		(void)unlink(lock);
	else if (errno != ENOENT)
		return fd_failed(data);
	return rename(lock, to) && errno != ENOENT ? fd_failed(lock) : OK;
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
