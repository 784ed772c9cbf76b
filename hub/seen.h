/* seen - what a judge read last, so that the next question about the same entry, person or lane
 * reads it no more.
 *
 * Always true: it remembers rows of one view of the vault: whoever writes between two questions
 *              calls seen_forget() first. A number of a head only rises, so a remembered one
 *              is the careful one.
 * Errors:      E_NOTFOUND there is no such entry; those of vault.h.
 * It can hurt: a header that was damaged since is not seen by seen_record(): the keeper reads
 *              it again before it opens (unseal.h), and scrub finds it.
 *              what is lent stays until the next call for another entry or person.
 */
#ifndef WEIR_HUB_SEEN_H
#define WEIR_HUB_SEEN_H

#include "hub/consents.h"
#include "hub/record.h"

struct seen;
struct seen *seen_new(void); /* gives */
void seen_free(struct seen *s);
OWNER(seen)
void seen_forget(struct seen *s);

/* A stored entry. */
struct seen_entry {
	bool is_erased;
	const struct wire_rules *rules; /* its rules part; NULL: erased, or not of its form */
	enum rules_check parts;         /* the part is still the one that the header names */
	enum rules_check signature; /* it lies under a head that was verified when it came */
	struct record_stamp stored;
};
CHECKED enum err seen_entry(struct seen *s, struct vault_txn *t, const struct place *p,
	const struct seen_entry **ret_lent);
/* The same of a record whose row is at hand: neither header nor verdict are opened, what the
 * row has of them stands in (record.h). */
CHECKED enum err seen_record(struct seen *s, struct vault_txn *t, const struct record *r,
	const struct seen_entry **ret_lent);
/* Its rules part alone; E_NOTFOUND erased or never there, E_FORMAT not of its form. */
CHECKED enum err seen_rules(struct seen *s, struct vault_txn *t, const struct place *p,
	const struct wire_rules **ret_lent);
/* Is the entry seen last, which has rules, the one that stands for its instance and, where
 * there may be one only, for its person, form and wave? False for one that was corrected, or
 * came second. */
CHECKED enum err seen_counts(struct seen *s, struct vault_txn *t, const char *site, bool *ret);

/* A participant. */
struct seen_person {
	bool is_known;
	char home[ROW_ID_BYTES]; /* site, of one who is known */
	struct consents consents;
};
CHECKED enum err seen_person(struct seen *s, struct vault_txn *t,
	const uint8_t participant[static ID_BYTES], const struct seen_person **ret_lent);

/* record_person_see(). The row is remembered until its table is written, over seen_forget(). */
CHECKED enum err seen_first(struct seen *s, struct vault_txn *t,
	const uint8_t participant[static ID_BYTES], const struct record_person *first,
	struct record_person *ret);

/* judge_study_plan(); remembered likewise. */
CHECKED enum err seen_plan(struct seen *s, struct vault_txn *t, const char *site,
	const char *wave, struct rules_plan *ret);

#endif
