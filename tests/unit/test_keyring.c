#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "hub/keeper_lock.h"
#include "hub/keyring.h"

/* A hub directory with a keeper of three holders, for each test. */
struct place {
	char root[32];
	char dir[48];
	struct secret *epoch_key;
	struct secret *box[3];
	uint8_t root_public[SIGN_PUBLIC_BYTES];
};

static const char *const holders[] = {"holder-1", "holder-2", "holder-3"};

static void
write_keys(struct place *p)
{
	struct keeperkey_holder list[3];
	uint8_t log_public[SIGN_PUBLIC_BYTES] = {1};
	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		list[i].person = holders[i];
		box_keypair(list[i].box_public, &p->box[i]);
	}
	memset(p->root_public, 9, sizeof(p->root_public));
	OWNED(keeperkey) struct keeperkey *k = keeperkey_new(p->root_public, log_public);
	assert_ok(keeperkey_write(k, p->root, list, ARRAY_LEN(list)));
}

static int
make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	if (!own_dir_make(p->root, sizeof(p->root), "ring"))
		return -1;
	(void)snprintf(p->dir, sizeof(p->dir), "%s/keys", p->root);
	OWNED_MEM char *command = xasprintf("mkdir '%s'", p->dir);
	if (system(command))
		return -1;
	(void)snprintf(p->dir, sizeof(p->dir), "%s/ring", p->root);
	p->epoch_key = secret_new(AEAD_KEY_BYTES);
	write_keys(p);
	*state = p;
	return 0;
}

static int
drop_place(void **state)
{
	struct place *p = *state;
	for (size_t i = 0; i < ARRAY_LEN(p->box); i++)
		secret_free(p->box[i]);
	secret_free(p->epoch_key);
	int rc = own_dir_drop(p->root);
	free(p);
	return rc;
}

/* keyring */

static struct keyring *
open_ring(struct place *p, const char *study, uint32_t epoch)
{
	struct keyring *k = NULL;
	const struct keyring_config c = {p->dir, study, epoch, p->epoch_key};
	assert_ok(keyring_open(&k, &c));
	return k;
}

static struct keyring_entry
entry(uint8_t id)
{
	struct keyring_entry e = {.class = SEAL_BOTH};
	memset(e.id, id, sizeof(e.id));
	memset(e.participant, id + 1, sizeof(e.participant));
	return e;
}

static void
a_release_is_opened_for_one_cohort_only(void **state)
{
	const uint8_t one[HASH_BYTES] = {1}, other[HASH_BYTES] = {2};
	for (size_t i = 0; i < 2; i++) { /* the second time after a restart */
		OWNED(keyring) struct keyring *k = open_ring(*state, "study-1", 1);
		assert_ok(keyring_claim(k, "r1", one));
		assert_ok(keyring_claim(k, "r1", one));
		assert_err(keyring_claim(k, "r1", other), E_DENIED);
		assert_ok(keyring_claim(k, "r2", other));
		assert_err(keyring_claim(k, "r2", one), E_DENIED);
	}
}

static void
a_key_is_found_again_after_the_commit(void **state)
{
	struct place *p = *state;
	OWNED_SECRET struct secret *key = seal_key_new();
	struct secret *back = NULL;
	const struct keyring_entry e = entry(5);
	uint64_t count = 0;
	{
		OWNED(keyring) struct keyring *k = open_ring(p, "example", 1);
		assert_err(keyring_find(&back, k, &e), E_NOTFOUND);
		assert_ok(keyring_put(k, &e, key));
		assert_ok(keyring_find(&back, k, &e));
		assert_ok(keyring_commit(k));
	}
	OWNED(keyring) struct keyring *k = open_ring(p, "example", 1);
	assert_ok(keyring_find(&back, k, &e));
	assert_true(crypto_same(secret_bytes(back), secret_bytes(key), AEAD_KEY_BYTES));
	assert_ok(keyring_count(k, &count));
	assert_int_equal(count, 1);
}

static void
what_was_not_committed_is_forgotten(void **state)
{
	struct place *p = *state;
	OWNED_SECRET struct secret *key = seal_key_new();
	struct secret *back = NULL;
	const struct keyring_entry e = entry(5);
	{
		OWNED(keyring) struct keyring *k = open_ring(p, "example", 1);
		assert_ok(keyring_put(k, &e, key));
	}
	OWNED(keyring) struct keyring *k = open_ring(p, "example", 1);
	assert_err(keyring_find(&back, k, &e), E_NOTFOUND);
}

static void
a_key_opens_for_its_own_context_only(void **state)
{
	static const struct {
		const char *study;
		uint32_t epoch;
		bool other_person, other_class, other_key;
	} cases[] = {{"another", 1, false, false, false}, {"example", 2, false, false, false},
		{"example", 1, true, false, false}, {"example", 1, false, true, false},
		{"example", 1, false, false, true}};
	struct place *p = *state;
	OWNED_SECRET struct secret *key = seal_key_new();
	struct secret *back = NULL;
	const struct keyring_entry right = entry(5);
	{
		OWNED(keyring) struct keyring *k = open_ring(p, "example", 1);
		assert_ok(keyring_put(k, &right, key));
		assert_ok(keyring_commit(k));
	}
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct keyring_entry e = right;
		e.participant[0] ^= (uint8_t)cases[i].other_person;
		if (cases[i].other_class)
			e.class = SEAL_HUB;
		secret_bytes(p->epoch_key)[0] = cases[i].other_key;
		OWNED(keyring) struct keyring *k = open_ring(p, cases[i].study, cases[i].epoch);
		assert_err(keyring_find(&back, k, &e), E_AUTH);
		assert_null(back);
	}
}

