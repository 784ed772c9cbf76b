#include "tests/unit/hub_node.h"

#include "hub/forward.h"
#include "hub/renewal.h"
#include "hub/renewal_claim.h"
#include "hub/renewal_kept.h"

#define DAYS 30

static void
begin_turn(struct hub_place *p)
{
	struct vault_txn *t;
	assert_ok(hub_txn(&p->hub, &t));
}

static uint32_t
retired(struct hub_place *p, enum renewal_kind kind)
{
	uint32_t number = 99;
	begin_turn(p);
	assert_ok(renewal_retired(&p->hub, kind, &number));
	return number;
}

static void
note_backup(struct hub_place *p, uint8_t id, uint32_t epoch)
{
	struct forward_backup b = {.made_s = PLACE_NOW_S, .keyring_epoch = epoch};
	memset(b.id, id, sizeof(b.id));
	begin_turn(p);
	forward_note_backup(audit_forward(p->hub.audit), &b);
	assert_ok(hub_commit(&p->hub));
}

/* A node of the example study that took the manifest when it had one entry of lane C. */
static void
add_writer(struct hub_place *p, struct writer *w)
{
	*w = (struct writer){.site = "sweden"};
	memset(w->public, 7, sizeof(w->public));
	memset(w->transport, 8, sizeof(w->transport));
	begin_turn(p);
	assert_ok(writer_put(p->hub.txn, w));
}

static void
take_manifest(struct hub_place *p, const struct writer *w, uint64_t number)
{
	struct standing s;
	const struct renewal_claim had = {.manifest = number, .incarnation = 1, .seq = {1}};
	begin_turn(p);
	assert_ok(standing_get(p->hub.txn, w->public, &s));
	s.manifest = number;
	assert_ok(standing_put(p->hub.txn, w->public, &s));
	assert_ok(renewal_claim_take(p->hub.txn, w->public, &had));
}

static void
send_entry(struct hub_place *p, const struct writer *w)
{
	struct place lane = {.incarnation = 1, .lane = LANE_C};
	const struct sync_mark mark = {.seq = 1};
	const uint8_t signature[SIGNATURE_BYTES] = {0};
	memcpy(lane.writer, w->public, sizeof(lane.writer));
	begin_turn(p);
	assert_ok(standing_head_put(p->hub.txn, &lane, &mark, signature));
}

struct seen_wait {
	size_t count;
	enum renewal_wait why;
	int64_t until_s;
};

static enum err
see_wait(void *arg, const struct writer *w, enum renewal_wait why, int64_t until_s)
{
	struct seen_wait *s = arg;
	assert_string_equal(w->site, "sweden");
	s->count++;
	s->why = why;
	s->until_s = until_s;
	return OK;
}

static void
at(int64_t days, int64_t seconds)
{
	clock_freeze_wall_ms((PLACE_NOW_S + days * 86400 + seconds) * 1000);
}

/* A word as it stands in the report of the node's act. */
static void
write_report(struct buf *out, const struct renewal_kept *k)
{
	buf_u8(out, 1);
	buf_u32(out, k->newest);
	buf_u32(out, k->oldest);
	buf_u32(out, k->count);
	buf_u32(out, k->incarnation);
	buf_u64(out, k->control);
	buf_u64(out, k->records);
}

static void
say(struct hub_place *p, const struct writer *w, struct renewal_kept k)
{
	OWNED_BUF struct buf report;
	buf_init(&report, 64);
	write_report(&report, &k);
	begin_turn(p);
	assert_ok(renewal_kept_take(p->hub.txn, w->public, buf_view(&report)));
}

/* A node, and a second number of this kind, of which a manifest told. */
static void
tell_second(struct hub_place *p, struct writer *w, enum renewal_kind kind)
{
	const bool is_intake = kind == RENEWAL_INTAKE;
	add_writer(p, w);
	assert_ok(renewal_made(&p->hub, kind, 2, is_intake ? 2 : 0));
	assert_ok(renewal_told(&p->hub, is_intake ? 2 : 1, is_intake ? 1 : 2));
}

/* The same, taken by the node, of which all is here that it had then. */
static void
take_second(struct hub_place *p, struct writer *w, enum renewal_kind kind)
{
	tell_second(p, w, kind);
	take_manifest(p, w, p->hub.manifest_number);
	send_entry(p, w);
}

