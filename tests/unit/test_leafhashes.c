#include "tests/unit/suite.h"

#include "hub/leafhashes.h"
#include "tests/unit/hub_place.h"

/* The hash of each leaf is told by its number. */
static void
hash_of(uint8_t ret[static HASH_BYTES], uint64_t index)
{
	memset(ret, (int)(index % 251), HASH_BYTES);
	ret[0] = (uint8_t)(index >> 8);
}

static void
add(struct hub_place *p, struct leafhashes *l, size_t count)
{
	struct vault_txn *t = NULL;
	uint8_t hash[HASH_BYTES];
	assert_ok(hub_txn(&p->hub, &t));
	for (size_t i = 0; i < count; i++) {
		hash_of(hash, l->size);
		assert_ok(leafhashes_add(l, t, hash));
	}
	assert_ok(leafhashes_keep(l, t));
}

static enum err
see(void *arg, const uint8_t hash[static HASH_BYTES])
{
	uint64_t *next = arg;
	uint8_t expected[HASH_BYTES];
	hash_of(expected, (*next)++);
	assert_memory_equal(hash, expected, HASH_BYTES);
	return OK;
}

static void
assert_all(struct hub_place *p, uint64_t count)
{
	struct vault_txn *t = NULL;
	uint8_t hash[HASH_BYTES], expected[HASH_BYTES];
	uint64_t next = 0;
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(leafhashes_each(t, see, &next));
	assert_int_equal(next, count);
	for (uint64_t i = 0; i < count; i++) {
		hash_of(expected, i);
		assert_ok(leafhashes_get(t, i, hash));
		assert_memory_equal(hash, expected, HASH_BYTES);
	}
	assert_err(leafhashes_get(t, count, hash), E_NOTFOUND);
	hub_abort(&p->hub);
}

static void
all_hashes_come_back_in_their_order(void **state)
{
	struct hub_place *p = *state;
	static const size_t turns[] = {1, 62, 1, 1, 63, 64, 0, 130, 3};
	struct leafhashes l = {.size = 0};
	uint64_t count = 0;
	for (size_t i = 0; i < ARRAY_LEN(turns); i++) {
		add(p, &l, turns[i]);
		assert_ok(hub_commit(&p->hub));
		count += turns[i];
		assert_all(p, count);
		if (i % 2)
			leafhashes_set(&l, count); /* as after a start */
	}
}

static void
what_a_turn_gave_up_is_put_again(void **state)
{
	struct hub_place *p = *state;
	struct leafhashes l = {.size = 0};
	add(p, &l, 60);
	assert_ok(hub_commit(&p->hub));
	for (size_t lost = 1; lost < 2 * LEAFHASHES_EACH; lost += 21) {
		add(p, &l, lost);
		hub_abort(&p->hub);
		leafhashes_set(&l, 60);
		assert_all(p, 60);
	}
	add(p, &l, 9);
	assert_ok(hub_commit(&p->hub));
	assert_all(p, 69);
}

static void
rows_that_do_not_fit_are_named(void **state)
{
	struct hub_place *p = *state;
	static const struct {
		uint8_t first;
		size_t bytes; /* 0: the row is gone */
		enum err walked;
	} rows[] = {{0, 0, E_FORMAT}, {0, 63 * HASH_BYTES, E_FORMAT}, {0, 64 * HASH_BYTES, OK},
		{64, 0, E_FORMAT}, {64, 7, E_FORMAT}, {128, 65 * HASH_BYTES, E_FORMAT},
		{128, 5 * HASH_BYTES - 1, E_FORMAT}, {128, 0, OK}};
	struct leafhashes l = {.size = 0};
	add(p, &l, 133);
	assert_ok(hub_commit(&p->hub));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const uint8_t key[8] = {[7] = rows[i].first}, hash[HASH_BYTES] = {0};
		static uint8_t bytes[65 * HASH_BYTES];
		struct vault_txn *t = NULL;
		uint64_t next = 0;
		assert_ok(hub_txn(&p->hub, &t));
		for (uint64_t k = 0; k < 65; k++)
			hash_of(bytes + k * HASH_BYTES, rows[i].first + k);
		if (rows[i].bytes)
			assert_ok(vault_put(t, VAULT_LEAFHASHES, view_of(key, sizeof(key)),
				view_of(bytes, rows[i].bytes)));
		else
			assert_ok(vault_delete(t, VAULT_LEAFHASHES, view_of(key, sizeof(key))));
		const enum err e = leafhashes_each(t, see, &next);
		assert_int_equal(e, rows[i].walked);
		/* Nothing is put behind a row that has another length. */
		leafhashes_set(&l, 133);
		const bool is_last = rows[i].first == 128;
		assert_int_equal(leafhashes_add(&l, t, hash) == OK, !is_last);
		hub_abort(&p->hub);
	}
}

#define at_a_hub(test) cmocka_unit_test_setup_teardown(test, make_hub, drop_hub)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_hub(all_hashes_come_back_in_their_order),
		at_a_hub(what_a_turn_gave_up_is_put_again),
		at_a_hub(rows_that_do_not_fit_are_named),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
