/* rules_wish - a wish to be erased, and whether the person took it back.
 *
 * Always true: only an agreement takes it back that permits something and is later than the
 *              wish by its date and by when it was known; a request, a no, advice against it or
 *              a dissent does not, nor does what was agreed before. Each wish has to be behind
 *              it. It then stands as any agreement does behind a change that took away.
 * It can hurt: the facts have the wish only as long as nothing was deleted: who deletes has to
 *              settle it before.
 */
#ifndef WEIR_RULES_WISH_H
#define WEIR_RULES_WISH_H

#include "common/study/rules_facts.h"

/* false, too, when nobody wished to be erased. Looks at consents and known_upto. */
bool rules_erasure_taken_back(const struct rules_facts *f);
/* Somebody wished it, and that is not taken back. */
bool rules_erasure_stands(const struct rules_facts *f);

#endif