static void
an_old_number_goes_when_told_taken_sent_and_kept_and_not_before(void **state)
{
	struct hub_place *p = *state;
	struct writer w;
	add_writer(p, &w);
	assert_ok(renewal_made(&p->hub, RENEWAL_INTAKE, 2, 2));
	assert_ok(renewal_made(&p->hub, RENEWAL_LEDGER, 2, 0));
	assert_int_equal(retired(p, RENEWAL_INTAKE), 0); /* not told */
	assert_ok(renewal_told(&p->hub, 2, 2));
	assert_int_equal(retired(p, RENEWAL_LEDGER), 0); /* not taken */
	take_manifest(p, &w, p->hub.manifest_number);
	assert_int_equal(retired(p, RENEWAL_LEDGER), 0); /* not sent */
	send_entry(p, &w);
	assert_int_equal(retired(p, RENEWAL_LEDGER), 1);
	say(p, &w, (struct renewal_kept){.newest = 2, .incarnation = 1, .control = 1});
	assert_int_equal(retired(p, RENEWAL_INTAKE), 0); /* no backup */
	assert_ok(hub_commit(&p->hub));
	note_backup(p, 1, 0);
	assert_int_equal(retired(p, RENEWAL_INTAKE), 0); /* without a keyring */
	note_backup(p, 2, 1);
	assert_int_equal(retired(p, RENEWAL_INTAKE), 0); /* with an older one */
	note_backup(p, 3, 2);
	assert_int_equal(retired(p, RENEWAL_INTAKE), 1);
	assert_ok(renewal_taken(&p->hub, 3)); /* keys were left: another backup is needed */
	assert_int_equal(retired(p, RENEWAL_INTAKE), 0);
	assert_ok(hub_commit(&p->hub));
	note_backup(p, 4, 3);
	assert_int_equal(retired(p, RENEWAL_INTAKE), 1);
}

/* Number 2 is told, taken and kept in a backup, lane C ends at 1: what a node said decides. */
static void
a_number_stays_while_a_node_keeps_something_for_it(void **state)
{
	static const struct {
		const char *name;
		struct renewal_kept said; /* newest 0: nothing */
		uint32_t retired;
		enum renewal_wait why;
	} rows[] = {
		{"it said nothing", {0}, 0, RENEWAL_WAITS_SAYS},
		{"it keeps two", {2, 1, 2, 1, 1, 0}, 0, RENEWAL_WAITS_KEEPS},
		{"it keeps two, and sends", {2, 1, 2, 1, 9, 0}, 0, RENEWAL_WAITS_KEEPS},
		{"it said so of the number before", {1, 0, 0, 1, 1, 0}, 0, RENEWAL_WAITS_SAYS},
		{"it is free, and has not sent a key", {2, 0, 0, 1, 2, 0}, 0,
			RENEWAL_WAITS_SENDS},
		{"it is free, and has not sent a record", {2, 0, 0, 1, 1, 1}, 0,
			RENEWAL_WAITS_SENDS},
		{"it was free in another incarnation", {2, 0, 0, 2, 1, 0}, 0,
			RENEWAL_WAITS_SAYS},
		{"it is free", {2, 0, 0, 1, 1, 0}, 1, RENEWAL_WAITS_NOT},
		{"it was free and had less", {2, 0, 0, 1, 0, 0}, 1, RENEWAL_WAITS_NOT},
		{"it seals for a later one", {3, 0, 0, 1, 1, 0}, 1, RENEWAL_WAITS_NOT},
		{"it keeps some for the newer one", {3, 2, 1, 1, 1, 0}, 1, RENEWAL_WAITS_NOT},
	};
	struct hub_place *p = *state;
	struct writer w;
	take_second(p, &w, RENEWAL_INTAKE);
	assert_ok(hub_commit(&p->hub));
	note_backup(p, 3, 2);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct seen_wait seen = {.why = RENEWAL_WAITS_NOT};
		if (rows[i].said.newest)
			say(p, &w, rows[i].said);
		if (retired(p, RENEWAL_INTAKE) != rows[i].retired)
			fail_msg("%s", rows[i].name);
		assert_ok(renewal_each_waiting(&p->hub, RENEWAL_INTAKE, see_wait, &seen));
		if (seen.why != rows[i].why || (seen.count == 1) == rows[i].retired)
			fail_msg("%s: %d", rows[i].name, seen.why);
	}
}

