/* backupjob - the way of a backup and of a restore, the same for a node and a hub: made aside,
 * checked whole, signed, renamed; checked, held against what is here, put in place, checked.
 *
 * Always true: nothing is replaced before the copy was checked, and nothing is removed: what
 *              was there is kept as vault.before-N (backupdir.h).
 * Errors:      E_CONFLICT something is there already, or is newer; E_FORMAT damaged; those of
 *              backup.h, backupdir.h and of the two functions.
 */
#ifndef WEIR_BACKUPJOB_H
#define WEIR_BACKUPJOB_H

#include "common/trust/backup.h"
#include "common/trust/findings.h"

/* Copies the vault below `from` (a data directory, or a backup's) to the directory `to`. */
typedef enum err backupjob_copy_fn(const void *arg, const char *from, const char *to);
/* Looks at the vault below `dir`, with read_data at every value. heads, when not NULL, gets
 * entries, leaves, root and heads. */
typedef enum err backupjob_check_fn(const void *arg, const char *dir, bool read_data,
	struct findings *f, struct backup *heads);

/* What lies beside the vault, copied to the directory that is made, and said in the paper. */
typedef enum err backupjob_beside_fn(const void *arg, const char *aside, struct backup *paper);

/* What one side is; all lent. */
struct backupjob {
	const char *kind; /* "node" or "hub" */
	const char *dir;  /* its data directory */
	const char *study;
	const uint8_t *by; /* public key that backups are signed with, SIGN_PUBLIC_BYTES */
	const char *const *papers;
	size_t paper_count;
	backupjob_copy_fn *copy;
	backupjob_check_fn *check;
	backupjob_beside_fn *beside; /* NULL: nothing */
	const void *arg;
};

/* ret begins as zeros; fills what the backup says of itself. */
CHECKED enum err backupjob_make(struct backup *ret, const struct backupjob *j, const char *to,
	struct secret *sign, struct findings *f);
/* over_newer: also where the vault here has more. *ret_ahead: entries of the vault here that
 * the backup lacks. */
CHECKED enum err backupjob_restore(const struct backupjob *j, const char *from, bool over_newer,
	struct findings *f, uint64_t *ret_ahead);

#endif
