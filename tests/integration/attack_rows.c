#include "tests/integration/attack_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/store/store.h"

#define PATH_BYTES  4096
#define PLACE_BYTES 1024
#define MAP_BYTES   ((size_t)1 << 30)

struct attack_rows {
	const struct attack *pool;
	size_t last; /* the secret that opened last is tried first */
	struct store *store;
	struct store_txn *txn;
};

enum err
attack_rows_open(struct attack_rows **ret, const char *dir, const struct attack *pool)
{
	OWNED(attack_rows) struct attack_rows *r = xcalloc(1, sizeof(*r));
	char path[PATH_BYTES];
	const struct store_config c = {.dir = path,
		.map_bytes = MAP_BYTES,
		.tables = vault_table_names,
		.table_count = VAULT_TABLE_COUNT,
		.read_only = true};
	*ret = NULL;
	r->pool = pool;
	(void)snprintf(path, sizeof(path), "%s/vault", dir);
	enum err e = store_open(&r->store, &c);
	if (!e)
		e = store_read(&r->txn, r->store);
	if (!e)
		*ret = take(r);
	return e;
}

void
attack_rows_free(struct attack_rows *r)
{
	if (!r)
		return;
	store_txn_free(r->txn);
	store_free(r->store);
	mem_drop(&r);
}

/* As vault.h says: XChaCha20-Poly1305 with the table's name, a zero byte and the key. */
static enum err
open_row(struct attack_rows *r, enum vault_table table, struct view key, struct view sealed,
	struct buf *out)
{
	const size_t count = attack_pool_count(r->pool);
	OWNED_BUF struct buf place;
	buf_init(&place, PLACE_BYTES);
	buf_add(&place, vault_table_names[table], strlen(vault_table_names[table]) + 1);
	buf_add_view(&place, key);
	for (size_t i = 0; i < count; i++) {
		const size_t at = (r->last + i) % count;
		enum err e = aead_open(out, sealed, buf_view(&place), attack_pool(r->pool, at));
		if (e == E_AUTH)
			continue;
		r->last = at;
		return e;
	}
	return fail(E_AUTH, "no secret of the pool opens this row");
}

enum err
attack_rows_get(struct attack_rows *r, enum vault_table table, struct view key, struct buf *out)
{
	struct view sealed;
	enum err e = store_get(r->txn, table, key, &sealed);
	return e ? e : open_row(r, table, key, sealed, out);
}

struct walk {
	struct attack_rows *rows;
	enum vault_table table;
	vault_each_fn *each;
	void *arg;
	uint64_t count;
};

static enum err
see_row(void *arg, struct view key, struct view sealed, bool *ret_stop)
{
	struct walk *w = arg;
	OWNED_BUF struct buf plain;
	buf_init(&plain, VAULT_VALUE_MAX_BYTES);
	w->count++;
	enum err e = open_row(w->rows, w->table, key, sealed, &plain);
	if (e)
		return e == E_AUTH ? OK : e;
	return w->each(w->arg, key, buf_view(&plain), ret_stop);
}

enum err
attack_rows_each(struct attack_rows *r, enum vault_table table, vault_each_fn *each, void *arg,
	uint64_t *ret_rows)
{
	struct walk w = {.rows = r, .table = table, .each = each, .arg = arg};
	const struct store_range all = {.table = table};
	enum err e = store_each(r->txn, &all, see_row, &w);
	*ret_rows = w.count;
	return e;
}

static enum err
count_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	uint64_t *opened = arg;
	(void)key;
	(void)value;
	(void)ret_stop;
	++*opened;
	return OK;
}

enum err
attack_rows_print(struct attack_rows *r)
{
	uint64_t all = 0, all_opened = 0;
	enum err e = OK;
	for (size_t i = 0; !e && i < VAULT_TABLE_COUNT; i++) {
		const enum vault_table table = (enum vault_table)i;
		uint64_t rows = 0, opened = 0;
		if (table == VAULT_META)
			continue;
		e = attack_rows_each(r, table, count_row, &opened, &rows);
		all += rows;
		all_opened += opened;
		if (table == VAULT_PARTS || table == VAULT_VERDICTS || table == VAULT_PEOPLE)
			printf("hub_%s %" PRIu64 "\nhub_%s_opened %" PRIu64 "\n",
				vault_table_names[table], rows, vault_table_names[table],
				opened);
	}
	printf("hub_rows %" PRIu64 "\nhub_rows_opened %" PRIu64 "\n", all, all_opened);
	return e;
}
