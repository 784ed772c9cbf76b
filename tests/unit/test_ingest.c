#include "tests/unit/suite.h"

#include "hub/renewal.h"
#include "tests/unit/ingest_line.h"

static void
entries_arrive_once_and_are_receipted(void **state)
{
	struct line *l = *state;
	line_add_one_person(l, 1);
	line_add_one_person(l, 2);
	uint64_t leaves = audit_size(l->place->hub.audit);
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	assert_int_equal(l->lane.state, LANE_UP);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 4);
	assert_int_equal(line_rows(l, VAULT_RECORDS), 2);
	assert_int_equal(line_rows(l, VAULT_CONSENTS), 2);
	assert_int_equal(audit_size(l->place->hub.audit), leaves + 4);
	assert_int_equal(l->lane.lanes[LANE_R - 1].at_hub, 0);
	line_publish(l);
	line_pump(l);
	assert_int_equal(l->lane.lanes[LANE_C - 1].at_hub, 2);
	assert_int_equal(l->lane.lanes[LANE_R - 1].at_hub, 2);
	assert_int_equal(l->receipts[LANE_R - 1].checkpoint.seq, leaves + 4);
	/* Again, with a hub that was started anew: nothing comes twice. */
	line_lose(l);
	line_restart_ingest(l);
	line_connect(l);
	line_pump(l);
	assert_int_equal(l->lane.state, LANE_UP);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 4);
	assert_int_equal(audit_size(l->place->hub.audit), leaves + 4);
}

static void
nothing_leaves_before_the_turn_is_committed(void **state)
{
	struct line *l = *state;
	line_add_one_person(l, 1);
	line_start_node(l);
	line_connect(l);
	assert_int_equal(l->inbox_count, 0); /* no WELCOME before its token is kept */
	line_pump(l);
	line_add_one_person(l, 2);
	struct lane_event more = {
		.kind = LANE_APPENDED, .lane = LANE_C, .mark = node_mark(l->node, LANE_C)};
	line_step(l, &more);
	assert_int_equal(l->inbox_count, 0); /* no ACK before the entries are kept */
	line_end_turn(l);
	assert_int_equal(l->inbox_count, 1);
	line_pump(l);
}

static void
a_turn_that_fails_leaves_nothing_and_is_made_again(void **state)
{
	struct line *l = *state;
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	uint64_t leaves = audit_size(l->place->hub.audit);
	struct wire_rules consent = node_consent(1, 1);
	node_add_rules(l->node, LANE_C, &consent);
	struct lane_event more = {
		.kind = LANE_APPENDED, .lane = LANE_C, .mark = node_mark(l->node, LANE_C)};
	line_step(l, &more);
	assert_int_equal(audit_size(l->place->hub.audit), leaves + 1);
	line_fail_turn(l);
	assert_int_equal(audit_size(l->place->hub.audit), leaves);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 0);
	line_pump(l);
	assert_int_equal(l->close_count, 1);
	line_lose(l);
	line_connect(l);
	line_pump(l);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 1);
	assert_int_equal(audit_size(l->place->hub.audit), leaves + 1);
}

static void
on_a_full_disk_control_comes_in_and_records_wait(void **state)
{
	struct line *l = *state;
	struct vault_txn *t = NULL;
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	line_add_one_person(l, 1);
	struct lane_event control = {
		.kind = LANE_APPENDED, .lane = LANE_C, .mark = node_mark(l->node, LANE_C)};
	struct lane_event records = {
		.kind = LANE_APPENDED, .lane = LANE_R, .mark = node_mark(l->node, LANE_R)};
	assert_ok(hub_txn_reserve(&l->place->hub, &t));
	l->place->hub.on_reserve = true;
	line_step(l, &control);
	line_end_turn(l);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 1);
	assert_ok(hub_txn_reserve(&l->place->hub, &t));
	l->place->hub.on_reserve = true;
	line_step(l, &records);
	l->mute = true;
	line_pump(l);
	line_end_turn(l);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 1);
	l->mute = false;
	line_pump(l);
	assert_int_equal(l->close_count, 1);
}

