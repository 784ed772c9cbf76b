/* envdir - the directory around an LMDB environment: looked at, made, put in place.
 *
 * Always true:  DIR appears complete or not at all: it is filled as DIR.new, synced and
 *               renamed; a DIR.new left behind by a killed process is cleared. lock.mdb has
 *               its blocks before anybody maps it: a fresh one on a full disk would end the
 *               process with SIGBUS at its first reader. Nothing but data.mdb and
 *               lock.mdb belongs in DIR.
 * Errors:       E_NOTFOUND nothing is there yet; E_FORMAT damaged; E_FULL disk; E_IO.
 */
#ifndef WEIR_ENVDIR_H
#define WEIR_ENVDIR_H

#include "common/base/err.h"

/* Readers that the lock file has slots for; LMDB takes 64 bytes each after a head of 128. */
#define ENVDIR_READERS_COUNT 254
#define ENVDIR_LOCK_BYTES    16384

/* Judges DIR and its data file; E_NOTFOUND when DIR is absent or empty. Changes nothing. */
CHECKED enum err envdir_check(const char *dir);
/* Allocates lock.mdb. Not in a process that has the environment open: closing a file of it
 * would drop LMDB's lock. */
CHECKED enum err envdir_reserve_lock(const char *dir);
/* gives the path of an empty directory beside `dir`, mode 0700, with an allocated lock file. */
CHECKED enum err envdir_begin(char **ret_aside, const char *dir);
/* Syncs what was made aside and renames it to `dir`. */
CHECKED enum err envdir_publish(const char *aside, const char *dir);
/* Bytes of the disk that this user may still take. */
CHECKED enum err envdir_free_bytes(const char *dir, size_t *ret);

#endif
