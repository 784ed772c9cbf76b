#include "tests/unit/judge_bench.h"

#include "common/base/mem.h"
#include "common/net/call.h"
#include "hub/audit.h"
#include "hub/erase_renew.h"
#include "hub/forward_erase.h"
#include "hub/ipc.h"
#include "hub/renewal.h"
#include "hub/vault_move.h"
#include "hub/vaultkeys.h"

#define REPLY_BYTES 65536

enum { PERSON = 1 };

/* ---- the bench ---- */

static void
keep(struct bench *b)
{
	assert_ok(hub_commit(&b->place->hub));
	audit_committed(b->place->hub.audit);
}

static enum err
hear_nothing(void *arg, struct view frame)
{
	(void)arg;
	(void)frame;
	return OK;
}

static void
tick(struct bench *b)
{
	assert_ok(erase_tick(b->place->hub.erase, true));
	keep(b);
}

/* Ends at once and is started again; nothing but vault, journal and keys is known then. */
static void
start_again(struct bench *b)
{
	erase_free(take(b->place->hub.erase));
	b->place->hub.erase = erase_new(&b->place->hub, hear_nothing, NULL);
	assert_ok(erase_start(b->place->hub.erase));
	keep(b);
	tick(b);
}

/* A full disk, say: what the turn changed is forgotten, but for the keys on the disk. */
static void
give_up_turn(struct bench *b)
{
	hub_abort(&b->place->hub);
	erase_aborted(b->place->hub.erase);
	assert_ok(audit_aborted(b->place->hub.audit));
}

/* A person with a record who asked and is gone: the vault is under key 2 then. */
static void
bring_one_gone(struct bench *b)
{
	struct wire_rules consent = node_consent(PERSON, 11), change = node_consent(PERSON, 31);
	const struct wire_rules record = node_record(PERSON, 21);
	size_t count;
	(void)bench_bring(b, b->norway, &consent);
	(void)bench_bring(b, b->norway, &record);
	change.kind = RULES_CHANGE;
	change.consent.event = "change";
	change.consent.level = "erase";
	(void)bench_bring(b, b->norway, &change);
	b->place->hub.erase = erase_new(&b->place->hub, hear_nothing, NULL);
	assert_ok(bench_erase_run(b, &count));
	assert_int_equal(count, 1);
	keep(b);
	bench_erase_through(b);
	tick(b);
}

static const struct forward_erasure *
erasure(const struct bench *b)
{
	uint8_t id[ID_BYTES];
	memset(id, PERSON, sizeof(id));
	return forward_erasure_of(audit_forward(b->place->hub.audit), id);
}

static void
keep_backup(struct bench *b, uint8_t id, uint32_t vault_key)
{
	struct vault_txn *t = NULL;
	struct forward_backup backup = {.made_s = 1, .vault_key = vault_key};
	memset(backup.id, id, sizeof(backup.id));
	assert_ok(hub_txn(&b->place->hub, &t));
	forward_note_backup(audit_forward(b->place->hub.audit), &backup);
	keep(b);
}

/* As the command `backup` tells it. */
static void
note_backup(struct bench *b, uint8_t id, uint32_t vault_key)
{
	keep_backup(b, id, vault_key);
	tick(b);
}

static void
forget_backup(struct bench *b, uint8_t with)
{
	struct vault_txn *t = NULL;
	uint8_t id[ID_BYTES];
	memset(id, with, sizeof(id));
	assert_ok(hub_txn(&b->place->hub, &t));
	forward_note_gone(audit_forward(b->place->hub.audit), id);
	keep(b);
	tick(b);
}

/* As the keeper says it: its newest number, and up to which one it destroyed. */
static void
keeper_says(struct bench *b, uint32_t number, uint32_t destroyed)
{
	const uint8_t public[BOX_PUBLIC_BYTES] = {(uint8_t)number};
	OWNED_BUF struct buf fields;
	buf_init(&fields, REPLY_BYTES);
	buf_u8(&fields, 0);
	buf_blob_text(&fields, "");
	buf_u32(&fields, number);
	buf_u32(&fields, number);
	buf_u32(&fields, destroyed);
	buf_add(&fields, public, sizeof(public));
	buf_u64(&fields, 1);
	buf_u64(&fields, 0);
	struct cursor c = cursor_of(buf_view(&fields));
	assert_ok(erase_renewed(b->place->hub.erase, &c));
	keep(b);
}

static uint32_t
oldest_key(const struct bench *b)
{
	const struct vaultkeys keys = {b->place->dir, b->place->keys->vault};
	struct vaultkeys_there there;
	assert_ok(vaultkeys_look(&keys, &there));
	return there.oldest;
}

/* Leaves that tell of vault keys that were destroyed. */
static size_t
leaves_of_keys(struct bench *b)
{
	struct vault_txn *t = NULL;
	size_t found = 0;
	assert_ok(hub_txn(&b->place->hub, &t));
	for (uint64_t i = 0; i < audit_size(b->place->hub.audit); i++) {
		OWNED_BUF struct buf leaf;
		buf_init(&leaf, REPLY_BYTES);
		assert_ok(audit_leaf(t, i, &leaf));
		buf_u8(&leaf, 0);
		found += strstr((const char *)leaf.at, "vault keys below") != NULL;
	}
	return found;
}

