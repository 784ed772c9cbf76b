/* numbered - a small file of numbered secrets of 32 bytes each, sealed, that a process replaces
 * by itself: ledger keys, vault keys.
 *
 * File:        XChaCha20-Poly1305 under a subkey of the vault key of service.key, AAD the
 *              format's name, over version u8 = 1 | u32 count, count x (number u32, secret 32),
 *              numbers rising.
 * Always true: only one process replaces it, as supersede.h says: what was in it before is
 *              overwritten. Others may read it meanwhile.
 * Errors:      E_NOTFOUND no file; E_AUTH another key, or changed; E_FORMAT; E_FULL; those of
 *              supersede.h.
 */
#ifndef WEIR_HUB_NUMBERED_H
#define WEIR_HUB_NUMBERED_H

#include "common/trust/crypto.h"

#define NUMBERED_COUNT        64
#define NUMBERED_SECRET_BYTES 32

struct numbered {
	size_t count;
	uint32_t number[NUMBERED_COUNT]; /* rising; the last one is the newest */
	struct secret *secret[NUMBERED_COUNT];
};
void numbered_free(struct numbered *n);
OWNER(numbered)

/* Which file it is; all lent. */
struct numbered_file {
	const char *dir; /* data directory */
	const char *name;
	const char *format;
	const char *subkey;
	struct secret *key; /* the vault key of service.key */
};

/* gives. */
CHECKED enum err numbered_read(struct numbered **ret, const struct numbered_file *f);
/* gives what such a file with this content holds. */
CHECKED enum err numbered_open(
	struct numbered **ret, const struct numbered_file *f, struct view content);
CHECKED enum err numbered_write(const struct numbered *n, const struct numbered_file *f);
/* What a crash left half done; by the one that replaces the file. */
CHECKED enum err numbered_recover(const struct numbered_file *f);

/* In memory: takes secret; its number is above the last one. E_FULL: too many are kept. */
CHECKED enum err numbered_add(struct numbered *n, uint32_t number, struct secret *secret);
/* In memory: all below this number go, never the newest. How many went. */
size_t numbered_drop_below(struct numbered *n, uint32_t number);
/* In memory: the newest goes. */
void numbered_drop_newest(struct numbered *n);
/* lends; NULL: there is no such number. */
struct secret *numbered_find(const struct numbered *n, uint32_t number);

#endif
