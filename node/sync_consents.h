/* sync_consents - the versions of one person's consent as the site has them, for the rules.
 *
 * Always true: they stand in the order in which they came; `known` of each is its place in it.
 *              a death is no version of a consent, nor is a check of the opt-out. Of those
 *              the last one stands in the same table, under an index of its own: checks that
 *              come every month take no room from what a person says.
 * Errors:      E_FULL more versions than SYNC_CONSENTS_MAX_COUNT; those of vault.h.
 */
#ifndef WEIR_NODE_SYNC_CONSENTS_H
#define WEIR_NODE_SYNC_CONSENTS_H

#include "common/codec/wire_rules.h"
#include "common/study/rules_facts.h"

#include "node/vault.h"

#define SYNC_CONSENTS_OPT_OUT     UINT32_MAX /* index of the last check of the opt-out */
#define SYNC_CONSENTS_MAX_COUNT   256
#define SYNC_CONSENTS_TAKEN_COUNT 128 /* of consents no more: the rest is for withdrawals */

struct sync_consents {
	struct vault *vault;
	struct wire_rules *parts[SYNC_CONSENTS_MAX_COUNT]; /* changes and deaths, too */
	struct rules_permission *permissions[SYNC_CONSENTS_MAX_COUNT];
	size_t part_count;
	struct rules_consent consents[SYNC_CONSENTS_MAX_COUNT];
	size_t count;
	struct rules_life life;
	struct rules_opt_out opt_out; /* the last look at it */
	bool has_opt_out;
};

/* gives; all of it is lent as long as it lives. */
CHECKED enum err sync_consents_read(struct sync_consents **ret, struct vault *v,
	const uint8_t participant[static ID_BYTES]);
void sync_consents_free(struct sync_consents *p);
OWNER(sync_consents)

/* One more version, as a rules part; for who has them from elsewhere than the vault and begins
 * with an empty struct. */
CHECKED enum err sync_consents_add(struct sync_consents *p, struct view part);
/* gives those of one version, for the rules. */
struct rules_permission *sync_consents_permissions(const struct wire_consent *c);
/* One version for the rules, without its permissions; lends from the part. */
struct rules_consent sync_consents_view(const struct wire_rules *part);
/* Is this row of VAULT_CONSENTS the last check of the opt-out, and no version of a consent? */
bool sync_consents_is_opt_out(struct view key);
bool sync_consents_has(
	const struct sync_consents *p, const uint8_t instance[static WIRE_ID_BYTES]);

#endif
