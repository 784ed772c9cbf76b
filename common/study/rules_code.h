/* rules_code - one copy of each word that rules and facts have in common.
 *
 * Words of governance come from rule sets, forms and approvals, and are held against each other
 * millions of times. Whoever fills in facts, or reads a rule set, puts the shared copy in place
 * of a word, and most comparisons end at the address (rules_same in rules_words.h).
 * Always true: a word means the same whether it is shared or not: sharing is for speed alone,
 *              so a word that is missing here, or a caller that shares none, changes no
 *              verdict.
 */
#ifndef WEIR_RULES_CODE_H
#define WEIR_RULES_CODE_H

/* The shared copy of the word, or the word itself if there is none; NULL of NULL. */
const char *rules_code(const char *word);

#endif
