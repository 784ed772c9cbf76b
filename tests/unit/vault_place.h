/* vault_place - a vault and its keys in a directory of its own for each test, for the suites of
 * the vault. */
#ifndef WEIR_TESTS_VAULT_PLACE_H
#define WEIR_TESTS_VAULT_PLACE_H

#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/store/store.h"
#include "common/trust/rowkey.h"
#include "hub/vault_ops.h"
#include "hub/vaultkeys.h"

static const struct vault_limits limits = {.map_bytes = (size_t)256 << 20};

/* A directory and keys of its own for each test. */
struct place {
	char root[32];
	char dir[48]; /* of the vault */
	struct vaultkeys keys;
};

static inline int
make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	if (!own_dir_make(p->root, sizeof(p->root), "vault"))
		return -1;
	(void)snprintf(p->dir, sizeof(p->dir), "%s/v", p->root);
	p->keys = (struct vaultkeys){p->root, secret_new(AEAD_KEY_BYTES)};
	memset(secret_bytes(p->keys.key), 7, AEAD_KEY_BYTES);
	assert_ok(vaultkeys_make(&p->keys));
	*state = p;
	return 0;
}

static inline int
drop_place(void **state)
{
	struct place *p = *state;
	int rc = own_dir_drop(p->root);
	secret_free(p->keys.key);
	free(p);
	return rc;
}

static inline struct vault *
open_at(struct place *p)
{
	struct vault *v = NULL;
	assert_ok(vault_open_lmdb(&v, p->dir, &p->keys, &limits, false));
	return v;
}

static inline void
keep(struct vault *v, enum vault_table table, const char *key, const char *value)
{
	struct vault_txn *t = NULL;
	assert_ok(vault_begin(&t, v));
	assert_ok(vault_put(t, table, view_text(key), view_text(value)));
	assert_ok(vault_commit(t));
}

static inline void
assert_value(struct vault_txn *t, enum vault_table table, const char *key, const char *value)
{
	OWNED_BUF struct buf got;
	buf_init(&got, 100);
	assert_ok(vault_get(t, table, view_text(key), &got));
	assert_true(view_same(buf_view(&got), view_text(value)));
}

static inline void
assert_read(struct vault *v, enum vault_table table, const char *key, enum err expected)
{
	OWNED(vault_txn) struct vault_txn *t = NULL;
	OWNED_BUF struct buf got;
	buf_init(&got, 100);
	assert_ok(vault_snapshot(&t, v));
	assert_err(vault_get(t, table, view_text(key), &got), expected);
	if (expected)
		assert_int_equal(got.len, 0);
}

/* What somebody does who has the disk: the tables below the vault, without the key. */
static inline struct store *
open_below(const struct place *p)
{
	struct store *s = NULL;
	struct store_config c = {.dir = p->dir,
		.map_bytes = limits.map_bytes,
		.tables = vault_table_names,
		.table_count = VAULT_TABLE_COUNT};
	assert_ok(store_open(&s, &c));
	return s;
}

#define at_a_place(test) cmocka_unit_test_setup_teardown(test, make_place, drop_place)

#endif
