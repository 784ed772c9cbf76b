/* waiver - an officer's word that the hub's journal is lost, for a ledger that does not start
 * without it.
 *
 * File:        DIR/run/journal-waiver: blob SignedStatement (kind journal-waive, id "journal"),
 *              blob body {"reason"}. `weir-hub recovery journal` writes it; the ledger reads it
 *              when its journal is lost, checks it as any act, begins a new journal, and does
 *              the act: its leaf says who answers for it. Then the file goes.
 * Lost:        withdrawals, tokens and revocations of after the vault's last commit, if an
 *              older vault was put in place; so the hub is in recovery until every node was
 *              heard.
 * Errors:      E_NOTFOUND no such file; those of acts.h.
 */
#ifndef WEIR_HUB_WAIVER_H
#define WEIR_HUB_WAIVER_H

#include "hub/hub.h"

#define WAIVER_KIND "journal-waive"
#define WAIVER_ID   "journal"

/* Is there one, by an officer, that holds? The vault is open, the log is not. */
CHECKED enum err waiver_check(struct hub *h);
/* Do it: the new journal is open, and so is the log. OK without effect when nothing was waived.
 */
CHECKED enum err waiver_apply(struct hub *h);

#endif
