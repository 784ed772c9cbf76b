#include "hub/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/fd.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/store/store.h"

#define KEYRING_VERSION   1
#define KEYRING_FORMAT    "weir-keyring-v1"
#define KEYRING_MAP_BYTES ((size_t)4 << 30) /* sparse; some twenty million keys */
#define ROW_BYTES_MAX     256
#define STUDY_BYTES       64

enum { KEYS_TABLE, OPENED_TABLE };
static const char *const tables[] = {"keys", "opened"};

struct keyring {
	struct store *store;
	struct store_txn *txn;      /* begun at the first put */
	struct store_txn *snapshot; /* kept between finds; NULL when something was put */
	char study[STUDY_BYTES];
	uint32_t epoch;
	struct secret *epoch_key; /* lent */
	struct secret *found;     /* the key lent last: locking memory for each costs more than
				     opening it */
};

enum err
keyring_open(struct keyring **ret, const struct keyring_config *c)
{
	OWNED(keyring) struct keyring *k = xcalloc(1, sizeof(*k));
	const struct store_config store = {.dir = c->dir,
		.map_bytes = KEYRING_MAP_BYTES,
		.floor_bytes = STORE_FLOOR_BYTES,
		.tables = tables,
		.table_count = ARRAY_LEN(tables)};
	*ret = NULL;
	(void)snprintf(k->study, sizeof(k->study), "%s", c->study);
	k->epoch = c->epoch;
	k->epoch_key = c->epoch_key;
	k->found = secret_new(AEAD_KEY_BYTES);
	enum err e = store_open(&k->store, &store);
	if (!e)
		*ret = take(k);
	return e;
}

void
keyring_free(struct keyring *k)
{
	if (!k)
		return;
	store_txn_free(k->txn);
	store_txn_free(k->snapshot);
	store_free(k->store);
	secret_free(k->found);
	mem_drop(&k);
}

/* What to read from: what was put, else what was committed. */
static enum err
begin_reading(struct store_txn **ret_lent, struct keyring *k)
{
	enum err e = OK;
	*ret_lent = NULL;
	if (!k->txn && !k->snapshot)
		e = store_read(&k->snapshot, k->store);
	if (!e)
		*ret_lent = k->txn ? k->txn : k->snapshot;
	return e;
}

static enum err
begin_writing(struct keyring *k)
{
	if (k->txn)
		return OK;
	store_txn_free(take(k->snapshot));
	return store_write(&k->txn, k->store);
}

static void
put_context(struct buf *aad, const struct keyring *k, const struct keyring_entry *e)
{
	buf_blob_text(aad, KEYRING_FORMAT);
	buf_blob_text(aad, k->study);
	buf_add(aad, e->id, sizeof(e->id));
	buf_add(aad, e->participant, sizeof(e->participant));
	buf_u32(aad, k->epoch);
	buf_u8(aad, (uint8_t)e->class);
}

enum err
keyring_put(struct keyring *k, const struct keyring_entry *entry, struct secret *key)
{
	OWNED_BUF struct buf row, aad;
	buf_init(&row, ROW_BYTES_MAX);
	buf_init(&aad, ROW_BYTES_MAX);
	put_context(&aad, k, entry);
	buf_u8(&row, KEYRING_VERSION);
	buf_u32(&row, k->epoch);
	buf_u8(&row, (uint8_t)entry->class);
	aead_seal(&row, secret_view(key), buf_view(&aad), secret_bytes(k->epoch_key));
	enum err e = buf_check(&row, "row of the keyring");
	if (!e)
		e = buf_check(&aad, "row of the keyring");
	if (!e)
		e = begin_writing(k);
	return e ? e
		 : store_put(k->txn, KEYS_TABLE, view_of(entry->id, sizeof(entry->id)),
			   buf_view(&row));
}

enum err
keyring_commit(struct keyring *k)
{
	struct store_txn *t = take(k->txn);
	store_txn_free(take(k->snapshot));
	crypto_wipe(secret_bytes(k->found), secret_len(k->found));
	return t ? store_commit(t) : OK;
}

