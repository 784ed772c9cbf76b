/* intake_submit - one submission from its first byte to the answer: checked, sealed, handed to
 * sync, and acknowledged when sync has committed it.
 *
 * Course:      token, quota, version header, room in memory; the body part by part; XML against
 *              the form it names (submission.h); SYNC_CODES for the pseudonym; capture seals;
 *              SYNC_SUBMIT; the outcome as a status and a sentence.
 * Always true: an answer of 201 or 202 leaves after sync's commit.
 *              nothing that came is dropped for being wrong in content: a form version nobody
 *              knows, an encrypted submission, or one that does not fit its form is kept whole
 *              for the coordinator; what fits but breaks a rule of the form is kept with the
 *              reason, which names paths and no answer.
 *              a file that no answer names is taken and dropped; audit.csv may repeat any
 *              answer and stays at the site.
 *              plain bytes are wiped with the exchange; none is on a disk.
 * Late words:  sync may say that a code became known meanwhile: asked again, at most
 *              INTAKE_TRIES_COUNT times.
 */
#ifndef WEIR_NODE_INTAKE_SUBMIT_H
#define WEIR_NODE_INTAKE_SUBMIT_H

#include "node/intake_door.h"

#define INTAKE_TRIES_COUNT 4

/* Handlers of POST, in their order. */
void intake_submit_begin(struct http_exchange *x, void *door);
void intake_submit_piece(struct http_exchange *x, struct view piece, void *door);
void intake_submit_serve(struct http_exchange *x, void *door);
/* HEAD: 204, with the headers that tell a client how to go on. */
void intake_submit_head(struct http_exchange *x, void *door);

#endif
