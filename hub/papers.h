/* papers - the approvals of the study as a judge reads them, kept while no row of them changes.
 *
 * Always true: what is kept is what the rows say to the transaction at hand, its own writes
 *              included: vault_version() counts each write, and each that was given up.
 *              Sites are those of the pack at hand, versions of forms and of the plan those
 *              of all manifests.
 * Who:         the ledger, which judges in each turn, keeps them in ingest; whoever judges
 *              once, or reads a snapshot, has its own.
 * Errors:      E_FULL more than PAPERS_MAX_COUNT approvals; those of vault.h.
 */
#ifndef WEIR_HUB_PAPERS_H
#define WEIR_HUB_PAPERS_H

#include "common/study/pack.h"

#include "hub/brought.h"

#define PAPERS_MAX_COUNT 20000

struct papers;
struct papers *papers_new(void); /* gives */
void papers_free(struct papers *p);
OWNER(papers)

/* What the transaction says, read anew if that changed. pack, and versions as they were read:
 * NULL for none. */
CHECKED enum err papers_read(struct papers *p, struct vault_txn *t, const struct pack *pack,
	const struct versions *versions);
/* What the manifests brought; lent until the next reading. */
const struct brought *papers_brought(const struct papers *p);
/* What they say to the rules with the knowledge of a time; lent until the next reading, or
 * another time. */
const struct approval_facts *papers_at(struct papers *p, uint64_t known_upto);
/* What they say of who asks; other fields of ret stay. */
void papers_person(const struct papers *p, const char *person, uint64_t known_upto,
	struct rules_request *ret);

#endif
