/* shelf - released tables as plain files, for whoever may read the directory.
 *
 * Files:       DIR/shelf/RELEASE/release.json  the staged document's exact bytes
 *              DIR/shelf/RELEASE/released.csv  its rows (staged.h)
 *              DIR/shelf/RELEASE/notes.txt     what happened to its sites, if anything did
 * Always true: files are written whole (temporary file, fsync, rename). What stands here was
 *              released; the vault alone decides what that is, the shelf is made again from it.
 * Errors:      E_FORMAT a document that is not of its form; E_IO, E_FULL.
 */
#ifndef WEIR_HUB_SHELF_H
#define WEIR_HUB_SHELF_H

#include "hub/staged.h"

CHECKED enum err shelf_put(const char *dir, const char *release, struct view document);
bool shelf_has(const char *dir, const char *release);

/* Remove every release for which `keep` says no. */
typedef bool shelf_keep_fn(void *arg, const char *release);
CHECKED enum err shelf_sweep(const char *dir, shelf_keep_fn *keep, void *arg);

#endif
