#include "tests/unit/hub_place.h"

#include "common/codec/wire_rules.h"
#include "common/run/datadir.h"
#include "common/trust/entry.h"
#include "common/trust/seal.h"
#include "hub/keeper_renew.h"
#include "hub/place.h"
#include "hub/record_instance.h"
#include "hub/unseal.h"

/* A keeper of two example holders beside an example hub, and the study secret as they open
 * it. */
struct bench {
	struct hub_place *place;
	struct keeperkey *keys;
	struct keyring *ring;
	struct secret *box[2];
	uint64_t seq;
};

static int
make_bench(void **state)
{
	struct bench *b = xcalloc(1, sizeof(*b));
	void *place = NULL;
	struct keeperkey_holder holders[2] = {{.person = "h-1"}, {.person = "h-2"}};
	char path[DATADIR_PATH_BYTES];
	assert_int_equal(make_hub(&place), 0);
	b->place = place;
	assert_ok(datadir_make(b->place->dir, "keys"));
	assert_ok(datadir_make(b->place->dir, "keyring"));
	for (size_t i = 0; i < ARRAY_LEN(holders); i++)
		box_keypair(holders[i].box_public, &b->box[i]);
	b->keys = keeperkey_new(b->place->hub.root_public, b->place->keys->log_public);
	assert_ok(keeperkey_write(b->keys, b->place->dir, holders, ARRAY_LEN(holders)));
	assert_ok(keyring_path(path, b->place->dir, 1));
	const struct keyring_config c = {path, PLACE_STUDY, 1, b->keys->epoch_key};
	assert_ok(keyring_open(&b->ring, &c));
	*state = b;
	return 0;
}

static int
drop_bench(void **state)
{
	struct bench *b = *state;
	void *place = b->place;
	keyring_free(b->ring);
	keeperkey_free(b->keys);
	for (size_t i = 0; i < ARRAY_LEN(b->box); i++)
		secret_free(b->box[i]);
	free(b);
	return drop_hub(&place);
}

/* A key entry of this writer arrives, wrapped for this number; refers_to NULL: a new key. */
struct arriving {
	uint8_t who, writer;
	uint32_t number;
	struct secret *intake, *key; /* lent; key NULL: a new one */
	const uint8_t *refers_to;
};

static void
arrive(struct bench *b, const struct arriving *a)
{
	const uint8_t who = a->who;
	const uint32_t number = a->number;
	struct secret *intake = a->intake;
	struct wire_rules r = {.kind = RULES_KEY, .captured_s = PLACE_NOW_S};
	struct seal_context context = {.study = PLACE_STUDY, .class = SEAL_HUB};
	struct entry_place at = {.study = PLACE_STUDY, .incarnation = 1, .lane = LANE_C};
	struct place place = {.incarnation = 1, .lane = LANE_C, .seq = ++b->seq};
	uint8_t key[PLACE_PART_KEY_BYTES], hash[HASH_BYTES], public[BOX_PUBLIC_BYTES];
	OWNED_SECRET struct secret *participant_key =
		a->key ? secret_copy(secret_bytes(a->key), AEAD_KEY_BYTES) : seal_key_new();
	OWNED_BUF struct buf rules, wrap, header;
	struct vault_txn *t;
	buf_init(&rules, WIRE_RULES_MAX_BYTES);
	buf_init(&wrap, 4096);
	buf_init(&header, WIRE_HEADER_MAX_BYTES);
	memset(r.participant, who, sizeof(r.participant));
	memset(r.instance, who + 100, sizeof(r.instance));
	if (a->refers_to) {
		memcpy(r.refers_to, a->refers_to, ID_BYTES);
		seal_again_id(r.instance, a->refers_to);
	}
	memset(context.participant, who, sizeof(context.participant));
	memset(at.writer, a->writer, sizeof(at.writer));
	memset(at.prev, b->seq > 1, sizeof(at.prev));
	memset(place.writer, a->writer, sizeof(place.writer));
	at.seq = b->seq;
	crypto_random(r.salt, sizeof(r.salt));
	box_public(public, intake);
	assert_ok(wire_rules_pack(&rules, &r));
	assert_ok(seal_wrap(&wrap, &context, participant_key, number, public));
	const struct entry_part parts[] = {
		{PART_RULES, buf_view(&rules)}, {PART_WRAP_STUDY, buf_view(&wrap)}};
	assert_ok(entry_make(&header, hash, &at, parts, ARRAY_LEN(parts)));
	assert_ok(hub_txn(&b->place->hub, &t));
	place_key(key, &place);
	assert_ok(
		vault_put(t, VAULT_ENTRIES, view_of(key, PLACE_KEY_BYTES), buf_view(&header)));
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		place_part_key(key, &place, (uint8_t)parts[i].kind);
		assert_ok(vault_put(t, VAULT_PARTS, view_of(key, sizeof(key)), parts[i].bytes));
	}
	assert_ok(record_instance_put(t, r.instance, &place));
	assert_ok(hub_commit(&b->place->hub));
}

