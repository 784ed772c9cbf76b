/* effect - what the study says a change of participation does, where its level leaves it
 * open.
 *
 * Source:      [withdrawal] of study.ini. objection: as which level an objection acts until it
 *              is looked at; never as less than no-more-collection. capacity-lost: answers stay
 *              (no-more-collection), or as the person permitted for this case (as-permitted,
 *              permission retain-after-loss-of-capacity).
 * Always true: a key that is not there takes away as much as the level may.
 */
#ifndef WEIR_NODE_EFFECT_H
#define WEIR_NODE_EFFECT_H

#include "common/study/pack.h"

#include "node/consent.h"
#include "node/outlook.h"

struct effect {
	const char *as;    /* level whose permissions it takes away */
	const char *stays; /* a sentence instead of the level's own; NULL: that one */
};

/* level is lent; the sentences last. */
struct effect effect_of(
	const struct pack *pack, const struct wire_consent *before, const char *level);

/* What becomes of the answers of who is in no figure after this change, whatever its level
 * says: of who leaves them by a rule though the permissions stand, or was in none before, by
 * an earlier change that takes more. NULL: the level's own sentence says it. */
const char *effect_unused(const char *level, enum outlook outlook);

#endif
