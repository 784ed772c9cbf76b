/* keeper_holders - the keeper seals its keys to other holders, as two of them agreed.
 *
 * Always true: it takes the study secret, which two holders opened together, and the agreement
 *              of two present holders (holders.h) about this very study key; the new study key
 *              is one that nobody had before.
 * It can hurt: who was a holder, together with another one and with copies of key files from
 *              before, opens what those held: destroy such copies.
 * Errors:      E_AUTH the secret is not of the study key in force; those of holders.h and
 *              keeperkey.h.
 */
#ifndef WEIR_HUB_KEEPER_HOLDERS_H
#define WEIR_HUB_KEEPER_HOLDERS_H

#include "hub/vault.h"

struct keeper_holders {
	const char *dir;
	const char *study;
	const uint8_t *root_public;
	struct vault *vault;
	struct secret *study_secret;
};
CHECKED enum err keeper_holders_change(const struct keeper_holders *k, size_t *ret_count);

#endif
