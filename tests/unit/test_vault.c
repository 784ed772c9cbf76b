#include "tests/unit/vault_place.h"

/* ---- rows ---- */

static void
a_value_comes_back_from_its_own_table_only(void **state)
{
	struct place *p = *state;
	struct vault *v = open_at(p);
	keep(v, VAULT_PEOPLE, "k", "in people");
	keep(v, VAULT_CONSENTS, "k", "in consents");
	keep(v, VAULT_HEADS, "k", "");
	vault_free(v);
	OWNED(vault) struct vault *again = open_at(p);
	OWNED(vault_txn) struct vault_txn *t = NULL;
	assert_ok(vault_snapshot(&t, again));
	assert_value(t, VAULT_PEOPLE, "k", "in people");
	assert_value(t, VAULT_CONSENTS, "k", "in consents");
	assert_value(t, VAULT_HEADS, "k", "");
	assert_read(again, VAULT_ENTRIES, "k", E_NOTFOUND);
}

static void
rows_are_put_new_deleted_counted_and_forgotten_without_commit(void **state)
{
	struct place *p = *state;
	OWNED(vault) struct vault *v = open_at(p);
	struct vault_txn *t = NULL;
	uint64_t n = 0;
	keep(v, VAULT_HEADS, "a", "1");
	assert_ok(vault_begin(&t, v));
	assert_err(vault_put_new(t, VAULT_HEADS, view_text("a"), view_text("2")), E_CONFLICT);
	assert_ok(vault_put_new(t, VAULT_HEADS, view_text("b"), view_text("2")));
	assert_ok(vault_delete(t, VAULT_HEADS, view_text("a")));
	assert_err(vault_delete(t, VAULT_HEADS, view_text("a")), E_NOTFOUND);
	assert_ok(vault_count(t, VAULT_HEADS, &n));
	assert_int_equal(n, 1);
	vault_txn_free(t);
	assert_read(v, VAULT_HEADS, "a", OK);
	assert_read(v, VAULT_HEADS, "b", E_NOTFOUND);
}

static void
a_snapshot_stands_still_until_it_is_renewed(void **state)
{
	struct place *p = *state;
	OWNED(vault) struct vault *v = open_at(p);
	keep(v, VAULT_META, "k", "one");
	OWNED(vault_txn) struct vault_txn *t = NULL;
	assert_ok(vault_snapshot(&t, v));
	keep(v, VAULT_META, "k", "two");
	assert_value(t, VAULT_META, "k", "one");
	assert_ok(vault_renew(t));
	assert_value(t, VAULT_META, "k", "two");
	assert_err(vault_put(t, VAULT_META, view_text("k"), view_text("v")), E_DENIED);
	assert_ok(vault_tick(v, 1));
}

static void
keys_and_values_out_of_bounds_are_refused(void **state)
{
	struct place *p = *state;
	OWNED(vault) struct vault *v = open_at(p);
	OWNED(vault_txn) struct vault_txn *t = NULL;
	OWNED_BUF struct buf got;
	uint8_t key[600] = {1};
	buf_init(&got, 4);
	assert_ok(vault_begin(&t, v));
	struct view value = view_text("value");
	assert_err(vault_put(t, VAULT_META, view_of(key, 0), value), E_FORMAT);
	assert_err(vault_put(t, VAULT_META, view_of(key, 512), value), E_FORMAT);
	assert_err(vault_put(t, VAULT_META, view_of(key, 1),
			   view_of(key, VAULT_VALUE_MAX_BYTES + 1)),
		E_FORMAT);
	assert_ok(vault_put(t, VAULT_META, view_of(key, 511), value));
	assert_err(vault_get(t, VAULT_META, view_of(key, 512), &got), E_NOTFOUND);
	assert_err(vault_get(t, VAULT_META, view_of(key, 511), &got), E_FULL);
	assert_int_equal(got.len, 0);
}

struct heard {
	char text[64];
	size_t stop_after;
	size_t count;
	struct vault_txn *write_to;
};

/* Hears a row and moves it to another table when there is a transaction to write to. */
static enum err
hear(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct heard *h = arg;
	size_t n = strlen(h->text);
	(void)snprintf(h->text + n, sizeof(h->text) - n, "%.*s=%.*s ", (int)key.len,
		(const char *)key.at, (int)value.len, (const char *)value.at);
	*ret_stop = ++h->count == h->stop_after;
	uint8_t copy[8];
	memcpy(copy, key.at, key.len);
	struct view own = view_of(copy, key.len);
	if (!h->write_to)
		return OK;
	enum err e = vault_put(h->write_to, VAULT_STAGED, own, value);
	return e ? e : vault_delete(h->write_to, VAULT_LEAVES, own);
}

