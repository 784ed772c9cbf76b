/* erase_renew - the keeper's part of erasures: new keys made, old ones destroyed, and what
 * keeps it from either.
 *
 * Damage:      keys of participants in damaged entries keep every renewal up (keeper_renew.h)
 *              until their rows came again, or an officer gives them up. Neither is kept over a
 *              start: the keeper says it again.
 * Errors:      those of vault.h.
 */
#ifndef WEIR_HUB_ERASE_RENEW_H
#define WEIR_HUB_ERASE_RENEW_H

#include "hub/erase.h"

/* A frame KEEPER_RENEWED, behind its verb. */
CHECKED enum err erase_renewed(struct erase *e, struct cursor *c);
/* How many such keys a renewal waits for. */
uint64_t erase_damaged(const struct hub *h);
/* They are given up: E_CONFLICT when nothing waits for any. */
CHECKED enum err erase_leave_damaged(struct hub *h);

#endif