/* A request comes each second; an error would take a withdrawal in the same turn with it. */
static void
on_a_full_disk_nobody_joins_and_nothing_is_spoiled(void **state)
{
	struct line *l = *state;
	struct vault_txn *t = NULL;
	OWNED_BUF struct buf frame;
	struct sync_msg m = {.kind = SYNC_ENROL_REQ, .enrol_req = {.name = view_text("n")}};
	buf_init(&frame, 4096);
	buf_u8(&frame, 2);
	assert_ok(sync_pack(&frame, &m));
	assert_ok(hub_txn_reserve(&l->place->hub, &t));
	l->place->hub.on_reserve = true;
	assert_ok(line_feed_as(l, l->node->writer.transport, buf_view(&frame)));
	assert_int_equal(ingest_dropped_count(l->ingest), 1);
	line_end_turn(l);
}

static void
a_copy_of_a_node_is_put_in_quarantine_and_logged(void **state)
{
	struct line *l = *state;
	OWNED(json) struct json *tree = NULL;
	struct leaf leaf;
	line_add_one_person(l, 1);
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	/* The same keys, set back to before the session: its token was used. */
	line_lose(l);
	memset(l->token, 0, sizeof(l->token));
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	assert_int_equal(line_standing_of(l).standing, SYNC_CLONE);
	line_last_leaf(l, &leaf, &tree);
	assert_string_equal(leaf.action, "access-refused");
	assert_string_equal(leaf.reason_code, "clone");
	assert_string_equal(leaf.site, "norway");
	uint64_t entries = line_rows(l, VAULT_ENTRIES);
	line_lose(l);
	line_restart_ingest(l);
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	assert_int_equal(l->lane.state, LANE_STOPPED);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), entries);
}

static void
frames_that_do_not_fit_are_dropped_and_change_nothing(void **state)
{
	struct line *l = *state;
	OWNED_BUF struct buf garbage, other_box, big;
	uint8_t stranger[BOX_PUBLIC_BYTES] = {9};
	const uint8_t *key = l->node->writer.transport;
	buf_init(&garbage, 64);
	buf_init(&other_box, 512);
	buf_init(&big, SYNC_FRAME_MAX_BYTES * 2);
	buf_add(&garbage,
		"\x01 not a box, but long enough to look like one to a hurried reader", 64);
	buf_u8(&other_box, 1);
	box_seal(&other_box, view_text("not a message"), l->place->hub.box_public);
	for (size_t i = 0; i < SYNC_FRAME_MAX_BYTES + 100; i++)
		buf_u8(&big, 1);
	const struct {
		const uint8_t *key;
		struct view bytes;
	} bad[] = {
		{key, view_of(NULL, 0)},
		{key, view_of("\x01", 1)},
		{key, buf_view(&garbage)},
		{key, buf_view(&other_box)},
		{key, buf_view(&big)},
		{key, view_text("\x03 a kind that is none")},
		{key, view_text("\x02 plain words of a node")},
		{stranger, buf_view(&garbage)},
	};
	uint8_t before[HASH_BYTES], after[HASH_BYTES];
	place_holds(l->place, before);
	line_end_turn(l);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_ok(line_feed_as(l, bad[i].key, bad[i].bytes));
		assert_int_equal(ingest_dropped_count(l->ingest), i + 1);
	}
	line_end_turn(l);
	assert_int_equal(l->inbox_count, 0);
	place_holds(l->place, after);
	line_end_turn(l);
	assert_memory_equal(before, after, sizeof(before));
}

