/* keeper_call - a command's way to the keeper: its socket, its state.
 *
 * Errors: E_ABSENT naming `weir-hub run`; what the keeper said.
 */
#ifndef WEIR_HUB_KEEPER_CALL_H
#define WEIR_HUB_KEEPER_CALL_H

#include "common/codec/bytes.h"

#include "hub/keeper_lock.h"

struct keeper_call;

/* gives a connection to the keeper of the hub directory. */
CHECKED enum err keeper_call_open(struct keeper_call **ret, const char *dir);
void keeper_call_free(struct keeper_call *c);
OWNER(keeper_call)

/* One question made with call_begin(); adds the answer's fields to out. */
CHECKED enum err keeper_call_ask(struct keeper_call *c, struct buf *frame, struct buf *out);

struct keeper_status {
	enum keeper_state state;
	char first[ROW_ID_BYTES];
	uint32_t left_s;
};
CHECKED enum err keeper_call_status(struct keeper_call *c, struct keeper_status *ret);

#endif
