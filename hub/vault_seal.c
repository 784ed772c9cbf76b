#include <string.h>

#include "common/base/mem.h"

#include "hub/vault_inside.h"
#include "hub/vaultkeys.h"

#define KEY_MAX_BYTES  511
#define NAME_MAX_BYTES 32
#define NUMBER_BYTES   4
#define FORMAT_ROW     "vault-format"
#define FORMAT_NAME    "weir-vault-v3"
#define FORMAT_BYTES   (NUMBER_BYTES + AEAD_EXTRA_BYTES + sizeof(FORMAT_NAME) - 1)

#define TABLE_NAME(constant, name) name,
const char *const vault_table_names[VAULT_TABLE_COUNT] = {VAULT_TABLES(TABLE_NAME)};

#define NAME_BYTES(constant, name) sizeof(name),
static const size_t name_bytes[VAULT_TABLE_COUNT] = {VAULT_TABLES(NAME_BYTES)}; /* with zero */

#define CHECK_NAME(constant, name)                                                             \
	_Static_assert(sizeof(name) <= NAME_MAX_BYTES, "a table's name is too long");
VAULT_TABLES(CHECK_NAME)

/* values */

/* What a value is bound to: its table's name, a zero byte, its key. */
struct place {
	uint8_t at[NAME_MAX_BYTES + KEY_MAX_BYTES];
	size_t len;
};

static void
place_of(struct place *ret, enum vault_table table, struct view key)
{
	const size_t n = name_bytes[table], key_len = MIN(key.len, (size_t)KEY_MAX_BYTES);
	memcpy(ret->at, vault_table_names[table], n);
	if (key_len)
		memcpy(ret->at + n, key.at, key_len);
	ret->len = n + key_len;
}

/* It says in clear which key opens it, and all others. */
static bool
is_format_row(enum vault_table table, struct view key)
{
	return table == VAULT_META && view_same(key, view_text(FORMAT_ROW));
}

enum err
vault_open_value(struct vault_key *k, enum vault_table table, struct view key,
	struct view sealed, struct buf *out)
{
	struct place place;
	place_of(&place, table, key);
	if (is_format_row(table, key) && sealed.len >= NUMBER_BYTES)
		sealed = view_of(sealed.at + NUMBER_BYTES, sealed.len - NUMBER_BYTES);
	enum err e = rowkey_open(out, sealed, view_of(place.at, place.len), k->row);
	if (e == E_AUTH)
		return fail(E_AUTH,
			"vault: a row of table %s is damaged: its value was changed, moved or "
			"sealed "
			"with another key",
			vault_table_names[table]);
	return e ? fail_in(e, "vault: table %s", vault_table_names[table]) : OK;
}

enum err
vault_seal_value(struct vault_key *k, enum vault_table table, struct view key,
	struct view value, struct buf *out)
{
	const char *name = vault_table_names[table];
	if (key.len == 0 || key.len > KEY_MAX_BYTES)
		return fail(E_FORMAT, "vault: table %s: a key of %zu bytes; it has 1 to %d",
			name, key.len, KEY_MAX_BYTES);
	if (value.len > VAULT_VALUE_MAX_BYTES)
		return fail(E_FORMAT, "vault: table %s: a value of %zu bytes is over the limit",
			name, value.len);
	struct place place;
	place_of(&place, table, key);
	if (is_format_row(table, key))
		buf_u32(out, k->number);
	rowkey_seal(out, value, view_of(place.at, place.len), k->row);
	return buf_check(out, "a sealed value");
}

/* the key in force */

struct vaultkeys
vault_keys(const struct vault *v)
{
	return (struct vaultkeys){v->keys_dir, v->keys_key};
}

void
vault_key_done(struct vault_key *k)
{
	rowkey_free(take(k->row));
	k->number = 0;
}

static enum err
load(struct vault_key *ret, const struct vault *v, uint32_t number)
{
	OWNED_SECRET struct secret *key = NULL;
	const struct vaultkeys keys = vault_keys(v);
	enum err e = vaultkeys_get(&keys, number, &key);
	if (!e)
		*ret = (struct vault_key){number, rowkey_new(secret_bytes(key))};
	return e == E_NOTFOUND ? fail(E_AUTH, "%s", err_text()) : e;
}

/* That it is the right key shows at the row that names it. */
static enum err
check_format(struct vault_key *k, struct view sealed)
{
	OWNED_BUF struct buf name;
	buf_init(&name, sizeof(FORMAT_NAME));
	enum err e = vault_open_value(k, VAULT_META, view_text(FORMAT_ROW), sealed, &name);
	if (e)
		return fail(E_AUTH,
			"the vault key does not fit this vault, or the vault is damaged");
	return view_same(buf_view(&name), view_text(FORMAT_NAME))
		       ? OK
		       : fail(E_FORMAT,
				 "vault: its format is of another version of this program");
}

enum err
vault_key_follow(struct vault *v, void *txn)
{
	struct view sealed;
	struct vault_key next = {0};
	enum err e = v->ops->get(txn, VAULT_META, view_text(FORMAT_ROW), &sealed);
	if (e)
		return e;
	struct cursor c = cursor_of(sealed);
	const uint32_t number = cursor_u32(&c);
	if (sealed.len != FORMAT_BYTES)
		return fail(
			E_FORMAT, "vault: its format is of another version of this program");
	if (number == v->key.number)
		return OK;
	e = load(&next, v, number);
	if (!e)
		e = check_format(&next, sealed);
	if (e) {
		vault_key_done(&next);
		return e;
	}
	vault_key_done(&v->key);
	v->key = next;
	return OK;
}

enum err
vault_key_refresh(struct vault *v)
{
	void *txn = NULL;
	enum err e = v->ops->begin(&txn, v->db, VAULT_READ);
	if (e)
		return e;
	e = vault_key_follow(v, txn);
	v->ops->abort(txn);
	return e;
}

enum err
vault_key_begin(struct vault *v)
{
	struct vaultkeys_there there;
	const struct vaultkeys keys = vault_keys(v);
	enum err e = vaultkeys_look(&keys, &there);
	if (e)
		return e;
	vault_key_done(&v->key);
	return load(&v->key, v, there.newest);
}

enum err
vault_write_format(struct vault_txn *t)
{
	return vault_put_new(t, VAULT_META, view_text(FORMAT_ROW), view_text(FORMAT_NAME));
}