static void
the_manifest_in_force_is_offered_and_read_by_its_hash(void **state)
{
	struct line *l = *state;
	uint8_t hash[HASH_BYTES];
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	assert_true(l->has_config);
	assert_int_equal(l->offered.number, 1);
	assert_int_equal(l->config.len, l->offered.length_bytes);
	manifest_document_hash(hash, buf_view(&l->config));
	assert_memory_equal(hash, l->offered.hash, sizeof(hash));
	assert_int_equal(line_standing_of(l).manifest, 1);
}

static void
add_act(struct line *l, const struct leaf *said)
{
	OWNED_BUF struct buf json, part;
	buf_init(&json, LEAF_MOST_BYTES);
	buf_init(&part, 2 * LEAF_MOST_BYTES);
	assert_ok(leaf_write(&json, said));
	assert_ok(wire_act_pack(&part, buf_view(&json)));
	(void)node_add(l->node, LANE_A, PART_ACT, buf_view(&part));
}

static void
an_act_of_the_site_is_logged_as_the_sites_word(void **state)
{
	struct line *l = *state;
	OWNED(json) struct json *tree = NULL;
	struct leaf leaf;
	const struct leaf said = {.id = "x",
		.t_s = 0,
		.site = "sweden",
		.actor = "coordinator-1",
		.role = "coordinator",
		.action = "released",
		.person_commit =
			"1234567812345678123456781234567812345678123456781234567812345678",
		.reason_code = "monthly"};
	add_act(l, &said);
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	line_last_leaf(l, &leaf, &tree);
	assert_string_equal(leaf.action, "act-received");
	assert_string_equal(leaf.reason_code, "released: monthly");
	assert_string_equal(leaf.site, "norway");
	assert_string_equal(leaf.actor, "coordinator-1");
	assert_string_not_equal(leaf.id, "x");
	/* Under a key of the site it could be alike in two leaves. */
	assert_string_equal(leaf.person_commit, "");
	assert_string_equal(leaf.conf_basis, "consent");
}

/* The newest leaf of this action says so on which grounds, and commits to this consent. */
static void
assert_stands_on(struct line *l, const char *action, const struct wire_rules *consent)
{
	OWNED_BUF struct buf bytes;
	OWNED(json) struct json *tree = NULL;
	struct vault_txn *t = NULL;
	struct record_person person;
	struct leaf leaf = {.action = ""};
	char expected[2 * HASH_BYTES + 1];
	uint64_t at = audit_size(l->place->hub.audit);
	buf_init(&bytes, LEAF_MOST_BYTES);
	assert_ok(hub_txn(&l->place->hub, &t));
	while (at > 0 && strcmp(leaf.action, action) != 0) {
		json_free(take(tree));
		buf_reset(&bytes);
		assert_ok(audit_leaf(t, --at, &bytes));
		assert_ok(leaf_parse(&leaf, &tree, buf_view(&bytes)));
	}
	assert_ok(record_person_get(t, consent->participant, &person));
	assert_ok(hub_commit(&l->place->hub));
	audit_consent_commit(expected, leaf.id, consent->instance, person.audit_key);
	assert_string_equal(leaf.action, action);
	assert_string_equal(leaf.consent_ref, expected);
	assert_string_equal(leaf.conf_basis, "consent");
	assert_string_equal(leaf.art6, "6(1)(e)");
	assert_string_equal(leaf.art9, "9(2)(j)");
}

static void
the_leaf_of_an_entry_says_on_which_grounds_and_which_consent_it_stands(void **state)
{
	struct line *l = *state;
	struct wire_rules consent = node_consent(1, 2), record = node_record(1, 3);
	struct pack_legal *legal = &l->place->hub.pack->legal;
	char *const kept[] = {legal->art6, legal->art9};
	char art6[] = "6(1)(e)", art9[] = "9(2)(j)";
	legal->art6 = art6;
	legal->art9 = art9;
	memcpy(record.consent_ref, consent.instance, ID_BYTES);
	node_add_rules(l->node, LANE_C, &consent);
	node_add_rules(l->node, LANE_R, &record);
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	legal->art6 = kept[0];
	legal->art9 = kept[1];
	assert_stands_on(l, "consent-received", &consent);
	assert_stands_on(l, "record-received", &consent);
}

