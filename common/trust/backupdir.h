/* backupdir - the directories of a backup and of a restore: made aside, put in place by
 * renaming.
 *
 * Always true: a backup appears complete or not at all: it is made as TO.new, synced and
 *              renamed. A vault that a restore replaces is kept as vault.before-N.
 * Errors:      E_CONFLICT something is there already; E_FORMAT; E_FULL; E_IO.
 */
#ifndef WEIR_BACKUPDIR_H
#define WEIR_BACKUPDIR_H

#include "common/trust/backup.h"

/* gives the path of the new, empty directory beside `to`; what a killed backup left is
 * removed. */
CHECKED enum err backupdir_begin(char **ret_aside, const char *to);
CHECKED enum err backupdir_publish(const char *aside, const char *to);
/* Removes what was made aside; keeps the sentence of the failure. */
void backupdir_drop(const char *aside);

/* Copies a small file of this name from one directory to another. */
CHECKED enum err backupdir_paper(const char *from_dir, const char *to_dir, const char *name);
/* The same if it is not there yet. */
CHECKED enum err backupdir_bring(const char *from_dir, const char *to_dir, const char *name);

/* gives the path of DIR/vault.restored, where nothing lies. */
CHECKED enum err backupdir_fresh(char **ret, const char *dir);
/* What lies at `fresh` becomes DIR/vault; what was there is kept. */
CHECKED enum err backupdir_replace(const char *dir, const char *fresh);
#define BACKUPDIR_NAME_BYTES 32
/* Does another vault lie beside DIR/vault, kept by a restore or left by one that was killed?
 * Its name; "" none. */
CHECKED bool backupdir_beside(const char *dir, char ret[static BACKUPDIR_NAME_BYTES]);

/* Entries that `here` has and `copy` lacks. */
uint64_t backupdir_ahead(const struct backup *here, const struct backup *copy);

#endif
