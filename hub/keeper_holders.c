#include "hub/keeper_holders.h"

#include <string.h>

#include "hub/holders.h"

static void
txn_drop(struct vault_txn **t)
{
	vault_txn_free(*t);
}

/* What was agreed is about the key that the secret opens. */
static enum err
check_key(const struct keeper_holders *k, const struct holders_agreed *agreed)
{
	uint8_t public[BOX_PUBLIC_BYTES], in_force[BOX_PUBLIC_BYTES];
	enum err e = keeperkey_study_public(in_force, k->dir);
	if (e)
		return e;
	box_public(public, k->study_secret);
	if (memcmp(public, in_force, sizeof(public)) != 0)
		return fail(E_AUTH, "this is not the study key in force");
	if (memcmp(public, agreed->body.study_public, sizeof(public)) != 0)
		return fail(E_CONFLICT, "the holders were changed since this was agreed on");
	return OK;
}

enum err
keeper_holders_change(const struct keeper_holders *k, size_t *ret_count)
{
	OWNED_BY(txn_drop) struct vault_txn *txn = NULL;
	OWNED(keeperkey) struct keeperkey *keys = NULL;
	struct holders_agreed agreed;
	*ret_count = 0;
	enum err e = vault_snapshot(&txn, k->vault);
	const struct holders_known known = {k->dir, k->study, k->root_public, txn};
	if (!e)
		e = holders_check(&known, &agreed);
	if (!e)
		e = check_key(k, &agreed);
	if (!e)
		e = keeperkey_open(&keys, k->dir, k->study_secret);
	if (!e && memcmp(keys->root_public, k->root_public, SIGN_PUBLIC_BYTES) != 0)
		e = fail(E_AUTH, "the keeper's key file names another study root");
	if (!e)
		e = keeperkey_reseal(keys, k->dir, agreed.list, agreed.body.count);
	if (!e)
		*ret_count = agreed.body.count;
	return e;
}
