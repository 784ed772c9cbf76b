/* tlog - the writer of a transparency log's files (tile.h), made from the leaves in a vault.
 *
 * Order:        leaves committed in the vault; tlog_grow() (tiles and bundles on disk); the
 *               caller signs tlog_root() and keeps the checkpoint in its journal;
 *               tlog_publish().
 * Always true:  hashes come from the source, never from the files: a damaged file cannot
 *               become a signed root. A file that the published checkpoint needs is written
 *               only when opening finds it missing or wrong; all others have names that no
 *               reader asks for before the next checkpoint, so they are written in place
 *               and synced together (one syncfs). A failed call leaves the log where it
 *               stood and can be made again.
 * Opening:      every tile below the checkpoint is compared, every bundle below it has to
 *               be there; what is missing or wrong is written again; what is above it is
 *               written anew.
 * Errors:       E_CONFLICT (the directory's checkpoint knows more leaves than the vault, or
 *               another root for the same leaves: an older vault was restored; stop and
 *               show a person), E_FULL, E_IO.
 * It can hurt:  syncfs waits for all that is unwritten on that file system; give the hub
 *               its own.
 */
#ifndef WEIR_TLOG_H
#define WEIR_TLOG_H

#include "common/trust/tile.h"

/* The leaves that the vault holds. */
struct tlog_source {
	/* lends the entry until the next call */
	enum err (*entry)(void *arg, uint64_t index, struct view *ret);
	/* the entry's leaf hash as it was put in the vault; NULL: it is made from the entry */
	enum err (*leaf)(void *arg, uint64_t index, uint8_t ret[static HASH_BYTES]);
	void *arg;
};

struct tlog;

/* gives a writer that stands at `size` leaves, its files complete; makes directories it needs.
 */
CHECKED enum err tlog_open(
	struct tlog **ret, const char *dir, const struct tlog_source *from, uint64_t size);
void tlog_free(struct tlog *t);
OWNER(tlog)

/* Write what `size` leaves need beyond those it stands at; durable when it returns. */
CHECKED enum err tlog_grow(struct tlog *t, const struct tlog_source *from, uint64_t size);
uint64_t tlog_size(const struct tlog *t);
void tlog_root(uint8_t ret[static HASH_BYTES], const struct tlog *t);

/* Replace the checkpoint file by this signed note, whose size and root have to be those the log
 * stands at (E_CONFLICT), and remove the parts that neither this checkpoint nor the one before
 * it needs: a reader who began with that one can finish. */
CHECKED enum err tlog_publish(struct tlog *t, struct view note);

#endif
