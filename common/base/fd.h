/* fd - what the system lends a process, given back at the closing brace on every path.
 *
 * OWNED_FD int fd = open(...)      closes it; a negative one is none.
 * OWNED_DIR DIR *d = opendir(...)  the same; NULL is none.
 */
#ifndef WEIR_FD_H
#define WEIR_FD_H

#include <dirent.h>

#include "common/base/err.h"

/* Closes, and leaves -1 or NULL behind. */
void fd_drop(int *fd);
void dir_drop(DIR **dir);
#define OWNED_FD  OWNED_BY(fd_drop)
#define OWNED_DIR OWNED_BY(dir_drop)

/* Takes the lock (flock) of the open file at this path for this process alone. A process that
 * was killed lets go of its own only while it is being taken down, after it seems to be gone:
 * the lock is asked for during two seconds before another counts as its holder.
 * Errors: E_CONFLICT another holds it; E_IO, E_FULL. */
CHECKED enum err fd_lock(int fd, const char *path);

/* What errno says of the file at this path: E_FULL when the disk is full, else E_IO. */
CHECKED enum err fd_failed(const char *path);

#endif
