/* approvalitems - what a site says of its approvals is what the approvals say (D-90).
 *
 * A form about the site may have the items `approval_days` (working days that approvals took)
 * and `approval_cost` (what they cost the site); whatever a record holds in them is replaced by
 * the figures of approval_figures.h, as the ledger keeps them. A site without an approval has
 * neither.
 */
#ifndef WEIR_HUB_APPROVALITEMS_H
#define WEIR_HUB_APPROVALITEMS_H

#include "common/study/record.h"

#include "hub/approval_figures.h"
#include "hub/cohort.h"

/* Of each site of a cohort; gives, to be released with mem_drop(). */
CHECKED enum err approvalitems_read(struct approval_figures **ret, struct vault_txn *t,
	const struct cohort_site *sites, size_t count);

/* Is this answer, by its path, one of the two? It is to be passed over. */
bool approvalitems_is(const struct form *written, const char *path);
/* Put them into a record about a site that was filled in with this version of its form. */
CHECKED enum err approvalitems_put(
	struct record *r, const struct form *written, const struct approval_figures *f);

#endif
