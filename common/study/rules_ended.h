/* rules_ended - the change of participation that ended collection, as long as it stands.
 *
 * For good:    died, no-more-collection, no-further-use.
 * Until:       a wish to be erased is taken back (rules_wish.h); an objection was looked at,
 *              and who may decide says that the person goes on; after loss of capacity a
 *              consultee advises for it, or the person, who can decide again, agrees anew
 *              (Mental Capacity Act 2005, sections 32 and 33).
 * Always true: only what is later than the change, by its date and by when it was known, gives
 *              back; a refusal, advice against it or a dissent does not. Each change has to be
 *              behind it. no-further-contact ends no collection.
 */
#ifndef WEIR_RULES_ENDED_H
#define WEIR_RULES_ENDED_H

#include "common/study/rules_facts.h"

/* The level, lent or lasting; NULL: collection goes on. Looks at consents, life and
 * known_upto. */
const char *rules_ended_by(const struct rules_facts *f);

/* Is this what can be said behind a change of this level to end it, date and order apart? */
bool rules_gives_back(const struct rules_consent *c, const char *level);

#endif
