#include "common/base/fd.h"

#include <errno.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES_COUNT 200
#define LOCK_PAUSE_NS    10000000

void
fd_drop(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void
dir_drop(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
	*dir = NULL;
}

enum err
fd_lock(int fd, const char *path)
{
	static const struct timespec pause = {0, LOCK_PAUSE_NS};
	for (int i = 0; i < LOCK_TRIES_COUNT; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return OK;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fd_failed(path);
		(void)nanosleep(&pause, NULL);
	}
	return fail(E_CONFLICT, "%s is locked by another process", path);
}

enum err
fd_failed(const char *path)
{
	return fail(errno == ENOSPC || errno == EDQUOT ? E_FULL : E_IO, "%s: %m", path);
}
