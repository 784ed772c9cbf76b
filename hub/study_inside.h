/* study_inside - what the files of study share; nobody else includes this.
 *
 * study: what is in force, and documents. study_sign: proposing, verifying, refusing.
 */
#ifndef WEIR_HUB_STUDY_INSIDE_H
#define WEIR_HUB_STUDY_INSIDE_H

#include "common/study/pack.h"

#include "hub/hub.h"

/* takes the pack (NULL: none is in force); what was known of earlier versions is read anew. */
void study_put_in_force(struct hub *h, uint64_t number, struct pack *pack);

/* Drop the documents that no manifest in MANIFESTS names. */
CHECKED enum err study_drop_unused(struct hub *h);

#endif
