/* keeper_inside - what the files of keeper share; nobody else includes this.
 *
 * keeper: the process, the ledger, tasks. keeper_door: what commands ask.
 */
#ifndef WEIR_HUB_KEEPER_INSIDE_H
#define WEIR_HUB_KEEPER_INSIDE_H

#include "common/net/link.h"

#include "hub/keeper.h"
#include "hub/keeper_lock.h"
#include "hub/keeper_task.h"

#define KEEPER_ANSWER_BYTES_MAX 8192
#define KEEPER_MS_PER_S         1000

struct keeper {
	const char *dir;
	const struct settings *settings;
	struct reactor *reactor;
	struct link_context *context;
	struct link *commands;
	struct link *ledger;
	struct vault *vault;
	struct keeper_lock *lock;
	uint8_t root_public[SIGN_PUBLIC_BYTES];
	struct keyring *keyring; /* while it is open */
	struct keeper_task *task;
	char task_id[ROW_ID_BYTES];
	struct buf hello; /* waits for room in the ledger's queue */
	struct buf done;
};

/* Tells the ledger how it stands. */
void keeper_say_hello(struct keeper *k);
/* The task and the keyring lend from the keys: they go first. */
void keeper_lock_up(struct keeper *k);
/* A command; the reactor's. */
void keeper_on_command(struct reactor *r, void *arg);

#endif