static bool
ends_in_one(struct view key)
{
	return key.len && key.at[key.len - 1] == '1';
}

static void
walks_and_last_rows_are_opened(void **state)
{
	struct place *p = *state;
	OWNED(vault) struct vault *v = open_at(p);
	keep(v, VAULT_LEAVES, "a1", "x");
	keep(v, VAULT_LEAVES, "a2", "y");
	keep(v, VAULT_LEAVES, "b1", "z");
	OWNED(vault_txn) struct vault_txn *t = NULL;
	assert_ok(vault_begin(&t, v));
	struct heard all = {0}, some = {0}, few = {0}, one = {.stop_after = 1},
		     moved = {.write_to = t};
	assert_ok(vault_each(t, &(struct vault_range){.table = VAULT_LEAVES}, hear, &all));
	assert_string_equal(all.text, "a1=x a2=y b1=z ");
	struct vault_range range = {
		.table = VAULT_LEAVES, .prefix = view_text("a"), .from = view_text("a2")};
	assert_ok(vault_each(t, &range, hear, &some));
	assert_string_equal(some.text, "a2=y ");
	struct vault_range chosen = {.table = VAULT_LEAVES, .only = ends_in_one};
	assert_ok(vault_each(t, &chosen, hear, &few));
	assert_string_equal(few.text, "a1=x b1=z ");
	assert_ok(vault_each(t, &(struct vault_range){.table = VAULT_LEAVES}, hear, &one));
	assert_string_equal(one.text, "a1=x ");
	OWNED_BUF struct buf key, value;
	buf_init(&key, 10);
	buf_init(&value, 10);
	assert_ok(vault_last(t, VAULT_LEAVES, view_text("a"), &key, &value));
	assert_true(view_same(buf_view(&key), view_text("a2")));
	assert_true(view_same(buf_view(&value), view_text("y")));
	assert_ok(vault_last(t, VAULT_LEAVES, view_text("b"), NULL, NULL));
	assert_err(vault_last(t, VAULT_LEAVES, view_text("c"), NULL, NULL), E_NOTFOUND);
	assert_ok(vault_each(t, &(struct vault_range){.table = VAULT_LEAVES}, hear, &moved));
	assert_string_equal(moved.text, all.text);
	assert_value(t, VAULT_STAGED, "b1", "z");
	assert_err(vault_last(t, VAULT_LEAVES, view_text("a"), NULL, NULL), E_NOTFOUND);
}

/* ---- sealing ---- */

/* Writes `from`'s stored bytes, with byte `flip` changed unless it is -1, to `to`. */
static void
forge(const struct place *p, enum vault_table from_table, const char *from,
	enum vault_table to_table, const char *to, int flip)
{
	OWNED(store) struct store *s = open_below(p);
	struct store_txn *t = NULL;
	struct view stored;
	OWNED_BUF struct buf copy;
	buf_init(&copy, 1000);
	assert_ok(store_write(&t, s));
	assert_ok(store_get(t, from_table, view_text(from), &stored));
	buf_add_view(&copy, stored);
	if (flip >= 0)
		copy.at[flip] ^= 1;
	assert_ok(store_put(t, to_table, view_text(to), buf_view(&copy)));
	assert_ok(store_commit(t));
}

static void
values_moved_to_another_row_or_table_are_found(void **state)
{
	struct place *p = *state;
	struct vault *v = open_at(p);
	keep(v, VAULT_PEOPLE, "a", "first");
	keep(v, VAULT_PEOPLE, "b", "second");
	keep(v, VAULT_RELEASES, "a", "third");
	keep(v, VAULT_HEADS, "a", "in heads, a name as long as parts");
	vault_free(v);
	forge(p, VAULT_PEOPLE, "a", VAULT_PEOPLE, "b", -1);
	forge(p, VAULT_PEOPLE, "a", VAULT_RELEASES, "a", -1);
	forge(p, VAULT_HEADS, "a", VAULT_PARTS, "a", -1);
	OWNED(vault) struct vault *again = open_at(p);
	assert_read(again, VAULT_PEOPLE, "a", OK);
	assert_read(again, VAULT_PEOPLE, "b", E_AUTH);
	assert_non_null(strstr(err_text(), "people"));
	assert_non_null(strstr(err_text(), "is damaged"));
	assert_read(again, VAULT_RELEASES, "a", E_AUTH);
	assert_non_null(strstr(err_text(), "releases"));
	assert_read(again, VAULT_HEADS, "a", OK);
	assert_read(again, VAULT_PARTS, "a", E_AUTH);
	OWNED(vault_txn) struct vault_txn *t = NULL;
	struct heard h = {0};
	assert_ok(vault_snapshot(&t, again));
	assert_err(
		vault_each(t, &(struct vault_range){.table = VAULT_PEOPLE}, hear, &h), E_AUTH);
	assert_string_equal(h.text, "a=first ");
	assert_err(vault_last(t, VAULT_PEOPLE, view_of(NULL, 0), NULL, NULL), E_AUTH);
}

