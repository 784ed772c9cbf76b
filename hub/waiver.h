/* waiver - an officer's word that the hub's journal is lost, for a ledger that does not start
 * without it.
 *
 * Files:       DIR/run/journal-lost: the ledger writes it when it does not start for want of
 *              its journal: 32 hex digits, random, that stand for this loss; then the ids of
 *              the officers, a line each.
 *              DIR/run/journal-waiver: blob SignedStatement (kind journal-waive, id "journal"),
 *              blob body {"reason","loss"}. `weir-hub recovery journal` writes it; the ledger
 *              reads it at its next start, checks it as any act, begins a new journal, and does
 *              the act: its leaf says who answers for it. Then both files go.
 * Always true: a waiver answers the loss that it names and no other: written beforehand, or
 *              kept from an earlier loss, it is worth nothing; a start with a sound journal
 *              removes it.
 * Lost:        withdrawals, tokens and revocations of after the vault's last commit, if an
 *              older vault was put in place; so the hub is in recovery until every node was
 *              heard.
 * Errors:      E_NOTFOUND no such file; E_DENIED it is about another loss; those of acts.h.
 */
#ifndef WEIR_HUB_WAIVER_H
#define WEIR_HUB_WAIVER_H

#include "hub/hub.h"

#define WAIVER_KIND "journal-waive"
#define WAIVER_ID   "journal"

#define WAIVER_FILE      "run/journal-waiver"
#define WAIVER_LOSS_FILE "run/journal-lost"
#define WAIVER_LOSS_LEN  32
#define WAIVER_MAX_BYTES 65536

/* The journal is lost, and nobody has waived it: ask for it. The vault is open. */
CHECKED enum err waiver_ask(struct hub *h);
/* The journal is there: nothing is asked for, and nothing that was waived holds. */
void waiver_drop(const struct hub *h);

/* Is there one, by an officer, that holds? The vault is open, the log is not. */
CHECKED enum err waiver_check(struct hub *h);
/* Do it: the new journal is open, and so is the log. OK without effect when nothing was waived.
 */
CHECKED enum err waiver_apply(struct hub *h);

#endif
