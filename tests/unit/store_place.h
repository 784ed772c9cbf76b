/* store_place - a store in a directory of its own for each test, for the suites of store. */
#ifndef WEIR_TESTS_STORE_PLACE_H
#define WEIR_TESTS_STORE_PLACE_H

#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/store/store.h"

#define MAP_BYTES ((size_t)64 << 20)

enum table { FISH, STONES, TABLE_COUNT };
static const char *const tables[] = {"fish", "stones"};

/* A directory of its own for each test; `dir` inside it does not exist yet. */
struct place {
	char root[32];
	char dir[48];
};

static inline int
make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	if (!own_dir_make(p->root, sizeof(p->root), "store"))
		return -1;
	(void)snprintf(p->dir, sizeof(p->dir), "%s/s", p->root);
	*state = p;
	return 0;
}

static inline int
drop_place(void **state)
{
	struct place *p = *state;
	int rc = own_dir_drop(p->root);
	free(p);
	return rc;
}

static inline struct store_config
config_of(const char *dir)
{
	return (struct store_config){.dir = dir,
		.map_bytes = MAP_BYTES,
		.tables = tables,
		.table_count = TABLE_COUNT};
}

static inline struct store *
open_at(const char *dir)
{
	struct store *s = NULL;
	struct store_config c = config_of(dir);
	assert_ok(store_open(&s, &c));
	return s;
}

static inline void
keep(struct store *s, enum table table, const char *key, const char *value)
{
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(store_put(t, table, view_text(key), view_text(value)));
	assert_ok(store_commit(t));
}

static inline void
assert_value(struct store_txn *t, enum table table, const char *key, const char *value)
{
	struct view got;
	assert_ok(store_get(t, table, view_text(key), &got));
	assert_true(view_same(got, view_text(value)));
}

static inline void
assert_kept(struct store *s, enum table table, const char *key, const char *value)
{
	OWNED(store_txn) struct store_txn *t = NULL;
	assert_ok(store_read(&t, s));
	assert_value(t, table, key, value);
}

static inline enum err
put_many(struct store_txn *t, uint8_t first, size_t count, size_t value_bytes)
{
	OWNED_MEM uint8_t *value = xcalloc(1, value_bytes);
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++) {
		uint8_t key[2] = {first, (uint8_t)i};
		e = store_put(t, FISH, view_of(key, 2), view_of(value, value_bytes));
	}
	return e;
}

#define at_a_place(test) cmocka_unit_test_setup_teardown(test, make_place, drop_place)

#endif
