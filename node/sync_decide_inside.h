/* sync_decide_inside - what the files of sync_decide share; nobody else includes this.
 *
 * sync_decide: the list and its order. sync_decide_keys: what waits for the keys of study and
 * site.
 */
#ifndef WEIR_NODE_SYNC_DECIDE_INSIDE_H
#define WEIR_NODE_SYNC_DECIDE_INSIDE_H

#include "node/sync_decide.h"

#define SYNC_DECIDE_BYTES 400 /* of a sentence */

/* One more of the list; command "": none does it. */
void sync_decide_put(struct json_out *w, const char *what, const char *command);
/* The review key from before waits for a backup, or for the desk to be opened: behind that, or
 * once, because somebody is to be erased. */
CHECKED enum err sync_decide_review(struct json_out *w, const struct sync_link_site *site);
/* What is held and sealed for an older key of the study, before it is too late; what came to
 * the hub too late. */
CHECKED enum err sync_decide_kept(struct json_out *w, const struct sync_link_site *site);

#endif
