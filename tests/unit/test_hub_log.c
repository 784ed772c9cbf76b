#include "tests/unit/suite.h"

#include "common/trust/tlogcheck.h"
#include "hub/leafhashes.h"
#include "hub/vault_check.h"
#include "tests/unit/hub_place.h"

static void
add(struct hub_place *p, const char *id)
{
	struct vault_txn *t = NULL;
	const struct leaf l = {.id = id,
		.actor = "ledger",
		.action = "hub-started",
		.t_s = PLACE_NOW_S / 60 * 60};
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(audit_add(p->hub.audit, t, &l, NULL));
}

static void
commit(struct hub_place *p)
{
	assert_ok(hub_commit(&p->hub));
	audit_committed(p->hub.audit);
}

static void
add_committed(struct hub_place *p, size_t count)
{
	char id[32];
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(id, sizeof(id), "leaf-%zu", i);
		add(p, id);
	}
	commit(p);
}

/* The published checkpoint, verified against key and files. */
static void
assert_log_is_sound(struct hub_place *p, uint64_t size)
{
	OWNED_BUF struct buf bytes;
	OWNED_MEM char *dir = xasprintf("%s/log", p->dir);
	struct note note;
	struct note_checkpoint cp;
	buf_init(&bytes, NOTE_MOST_BYTES);
	assert_ok(audit_checkpoint(p->hub.audit, &bytes));
	assert_ok(note_checkpoint_open(&cp, &note, buf_view(&bytes), audit_key(p->hub.audit)));
	assert_int_equal(cp.size, size);
	const struct tlogcheck to = {0};
	assert_ok(tlogcheck_run(dir, &cp, &to));
}

static void
reopen(struct hub_place *p)
{
	place_close_hub(p);
	place_open_hub(p);
}

static void
remove_in(struct hub_place *p, const char *name)
{
	OWNED_MEM char *command = xasprintf("rm -rf '%s/%s'", p->dir, name);
	assert_int_equal(system(command), 0);
}

/* ---- publishing ---- */

static void
what_is_committed_is_published_and_can_be_proved(void **state)
{
	struct hub_place *p = *state;
	uint8_t hashes[MERKLE_PROOF_MOST_COUNT][HASH_BYTES], root[HASH_BYTES], leaf[HASH_BYTES];
	struct merkle_proof proof;
	struct vault_txn *t = NULL;
	add_committed(p, 300);
	assert_true(audit_is_behind(p->hub.audit));
	assert_ok(audit_publish(p->hub.audit));
	assert_false(audit_is_behind(p->hub.audit));
	assert_log_is_sound(p, 300);
	assert_ok(hub_txn(&p->hub, &t));
	assert_ok(leafhashes_get(t, 257, leaf));
	assert_ok(audit_proof(p->hub.audit, 257, hashes, &proof.count));
	memcpy(proof.hash, hashes, sizeof(hashes));
	audit_published_root(root, p->hub.audit);
	assert_ok(merkle_check_inclusion(&proof, 257, 300, leaf, root));
	assert_err(audit_proof(p->hub.audit, 300, hashes, &proof.count), E_NOTFOUND);
}

static void
an_aborted_turn_leaves_no_leaf(void **state)
{
	struct hub_place *p = *state;
	add_committed(p, 3);
	add(p, "aborted");
	assert_int_equal(audit_size(p->hub.audit), 4);
	hub_abort(&p->hub);
	assert_ok(audit_aborted(p->hub.audit));
	assert_int_equal(audit_size(p->hub.audit), 3);
	add_committed(p, 2);
	assert_ok(audit_publish(p->hub.audit));
	assert_log_is_sound(p, 5);
}

static void
a_leaf_that_is_out_of_bounds_is_refused_whole(void **state)
{
	struct hub_place *p = *state;
	struct vault_txn *t = NULL;
	const struct leaf l = {.id = "no spaces", .action = "hub-started"};
	assert_ok(hub_txn(&p->hub, &t));
	assert_err(audit_add(p->hub.audit, t, &l, NULL), E_FORMAT);
	assert_int_equal(audit_size(p->hub.audit), 0);
}

/* ---- starting ---- */

static void
what_was_committed_before_a_crash_is_published_after_it(void **state)
{
	struct hub_place *p = *state;
	add_committed(p, 2);
	assert_ok(audit_publish(p->hub.audit));
	add_committed(p, 2);
	reopen(p);
	assert_true(audit_is_behind(p->hub.audit));
	assert_ok(audit_publish(p->hub.audit));
	assert_log_is_sound(p, 4);
}

static void
missing_tiles_and_a_missing_checkpoint_are_written_again(void **state)
{
	struct hub_place *p = *state;
	add_committed(p, 300);
	assert_ok(audit_publish(p->hub.audit));
	place_close_hub(p);
	remove_in(p, "log/tile");
	place_open_hub(p);
	assert_log_is_sound(p, 300);
	place_close_hub(p);
	remove_in(p, "log");
	place_open_hub(p);
	assert_ok(audit_publish(p->hub.audit));
	assert_log_is_sound(p, 300);
}

/* Opens vault and log by hand: the fixture expects success. */
static enum err
try_to_open(struct hub_place *p)
{
	OWNED_MEM char *log = xasprintf("%s/log", p->dir);
	OWNED_MEM char *journal = xasprintf("%s/journal", p->dir);
	OWNED(vault) struct vault *v = NULL;
	OWNED(audit) struct audit *a = NULL;
	place_open_vault(p, &v);
	const struct audit_config c = {
		v, log, journal, PLACE_ORIGIN, p->keys->log_seed, false, NULL};
	return audit_open(&a, &c);
}

