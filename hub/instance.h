/* instance - which of the records of one instance, and of one person, form and wave, counts.
 *
 * Always true: the first one counts, until an entry that refers to it replaces it; what was
 *              replaced is kept and does not count any more.
 * Second ones: are kept and denied as duplicates; what a node counts about itself is replaced
 *              by whatever it counted later. a record whose form or version is not known gives
 *              way to one that is.
 * Corrections: of a record that is not at the hub, or erased, or not a record; of another
 *              person, site or form; or of one that does not count, are kept and denied by
 *              name. A correction of what was replaced before is a branch: kept beside.
 *              A correction counts whatever the rules say of it: what it replaced is known to
 *              be wrong.
 * Errors:      E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_INSTANCE_H
#define WEIR_HUB_INSTANCE_H

#include "hub/judge.h"

/* A record on its way in; all lent. */
struct instance_entry {
	const struct place *place;
	const struct wire_rules *rules;
	const char *site; /* of its writer */
	bool is_many;     /* its form may have many records of a person and wave */
	bool is_aside;    /* its form or version is not known */
};

/* Give the record its place. ret_why: NULL when it counts, else the reason why not, a constant
 * that begins with or is one of those of judge.h. When it counts its instance leads to it, and
 * unless it is one of many the id of its person, form and wave, too. */
CHECKED enum err instance_take(
	struct vault_txn *t, const struct instance_entry *n, const char **ret_why);

#endif
