/* enrol - a node's side of joining: asks on the invitation's key until a person at the hub has
 * admitted it.
 *
 * Frames:      kind u8 = 2 | SyncMessage bytes (EnrolReq out, EnrolOk in), over CURVE with the
 *              key made from the invitation's secret; the hub's transport key is pinned by the
 *              invitation.
 * Always true: the request is repeated each second, the same keys each time, so joining may be
 *              stopped and begun again; nothing is taken from an answer but under the root
 *              whose hash the invitation pins. Both ends show the six groups of the transcript
 *              (trust/transcript.h) to two people.
 * Admitted:    site, root, ledger and receipt keys stand in the answer; its words are the
 *              study's id.
 * Errors:      E_ABSENT nobody answered in time; E_DENIED refused, with the hub's words; E_AUTH
 *              the root is another one than the invitation pins; E_FORMAT.
 */
#ifndef WEIR_NODE_ENROL_H
#define WEIR_NODE_ENROL_H

#include "common/trust/invite.h"

#include "node/hubcard.h"
#include "node/sitekeys.h"

struct enrol_ask {
	struct invite *invite;
	const struct sitekeys *keys;
	uint8_t review_public[BOX_PUBLIC_BYTES];
	const char *name;  /* of the installation */
	const char *socks; /* "host:port" of a SOCKS5 proxy, or "" */
	int64_t wait_ms;   /* for the first answer */
	/* The hub has the request: these digits are to be compared. Called once. */
	void (*waiting)(void *arg, const char *groups);
	/* Nobody has answered yet. */
	void (*trying)(void *arg, int64_t left_ms);
	void *arg;
};

/* Ask until there is a decision; gives what hub.card holds. */
CHECKED enum err enrol_run(const struct enrol_ask *ask, struct hubcard *ret);

#endif
