/* gate - the process that faces the internet: `weir-hub role gate`.
 *
 * Keys pipe:   the CURVE secret, 32 bytes; nothing else. No store, no other key.
 * Sockets:     CURVE at the address of hub.ini; connects to RUN/gate/ledger.sock.
 * Limits:      hub.ini [gate]: connections at a time, more are hung up on; twice as many
 *              descriptors are made sure of at the start (E_DENIED); resident memory,
 *              beyond which the supervisor starts it anew.
 * Always true: only keys of the ledger's last GATE_KEYS are admitted, and every message is held
 *              against that list again; before the first list nobody is. A message is one frame
 *              of at most GATE_FRAME_MAX_BYTES; a key may send GATE_RATE_PER_S a second with
 *              bursts of GATE_BURST_COUNT; what is over is dropped and counted, the session
 *              asks again. it sees routing ids, sizes and sealed boxes.
 *              it ends by itself when a key that it heard is taken from the list: that cuts
 *              the peer off, and everybody else connects anew.
 * It can hurt: its death loses frames on their way, nothing else: nodes connect anew.
 */
#ifndef WEIR_HUB_GATE_H
#define WEIR_HUB_GATE_H

#include "common/codec/wire_sync.h"
#include "common/trust/crypto.h"

#include "hub/settings.h"

#define GATE_FRAME_MAX_BYTES (1 + SYNC_FRAME_MAX_BYTES + BOX_EXTRA_BYTES)
#define GATE_RATE_PER_S      400
#define GATE_BURST_COUNT     2000

/* Serve until SIGTERM or SIGINT. confine as in ledger.h. */
CHECKED enum err gate_run(
	const char *dir, const struct settings *s, struct secret *key, bool confine);

#endif