static enum err
open_row(struct keyring *k, const struct keyring_entry *entry, struct view row)
{
	OWNED_BUF struct buf aad;
	struct cursor c = cursor_of(row);
	buf_init(&aad, ROW_BYTES_MAX);
	uint8_t version = cursor_u8(&c);
	uint32_t epoch = cursor_u32(&c);
	uint8_t class = cursor_u8(&c);
	struct view sealed = cursor_bytes(&c, c.left);
	if (c.broken || version != KEYRING_VERSION)
		return fail(E_FORMAT, "a row of the keyring is not of its form");
	if (epoch != k->epoch || class != (uint8_t)entry->class)
		return fail(E_AUTH, "a row of the keyring is of another epoch or class");
	put_context(&aad, k, entry);
	return aead_open_into(k->found, sealed, buf_view(&aad), secret_bytes(k->epoch_key));
}

enum err
keyring_find(struct secret **ret_lent, struct keyring *k, const struct keyring_entry *entry)
{
	struct store_txn *t;
	struct view row;
	*ret_lent = NULL;
	enum err e = begin_reading(&t, k);
	if (!e)
		e = store_get(t, KEYS_TABLE, view_of(entry->id, sizeof(entry->id)), &row);
	if (!e)
		e = open_row(k, entry, row);
	if (!e)
		*ret_lent = k->found;
	return e;
}

enum err
keyring_claim(struct keyring *k, const char *release, const uint8_t cohort[static HASH_BYTES])
{
	struct store_txn *t;
	struct view key = view_text(release), digest = view_of(cohort, HASH_BYTES), row;
	enum err e = begin_reading(&t, k);
	if (!e)
		e = store_get(t, OPENED_TABLE, key, &row);
	if (!e)
		return view_same(row, digest)
			       ? OK
			       : fail(E_DENIED,
					 "release %.63s was opened for another cohort before: "
					 "propose it under another id",
					 release);
	if (e == E_NOTFOUND)
		e = begin_writing(k);
	if (!e)
		e = store_put(k->txn, OPENED_TABLE, key, digest);
	return e ? e : keyring_commit(k);
}

static enum err
copy_claim(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct keyring *k = arg;
	(void)ret_stop;
	return store_put(k->txn, OPENED_TABLE, key, value);
}

enum err
keyring_copy_claims(struct keyring *k, struct keyring *from)
{
	const struct store_range all = {.table = OPENED_TABLE};
	struct store_txn *t;
	enum err e = begin_reading(&t, from);
	if (!e)
		e = begin_writing(k);
	return e ? e : store_each(t, &all, copy_claim, k);
}

enum err
keyring_path(char *ret, const char *dir, uint32_t epoch)
{
	char name[32] = "keyring/keys";
	if (epoch > 1)
		(void)snprintf(name, sizeof(name), "keyring/keys-%u", epoch);
	return datadir_path(ret, dir, name);
}

enum err
keyring_remove(const char *path)
{
	static const char *const names[] = {"data.mdb", "lock.mdb", "data.new", "lock.new"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		OWNED_MEM char *file = xasprintf("%s/%s", path, names[i]);
		if (unlink(file) && errno != ENOENT)
			return fail(E_IO, "%s: %m", file);
	}
	return rmdir(path) && errno != ENOENT ? fail(E_IO, "%s: %m", path) : OK;
}

static enum err
copy_one(const char *from, const char *to)
{
	OWNED(store) struct store *store = NULL;
	const struct store_config c = {.dir = from,
		.map_bytes = KEYRING_MAP_BYTES,
		.tables = tables,
		.table_count = ARRAY_LEN(tables),
		.read_only = true};
	if (access(to, F_OK) == 0)
		return OK;
	enum err e = store_open(&store, &c);
	return e ? e : store_copy(store, to);
}