static void
add_key(struct bench *b, uint8_t who, uint32_t number, struct secret *intake)
{
	arrive(b, &(struct arriving){
			  .who = who, .writer = 5, .number = number, .intake = intake});
}

static uint64_t
held(struct bench *b)
{
	uint64_t count = 0;
	assert_ok(keyring_count(b->ring, &count));
	return count;
}

static struct keeper_renew
ask(const struct bench *b, bool makes)
{
	return (struct keeper_renew){.dir = b->place->dir,
		.study = PLACE_STUDY,
		.vault = b->place->hub.vault,
		.makes_intake = makes};
}

static void
a_renewal_takes_every_key_over_and_makes_the_next_number(void **state)
{
	struct bench *b = *state;
	const struct keeper_renew makes = ask(b, true);
	struct keeper_renewed done;
	add_key(b, 1, 1, b->keys->intake[0]);
	add_key(b, 2, 1, b->keys->intake[0]);
	assert_ok(keeper_renew(&makes, b->keys, &b->ring, &done));
	assert_int_equal(done.keys, 2);
	assert_int_equal(done.lost, 0);
	assert_int_equal(b->keys->epoch, 2);
	assert_int_equal(b->keys->intake_count, 2);
	assert_int_equal(held(b), 2);
}

static void
a_number_is_destroyed_when_the_keyring_has_all_that_names_it(void **state)
{
	struct bench *b = *state;
	const struct keeper_renew makes = ask(b, true), takes = ask(b, false);
	struct keeper_renewed done;
	add_key(b, 1, 1, b->keys->intake[0]);
	assert_ok(keeper_renew(&makes, b->keys, &b->ring, &done));
	add_key(b, 2, 2, b->keys->intake[1]); /* of the new number: not looked at */
	assert_ok(keeper_retire(&takes, 1, b->keys, &b->ring, &done));
	assert_true(done.retired);
	assert_int_equal(b->keys->epoch, 2); /* the backup's keyring stays of use */
	assert_int_equal(b->keys->intake_count, 1);
	assert_int_equal(b->keys->intake_number[0], 2);
	assert_int_equal(held(b), 1);
}

static void
a_late_key_of_the_old_number_is_taken_over_first(void **state)
{
	struct bench *b = *state;
	const struct keeper_renew makes = ask(b, true), takes = ask(b, false);
	struct keeper_renewed done;
	assert_ok(keeper_renew(&makes, b->keys, &b->ring, &done));
	add_key(b, 1, 1, b->keys->intake[0]);
	assert_ok(keeper_retire(&takes, 1, b->keys, &b->ring, &done));
	assert_false(done.retired);
	assert_int_equal(b->keys->epoch, 3);
	assert_int_equal(b->keys->intake_count, 2);
	assert_int_equal(held(b), 1);
	assert_ok(keeper_retire(&takes, 1, b->keys, &b->ring, &done));
	assert_true(done.retired);
	assert_int_equal(b->keys->intake_count, 1);
	assert_int_equal(held(b), 1);
}

/* Number 1 is destroyed when the key of person 1 comes that is wrapped for it. */
static void
destroy_number_1(struct bench *b, uint8_t ret_id[static ID_BYTES])
{
	const struct keeper_renew makes = ask(b, true), takes = ask(b, false);
	OWNED_SECRET struct secret *old =
		secret_copy(secret_bytes(b->keys->intake[0]), BOX_SECRET_BYTES);
	struct keeper_renewed done;
	assert_ok(keeper_renew(&makes, b->keys, &b->ring, &done));
	assert_ok(keeper_retire(&takes, 1, b->keys, &b->ring, &done));
	assert_true(done.retired);
	add_key(b, 1, 1, old);
	memset(ret_id, 1 + 100, ID_BYTES);
}

