/* release_desk - the ledger's end of the line to the keeper, and to the shelf.
 *
 * For the ledger: one desk for its life. Every frame of the keeper's socket goes to
 *              release_desk_frame(), in the turn that it came; release_desk_tick() is called at
 *              least each second and soon after audit_publish(). Both may write in the turn's
 *              transaction; what the tick sends or puts on the shelf it reads from a snapshot,
 *              so only what is committed leaves.
 * Always true: a task goes out when its cohort's leaf is in a checkpoint and the keeper is
 *              open, one at a time; the shelf holds what is released and nothing else, and is
 *              made again from the vault at the first tick.
 *              in memory: whether the keeper is open and which task it has. Both are made again
 *              by its KEEPER_HELLO.
 * Leaves:      keeper-unlocked, keeper-locked (with the holders' ids), release-staged,
 *              release-refused.
 * Errors:      those of the vault and of the shelf's files; a frame that is not of its form is
 *              logged and dropped.
 */
#ifndef WEIR_HUB_RELEASE_DESK_H
#define WEIR_HUB_RELEASE_DESK_H

#include "hub/hub.h"

struct release_desk;

/* Carry one frame to the keeper; lent for the call. E_BUSY, E_ABSENT: it is tried again. */
typedef enum err release_send_fn(void *arg, struct view frame);

/* gives; h is lent. */
struct release_desk *release_desk_new(struct hub *h, release_send_fn *send, void *arg);
void release_desk_free(struct release_desk *d);
OWNER(release_desk)

/* A whole frame of call.h from the keeper: KEEPER_HELLO or KEEPER_DONE. */
CHECKED enum err release_desk_frame(struct release_desk *d, struct view frame);
CHECKED enum err release_desk_tick(struct release_desk *d);

bool release_desk_keeper_is_open(const struct release_desk *d);

#endif
