/* freeze - which records a release may count, now; and whether that still holds.
 *
 * A member is a record of one of the forms and the wave asked for that counts for its instance
 * and that the rules permit for aggregation both in a table of its site and in a pooled figure,
 * of a person who lets it serve the purpose (R15).
 * Sites:       one that left and whose data are not used any more is not in the wave; one that
 *              was not heard for too long is late, and its records are left out (lease.h).
 * Always true: nothing is kept or changed. A record that is judged otherwise is left out, never
 *              guessed.
 * It can hurt: every record of the forms is judged three times in one turn, four times when a
 *              release is published; the ledger takes nothing else meanwhile.
 * Errors:      E_NOTFOUND no study in force; E_CONFLICT it no longer holds; those of vault.h.
 */
#ifndef WEIR_HUB_FREEZE_H
#define WEIR_HUB_FREEZE_H

#include "common/trust/leaf.h"

#include "hub/chosen.h"
#include "hub/cohort.h"
#include "hub/hub.h"

struct freeze_ask {
	const char *release;
	const struct chosen *chosen; /* whose records: lent */
	uint32_t wave;
	uint32_t compared; /* an earlier wave whose records are asked for, too; 0: none */
	int64_t true_at_ms;
	const char *view;    /* how sites are named: lineage.h */
	const char *purpose; /* as it was written (question.h) */
};

/* A frozen cohort and the approvals that it stands on. */
struct frozen {
	struct cohort *cohort;
	size_t approval_count;
	char approvals[LEAF_LIST_MOST_COUNT][ROW_ID_BYTES];
};
void frozen_done(struct frozen *f);
#define OWNED_FROZEN OWNED_BY(frozen_done)

/* Judge every record of the form and wave in this turn's view. */
CHECKED enum err freeze_make(struct hub *h, const struct freeze_ask *ask, struct frozen *ret);

/* What a release says of itself. */
struct freeze_use {
	int64_t true_at_ms;
	uint64_t log_size;  /* leaves that a witnessed checkpoint has to cover */
	const char *author; /* who proposed it */
	const char *role;
	const char *purpose; /* "PURPOSE: reason", as R15 and R17 ask for it */
};

/* E_CONFLICT unless the study in force is the cohort's, its sites still count for the same,
 * none of them has fallen silent, and every member is permitted, for aggregation and for
 * release; E_DENIED, with the reason, when the log is not witnessed as R21 asks, or purpose or
 * requester are not as R15 and R17 ask. */
CHECKED enum err freeze_holds(
	struct hub *h, const struct cohort *c, const struct freeze_use *use);

#endif
