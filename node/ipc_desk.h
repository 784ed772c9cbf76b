/* ipc_desk - what is said to the desk about itself: whether it is open, and who opens it.
 * Fields as in ipc.h; names and contacts are in ipc_contact.h.
 *
 * DESK_STATUS  answer: u8 unlocked, u32 idle seconds left, u8 1 it renews the review key, u8 1
 *              the review key from before waits for a backup, u32 names that are due to be
 *              removed (ipc_contact.h), u32 damaged names, text row of the first (namebook.h)
 * DESK_UNLOCK  asks text coordinator, blob keys (custody_pack(), opened by the command with the
 *              coordinator's passphrase), 32 custody_stamp() of the file they were in, u8 1 a
 *              review key from before goes without a backup; answer: empty. The act is in lane
 *              A before the answer. E_CONFLICT the file is another
 * DESK_CHANGE  the first three fields (text: who does it, also by the recovery sheet), then
 *              those of desk_change.h; answer: empty
 * DESK_LOCK    answer: empty
 */
#ifndef WEIR_NODE_IPC_DESK_H
#define WEIR_NODE_IPC_DESK_H

#include "node/ipc.h"

#endif
