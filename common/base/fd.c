#include "common/base/fd.h"

#include <errno.h>
#include <unistd.h>

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
fd_failed(const char *path)
{
	return fail(errno == ENOSPC || errno == EDQUOT ? E_FULL : E_IO, "%s: %m", path);
}
