#include "hub/erase_inside.h"

#include <inttypes.h>
#include <stdio.h>

#include "hub/renewal.h"
#include "hub/row.h"
#include "hub/vault_move.h"
#include "hub/vaultkeys.h"

#define ROW_TOLD    "keys-told"
#define WORDS_BYTES 64

uint32_t
erase_newest_backed_key(const struct hub *h)
{
	size_t count;
	uint32_t newest = 0;
	const struct forward_backup *all = forward_backups(erase_forward(h), &count);
	for (size_t i = 0; i < count; i++)
		newest = MAX(newest, all[i].vault_key);
	return newest;
}

/* With keys that are left a copy of the vault from before opens, or wraps in it do. */
static bool
could_open(const struct erase *x, const struct renewal_state *intake,
	const struct forward_erasure *e)
{
	return e->intake >= intake->oldest || e->vault_key > x->oldest_key;
}

enum err
erase_note_erased(struct erase *x)
{
	size_t count, done = 0;
	char words[WORDS_BYTES];
	struct renewal_state intake;
	const struct forward_erasure *all = forward_erasures(erase_forward(x->hub), &count);
	enum err e = renewal_state(x->hub, RENEWAL_INTAKE, 0, &intake);
	for (size_t i = 0; !e && i < count; i++) {
		struct forward_erasure one = all[i];
		if (!one.gone_s || one.erased_s || could_open(x, &intake, &one))
			continue;
		one.erased_s = erase_now_s();
		forward_note_erasure(erase_forward(x->hub), &one);
		done++;
	}
	(void)snprintf(words, sizeof(words), "%zu persons", done);
	x->hub->terms_changes += done != 0;
	return e || !done ? e : erase_add_leaf(x->hub, "erasure-complete", words);
}

/* What is not there, or is damaged, tells of nothing: a leaf too many is better than none. */
static enum err
told_below(struct vault_txn *t, uint32_t *ret)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	*ret = VAULTKEYS_FIRST;
	enum err e = vault_get(t, VAULT_META, view_text(ROW_TOLD), &row);
	if (e)
		return e == E_NOTFOUND || e == E_AUTH ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	const uint32_t below = cursor_u32(&c);
	if (!row_end(&c, "vault keys destroyed"))
		*ret = below;
	return OK;
}

static enum err
keep_told(struct vault_txn *t, uint32_t below)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u32(&row, below);
	enum err e = buf_check(&row, "vault keys destroyed");
	return e ? e : vault_put(t, VAULT_META, view_text(ROW_TOLD), buf_view(&row));
}

/* Keys go before the turn is kept: their leaf is owed until a turn with it was. */
static enum err
tell_destroyed(struct erase *x, struct vault_txn *t)
{
	char words[WORDS_BYTES];
	uint32_t told;
	enum err e = told_below(t, &told);
	if (e || told >= x->oldest_key)
		return e;
	(void)snprintf(words, sizeof(words), "vault keys below %" PRIu32, x->oldest_key);
	e = keep_told(t, x->oldest_key);
	return e ? e : erase_add_leaf(x->hub, "keys-destroyed", words);
}

enum err
erase_see_vault_keys(struct erase *x)
{
	struct vault_txn *t;
	struct vault *v = x->hub->vault;
	const uint32_t below = MIN(vault_key_number(v), erase_newest_backed_key(x->hub));
	if (x->oldest_key && below <= x->oldest_key)
		return OK;
	enum err e = hub_txn_reserve(x->hub, &t);
	if (!e)
		e = vault_destroy_keys(v, below, &x->oldest_key);
	if (!e)
		e = tell_destroyed(x, t);
	return e ? e : erase_note_erased(x);
}
