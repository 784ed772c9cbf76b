#include "tests/unit/release_bench.h"

#include <unistd.h>

#include "common/trust/leaf.h"
#include "hub/shelf.h"

#define BODY(id, indicators, purpose, wave)                                                    \
	"{\"id\":\"" id "\",\"indicators\":[" indicators "],\"purpose\":\"" purpose            \
	"\",\"wave\":" wave "}"
#define PROPOSAL BODY("r1", "\"W01\"", "example", "1")

static void
assert_state(struct release_bench *b, enum release_state state)
{
	struct release r = bench_row(b, RELEASE);
	assert_string_equal(release_state_word(r.state), release_state_word(state));
}

/* proposing */

static const struct {
	const char *name, *body;
	enum err expected;
	const char *words;
} proposals[] = {
	{"unknown indicator", BODY("r1", "\"W99\"", "example", "1"), E_NOTFOUND, "W99"},
	{"named twice", BODY("r1", "\"W01\",\"W01\"", "example", "1"), E_FORMAT, "twice"},
	{"no indicator", BODY("r1", "", "example", "1"), E_FORMAT, "one indicator"},
	{"no purpose", BODY("r1", "\"W01\"", "", "1"), E_FORMAT, "purpose"},
	{"purpose of two lines", BODY("r1", "\"W01\"", "one\\ntwo", "1"), E_FORMAT, "purpose"},
	{"unknown wave", BODY("r1", "\"W01\"", "example", "2"), E_NOTFOUND, "wave"},
	{"compared with itself", BODY("r1", "\"W01\"", "example", "1,\"compare\":1"), E_DENIED,
		"wave 1 is not earlier than wave 1"},
	{"compared with no wave", BODY("r1", "\"W01\"", "example", "1,\"compare\":0"), E_FORMAT,
		"compare"},
	{"compared with another wave", BODY("r1", "\"W01\"", "example", "1,\"compare\":2"),
		E_NOTFOUND, "no wave 2"},
	{"another id than signed", BODY("r2", "\"W01\"", "example", "1"), E_FORMAT, "id"},
	{"more members",
		"{\"id\":\"r1\",\"indicators\":[\"W01\"],\"purpose\":\"x\",\"wave\":1,"
		"\"all\":1}",
		E_FORMAT, ""},
	{"not JSON", "W01", E_FORMAT, ""},
};

static void
a_proposal_that_cannot_be_is_refused_by_name(void **state)
{
	struct release_bench *b = *state;
	for (size_t i = 0; i < ARRAY_LEN(proposals); i++) {
		print_message("%s\n", proposals[i].name);
		assert_refused(bench_propose(b, proposals[i].body), proposals[i].expected,
			proposals[i].words);
	}
	assert_ok(bench_propose(b, PROPOSAL));
	assert_refused(bench_propose(b, PROPOSAL), E_CONFLICT, "already");
}

static void
only_who_permits_both_uses_is_frozen(void **state)
{
	struct release_bench *b = *state;
	bench_person(b, b->norway, 40, false); /* no consent: ordinal 12 */
	bench_withdraw(b, b->norway, 1);       /* ordinal 0 */
	assert_ok(bench_propose(b, PROPOSAL));
	OWNED(cohort) struct cohort *c = bench_cohort(b);
	assert_int_equal(bitmap_count(c->members), 2 * PEOPLE_COUNT - 1);
	assert_false(bitmap_has(c->members, 0));
	assert_false(bitmap_has(c->members, 12));
	assert_true(bitmap_has(c->members, 1));
	for (size_t i = 0; i < c->site_count; i++) {
		bool joined = strcmp(c->sites[i].id, "norway") == 0 ||
			      strcmp(c->sites[i].id, "sweden") == 0;
		assert_int_equal(
			c->sites[i].state, joined ? SITE_TAKES_PART : SITE_NOT_IN_WAVE);
	}
}

/* Whatever a node sends is kept; it must not stand in the way of all others' records. */
static void
a_record_that_cannot_be_read_is_left_out(void **state)
{
	struct release_bench *b = *state;
	OWNED_MEM uint8_t *much = xcalloc(1, 2 * WIRE_RULES_MAX_BYTES);
	(void)node_add(b->norway, LANE_R, PART_RULES, view_text("not a rules part"));
	bench_arrive(b, b->norway, LANE_R);
	(void)node_add(b->norway, LANE_R, PART_RULES, view_of(much, 2 * WIRE_RULES_MAX_BYTES));
	bench_arrive(b, b->norway, LANE_R);
	(void)node_add(b->norway, LANE_R, PART_ANSWERS, view_text("no rules part at all"));
	bench_arrive(b, b->norway, LANE_R);
	assert_ok(bench_propose(b, PROPOSAL));
	OWNED(cohort) struct cohort *c = bench_cohort(b);
	assert_int_equal(c->members->row_count, 2 * PEOPLE_COUNT + 3);
	assert_int_equal(bitmap_count(c->members), 2 * PEOPLE_COUNT);
}

