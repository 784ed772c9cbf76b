/* keeper - the process that alone can open answers: `weir-hub role keeper`.
 *
 * Keys pipe:   vault key of service.key 32 | root public 32 (which has to be the one inside its
 *              key file).
 * Sockets:     serves RUN/keeper-cmd/keeper.sock (unlock, lock, status), connects to
 *              RUN/keeper/ledger.sock. No network.
 * Always true: it starts locked and is opened by two different holders within ten minutes; it
 *              locks itself after the idle minutes of hub.ini and at every restart. What it
 *              opened is in memory only and is wiped with the task.
 *              before a task opens anything its warrant is checked (warrant.h); it works in
 *              bounded pieces, one a loop turn, on a snapshot that is renewed each second.
 *              a record that does not open is named in the evidence, left out and counted
 *              (R18). nothing leaves but the staged document, its signature and sealed
 *              evidence.
 * Errors:      of a task: KEEPER_DONE with the code and one sentence. Of the process: vault,
 *              keyring or sockets; it ends and is started again, locked.
 */
#ifndef WEIR_HUB_KEEPER_H
#define WEIR_HUB_KEEPER_H

#include "common/trust/crypto.h"

#include "hub/settings.h"

/* Serve until SIGTERM. keys: as they came from the pipe. */
CHECKED enum err keeper_run(
	const char *dir, const struct settings *settings, struct secret *keys);

#endif
