/* supersede - files replaced whole, all of them or none, and the bytes of the old ones
 * destroyed.
 *
 * Order:       NAME.next of each, synced, the first file's first; NAME.old, a second name of
 *              what is there now; the first NAME.next takes its name: from here on it is done;
 *              the others follow; the old bytes are overwritten with zeros, synced and removed.
 * Always true: after a crash at any step supersede_recover() leaves all old or all new files,
 *              and old bytes that are still on the disk are overwritten then. Until it ran a
 *              reader may find the first file new and the others old.
 *              Until it ran nobody reads them by supersede_read().
 * Errors:      E_IO, E_FULL, E_FORMAT a path is too long; E_BUSY of supersede_read().
 * It can hurt: flash and copy-on-write disks may keep old bytes all the same: encrypt the disk.
 */
#ifndef WEIR_SUPERSEDE_H
#define WEIR_SUPERSEDE_H

#include "common/codec/bytes.h"

#define SUPERSEDE_FILES_COUNT 4

struct supersede_file {
	const char *name; /* below the directory */
	struct view content;
};

/* By the one writer of these files; finishes first what a crash left. */
CHECKED enum err supersede(const char *dir, const struct supersede_file *files, size_t count);
/* Of the same files in the same order; content is not looked at. */
CHECKED enum err supersede_recover(
	const char *dir, const struct supersede_file *files, size_t count);

struct supersede_content {
	uint8_t *bytes; /* NULL: there is no such file */
	size_t len;
};
/* By others than the writer, while it may replace them: gives all old or all new contents, none
 * of them overwritten. E_BUSY: they are being replaced all the time, or that was cut off. */
CHECKED enum err supersede_read(struct supersede_content *ret, const char *dir,
	const char *const *names, size_t count, size_t max_bytes);
void supersede_read_done(struct supersede_content *c, size_t count);

#endif
