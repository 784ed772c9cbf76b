/* sync_needs - what keeps this site from collecting, and whom it has to ask again: for status.
 *
 * Members:     terms {number (0: none came yet), made ("" or UTC), lacks [{reason, forms}]:
 *              what each form that is given out here needs and has not, "R03: ...";
 *              lacks_more: how many reasons there are beside these; confirm [{receipt,
 *              since}]: persons whom the study took out of everything after a call, until the
 *              site says which level was meant; confirm_more: how many there are beside
 *              these, shown when these are settled; left ("" or the day on which the site
 *              leaves the study), has_left, data (keep, stop or erase)}
 * Always true: a person whose change was entered here since is listed no more, whether or not
 *              the hub has it; nor is one who is known to have died: nobody can ask them.
 * Errors:      those of vault.h.
 */
#ifndef WEIR_NODE_SYNC_NEEDS_H
#define WEIR_NODE_SYNC_NEEDS_H

#include "common/codec/json.h"

#include "node/sync_judge.h"

/* Adds the member to an open object. */
CHECKED enum err sync_needs_write(const struct sync_judge *j, struct json_out *w);

#endif
