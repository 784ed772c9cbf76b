/* rewrap - keys of participants wrapped again at the desk, for the study's intake key in force.
 *
 * Which:       those that sync lists (sync_rewrap.h): each is opened out of its wrap for the
 *              site's review key, in its own context, and wrapped for the newest number that
 *              the manifest names.
 * Always true: the manifest is checked from the root that joining pinned (manifest.h): whoever
 *              has taken sync over makes the desk wrap for no key but the study's.
 *              a key that does not open with what this desk holds is left as it is; no answer
 *              is opened, and no key is kept behind the call.
 * Errors:      those of manifest.h; E_FORMAT.
 */
#ifndef WEIR_NODE_REWRAP_H
#define WEIR_NODE_REWRAP_H

#include "node/custody.h"
#include "node/hubcard.h"

/* From an answer to SYNC_REWRAP_LIST: adds the fields of SYNC_REWRAP_PUT behind its proof, says
 * how many keys are in them, and at which place the list goes on. card NULL: E_FORMAT. */
CHECKED enum err rewrap_answer(const struct hubcard *card, const struct custody *keys,
	struct cursor *list, struct buf *puts, struct buf *place, uint32_t *ret_count);

#endif
