/* sync_duties - the site's delegation log as this node has it: lines of what was said by
 * `weir-node delegation`.
 *
 * Row:         meta "duty-SEQ" (16 hex digits: of the act in lane A) -> text "ACTION CODE TASK
 *              FROM UNTIL"; the hub takes the same words from the act (weir-hub, delegation.h)
 * Always true: the line is kept in the transaction of its act; nothing is taken off the log.
 * Limit:       another node of the site has a list of its own; the hub has all.
 * Errors:      those of vault.h; E_FORMAT a line that is not of its form.
 */
#ifndef WEIR_NODE_SYNC_DUTIES_H
#define WEIR_NODE_SYNC_DUTIES_H

#include "common/trust/leaf.h"

#include "node/vault.h"

#define DUTY_ADDED "delegation-added"
#define DUTY_ENDED "delegation-ended"

/* Keeps the line if the act is one of the delegation log. */
CHECKED enum err sync_duties_note(struct vault *v, const struct leaf *act, uint64_t seq);
/* SYNC_DUTIES: adds text, one line each. */
CHECKED enum err sync_duties_list(struct vault *v, struct buf *answer);

#endif
