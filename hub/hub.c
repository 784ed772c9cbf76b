#include "hub/hub.h"

#include "hub/vault.h"

enum err
hub_txn(struct hub *h, struct vault_txn **ret)
{
	enum err e = h->txn ? OK : vault_begin(&h->txn, h->vault);
	*ret = h->txn;
	return e;
}
