/* keycopy - the key files of an installation, copied to one file apart from its backups, and
 * put back where they are missing.
 *
 * File:        the format's line, then u32 length and bytes of each key file, in the order of
 *              their names; empty where there is none. Each is sealed by itself.
 * Always true: what is copied is of one moment, though a program replaces key files by itself
 *              (supersede.h); a copy never lies inside the backup whose keys it has; no key
 *              file is replaced.
 * Errors:      E_CONFLICT something is there already, or lies in the backup; E_FORMAT; E_BUSY;
 *              E_IO.
 */
#ifndef WEIR_KEYCOPY_H
#define WEIR_KEYCOPY_H

#include "common/run/supersede.h"

struct keycopy {
	const char *format; /* a line */
	const char *const *names;
	size_t count; /* at most KEYCOPY_FILES_COUNT */
};
#define KEYCOPY_FILES_COUNT 8

/* May a copy be made at `file`, apart from the directory `apart`? Looked at before the backup,
 * which takes long. */
CHECKED enum err keycopy_may_lie(const char *file, const char *apart);

/* The key files as they are; begins as zeros. */
struct keycopy_held {
	struct supersede_content files[KEYCOPY_FILES_COUNT];
};
void keycopy_held_done(struct keycopy_held *held);
#define OWNED_KEYS OWNED_BY(keycopy_held_done)
CHECKED enum err keycopy_read(
	struct keycopy_held *ret, const struct keycopy *k, const char *dir);
/* lends what the file of this name holds; empty: there is none. */
struct view keycopy_file(
	const struct keycopy_held *held, const struct keycopy *k, const char *name);
CHECKED enum err keycopy_write(
	const struct keycopy_held *held, const struct keycopy *k, const char *file);
/* Puts back the key files that are missing below `dir`. */
CHECKED enum err keycopy_restore(const struct keycopy *k, const char *dir, const char *file);

#endif
