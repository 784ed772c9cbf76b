/* keeper_lock - two different holders, one after the other within ten minutes, open the keeper.
 *
 * Always true: what the first holder leaves are boxes for the other holders, which open nothing
 *              by themselves; the study secret is here only while the second one hands it in.
 *              The same person is never both.
 *              it is locked after idle_ms without use; what it held is wiped.
 * Time:        monotonic milliseconds, given by the caller.
 * Errors:      E_DENIED the same holder twice, out of order; E_NOTFOUND nothing for this
 *              holder; E_AUTH the secret does not open the key file, or another study root
 *              stands in it; E_FORMAT.
 */
#ifndef WEIR_HUB_KEEPER_LOCK_H
#define WEIR_HUB_KEEPER_LOCK_H

#include "hub/keeperkey.h"
#include "hub/row.h"

#define KEEPER_LOCK_WAIT_MS ((int64_t)600000)

/* On the wire of KEEPER_STATUS. */
enum keeper_state { KEEPER_LOCKED = 0, KEEPER_ONE = 1, KEEPER_OPENED = 2 };

struct keeper_lock;

struct keeper_lock_config {
	const char *dir;                        /* of the hub; lent */
	uint8_t root_public[SIGN_PUBLIC_BYTES]; /* the key file has to name the same */
	int64_t idle_ms;
};

struct keeper_lock *keeper_lock_new(const struct keeper_lock_config *c); /* gives; locked */
void keeper_lock_free(struct keeper_lock *l);
OWNER(keeper_lock)

enum keeper_state keeper_lock_state(const struct keeper_lock *l);
/* The holders, "" while they are not there. Lent. */
const char *keeper_lock_first(const struct keeper_lock *l);
const char *keeper_lock_second(const struct keeper_lock *l);
/* Until it locks, or until the first holder's turn is over; 0 while it is locked. */
int64_t keeper_lock_left_ms(const struct keeper_lock *l, int64_t now_ms);
/* The keys while it is open, else NULL; lent until the next call that changes the lock. */
struct keeperkey *keeper_lock_keys(struct keeper_lock *l);

/* The first holder: `boxes` stands on u32 count, count x (text holder, blob box). */
CHECKED enum err keeper_lock_peel(
	struct keeper_lock *l, const char *holder, struct cursor *boxes, int64_t now_ms);
/* The second holder asks for the box that the first one left; lent. */
CHECKED enum err keeper_lock_inner(
	struct keeper_lock *l, const char *holder, struct view *ret_box);
/* The second holder hands in the study secret. */
CHECKED enum err keeper_lock_open(
	struct keeper_lock *l, const char *holder, struct secret *study_secret, int64_t now_ms);
void keeper_lock_close(struct keeper_lock *l);

/* It is being used. */
void keeper_lock_touch(struct keeper_lock *l, int64_t now_ms);
/* True if time locked it. */
bool keeper_lock_tick(struct keeper_lock *l, int64_t now_ms);

#endif
