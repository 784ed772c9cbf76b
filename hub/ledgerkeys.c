#include "hub/ledgerkeys.h"

#include "common/base/mem.h"

static struct numbered_file
file_of(const char *dir, struct secret *vault_key)
{
	return (struct numbered_file){.dir = dir,
		.name = "ledger/keys",
		.format = "weir-ledger-keys-v1",
		.subkey = "ledger-keys",
		.key = vault_key};
}

bool
ledgerkeys_is_box(struct secret *first)
{
	static const uint8_t zeros[BOX_SECRET_BYTES];
	return !crypto_same(secret_bytes(first), zeros, sizeof(zeros));
}

enum err
ledgerkeys_open(
	struct numbered **ret, const char *dir, struct secret *vault_key, struct secret *first)
{
	const struct numbered_file f = file_of(dir, vault_key);
	enum err e = numbered_read(ret, &f);
	if (e != E_NOTFOUND)
		return e;
	if (!ledgerkeys_is_box(first))
		return fail(e, "%s/%s is not there: put it back from the copy of the keys", dir,
			f.name);
	OWNED(numbered) struct numbered *k = xcalloc(1, sizeof(*k));
	e = numbered_add(k, 1, secret_copy(secret_bytes(first), secret_len(first)));
	if (!e)
		*ret = take(k);
	return e;
}

enum err
ledgerkeys_check(struct view content, struct secret *vault_key, struct secret *first)
{
	const struct numbered_file f = file_of("", vault_key);
	OWNED(numbered) struct numbered *k = NULL;
	if (!content.len)
		return ledgerkeys_is_box(first) ? OK
						: fail(E_NOTFOUND, "%s is not there", f.name);
	return numbered_open(&k, &f, content);
}

enum err
ledgerkeys_recover(const char *dir)
{
	const struct numbered_file f = file_of(dir, NULL);
	return numbered_recover(&f);
}

uint32_t
ledgerkeys_newest(const struct numbered *k, uint8_t ret_public[static BOX_PUBLIC_BYTES])
{
	box_public(ret_public, k->secret[k->count - 1]);
	return k->number[k->count - 1];
}

enum err
ledgerkeys_renew(struct numbered *k, const char *dir, struct secret *vault_key)
{
	const struct numbered_file f = file_of(dir, vault_key);
	uint8_t public[BOX_PUBLIC_BYTES];
	struct secret *secret = NULL;
	box_keypair(public, &secret);
	enum err e = numbered_add(k, k->number[k->count - 1] + 1, secret);
	if (e)
		return e;
	e = numbered_write(k, &f);
	if (e)
		numbered_drop_newest(k);
	return e;
}

enum err
ledgerkeys_retire(
	struct numbered *k, const char *dir, struct secret *vault_key, uint32_t retired)
{
	const struct numbered_file f = file_of(dir, vault_key);
	return numbered_drop_below(k, retired + 1) ? numbered_write(k, &f) : OK;
}

/* The newest first: most boxes are for it. */
enum err
ledgerkeys_unbox(const struct numbered *k, struct buf *out, struct view sealed)
{
	enum err e = E_AUTH;
	for (size_t i = k->count; e == E_AUTH && i-- > 0;)
		e = box_open(out, sealed, k->secret[i]);
	return e;
}
