/* keyring - participant keys that the keeper took over, each under the epoch key: its own
 * store.
 *
 * Directory:   DIR/keyring/keys (epoch 1), keys-N (epoch N), stores that nobody else opens;
 *              made
 *              beside themselves, hence the directory around them. Of two the keeper's key file
 *              says which one is in force
 * Rows:        keys    key id:16 -> version u8 | epoch u32 | class u8 | the key, sealed
 *                      (aead_seal() of crypto.h). AAD: "weir-keyring-v1", study (blobs), key
 *                      id, participant, epoch u32, class u8. Key id: instance of the entry of
 *                      kind key (wire_rules.h).
 *              opened  release id -> digest:32 of the cohort it was opened for
 * Always true: keyring_find() gives a key only for the participant and class it was put for.
 *              what keyring_put() was given is on the disk after keyring_commit(), not before.
 *              a release is opened for one cohort only, so that a proposal signed once does not
 *              open one table after another. Who puts an older keyring back makes it forget.
 * Errors:      E_NOTFOUND no such key; E_AUTH another epoch key, participant or class, or
 *              changed; those of store.h.
 */
#ifndef WEIR_HUB_KEYRING_H
#define WEIR_HUB_KEYRING_H

#include "common/trust/seal.h"

struct keyring;

/* gives; dir is the keyring's own directory, made if it is not there. epoch_key is lent as long
 * as the keyring lives. */
struct keyring_config {
	const char *dir;
	const char *study;
	uint32_t epoch;
	struct secret *epoch_key;
};
CHECKED enum err keyring_open(struct keyring **ret, const struct keyring_config *c);
void keyring_free(struct keyring *k); /* forgets what was not committed */
OWNER(keyring)

/* Whose key it is. */
struct keyring_entry {
	uint8_t id[ID_BYTES];
	uint8_t participant[ID_BYTES];
	enum seal_class class;
};

CHECKED enum err keyring_put(
	struct keyring *k, const struct keyring_entry *e, struct secret *key);
CHECKED enum err keyring_commit(struct keyring *k);
/* The key, also one that was put and not committed; lent until the next find or
 * commit. */
CHECKED enum err keyring_find(
	struct secret **ret_lent, struct keyring *k, const struct keyring_entry *e);
/* May the release be opened for this cohort? E_DENIED when it was for another. Kept for good
 * when OK. Nothing may wait for its commit. */
CHECKED enum err keyring_claim(
	struct keyring *k, const char *release, const uint8_t cohort[static HASH_BYTES]);
/* What was claimed in another keyring, too. */
CHECKED enum err keyring_copy_claims(struct keyring *k, struct keyring *from);
/* Path of the store of an epoch in the hub's directory; removes the store at a path. */
CHECKED enum err keyring_path(char *ret, const char *dir, uint32_t epoch);
CHECKED enum err keyring_remove(const char *path);
/* Copies every keyring below DIR/keyring of one directory to another's that has none; OK when
 * there
 * is nothing. The rows stay sealed: no key is needed. */
CHECKED enum err keyring_copy_all(const char *from, const char *to);
/* Reads every row of every keyring below DIR/keyring: each is of its form and epoch. Gives the
 * lowest epoch that is there (of two only the keeper knows which one is in force), how many
 * keys it has, and BLAKE2b-256 (personal "weir-keyring-v1") over the digest so far (zeros
 * at first), blob id and blob row, in rising order. Epoch 0: there is none. */
struct keyring_found {
	uint32_t epoch;
	uint64_t keys;
	uint8_t digest[HASH_BYTES];
};
CHECKED enum err keyring_read_all(struct keyring_found *ret, const char *dir);
CHECKED enum err keyring_count(struct keyring *k, uint64_t *ret);

#endif