static void
refuses_a_vault_that_lacks_what_was_published(void **state)
{
	struct hub_place *p = *state;
	add_committed(p, 2);
	assert_ok(audit_publish(p->hub.audit));
	place_close_hub(p);
	remove_in(p, "vault");
	/* Whether the log's files are there or not: the journal alone tells. */
	assert_refused(try_to_open(p), E_FORMAT, "an older vault was put in place");
	remove_in(p, "log");
	assert_refused(try_to_open(p), E_FORMAT, "an older vault was put in place");
	/* Without journal and log there is nothing to hold it against. */
	remove_in(p, "journal");
	remove_in(p, "vault");
	place_open_hub(p);
}

static void
refuses_a_vault_whose_leaves_are_others(void **state)
{
	struct hub_place *p = *state;
	add_committed(p, 2);
	assert_ok(audit_publish(p->hub.audit));
	place_close_hub(p);
	OWNED_MEM char *aside = xasprintf(
		"mv '%s/log' '%s/l'; mv '%s/journal' '%s/j'", p->dir, p->dir, p->dir, p->dir);
	assert_int_equal(system(aside), 0);
	remove_in(p, "vault");
	place_open_hub(p);
	add(p, "another");
	add(p, "history");
	commit(p);
	place_close_hub(p);
	remove_in(p, "log");
	remove_in(p, "journal");
	OWNED_MEM char *back = xasprintf("mv '%s/j' '%s/journal'", p->dir, p->dir);
	assert_int_equal(system(back), 0);
	assert_refused(try_to_open(p), E_FORMAT, "last checkpoint covers");
}

static void
no_two_leaves_of_a_person_look_alike(void **state)
{
	char a[2 * HASH_BYTES + 1], b[2 * HASH_BYTES + 1], c[2 * HASH_BYTES + 1];
	const uint8_t key[32] = {1}, other[32] = {2};
	(void)state;
	audit_person_commit(a, "leaf-1", key);
	audit_person_commit(b, "leaf-2", key);
	audit_person_commit(c, "leaf-1", other);
	assert_string_not_equal(a, b);
	assert_string_not_equal(a, c);
}

static void
check(struct hub_place *p, struct findings *f)
{
	const struct vault_check ask = {.vault = p->hub.vault,
		.study = p->hub.study,
		.log = audit_key(p->hub.audit),
		.read_data = true,
		.findings = f};
	assert_ok(vault_check(&ask, NULL));
}

static bool
has_finding(const struct findings *f, const char *words)
{
	for (size_t i = 0; i < f->count; i++)
		if (strstr(f->kept[i], words))
			return true;
	return false;
}

static void
a_check_names_leaves_whose_hashes_are_damaged_or_missing(void **state)
{
	struct hub_place *p = *state;
	/* The row behind leaf 64, which has 6 hashes. */
	static const struct {
		uint8_t first;
		size_t bytes;
		const char *first_words, *last_words;
	} rows[] = {{64, 7, "leaf 64: its hash is damaged", "leaf 69: its hash is damaged"},
		{64, 0, "", "and 64 are named by their hashes"},
		{0, 0, "leaf 0 of the log is missing", "and 6 are named by their hashes"},
		{0, 64 * HASH_BYTES, "leaf 0 of the log is damaged or missing",
			"leaf 63 of the log is damaged or missing"}};
	static const uint8_t bytes[64 * HASH_BYTES];
	OWNED_BY(findings_done) struct findings sound = {.count = 0};
	add_committed(p, 70);
	check(p, &sound);
	assert_int_equal(sound.count, 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BY(findings_done) struct findings f = {.count = 0};
		const uint8_t key[8] = {[7] = rows[i].first};
		struct vault_txn *t = NULL;
		OWNED_BUF struct buf before;
		buf_init(&before, sizeof(bytes));
		assert_ok(hub_txn(&p->hub, &t));
		const struct view k = view_of(key, sizeof(key));
		assert_ok(vault_get(t, VAULT_LEAFHASHES, k, &before));
		if (rows[i].bytes)
			assert_ok(vault_put(
				t, VAULT_LEAFHASHES, k, view_of(bytes, rows[i].bytes)));
		else
			assert_ok(vault_delete(t, VAULT_LEAFHASHES, k));
		assert_ok(hub_commit(&p->hub));
		check(p, &f);
		assert_true(!rows[i].first_words[0] || has_finding(&f, rows[i].first_words));
		assert_true(has_finding(&f, rows[i].last_words));
		assert_ok(hub_txn(&p->hub, &t));
		assert_ok(vault_put(t, VAULT_LEAFHASHES, k, buf_view(&before)));
		assert_ok(hub_commit(&p->hub));
	}
}

#define at_a_hub(test) cmocka_unit_test_setup_teardown(test, make_hub, drop_hub)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_hub(what_is_committed_is_published_and_can_be_proved),
		at_a_hub(an_aborted_turn_leaves_no_leaf),
		at_a_hub(a_leaf_that_is_out_of_bounds_is_refused_whole),
		at_a_hub(what_was_committed_before_a_crash_is_published_after_it),
		at_a_hub(missing_tiles_and_a_missing_checkpoint_are_written_again),
		at_a_hub(refuses_a_vault_that_lacks_what_was_published),
		at_a_hub(refuses_a_vault_whose_leaves_are_others),
		at_a_hub(a_check_names_leaves_whose_hashes_are_damaged_or_missing),
		cmocka_unit_test(no_two_leaves_of_a_person_look_alike),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
