/* delegation - who may approach people, take consent and collect at a site, and since when.
 *
 * Kept:        by the site's coordinator (`weir-node delegation`), as acts of lane A: leaf
 *              action
 *              "delegation-added" or "delegation-ended", object type "delegation", and as
 *              reason
 *              "CODE TASK FROM UNTIL": staff code, approach, consent or collect, and days
 *              YYYY-MM-DD, both inclusive; UNTIL "-" is an open end.
 * Rows:        META "duty-SITE-LEAF" (LEAF 16 hex digits) -> version u8 | u8 1 added, 2 ended |
 *              blob site | blob code | blob task | from u64 s | until u64 s (0: open) | leaf
 *              u64
 * Always true: an end shortens what was added for the same code and task; nothing is taken off
 *              the log. A site's node speaks for its own site only.
 * Limits:      so many lines of each kind of one site: what a node sends beyond them stays an
 *              act that was received, so that no site's log can hold up the others. Of ends
 *              there is room for several of each.
 * Errors:      E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_DELEGATION_H
#define WEIR_HUB_DELEGATION_H

#include "common/study/rules_people.h"

#include "hub/row.h"
#include "hub/vault.h"

#define DELEGATION_ADDED "delegation-added"
#define DELEGATION_ENDED "delegation-ended"

#define DELEGATION_ADDED_MAX 1000
#define DELEGATION_ENDED_MAX 4000

struct delegation {
	struct rules_duty *duties;
	size_t count;
	struct delegation_row *rows; /* what they lend from */
};

/* Fills an empty struct; release it with delegation_done() whatever the result. */
CHECKED enum err delegation_read(struct delegation *ret, struct vault_txn *t);
void delegation_done(struct delegation *d);

/* An act of a site that has these words as its reason; E_FORMAT if they are not of their form.
 */
CHECKED enum err delegation_take(struct vault_txn *t, const char *site, const char *action,
	const char *words, uint64_t leaf);

#endif
