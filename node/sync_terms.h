/* sync_terms - the terms of the site (common/study/terms.h) as the hub handed them over last.
 *
 * Rows:        META "terms" -> the signed bytes
 *              META "terms-until" -> manifest u64 | until u64 s: what terms before these said
 *              of that version, which is in force here while these name a newer one
 * Always true: terms are in force only when the hub's receipt key signed them for this study
 *              and site, their number is higher than that of those before, or the same with a
 *              later last day, they had not run out when they came, and they were committed. So
 *              a version that this node cannot go beyond, because it refuses the newer one or
 *              somebody keeps it back, ends on the day that was said of it last. Their
 *              signature is not looked at again later: the hub's keys change. A row that cannot
 *              be read counts as none: the hub says them again.
 * Time:        hubclock.h says what time it is at the hub.
 * Order:       sync_terms_take() in the turn; after its commit sync_terms_committed(), after
 *              its failure sync_terms_dropped().
 * Errors:      E_AUTH, E_FORMAT, E_DENIED (for another study or site; they ran out) what came
 *              is not of use, and what was in force stays; those of vault.h.
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

/* Until when this version of the study, the one in force here, may be collected by, as the
 * hub's clock says; 0: the hub has said nothing yet. */
int64_t sync_terms_until_s(const struct sync_terms *t, uint64_t in_force);
/* The same if that is over; 0: it is not. */
int64_t sync_terms_over_s(struct sync_terms *t, uint64_t in_force);
/* The last day of the newest terms that came when it was over, since the start or since others
 * were taken; 0: none did. */
int64_t sync_terms_refused_s(const struct sync_terms *t);
/* A greeting of the hub said what time it is there. */
void sync_terms_heard(struct sync_terms *t, int64_t hub_ms);
/* At least each minute: the time that went by is kept. */
CHECKED enum err sync_terms_tick(struct sync_terms *t);

struct sync_terms_for {
	const char *study, *site;
	const uint8_t *receipt_public;
	uint64_t in_force; /* number of the manifest here; 0: none */
};
/* Older ones, and the same again, are passed over. */
CHECKED enum err sync_terms_take(
	struct sync_terms *t, const struct sync_terms_for *whose, struct view signed_terms);
void sync_terms_committed(struct sync_terms *t);
void sync_terms_dropped(struct sync_terms *t);

#endif
