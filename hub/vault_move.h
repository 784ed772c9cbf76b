/* vault_move - the vault moved to a new file under a new vault key, while it is read and
 * written.
 *
 * Order:       a new key is made (vaultkeys.h); each row is copied to the new file sealed anew
 *              (storemove.h); the new file takes the place of the old one, and with it the new
 *              key. The old one stays among the keys until vault_destroy_keys().
 * Always true: all rows of one file are under one key, which the file names; no byte of what
 *              was deleted before is in the new file. Each move has a key of its own, also one
 *              that did not end: with its key nothing opens but what was not deleted then.
 *              killed at any point, the file in force opens with a key that is there.
 *              a row that does not open stays as it is, and is found to be damaged as before.
 * Errors:      those of storemove.h and vaultkeys.h.
 */
#ifndef WEIR_VAULT_MOVE_H
#define WEIR_VAULT_MOVE_H

#include "hub/vault.h"

/* backed: the newest key whose vault a backup holds, 0: none; it is kept, and the number of the
 * new one is above it. No transaction may be open; turns go on in between. */
CHECKED enum err vault_move_begin(struct vault *v, uint32_t backed);
CHECKED enum err vault_move_step(struct vault *v, size_t bytes, bool *ret_done);
void vault_move_give_up(struct vault *v);

/* The number of the key that is in force, as the last transaction saw it. */
uint32_t vault_key_number(const struct vault *v);
/* Destroys the keys below this number, never that in force; *ret_oldest: the oldest that is
 * there. */
CHECKED enum err vault_destroy_keys(struct vault *v, uint32_t below, uint32_t *ret_oldest);

#endif
