/* tlogcheck - does a log's directory hold exactly what its checkpoint says?
 *
 * Reads every bundle and every tile below the checkpoint's size and compares: entry with
 * leaf hash, tile with the tile above, all with the root. It goes on after a finding, so
 * that one run names all files that do not fit. The checkpoint's signature is the caller's
 * matter (note.h).
 * Always true:  memory does not depend on the log's size; nothing is written.
 */
#ifndef WEIR_TLOGCHECK_H
#define WEIR_TLOGCHECK_H

#include "common/trust/note.h"
#include "common/trust/tile.h"

/* Who is told. Both may be NULL. */
struct tlogcheck {
	/* one sentence that names the file or the leaf; lent */
	void (*found)(void *arg, const char *sentence);
	/* each entry that a bundle holds, in order, whether its hash fits or not; lent */
	void (*entry)(void *arg, uint64_t index, struct view entry);
	void *arg;
};

/* OK if everything fits, E_AUTH if something was found. */
CHECKED enum err tlogcheck_run(
	const char *dir, const struct note_checkpoint *cp, const struct tlogcheck *to);

/* Are the tiles a continuation of a checkpoint that was seen earlier? E_AUTH if not. */
CHECKED enum err tlogcheck_grew(
	const char *dir, const struct note_checkpoint *old, const struct note_checkpoint *cp);

#endif
