#include "tests/unit/suite.h"

#include "hub/audit.h"
#include "hub/consents.h"
#include "hub/decisions.h"
#include "hub/forward.h"
#include "hub/record.h"
#include "hub/standing.h"
#include "hub/withheld.h"
#include "tests/unit/ingest_line.h"

#define PERSON 7

static struct wire_rules
change_of(uint8_t person, uint8_t instance)
{
	struct wire_rules r = node_consent(person, instance);
	r.kind = RULES_CHANGE;
	r.consent.event = "withdrawn";
	r.consent.level = "no-further-use";
	r.consent.permission_count = 0;
	return r;
}

/* The entry of lane C at this number as a notice; `spoil` flips a bit of its signature. */
static void
give_notice(struct line *l, uint64_t seq, bool spoil)
{
	OWNED_BUF struct buf plain, frame;
	const struct sync_entry entry = node_entry(l->node, LANE_C, seq);
	struct sync_msg m = {.kind = SYNC_NOTICE,
		.batch = {.lane = LANE_C, .first = seq, .entries = &entry, .count = 1}};
	memcpy(m.batch.session, l->lane.session, sizeof(m.batch.session));
	memcpy(m.batch.head, l->node->lanes[LANE_C - 1][seq - 1].hash, sizeof(m.batch.head));
	node_sign_head(l->node, LANE_C, seq, m.batch.signature);
	m.batch.signature[0] ^= spoil;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	buf_init(&frame, SYNC_FRAME_MAX_BYTES + 100);
	assert_ok(sync_pack(&plain, &m));
	buf_u8(&frame, 1);
	box_seal(&frame, buf_view(&plain), l->place->hub.box_public);
	assert_ok(line_feed_as(l, l->node->writer.transport, buf_view(&frame)));
}

/* How many NOTICED came; what came is gone then. */
static size_t
noticed(struct line *l)
{
	size_t count = 0;
	for (size_t i = 0; i < l->inbox_count; i++) {
		OWNED_BUF struct buf plain;
		struct sync_msg m;
		buf_init(&plain, SYNC_FRAME_MAX_BYTES);
		const struct buf *f = &l->inbox[i];
		assert_ok(box_open(&plain, view_of(f->at + 1, f->len - 1), l->node->box));
		l->arena.used = 0;
		assert_ok(sync_unpack(&m, &l->arena, buf_view(&plain)));
		count += m.kind == SYNC_NOTICED;
		buf_done(&l->inbox[i]);
	}
	l->inbox_count = 0;
	return count;
}

static uint64_t
held_back(struct line *l)
{
	struct vault_txn *t;
	uint64_t count = 0;
	assert_ok(hub_txn_reserve(&l->place->hub, &t));
	assert_ok(withheld_count(t, &count));
	return count;
}

static size_t
journalled(struct line *l)
{
	size_t count = 0;
	(void)forward_withdrawals(audit_forward(l->place->hub.audit), &count);
	return count;
}

/* What the rules see of the person last. */
static void
last_level(struct line *l, char *ret, size_t room)
{
	uint8_t person[ID_BYTES];
	struct vault_txn *t;
	struct consents c = {0};
	memset(person, PERSON, sizeof(person));
	assert_ok(hub_txn_reserve(&l->place->hub, &t));
	assert_ok(consents_read(&c, t, person));
	(void)snprintf(ret, room, "%s", c.count ? c.at[c.count - 1].level : "none");
	consents_done(&c);
}

/* A session that is up, and a chain at the node that it was not told of: three consents, then a
 * withdrawal. */
static void
begin(struct line *l)
{
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	for (uint8_t i = 1; i <= 3; i++) {
		struct wire_rules r = node_consent(i == 1 ? PERSON : i, i);
		node_add_rules(l->node, LANE_C, &r);
	}
	struct wire_rules change = change_of(PERSON, 9);
	node_add_rules(l->node, LANE_C, &change);
}

