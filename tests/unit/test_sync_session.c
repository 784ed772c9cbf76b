#include "tests/unit/suite.h"

#include "node/sync_marks.h"
#include "node/sync_session_inside.h"
#include "node/vault_prune.h"
#include "tests/unit/node_away.h"

#define EVENTS_COUNT 200

/* A session with nobody at the other end. */
struct alone {
	struct away *away; /* lent by the group */
	struct sync_session *session;
	struct sync_pace *pace;
	size_t sent, reconnected;
};

static enum err
send_nothing(void *arg, struct view frame)
{
	struct alone *x = arg;
	(void)frame;
	x->sent++;
	return OK;
}

static void
count_reconnect(void *arg, int64_t after_ms)
{
	struct alone *x = arg;
	(void)after_ms;
	x->reconnected++;
}

static void
begin(struct alone *x, void **state, bool is_metered)
{
	const struct pace_rules rules = {.metered = is_metered};
	*x = (struct alone){.away = *state};
	struct away *a = x->away;
	assert_ok(sync_pace_open(&x->pace, a->vault, &rules));
	const struct sync_session_site site = {.card = &a->card,
		.keys = a->keys,
		.vault = a->vault,
		.config = a->config,
		.pace = x->pace,
		.send = send_nothing,
		.reconnect = count_reconnect,
		.arg = x};
	assert_ok(sync_session_open(&x->session, &site));
	x->session->node.state = LANE_UP;
	x->session->node.confirmed = true;
	x->session->node.credit_bytes = SYNC_CREDIT_MAX_BYTES;
}

static void
end(struct alone *x)
{
	sync_session_free(x->session);
	sync_pace_free(x->pace);
}

static void
a_fetch_that_is_held_gives_way_to_one_that_was_asked_later(void **state)
{
	struct alone x;
	begin(&x, state, true);
	struct sync_session *s = x.session;
	away_write(x.away, LANE_R, 3);
	/* Held before a NACK took the lane back. */
	s->is_held = true;
	s->held = (struct lane_action){
		.kind = LANE_FETCH, .lane = LANE_R, .mark = {.seq = 3}, .max_bytes = 1000};
	struct lane_event appended = sync_session_event_of(LANE_APPENDED);
	appended.lane = LANE_R;
	appended.mark = vault_committed(x.away->vault, LANE_R);
	assert_ok(sync_session_event(s, &appended));
	assert_true(s->is_held);
	assert_int_equal(s->held.mark.seq, 1);
	end(&x);
}

static void
nothing_that_follows_from_an_event_is_left_out(void **state)
{
	struct alone x;
	begin(&x, state, false);
	struct lane_event applied = sync_session_event_of(LANE_CONFIG_APPLIED);
	applied.config.number = 1;
	applied.ok = true;
	for (size_t i = 0; i < EVENTS_COUNT; i++)
		sync_session_enqueue(x.session, &applied);
	assert_ok(sync_session_event(x.session, &applied));
	assert_int_equal(x.sent, EVENTS_COUNT + 1);
	assert_int_equal(x.reconnected, 0);
	end(&x);
}

static void
a_session_that_is_flooded_begins_anew(void **state)
{
	struct alone x;
	begin(&x, state, false);
	const struct lane_event applied = sync_session_event_of(LANE_CONFIG_APPLIED);
	for (size_t i = 0; i <= SESSION_FOLLOW_MAX_COUNT; i++)
		sync_session_enqueue(x.session, &applied);
	assert_ok(sync_session_event(x.session, &applied));
	assert_int_equal(x.reconnected, 1);
	assert_int_equal(x.session->node.state, LANE_OFFLINE);
	end(&x);
}

/* The hub hears what was sealed for the number of before. */
static void
a_session_greets_anew_some_time_after_another_number_came(void **state)
{
	struct alone x;
	begin(&x, state, false);
	struct sync_session *s = x.session;
	struct lane_event tick = sync_session_event_of(LANE_TICK);
	assert_int_equal(s->greet_ms, 0);
	s->node.heard_ms = s->node.progress_ms = s->node.pinged_ms = tick.mono_ms;
	s->greet_ms = tick.mono_ms + 1;
	assert_ok(sync_session_event(s, &tick));
	assert_int_equal(x.reconnected, 0);
	tick.mono_ms++;
	assert_ok(sync_session_event(s, &tick));
	assert_int_equal(x.reconnected, 1);
	assert_int_equal(s->node.state, LANE_OFFLINE);
	tick.mono_ms++;
	assert_ok(sync_session_event(s, &tick));
	assert_int_equal(x.reconnected, 1);
	end(&x);
}

static enum err
count_row(void *arg, struct view key, struct view content)
{
	(void)key;
	(void)content;
	(*(size_t *)arg)++;
	return OK;
}

