/* arrival - one entry that came under a verified head becomes rows, a stored verdict and a
 * leaf.
 *
 * Always true: header and parts are kept whatever the verdict is; all of it, or nothing, is in
 *              the caller's transaction. The caller has verified head, chain and the hashes of
 *              the parts. what a site says of a person at home at another site is kept without
 *              effect. what a node says again after a rebase is counted by its root: the
 *              second time it is kept without effect (no consent, no record, no count), the
 *              verdict says JUDGE_REPEATED.
 * Rows:        META "act-" root:32 -> place key of the act that said it first
 * Leaves:      key-received, consent-received, participation-changed, record-received,
 *              act-received or, of one said again, act-repeated; object: the entry by its hash;
 *              request_id: its name. Of an act the fields that the site wrote are taken over,
 *              all but person_commit; its own word for the action begins the reason. One that
 *              leaves no room for what the hub adds is kept as not of its form.
 * Errors:      those of vault.h and audit.h.
 */
#ifndef WEIR_HUB_ARRIVAL_H
#define WEIR_HUB_ARRIVAL_H

#include "common/codec/sync_data.h"

#include "hub/hub.h"
#include "hub/judge.h"
#include "hub/tally.h"
#include "hub/writer.h"

/* Whose entries, and where they go; all lent. */
struct arrival {
	struct hub *hub;
	struct vault_txn *txn;
	const struct writer *writer;
	struct judge *judge;
	struct tally *tally; /* counts records; the caller keeps it */
};

CHECKED enum err arrival_keep(const struct arrival *a, const struct sync_entry *entry);

#endif