static void
any_changed_byte_of_a_value_is_found(void **state)
{
	struct place *p = *state;
	vault_free(open_at(p));
	for (int at = 0; at < AEAD_EXTRA_BYTES + 5; at++) {
		struct vault *v = open_at(p);
		keep(v, VAULT_STAGED, "k", "value");
		assert_read(v, VAULT_STAGED, "k", OK);
		vault_free(v);
		forge(p, VAULT_STAGED, "k", VAULT_STAGED, "k", at);
		v = open_at(p);
		assert_read(v, VAULT_STAGED, "k", E_AUTH);
		vault_free(v);
	}
}

/* Adds the nonce that a row was sealed with. */
static void
read_nonce(struct place *p, const char *key, struct buf *out)
{
	const struct store_config c = {.dir = p->dir,
		.map_bytes = limits.map_bytes,
		.tables = vault_table_names,
		.table_count = VAULT_TABLE_COUNT};
	OWNED(store) struct store *s = NULL;
	OWNED(store_txn) struct store_txn *t = NULL;
	struct view sealed;
	assert_ok(store_open(&s, &c));
	assert_ok(store_read(&t, s));
	assert_ok(store_get(t, VAULT_STAGED, view_text(key), &sealed));
	buf_add(out, sealed.at, 24);
}

static void
no_two_values_are_sealed_with_one_nonce(void **state)
{
	static const char *const keys[] = {"a", "b", "c", "d"};
	struct place *p = *state;
	struct vault *v = open_at(p);
	struct vault_txn *t = NULL;
	assert_ok(vault_begin(&t, v));
	assert_ok(vault_put(t, VAULT_STAGED, view_text("a"), view_text("value")));
	assert_ok(vault_put_new(t, VAULT_STAGED, view_text("b"), view_text("value")));
	assert_ok(vault_commit(t));
	assert_ok(vault_begin(&t, v));
	assert_ok(vault_put(t, VAULT_STAGED, view_text("lost"), view_text("value")));
	vault_txn_free(t);
	keep(v, VAULT_STAGED, "c", "value");
	vault_free(v);
	v = open_at(p);
	keep(v, VAULT_STAGED, "d", "value");
	vault_free(v);
	OWNED_BUF struct buf nonces;
	buf_init(&nonces, 1000);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		read_nonce(p, keys[i], &nonces);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(nonces.at + 24 * i, nonces.at + 24 * k, 24);
	assert_memory_equal(nonces.at, nonces.at + 24, 16);
	assert_memory_not_equal(nonces.at, nonces.at + 48, 16);
	assert_memory_not_equal(nonces.at + 48, nonces.at + 72, 16);
}

static void
no_plain_value_reaches_the_file(void **state)
{
	static const char plain[] = "a value that must not be readable on the disk";
	struct place *p = *state;
	struct vault *v = open_at(p);
	keep(v, VAULT_PEOPLE, "key-in-clear", plain);
	vault_free(v);
	OWNED_MEM char *path = xasprintf("%s/data.mdb", p->dir);
	OWNED_MEM char *content = xcalloc(1, (size_t)4 << 20);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	size_t len = fread(content, 1, (size_t)4 << 20, f);
	(void)fclose(f);
	assert_null(memmem(content, len, plain, strlen(plain)));
	assert_non_null(memmem(content, len, "key-in-clear", 12));
}

static void
another_key_is_refused_at_once(void **state)
{
	struct place *p = *state;
	struct vault *v = open_at(p);
	keep(v, VAULT_META, "k", "v");
	vault_free(v);
	OWNED_SECRET struct secret *wrong = secret_new(AEAD_KEY_BYTES);
	OWNED_SECRET struct secret *short_one = secret_new(AEAD_KEY_BYTES / 2);
	const struct vaultkeys other = {p->root, wrong}, half = {p->root, short_one};
	assert_err(vault_open_lmdb(&v, p->dir, &other, &limits, false), E_AUTH);
	assert_null(v);
	assert_err(vault_open_lmdb(&v, p->dir, &other, &limits, true), E_AUTH);
	assert_err(vault_open_lmdb(&v, p->dir, &half, &limits, false), E_FORMAT);
	v = open_at(p);
	assert_read(v, VAULT_META, "k", OK);
	vault_free(v);
}

