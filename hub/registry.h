/* registry - who and what the hub knows: persons, writers, approvals, invitations, keys.
 *
 * Always true: every value begins with a version byte (1); fields follow as bytes.h writes them.
 *              what is read back is complete and checked, or E_FORMAT "... is damaged".
 * Rows:        PERSONS     person id            -> SignedCard bytes | revoked i64 s (0: never)
 *              WRITERS     'w' public:32        -> struct writer, field by field
 *                          't' transport:32     -> public:32
 *              INVITES     id:16                -> struct invite, field by field
 *              APPROVALS   approval id          -> struct approval, field by field
 *              META        "keys"               -> SignedHubKeys | intake numbers and public keys
 * Errors:      E_NOTFOUND naming the thing; those of vault.h.
 * It can hurt: structs own their texts: release them with the _done of their kind.
 */
#ifndef WEIR_HUB_REGISTRY_H
#define WEIR_HUB_REGISTRY_H

#include "hub/vault.h"

#define REGISTRY_ID_BYTES    64 /* ids of sites, persons, approvals: a-z 0-9 _ -, with its zero */
#define REGISTRY_TEXT_BYTES  200
#define REGISTRY_SITES_COUNT 256
#define PERSON_ROLES_COUNT   8
#define INTAKE_KEYS_COUNT    64

/* A person of the study, as the root signed the card. */
struct person {
	char id[REGISTRY_ID_BYTES];
	char name[REGISTRY_TEXT_BYTES];
	char organisation[REGISTRY_TEXT_BYTES];
	char roles[PERSON_ROLES_COUNT][32];
	size_t role_count;
	uint8_t sign_public[SIGN_PUBLIC_BYTES];
	uint8_t box_public[BOX_PUBLIC_BYTES];
	int64_t revoked_s; /* 0: in office */
};

bool person_has_role(const struct person *p, const char *role);
/* Keep a card whose root signature the caller has checked. E_CONFLICT if the id is taken. */
CHECKED enum err registry_person_add(
	struct vault_txn *t, const char *id, struct view signed_card);
CHECKED enum err registry_person(struct vault_txn *t, const char *id, struct person *ret);
/* Adds the SignedCard bytes to out. */
CHECKED enum err registry_card(struct vault_txn *t, const char *id, struct buf *out);
typedef enum err registry_person_fn(void *arg, const struct person *p, struct view signed_card);
CHECKED enum err registry_persons(struct vault_txn *t, registry_person_fn *each, void *arg);

/* A node installation that was admitted. */
struct writer {
	uint8_t public[SIGN_PUBLIC_BYTES];   /* Ed25519: the writer's name */
	uint8_t transport[BOX_PUBLIC_BYTES]; /* CURVE */
	uint8_t box[BOX_PUBLIC_BYTES];       /* X25519: what the ledger seals to */
	uint8_t review[BOX_PUBLIC_BYTES];    /* X25519: the site's review key, number 1 */
	uint8_t witness[SIGN_PUBLIC_BYTES];  /* Ed25519: cosignatures */
	char site[REGISTRY_ID_BYTES];
	char name[REGISTRY_TEXT_BYTES]; /* of the installation, as it gave it */
	int64_t admitted_s;
	int64_t revoked_s; /* 0: in force */
};

CHECKED enum err registry_writer_put(struct vault_txn *t, const struct writer *w);
CHECKED enum err registry_writer(struct vault_txn *t,
	const uint8_t public[static SIGN_PUBLIC_BYTES], struct writer *ret);
CHECKED enum err registry_writer_by_transport(struct vault_txn *t,
	const uint8_t transport[static BOX_PUBLIC_BYTES], struct writer *ret);
typedef enum err registry_writer_fn(void *arg, const struct writer *w);
CHECKED enum err registry_writers(struct vault_txn *t, registry_writer_fn *each, void *arg);

enum invite_state { INVITE_OPEN = 1, INVITE_CLAIMED = 2, INVITE_ADMITTED = 3, INVITE_DEAD = 4 };

#define INVITE_FAILURES_MAX_COUNT 10

/* An invitation; the hub holds only the public half of the key made from its secret. */
struct invite {
	uint8_t id[ID_BYTES];
	uint8_t enrol_public[BOX_PUBLIC_BYTES];
	char site[REGISTRY_ID_BYTES];
	char by[REGISTRY_ID_BYTES];
	int64_t expires_s;
	uint8_t state; /* enum invite_state */
	uint32_t failures;
	uint8_t transcript[HASH_BYTES]; /* of the claiming request; zeros before */
	struct writer claimed;          /* keys of the claiming request; zeros before */
};

CHECKED enum err registry_invite_put(struct vault_txn *t, const struct invite *i);
CHECKED enum err registry_invite(
	struct vault_txn *t, const uint8_t id[static ID_BYTES], struct invite *ret);
typedef enum err registry_invite_fn(void *arg, const struct invite *i);
CHECKED enum err registry_invites(struct vault_txn *t, registry_invite_fn *each, void *arg);

/* An approval: what somebody outside decided, entered by one person and verified by another. */
struct approval {
	char id[REGISTRY_ID_BYTES];
	char kind[32];     /* rec, uni_rec, site_agreement, ... */
	char decision[48]; /* favourable, not-required, suspended, ... */
	char reference[REGISTRY_TEXT_BYTES];
	char reason[REGISTRY_TEXT_BYTES]; /* needed by a "not-required" */
	char site[REGISTRY_ID_BYTES];     /* "": the whole study */
	int64_t from_s;
	int64_t until_s; /* 0: open end */
	char entered_by[REGISTRY_ID_BYTES];
	char verified_by[REGISTRY_ID_BYTES]; /* "": not in force yet */
	uint8_t digest[HASH_BYTES];          /* of the body that was entered */
	uint64_t entered_leaf;
	uint64_t verified_leaf;
};

CHECKED enum err registry_approval_put(struct vault_txn *t, const struct approval *a);
CHECKED enum err registry_approval(struct vault_txn *t, const char *id, struct approval *ret);
typedef enum err registry_approval_fn(void *arg, const struct approval *a);
CHECKED enum err registry_approvals(struct vault_txn *t, registry_approval_fn *each, void *arg);

/* The keys that the study root signed when the keeper was set up. */
struct hub_keys {
	uint8_t receipt_public[SIGN_PUBLIC_BYTES];
	uint8_t release_public[SIGN_PUBLIC_BYTES];
	char log_vkey[REGISTRY_TEXT_BYTES];
	struct {
		uint32_t number;
		uint8_t public[BOX_PUBLIC_BYTES];
	} intake[INTAKE_KEYS_COUNT];
	size_t intake_count;
};

/* body: blob SignedHubKeys, u32 count, count x (u32 number, 32 public). Its statement was checked. */
CHECKED enum err registry_keys_put(struct vault_txn *t, struct view body);
CHECKED enum err registry_keys(struct vault_txn *t, struct hub_keys *ret);
/* Adds the SignedHubKeys bytes to out. */
CHECKED enum err registry_keys_signed(struct vault_txn *t, struct buf *out);

#endif