/* A leaf that is as long as one may be leaves no room for what the ledger adds. */
static void
an_act_as_long_as_a_leaf_may_be_is_kept_as_one_that_is_not_sound(void **state)
{
	struct line *l = *state;
	OWNED(json) struct json *tree = NULL;
	OWNED_BUF struct buf json;
	struct leaf leaf, said = {.id = "x", .action = "read"};
	char text[LEAF_TEXT_MOST_BYTES + 1] = {0};
	memset(text, 'a', LEAF_TEXT_MOST_BYTES);
	buf_init(&json, 2 * LEAF_MOST_BYTES);
	while (!leaf_write(&json, &said)) {
		buf_reset(&json);
		if (said.rules.count < LEAF_LIST_MOST_COUNT)
			said.rules.at[said.rules.count++] = text;
		else
			said.approvals.at[said.approvals.count++] = text;
	}
	said.approvals.count--;
	add_act(l, &said);
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 1);
	line_last_leaf(l, &leaf, &tree);
	assert_string_equal(leaf.action, "act-received");
	assert_string_equal(leaf.reason_code, "the act is not of its form");
}

static void
a_revoked_node_is_heard_no_more(void **state)
{
	struct line *l = *state;
	struct vault_txn *t = NULL;
	line_start_node(l);
	line_connect(l);
	line_pump(l);
	l->node->writer.revoked_s = PLACE_NOW_S;
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(writer_put(t, &l->node->writer));
	line_end_turn(l);
	line_add_one_person(l, 1);
	struct lane_event more = {
		.kind = LANE_APPENDED, .lane = LANE_C, .mark = node_mark(l->node, LANE_C)};
	line_step(l, &more);
	line_end_turn(l);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 0);
}

/* A damaged row of one writer is found before anything of its frame is done. */
static void
a_node_whose_rows_are_damaged_spoils_no_turn(void **state)
{
	struct line *l = *state;
	struct vault_txn *t = NULL;
	struct place end = {.incarnation = 1, .lane = LANE_C};
	uint8_t key[PLACE_KEY_BYTES];
	line_start_node(l);
	memcpy(end.writer, l->node->writer.public, sizeof(end.writer));
	assert_ok(hub_txn(&l->place->hub, &t));
	place_key(key, &end);
	assert_ok(vault_put(
		t, VAULT_HEADS, view_of(key, PLACE_LANE_BYTES), view_text("damaged")));
	line_end_turn(l);
	line_restart_ingest(l);
	uint64_t dropped = ingest_dropped_count(l->ingest);
	line_connect(l);
	line_pump(l);
	assert_int_equal(ingest_dropped_count(l->ingest), dropped + 1);
	assert_int_equal(l->lane.state, LANE_HELLO_SENT);
}

static uint32_t
retired(struct line *l)
{
	struct vault_txn *t = NULL;
	uint32_t number = 99;
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(renewal_retired(&l->place->hub, RENEWAL_LEDGER, &number));
	line_end_turn(l);
	return number;
}

/* What it sealed for the old number between its greeting and the manifest is on no list of that
 * greeting: the hub waits for the next one. */
static void
what_a_node_had_when_it_took_a_manifest_is_waited_for(void **state)
{
	struct line *l = *state;
	struct vault_txn *t = NULL;
	line_start_node(l);
	line_connect(l);
	line_add_one_person(l, 1); /* its link is slow: nothing of it is sent yet */
	line_pump(l);
	assert_int_equal(line_standing_of(l).manifest, l->place->hub.manifest_number);
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(renewal_made(&l->place->hub, RENEWAL_LEDGER, 2, 0));
	assert_ok(renewal_told(&l->place->hub, 1, 2));
	line_end_turn(l);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 0);
	assert_int_equal(retired(l), 0);
	line_lose(l);
	l->lane.lanes[LANE_C - 1].last = node_mark(l->node, LANE_C);
	l->lane.lanes[LANE_R - 1].last = node_mark(l->node, LANE_R);
	line_connect(l);
	line_end_turn(l);
	assert_int_equal(retired(l), 0);
	line_pump(l);
	assert_int_equal(line_rows(l, VAULT_ENTRIES), 2);
	assert_int_equal(retired(l), 1);
	/* Later greetings say nothing more. */
	line_lose(l);
	line_connect(l);
	line_pump(l);
	assert_int_equal(l->lane.state, LANE_UP);
	assert_int_equal(retired(l), 1);
}

