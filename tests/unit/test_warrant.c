#include "tests/unit/release_bench.h"

#include "common/trust/leaf.h"

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
	for (size_t i = 0; i < 3; i++) {
		OWNED(warrant) struct warrant *w = NULL;
		__attribute__((cleanup(forged_done))) struct forged f = {0};
		OWNED(cohort) struct cohort *c = bench_cohort(b);
		struct warrant_task task = read_task(b);
		c->wave += i == 1;
		c->rules_digest[0] ^= i == 2;
		forge(b, c, &task, &f);
		if (i == 0)
			assert_ok(check_warrant(b, &task, &w));
		else
			assert_refused(check_warrant(b, &task, &w), E_DENIED,
				i == 1 ? "another wave" : "other rules");
	}
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
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
