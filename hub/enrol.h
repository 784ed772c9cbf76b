/* enrol - a node asks to join on an invitation's key; a second person lets it in.
 *
 * Always true: an invitation admits one installation, once, before its end, and only by a
 *              person other than the one who made it. A second installation on a claimed
 *              invitation is refused and counted; at ten failures the invitation is dead. No
 *              two nodes have a writer or a transport key in common.
 * Transcript:  BLAKE2b-256, personal "weir-enrol-v1", over length-prefixed invitation id, enrol
 *              public, hub CURVE public, root hash, writer, transport, box, review and witness
 *              public keys. Its six groups of four digits are shown at both ends (invite.h).
 */
#ifndef WEIR_HUB_ENROL_H
#define WEIR_HUB_ENROL_H

#include "hub/acts.h"

struct sync_enrol_req;
struct sync_enrol_ok;

/* Answer one request that came in on the CURVE key `enrol_public`. Refusals are answers, too:
 * status and words in *ret. Views of *ret are lent by `room` until it is released. E_NOTFOUND
 * if the key belongs to no invitation. */
CHECKED enum err enrol_request(struct hub *h,
	const uint8_t enrol_public[static BOX_PUBLIC_BYTES], const struct sync_enrol_req *q,
	struct sync_enrol_ok *ret, struct buf *room);

/* Acts: make an invitation; let the claiming installation in. */
CHECKED enum err enrol_invite(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err enrol_admit(struct hub *h, const struct act *a, struct buf *reply);

/* Every CURVE key the gate may admit: nodes not revoked, invitations however old. */
typedef enum err enrol_key_fn(void *arg, const uint8_t key[static BOX_PUBLIC_BYTES]);
CHECKED enum err enrol_keys(struct hub *h, enrol_key_fn *each, void *arg);

#endif