static void
a_key_that_nobody_can_open_keeps_no_number_from_being_destroyed(void **state)
{
	struct bench *b = *state;
	const struct keeper_renew makes = ask(b, true), takes = ask(b, false);
	struct keeper_renewed done;
	uint8_t id[ID_BYTES];
	destroy_number_1(b, id);
	assert_ok(keeper_renew(&makes, b->keys, &b->ring, &done));
	assert_int_equal(done.lost, 1);
	assert_ok(keeper_retire(&takes, 2, b->keys, &b->ring, &done));
	assert_true(done.retired);
	assert_int_equal(b->keys->intake_number[0], 3);
}

static bool
finds(struct bench *b, const uint8_t id[static ID_BYTES], struct secret *key)
{
	struct keyring_entry entry = {.class = SEAL_HUB};
	struct secret *found = NULL;
	memcpy(entry.id, id, ID_BYTES);
	memset(entry.participant, 1, ID_BYTES);
	return !keyring_find(&found, b->ring, &entry) &&
	       crypto_same(secret_bytes(found), secret_bytes(key), AEAD_KEY_BYTES);
}

static void
a_key_that_its_site_wrapped_again_is_found_under_its_first_id(void **state)
{
	static const struct {
		const char *name;
		uint8_t who, writer;
		bool opens;
	} rows[] = {
		{"of another node", 1, 6, false},
		{"of another person", 2, 5, false},
		{"its own", 1, 5, true},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		void *bench = NULL;
		assert_int_equal(make_bench(&bench), 0);
		struct bench *b = bench;
		const struct keeper_renew takes = ask(b, false);
		OWNED_SECRET struct secret *key = seal_key_new();
		struct keeper_renewed done;
		uint8_t id[ID_BYTES];
		destroy_number_1(b, id);
		arrive(b, &(struct arriving){.who = rows[i].who,
				  .writer = rows[i].writer,
				  .number = 2,
				  .intake = b->keys->intake[0],
				  .key = key,
				  .refers_to = id});
		assert_ok(keeper_renew(&takes, b->keys, &b->ring, &done));
		if (finds(b, id, key) != rows[i].opens || done.lost != !rows[i].opens)
			fail_msg("%s", rows[i].name);
		(void)drop_bench(&bench);
	}
	(void)state;
}

/* What the backup's paper says. */
static void
reading_a_keyring_needs_no_key_and_notices_a_change(void **state)
{
	struct bench *b = *state;
	const struct keeper_renew makes = ask(b, true);
	struct keeper_renewed done;
	struct keyring_found found, again;
	add_key(b, 1, 1, b->keys->intake[0]);
	assert_ok(keeper_renew(&makes, b->keys, &b->ring, &done));
	keyring_free(take(b->ring));
	assert_ok(keyring_read_all(&found, b->place->dir));
	assert_int_equal(found.epoch, 2);
	assert_int_equal(found.keys, 1);
	assert_ok(keyring_read_all(&again, b->place->dir));
	assert_memory_equal(found.digest, again.digest, sizeof(found.digest));
	assert_ok(keyring_read_all(&again, "/nowhere"));
	assert_int_equal(again.epoch, 0);
}

/* what a backup from before may need */

static bool
names(const struct bench *b, uint32_t epoch)
{
	return keeperkey_of_epoch(b->keys, epoch) != NULL;
}

static void
the_key_of_an_epoch_goes_with_the_number_and_a_backup_of_a_later_one(void **state)
{
	struct bench *b = *state;
	const struct keeper_renew makes = ask(b, true);
	struct keeper_renew takes = ask(b, false);
	struct keeper_renewed done;
	for (uint32_t epoch = 2; epoch <= 4; epoch++) {
		assert_ok(keeper_renew(&makes, b->keys, &b->ring, &done));
		assert_int_equal(b->keys->epoch, epoch);
	}
	assert_true(names(b, 1) && names(b, 2) && names(b, 3) && names(b, 4));
	takes.kept_epoch = 3; /* the backup's keyring is of use until there is another */
	assert_ok(keeper_retire(&takes, 1, b->keys, &b->ring, &done));
	assert_true(done.retired);
	assert_false(names(b, 1) || names(b, 2));
	assert_true(names(b, 3) && names(b, 4));
	takes.kept_epoch = 9;
	assert_ok(keeper_retire(&takes, 3, b->keys, &b->ring, &done));
	assert_false(names(b, 3));
	assert_true(names(b, 4));
}

