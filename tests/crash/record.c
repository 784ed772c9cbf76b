/* record - a library to preload: writes down, in order, what a program does to files of some
 * directories, so that images.py can make every disk that a power cut might have left.
 *
 * Environment: WEIR_RECORD the log, WEIR_RECORD_DIRS directories, separated by colons.
 * Log:         records of any number of processes, each appended in one write: op u8, two
 *              path lengths u16, offset u64, content length u64 (host byte order), the paths,
 *              the content. A record is appended after the call came back with success, and
 *              before its caller goes on.
 *              o open for writing (offset: the flags), w write, t truncate (offset: the new
 *              size), s sync of a file, d sync of a file system, r rename, u unlink,
 *              m mkdir, and M for marks, which are not written here.
 * Always true: a descriptor opened with O_DSYNC or O_SYNC has s after each w.
 *              files that are mapped shared for writing are not seen: LMDB maps to read only.
 * It can hurt: between a call and its record another process may act on the same file; every
 *              store here has one writer.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define DESCRIPTORS_COUNT 1024
#define DIRECTORIES_COUNT 8
#define HEAD_BYTES        21

static struct {
	int log;
	const char *dirs[DIRECTORIES_COUNT];
	size_t dir_count;
	/* "" where the file is none of ours */
	char path[DESCRIPTORS_COUNT][PATH_MAX];
	int flags[DESCRIPTORS_COUNT];
} recorder = {.log = -1};

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void
begin(void)
{
	const char *log = getenv("WEIR_RECORD"), *dirs = getenv("WEIR_RECORD_DIRS");
	if (!log || !dirs)
		return;
	char *rest = strdup(dirs), *dir;
	while (rest && (dir = strsep(&rest, ":")) && recorder.dir_count < DIRECTORIES_COUNT)
		recorder.dirs[recorder.dir_count++] = dir;
	recorder.log = NEXT(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int
is_ours(const char *path)
{
	for (size_t i = 0; recorder.log >= 0 && i < recorder.dir_count; i++)
		if (strncmp(path, recorder.dirs[i], strlen(recorder.dirs[i])) == 0)
			return 1;
	return 0;
}

static const char *
path_of(int fd)
{
	return fd >= 0 && fd < DESCRIPTORS_COUNT ? recorder.path[fd] : "";
}

struct event {
	char op;
	const char *path, *to;
	uint64_t offset;
	const void *content;
	size_t len;
};

/* A log that cannot be written makes the whole run worthless: it ends at once. */
static void
record(const struct event *e)
{
	int error = errno;
	uint8_t head[HEAD_BYTES] = {(uint8_t)e->op};
	const char *to = e->to ? e->to : "";
	uint16_t lengths[2] = {(uint16_t)strlen(e->path), (uint16_t)strlen(to)};
	uint64_t numbers[2] = {e->offset, e->len};
	memcpy(head + 1, lengths, sizeof(lengths));
	memcpy(head + 5, numbers, sizeof(numbers));
	struct iovec parts[] = {{head, sizeof(head)}, {(void *)(uintptr_t)e->path, lengths[0]},
		{(void *)(uintptr_t)to, lengths[1]}, {(void *)(uintptr_t)e->content, e->len}};
	if (NEXT(writev)(recorder.log, parts, 4) !=
		(ssize_t)(sizeof(head) + lengths[0] + lengths[1] + e->len))
		abort();
	errno = error;
}

static void
record_sync(int fd, char op)
{
	if (*path_of(fd))
		record(&(struct event){.op = op, .path = path_of(fd)});
}

static void
record_write(int fd, const void *content, size_t len, off_t offset)
{
	if (!*path_of(fd))
		return;
	record(&(struct event){.op = 'w',
		.path = path_of(fd),
		.offset = (uint64_t)offset,
		.content = content,
		.len = len});
	if (recorder.flags[fd] & (O_DSYNC | O_SYNC))
		record_sync(fd, 's');
}

/* descriptors */

static int
opened(int fd, const char *path, int flags)
{
	if (fd < 0 || fd >= DESCRIPTORS_COUNT)
		return fd;
	recorder.path[fd][0] = '\0';
	if (!is_ours(path) || strlen(path) >= PATH_MAX)
		return fd;
	memcpy(recorder.path[fd], path, strlen(path) + 1);
	recorder.flags[fd] = flags;
	if ((flags & O_ACCMODE) != O_RDONLY)
		record(&(struct event){.op = 'o', .path = path, .offset = (uint64_t)flags});
	return fd;
}

#define OPEN(name)                                                                             \
	int name(const char *path, int flags, ...)                                             \
	{                                                                                      \
		va_list rest;                                                                  \
		va_start(rest, flags);                                                         \
		mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                      \
		va_end(rest);                                                                  \
		return opened(NEXT(name)(path, flags, mode), path, flags);                     \
	}
OPEN(open)
OPEN(open64)

int
close(int fd)
{
	if (fd >= 0 && fd < DESCRIPTORS_COUNT)
		recorder.path[fd][0] = '\0';
	return NEXT(close)(fd);
}

/* content */

static off_t
place(int fd)
{
	if (!*path_of(fd))
		return 0;
	return recorder.flags[fd] & O_APPEND ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
}

ssize_t
write(int fd, const void *content, size_t len)
{
	off_t at = place(fd);
	ssize_t n = NEXT(write)(fd, content, len);
	if (n > 0)
		record_write(fd, content, (size_t)n, at);
	return n;
}

#define PWRITE(name)                                                                           \
	ssize_t name(int fd, const void *content, size_t len, off_t at)                        \
	{                                                                                      \
		ssize_t n = NEXT(name)(fd, content, len, at);                                  \
		if (n > 0)                                                                     \
			record_write(fd, content, (size_t)n, at);                              \
		return n;                                                                      \
	}
PWRITE(pwrite)
PWRITE(pwrite64)

static void
record_parts(int fd, const struct iovec *parts, size_t done, off_t at)
{
	for (size_t i = 0; done; i++) {
		size_t n = parts[i].iov_len < done ? parts[i].iov_len : done;
		record_write(fd, parts[i].iov_base, n, at);
		at += (off_t)n;
		done -= n;
	}
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	off_t at = place(fd);
	ssize_t n = NEXT(writev)(fd, parts, count);
	if (n > 0)
		record_parts(fd, parts, (size_t)n, at);
	return n;
}

#define PWRITEV(name)                                                                          \
	ssize_t name(int fd, const struct iovec *parts, int count, off_t at)                   \
	{                                                                                      \
		ssize_t n = NEXT(name)(fd, parts, count, at);                                  \
		if (n > 0)                                                                     \
			record_parts(fd, parts, (size_t)n, at);                                \
		return n;                                                                      \
	}
PWRITEV(pwritev)
PWRITEV(pwritev64)

#define TRUNCATE(name)                                                                         \
	int name(int fd, off_t size)                                                           \
	{                                                                                      \
		int status = NEXT(name)(fd, size);                                             \
		if (!status && *path_of(fd))                                                   \
			record(&(struct event){                                                \
				.op = 't', .path = path_of(fd), .offset = (uint64_t)size});    \
		return status;                                                                 \
	}
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

/* Room behind the end is content of zeros. */
#define FALLOCATE(name)                                                                        \
	int name(int fd, int mode, off_t at, off_t len)                                        \
	{                                                                                      \
		int status = NEXT(name)(fd, mode, at, len);                                    \
		struct stat s;                                                                 \
		if (!status && *path_of(fd) && fstat(fd, &s) == 0)                             \
			record(&(struct event){.op = 't',                                      \
				.path = path_of(fd),                                           \
				.offset = (uint64_t)s.st_size});                               \
		return status;                                                                 \
	}
FALLOCATE(fallocate)
FALLOCATE(fallocate64)

#define SYNC(name, op)                                                                         \
	int name(int fd)                                                                       \
	{                                                                                      \
		int status = NEXT(name)(fd);                                                   \
		if (!status)                                                                   \
			record_sync(fd, op);                                                   \
		return status;                                                                 \
	}
SYNC(fsync, 's')
SYNC(fdatasync, 's')
SYNC(syncfs, 'd')

/* names */

int
rename(const char *from, const char *to)
{
	int status = NEXT(rename)(from, to);
	if (!status && (is_ours(from) || is_ours(to)))
		record(&(struct event){.op = 'r', .path = from, .to = to});
	return status;
}

int
unlink(const char *path)
{
	int status = NEXT(unlink)(path);
	if (!status && is_ours(path))
		record(&(struct event){.op = 'u', .path = path});
	return status;
}

int
mkdir(const char *path, mode_t mode)
{
	int status = NEXT(mkdir)(path, mode);
	if (!status && is_ours(path))
		record(&(struct event){.op = 'm', .path = path});
	return status;
}
