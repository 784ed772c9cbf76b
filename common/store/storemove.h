/* storemove - a store moved to a new data file piece by piece, while it is read and written.
 *
 * Why:         what was deleted stands on in free pages, in unused parts of pages and in the
 *              keys of the pages above, until every row that stays was written to a new file.
 * How:         rows are copied in the order of tables and keys. A row that is written or
 *              deleted where the copy has been is noted, and brought after by the next piece;
 *              one ahead of it is copied in its turn. When nothing is left the new file takes
 *              the place of the old one. No view of the store is held between two pieces.
 *              Values may be others in the new file, such as sealed anew.
 * Always true: no byte of a row that was deleted before storemove_begin() is in the new file.
 *              killed at any point, the store is the old file or the new one, each whole; what
 *              was begun is cleared by the next store_open() of the writer.
 *              readers move with their next store_read() or store_renew(); until then they hold
 *              the old file open.
 * Errors:      E_BUSY a transaction is open: try the piece again; E_FULL no room for the copy,
 *              or more was written beside it than can be noted; E_FORMAT damage; after E_IO as
 *              after that of store_commit().
 * It can hurt: it takes as much disk again. A row changed while it lasts may stand in the new
 *              file as it was before the change.
 */
#ifndef WEIR_STOREMOVE_H
#define WEIR_STOREMOVE_H

#include "common/store/store.h"

/* What the value of a row is to be in the new file; lent until the next call. */
typedef struct view storemove_value_fn(
	void *arg, size_t table, struct view key, struct view value);
/* Gives up a move that is under way. value NULL: each stays as it is. */
CHECKED enum err storemove_begin(struct store *s, storemove_value_fn *value, void *arg);
/* The next piece: about so many bytes of rows, the move itself, or some of the old file freed.
 * *ret_done: the new file is in place and the old one is nobody's but its readers'. After an
 * error but E_BUSY the move is given up. */
CHECKED enum err storemove_step(struct store *s, size_t bytes, bool *ret_done);
/* Nothing is left of it; fine when none is under way. */
void storemove_give_up(struct store *s);

#endif
