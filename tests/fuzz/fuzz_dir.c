#include "tests/fuzz/fuzz_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "tests/fuzz/fuzz.h"

#define DIR_PATH_BYTES 64
#define FILES_OPEN     8

static char path[DIR_PATH_BYTES];

static int
remove_one(const char *at, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	return where->level > 0 ? remove(at) : 0;
}

void
fuzz_dir_empty(void)
{
	(void)nftw(fuzz_dir(), remove_one, FILES_OPEN, FTW_DEPTH | FTW_PHYS);
}

static void
drop(void)
{
	fuzz_dir_empty();
	(void)rmdir(path);
}

const char *
fuzz_dir(void)
{
	if (path[0])
		return path;
	(void)snprintf(path, sizeof(path), "%s/weir-fuzz-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	fuzz_must(mkdtemp(path) != NULL);
	(void)atexit(drop);
	return path;
}

static void
make_above(char *name)
{
	for (char *at = strchr(name + strlen(fuzz_dir()) + 1, '/'); at;
		at = strchr(at + 1, '/')) {
		*at = '\0';
		fuzz_must(mkdir(name, 0700) == 0 || errno == EEXIST);
		*at = '/';
	}
}

void
fuzz_dir_write(const char *name, struct view content)
{
	OWNED_MEM char *whole = xasprintf("%s/%s", fuzz_dir(), name);
	make_above(whole);
	int fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	fuzz_must(fd >= 0);
	fuzz_must(write(fd, content.at, content.len) == (ssize_t)content.len);
	(void)close(fd);
}
