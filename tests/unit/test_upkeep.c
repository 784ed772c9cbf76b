#include "tests/unit/suite.h"

#include "common/codec/text.h"
#include "hub/forward.h"
#include "hub/ingest_inside.h"
#include "hub/recovery.h"
#include "hub/recovery_start.h"
#include "hub/upkeep.h"
#include "tests/unit/ingest_line.h"

static void
begin(struct line *l)
{
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	assert_int_equal(l->lane.state, LANE_UP);
}

static void
tick(struct line *l)
{
	assert_ok(ingest_tick(l->ingest, l->mono_ms));
	line_end_turn(l);
	line_pump(l);
}

static enum err
tell(struct line *l, const char *name, const char *args)
{
	OWNED_BUF struct buf reply;
	buf_init(&reply, 4096);
	enum err e = upkeep_do(&l->place->hub, l->ingest, name, view_text(args), &reply);
	if (e)
		hub_abort(&l->place->hub);
	else
		line_end_turn(l);
	return e;
}

static enum err
note_backup(struct line *l, const char *id, uint64_t records)
{
	char writer[2 * SIGN_PUBLIC_BYTES + 1];
	text_hex(writer, l->node->writer.public, SIGN_PUBLIC_BYTES);
	OWNED_MEM char *args = xasprintf(
		"{\"id\":\"%s\",\"made_s\":1,\"keyring\":0,\"vault_key\":0,"
		"\"held\":[{\"writer\":\"%s\",\"incarnation\":1,\"C\":1,\"R\":%llu,\"A\":0}]}",
		id, writer, (unsigned long long)records);
	return tell(l, "backup-note", args);
}

static uint64_t
retained(const struct line *l)
{
	return l->lane.lanes[LANE_R - 1].hub_retained;
}

/* Row 40: what is above the least of all backups is never said to be retained. */
static void
a_node_may_prune_what_every_backup_holds_and_no_more(void **state)
{
	struct line *l = *state;
	for (uint8_t person = 1; person <= 4; person++)
		line_add_one_person(l, person);
	begin(l);
	tick(l);
	assert_int_equal(retained(l), 0);
	assert_ok(note_backup(l, "11111111111111111111111111111111", 2));
	tick(l);
	assert_int_equal(retained(l), 2);
	assert_ok(note_backup(l, "22222222222222222222222222222222", 4));
	tick(l);
	assert_int_equal(retained(l), 2);
	assert_err(tell(l, "backup-gone", "{\"id\":\"33\"}"), E_NOTFOUND);
	assert_err(tell(l, "backup-gone", "{\"id\":\"\"}"), E_NOTFOUND);
	assert_ok(tell(l, "backup-gone", "{\"id\":\"11\"}"));
	tick(l);
	assert_int_equal(retained(l), 4);
	/* After a restore a newer backup may hold less; what was said before stands. */
	assert_ok(note_backup(l, "44444444444444444444444444444444", 1));
	line_lose(l);
	line_restart_ingest(l);
	begin(l);
	assert_int_equal(forward_retained(audit_forward(l->place->hub.audit),
				 l->node->writer.public, 1, LANE_R),
		1);
}

static void
notes_of_backups_that_are_not_of_their_form_are_refused(void **state)
{
	static const char *const bad[] = {
		"{}",
		"{\"id\":\"11\",\"made_s\":1,\"held\":[]}",
		"{\"id\":\"11111111111111111111111111111111\",\"made_s\":1}",
		"{\"id\":\"11111111111111111111111111111111\",\"made_s\":1,\"keyring\":0,"
		"\"vault_key\":0,\"held\":[{}]}",
		"{\"id\":\"11111111111111111111111111111111\",\"made_s\":1,\"held\":[],\"x\":"
		"1}",
		"no json",
	};
	struct line *l = *state;
	size_t count;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_err(tell(l, "backup-note", bad[i]), E_FORMAT);
	assert_err(tell(l, "weather", "{}"), E_FORMAT);
	(void)forward_backups(audit_forward(l->place->hub.audit), &count);
	assert_int_equal(count, 0);
}