static enum err
take_row(void *arg, struct view key, struct view value, bool *stop)
{
	(void)key;
	(void)stop;
	buf_add(arg, value.at, value.len);
	return OK;
}

static void
what_proves_a_fork_is_kept_without_what_it_says_of_anybody(void **state)
{
	struct line *l = *state;
	struct vault_txn *t = NULL;
	struct sync_msg m;
	OWNED_BUF struct buf kept;
	static const char person[] = "a pseudonym and sealed answers";
	struct sync_entry entries[2] = {{.header = view_text("first header"), .part_count = 1},
		{.header = view_text("second header"), .part_count = 1}};
	struct sync_batch b = {
		.lane = LANE_R, .first = 7, .entries = entries, .count = ARRAY_LEN(entries)};
	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		entries[i].parts[0] = (struct sync_part){1, view_text(person)};
	memset(b.head, 3, sizeof(b.head));
	memset(b.signature, 4, sizeof(b.signature));
	buf_init(&kept, SYNC_FRAME_MAX_BYTES);
	assert_ok(hub_txn(&l->place->hub, &t));
	assert_ok(standing_evidence(t, l->node->writer.public, &b, 1000));
	const struct vault_range evidence = {
		.table = VAULT_META, .prefix = view_text("evidence-")};
	assert_ok(vault_each(t, &evidence, take_row, &kept));
	assert_null(memmem(kept.at, kept.len, person, strlen(person)));
	l->arena.used = 0;
	assert_ok(sync_unpack(&m, &l->arena, buf_view(&kept)));
	assert_int_equal(m.batch.first, b.first);
	assert_memory_equal(m.batch.head, b.head, sizeof(b.head));
	assert_memory_equal(m.batch.signature, b.signature, sizeof(b.signature));
	assert_int_equal(m.batch.count, b.count);
	for (size_t i = 0; i < b.count; i++)
		assert_true(view_same(m.batch.entries[i].header, entries[i].header));
}

#define at_a_line(test) cmocka_unit_test_setup_teardown(test, line_make, line_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_line(entries_arrive_once_and_are_receipted),
		at_a_line(nothing_leaves_before_the_turn_is_committed),
		at_a_line(a_turn_that_fails_leaves_nothing_and_is_made_again),
		at_a_line(on_a_full_disk_control_comes_in_and_records_wait),
		at_a_line(on_a_full_disk_nobody_joins_and_nothing_is_spoiled),
		at_a_line(a_copy_of_a_node_is_put_in_quarantine_and_logged),
		at_a_line(what_proves_a_fork_is_kept_without_what_it_says_of_anybody),
		at_a_line(frames_that_do_not_fit_are_dropped_and_change_nothing),
		at_a_line(the_manifest_in_force_is_offered_and_read_by_its_hash),
		at_a_line(an_act_of_the_site_is_logged_as_the_sites_word),
		at_a_line(
			the_leaf_of_an_entry_says_on_which_grounds_and_which_consent_it_stands),
		at_a_line(an_act_as_long_as_a_leaf_may_be_is_kept_as_one_that_is_not_sound),
		at_a_line(a_revoked_node_is_heard_no_more),
		at_a_line(a_node_whose_rows_are_damaged_spoils_no_turn),
		at_a_line(what_a_node_had_when_it_took_a_manifest_is_waited_for),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