/* The session asks again, and what it saw before is what the log is held against. */
static void
an_alarm_ends_when_somebody_has_the_log_looked_at_again(void **state)
{
	struct alone x;
	size_t kept = 0;
	begin(&x, state, false);
	struct sync_session *s = x.session;
	struct vault *v = x.away->vault;
	struct note_key key;
	struct lane_node_setup setup = {.study = ""};
	struct lane_action seen = {.kind = LANE_KEEP_CHECKPOINT,
		.mark = {.seq = 7},
		.bytes = view_text("example note kept")};
	struct lane_action alarm = {.kind = LANE_ALARM, .bytes = view_text("example note")};
	assert_err(sync_session_log_again(s), E_NOTFOUND);
	assert_ok(sync_session_carry_out(s, &seen));
	assert_ok(sync_session_carry_out(s, &alarm));
	assert_ok(sync_witness_setup(v, x.away->config, &key, &setup));
	assert_true(setup.alarmed || !setup.log_key);
	away_end_turn(x.away);
	assert_ok(sync_session_log_again(s));
	assert_ok(sync_session_committed(s));
	assert_int_equal(x.reconnected, 1);
	assert_false(s->node.log.alarmed);
	assert_ok(sync_witness_setup(v, x.away->config, &key, &setup));
	assert_false(setup.alarmed);
	assert_true(setup.checkpoint.seq == 7 || !setup.log_key);
	assert_ok(vault_each(v, VAULT_META, view_text("log-alarm-was"), count_row, &kept));
	assert_int_equal(kept, 1);
	assert_err(sync_session_log_again(s), E_NOTFOUND);
	end(&x);
}

/* Row 51: a hub that was put back has to say again that it has what it lost; the receipt itself
 * stays, so that it is believed. */
static void
receipts_that_fall_to_a_rollback_of_the_hub_are_taken_back(void **state)
{
	struct alone x;
	struct vault_mark m;
	struct lane_node_setup setup = {.study = ""};
	struct lane_action receipt = {.kind = LANE_KEEP_RECEIPT,
		.lane = LANE_R,
		.msg.ack.receipt = {.incarnation = 1, .lane = LANE_R, .mark = {.seq = 4}}};
	struct lane_action acked = {
		.kind = LANE_KEEP_ACKED, .lane = LANE_R, .mark = {.seq = 4}};
	begin(&x, state, false);
	struct vault *v = x.away->vault;
	away_write(x.away, LANE_R, 5);
	assert_ok(sync_session_carry_out(x.session, &acked));
	assert_ok(sync_session_carry_out(x.session, &receipt));
	assert_ok(vault_mark_get(v, LANE_R, &m));
	assert_int_equal(m.at_hub, 4);
	acked.mark.seq = 1;
	assert_ok(sync_session_carry_out(x.session, &acked));
	assert_ok(vault_mark_get(v, LANE_R, &m));
	assert_int_equal(m.at_hub, 1);
	assert_int_equal(m.receipt.mark.seq, 4);
	/* Nor does a start of the node, or the hub's word alone, bring them back. */
	assert_ok(sync_marks_setup(v, &setup));
	assert_int_equal(setup.at_hub[LANE_R - 1], 1);
	assert_int_equal(setup.receipts[LANE_R - 1].mark.seq, 4);
	acked.mark.seq = 5;
	assert_ok(sync_session_carry_out(x.session, &acked));
	assert_ok(vault_mark_get(v, LANE_R, &m));
	assert_int_equal(m.at_hub, 1);
	end(&x);
}

/* Row 40: only a hub that breaks its rule gets here. */
static void
records_that_were_pruned_and_are_missed_are_reported_with_their_range(void **state)
{
	struct alone x;
	uint64_t count = 0;
	struct sync_marks_missed missed;
	begin(&x, state, false);
	struct vault *v = x.away->vault;
	struct lane_action acked = {
		.kind = LANE_KEEP_ACKED, .lane = LANE_R, .mark = {.seq = 4}};
	away_write(x.away, LANE_R, 5);
	assert_ok(sync_session_carry_out(x.session, &acked));
	assert_ok(vault_prune(v, 3, 10, &count));
	assert_int_equal(count, 3);
	assert_ok(sync_marks_missed(v, &missed));
	assert_int_equal(missed.incarnation, 0);
	acked.mark.seq = 1;
	assert_ok(sync_session_carry_out(x.session, &acked));
	/* What is sent again comes without its answers: the range stands. */
	acked.mark.seq = 5;
	assert_ok(sync_session_carry_out(x.session, &acked));
	assert_ok(sync_marks_missed(v, &missed));
	assert_int_equal(missed.incarnation, 1);
	assert_int_equal(missed.first, 2);
	assert_int_equal(missed.last, 3);
	end(&x);
}

int
main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, away_make, away_drop)
	const struct CMUnitTest tests[] = {
		EACH(a_fetch_that_is_held_gives_way_to_one_that_was_asked_later),
		EACH(nothing_that_follows_from_an_event_is_left_out),
		EACH(a_session_that_is_flooded_begins_anew),
		EACH(a_session_greets_anew_some_time_after_another_number_came),
		EACH(an_alarm_ends_when_somebody_has_the_log_looked_at_again),
		EACH(receipts_that_fall_to_a_rollback_of_the_hub_are_taken_back),
		EACH(records_that_were_pruned_and_are_missed_are_reported_with_their_range),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