static void
nobody_to_count_is_refused(void **state)
{
	struct release_bench *b = *state;
	bench_approval(b, "rec-1", "rec", "", "unfavourable");
	assert_refused(bench_propose(b, PROPOSAL), E_DENIED, "no record");
}

/* the way to the keeper */

static void
a_task_waits_for_checkpoint_and_open_keeper(void **state)
{
	struct release_bench *b = *state;
	assert_ok(bench_propose(b, PROPOSAL));
	bench_checkpoint(b);
	assert_ok(release_desk_tick(b->desk));
	assert_int_equal(b->task_count, 0); /* locked */
	b->send_answers = E_BUSY;
	bench_open_keeper(b);
	assert_int_equal(b->task_count, 0); /* its queue is full */
	b->send_answers = OK;
	assert_ok(release_desk_tick(b->desk));
	assert_int_equal(b->task_count, 1);
	assert_ok(release_desk_tick(b->desk));
	assert_int_equal(b->task_count, 1); /* once */
	bench_hand_back(b, E_BUSY, "{}", b->release);
	assert_int_equal(b->task_count, 2); /* it was locked meanwhile */
}

static void
a_leaf_in_no_checkpoint_is_not_shown(void **state)
{
	struct release_bench *b = *state;
	bench_checkpoint(b);
	bench_open_keeper(b);
	assert_ok(bench_propose(b, PROPOSAL));
	assert_ok(release_desk_tick(b->desk));
	assert_int_equal(b->task_count, 0);
	bench_checkpoint(b);
	assert_ok(release_desk_tick(b->desk));
	assert_int_equal(b->task_count, 1);
}

/* Nothing is sent to a keeper whose unlocking could not be logged. */
static void
an_unlocking_that_is_not_logged_opens_nothing(void **state)
{
	struct release_bench *b = *state;
	struct hub *h = &b->place->hub;
	struct vault_txn *t = NULL;
	OWNED_BUF struct buf hello;
	buf_init(&hello, 256);
	call_begin(&hello, KEEPER_HELLO);
	buf_u8(&hello, 1);
	buf_blob_text(&hello, "holder-1");
	buf_blob_text(&hello, "holder-2");
	assert_ok(bench_propose(b, PROPOSAL));
	bench_checkpoint(b);
	assert_ok(hub_txn_reserve(h, &t));
	h->on_reserve = true;
	assert_err(release_desk_frame(b->desk, buf_view(&hello)), E_FULL);
	hub_abort(h);
	assert_false(release_desk_keeper_is_open(b->desk));
	assert_ok(release_desk_tick(b->desk));
	assert_int_equal(b->task_count, 0);
	assert_ok(release_desk_frame(b->desk, buf_view(&hello)));
	assert_ok(hub_commit(h));
	audit_committed(h->audit);
	assert_true(release_desk_keeper_is_open(b->desk));
}

static void
a_damaged_release_keeps_no_other_waiting(void **state)
{
	struct release_bench *b = *state;
	struct vault_txn *t = NULL;
	assert_ok(bench_propose(b, PROPOSAL));
	assert_ok(bench_submit(b, AUTHOR, "release-propose", "r2",
		view_text(BODY("r2", "\"W01\"", "example", "1"))));
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(vault_delete(t, VAULT_COHORTS, view_text("r1")));
	assert_ok(hub_commit(&b->place->hub));
	bench_checkpoint(b);
	bench_open_keeper(b);
	assert_int_equal(b->task_count, 1);
}

/* what comes back */

static void
what_the_keeper_refuses_is_refused_with_its_words(void **state)
{
	struct release_bench *b = *state;
	assert_ok(bench_propose(b, PROPOSAL));
	bench_hand_back(b, E_DENIED, "{}", b->release);
	struct release r = bench_row(b, RELEASE);
	assert_int_equal(r.state, RELEASE_REFUSED);
	assert_string_equal(r.words, "too few people");
}

static void
a_document_of_another_key_or_release_is_refused(void **state)
{
	static const char *const releases[] = {"r1", "r2"};
	for (size_t i = 0; i < ARRAY_LEN(releases); i++) {
		void *own = NULL;
		(void)state;
		assert_int_equal(make_release_bench(&own), 0);
		struct release_bench *b = own;
		assert_ok(bench_propose(b, PROPOSAL));
		OWNED_MEM char *document = bench_document(b, releases[i]);
		bench_hand_back(b, OK, document, i == 0 ? b->sign[AUTHOR] : b->release);
		assert_state(b, RELEASE_REFUSED);
		assert_int_equal(drop_release_bench(&own), 0);
	}
}

