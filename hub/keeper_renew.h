/* keeper_renew - a new key epoch: every key of the vault wrapped anew, and the old epoch's key
 * destroyed when nobody needs it any more.
 *
 * Order:       a keyring of the next epoch is filled beside the one in force, from it or out of
 *              the wraps in the vault, and synced; then the key file is replaced
 *              (keeperkey_rewrite()): it names the new epoch, and keeps the key of the old one;
 *              then the old keyring is removed. A process killed in between finds the keyring
 *              that its key file names, and removes the others when it opens.
 *              The keys of epochs before are destroyed with the intake numbers that the new
 *              keyring replaced (keeper_retire()), when a verified backup holds a keyring of a
 *              later epoch: until then a backup from before can be put back.
 * Put back:    where the keyring of the epoch in force is gone, and an older one is there whose
 *              key is kept, a renewal begins from that one.
 * Damage:      while an entry that holds a key is damaged (a row of it does not open, or is not
 *              what its header names), nothing is renewed and nothing destroyed: E_BUSY. The
 *              key may be good, and its row comes again from its node (scrub.h). An officer may
 *              give it up (leaves_damaged). An entry that is missing altogether is not seen.
 * Always true: a key that is in no entry of the vault is in no keyring afterwards. After it no
 *              wrap in the vault is needed to open anything that came before.
 * Errors:      E_BUSY, see above; those of vault.h, keyring.h and the key file; nothing has
 *              changed then, but a failure of the very last steps leaves files that the next
 *              opening removes.
 * It can hurt: some 30 microseconds a key, 100 for one that is still in a wrap, in one go: the
 *              keeper does nothing else meanwhile.
 */
#ifndef WEIR_HUB_KEEPER_RENEW_H
#define WEIR_HUB_KEEPER_RENEW_H

#include "hub/keeperkey.h"
#include "hub/keyring.h"
#include "hub/vault.h"

struct keeper_renew {
	const char *dir;
	const char *study;
	struct vault *vault;
	bool makes_intake;
	bool leaves_damaged; /* an officer gave up what is in damaged entries */
	uint32_t kept_epoch; /* keys of epochs before it may go with the next retired number */
};

struct keeper_renewed {
	uint64_t keys;
	uint64_t lost;    /* wraps that do not open: their records did not open before either */
	uint64_t damaged; /* entries that hold keys and cannot be read now */
	bool retired;     /* keeper_retire(): the numbers are destroyed */
};

/* Changes `keys` and puts another keyring in the place of *keyring. On an error *ret is set,
 * too, and where *keyring is still there nothing has changed. Where it is NULL, `keys` may be
 * those of an epoch that is not in force: lock the keeper. */
CHECKED enum err keeper_renew(const struct keeper_renew *ask, struct keeperkey *keys,
	struct keyring **keyring, struct keeper_renewed *ret);
/* Destroys the intake secrets up to `number`, unless a key of the vault is in a wrap of one of
 * them and not in the keyring: then a new epoch takes it over, nothing is destroyed, and
 * ret->retired is false; a backup has to hold that keyring first. On an error as above. */
CHECKED enum err keeper_retire(const struct keeper_renew *ask, uint32_t number,
	struct keeperkey *keys, struct keyring **keyring, struct keeper_renewed *ret);
/* The epoch whose keyring is there: that in force, or the newest whose key is kept; that in
 * force when there is none. */
uint32_t keeper_renew_there(const char *dir, const struct keeperkey *keys);
/* Removes keyrings of other epochs. */
CHECKED enum err keeper_renew_sweep(const char *dir, uint32_t epoch);

#endif
