/* datadir - paths below the one directory that a program keeps everything in.
 *
 * Errors:      E_FORMAT the path is too long; E_FULL, E_IO from the file system.
 */
#ifndef WEIR_DATADIR_H
#define WEIR_DATADIR_H

#include "common/base/err.h"

#define DATADIR_PATH_BYTES 4096

/* "DIR/NAME" into ret. */
CHECKED enum err datadir_path(
	char ret[static DATADIR_PATH_BYTES], const char *dir, const char *name);
/* Make DIR (name "") or a directory in it, mode 0700, if it is not there. */
CHECKED enum err datadir_make(const char *dir, const char *name);

#endif
