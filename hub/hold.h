/* hold - persons who are out of every cohort because somebody rang: until their site has said
 * what they wanted.
 *
 * Row:         META "hold-" participant:16 -> version u8 | known u64 (the leaf of it) | placed
 *              u64 s | blob number of the receipt | blob person who placed it
 * Effect:      the rules see a change that ends use (consents.h): the person is in nothing that
 *              is frozen or published, and nothing but the end of the hold gives back.
 * Ends:        when a change of participation of the person comes from the site, other than the
 *              word that the person died; or when a second person of the study lifts it.
 * Journal:     placed and lifted are noted as withdrawals of level HOLD_PLACED and HOLD_LIFTED
 *              with a root of zeros, or where the site's word ended it with that word's root;
 *              the last of a person counts, so no restore ends a hold or brings one back. One
 *              that the vault had from there alone is owed its leaf (unsaid.h).
 * Errors:      E_NOTFOUND; E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_HOLD_H
#define WEIR_HUB_HOLD_H

#include "common/study/receipt.h"

#include "hub/forward.h"
#include "hub/row.h"
#include "hub/vault.h"

#define HOLD_PLACED "hold"
#define HOLD_LIFTED "hold-lifted"

struct hold {
	uint8_t participant[ID_BYTES];
	uint64_t known;
	int64_t placed_s;
	char number[RECEIPT_BYTES];
	char by[ROW_ID_BYTES];
};

CHECKED enum err hold_put(struct vault_txn *t, const struct hold *h);
CHECKED enum err hold_get(
	struct vault_txn *t, const uint8_t participant[static ID_BYTES], struct hold *ret);
CHECKED enum err hold_drop(struct vault_txn *t, const uint8_t participant[static ID_BYTES]);
/* false: nobody is on hold. True also when that cannot be told. */
bool hold_any(struct vault_txn *t);
typedef enum err hold_fn(void *arg, const struct hold *h);
CHECKED enum err hold_each(struct vault_txn *t, hold_fn *each, void *arg);

/* Note in the journal what became of it. */
void hold_note(struct forward *f, const uint8_t participant[static ID_BYTES], const char *what,
	int64_t at_s);
/* The site said what was meant: w, which was noted before. */
void hold_note_answered(struct forward *f, const struct forward_withdrawal *w, int64_t at_s);
/* How often a person of the study placed or lifted one, as the journal knows. */
size_t hold_notes(
	const struct forward *f, const uint8_t participant[static ID_BYTES], const char *what);
bool hold_is_note(const struct forward_withdrawal *w);
/* What the journal says last of each person, put in force at the start. leaves: how many the
 * log has now. */
CHECKED enum err hold_restore(struct vault_txn *t, const struct forward_withdrawal *all,
	size_t count, uint64_t leaves);

#endif
