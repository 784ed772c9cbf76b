#include "tests/unit/hub_node.h"

#include "hub/forward.h"
#include "hub/renewal.h"

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
	assert_ok(renewal_claimed(p->hub.txn, w->public, &had));
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

static void
a_revoked_node_keeps_nobody_waiting(void **state)
{
	struct hub_place *p = *state;
	struct writer w;
	add_writer(p, &w);
	assert_ok(renewal_made(&p->hub, RENEWAL_LEDGER, 2, 0));
	assert_ok(renewal_told(&p->hub, 1, 2));
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
at(int64_t days, int64_t seconds)
{
	clock_freeze_wall_ms((PLACE_NOW_S + days * 86400 + seconds) * 1000);
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
	add_writer(p, &w);
	assert_ok(renewal_made(&p->hub, RENEWAL_LEDGER, 2, 0));
	assert_ok(renewal_told(&p->hub, 1, 2));
	at(60, -1);
	assert_int_equal(retired(p, RENEWAL_LEDGER), 0);
	at(60, 0);
	assert_int_equal(retired(p, RENEWAL_LEDGER), 1);
}

static void
only_an_officer_with_a_reason_asks_for_new_numbers(void **state)
{
	struct hub_place *p = *state;
	const struct view body = view_text("{\"reason\":\"example: a laptop was lost\"}");
	assert_refused(place_submit(p, RESEARCHER_1, RENEWAL_KIND, "keys", body), E_DENIED,
		"needs officer");
	assert_refused(place_submit(p, OFFICER_1, RENEWAL_KIND, "keys",
			       view_text("{\"reason\":\"\"}")),
		E_FORMAT, "a reason is needed");
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
		TEST(a_revoked_node_keeps_nobody_waiting),
		TEST(a_number_that_nobody_was_told_of_is_new_enough),
		TEST(a_month_makes_one_due_to_the_second_and_zero_days_never),
		TEST(after_sixty_days_nobody_is_waited_for),
		TEST(only_an_officer_with_a_reason_asks_for_new_numbers),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("renewal", tests, NULL, NULL);
}