static void
bad_frames_of_the_keeper_change_nothing(void **state)
{
	static const char *const frames[] = {"", "x", "\x01\x00\x2a", "\x01\x00\x28\x01"};
	static const size_t lengths[] = {0, 1, 3, 4};
	struct release_bench *b = *state;
	uint64_t leaves = audit_size(b->place->hub.audit);
	for (size_t i = 0; i < ARRAY_LEN(frames); i++)
		assert_ok(release_desk_frame(b->desk, view_of(frames[i], lengths[i])));
	assert_null(b->place->hub.txn);
	assert_int_equal(audit_size(b->place->hub.audit), leaves);
	assert_false(release_desk_keeper_is_open(b->desk));
}

/* approving and publishing */

static void
two_others_than_the_author_approve_the_exact_bytes(void **state)
{
	struct release_bench *b = *state;
	OWNED_MEM char *document = bench_stage(b);
	OWNED_MEM char *other = xasprintf("%s ", document);
	assert_state(b, RELEASE_STAGED);
	assert_refused(bench_approve(b, AUTHOR, document), E_DENIED, "author");
	assert_refused(bench_approve(b, APPROVER_A, other), E_DENIED, "other bytes");
	assert_ok(bench_approve(b, APPROVER_A, document));
	assert_refused(bench_approve(b, APPROVER_A, document), E_DENIED, "already");
	assert_state(b, RELEASE_STAGED);
	assert_refused(bench_publish(b, document), E_CONFLICT, "not approved yet");
	assert_ok(bench_approve(b, APPROVER_B, document));
	assert_state(b, RELEASE_APPROVED);
	assert_refused(bench_publish(b, other), E_DENIED, "other bytes");
	assert_refused(bench_publish(b, document), E_BUSY, "checkpoint");
	bench_checkpoint(b);
	assert_ok(bench_publish(b, document));
	assert_state(b, RELEASE_RELEASED);
	assert_refused(bench_publish(b, document), E_CONFLICT, "released already");
}

static void
nothing_is_approved_before_it_is_staged(void **state)
{
	struct release_bench *b = *state;
	assert_ok(bench_propose(b, PROPOSAL));
	assert_refused(bench_approve(b, APPROVER_A, "{}"), E_CONFLICT, "not staged yet");
	assert_refused(bench_publish(b, "{}"), E_CONFLICT, "not staged yet");
}

static void
withdraw_one(struct release_bench *b)
{
	bench_withdraw(b, b->sweden, 51);
}

static void
withdraw_by_a_clock_ahead(struct release_bench *b)
{
	bench_withdraw_at(b, b->sweden, 51, clock_wall_ms() / 1000 + DAY_S);
}

static void
withdraw_by_a_clock_without_battery(struct release_bench *b)
{
	bench_withdraw_at(b, b->sweden, 51, 1);
}

/* A site set back to before a withdrawal brings the consent again, with a new date. */
static void
withdraw_and_consent_again(struct release_bench *b)
{
	struct wire_rules again = node_consent(51, 201);
	again.consent.given_at_s = clock_wall_ms() / 1000 + 1;
	bench_withdraw_at(b, b->sweden, 51, clock_wall_ms() / 1000 - 1);
	bench_bring(b, b->sweden, &again);
}

static void
suspend_study(struct release_bench *b)
{
	bench_approval(b, "rec-1", "rec", "", "unfavourable");
}

static void
agreement_of_one_site_ends(struct release_bench *b)
{
	bench_approval(b, "ag-2", "site_agreement", "sweden", "unfavourable");
}

static void
what_changed_since_the_freeze_stops_the_release(void **state)
{
	static void (*const changes[])(struct release_bench * b) = {withdraw_one,
		withdraw_by_a_clock_ahead, withdraw_by_a_clock_without_battery,
		withdraw_and_consent_again, suspend_study, agreement_of_one_site_ends,
		bench_new_manifest};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		void *own = NULL;
		assert_int_equal(make_release_bench(&own), 0);
		struct release_bench *b = own;
		OWNED_MEM char *document = bench_stage(b);
		assert_ok(bench_approve(b, APPROVER_A, document));
		assert_ok(bench_approve(b, APPROVER_B, document));
		changes[i](b);
		bench_checkpoint(b);
		assert_refused(bench_publish(b, document), E_CONFLICT, "since the freeze");
		assert_state(b, RELEASE_APPROVED);
		assert_ok(release_desk_tick(b->desk));
		assert_false(shelf_has(b->place->dir, RELEASE));
		assert_int_equal(drop_release_bench(&own), 0);
	}
}

