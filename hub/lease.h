/* lease - how long the last word of a site on its people's consent may be counted on.
 *
 * Why:         who withdraws at a site without a link is not known here. After done.within of
 *              study.ini ([withdrawal]), which the person's receipt names as the day by which
 *              every store has acted, the site's records are left out until it is heard again.
 * Word:        of a node, when the hub last had all of its lane C that the node said it had: in
 *              a session (by our clock), or in a bundle (when it was written, by its own, never
 *              later than now). Before the first one the day it was admitted: it had nothing.
 * Site:        late while one of its nodes is that is not revoked, or while all are revoked:
 *              nobody is left who could say so. A revoked node among others is not waited for.
 *              Nobody, where the site left and lets its data be used (leaving.h, keep): then
 *              it is not late. Its computers were given back, an officer closed them (revoke),
 *              and who withdraws rings the hub (hold.h), as the receipts of a closed one say.
 * Clock:       a word from the future counts as none: a clock was moved.
 * Source:      reference sync-and-trust.md 6.3, H7; design.md 8, "shown late".
 * Errors:      those of vault.h.
 */
#ifndef WEIR_HUB_LEASE_H
#define WEIR_HUB_LEASE_H

#include "common/study/pack.h"

#include "hub/cohort.h"
#include "hub/standing.h"
#include "hub/writer.h"

/* The last word of a node, wall seconds; 0: it is revoked. */
int64_t lease_word_s(const struct writer *w, const struct standing *s);
/* Does a word still hold? within_ms 0: for good. */
bool lease_holds(int64_t word_s, int64_t now_s, int64_t within_ms);

/* Of sites that take part, those that are late become SITE_LATE. */
CHECKED enum err lease_sites(
	struct vault_txn *t, const struct pack *pack, int64_t now_s, struct cohort *c);

#endif
