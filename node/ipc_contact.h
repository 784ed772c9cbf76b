/* ipc_contact - what is said about names and contacts: to the desk, which keeps them
 * (namebook.h), and by the desk to sync, which knows who may be contacted. Fields as in ipc.h.
 *
 * SYNC_CONTACT asks u32 count (50,000 at most), count x text study code, u64 wall s of the
 *              oldest last contact of all that are kept (0: they are not all of them), u8 enum
 *              contact_purpose that all are asked about; answer: u32 count, count x (u8 enum
 *              contact_state, text why not), u64 s for which names are kept behind the last
 *              contact (retention.contact; 0: the study does not say)
 * Of the desk, while it is unlocked; each is an act in lane A before it is answered, of which
 * no name, code or pseudonym is part:
 * DESK_CONTACT_PUT   asks text code, text name, text contact, text preferred way; answer:
 *              empty. What is there under the code is replaced. E_DENIED unless the person
 *              permits the site to keep it (store-identifiable).
 * DESK_CONTACT_GET   asks text code, u8 enum contact_purpose; answer: text name, text contact,
 *              text preferred way, u64 wall s of the last change. E_DENIED with the reason: who
 *              is not to be contacted is shown for putting the record right only.
 * DESK_CONTACT_DROP  asks text code; answer: empty
 * DESK_CONTACT_DROP_DUE  removes whoever is due; asks nothing; answer: u32 how many
 * DESK_CONTACT_LIST  asks nothing; answer: u32 count, count x (text code, text name, u8 enum
 *              contact_state, text why not, u8 1 due to be removed); the name is ""
 *              of those not to be contacted
 * DESK_CONTACT_SAVE  asks nothing; answer: blob, all names sealed under the names key
 *              (desk_contact.h)
 * DESK_CONTACT_LOAD  asks that blob; answer: u32 how many were put back. Who is there stays
 *              as it is; who asked to be erased, or permits it no more, stays away.
 * Due:         who was neither changed nor shown to be contacted for as long as the study keeps
 *              names (retention.contact). The coordinator removes them: nobody else knows
 *              whether a visit is agreed. Said when the desk is opened, and in the status, for
 *              which sync keeps the oldest last contact: META "names-oldest" -> u64 wall s.
 * Before a consent: no name is kept, and nobody is shown to be contacted whose consent does not
 *              permit it. Who may be approached at all the care team knows, under its own legal
 *              basis and in its own systems; it asks, and its counts go to the approach log. A
 *              desk is no list of whom to ring.
 */
#ifndef WEIR_NODE_IPC_CONTACT_H
#define WEIR_NODE_IPC_CONTACT_H

#include "node/ipc.h"

#define CONTACT_DUE_ACTION  "contacts-removed-when-due"
#define CONTACT_META_OLDEST "names-oldest"

enum contact_state {
	CONTACT_MAY = 1,
	CONTACT_NOT,     /* the dead; who said no, ended taking part, or never said yes */
	CONTACT_UNKNOWN, /* no such study code at this site */
	CONTACT_ERASED,  /* the holder of the code asked to be erased */
};

/* Each but the second has a permission of its own (rules_contact.h). */
enum contact_purpose {
	CONTACT_TO_CONTACT = 1,
	CONTACT_TO_CORRECT,
	CONTACT_TO_TELL_RESULTS,
	CONTACT_TO_ASK_ANEW, /* about another study */
	CONTACT_TO_KEEP,     /* the name, of sync alone */
};

#endif