static void
shell(const char *command, const char *dir)
{
	OWNED_MEM char *whole = xasprintf("cd '%s/keyring' && %s", dir, command);
	assert_int_equal(system(whole), 0);
}

/* Number 1 is destroyed, and the disk with the keyring is lost: the key of person 1 is in the
 * backup's keyring alone. */
static void
an_older_keyring_that_is_put_back_is_taken_over(void **state)
{
	struct bench *b = *state;
	const struct keeper_renew makes = ask(b, true), takes = ask(b, false);
	struct keeper_renewed done;
	add_key(b, 1, 1, b->keys->intake[0]);
	assert_ok(keeper_renew(&makes, b->keys, &b->ring, &done));
	keyring_free(take(b->ring));
	shell("cp -r keys-2 ../backup", b->place->dir);
	assert_ok(keeper_renew(&makes, b->keys, &b->ring, &done));
	assert_ok(keeper_retire(&takes, 1, b->keys, &b->ring, &done));
	assert_true(done.retired);
	keyring_free(take(b->ring));
	assert_int_equal(keeper_renew_there(b->place->dir, b->keys), 3);
	shell("rm -r keys-3 && cp -r ../backup keys-2", b->place->dir);
	assert_int_equal(keeper_renew_there(b->place->dir, b->keys), 2);
	assert_ok(keeper_renew(&takes, b->keys, &b->ring, &done));
	assert_int_equal(b->keys->epoch, 4);
	assert_int_equal(done.lost, 0);
	assert_int_equal(held(b), 1);
	shell("test ! -e keys-2 && test -e keys-4", b->place->dir);
}

/* damaged entries: what is put in the place of a row is not what the header names */

struct row {
	enum vault_table table;
	uint8_t key[PLACE_PART_KEY_BYTES];
	size_t key_len;
	struct buf before;
};

/* What stands there is kept in ret->before; kind 0: the header. */
static void
damage(struct bench *b, uint64_t seq, uint8_t kind, struct row *ret)
{
	struct place p = {.incarnation = 1, .lane = LANE_C, .seq = seq};
	struct vault_txn *t;
	memset(p.writer, 5, sizeof(p.writer));
	*ret = (struct row){.table = kind ? VAULT_PARTS : VAULT_ENTRIES,
		.key_len = kind ? PLACE_PART_KEY_BYTES : PLACE_KEY_BYTES};
	buf_init(&ret->before, VAULT_VALUE_MAX_BYTES);
	if (kind)
		place_part_key(ret->key, &p, kind);
	else
		place_key(ret->key, &p);
	const struct view key = view_of(ret->key, ret->key_len);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(vault_get(t, ret->table, key, &ret->before));
	assert_ok(vault_put(t, ret->table, key, view_text("damaged")));
	assert_ok(hub_commit(&b->place->hub));
}

static void
mend(struct bench *b, struct row *row)
{
	struct vault_txn *t;
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(vault_put(
		t, row->table, view_of(row->key, row->key_len), buf_view(&row->before)));
	assert_ok(hub_commit(&b->place->hub));
	buf_done(&row->before);
}

static const struct {
	const char *name;
	uint8_t kind;
} rows_of_a_key[] = {
	{"header", 0},
	{"rules part", PART_RULES},
	{"wrap", PART_WRAP_STUDY},
};

/* It is in no keyring yet. */
static void
a_renewal_waits_for_a_damaged_entry_and_leaves_all_as_it_was(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_of_a_key); i++) {
		void *bench = NULL;
		assert_int_equal(make_bench(&bench), 0);
		struct bench *b = bench;
		const struct keeper_renew makes = ask(b, true);
		struct keeper_renewed done;
		struct row row;
		add_key(b, 1, 1, b->keys->intake[0]);
		add_key(b, 2, 1, b->keys->intake[0]);
		damage(b, 1, rows_of_a_key[i].kind, &row);
		const enum err e = keeper_renew(&makes, b->keys, &b->ring, &done);
		if (e != E_BUSY || done.damaged != 1 || b->keys->epoch != 1 || !b->ring)
			fail_msg("%s: %d", rows_of_a_key[i].name, (int)e);
		mend(b, &row);
		assert_ok(keeper_renew(&makes, b->keys, &b->ring, &done));
		assert_int_equal(done.keys, 2);
		assert_int_equal(done.damaged + done.lost, 0);
		(void)drop_bench(&bench);
	}
	(void)state;
}

