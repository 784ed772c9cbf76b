#include "tests/unit/vault_place.h"

#include "hub/vault_move.h"
#include "hub/vault_scan.h"

#define PIECE_BYTES 2000
#define ROWS        60

/* ---- the bench ---- */

static void
fill(struct vault *v)
{
	char key[16];
	for (unsigned i = 0; i < ROWS; i++) {
		(void)snprintf(key, sizeof(key), "k%02u", i);
		keep(v, i % 2 ? VAULT_PEOPLE : VAULT_PARTS, key, "a value of before");
	}
}

static void
assert_filled(struct vault *v)
{
	OWNED(vault_txn) struct vault_txn *t = NULL;
	char key[16];
	assert_ok(vault_snapshot(&t, v));
	for (unsigned i = 0; i < ROWS; i++) {
		(void)snprintf(key, sizeof(key), "k%02u", i);
		assert_value(t, i % 2 ? VAULT_PEOPLE : VAULT_PARTS, key, "a value of before");
	}
}

static void
move_all(struct vault *v, uint32_t above)
{
	bool done = false;
	assert_ok(vault_move_begin(v, above));
	while (!done)
		assert_ok(vault_move_step(v, PIECE_BYTES, &done));
}

/* As the next transaction sees it. */
static uint32_t
number_of(struct vault *v)
{
	OWNED(vault_txn) struct vault_txn *t = NULL;
	assert_ok(vault_snapshot(&t, v));
	return vault_key_number(v);
}

static void
assert_keys(const struct place *p, uint32_t oldest, uint32_t newest)
{
	struct vaultkeys_there there;
	assert_ok(vaultkeys_look(&p->keys, &there));
	assert_int_equal(there.oldest, oldest);
	assert_int_equal(there.newest, newest);
}

/* What a thief of the disk sees: how many rows there are, and how many this key opens. */
struct below {
	struct rowkey *key;
	enum vault_table table;
	size_t rows, opened;
};

static enum err
try_row(void *arg, struct view key, struct view sealed, bool *ret_stop)
{
	struct below *b = arg;
	OWNED_BUF struct buf place, plain;
	buf_init(&place, 600);
	buf_init(&plain, 600);
	(void)ret_stop;
	buf_add(&place, vault_table_names[b->table], strlen(vault_table_names[b->table]) + 1);
	buf_add_view(&place, key);
	b->rows++;
	b->opened += rowkey_open(&plain, sealed, buf_view(&place), b->key) == OK;
	return OK;
}

static void
count_below(const struct place *p, struct secret *key, struct below *ret)
{
	static const enum vault_table tables[] = {VAULT_PARTS, VAULT_PEOPLE};
	OWNED(store) struct store *s = open_below(p);
	OWNED(store_txn) struct store_txn *t = NULL;
	OWNED(rowkey) struct rowkey *row = rowkey_new(secret_bytes(key));
	*ret = (struct below){.key = row};
	assert_ok(store_read(&t, s));
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		const struct store_range all = {.table = tables[i]};
		ret->table = tables[i];
		assert_ok(store_each(t, &all, try_row, ret));
	}
}

static struct secret *
key_of(const struct place *p, uint32_t number)
{
	struct secret *key = NULL;
	assert_ok(vaultkeys_get(&p->keys, number, &key));
	return key;
}

/* ---- tests ---- */

static void
every_row_is_under_the_new_key_and_none_under_the_old(void **state)
{
	struct place *p = *state;
	struct vault *v = open_at(p);
	struct below under;
	fill(v);
	assert_int_equal(number_of(v), 1);
	move_all(v, 0);
	assert_int_equal(number_of(v), 2);
	assert_filled(v);
	keep(v, VAULT_PEOPLE, "later", "a value of after");
	vault_free(v);
	assert_keys(p, 1, 2);
	OWNED_SECRET struct secret *first = key_of(p, 1), *second = key_of(p, 2);
	count_below(p, first, &under);
	assert_int_equal(under.rows, ROWS + 1);
	assert_int_equal(under.opened, 0);
	count_below(p, second, &under);
	assert_int_equal(under.opened, ROWS + 1);
	OWNED(vault) struct vault *again = open_at(p);
	assert_filled(again);
	assert_read(again, VAULT_PEOPLE, "later", OK);
}

