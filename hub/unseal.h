/* unseal - one record out of the vault, opened: rules part, answers and the site they came
 * from.
 *
 * Always true: the header is of this study and this place, and the parts are those that it
 *              names; the answers open only with the key that the record names, in the record's
 *              own context. a participant key found in a wrap is put into the keyring; from
 *              then on opening is symmetric. A row of the keyring that is damaged is made
 *              again from the wrap, while its number is here.
 *              each record's own rows are read and checked anew; only what many records share
 *              is remembered: the node it came from, what opens the wraps to one intake key.
 * Late:        a key whose number was destroyed before it came opens out of the entry in which
 *              its site wrapped it again (seal_again_id(), node/sync_rewrap.h), of the same
 *              writer and person; it goes into the keyring under its first id.
 * Class:       a key entry with a wrap for the site is of class both, without one of class hub.
 * Errors:      E_NOTFOUND, E_AUTH, E_FORMAT: this record does not open, others may; else those
 *              of the vault and the keyring.
 * It can hurt: what comes out are a person's answers: unsealed_done() wipes them.
 *              it remembers rows of one snapshot: never keep it across vault_renew().
 */
#ifndef WEIR_HUB_UNSEAL_H
#define WEIR_HUB_UNSEAL_H

#include "common/codec/wire_answers.h"

#include "hub/keeperkey.h"
#include "hub/keyring.h"
#include "hub/record.h"

/* What opens; all lent. */
struct unseal_with {
	const char *study;
	struct vault_txn *txn;
	const struct keeperkey *keys;
	struct keyring *keyring;
};

struct unseal;
/* gives; copies `with`. */
struct unseal *unseal_new(const struct unseal_with *with);
void unseal_free(struct unseal *u);
OWNER(unseal)

struct unsealed {
	struct place place; /* also when it did not open; zeros if unknown */
	char site[ROW_ID_BYTES];
	struct wire_rules *rules;
	struct wire_answers *answers;
};
void unsealed_done(struct unsealed *u);
#define OWNED_UNSEALED OWNED_BY(unsealed_done)

CHECKED enum err unseal_record(struct unseal *u, uint32_t ordinal, struct unsealed *ret);

/* Is a row of the key entry at this place not what it was when it came? Its node may send it
 * again. A part that no entry names is not. */
CHECKED enum err unseal_is_damaged(struct unseal *u, const struct place *p, bool *ret);
/* The number that the key at this place is wrapped for, unless the keyring has the key, or
 * nobody has that number any more; 0 then, and where there is none. Errors as above. */
CHECKED enum err unseal_is_wrapped(
	struct unseal *u, const struct place *p, uint32_t *ret_number);
/* The entry at this place, if it holds a key: from the keyring `before`, else out of its wrap,
 * into the one of unseal_new(). *ret_taken false: it holds none. Errors as above. */
CHECKED enum err unseal_key(
	struct unseal *u, const struct place *p, struct keyring *before, bool *ret_taken);

#endif
