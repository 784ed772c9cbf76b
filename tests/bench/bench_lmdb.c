#include "tests/bench/bench_lmdb.h"

#include <lmdb.h>

#include "common/base/mem.h"

#include "tests/bench/bench.h"

#define MAP_BYTES ((size_t)4 << 30)
#define MODE      0600
#define KEY_BYTES 14 /* as long as a part's key at a node */

struct bench_lmdb {
	MDB_env *env;
	MDB_txn *txn; /* NULL between commits */
	MDB_dbi table;
	uint64_t next;
};

static void
begin(struct bench_lmdb *l)
{
	bench_zero(mdb_txn_begin(l->env, NULL, 0, &l->txn), "lmdb begin");
}

struct bench_lmdb *
bench_lmdb_open(const char *dir)
{
	struct bench_lmdb *l = xcalloc(1, sizeof(*l));
	bench_zero(mdb_env_create(&l->env), "lmdb environment");
	bench_zero(mdb_env_set_mapsize(l->env, MAP_BYTES), "lmdb map");
	bench_zero(mdb_env_open(l->env, dir, 0, MODE), "lmdb open");
	begin(l);
	bench_zero(mdb_dbi_open(l->txn, NULL, 0, &l->table), "lmdb table");
	bench_lmdb_commit(l);
	return l;
}

void
bench_lmdb_free(struct bench_lmdb *l)
{
	if (!l)
		return;
	if (l->txn)
		mdb_txn_abort(l->txn);
	mdb_env_close(l->env);
	mem_drop(&l);
}

static void
make_key(uint8_t ret[static KEY_BYTES], uint64_t n)
{
	for (size_t i = 0; i < KEY_BYTES; i++)
		ret[KEY_BYTES - 1 - i] = (uint8_t)(i < sizeof(n) ? n >> (8 * i) : 0);
}

struct view
bench_lmdb_get(struct bench_lmdb *l, uint64_t n)
{
	uint8_t key[KEY_BYTES];
	if (!l->txn)
		begin(l);
	make_key(key, n);
	MDB_val k = {sizeof(key), key}, v = {0, NULL};
	bench_zero(mdb_get(l->txn, l->table, &k, &v), "lmdb get");
	return view_of(v.mv_data, v.mv_size);
}

void
bench_lmdb_put(struct bench_lmdb *l, struct view value)
{
	uint8_t key[KEY_BYTES];
	if (!l->txn)
		begin(l);
	make_key(key, l->next++);
	MDB_val k = {sizeof(key), key}, v = {value.len, NULL};
	/* LMDB takes a pointer to what it does not change; reserving spares the cast. */
	bench_zero(mdb_put(l->txn, l->table, &k, &v, MDB_APPEND | MDB_RESERVE), "lmdb put");
	struct cursor from = cursor_of(value);
	cursor_copy(&from, v.mv_data, value.len);
}

void
bench_lmdb_commit(struct bench_lmdb *l)
{
	MDB_txn *t = take(l->txn);
	if (t)
		bench_zero(mdb_txn_commit(t), "lmdb commit");
}