static void
rows_written_beside_the_move_are_under_the_new_key(void **state)
{
	struct place *p = *state;
	struct vault *v = open_at(p);
	struct below under;
	bool done = false;
	char key[16];
	unsigned written = 0;
	fill(v);
	assert_ok(vault_move_begin(v, 0));
	while (!done) {
		(void)snprintf(key, sizeof(key), "b%02u", written++ % 100);
		keep(v, VAULT_PARTS, key, "beside");
		assert_ok(vault_move_step(v, PIECE_BYTES, &done));
	}
	assert_true(written > 3);
	assert_filled(v);
	keep(v, VAULT_PARTS, "b99", "behind");
	vault_free(v);
	OWNED_SECRET struct secret *second = key_of(p, 2);
	count_below(p, second, &under);
	assert_int_equal(under.opened, under.rows);
	assert_true(under.rows > ROWS);
}

static void
a_reader_goes_over_to_the_new_key(void **state)
{
	struct place *p = *state;
	OWNED(vault) struct vault *v = open_at(p), *reader = NULL;
	OWNED(vault_txn) struct vault_txn *t = NULL;
	uint32_t oldest = 0;
	fill(v);
	assert_ok(vault_open_lmdb(&reader, p->dir, &p->keys, &limits, true));
	assert_ok(vault_snapshot(&t, reader));
	move_all(v, 0);
	assert_int_equal(number_of(v), 2);
	assert_ok(vault_destroy_keys(v, 2, &oldest));
	assert_int_equal(oldest, 2);
	assert_value(t, VAULT_PEOPLE, "k01", "a value of before"); /* of the old file */
	keep(v, VAULT_PEOPLE, "k01", "another");
	assert_ok(vault_renew(t));
	assert_value(t, VAULT_PEOPLE, "k01", "another");
	assert_int_equal(vault_key_number(reader), 2);
}

static void
a_destroyed_key_opens_no_copy_and_says_so(void **state)
{
	struct place *p = *state;
	OWNED(vault) struct vault *v = open_at(p), *none = NULL;
	OWNED_MEM char *copy = xasprintf("%s/copy", p->root);
	uint32_t oldest = 0;
	fill(v);
	assert_ok(vault_copy(v, copy));
	move_all(v, 0);
	assert_int_equal(number_of(v), 2);
	assert_ok(vault_open_lmdb(&none, copy, &p->keys, &limits, true));
	assert_filled(none);
	vault_free(take(none));
	assert_ok(vault_destroy_keys(v, 9, &oldest)); /* never that in force */
	assert_int_equal(oldest, 2);
	assert_keys(p, 2, 2);
	assert_err(vault_open_lmdb(&none, copy, &p->keys, &limits, true), E_AUTH);
	assert_non_null(strstr(err_text(), "vault key 1"));
	assert_non_null(strstr(err_text(), "destroyed"));
	assert_filled(v);
}

/* Killed behind each piece: vault and keys as they lie there open, and a move begins anew. */
static void
a_move_may_stop_behind_each_piece(void **state)
{
	struct place *p = *state;
	OWNED(vault) struct vault *v = open_at(p);
	OWNED_MEM char *root = xasprintf("%s/killed", p->root);
	OWNED_MEM char *command = xasprintf("rm -rf '%s'; mkdir '%s'; cp -r '%s' '%s/v' && "
					    "cp -r '%s/vaultkeys' '%s/vaultkeys'",
		root, root, p->dir, root, p->root, root);
	struct place copy = {.keys = {root, p->keys.key}};
	bool done = false;
	(void)snprintf(copy.dir, sizeof(copy.dir), "%s/v", root);
	fill(v);
	assert_ok(vault_move_begin(v, 0));
	for (uint32_t pieces = 0; !done; pieces++) {
		assert_ok(vault_move_step(v, PIECE_BYTES, &done));
		assert_int_equal(system(command), 0);
		OWNED(vault) struct vault *again = open_at(&copy);
		assert_filled(again);
		const uint32_t number = vault_key_number(again);
		assert_in_range(number, 1, 2);
		move_all(again, 0);
		assert_int_equal(number_of(again), 3); /* never one that a move had */
		assert_filled(again);
	}
}

static void
a_move_that_is_given_up_leaves_no_key(void **state)
{
	struct place *p = *state;
	OWNED(vault) struct vault *v = open_at(p);
	bool done = false;
	fill(v);
	for (int i = 0; i < 70; i++) { /* more than keys may be kept */
		assert_ok(vault_move_begin(v, 0));
		assert_ok(vault_move_step(v, PIECE_BYTES, &done));
		vault_move_give_up(v);
	}
	assert_keys(p, 1, 71);
	assert_int_equal(number_of(v), 1);
	assert_err(vault_move_step(v, PIECE_BYTES, &done), E_NOTFOUND);
	move_all(v, 100);
	assert_int_equal(number_of(v), 101);
	assert_keys(p, 1, 101);
	move_all(v, 0);
	move_all(v, 0);
	assert_int_equal(number_of(v), 103);
	assert_filled(v);
}