enum err
keyring_copy_all(const char *from, const char *to)
{
	OWNED_MEM char *path = xasprintf("%s/keyring", from);
	OWNED_DIR DIR *d = opendir(path);
	const struct dirent *entry;
	if (!d)
		return errno == ENOENT ? OK : fail(E_IO, "%s: %m", path);
	enum err e = datadir_make(to, "keyring");
	while (!e && (entry = readdir(d))) {
		OWNED_MEM char *one = xasprintf("%s/%s", path, entry->d_name);
		OWNED_MEM char *copy = xasprintf("%s/keyring/%s", to, entry->d_name);
		if (strncmp(entry->d_name, "keys", 4) == 0 && !strstr(entry->d_name, ".new"))
			e = copy_one(one, copy);
	}
	return e;
}

/* reading all of it, without a key */

struct reading {
	uint32_t epoch;
	uint64_t keys;
	struct buf rows; /* digest so far, then the next row */
	uint8_t digest[HASH_BYTES];
};

static enum err
see_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct reading *r = arg;
	struct cursor c = cursor_of(value);
	(void)ret_stop;
	uint8_t version = cursor_u8(&c);
	uint32_t epoch = cursor_u32(&c);
	if (c.broken || version != KEYRING_VERSION || epoch != r->epoch ||
		key.len != ID_BYTES || value.len > ROW_BYTES_MAX)
		return fail(E_FORMAT, "a row of the keyring is not of its form");
	buf_reset(&r->rows);
	buf_add(&r->rows, r->digest, sizeof(r->digest));
	buf_blob(&r->rows, key);
	buf_blob(&r->rows, value);
	crypto_hash_one(r->digest, KEYRING_FORMAT, buf_view(&r->rows));
	r->keys++;
	return buf_check(&r->rows, "row of the keyring");
}

static enum err
read_one(struct reading *r, const char *path)
{
	OWNED(store) struct store *store = NULL;
	OWNED(store_txn) struct store_txn *t = NULL;
	const struct store_config config = {.dir = path,
		.map_bytes = KEYRING_MAP_BYTES,
		.tables = tables,
		.table_count = ARRAY_LEN(tables),
		.read_only = true};
	const struct store_range all = {.table = KEYS_TABLE};
	enum err e = store_open(&store, &config);
	if (!e)
		e = store_read(&t, store);
	return e ? e : store_each(t, &all, see_row, r);
}

/* "keys" is epoch 1, "keys-N" N; 0: another file. */
static uint32_t
epoch_of(const char *name)
{
	int64_t n = 0;
	if (strcmp(name, "keys") == 0)
		return 1;
	return strncmp(name, "keys-", 5) == 0 && text_int(view_text(name + 5), &n) && n > 1 &&
			       n <= UINT32_MAX
		       ? (uint32_t)n
		       : 0;
}

enum err
keyring_read_all(struct keyring_found *ret, const char *dir)
{
	OWNED_MEM char *path = xasprintf("%s/keyring", dir);
	OWNED_DIR DIR *d = opendir(path);
	const struct dirent *entry;
	enum err e = OK;
	*ret = (struct keyring_found){.epoch = 0};
	if (!d)
		return errno == ENOENT ? OK : fail(E_IO, "%s: %m", path);
	while (!e && (entry = readdir(d))) {
		OWNED_MEM char *one = xasprintf("%s/%s", path, entry->d_name);
		struct reading r = {.epoch = epoch_of(entry->d_name)};
		if (!r.epoch)
			continue;
		buf_init(&r.rows, 2 * ROW_BYTES_MAX);
		e = read_one(&r, one);
		buf_done(&r.rows);
		if (e || (ret->epoch && ret->epoch < r.epoch))
			continue;
		*ret = (struct keyring_found){.epoch = r.epoch, .keys = r.keys};
		memcpy(ret->digest, r.digest, sizeof(ret->digest));
	}
	return e;
}

enum err
keyring_count(struct keyring *k, uint64_t *ret)
{
	struct store_txn *t;
	*ret = 0;
	enum err e = begin_reading(&t, k);
	return e ? e : store_count(t, KEYS_TABLE, ret);
}
