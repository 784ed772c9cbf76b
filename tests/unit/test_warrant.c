#include "tests/unit/own_dir.h"
#include "tests/unit/release_bench.h"

#include "common/trust/leaf.h"
#include "hub/keeper_task.h"

#define PROPOSAL "{\"id\":\"r1\",\"indicators\":[\"W01\"],\"purpose\":\"example\",\"wave\":1}"

static enum err
check_warrant(struct release_bench *b, const struct warrant_task *task, struct warrant **ret)
{
	OWNED(vault_txn) struct vault_txn *t = NULL;
	const struct hub *h = &b->place->hub;
	OWNED(keeperkey)
	struct keeperkey *keys = keeperkey_new(h->root_public, b->place->keys->log_public);
	assert_ok(vault_snapshot(&t, h->vault));
	const struct warrant_known known = {PLACE_STUDY, PLACE_ORIGIN, keys, t};
	return warrant_check(ret, task, &known);
}

static struct warrant_task
read_task(struct release_bench *b)
{
	struct warrant_task task;
	struct cursor c;
	uint16_t verb;
	assert_ok(call_read(buf_view(&b->task), &verb, &c));
	assert_int_equal(verb, KEEPER_TASK);
	assert_ok(warrant_task_read(&c, &task));
	return task;
}

static void
the_keeper_takes_a_task_as_it_was_frozen(void **state)
{
	struct release_bench *b = *state;
	OWNED(warrant) struct warrant *w = NULL;
	assert_ok(bench_propose(b, PROPOSAL));
	bench_checkpoint(b);
	bench_open_keeper(b);
	struct warrant_task task = read_task(b);
	assert_ok(check_warrant(b, &task, &w));
	assert_string_equal(w->author, "author-1");
	assert_string_equal(w->purpose, "example");
	assert_string_equal(w->indicators[0], "W01");
	assert_int_equal(bitmap_count(w->cohort->members), 2 * PEOPLE_COUNT);
}

/* Every bit of what the ledger shows counts; that of the checkpoint's signature lines, too. */
static void
a_task_that_was_changed_is_refused(void **state)
{
	struct release_bench *b = *state;
	OWNED(warrant) struct warrant *w = NULL;
	assert_ok(bench_propose(b, PROPOSAL));
	bench_checkpoint(b);
	bench_open_keeper(b);
	struct warrant_task task = read_task(b);
	const struct view parts[] = {
		task.cohort, task.leaf, task.proof, task.checkpoint, task.statement, task.body};
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		for (size_t at = 0; at < parts[i].len; at += 1 + parts[i].len / 17) {
			uint8_t *byte = b->task.at + (parts[i].at + at - b->task.at);
			*byte ^= 4;
			if (check_warrant(b, &task, &w) == OK)
				fail_msg("byte %zu of part %zu does not count", at, i);
			*byte ^= 4;
		}
	task.leaf_index++;
	assert_true(check_warrant(b, &task, &w) != OK);
	task.leaf_index--;
	memcpy(task.release, "r2", 3);
	assert_err(check_warrant(b, &task, &w), E_DENIED);
	b->place->hub.root_public[0] ^= 1;
	memcpy(task.release, "r1", 3);
	assert_err(check_warrant(b, &task, &w), E_AUTH);
	b->place->hub.root_public[0] ^= 1;
	assert_ok(check_warrant(b, &task, &w));
}

static void
the_keeper_takes_no_task_of_a_study_that_was_replaced(void **state)
{
	struct release_bench *b = *state;
	OWNED(warrant) struct warrant *w = NULL;
	assert_ok(bench_propose(b, PROPOSAL));
	bench_checkpoint(b);
	bench_open_keeper(b);
	struct warrant_task task = read_task(b);
	bench_new_manifest(b);
	assert_refused(check_warrant(b, &task, &w), E_CONFLICT, "since the freeze");
}

/* What a ledger can show that has gone over to the other side: a leaf of its own making in a
 * checkpoint that its key signs. */
struct forged {
	struct buf cohort, leaf, proof, checkpoint;
};

static void
forged_done(struct forged *f)
{
	buf_done(&f->cohort);
	buf_done(&f->leaf);
	buf_done(&f->proof);
	buf_done(&f->checkpoint);
}

static struct cohort *
cohort_without_first(const struct cohort *c)
{
	struct cohort *less = cohort_new(c->site_count, c->members->row_count);
	struct cohort_site *sites = less->sites;
	struct bitmap *members = less->members;
	*less = *c;
	less->sites = sites;
	less->members = members;
	memcpy(sites, c->sites, c->site_count * sizeof(*sites));
	for (size_t i = 1; i < c->members->row_count; i++)
		if (bitmap_has(c->members, i))
			bitmap_put(members, i);
	return less;
}

static void
forge(struct release_bench *b, const struct cohort *c, struct warrant_task *task,
	struct forged *f)
{
	struct hub *h = &b->place->hub;
	struct vault_txn *t = NULL;
	uint8_t digest[HASH_BYTES], proof[MERKLE_PROOF_MOST_COUNT][HASH_BYTES];
	char hex[2 * HASH_BYTES + 1];
	buf_init(&f->cohort, COHORT_MAX_BYTES);
	buf_init(&f->leaf, LEAF_MOST_BYTES);
	buf_init(&f->proof, sizeof(proof));
	buf_init(&f->checkpoint, NOTE_MOST_BYTES);
	assert_ok(cohort_pack(&f->cohort, c));
	cohort_digest(digest, buf_view(&f->cohort));
	text_hex(hex, digest, sizeof(digest));
	const struct leaf l = {.id = "forged",
		.actor = "author-1",
		.role = "researcher",
		.org = "example",
		.action = "cohort-frozen",
		.object_commit = hex,
		.purpose = "example",
		.count_bucket = cohort_bucket(bitmap_count(c->members)),
		.request_id = RELEASE};
	assert_ok(leaf_write(&f->leaf, &l));
	assert_ok(hub_txn(h, &t));
	assert_ok(audit_add(h->audit, t, &l, &task->leaf_index));
	assert_ok(hub_commit(h));
	audit_committed(h->audit);
	bench_checkpoint(b);
	assert_ok(audit_proof(h->audit, task->leaf_index, proof, &task->proof_count));
	buf_add(&f->proof, proof, task->proof_count * HASH_BYTES);
	assert_ok(audit_checkpoint(h->audit, &f->checkpoint));
	task->cohort = buf_view(&f->cohort);
	task->leaf = buf_view(&f->leaf);
	task->proof = buf_view(&f->proof);
	task->checkpoint = buf_view(&f->checkpoint);
}

