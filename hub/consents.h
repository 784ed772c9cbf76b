/* consents - what a person has decided, as the rules see it: versions of consent in the order
 * they came.
 *
 * Always true: an entry whose rules part was erased says nothing any more. A consent form may
 *              give, refuse, reaffirm or change, or hold the advice of a consultee; who gave
 *              it, how and on which form, the capacity and the assent that were seen go with
 *              it. A change of level `died` is no version of consent: it is the person's life.
 * Witness:     an entry does not say who the witness was: that lies sealed in its detail, or at
 *              the site. No node keeps a consent given in front of a witness, or for somebody
 *              who cannot read, without one (node/consent_form.h); the hub takes its signed
 *              word.
 * Limit:       CONSENTS_MAX_COUNT versions a person; more is no person's doing. With the looks
 *              at the opt-out, one a day for ten years, CONSENTS_PARTS_MAX_COUNT entries: what
 *              is behind them is not read, and nothing of the person is permitted.
 * Errors:      E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_CONSENTS_H
#define WEIR_HUB_CONSENTS_H

#include "common/study/rules_facts.h"

#include "hub/record.h"

#define CONSENTS_MAX_COUNT       1000
#define CONSENTS_PARTS_MAX_COUNT 5000

struct consents {
	struct rules_consent *at;
	size_t count;
	bool is_too_many;
	struct rules_life life;
	struct rules_opt_out *opt_outs; /* checks of the national opt-out */
	size_t opt_out_count;
	struct wire_rules **parts; /* what `at` lends from */
	struct rules_permission **permissions;
};

/* Fills an empty struct; release it with consents_done() whatever the result. */
CHECKED enum err consents_read(
	struct consents *ret, struct vault_txn *t, const uint8_t participant[static ID_BYTES]);
/* The same for who has asked whether anybody at all is withheld or on hold, and does not ask
 * again for each person. */
CHECKED enum err consents_read_if(struct consents *ret, struct vault_txn *t,
	const uint8_t participant[static ID_BYTES], bool any_aside);
/* false: there is neither withdrawal (withheld.h) nor hold of anybody. Holds until META is
 * written. */
bool consents_any_aside(struct vault_txn *t);
void consents_done(struct consents *c);
#define OWNED_CONSENTS OWNED_BY(consents_done)

#endif
