#include "common/run/datadir.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "common/base/fd.h"

#define DATADIR_MODE 0700

enum err
datadir_path(char ret[static DATADIR_PATH_BYTES], const char *dir, const char *name)
{
	int n = snprintf(ret, DATADIR_PATH_BYTES, "%s/%s", dir, name);
	return n < 0 || n >= DATADIR_PATH_BYTES
		       ? fail(E_FORMAT, "the path of %s is too long", name)
		       : OK;
}

enum err
datadir_make(const char *dir, const char *name)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = datadir_path(path, dir, name);
	if (!e && mkdir(path, DATADIR_MODE) && errno != EEXIST)
		e = fd_failed(path);
	return e;
}
