/* sync_terms - the terms of the site (common/study/terms.h) as the hub handed them over last.
 *
 * Row:         META "terms" -> the signed bytes
 * Always true: terms are in force only when the hub's receipt key signed them for this study
 *              and site, their number is higher than that of those before, and they were
 *              committed. Their signature is not looked at again later: the hub's keys change.
 *              A row that cannot be read counts as none: the hub says them again.
 * Order:       sync_terms_take() in the turn; after its commit sync_terms_committed(), after
 *              its failure sync_terms_dropped().
 * Errors:      E_AUTH, E_FORMAT, E_DENIED (for another study or site) what came is not of use;
 *              those of vault.h.
 */
#ifndef WEIR_NODE_SYNC_TERMS_H
#define WEIR_NODE_SYNC_TERMS_H

#include "common/study/terms.h"

#include "node/vault.h"

struct sync_terms;

CHECKED enum err sync_terms_open(struct sync_terms **ret, struct vault *v); /* gives */
void sync_terms_free(struct sync_terms *t);
OWNER(sync_terms)

/* In force, lent until the next commit; NULL before the first. */
const struct terms *sync_terms_now(const struct sync_terms *t);

struct sync_terms_for {
	const char *study, *site;
	const uint8_t *receipt_public;
};
/* Older ones, and the same again, are passed over. */
CHECKED enum err sync_terms_take(
	struct sync_terms *t, const struct sync_terms_for *whose, struct view signed_terms);
void sync_terms_committed(struct sync_terms *t);
void sync_terms_dropped(struct sync_terms *t);

#endif
