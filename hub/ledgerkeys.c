#include "hub/ledgerkeys.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/run/supersede.h"

#define FILE_NAME      "ledger/keys"
#define FORMAT         "weir-ledger-keys-v1"
#define SUBKEY         "ledger-keys"
#define VERSION        1
#define FILE_MAX_BYTES 8192

void
ledgerkeys_free(struct ledgerkeys *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->count; i++)
		secret_free(k->secret[i]);
	mem_drop(&k);
}

static enum err
unpack(struct ledgerkeys *k, struct view plain)
{
	struct cursor c = cursor_of(plain);
	uint32_t before = 0;
	if (cursor_u8(&c) != VERSION)
		c.broken = true;
	uint32_t count = cursor_u32(&c);
	if (count == 0 || count > LEDGERKEYS_COUNT)
		c.broken = true;
	for (uint32_t i = 0; !c.broken && i < count; i++) {
		k->number[i] = cursor_u32(&c);
		struct view secret = cursor_bytes(&c, BOX_SECRET_BYTES);
		if (c.broken || k->number[i] <= before) {
			c.broken = true;
			break;
		}
		before = k->number[i];
		k->secret[k->count++] = secret_copy(secret.at, secret.len);
	}
	return cursor_end(&c, FILE_NAME);
}

bool
ledgerkeys_is_box(struct secret *first)
{
	static const uint8_t zeros[BOX_SECRET_BYTES];
	return !crypto_same(secret_bytes(first), zeros, sizeof(zeros));
}

enum err
ledgerkeys_open(struct ledgerkeys **ret, const char *dir, struct secret *vault_key,
	struct secret *first)
{
	OWNED(ledgerkeys) struct ledgerkeys *k = xcalloc(1, sizeof(*k));
	OWNED_SECRET struct secret *key = crypto_subkey(vault_key, SUBKEY), *plain = NULL;
	OWNED_MEM uint8_t *sealed = NULL;
	char path[DATADIR_PATH_BYTES];
	size_t len = 0;
	*ret = NULL;
	enum err e = datadir_path(path, dir, FILE_NAME);
	if (!e)
		e = text_read_file(&sealed, &len, path, FILE_MAX_BYTES);
	if (e == E_NOTFOUND && !ledgerkeys_is_box(first))
		return fail(e, "%s is not there: put it back from the copy of the keys", path);
	if (e == E_NOTFOUND) {
		k->number[0] = 1;
		k->secret[0] = secret_copy(secret_bytes(first), secret_len(first));
		k->count = 1;
		*ret = take(k);
		return OK;
	}
	if (!e)
		e = aead_open_secret(
			&plain, view_of(sealed, len), view_text(FORMAT), secret_bytes(key));
	if (!e)
		e = unpack(k, secret_view(plain));
	if (!e)
		*ret = take(k);
	return e;
}

static enum err
write_file(const struct ledgerkeys *k, const char *dir, struct secret *vault_key)
{
	OWNED_SECRET struct secret *key = crypto_subkey(vault_key, SUBKEY);
	OWNED_WIPED struct buf plain;
	OWNED_BUF struct buf sealed;
	buf_init(&plain, FILE_MAX_BYTES);
	buf_reserve(&plain, FILE_MAX_BYTES);
	buf_init(&sealed, FILE_MAX_BYTES);
	buf_u8(&plain, VERSION);
	buf_u32(&plain, (uint32_t)k->count);
	for (size_t i = 0; i < k->count; i++) {
		buf_u32(&plain, k->number[i]);
		buf_add_view(&plain, secret_view(k->secret[i]));
	}
	aead_seal(&sealed, buf_view(&plain), view_text(FORMAT), secret_bytes(key));
	enum err e = buf_check(&plain, FILE_NAME);
	if (!e)
		e = buf_check(&sealed, FILE_NAME);
	const struct supersede_file file = {FILE_NAME, buf_view(&sealed)};
	return e ? e : supersede(dir, &file, 1);
}

enum err
ledgerkeys_recover(const char *dir)
{
	const struct supersede_file file = {.name = FILE_NAME};
	return supersede_recover(dir, &file, 1);
}

uint32_t
ledgerkeys_newest(const struct ledgerkeys *k, uint8_t ret_public[static BOX_PUBLIC_BYTES])
{
	box_public(ret_public, k->secret[k->count - 1]);
	return k->number[k->count - 1];
}

enum err
ledgerkeys_renew(struct ledgerkeys *k, const char *dir, struct secret *vault_key)
{
	uint8_t public[BOX_PUBLIC_BYTES];
	if (k->count == LEDGERKEYS_COUNT)
		return fail(E_FULL, "the ledger has %d keys that are not destroyed yet",
			LEDGERKEYS_COUNT);
	k->number[k->count] = k->number[k->count - 1] + 1;
	box_keypair(public, &k->secret[k->count]);
	k->count++;
	enum err e = write_file(k, dir, vault_key);
	if (e)
		secret_free(take(k->secret[--k->count]));
	return e;
}

enum err
ledgerkeys_retire(
	struct ledgerkeys *k, const char *dir, struct secret *vault_key, uint32_t retired)
{
	size_t gone = 0;
	while (gone + 1 < k->count && k->number[gone] <= retired)
		gone++;
	for (size_t i = 0; i < gone; i++)
		secret_free(take(k->secret[i]));
	k->count -= gone;
	memmove(k->number, k->number + gone, k->count * sizeof(k->number[0]));
	memmove(k->secret, k->secret + gone, k->count * sizeof(k->secret[0]));
	return gone ? write_file(k, dir, vault_key) : OK;
}

/* The newest first: most boxes are for it. */
enum err
ledgerkeys_unbox(const struct ledgerkeys *k, struct buf *out, struct view sealed)
{
	enum err e = E_AUTH;
	for (size_t i = k->count; e == E_AUTH && i-- > 0;)
		e = box_open(out, sealed, k->secret[i]);
	return e;
}
