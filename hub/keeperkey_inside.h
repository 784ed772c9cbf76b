/* keeperkey_inside - what the files of keeperkey share; nobody else includes this.
 *
 * keeperkey: making, writing and opening; keeperkey_renew: the next epoch.
 */
#ifndef WEIR_HUB_KEEPERKEY_INSIDE_H
#define WEIR_HUB_KEEPERKEY_INSIDE_H

#include "hub/keeperkey.h"

#define KEEPERKEY_MAX_BYTES 65536
#define KEEPER_FILE         "keys/keeper.key"
#define HOLDERS_FILE        "keys/holders"

/* Adds the plain content of the key file. */
void keeperkey_pack(const struct keeperkey *k, struct buf *out);
/* Adds the content of the file of holders. */
CHECKED enum err keeperkey_pack_pairs(struct buf *out, const struct keeperkey_holder *holders,
	size_t count, struct secret *study_secret);

#endif
