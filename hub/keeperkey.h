/* keeperkey - the secrets that open answers and sign tables, under a key that two persons hold.
 *
 * Files:       DIR/keys/keeper.key  sealed box to the study key over
 *                version u8 = 2 | root public 32 | log public 32 | release seed 32 | epoch u32
 *                | epoch key 32 | u32 count, count x (intake number u32, secret 32) | u32
 *                count, count x (epoch u32, its key 32): of epochs before, the oldest first,
 *                for as long as no backup holds a keyring of a later one (version 1 had no
 *                epochs before, and is refused by name)
 *              DIR/keys/holders     version u8 = 1 | study public 32 | u32 count, count x
 *                (blob outer person, blob inner person, blob box): the study secret in a box to
 *                the inner holder, in a box to the outer one; one for every ordered pair of
 *                holders.
 * Always true: the study secret is in no file but these boxes; any two holders open it, none
 *              alone.
 * Errors:      E_AUTH a box does not open; E_FORMAT; E_NOTFOUND "the keeper is not set up".
 */
#ifndef WEIR_HUB_KEEPERKEY_H
#define WEIR_HUB_KEEPERKEY_H

#include "common/trust/crypto.h"

#define KEEPERKEY_INTAKE_COUNT 64
#define KEEPERKEY_EPOCHS_COUNT 64
/* 42 ordered pairs; boxes do not scale past about seven people. */
#define KEEPERKEY_HOLDERS_COUNT 7

struct keeperkey {
	uint8_t root_public[SIGN_PUBLIC_BYTES];
	uint8_t log_public[SIGN_PUBLIC_BYTES];
	uint8_t release_public[SIGN_PUBLIC_BYTES];
	struct secret *release; /* Ed25519 secret */
	uint32_t epoch;
	struct secret *epoch_key; /* AEAD key of the keyring */
	size_t intake_count;
	uint32_t intake_number[KEEPERKEY_INTAKE_COUNT];
	struct secret *intake[KEEPERKEY_INTAKE_COUNT]; /* X25519 secrets */
	size_t before_count;
	uint32_t before_epoch[KEEPERKEY_EPOCHS_COUNT]; /* rising */
	struct secret *before_key[KEEPERKEY_EPOCHS_COUNT];
};

/* gives new keys with intake number 1. */
struct keeperkey *keeperkey_new(const uint8_t root_public[static SIGN_PUBLIC_BYTES],
	const uint8_t log_public[static SIGN_PUBLIC_BYTES]);
void keeperkey_free(struct keeperkey *k);
OWNER(keeperkey)

struct keeperkey_holder {
	const char *person;
	uint8_t box_public[BOX_PUBLIC_BYTES];
};

/* Seal k to a new study key and that to every pair of holders; writes both files, neither of
 * which may be there, or none. E_FORMAT: one holder only, one of them twice, two with one key,
 * a key that nothing can be sealed to. */
CHECKED enum err keeperkey_write(const struct keeperkey *k, const char *dir,
	const struct keeperkey_holder *holders, size_t count);

/* Replaces the key file by k, sealed to the same study key, as supersede.h says. */
CHECKED enum err keeperkey_rewrite(const struct keeperkey *k, const char *dir);
/* A new study key, for these holders alone: both files are replaced, all or none, and what the
 * holders from before could open is overwritten. E_FORMAT as of keeperkey_write(). */
CHECKED enum err keeperkey_reseal(const struct keeperkey *k, const char *dir,
	const struct keeperkey_holder *holders, size_t count);
/* What a crash left half done; by the keeper, before it serves. */
CHECKED enum err keeperkey_recover(const char *dir);
/* The study key that the pairs of DIR/keys/holders hold. */
CHECKED enum err keeperkey_study_public(uint8_t ret[static BOX_PUBLIC_BYTES], const char *dir);
/* Makes the next epoch's key, and the next intake number if asked to; the epoch's key from
 * before stays with those of earlier ones. E_FULL. In memory. */
CHECKED enum err keeperkey_renew(struct keeperkey *k, bool makes_intake);
/* Destroys intake secrets up to this number, never the newest, and the keys of epochs before
 * this one. In memory. */
void keeperkey_retire(struct keeperkey *k, uint32_t number, uint32_t epoch);
/* lends the key of this epoch, in force or before; NULL: it was destroyed, or never was. */
struct secret *keeperkey_of_epoch(const struct keeperkey *k, uint32_t epoch);

/* gives the keys, opened with the study secret (BOX_SECRET_BYTES). */
CHECKED enum err keeperkey_open(
	struct keeperkey **ret, const char *dir, struct secret *study_secret);

/* Every pair of DIR/keys/holders; box lent for the call. */
typedef enum err keeperkey_pair_fn(
	void *arg, const char *outer, const char *inner, struct view box);
CHECKED enum err keeperkey_pairs(const char *dir, keeperkey_pair_fn *each, void *arg);

#endif
