#include "hub/hub.h"

#include "hub/vault.h"

enum err
hub_txn(struct hub *h, struct vault_txn **ret)
{
	enum err e = h->txn ? OK : vault_begin(&h->txn, h->vault);
	if (!e && h->on_reserve)
		e = fail(E_FULL, "the hub's disk or vault is full: only withdrawals are taken");
	*ret = h->txn;
	return e;
}

enum err
hub_txn_reserve(struct hub *h, struct vault_txn **ret)
{
	enum err e = h->txn ? OK : vault_begin(&h->txn, h->vault);
	if (e == E_FULL) {
		e = vault_begin_reserve(&h->txn, h->vault);
		h->on_reserve = e == OK;
	}
	*ret = h->txn;
	return e;
}

enum err
hub_commit(struct hub *h)
{
	struct vault_txn *txn = take(h->txn);
	h->on_reserve = false;
	if (!txn)
		return OK;
	enum err e = h->keep ? h->keep(h->keep_arg, txn) : OK;
	if (e)
		vault_txn_free(txn);
	else
		e = vault_commit(txn);
	if (h->kept)
		h->kept(h->keep_arg, e);
	return e;
}

void
hub_abort(struct hub *h)
{
	vault_txn_free(take(h->txn));
	h->on_reserve = false;
	if (h->kept)
		h->kept(h->keep_arg, E_ABSENT);
}