static void
send_chain(struct line *l)
{
	struct lane_event more = {
		.kind = LANE_APPENDED, .lane = LANE_C, .mark = node_mark(l->node, LANE_C)};
	line_step(l, &more);
	line_pump(l);
}

static void
a_withdrawal_is_in_force_before_its_entry_comes(void **state)
{
	struct line *l = *state;
	OWNED(json) struct json *tree = NULL;
	struct leaf leaf;
	char level[64];
	begin(l);
	uint64_t leaves = audit_size(l->place->hub.audit);
	give_notice(l, 4, false);
	assert_int_equal(l->inbox_count, 0); /* nothing is said before it is kept */
	line_end_turn(l);
	assert_int_equal(noticed(l), 1);
	assert_int_equal(held_back(l), 1);
	assert_int_equal(journalled(l), 1);
	assert_int_equal(audit_size(l->place->hub.audit), leaves + 1);
	line_last_leaf(l, &leaf, &tree);
	assert_string_equal(leaf.action, "change-noticed");
	last_level(l, level, sizeof(level));
	assert_string_equal(level, "no-further-use");
	/* Again: the same answer, and nothing more. */
	give_notice(l, 4, false);
	line_end_turn(l);
	assert_int_equal(noticed(l), 1);
	assert_int_equal(audit_size(l->place->hub.audit), leaves + 1);
	assert_int_equal(journalled(l), 1);
	/* Its entry comes, and stands for it. */
	send_chain(l);
	assert_int_equal(held_back(l), 0);
	assert_int_equal(line_rows(l, VAULT_CONSENTS), 4);
	last_level(l, level, sizeof(level));
	assert_string_equal(level, "no-further-use");
	/* A notice of an entry that is there is answered at once. */
	give_notice(l, 4, false);
	line_end_turn(l);
	assert_int_equal(noticed(l), 1);
	assert_int_equal(held_back(l), 0);
}

static void
a_notice_that_does_not_fit_has_no_effect(void **state)
{
	struct line *l = *state;
	begin(l);
	uint64_t leaves = audit_size(l->place->hub.audit);
	give_notice(l, 4, true);  /* not signed by the writer */
	give_notice(l, 2, false); /* a consent */
	line_end_turn(l);
	assert_int_equal(noticed(l), 0);
	assert_int_equal(held_back(l), 0);
	assert_int_equal(journalled(l), 0);
	assert_int_equal(audit_size(l->place->hub.audit), leaves);
}

static void
a_turn_that_fails_answers_no_notice(void **state)
{
	struct line *l = *state;
	begin(l);
	give_notice(l, 4, false);
	line_fail_turn(l);
	assert_int_equal(noticed(l), 0);
	assert_int_equal(held_back(l), 0);
}

static void
a_notice_that_contradicts_an_entry_is_a_fork(void **state)
{
	struct line *l = *state;
	begin(l);
	send_chain(l);
	(void)noticed(l);
	/* Another entry at the last number, made behind the same one. */
	struct node_entry *e = &l->node->lanes[LANE_C - 1][3];
	buf_done(&e->header);
	buf_done(&e->part);
	l->node->count[LANE_C - 1]--;
	struct wire_rules other = change_of(PERSON, 10);
	node_add_rules(l->node, LANE_C, &other);
	give_notice(l, 4, false);
	line_end_turn(l);
	assert_int_equal(noticed(l), 0);
	assert_int_equal(line_standing_of(l).standing, SYNC_FORK);
}

/* What a person at the hub has to decide, as text. */
static bool
decides(struct line *l, const char *words)
{
	OWNED_BUF struct buf out;
	struct json_out w;
	struct vault_txn *t = NULL;
	buf_init(&out, 65536);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	assert_ok(hub_txn_reserve(&l->place->hub, &t));
	assert_ok(decisions_put(&w, &l->place->hub, l->ingest, t));
	json_put_close(&w);
	assert_ok(json_end(&w, "decisions"));
	return memmem(out.at, out.len, words, strlen(words)) != NULL;
}

