/* person - the people of the study, as the study root signed their cards.
 *
 * Row:         PERSONS  person id -> version u8 | blob SignedCard | revoked u64 s
 *              (0: in office)
 * Always true: a card in the vault was signed by the root; ids are never given twice.
 * Errors:      E_NOTFOUND, E_CONFLICT, E_FORMAT naming the person; those of vault.h.
 */
#ifndef WEIR_HUB_PERSON_H
#define WEIR_HUB_PERSON_H

#include "hub/row.h"
#include "hub/vault.h"

#define PERSON_ROLES_COUNT 8
#define PERSON_STUDY_OWNER "study owner" /* the organisation of the root and of the services */

/* A person of the study, as the root signed the card. */
struct person {
	char id[ROW_ID_BYTES];
	char name[ROW_TEXT_BYTES];
	char organisation[ROW_TEXT_BYTES];
	char roles[PERSON_ROLES_COUNT][32];
	size_t role_count;
	uint8_t sign_public[SIGN_PUBLIC_BYTES];
	uint8_t box_public[BOX_PUBLIC_BYTES];
	int64_t revoked_s; /* 0: in office */
};

bool person_has_role(const struct person *p, const char *role);
/* Keep a card whose root signature the caller has checked. E_CONFLICT if the id or the
 * key is taken; E_FORMAT a card that these rows do not take: id, lengths, number of roles,
 * control characters, no organisation: a person acts for exactly one. */
CHECKED enum err person_add(struct vault_txn *t, const char *id, struct view signed_card);
/* From this moment on the person is in office no more; E_CONFLICT if that was said before. */
CHECKED enum err person_revoke(struct vault_txn *t, const char *id, int64_t at_s);
CHECKED enum err person_get(struct vault_txn *t, const char *id, struct person *ret);
/* Adds the SignedCard bytes to out. */
CHECKED enum err person_card(struct vault_txn *t, const char *id, struct buf *out);
typedef enum err person_fn(void *arg, const struct person *p, struct view signed_card);
CHECKED enum err person_each(struct vault_txn *t, person_fn *each, void *arg);

#endif
