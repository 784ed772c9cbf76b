/* siterules - a site's own rules, asked besides those of the study.
 *
 * Act:         "site-rules", id the site, body the bytes of the site's rules.ini. The first
 *              officer proposes it, another one's statement over the same bytes puts it in
 *              force.
 * Rows:        META "rules-SITE" -> version u8 | blob by | blob second ("": proposed only) |
 *              digest:32 | leaf u64 | blob bytes; META "newrules-SITE" the same, of the file
 *              that waits; META "pastrules-SITE/LEAF" the same, of each file that another one
 *              followed, LEAF sixteen hex digits of the leaf it came into force with
 * Always true: a file that loosens a rule of the study in force is refused, with the name of
 *              the rule and its key (rules_compare.h); asked besides the study's rules, it can
 *              only take away, whatever the study's become later.
 *              rules_version has to rise with each file of a site.
 *              no file that was in force is forgotten: what was decided by it can be asked.
 * Errors:      E_DENIED names rule and key, or the same person twice; E_FORMAT the file's first
 *              fault; E_NOTFOUND the site; those of vault.h.
 */
#ifndef WEIR_HUB_SITERULES_H
#define WEIR_HUB_SITERULES_H

#include "common/study/rules.h"

#include "hub/acts.h"

#define SITERULES_KIND      "site-rules"
#define SITERULES_MAX_BYTES ((size_t)65536)

struct siterules;

CHECKED enum err siterules_sign(struct hub *h, const struct act *a, struct buf *reply);

/* Makes *at those of the site as the log up to that leaf had them in force (UINT64_MAX: now),
 * reading them only if it holds others; *at may be NULL. */
CHECKED enum err siterules_find(
	struct siterules **at, struct vault_txn *t, const char *site, uint64_t known_upto);
/* NULL if the site had none in force; lent. */
const struct rules *siterules_of(const struct siterules *s);
void siterules_free(struct siterules *s);
/* Adds the bytes in force; nothing if the site has no rules of its own. */
CHECKED enum err siterules_text(struct vault_txn *t, const char *site, struct buf *out);

#endif
