/* capture_said - what is said of a person at a command, as an item of SYNC_KEEP (ipc.h): the
 * code of the person, and one entry of lane C that is its rules part alone.
 *
 * Always true: it is no row of a sheet: its digest is random, so that it is never the same
 *              again.
 * Errors:      E_FORMAT as wire_rules_pack() says; nothing is added to `out` then.
 */
#ifndef WEIR_NODE_CAPTURE_SAID_H
#define WEIR_NODE_CAPTURE_SAID_H

#include "common/trust/crypto.h"

#include "node/consent.h"

/* A participation change, or a consent that takes one back. */
struct capture_change {
	const char *code;
	uint8_t participant[ID_BYTES];
	const struct consent *after; /* what consent_change() made, or consent_again() */
	uint8_t refers_to[ID_BYTES]; /* the consent it changes, or the wish it takes back */
	int64_t captured_s;
	const uint8_t *instance; /* ID_BYTES, or NULL: random */
};
CHECKED enum err capture_change_item(struct buf *out, const struct capture_change *c);

/* A look at the national opt-out. */
struct capture_opt_out {
	const char *code;
	uint8_t participant[ID_BYTES];
	struct wire_opt_out said;
	int64_t captured_s;
};
CHECKED enum err capture_opt_out_item(struct buf *out, const struct capture_opt_out *o);

#endif
