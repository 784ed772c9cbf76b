/* sync_contact - may the desk say how a person can be reached?
 *
 * Always true: the dead, those who ended taking part or want no further contact, and those
 *              whose consent on file does not permit `contact` now, are not to be contacted
 *              (rules_contact.h); whoever asked to be erased is known by the mark alone.
 * Errors:      E_FORMAT codes that are none, too many; those of the vault.
 */
#ifndef WEIR_NODE_SYNC_CONTACT_H
#define WEIR_NODE_SYNC_CONTACT_H

#include "node/sync_judge.h"

#define SYNC_CONTACT_MAX_COUNT 50000

/* The fields of SYNC_CONTACT (ipc.h). */
CHECKED enum err sync_contact_of(
	const struct sync_judge *j, struct cursor *asks, struct buf *answer);

/* Whoever was due is removed. Is anybody, by what the desk said when it was open last? */
CHECKED enum err sync_contact_removed(struct vault *v);
CHECKED enum err sync_contact_due(
	struct vault *v, const struct pack *p, int64_t now_ms, bool *ret);

#endif
