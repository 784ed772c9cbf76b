/* sync_refill - the step in which a copy that goes on becomes what the hub has and what it has
 * itself: the chains (vault_rebase.h), and everything that is known from them.
 *
 * Always true: in one transaction with the rebase, the tables of persons, consents, instances
 *              and current records say what the chains say, in the order of the chains: who
 *              ended taking part elsewhere is known here again, and nothing of theirs stays
 *              held. An instance keeps its first place and its digest; one that came back has
 *              none, and is taken for the same when it comes again.
 *              What is held and is in the chains now is held no more; what is held and may go
 *              on now goes on, in the new incarnation.
 *              The tables are made by sync_refill_tables(); it may be done any number of times.
 * Not brought back: the list of study codes, which no entry carries: a code that was handed out
 *              after the backup is known again when somebody uses it (pseudonym.h); files that
 *              were not sent; holds, collectors and counts entered after the backup.
 * On disk:     meta "refilled" -> wall s u64 | taken u64 | repeated u64 | persons without a
 *              code u64 | damaged and lost u64 | erased u64. "tables-due" -> empty: an entry is
 *              damaged, and what it says is in no table yet
 * Errors:      those of vault_rebase.h and vault.h.
 */
#ifndef WEIR_NODE_SYNC_REFILL_H
#define WEIR_NODE_SYNC_REFILL_H

#include "node/sync_judge.h"
#include "node/vault_rebase.h"

struct sync_refilled {
	int64_t at_s; /* wall; 0: never */
	uint64_t taken, repeated;
	uint64_t without_code;
	uint64_t erased; /* of those taken: headers of persons who were erased */
	uint64_t lost;   /* entries that only this copy had, damaged */
};

/* judge->pack may be NULL. After an error but E_CONFLICT the turn has to be aborted. */
CHECKED enum err sync_refill(const struct sync_judge *judge, const struct vault_rebase *r,
	struct sync_refilled *ret);
CHECKED enum err sync_refill_tables(struct vault *v);
/* Entries were mended: the tables are made anew if they lacked any. */
CHECKED enum err sync_refill_mended(struct vault *v);
/* The last one; zeros if there was none. */
CHECKED enum err sync_refill_last(struct vault *v, struct sync_refilled *ret);

#endif