static void
a_hub_that_is_drained_ends_sessions_and_says_when_to_come_back(void **state)
{
	struct line *l = *state;
	begin(l);
	assert_ok(tell(l, "drain", "{\"retry_s\":300}"));
	line_pump(l);
	assert_int_equal(l->close_count, 1);
	line_connect(l);
	line_pump(l);
	assert_true(l->lane.state != LANE_UP);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 0);
	assert_err(tell(l, "drain", "{\"retry_s\":-1}"), E_FORMAT);
	assert_ok(tell(l, "drain", "{\"retry_s\":0}"));
	line_connect(l);
	line_pump(l);
	assert_int_equal(l->lane.state, LANE_UP);
}

static enum err
revoke(struct line *l, const char *reason)
{
	char id[9];
	text_hex(id, l->node->writer.public, 4);
	OWNED_MEM char *body = xasprintf("{\"node\":\"%s\",\"reason\":\"%s\"}", id, reason);
	return place_submit(l->place, OFFICER_1, "node-revoke", id, view_text(body));
}

/* Row 36. */
static void
a_revoked_node_is_refused_at_its_next_message_and_after_a_restart(void **state)
{
	struct line *l = *state;
	begin(l);
	assert_refused(revoke(l, ""), E_FORMAT, "reason");
	assert_ok(revoke(l, "example: the box was stolen"));
	assert_refused(revoke(l, "example"), E_CONFLICT, "revoked before");
	line_add_one_person(l, 1);
	struct lane_event more = {
		.kind = LANE_APPENDED, .lane = LANE_C, .mark = node_mark(l->node, LANE_C)};
	line_step(l, &more);
	line_end_turn(l);
	line_pump(l);
	assert_int_equal(l->close_count, 1);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 0);
	const struct forward_writer *w =
		forward_find(audit_forward(l->place->hub.audit), l->node->writer.public);
	assert_int_equal(w->revoked_s, PLACE_NOW_S);
}

/* Row 39: no leaf and no turn of the journal tells, and yet a node knows. */
static void
a_node_that_saw_more_acknowledged_begins_and_ends_a_recovery(void **state)
{
	struct line *l = *state;
	struct vault_txn *t = NULL;
	line_add_one_person(l, 1);
	begin(l);
	uint64_t epoch = forward_epoch(audit_forward(l->place->hub.audit));
	line_lose(l);
	line_step(l, &(const struct lane_event){.kind = LANE_TICK});
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(recovery_find_out(t, audit_forward(l->place->hub.audit)));
	assert_ok(recovery_find_out(t, audit_forward(l->place->hub.audit)));
	line_end_turn(l);
	assert_int_equal(forward_epoch(audit_forward(l->place->hub.audit)), epoch + 1);
	tick(l);
	assert_int_equal(l->ingest->mode, SYNC_RECOVERY);
	assert_int_equal(l->ingest->nodes[0]->lane.mode, SYNC_RECOVERY);
	line_connect(l);
	line_pump(l);
	tick(l); /* heard */
	tick(l); /* and told */
	assert_int_equal(l->ingest->mode, SYNC_NORMAL);
	assert_int_equal(l->ingest->nodes[0]->lane.mode, SYNC_NORMAL);
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_false(recovery_is_on(t));
	assert_ok(hub_commit(&l->place->hub));
}

#define at_a_line(test) cmocka_unit_test_setup_teardown(test, line_make, line_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_line(a_node_may_prune_what_every_backup_holds_and_no_more),
		at_a_line(notes_of_backups_that_are_not_of_their_form_are_refused),
		at_a_line(a_hub_that_is_drained_ends_sessions_and_says_when_to_come_back),
		at_a_line(a_revoked_node_is_refused_at_its_next_message_and_after_a_restart),
		at_a_line(a_node_that_saw_more_acknowledged_begins_and_ends_a_recovery),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
