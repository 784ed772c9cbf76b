/* envdir - the directory around an LMDB environment: looked at, made, put in place.
 *
 * Always true:  DIR appears complete or not at all: it is filled as DIR.new, synced and
 *               renamed; a DIR.new left behind by a killed process is cleared. lock.mdb has
 *               its blocks before anybody maps it: a fresh one on a full disk would end the
 *               process with SIGBUS at its first reader. Nothing but data.mdb and
 *               lock.mdb belongs in DIR.
 *               A move puts a new data file and a new lock file into DIR, both while it holds
 *               the directory's lock (flock): a reader opens the two that belong together.
 * Errors:       E_NOTFOUND nothing is there yet; E_FORMAT damaged; E_FULL disk; E_IO.
 */
#ifndef WEIR_ENVDIR_H
#define WEIR_ENVDIR_H

#include <stdint.h>

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
/* Which files lie in DIR now: a reader whose files are others holds removed ones open. */
struct envdir_files {
	uint64_t data, lock; /* inodes */
};
CHECKED enum err envdir_files(struct envdir_files *ret, const char *dir);
/* Nobody puts other files in place while it is held. gives a descriptor, to be closed. */
CHECKED enum err envdir_hold(int *ret, const char *dir, bool exclusive);
/* gives the descriptor of an empty data file in DIR that is not in place yet, and makes its
 * lock
 * file. */
CHECKED enum err envdir_begin_move(int *ret, const char *dir);
/* What a killed process left of a move is finished if the data file is in place, else removed:
 * for the writer, before it opens. */
CHECKED enum err envdir_settle_move(const char *dir);
/* Syncs the two and puts them in the place of the old ones, which are removed. */
CHECKED enum err envdir_move(int fd, const char *dir);
/* Bytes of the disk that this user may still take. */
CHECKED enum err envdir_free_bytes(const char *dir, size_t *ret);

#endif
