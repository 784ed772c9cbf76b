/* sync_lines - what the rows of a sheet are called, where answers that stay at the site are all
 * that some of them differ in.
 *
 * Names:       capture_ids.h: the row's own if it is on file; else the first of its like that
 *              is free, or that came back from the hub, so that nobody can tell any more which
 *              row it was. A row that an earlier version loaded keeps the name it had.
 * Always true: nothing is written. The same sheet asked about again is called the same, so
 *              loading it again keeps nothing; also after the vault was filled again by the
 *              hub, which knows the names and not the rows.
 * SYNC_LINES   asks u32 count (200,000 at most), count x (id first, id before, 32 digest) as
 *              capture_ids.h has them, by rising first; answer: u32 count, count x id
 * Errors:      E_FORMAT too many, or not in the order of their first names; those of the vault.
 */
#ifndef WEIR_NODE_SYNC_LINES_H
#define WEIR_NODE_SYNC_LINES_H

#include "node/vault.h"

#define SYNC_LINES_MAX_COUNT 200000

/* Answers SYNC_LINES. */
CHECKED enum err sync_lines_of(struct vault *v, struct cursor *asks, struct buf *answer);

#endif
