/* erase_site - what the site of an erased person reported: when the person was gone there, and
 * when no key was left that opens a copy of the site's store.
 *
 * Row:         META "site-erased-" start of the change's instance 5 -> version u8 | text site
 *              that asked | blob paper | writer:32 | signature:64; no paper: nothing was
 *              reported yet
 * Report:      of an act in lane A (node/sync_erased.h): blob paper | signature:64 by the
 *              writer, format "weir-erased-site-v1". Paper: canonical JSON {"study","site",
 *              "receipt","stopped_s","gone_s","erased_s","could_open"}.
 * Always true: a report is kept only from a node of the site that asked, signed by that node,
 *              about this study and site. A later one replaces it; one that takes back a date
 *              does not.
 * Errors:      E_FORMAT, E_AUTH, E_DENIED for a report; those of vault.h.
 */
#ifndef WEIR_HUB_ERASE_SITE_H
#define WEIR_HUB_ERASE_SITE_H

#include "common/study/receipt.h"
#include "common/trust/crypto.h"

#include "hub/row.h"
#include "hub/vault.h"
#include "hub/writer.h"

/* Twice that and the hub's own words fit into its paper, however much is escaped there. */
#define ERASE_SITE_PAPER_BYTES 2048

struct erase_site {
	char site[ROW_ID_BYTES];
	char paper[ERASE_SITE_PAPER_BYTES]; /* "": nothing was reported */
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint8_t signature[SIGNATURE_BYTES];
	int64_t gone_s, erased_s; /* as the paper says; 0: not yet */
};

/* A person of this site asked under this receipt. */
CHECKED enum err erase_site_asked(
	struct vault_txn *t, const uint8_t start[static RECEIPT_START_BYTES], const char *site);
/* E_NOTFOUND: nobody asked under it, as far as this vault knows. */
CHECKED enum err erase_site_get(struct vault_txn *t,
	const uint8_t start[static RECEIPT_START_BYTES], struct erase_site *ret);
CHECKED enum err erase_site_take(
	struct vault_txn *t, const char *study, const struct writer *w, struct view report);

#endif