/* A person who came after the freeze waits for the next release. */
static void
who_comes_later_does_not_stop_it(void **state)
{
	struct release_bench *b = *state;
	OWNED_MEM char *document = bench_stage(b);
	bench_person(b, b->norway, 30, true);
	assert_ok(bench_approve(b, APPROVER_A, document));
	assert_ok(bench_approve(b, APPROVER_B, document));
	bench_checkpoint(b);
	assert_ok(bench_publish(b, document));
}

/* shelf */

static void
assert_file(struct release_bench *b, const char *name, const char *content)
{
	OWNED_MEM char *path = xasprintf("%s/shelf/%s/%s", b->place->dir, RELEASE, name);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, path, 65536));
	assert_string_equal((const char *)bytes, content);
}

static void
the_shelf_shows_what_was_released_and_nothing_else(void **state)
{
	struct release_bench *b = *state;
	OWNED_MEM char *document = bench_stage(b);
	OWNED_MEM char *stray = xasprintf("%s/shelf/stray", b->place->dir);
	assert_ok(bench_approve(b, APPROVER_A, document));
	assert_ok(bench_approve(b, APPROVER_B, document));
	bench_checkpoint(b);
	assert_ok(release_desk_tick(b->desk));
	assert_false(shelf_has(b->place->dir, RELEASE));
	assert_ok(bench_publish(b, document));
	bench_checkpoint(b);
	assert_ok(release_desk_tick(b->desk));
	assert_file(b, "release.json", document);
	assert_file(b, "released.csv", "indicator,site,level,statistic,value\nW01,ALL,,n,12\n");
	/* At its next start the ledger makes the shelf again from the vault. */
	OWNED_MEM char *damage = xasprintf("rm -r '%s/shelf/r1'", b->place->dir);
	assert_int_equal(system(damage), 0);
	assert_int_equal(mkdir(stray, 0700), 0);
	release_desk_free(b->desk);
	b->desk = release_desk_new(&b->place->hub, NULL, NULL);
	assert_ok(release_desk_tick(b->desk));
	assert_file(b, "release.json", document);
	assert_int_not_equal(access(stray, F_OK), 0);
}

/* questions */

static void
questions_are_answered_and_unknown_ones_refused(void **state)
{
	static const struct {
		const char *question, *args;
		enum err expected;
		const char *holds;
	} cases[] = {
		{"releases", "{}", OK, "\"state\":\"staged\""},
		{"release", "{\"id\":\"r1\"}", OK, "\"needed\":2"},
		{"staged", "{\"id\":\"r1\"}", OK, "\"signature\":"},
		{"releasable", "{\"indicators\":[\"W01\"]}", OK, "attitudes"},
		{"releasable", "{\"indicators\":[\"W99\"]}", E_NOTFOUND, ""},
		{"release", "{\"id\":\"r2\"}", E_NOTFOUND, ""},
		{"release", "{}", E_FORMAT, ""},
		{"staged", "{\"id\":\"r2\"}", E_NOTFOUND, ""},
		{"evidence", "{\"id\":\"r1\"}", E_NOTFOUND, ""},
	};
	struct release_bench *b = *state;
	OWNED_MEM char *document = bench_stage(b);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		OWNED_BUF struct buf reply;
		buf_init(&reply, (size_t)4 << 20);
		assert_err(release_answer(&b->place->hub, cases[i].question,
				   view_text(cases[i].args), &reply),
			cases[i].expected);
		buf_u8(&reply, 0);
		if (cases[i].expected == OK)
			assert_non_null(strstr((const char *)reply.at, cases[i].holds));
	}
}

#define on_a_bench(test)                                                                       \
	cmocka_unit_test_setup_teardown(test, make_release_bench, drop_release_bench)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		on_a_bench(a_proposal_that_cannot_be_is_refused_by_name),
		on_a_bench(only_who_permits_both_uses_is_frozen),
		on_a_bench(a_record_that_cannot_be_read_is_left_out),
		on_a_bench(nobody_to_count_is_refused),
		on_a_bench(a_task_waits_for_checkpoint_and_open_keeper),
		on_a_bench(a_leaf_in_no_checkpoint_is_not_shown),
		on_a_bench(an_unlocking_that_is_not_logged_opens_nothing),
		on_a_bench(a_damaged_release_keeps_no_other_waiting),
		on_a_bench(what_the_keeper_refuses_is_refused_with_its_words),
		cmocka_unit_test(a_document_of_another_key_or_release_is_refused),
		on_a_bench(bad_frames_of_the_keeper_change_nothing),
		on_a_bench(two_others_than_the_author_approve_the_exact_bytes),
		on_a_bench(nothing_is_approved_before_it_is_staged),
		cmocka_unit_test(what_changed_since_the_freeze_stops_the_release),
		on_a_bench(who_comes_later_does_not_stop_it),
		on_a_bench(the_shelf_shows_what_was_released_and_nothing_else),
		on_a_bench(questions_are_answered_and_unknown_ones_refused),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