/* lock */

struct peel {
	struct place *place;
	size_t outer;
	struct buf fields;
	uint32_t count;
};

static enum err
peel_one(void *arg, const char *outer, const char *inner, struct view box)
{
	struct peel *p = arg;
	OWNED_BUF struct buf peeled;
	buf_init(&peeled, 1024);
	if (strcmp(outer, holders[p->outer]) != 0)
		return OK;
	assert_ok(box_open(&peeled, box, p->place->box[p->outer]));
	buf_blob_text(&p->fields, inner);
	buf_blob(&p->fields, buf_view(&peeled));
	p->count++;
	return OK;
}

static enum err
begin(struct keeper_lock *l, struct place *p, size_t who, int64_t now_ms)
{
	struct peel peel = {.place = p, .outer = who};
	OWNED_BUF struct buf frame;
	buf_init(&peel.fields, 8192);
	buf_init(&frame, 8192);
	assert_ok(keeperkey_pairs(p->root, peel_one, &peel));
	buf_u32(&frame, peel.count);
	buf_add_view(&frame, buf_view(&peel.fields));
	struct cursor c = cursor_of(buf_view(&frame));
	enum err e = keeper_lock_peel(l, holders[who], &c, now_ms);
	buf_done(&peel.fields);
	return e;
}

static enum err
finish(struct keeper_lock *l, struct place *p, size_t who, int64_t now_ms)
{
	OWNED_SECRET struct secret *study_secret = NULL;
	struct view box;
	enum err e = keeper_lock_inner(l, holders[who], &box);
	if (!e)
		e = box_open_secret(&study_secret, box, p->box[who]);
	return e ? e : keeper_lock_open(l, holders[who], study_secret, now_ms);
}

static struct keeper_lock *
new_lock(struct place *p)
{
	struct keeper_lock_config c = {.dir = p->root, .idle_ms = 1000};
	memcpy(c.root_public, p->root_public, sizeof(c.root_public));
	return keeper_lock_new(&c);
}

static void
any_two_different_holders_open_the_keeper(void **state)
{
	struct place *p = *state;
	for (size_t a = 0; a < ARRAY_LEN(holders); a++)
		for (size_t b = 0; b < ARRAY_LEN(holders); b++) {
			OWNED(keeper_lock) struct keeper_lock *l = new_lock(p);
			assert_ok(begin(l, p, a, 0));
			assert_int_equal(keeper_lock_state(l), KEEPER_ONE);
			assert_null(keeper_lock_keys(l));
			assert_err(finish(l, p, b, 1), a == b ? E_DENIED : OK);
			assert_int_equal(
				keeper_lock_state(l), a == b ? KEEPER_ONE : KEEPER_OPENED);
			assert_true((keeper_lock_keys(l) != NULL) == (a != b));
		}
}

static void
nobody_is_second_before_a_first(void **state)
{
	struct place *p = *state;
	OWNED(keeper_lock) struct keeper_lock *l = new_lock(p);
	assert_err(finish(l, p, 0, 0), E_DENIED);
}

static void
a_wrong_secret_and_another_root_open_nothing(void **state)
{
	struct place *p = *state;
	OWNED(keeper_lock) struct keeper_lock *l = new_lock(p);
	OWNED_SECRET struct secret *wrong = secret_new(BOX_SECRET_BYTES);
	crypto_random(secret_bytes(wrong), BOX_SECRET_BYTES);
	assert_ok(begin(l, p, 0, 0));
	assert_err(keeper_lock_open(l, holders[1], wrong, 1), E_AUTH);
	assert_int_equal(keeper_lock_state(l), KEEPER_ONE);
	p->root_public[0] ^= 1;
	OWNED(keeper_lock) struct keeper_lock *other = new_lock(p);
	assert_ok(begin(other, p, 0, 0));
	assert_err(finish(other, p, 1, 1), E_AUTH);
	assert_null(keeper_lock_keys(other));
}

static void
the_second_holder_has_ten_minutes(void **state)
{
	struct place *p = *state;
	OWNED(keeper_lock) struct keeper_lock *l = new_lock(p);
	assert_ok(begin(l, p, 0, 0));
	assert_false(keeper_lock_tick(l, KEEPER_LOCK_WAIT_MS - 1));
	assert_true(keeper_lock_tick(l, KEEPER_LOCK_WAIT_MS));
	assert_err(finish(l, p, 1, KEEPER_LOCK_WAIT_MS), E_DENIED);
}

static void
the_keeper_locks_itself_when_nobody_uses_it(void **state)
{
	struct place *p = *state;
	OWNED(keeper_lock) struct keeper_lock *l = new_lock(p);
	assert_ok(begin(l, p, 2, 0));
	assert_ok(finish(l, p, 1, 0));
	keeper_lock_touch(l, 900);
	assert_false(keeper_lock_tick(l, 1899));
	assert_true(keeper_lock_tick(l, 1900));
	assert_null(keeper_lock_keys(l));
	assert_int_equal(keeper_lock_state(l), KEEPER_LOCKED);
}

#define at_a_place(test) cmocka_unit_test_setup_teardown(test, make_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_place(a_release_is_opened_for_one_cohort_only),
		at_a_place(a_key_is_found_again_after_the_commit),
		at_a_place(what_was_not_committed_is_forgotten),
		at_a_place(a_key_opens_for_its_own_context_only),
		at_a_place(any_two_different_holders_open_the_keeper),
		at_a_place(nobody_is_second_before_a_first),
		at_a_place(a_wrong_secret_and_another_root_open_nothing),
		at_a_place(the_second_holder_has_ten_minutes),
		at_a_place(the_keeper_locks_itself_when_nobody_uses_it),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