/* The node was put back before it had sent the entry, and goes on in this incarnation. */
static void
go_on_in(struct line *l, uint32_t incarnation)
{
	struct vault_txn *t = NULL;
	struct standing s = line_standing_of(l);
	s.incarnation = incarnation;
	assert_ok(hub_txn_reserve(&l->place->hub, &t));
	assert_ok(standing_put(t, l->node->writer.public, &s));
}

/* An entry about the person in the node's second incarnation. */
static void
enter_again(struct line *l, uint64_t seq, const struct wire_rules *what)
{
	OWNED_BUF struct buf part;
	struct wire_rules r = *what;
	struct vault_txn *t = NULL;
	const struct place at = {.incarnation = 2, .lane = LANE_C, .seq = seq};
	uint8_t key[PLACE_PART_KEY_BYTES];
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	memset(r.salt, 1, sizeof(r.salt));
	assert_ok(wire_rules_pack(&part, &r));
	place_part_key(key, &at, PART_RULES);
	assert_ok(hub_txn_reserve(&l->place->hub, &t));
	assert_ok(vault_put(t, VAULT_PARTS, view_of(key, sizeof(key)), buf_view(&part)));
	assert_ok(record_consent_add(t, r.participant, &at, audit_size(l->place->hub.audit)));
}

static void
a_notice_whose_entry_is_lost_is_said_until_the_site_knows_of_it(void **state)
{
	static const char lost[] = "1 withdrawals, the first of ";
	struct line *l = *state;
	char level[64];
	begin(l);
	give_notice(l, 4, false);
	line_end_turn(l);
	assert_int_equal(held_back(l), 1);
	assert_false(decides(l, lost)); /* it is on its way */
	go_on_in(l, 2);
	assert_true(decides(l, lost));
	assert_true(decides(l, "weir-node change"));
	last_level(l, level, sizeof(level));
	assert_string_equal(level, "no-further-use");
	/* Somebody looked at the opt-out: that is no word of the person. */
	struct wire_rules look = node_record(PERSON, 8);
	look.kind = RULES_OPT_OUT;
	look.form = "";
	look.opt_out = (struct wire_opt_out){PLACE_NOW_S, false, "MESH"};
	enter_again(l, 1, &look);
	assert_true(decides(l, lost));
	/* The site enters it again. */
	const struct wire_rules change = change_of(PERSON, 9);
	enter_again(l, 2, &change);
	assert_false(decides(l, lost));
	assert_int_equal(held_back(l), 1); /* in force all the same */
}

static void
a_row_of_an_older_hub_does_not_say_which_entry_it_waits_for(void **state)
{
	struct line *l = *state;
	const struct withheld w = {.level = "no-further-use", .given_s = 5, .known = 1};
	const uint8_t person[ID_BYTES] = {1}, root[HASH_BYTES] = {2};
	struct vault_txn *t = NULL;
	begin(l);
	assert_ok(hub_txn_reserve(&l->place->hub, &t));
	assert_ok(withheld_put(t, person, root, &w));
	go_on_in(l, 2);
	assert_int_equal(held_back(l), 1);
	assert_false(decides(l, "were lost at this node"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_withdrawal_is_in_force_before_its_entry_comes, line_make, line_drop),
		cmocka_unit_test_setup_teardown(
			a_notice_that_does_not_fit_has_no_effect, line_make, line_drop),
		cmocka_unit_test_setup_teardown(
			a_turn_that_fails_answers_no_notice, line_make, line_drop),
		cmocka_unit_test_setup_teardown(
			a_notice_that_contradicts_an_entry_is_a_fork, line_make, line_drop),
		cmocka_unit_test_setup_teardown(
			a_notice_whose_entry_is_lost_is_said_until_the_site_knows_of_it,
			line_make, line_drop),
		cmocka_unit_test_setup_teardown(
			a_row_of_an_older_hub_does_not_say_which_entry_it_waits_for, line_make,
			line_drop),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("notice", tests, NULL, NULL);
}