/* Longer than that the design lets no node keep it. */
static void
what_a_node_keeps_is_waited_for_sixty_days(void **state)
{
	struct hub_place *p = *state;
	struct seen_wait seen = {.count = 0};
	struct writer w;
	take_second(p, &w, RENEWAL_INTAKE);
	say(p, &w, (struct renewal_kept){2, 1, 1, 1, 1, 0});
	assert_ok(hub_commit(&p->hub));
	note_backup(p, 3, 2);
	at(60, -1);
	assert_int_equal(retired(p, RENEWAL_INTAKE), 0);
	assert_ok(renewal_each_waiting(&p->hub, RENEWAL_INTAKE, see_wait, &seen));
	assert_int_equal(seen.until_s, PLACE_NOW_S + 60 * 86400);
	at(60, 0);
	assert_int_equal(retired(p, RENEWAL_INTAKE), 1);
	seen.count = 0;
	assert_ok(renewal_each_waiting(&p->hub, RENEWAL_INTAKE, see_wait, &seen));
	assert_int_equal(seen.count, 0);
}

static void
a_revoked_node_that_holds_something_keeps_nobody_waiting(void **state)
{
	struct hub_place *p = *state;
	struct writer w;
	tell_second(p, &w, RENEWAL_INTAKE);
	say(p, &w, (struct renewal_kept){2, 1, 1, 1, 1, 0});
	w.revoked_s = PLACE_NOW_S;
	assert_ok(writer_put(p->hub.txn, &w));
	assert_ok(hub_commit(&p->hub));
	note_backup(p, 3, 2);
	assert_int_equal(retired(p, RENEWAL_INTAKE), 1);
}

static void
a_word_that_is_not_of_its_form_changes_nothing(void **state)
{
	static const struct renewal_kept bad[] = {
		{0, 0, 0, 1, 1, 1}, /* for no number */
		{2, 2, 1, 1, 1, 1}, /* older than itself */
		{2, 1, 0, 1, 1, 1}, /* something, and none */
		{2, 0, 1, 1, 1, 1}, /* one, and nothing */
		{2, 0, 0, 0, 1, 1}, /* in no incarnation */
	};
	struct hub_place *p = *state;
	struct renewal_kept there;
	struct writer w;
	add_writer(p, &w);
	say(p, &w, (struct renewal_kept){2, 1, 7, 1, 1, 0});
	for (size_t i = 0; i <= ARRAY_LEN(bad); i++) {
		OWNED_BUF struct buf report;
		buf_init(&report, 64);
		write_report(&report, &bad[i % ARRAY_LEN(bad)]);
		if (i == ARRAY_LEN(bad))
			buf_u8(&report, 0);
		assert_err(
			renewal_kept_take(p->hub.txn, w.public, buf_view(&report)), E_FORMAT);
	}
	assert_err(renewal_kept_take(p->hub.txn, w.public, view_of(NULL, 0)), E_FORMAT);
	assert_ok(renewal_kept_get(p->hub.txn, w.public, &there));
	assert_int_equal(there.count, 7);
}

/* A node greets often: the first greeting of an incarnation with a manifest stands. */
static void
a_node_that_greets_again_has_claimed_no_more(void **state)
{
	static const struct {
		struct renewal_claim claim;
		uint32_t retired;
	} rows[] = {
		{{1, 1, {1}}, 1}, {{1, 1, {9}}, 1}, /* the same once more: what came since */
		{{1, 2, {9}}, 0},                   /* another incarnation */
		{{1, 1, {1}}, 0},                   /* one that ended says less */
	};
	struct hub_place *p = *state;
	struct writer w;
	take_second(p, &w, RENEWAL_LEDGER);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct renewal_claim claim = rows[i].claim;
		claim.manifest = p->hub.manifest_number;
		begin_turn(p);
		assert_ok(renewal_claim_take(p->hub.txn, w.public, &claim));
		assert_int_equal(retired(p, RENEWAL_LEDGER), rows[i].retired);
	}
}