static void
a_vault_whose_format_row_is_gone_is_refused(void **state)
{
	struct place *p = *state;
	struct vault *v = open_at(p);
	keep(v, VAULT_PEOPLE, "k", "v");
	vault_free(v);
	struct store *s = open_below(p);
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(store_delete(t, VAULT_META, view_text("vault-format")));
	assert_ok(store_commit(t));
	store_free(s);
	assert_err(vault_open_lmdb(&v, p->dir, &p->keys, &limits, false), E_FORMAT);
	assert_non_null(strstr(err_text(), "damaged"));
	assert_err(vault_open_lmdb(&v, p->dir, &p->keys, &limits, true), E_NOTFOUND);
}

static void
a_reader_needs_the_vault_and_cannot_write(void **state)
{
	struct place *p = *state;
	struct vault *v = NULL;
	struct vault_txn *t = NULL;
	assert_err(vault_open_lmdb(&v, p->dir, &p->keys, &limits, true), E_NOTFOUND);
	assert_non_null(strstr(err_text(), p->dir));
	vault_free(open_at(p));
	assert_ok(vault_open_lmdb(&v, p->dir, &p->keys, &limits, true));
	assert_err(vault_begin(&t, v), E_DENIED);
	vault_free(v);
}

static void
a_full_vault_still_takes_withdrawals(void **state)
{
	struct place *p = *state;
	const struct vault_limits small = {
		.map_bytes = limits.map_bytes, .limit_bytes = 1 << 20};
	OWNED(vault) struct vault *v = NULL;
	assert_ok(vault_open_lmdb(&v, p->dir, &p->keys, &small, false));
	OWNED_MEM uint8_t *big = xcalloc(1, (size_t)1 << 20);
	struct vault_txn *t = NULL;
	assert_ok(vault_begin(&t, v));
	assert_err(vault_put(t, VAULT_DOCUMENTS, view_text("d"), view_of(big, (size_t)1 << 20)),
		E_FULL);
	vault_txn_free(t);
	assert_ok(vault_begin_reserve(&t, v));
	assert_ok(vault_put(t, VAULT_DOCUMENTS, view_text("d"), view_of(big, (size_t)1 << 20)));
	assert_ok(vault_commit(t));
	assert_err(vault_begin(&t, v), E_FULL);
	assert_ok(vault_begin_reserve(&t, v));
	assert_ok(vault_put(t, VAULT_PEOPLE, view_text("p"), view_text("withdrawn")));
	assert_ok(vault_commit(t));
	assert_read(v, VAULT_PEOPLE, "p", OK);
}

/* Sixteen thousand rows in one transaction, as a refill of a node brings them. */
static void
many_rows_go_in_one_transaction(void **state)
{
	struct place *p = *state;
	OWNED(vault) struct vault *v = open_at(p);
	OWNED(vault_txn) struct vault_txn *t = NULL;
	uint8_t value[600] = {0};
	const uint32_t rows_count = 16000;
	assert_ok(vault_begin(&t, v));
	for (uint32_t i = 0; i < rows_count; i++) {
		uint8_t key[45] = {0};
		key[43] = (uint8_t)(i >> 8);
		key[44] = (uint8_t)i;
		assert_ok(vault_put_new(t, VAULT_ENTRIES, view_of(key, sizeof(key)),
			view_of(value, sizeof(value))));
	}
	assert_ok(vault_commit(take(t)));
	uint64_t n = 0;
	assert_ok(vault_snapshot(&t, v));
	assert_ok(vault_count(t, VAULT_ENTRIES, &n));
	assert_int_equal(n, rows_count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_place(a_value_comes_back_from_its_own_table_only),
		at_a_place(rows_are_put_new_deleted_counted_and_forgotten_without_commit),
		at_a_place(a_snapshot_stands_still_until_it_is_renewed),
		at_a_place(keys_and_values_out_of_bounds_are_refused),
		at_a_place(walks_and_last_rows_are_opened),
		at_a_place(values_moved_to_another_row_or_table_are_found),
		at_a_place(any_changed_byte_of_a_value_is_found),
		at_a_place(no_two_values_are_sealed_with_one_nonce),
		at_a_place(no_plain_value_reaches_the_file),
		at_a_place(another_key_is_refused_at_once),
		at_a_place(a_vault_whose_format_row_is_gone_is_refused),
		at_a_place(a_reader_needs_the_vault_and_cannot_write),
		at_a_place(a_full_vault_still_takes_withdrawals),
		at_a_place(many_rows_go_in_one_transaction),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}
