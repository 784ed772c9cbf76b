/* invitation - what the hub keeps of an invitation: never its secret.
 *
 * Row:         INVITES  id:16 -> version u8 | id | enrol public:32 | blob site | blob by |
 *                       expires u64 s | state u8 | failures u32 | transcript:32 | claiming
 *                       writer
 * Always true: states only go up: open, claimed, admitted or dead.
 * Errors:      E_NOTFOUND, E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_INVITATION_H
#define WEIR_HUB_INVITATION_H

#include "hub/writer.h"

enum invitation_state {
	INVITATION_OPEN = 1,
	INVITATION_CLAIMED = 2,
	INVITATION_ADMITTED = 3,
	INVITATION_DEAD = 4
};

#define INVITATION_FAILURES_MAX_COUNT 10

/* An invitation; the hub holds only the public half of the key made from its secret. */
struct invitation {
	uint8_t id[ID_BYTES];
	uint8_t enrol_public[BOX_PUBLIC_BYTES];
	char site[ROW_ID_BYTES];
	char by[ROW_ID_BYTES];
	int64_t expires_s;
	uint8_t state; /* enum invitation_state */
	uint32_t failures;
	uint8_t transcript[HASH_BYTES]; /* of the claiming request; zeros before */
	struct writer claimed;          /* keys of the claiming request; zeros before */
};

CHECKED enum err invitation_put(struct vault_txn *t, const struct invitation *i);
CHECKED enum err invitation_get(
	struct vault_txn *t, const uint8_t id[static ID_BYTES], struct invitation *ret);
typedef enum err invitation_fn(void *arg, const struct invitation *i);
CHECKED enum err invitation_each(struct vault_txn *t, invitation_fn *each, void *arg);

#endif
