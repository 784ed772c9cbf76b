#include "tests/unit/node_place.h"

#include "common/codec/text.h"
#include "node/settings.h"
#include "node/sync_pace.h"

#define SOME_BYTES 600000

static const struct pace_rules one_mb = {.daily_mb = 1};

static struct lane_action
fetch_of(enum lane lane)
{
	return (struct lane_action){
		.kind = LANE_FETCH, .lane = (uint8_t)lane, .max_bytes = 200 * 1024};
}

static bool
may(struct sync_pace *p, const struct lane_node *n, enum lane lane)
{
	struct lane_action fetch = fetch_of(lane);
	return sync_pace_may(p, n, &fetch);
}

static void
a_metered_line_holds_bulk_and_says_so_and_control_goes(void **state)
{
	struct place *p = *state;
	const struct pace_rules rules = {.metered = true};
	struct lane_node n = {.state = LANE_UP};
	OWNED(sync_pace) struct sync_pace *pace = NULL;
	assert_ok(sync_pace_open(&pace, p->vault, &rules));
	assert_true(may(pace, &n, LANE_C));
	assert_false(may(pace, &n, LANE_R));
	assert_false(may(pace, &n, LANE_A));
	assert_non_null(strstr(sync_pace_reason(pace), "metered"));
}

static void
what_is_held_is_let_go_for_a_control_entry_behind_it(void **state)
{
	struct place *p = *state;
	const struct pace_rules rules = {.metered = true};
	struct lane_node n = {.state = LANE_UP};
	OWNED(sync_pace) struct sync_pace *pace = NULL;
	assert_ok(sync_pace_open(&pace, p->vault, &rules));
	assert_false(may(pace, &n, LANE_R));
	n.lanes[LANE_C - 1].last.seq = 1;
	assert_true(may(pace, &n, LANE_R));
	n.lanes[LANE_C - 1].sent = 1;
	assert_false(may(pace, &n, LANE_R));
}

static void
what_the_hub_pulls_passes(void **state)
{
	struct place *p = *state;
	const struct pace_rules rules = {.metered = true};
	const struct lane_node n = {.state = LANE_UP};
	struct lane_action pulled = fetch_of(LANE_R);
	OWNED(sync_pace) struct sync_pace *pace = NULL;
	pulled.why = LANE_WHY_PULL;
	assert_ok(sync_pace_open(&pace, p->vault, &rules));
	assert_true(sync_pace_may(pace, &n, &pulled));
}

static void
the_first_pieces_of_a_connection_are_small(void **state)
{
	struct place *p = *state;
	const struct pace_rules none = {.metered = false};
	const struct lane_node n = {.state = LANE_UP};
	struct lane_action fetch = fetch_of(LANE_R), control = fetch_of(LANE_C);
	OWNED(sync_pace) struct sync_pace *pace = NULL;
	assert_ok(sync_pace_open(&pace, p->vault, &none));
	sync_pace_connected(pace);
	assert_true(sync_pace_may(pace, &n, &fetch));
	assert_int_equal(fetch.max_bytes, PACE_LEAST_BYTES);
	assert_true(sync_pace_may(pace, &n, &control));
	assert_int_equal(control.max_bytes, PACE_LEAST_BYTES);
	assert_string_equal(sync_pace_reason(pace), "");
}

static void
the_day_is_remembered_through_a_restart(void **state)
{
	struct place *p = *state;
	const struct lane_node n = {.state = LANE_UP};
	struct sync_pace *pace = NULL;
	assert_ok(sync_pace_open(&pace, p->vault, &one_mb));
	assert_ok(sync_pace_sent(pace, SOME_BYTES, true));
	assert_true(may(pace, &n, LANE_R));
	assert_ok(sync_pace_sent(pace, SOME_BYTES, false));
	assert_true(may(pace, &n, LANE_R));
	assert_ok(vault_commit(p->vault));
	sync_pace_free(pace);
	close_vault(p);
	open_vault(p);
	assert_ok(sync_pace_open(&pace, p->vault, &one_mb));
	assert_true(may(pace, &n, LANE_R));
	assert_ok(sync_pace_sent(pace, SOME_BYTES, true));
	assert_false(may(pace, &n, LANE_R));
	assert_non_null(strstr(sync_pace_reason(pace), "tomorrow"));
	sync_pace_free(pace);
}

static void
the_way_to_the_hub_is_read_from_the_settings_or_refused(void **state)
{
	struct place *p = *state;
	const struct {
		const char *text, *socks;
		uint16_t from_min;
		bool is_fine;
	} rows[] = {
		{"", "", 0, true},
		{"[link]\nsocks = proxy.example:1080\n", "proxy.example:1080", 0, true},
		{"[link]\nquiet_hours = 08:00-17:00\nmetered = yes\n", "", 480, true},
		{"[link]\nsocks = proxy.example\n", "", 0, false},
		{"[link]\nsocks = :1080\n", "", 0, false},
		{"[link]\nsocks = proxy.example:65536\n", "", 0, false},
		{"[link]\nquiet_hours = 8-17\n", "", 0, false},
		{"[link]\nbandwidth_kbit_per_s = -1\n", "", 0, false},
		{"[link]\nspeed = 1\n", "", 0, false},
	};
	OWNED_MEM char *path = xasprintf("%s/node.ini", p->dir);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct settings s;
		assert_ok(text_write_file(path, view_text(rows[i].text), 0600));
		if (!rows[i].is_fine) {
			assert_err(settings_load(&s, p->dir), E_FORMAT);
			continue;
		}
		assert_ok(settings_load(&s, p->dir));
		assert_string_equal(s.socks, rows[i].socks);
		assert_int_equal(s.pace.quiet_from_min, rows[i].from_min);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(a_metered_line_holds_bulk_and_says_so_and_control_goes),
		at_a_node(what_is_held_is_let_go_for_a_control_entry_behind_it),
		at_a_node(what_the_hub_pulls_passes),
		at_a_node(the_first_pieces_of_a_connection_are_small),
		at_a_node(the_day_is_remembered_through_a_restart),
		at_a_node(the_way_to_the_hub_is_read_from_the_settings_or_refused),
	};
	return cmocka_run_group_tests_name("sync_pace", tests, NULL, NULL);
}
