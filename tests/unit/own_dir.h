/* own_dir - a directory of its own for a test, gone with all that is in it behind the test. */
#ifndef WEIR_TESTS_OWN_DIR_H
#define WEIR_TESTS_OWN_DIR_H

#include "tests/unit/suite.h"

#include "common/base/mem.h"

/* path: room for the name; the directory is /tmp/weir-WHAT-XXXXXX. */
static inline bool
own_dir_make(char *path, size_t size, const char *what)
{
	(void)snprintf(path, size, "/tmp/weir-%s-XXXXXX", what);
	return mkdtemp(path) != NULL;
}

/* 0, or what ended the removal. */
static inline int
own_dir_drop(const char *path)
{
	OWNED_MEM char *command = xasprintf("rm -rf '%s'", path);
	return system(command);
}

#endif