/* Its wrap is to the number that would go. */
static void
no_number_is_destroyed_while_an_entry_is_damaged(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_of_a_key); i++) {
		void *bench = NULL;
		assert_int_equal(make_bench(&bench), 0);
		struct bench *b = bench;
		const struct keeper_renew makes = ask(b, true), takes = ask(b, false);
		struct keeper_renewed done;
		struct row row;
		assert_ok(keeper_renew(&makes, b->keys, &b->ring, &done));
		add_key(b, 1, 1, b->keys->intake[0]);
		damage(b, 1, rows_of_a_key[i].kind, &row);
		const enum err e = keeper_retire(&takes, 1, b->keys, &b->ring, &done);
		if (e != E_BUSY || done.damaged != 1 || done.retired ||
			b->keys->intake_count != 2 || !b->ring)
			fail_msg("%s: %d", rows_of_a_key[i].name, (int)e);
		mend(b, &row);
		assert_ok(keeper_retire(&takes, 1, b->keys, &b->ring, &done));
		assert_false(done.retired); /* taken over first */
		assert_ok(keeper_retire(&takes, 1, b->keys, &b->ring, &done));
		assert_true(done.retired);
		assert_int_equal(held(b), 1);
		(void)drop_bench(&bench);
	}
	(void)state;
}

static void
an_officer_may_give_up_what_is_damaged(void **state)
{
	struct bench *b = *state;
	struct keeper_renew makes = ask(b, true);
	struct keeper_renewed done;
	struct row row;
	add_key(b, 1, 1, b->keys->intake[0]);
	add_key(b, 2, 1, b->keys->intake[0]);
	damage(b, 1, PART_RULES, &row);
	makes.leaves_damaged = true;
	assert_ok(keeper_renew(&makes, b->keys, &b->ring, &done));
	assert_int_equal(done.damaged, 1);
	assert_int_equal(done.keys, 1);
	assert_int_equal(b->keys->epoch, 2);
	mend(b, &row);
}

/* No entry names it, so no node would send it again. */
static void
a_part_without_its_entry_keeps_nothing_up(void **state)
{
	struct bench *b = *state;
	const struct keeper_renew makes = ask(b, true);
	struct keeper_renewed done;
	struct place stray = {.incarnation = 1, .lane = LANE_C, .seq = 9};
	uint8_t key[PLACE_PART_KEY_BYTES];
	struct vault_txn *t;
	place_part_key(key, &stray, PART_WRAP_STUDY);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(vault_put(t, VAULT_PARTS, view_of(key, sizeof(key)), view_text("stray")));
	assert_ok(hub_commit(&b->place->hub));
	assert_ok(keeper_renew(&makes, b->keys, &b->ring, &done));
	assert_int_equal(done.damaged, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_bench, drop_bench)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_renewal_takes_every_key_over_and_makes_the_next_number),
		TEST(a_number_is_destroyed_when_the_keyring_has_all_that_names_it),
		TEST(a_late_key_of_the_old_number_is_taken_over_first),
		TEST(a_key_that_nobody_can_open_keeps_no_number_from_being_destroyed),
		cmocka_unit_test(a_key_that_its_site_wrapped_again_is_found_under_its_first_id),
		TEST(the_key_of_an_epoch_goes_with_the_number_and_a_backup_of_a_later_one),
		TEST(an_older_keyring_that_is_put_back_is_taken_over),
		cmocka_unit_test(a_renewal_waits_for_a_damaged_entry_and_leaves_all_as_it_was),
		cmocka_unit_test(no_number_is_destroyed_while_an_entry_is_damaged),
		TEST(an_officer_may_give_up_what_is_damaged),
		TEST(a_part_without_its_entry_keeps_nothing_up),
		TEST(reading_a_keyring_needs_no_key_and_notices_a_change),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("keeper_renew", tests, NULL, NULL);
}