static void
a_leaf_of_another_wave_or_rules_opens_nothing(void **state)
{
	struct release_bench *b = *state;
	assert_ok(bench_propose(b, PROPOSAL));
	bench_checkpoint(b);
	bench_open_keeper(b);
	for (size_t i = 0; i < 4; i++) {
		OWNED(warrant) struct warrant *w = NULL;
		__attribute__((cleanup(forged_done))) struct forged f = {0};
		OWNED(cohort) struct cohort *c = bench_cohort(b);
		struct warrant_task task = read_task(b);
		c->wave += i == 1;
		c->rules_digest[0] ^= i == 2;
		c->compared = i == 3; /* one more than the author asked for */
		forge(b, c, &task, &f);
		if (i == 0)
			assert_ok(check_warrant(b, &task, &w));
		else
			assert_refused(check_warrant(b, &task, &w), E_DENIED,
				i == 2 ? "other rules" : "another wave");
	}
}

/* opening */

struct keeper_place {
	struct keeperkey *keys;
	struct keyring *keyring;
	char dir[64];
};

static void
keeper_place_done(struct keeper_place *k)
{
	keyring_free(k->keyring);
	keeperkey_free(k->keys);
	assert_int_equal(own_dir_drop(k->dir), 0);
}

static void
make_keeper_place(struct release_bench *b, struct keeper_place *k)
{
	const struct hub *h = &b->place->hub;
	(void)snprintf(k->dir, sizeof(k->dir), "%s/ring", b->place->dir);
	k->keys = keeperkey_new(h->root_public, b->place->keys->log_public);
	const struct keyring_config c = {k->dir, PLACE_STUDY, 1, k->keys->epoch_key};
	assert_ok(keyring_open(&k->keyring, &c));
}

static enum err
begin_task(struct release_bench *b, const struct keeper_place *k,
	const struct warrant_task *fields, struct keeper_task **ret)
{
	const struct keeper_task_room room = {
		PLACE_STUDY, PLACE_ORIGIN, b->place->hub.vault, k->keys, k->keyring};
	return keeper_task_new(ret, &room, fields);
}

static void
who_withdraws_after_the_freeze_is_not_opened(void **state)
{
	struct release_bench *b = *state;
	bool done = false;
	__attribute__((cleanup(keeper_place_done))) struct keeper_place k = {.dir = ""};
	OWNED(keeper_task) struct keeper_task *before = NULL, *after = NULL;
	make_keeper_place(b, &k);
	assert_ok(bench_propose(b, PROPOSAL));
	bench_checkpoint(b);
	bench_open_keeper(b);
	struct warrant_task fields = read_task(b);
	assert_ok(begin_task(b, &k, &fields, &before));
	assert_ok(keeper_task_step(before, 0, &done));
	assert_true(done);
	/* None of the bench's records has answers. */
	assert_int_equal(keeper_task_missed_count(before), 2 * PEOPLE_COUNT);
	bench_withdraw(b, b->sweden, 51);
	assert_ok(begin_task(b, &k, &fields, &after));
	assert_refused(keeper_task_step(after, 0, &done), E_DENIED, "since the freeze");
	assert_false(done);
}

/* With the keys of log and ledger one could freeze a cohort again and again, each time without
 * another person, and take what the tables differ in for that person's answers. */
static void
a_proposal_opens_one_cohort_only(void **state)
{
	struct release_bench *b = *state;
	__attribute__((cleanup(keeper_place_done))) struct keeper_place k = {.dir = ""};
	__attribute__((cleanup(forged_done))) struct forged f = {0};
	OWNED(keeper_task) struct keeper_task *first = NULL, *again = NULL, *other = NULL;
	make_keeper_place(b, &k);
	assert_ok(bench_propose(b, PROPOSAL));
	bench_checkpoint(b);
	bench_open_keeper(b);
	struct warrant_task fields = read_task(b);
	assert_ok(begin_task(b, &k, &fields, &first));
	assert_ok(begin_task(b, &k, &fields, &again));
	OWNED(cohort) struct cohort *c = bench_cohort(b);
	OWNED(cohort) struct cohort *less = cohort_without_first(c);
	forge(b, less, &fields, &f);
	assert_refused(begin_task(b, &k, &fields, &other), E_DENIED, "another cohort");
}

#define on_a_bench(test)                                                                       \
	cmocka_unit_test_setup_teardown(test, make_release_bench, drop_release_bench)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		on_a_bench(the_keeper_takes_a_task_as_it_was_frozen),
		on_a_bench(a_task_that_was_changed_is_refused),
		on_a_bench(the_keeper_takes_no_task_of_a_study_that_was_replaced),
		on_a_bench(a_leaf_of_another_wave_or_rules_opens_nothing),
		on_a_bench(who_withdraws_after_the_freeze_is_not_opened),
		on_a_bench(a_proposal_opens_one_cohort_only),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
