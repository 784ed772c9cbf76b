/* rules_limits - limits on the use of answers in other research, by the codes of the GA4GH Data
 * Use Ontology (github.com/EBISPOT/DUO, file duo.csv).
 *
 * A word:      a code, "HMB", or a code and what it is about, "DS=MONDO_0004975": letters,
 *              digits, '_', '-', '.' and ':'. Some codes mean nothing without (DS, RS, GS, IS,
 *              PS, US, TS, MOR), the others take none.
 * Known:       every permission and modifier of the ontology but CC, which limits nothing.
 * Kept:        by who promises the same word; or, of kinds of research, a narrower one: who
 *              does health research (HMB) or looks at one disease (DS) does research (GRU),
 *              too. NRES is kept by everybody. What a word is about is not interpreted: a
 *              shorter time or a part of a region has to be promised in the same words.
 * Always true: a limit that is not known is kept by nobody.
 */
#ifndef WEIR_RULES_LIMITS_H
#define WEIR_RULES_LIMITS_H

#include "common/codec/wire_rules.h"
#include "common/study/rules_parts.h"

#define RULES_LIMIT_BYTES 47                /* of a word, with its end */
#define RULES_SHARING     "share-secondary" /* the permission that has limits */

bool rules_limit_is_known(const char *word);
/* "DUO:0000006"; NULL if the word is not known. */
const char *rules_limit_id(const char *word);
/* For who reads a receipt: "for health research only"; the word itself if it is not known. */
const char *rules_limit_plain(const char *word);

/* Those under which other research may use what was given; lent by c. None: not recorded. */
struct rules_list rules_limits_of(const struct wire_consent *c);
/* Is each of the words known? */
bool rules_limits_known(const struct rules_list *words);
/* Is each of the limits kept by who promises these? */
bool rules_limits_kept(const struct rules_list *limits, const struct rules_list *promised);

#endif
