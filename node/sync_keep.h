/* sync_keep - takes sealed entries into the vault, all of a request or nothing (SYNC_KEEP of
 * ipc.h).
 *
 * Always true: every item is of its form, of the person its study code stands for, and covered
 *              by that person's consent before anything of the request is committed.
 *              rows have somebody who brought them; one act of lane A with that name stands in
 *              the transaction that keeps them, and none where nothing was kept. A change of
 *              participation names in its rules part who took it.
 *              an item that is known with the same row digest is skipped, so a file may be
 *              loaded twice; answers that stay at the site and are missing are kept then.
 *              answers that stay at the site lie in a table of the site's own, and in no
 *              entry.
 * Checked:     what sync_item.h says.
 * Errors:      "item N: ..." counted from 0 over the request. E_CONFLICT other answers stand
 *              for it; E_DENIED consent, form or person; E_FORMAT; E_FULL; E_NOTFOUND no study
 *              has arrived, or the study code is unknown. After an error of keep_apply the turn
 *              has to be aborted.
 */
#ifndef WEIR_NODE_SYNC_KEEP_H
#define WEIR_NODE_SYNC_KEEP_H

#include "node/sync_item.h"

/* One request while its frames come. */
struct sync_keep;
struct sync_keep *sync_keep_new(void); /* gives */
void sync_keep_free(struct sync_keep *k);
OWNER(sync_keep)

/* Adds the items of one frame; E_FULL when the request gets too large. */
CHECKED enum err sync_keep_add(struct sync_keep *k, uint32_t count, struct view items);

/* Who brought the rows of a sheet; lends its texts. */
struct sync_keep_by {
	const char *id, *role; /* staff.h */
	const char *form;
	bool keeps_text; /* texts were looked at and kept that may lead to a person */
};
/* Adds what stands behind the items of an import in its last frame: text id, text role, text
 * form, u8 1 keeps text. */
void sync_keep_put_by(struct buf *out, const struct sync_keep_by *by);

struct sync_kept {
	uint32_t items;
	uint32_t skipped;
	uint32_t entries;
};
/* Put everything into the turn's transaction. j->pack NULL: E_NOTFOUND. The caller commits, or
 * aborts after an error. */
CHECKED enum err sync_keep_apply(
	struct sync_keep *k, const struct sync_judge *j, struct sync_kept *ret);

#endif
