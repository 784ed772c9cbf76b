/* ipc_contact - what is said about names and contacts: to the desk, which keeps them
 * (namebook.h), and by the desk to sync, which knows who may be contacted. Fields as in ipc.h.
 *
 * SYNC_CONTACT asks u32 count (50,000 at most), count x text study code; answer: u32 count,
 *              count x (u8 enum contact_state, text why not)
 * Of the desk, while it is unlocked; each is an act in lane A before it is answered, of which
 * no name, code or pseudonym is part:
 * DESK_CONTACT_PUT   asks text code, text name, text contact, text preferred way; answer:
 *              empty. What is there under the code is replaced.
 * DESK_CONTACT_GET   asks text code, u8 enum contact_purpose; answer: text name, text contact,
 *              text preferred way, u64 wall s of the last change. E_DENIED with the reason: who
 *              is not to be contacted is shown for putting the record right only.
 * DESK_CONTACT_DROP  asks text code; answer: empty
 * DESK_CONTACT_LIST  asks nothing; answer: u32 count, count x (text code, text name, u8 enum
 *              contact_state, text why not); the name is "" of those not to be contacted
 * DESK_CONTACT_SAVE  asks nothing; answer: blob, all names sealed under the names key
 *              (desk_contact.h)
 * DESK_CONTACT_LOAD  asks that blob; answer: u32 how many were put back. Who is there stays
 *              as it is, who asked to be erased stays away.
 */
#ifndef WEIR_NODE_IPC_CONTACT_H
#define WEIR_NODE_IPC_CONTACT_H

#include "node/ipc.h"

enum contact_state {
	CONTACT_MAY = 1,
	CONTACT_NOT,     /* the dead; who said no, ended taking part, or never said yes */
	CONTACT_UNKNOWN, /* no such study code at this site */
	CONTACT_ERASED,  /* the holder of the code asked to be erased */
};

enum contact_purpose { CONTACT_TO_CONTACT = 1, CONTACT_TO_CORRECT = 2 };

#endif
