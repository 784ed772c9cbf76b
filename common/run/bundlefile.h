/* bundlefile - a bundle (common/sync/bundle.h) as a file: written whole, checked whole, walked.
 *
 * Always true: a file of the name that was asked for is a whole bundle: it is written beside as
 *              NAME.new, synced, renamed, its directory synced; it replaces no file.
 *              what does not check is given to nobody: a walk comes after a check, and whoever
 *              is given the frames holds them against the claim again, since a file on a stick
 *              may change in between.
 * Errors:      E_NOTFOUND no such file; E_CONFLICT one is there; E_FORMAT, E_AUTH, E_FULL as
 *              bundle.h says, with the path in front; E_FULL more bytes than allowed, or no
 *              room on the disk; E_IO.
 */
#ifndef WEIR_BUNDLEFILE_H
#define WEIR_BUNDLEFILE_H

#include "common/sync/bundle.h"

#define BUNDLEFILE_PATH_BYTES 4096
#define BUNDLEFILE_MAX_BYTES  ((uint64_t)64 << 30) /* what a command takes from a person */

struct bundlefile_facts {
	struct bundle_claim claim;
	uint64_t bytes;
};
/* Everything holds: form, count, sum, signature by the key that it names. */
CHECKED enum err bundlefile_check(
	struct bundlefile_facts *ret, const char *path, uint64_t max_bytes);

/* Each frame in order, box lent for the call; the first error ends it. */
typedef enum err bundlefile_frame_fn(void *arg, enum bundle_kind kind, struct view box);
CHECKED enum err bundlefile_each(const char *path, bundlefile_frame_fn *each, void *arg);

/* Where to write: the path itself, or "weir-NAME.bundle" in it if it is a directory. */
CHECKED enum err bundlefile_place(
	char ret[static BUNDLEFILE_PATH_BYTES], const char *path, const char *name);

struct bundlefile;
/* gives a file that is being written. */
CHECKED enum err bundlefile_create(struct bundlefile **ret, const char *path);
CHECKED enum err bundlefile_add(struct bundlefile *f, struct view bytes);
/* The file is there from now on. */
CHECKED enum err bundlefile_keep(struct bundlefile *f);
void bundlefile_free(struct bundlefile *f); /* what was not kept is removed */
OWNER(bundlefile)

#endif
