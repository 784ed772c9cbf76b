/* ledger - the process that keeps: `weir-hub role ledger`. The one writer of the hub's vault
 * and log.
 *
 * Keys pipe:   the payload of servicekey.h (the transport secret in it is dropped at once; its
 *              public half is what invitations pin).
 * Sockets:     serves RUN/cmd/ledger.sock, RUN/gate/ledger.sock and RUN/keeper/ledger.sock
 *              (ipc.h).
 * A turn:      frames and acts write into one transaction; at its end: commit, sessions told,
 *              answers sent; the log is published at most twice a second. An act that fails
 *              takes nothing of the turn with it: it has a transaction of its own.
 * Full:        a turn that meets a full disk is given up whole: nothing of it was acknowledged.
 *              Withdrawals are taken past the limit, questions are answered.
 * Errors:      of the start: one sentence (port, vault, log, journal, root); later E_IO only.
 */
#ifndef WEIR_HUB_LEDGER_H
#define WEIR_HUB_LEDGER_H

#include "common/trust/crypto.h"

#include "hub/settings.h"

/* Serve until SIGTERM or SIGINT. confine: give up all but the hub's own files (Landlock). */
CHECKED enum err ledger_run(
	const char *dir, const struct settings *s, struct secret *keys, bool confine);

#endif
