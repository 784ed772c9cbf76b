/* intake_sealed - a submission that was checked, as the bytes of a SYNC_SUBMIT request.
 *
 * Always true: plain answers go into capture, plain files into attach, and nowhere else.
 *              a submission that cannot be sealed answer by answer goes whole into the site
 *              part (SUBMIT_NO_FORM), with the reason.
 * Errors:      E_FULL over SUBMIT_MAX_BYTES; those of capture and attach.
 */
#ifndef WEIR_NODE_INTAKE_SEALED_H
#define WEIR_NODE_INTAKE_SEALED_H

#include "node/intake_record.h"

/* Adds the request of SYNC_SUBMIT. May turn the record into one of SUBMIT_NO_FORM. */
CHECKED enum err intake_sealed_add(struct intake_record *r, struct buf *out);

#endif
