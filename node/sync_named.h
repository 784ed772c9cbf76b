/* sync_named - persons whom the terms of the hub name as erased, deleted here again.
 *
 * When:        at start and whenever terms come. A site that deleted somebody has no rows of
 *              the person any more, and nothing is done. A vault that was put back from before
 *              has them: what sync_erase.h deletes is deleted again, the receipt's dates are
 *              those of now, and `erased` is said again when the desk is opened next. Nobody
 *              carries a paper for it.
 * Found by:    the mark of the pseudonym (common/study/terms.h), looked for among all persons
 *              of entries, of what is held, and of study codes.
 * Always true: every mark is kept (mark.h): also a code that no row here knows is refused, if
 *              its holder was erased.
 *              all who were found go in one turn, and the vault moves once.
 * Waits:       for whoever has entries that are not at the hub by receipt: deleting goes on
 *              when they are.
 * Errors:      those of sync_erase.h.
 */
#ifndef WEIR_NODE_SYNC_NAMED_H
#define WEIR_NODE_SYNC_NAMED_H

#include "node/sync_erase.h"

struct sync_named_done {
	size_t deleted;
	size_t waiting; /* could not be deleted yet */
};
/* Commits; nothing of a turn is open. */
CHECKED enum err sync_named_run(const struct sync_erase_ask *ask, const struct terms_gone *gone,
	size_t count, struct sync_named_done *ret);

#endif
