#include "common/run/bundlefile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/fd.h"
#include "common/base/mem.h"

#define FILE_MODE 0600

struct bundlefile {
	int fd;
	char *path, *aside;
	bool kept;
};

static enum err
failed(const char *path)
{
	if (errno == ENOENT)
		return fail(E_NOTFOUND, "%s: there is no such file", path);
	if (errno == EEXIST)
		return fail(E_CONFLICT, "%s is there already", path);
	return fd_failed(path);
}

/* reading */

static enum err
read_some(void *arg, uint8_t *to, size_t len, size_t *ret_len)
{
	const int *fd = arg;
	*ret_len = 0;
	while (*ret_len < len) {
		ssize_t n = read(*fd, to + *ret_len, len - *ret_len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(E_IO, "%m");
		if (n == 0)
			break;
		*ret_len += (size_t)n;
	}
	return OK;
}

static enum err
walk(int *fd, struct bundle_reader *r, bundlefile_frame_fn *each, void *arg)
{
	enum bundle_kind kind = BUNDLE_STATE;
	struct view box;
	enum err e = bundle_open(r, read_some, fd);
	while (!e && kind != BUNDLE_END) {
		e = bundle_next(r, &kind, &box);
		if (!e && kind != BUNDLE_END && each)
			e = each(arg, kind, box);
	}
	return e;
}

enum err
bundlefile_check(struct bundlefile_facts *ret, const char *path, uint64_t max_bytes)
{
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	OWNED_BUNDLE struct bundle_reader r = {.read = NULL};
	struct stat s;
	*ret = (struct bundlefile_facts){.bytes = 0};
	if (fd < 0 || fstat(fd, &s))
		return failed(path);
	if (!S_ISREG(s.st_mode))
		return fail(E_FORMAT, "%s is no file", path);
	if ((uint64_t)s.st_size > max_bytes)
		return fail(E_FULL, "%s has more than %llu bytes", path,
			(unsigned long long)max_bytes);
	enum err e = walk(&fd, &r, NULL, NULL);
	if (e)
		return fail_in(e, "%s", path);
	ret->claim = r.claim;
	ret->bytes = (uint64_t)s.st_size;
	return OK;
}

enum err
bundlefile_each(const char *path, bundlefile_frame_fn *each, void *arg)
{
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	OWNED_BUNDLE struct bundle_reader r = {.read = NULL};
	return fd < 0 ? failed(path) : walk(&fd, &r, each, arg);
}

/* writing */

enum err
bundlefile_place(char ret[static BUNDLEFILE_PATH_BYTES], const char *path, const char *name)
{
	struct stat s;
	bool is_dir = stat(path, &s) == 0 && S_ISDIR(s.st_mode);
	int n = is_dir ? snprintf(ret, BUNDLEFILE_PATH_BYTES, "%s/weir-%s.bundle", path, name)
		       : snprintf(ret, BUNDLEFILE_PATH_BYTES, "%s", path);
	if (n < 0 || n >= BUNDLEFILE_PATH_BYTES)
		return fail(E_FORMAT, "the path of the bundle is too long");
	return OK;
}

enum err
bundlefile_create(struct bundlefile **ret, const char *path)
{
	OWNED(bundlefile) struct bundlefile *f = xcalloc(1, sizeof(*f));
	*ret = NULL;
	f->path = xstrdup(path);
	f->aside = xasprintf("%s.new", path);
	f->fd = -1;
	if (access(path, F_OK) == 0)
		return fail(E_CONFLICT, "%s is there already", path);
	f->fd = open(f->aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	if (f->fd < 0)
		return failed(f->aside);
	*ret = take(f);
	return OK;
}

enum err
bundlefile_add(struct bundlefile *f, struct view bytes)
{
	while (bytes.len) {
		ssize_t n = write(f->fd, bytes.at, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed(f->aside);
		bytes.at += n;
		bytes.len -= (size_t)n;
	}
	return OK;
}

static enum err
sync_directory(const char *path)
{
	OWNED_MEM char *copy = xstrdup(path);
	OWNED_FD int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) ? fail(E_IO, "directory of %s: %m", path) : OK;
}

/* linkat() would refuse on file systems of sticks; a name that appeared meanwhile is replaced,
 * which is what a person who writes the same file twice at once has to expect. */
enum err
bundlefile_keep(struct bundlefile *f)
{
	if (fsync(f->fd) || rename(f->aside, f->path))
		return failed(f->path);
	f->kept = true;
	return sync_directory(f->path);
}

void
bundlefile_free(struct bundlefile *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		(void)close(f->fd);
	if (f->fd >= 0 && !f->kept)
		(void)unlink(f->aside);
	mem_drop(&f->path);
	mem_drop(&f->aside);
	mem_drop(&f);
}