/* Nothing is known then of the moves before but their keys. */
static void
moves_that_restarts_cut_off_do_not_use_up_the_keys(void **state)
{
	struct place *p = *state;
	OWNED(vault) struct vault *v = open_at(p);
	fill(v);
	move_all(v, 0);
	for (int i = 0; i < 70; i++) { /* more than keys may be kept */
		assert_ok(vault_move_begin(v, 0));
		vault_free(v);
		v = open_at(p);
	}
	assert_int_equal(number_of(v), 2);
	assert_filled(v);
	move_all(v, 0);
	assert_int_equal(number_of(v), 73);
	assert_filled(v);
	OWNED_SECRET struct secret *first = key_of(p, 1); /* it opens a backup, perhaps */
	assert_non_null(first);
}

/* An older vault was put back: that of the newest backup is under a later key. */
static void
the_key_of_the_newest_backup_stays_where_moves_were_cut_off(void **state)
{
	struct place *p = *state;
	OWNED(vault) struct vault *v = open_at(p);
	const uint32_t backed = 5;
	assert_ok(vault_move_begin(v, backed - 1));
	for (int i = 0; i < 70; i++) {
		vault_free(v);
		v = open_at(p);
		assert_ok(vault_move_begin(v, backed));
		OWNED_SECRET struct secret *newest = key_of(p, backed);
		assert_non_null(newest);
	}
}

static void
keys_that_no_backup_went_beyond_are_kept_up_to_a_limit(void **state)
{
	struct place *p = *state;
	OWNED(vault) struct vault *v = open_at(p);
	uint32_t oldest = 0;
	for (int i = 0; i < 63; i++)
		move_all(v, 0);
	assert_err(vault_move_begin(v, 0), E_FULL);
	assert_non_null(strstr(err_text(), "backup"));
	assert_int_equal(number_of(v), 64);
	assert_ok(vault_destroy_keys(v, 2, &oldest));
	move_all(v, 0);
	assert_int_equal(number_of(v), 65);
	assert_keys(p, 2, 65);
}

static void
a_row_that_does_not_open_moves_as_it_is(void **state)
{
	struct place *p = *state;
	struct vault *v = open_at(p);
	fill(v);
	vault_free(v);
	struct store *s = open_below(p);
	struct store_txn *t = NULL;
	assert_ok(store_write(&t, s));
	assert_ok(store_put(t, VAULT_PARTS, view_text("k00"), view_text("no sealed value")));
	assert_ok(store_commit(t));
	store_free(s);
	v = open_at(p);
	move_all(v, 0);
	assert_read(v, VAULT_PARTS, "k00", E_AUTH);
	assert_read(v, VAULT_PARTS, "k02", OK);
	vault_free(v);
}

static void
without_its_file_of_keys_a_vault_says_what_is_missing(void **state)
{
	struct place *p = *state;
	struct vault *v = NULL;
	OWNED_MEM char *command = xasprintf("rm '%s/vaultkeys/keys'", p->root);
	vault_free(open_at(p));
	assert_err(vaultkeys_make(&p->keys), E_CONFLICT);
	assert_int_equal(system(command), 0);
	assert_err(vault_open_lmdb(&v, p->dir, &p->keys, &limits, false), E_AUTH);
	assert_non_null(strstr(err_text(), "put it back from the copy of the keys"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_place(every_row_is_under_the_new_key_and_none_under_the_old),
		at_a_place(rows_written_beside_the_move_are_under_the_new_key),
		at_a_place(a_reader_goes_over_to_the_new_key),
		at_a_place(a_destroyed_key_opens_no_copy_and_says_so),
		at_a_place(a_move_may_stop_behind_each_piece),
		at_a_place(a_move_that_is_given_up_leaves_no_key),
		at_a_place(moves_that_restarts_cut_off_do_not_use_up_the_keys),
		at_a_place(the_key_of_the_newest_backup_stays_where_moves_were_cut_off),
		at_a_place(keys_that_no_backup_went_beyond_are_kept_up_to_a_limit),
		at_a_place(a_row_that_does_not_open_moves_as_it_is),
		at_a_place(without_its_file_of_keys_a_vault_says_what_is_missing),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("vault_move", tests, NULL, NULL);
}
