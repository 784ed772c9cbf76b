/* sync_erase_rows - what a site deletes of one person (sync_erase.h): every row, and the parts
 * of every entry.
 *
 * Always true: a part that is damaged, or a header, keeps nothing: what the part would say is
 *              looked for in the other rows, and all of it is deleted with them.
 *              the mark stays (mark.h), and ids of submissions.
 * Errors:      those of the vault.
 */
#ifndef WEIR_NODE_SYNC_ERASE_ROWS_H
#define WEIR_NODE_SYNC_ERASE_ROWS_H

#include "node/vault.h"

/* The next of the keys of persons' rows, blob after blob: where its entry stands. */
CHECKED bool sync_erase_place(struct cursor *c, struct vault_at *ret);
/* entries: such keys, of all that are about the person. Puts it; the vault is to be moved. */
CHECKED enum err sync_erase_rows(
	struct vault *v, const uint8_t participant[static ID_BYTES], struct view entries);

#endif
