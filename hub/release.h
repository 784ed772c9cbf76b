/* release - from a proposed table to what is published, step by step (design 8).
 *
 * Acts and bodies (canonical JSON):
 *   release-propose  {"id","indicators":[],"purpose"}
 *   release-approve  the staged document's exact bytes
 *   release-publish  {"id","digest"}: digest of the staged document, hex
 */
#ifndef WEIR_HUB_RELEASE_H
#define WEIR_HUB_RELEASE_H

#include "hub/acts.h"

CHECKED enum err release_propose(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err release_approve(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err release_publish(struct hub *h, const struct act *a, struct buf *reply);

#endif
