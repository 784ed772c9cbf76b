#include "hub/copies.h"

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/run/keycopy.h"

#include "hub/ledgerkeys.h"
#include "hub/row.h"
#include "hub/vaultkeys.h"

#define SERVICE_FILE "keys/service.key"
#define KEEPER_FILE  "keys/keeper.key"
#define LEDGER_FILE  "ledger/keys"
#define VAULT_FILE   "vaultkeys/keys"
#define COPIED_FILE  "keys/copied"
#define COPIED_BYTES 64

static const char *const names[] = {
	SERVICE_FILE, KEEPER_FILE, "keys/holders", LEDGER_FILE, VAULT_FILE};
static const struct keycopy keys = {"weir-hub-keys-v2\n", names, ARRAY_LEN(names)};

/* ---- what the newest copy opens ---- */

static enum err
note_copied(const struct copies *c, const struct backup *b)
{
	char path[DATADIR_PATH_BYTES];
	OWNED_BUF struct buf out;
	buf_init(&out, COPIED_BYTES);
	buf_u8(&out, ROW_VERSION);
	buf_u32(&out, b->vault_key);
	buf_u32(&out, b->keyring.epoch);
	enum err e = buf_check(&out, COPIED_FILE);
	if (!e)
		e = datadir_path(path, c->dir, COPIED_FILE);
	return e ? e : text_write_file(path, buf_view(&out), 0600);
}

bool
copies_keys_open(const struct copies *c, const struct backup *b)
{
	char path[DATADIR_PATH_BYTES];
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	if (datadir_path(path, c->dir, COPIED_FILE) ||
		text_read_file(&bytes, &len, path, COPIED_BYTES))
		return false;
	struct cursor at = row_begin(view_of(bytes, len));
	const uint32_t vault_key = cursor_u32(&at), epoch = cursor_u32(&at);
	return row_end(&at, COPIED_FILE) == OK && vault_key >= b->vault_key &&
	       epoch >= b->keyring.epoch;
}

/* ---- the copy ---- */

/* The keeper's file opens for two holders only, and for a hub without keeper there is none. */
static enum err
check_there(const struct keycopy_held *held, const struct backup *b)
{
	const char *missing = NULL;
	if (!keycopy_file(held, &keys, SERVICE_FILE).len)
		missing = SERVICE_FILE;
	else if (b->keyring.epoch && !keycopy_file(held, &keys, KEEPER_FILE).len)
		missing = KEEPER_FILE;
	return missing ? fail(E_NOTFOUND, "%s is not there", missing) : OK;
}

static enum err
check_opens(const struct copies *c, const struct keycopy_held *held, const struct backup *b)
{
	const struct vaultkeys at = {c->dir, c->keys->vault};
	enum err e = check_there(held, b);
	if (!e)
		e = vaultkeys_holds(&at, keycopy_file(held, &keys, VAULT_FILE), b->vault_key);
	if (!e)
		e = ledgerkeys_check(
			keycopy_file(held, &keys, LEDGER_FILE), c->keys->vault, c->keys->box);
	return e ? fail_in(e, "a copy of the keys as they are now does not open the backup")
		 : OK;
}

enum err
copies_keys_write(const struct copies *c, const char *file, const struct backup *b)
{
	OWNED_KEYS struct keycopy_held held = {.files = {{NULL, 0}}};
	enum err e = keycopy_read(&held, &keys, c->dir);
	if (!e)
		e = check_opens(c, &held, b);
	if (!e)
		e = keycopy_write(&held, &keys, file);
	return e ? e : note_copied(c, b);
}

enum err
copies_keys_restore(const char *dir, const char *file)
{
	enum err e = datadir_make(dir, "keys");
	if (!e)
		e = datadir_make(dir, "ledger");
	if (!e)
		e = datadir_make(dir, "vaultkeys");
	return e ? e : keycopy_restore(&keys, dir, file);
}
