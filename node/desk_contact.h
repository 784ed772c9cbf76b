/* desk_contact - one request about names and contacts while it waits for sync (ipc_contact.h).
 *
 * Steps:       begin reads it and says whom sync is asked about; judge hears what sync knows of
 *              them and says which act it is; finish, after the act is kept, does it and
 *              answers.
 * Always true: nothing is shown, changed or copied before its act is in lane A; the act names
 *              nobody. Who asked to be erased is shown to nobody and put back by nothing.
 * Unlocking:   the verb DESK_UNLOCK stands for looking through all names: the caller renews
 *              the key if the holder of one asked to be erased, and leaves them out of it
 *              (namebook_renew()). What is cut short is done again: the key is renewed once
 *              more before the person is erased (desk_inside.h).
 * Copy:        "weir-names-copy-v1" 18 bytes | sealed with the names key, the same bytes as
 *              AAD: u32 count, count x fields of u32 length and bytes: code, name, contact,
 *              way; u64 wall s; zeros up to a multiple of 64 KiB. After a renewal of the key an
 *              older copy opens no more.
 * Errors:      E_DENIED, E_NOTFOUND, E_FORMAT; E_AUTH a copy under another key; those of
 *              namebook.h.
 */
#ifndef WEIR_NODE_DESK_CONTACT_H
#define WEIR_NODE_DESK_CONTACT_H

#include "node/ipc_contact.h"
#include "node/namebook.h"

#define DESK_CONTACT_MAX_BYTES ((size_t)12 << 20)

struct desk_contact;

bool desk_contact_knows(uint16_t verb);
/* gives; the names are not kept hold of. key: the names key. */
CHECKED enum err desk_contact_begin(struct desk_contact **ret, struct namebook *n,
	struct secret *key, enum node_verb verb, struct cursor *fields);
void desk_contact_free(struct desk_contact *c);
OWNER(desk_contact)

/* The fields of SYNC_CONTACT, lent. */
struct view desk_contact_asks(const struct desk_contact *c);
/* What is logged; constants. */
struct desk_contact_act {
	const char *action, *purpose, *outcome, *decision;
};
CHECKED enum err desk_contact_judge(
	struct desk_contact *c, struct cursor *states, struct desk_contact_act *ret);
/* Adds the answer's fields. n NULL: it was locked meanwhile. A refusal comes out of here, after
 * its act. */
CHECKED enum err desk_contact_finish(
	struct desk_contact *c, struct namebook *n, struct secret *key, struct buf *reply);
/* Once judged, of all that are kept: how many are due to be removed (ipc_contact.h). */
CHECKED enum err desk_contact_due(struct desk_contact *c, struct namebook *n, uint32_t *ret);
/* Of DESK_UNLOCK, once judged: is there somebody to remove, before which the key is renewed? Is
 * it the holder of this code? */
bool desk_contact_erases(const struct desk_contact *c);
bool desk_contact_leaves(const struct desk_contact *c, struct view code);

#endif