/* ---- tests ---- */

static void
nobody_is_erased_while_a_vault_key_of_before_is_there(void **state)
{
	struct bench *b = *state;
	assert_int_equal(erasure(b)->vault_key, 2);
	assert_int_not_equal(erasure(b)->gone_s, 0);
	keeper_says(b, 2, 0);
	keeper_says(b, 2, 1);
	tick(b);
	assert_int_equal(erasure(b)->erased_s, 0);
	note_backup(b, 0x11, 1); /* made before the vault had moved */
	assert_int_equal(erasure(b)->erased_s, 0);
	assert_int_equal(oldest_key(b), 1);
	note_backup(b, 0x22, 2);
	assert_int_equal(oldest_key(b), 2);
	assert_int_not_equal(erasure(b)->erased_s, 0);
}

static void
nobody_is_erased_while_an_intake_number_of_before_is_there(void **state)
{
	struct bench *b = *state;
	note_backup(b, 0x22, 2);
	assert_int_equal(oldest_key(b), 2);
	keeper_says(b, 2, 0);
	tick(b);
	assert_int_equal(erasure(b)->erased_s, 0);
	keeper_says(b, 2, 1);
	assert_int_not_equal(erasure(b)->erased_s, 0);
}

/* A copy that nobody can restore any more does not count. */
static void
a_backup_that_was_forgotten_lets_no_key_go(void **state)
{
	struct bench *b = *state;
	erase_free(take(b->place->hub.erase));
	keep_backup(b, 0x22, 2);
	b->place->hub.erase = erase_new(&b->place->hub, hear_nothing, NULL);
	forget_backup(b, 0x22);
	assert_int_equal(oldest_key(b), 1);
}

/* Killed between the end of a key and the note that somebody is erased. */
static void
what_a_kill_left_unsaid_is_said_at_the_next_start(void **state)
{
	struct bench *b = *state;
	uint32_t oldest = 0;
	keeper_says(b, 2, 0);
	keeper_says(b, 2, 1);
	assert_ok(vault_destroy_keys(b->place->hub.vault, 2, &oldest));
	assert_int_equal(oldest, 2);
	assert_int_equal(erasure(b)->erased_s, 0);
	start_again(b);
	assert_int_not_equal(erasure(b)->erased_s, 0);
	assert_int_equal(leaves_of_keys(b), 1);
	start_again(b);
	assert_int_equal(leaves_of_keys(b), 1);
}

/* The keys are gone all the same, and somebody is erased because of it. */
static void
what_a_turn_that_was_given_up_left_unsaid_is_said_in_the_next_one(void **state)
{
	struct bench *b = *state;
	keeper_says(b, 2, 0);
	keeper_says(b, 2, 1);
	keep_backup(b, 0x22, 2);
	assert_ok(erase_tick(b->place->hub.erase, true));
	give_up_turn(b);
	assert_int_equal(oldest_key(b), 2);
	assert_int_equal(erasure(b)->erased_s, 0);
	assert_int_equal(leaves_of_keys(b), 0);
	tick(b);
	assert_int_not_equal(erasure(b)->erased_s, 0);
	assert_int_equal(leaves_of_keys(b), 1);
	tick(b);
	assert_int_equal(leaves_of_keys(b), 1);
}

/* A vault from before the move, put back, is under the key that has to go. */
static void
a_vault_that_was_put_back_moves_to_a_later_key(void **state)
{
	struct bench *b = *state;
	struct forward *f = audit_forward(b->place->hub.audit);
	struct vault_txn *t = NULL;
	struct forward_erasure later = *erasure(b);
	later.vault_key = 3; /* as if this vault were the older one */
	assert_ok(hub_txn(&b->place->hub, &t));
	forward_note_erasure(f, &later);
	keep(b);
	start_again(b);
	bench_erase_through(b);
	tick(b);
	assert_int_equal(vault_key_number(b->place->hub.vault), 3);
	start_again(b);
	bench_erase_through(b);
	tick(b);
	assert_int_equal(vault_key_number(b->place->hub.vault), 3);
}

static int
make_one_gone(void **state)
{
	if (make_bench(state))
		return -1;
	bring_one_gone(*state);
	return 0;
}

static int
drop(void **state)
{
	struct bench *b = *state;
	erase_free(take(b->place->hub.erase));
	return drop_bench(state);
}

#define with_one_gone(test) cmocka_unit_test_setup_teardown(test, make_one_gone, drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_one_gone(nobody_is_erased_while_a_vault_key_of_before_is_there),
		with_one_gone(nobody_is_erased_while_an_intake_number_of_before_is_there),
		with_one_gone(a_backup_that_was_forgotten_lets_no_key_go),
		with_one_gone(what_a_kill_left_unsaid_is_said_at_the_next_start),
		with_one_gone(
			what_a_turn_that_was_given_up_left_unsaid_is_said_in_the_next_one),
		with_one_gone(a_vault_that_was_put_back_moves_to_a_later_key),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("erase_keys", tests, NULL, NULL);
}