static void
a_revoked_node_keeps_nobody_waiting(void **state)
{
	struct hub_place *p = *state;
	struct writer w;
	tell_second(p, &w, RENEWAL_LEDGER);
	assert_int_equal(retired(p, RENEWAL_LEDGER), 0);
	w.revoked_s = PLACE_NOW_S;
	assert_ok(writer_put(p->hub.txn, &w));
	assert_int_equal(retired(p, RENEWAL_LEDGER), 1);
	assert_ok(renewal_gone(&p->hub, RENEWAL_LEDGER, 1));
	assert_int_equal(retired(p, RENEWAL_LEDGER), 0);
}

static bool
is_due(struct hub_place *p, int64_t days)
{
	struct renewal_state s;
	assert_ok(renewal_state(&p->hub, RENEWAL_INTAKE, days, &s));
	return s.is_due;
}

static void
a_number_that_nobody_was_told_of_is_new_enough(void **state)
{
	struct hub_place *p = *state;
	struct renewal_state s;
	begin_turn(p);
	assert_ok(renewal_state(&p->hub, RENEWAL_INTAKE, DAYS, &s));
	assert_int_equal(s.newest, 1);
	assert_int_equal(s.told, 1);
	assert_int_equal(s.oldest, 1);
	assert_false(s.is_due);
	assert_ok(renewal_made(&p->hub, RENEWAL_INTAKE, 2, 2));
	assert_ok(renewal_state(&p->hub, RENEWAL_INTAKE, DAYS, &s));
	assert_int_equal(s.newest, 2);
	assert_int_equal(s.told, 1);
	assert_false(is_due(p, DAYS));
}

static void
a_month_makes_one_due_to_the_second_and_zero_days_never(void **state)
{
	struct hub_place *p = *state;
	begin_turn(p);
	at(DAYS, -1);
	assert_false(is_due(p, DAYS));
	at(DAYS, 0);
	assert_true(is_due(p, DAYS));
	assert_false(is_due(p, 0));
}

static void
after_sixty_days_nobody_is_waited_for(void **state)
{
	struct hub_place *p = *state;
	struct writer w;
	tell_second(p, &w, RENEWAL_LEDGER);
	at(60, -1);
	assert_int_equal(retired(p, RENEWAL_LEDGER), 0);
	at(60, 0);
	assert_int_equal(retired(p, RENEWAL_LEDGER), 1);
}

static void
only_an_officer_with_a_reason_asks_for_new_numbers(void **state)
{
	struct hub_place *p = *state;
	const struct view body = view_text(
		"{\"reason\":\"example: a laptop was lost\",\"leave_damaged\":false}");
	assert_refused(place_submit(p, RESEARCHER_1, RENEWAL_KIND, "keys", body), E_DENIED,
		"needs officer");
	assert_refused(place_submit(p, OFFICER_1, RENEWAL_KIND, "keys",
			       view_text("{\"reason\":\"\",\"leave_damaged\":false}")),
		E_FORMAT, "a reason is needed");
	assert_refused(place_submit(p, OFFICER_1, RENEWAL_KIND, "keys",
			       view_text("{\"reason\":\"x\",\"leave_damaged\":true}")),
		E_CONFLICT, "no renewal waits for damaged entries");
	at(0, 10);
	assert_ok(place_submit(p, OFFICER_1, RENEWAL_KIND, "keys", body));
	assert_true(is_due(p, 0));
	at(0, 20);
	assert_ok(renewal_made(&p->hub, RENEWAL_INTAKE, 2, 2));
	assert_ok(renewal_told(&p->hub, 2, 1));
	assert_false(is_due(p, 0)); /* once */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_hub_in_force, drop_hub)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_old_number_goes_when_told_taken_sent_and_kept_and_not_before),
		TEST(a_number_stays_while_a_node_keeps_something_for_it),
		TEST(what_a_node_keeps_is_waited_for_sixty_days),
		TEST(a_revoked_node_that_holds_something_keeps_nobody_waiting),
		TEST(a_word_that_is_not_of_its_form_changes_nothing),
		TEST(a_node_that_greets_again_has_claimed_no_more),
		TEST(a_revoked_node_keeps_nobody_waiting),
		TEST(a_number_that_nobody_was_told_of_is_new_enough),
		TEST(a_month_makes_one_due_to_the_second_and_zero_days_never),
		TEST(after_sixty_days_nobody_is_waited_for),
		TEST(only_an_officer_with_a_reason_asks_for_new_numbers),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("renewal", tests, NULL, NULL);
}
