/* turned_away - bundles that were refused, for the log: one leaf for each source, reason and
 * minute, with how many there were.
 *
 * Source:      the node that signed the bundle, if it was admitted here; else nobody: what
 *              strangers sign is one source.
 * Leaf:        action "bundle-refused", decision "deny", the site and the node's key where it
 *              is known, reason "changed" (it is not what was signed), "form", "denied"
 *              (revoked, set apart, for another hub), "unknown" (never admitted) or "order"
 *              (something before it is missing); count "1", "2-9", "10-99" or "100+".
 * Limits:      TURNED_AWAY_MAX_COUNT at a time; what is more is counted with the strangers.
 * It can hurt: a minute that is not over when the ledger is killed leaves no leaf. What web or
 *              a command finds to be no bundle never comes here: it names nobody.
 */
#ifndef WEIR_HUB_TURNED_AWAY_H
#define WEIR_HUB_TURNED_AWAY_H

#include "hub/hub.h"
#include "hub/writer.h"

#define TURNED_AWAY_MAX_COUNT 32

struct turned_away {
	struct turned {
		struct writer by; /* site "": nobody known */
		const char *reason;
		uint64_t count;
		int64_t since_ms; /* monotonic */
	} at[TURNED_AWAY_MAX_COUNT];
	size_t count;
};

/* by: NULL if it is nobody known. What says nothing about the bundle (E_BUSY, E_FULL, E_IO) is
 * not counted. */
void turned_away_note(
	struct turned_away *t, const struct writer *by, enum err why, int64_t mono_ms);
/* At least once a minute: adds the leaves that are due to the turn. */
CHECKED enum err turned_away_tick(struct turned_away *t, struct hub *h, int64_t mono_ms);

#endif
