#include "hub/renewal_ledger.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/trust/leaf.h"
#include "common/trust/ledgernote.h"

#include "hub/audit.h"
#include "hub/ipc.h"
#include "hub/ledgerkeys.h"
#include "hub/renewal.h"
#include "hub/study.h"

#define LOOK_EVERY_MS 10000
#define WORDS_BYTES   64

static void
set_public(struct hub *h)
{
	h->ledger_number = ledgerkeys_newest(h->ledger_keys, h->box_public);
}

enum err
renewal_ledger_open(struct hub *h, struct secret *vault_key)
{
	enum err e = ledgerkeys_recover(h->dir);
	if (!e)
		e = ledgerkeys_open(&h->ledger_keys, h->dir, vault_key, h->box);
	if (e)
		return e;
	h->vault_key = vault_key;
	set_public(h);
	return OK;
}

enum err
renewal_ledger_begin(struct hub *h)
{
	const struct numbered *k = h->ledger_keys;
	enum err e = OK;
	for (size_t i = 0; !e && k && i < k->count; i++)
		e = renewal_made(h, RENEWAL_LEDGER, k->number[i], 0);
	return e || !k ? e : renewal_gone(h, RENEWAL_LEDGER, k->number[0] - 1);
}

static enum err
add_leaf(struct hub *h, const char *action, uint32_t number)
{
	struct act_leaf_room room;
	const struct act none = {0};
	struct leaf leaf;
	char words[WORDS_BYTES];
	(void)snprintf(words, sizeof(words), "ledger key %u", number);
	acts_leaf(&leaf, &room, &none, action);
	leaf.actor = "ledger";
	leaf.object_type = "keys";
	leaf.reason_code = words;
	leaf.outcome = "done";
	return audit_add(h->audit, h->txn, &leaf, NULL);
}

/* While officers agree on a manifest, it names the keys of its day. */
static enum err
is_due(struct hub *h, bool *ret)
{
	OWNED_BUF struct buf proposal;
	char by[WIRE_NAME_BYTES];
	struct renewal_state s;
	buf_init(&proposal, IPC_BODY_MAX_BYTES);
	enum err e = renewal_state(h, RENEWAL_LEDGER, h->renew_days, &s);
	*ret = false;
	if (e || !s.is_due)
		return e;
	e = study_proposal(h, &proposal, by);
	*ret = e == E_NOTFOUND;
	return e == E_NOTFOUND ? OK : e;
}

static enum err
make_one(struct hub *h)
{
	enum err e = ledgerkeys_renew(h->ledger_keys, h->dir, h->vault_key);
	if (e)
		return e;
	set_public(h);
	e = renewal_made(h, RENEWAL_LEDGER, h->ledger_number, 0);
	return e ? e : add_leaf(h, "keys-renewed", h->ledger_number);
}

static enum err
destroy(struct hub *h, uint32_t retired)
{
	enum err e = ledgerkeys_retire(h->ledger_keys, h->dir, h->vault_key, retired);
	if (!e)
		e = renewal_gone(h, RENEWAL_LEDGER, retired);
	return e ? e : add_leaf(h, "keys-destroyed", retired);
}

enum err
renewal_ledger_tick(struct hub *h)
{
	struct vault_txn *t;
	bool makes = false;
	uint32_t retired = 0;
	const int64_t now_ms = clock_mono_ms();
	if (!h->ledger_keys || now_ms < h->ledger_look_ms)
		return OK;
	h->ledger_look_ms = now_ms + LOOK_EVERY_MS;
	enum err e = hub_txn_reserve(h, &t);
	if (!e)
		e = is_due(h, &makes);
	if (!e && !makes)
		e = renewal_retired(h, RENEWAL_LEDGER, &retired);
	if (e || (!makes && !retired))
		return e;
	h->ledger_look_ms = 0; /* one step may allow the next */
	return makes ? make_one(h) : destroy(h, retired);
}

enum err
renewal_ledger_unbox(const struct hub *h, struct buf *out, struct view sealed)
{
	return h->ledger_keys ? ledgerkeys_unbox(h->ledger_keys, out, sealed)
			      : box_open(out, sealed, h->box);
}

bool
renewal_ledger_has_ended(const struct hub *h)
{
	return h->ledger_keys && h->ledger_keys->number[0] > 1;
}

enum err
renewal_ledger_note(const struct hub *h, struct buf *out)
{
	struct ledgernote n = {.number = h->ledger_number};
	memcpy(n.public, h->box_public, sizeof(n.public));
	return ledgernote_make(out, &n, h->study, h->receipt);
}
