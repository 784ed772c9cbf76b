#include "tests/unit/suite.h"

#include "common/base/clock.h"
#include "common/codec/json.h"
#include "hub/approval.h"
#include "hub/decisions.h"
#include "tests/unit/ingest_line.h"

#define DAY_S        ((int64_t)86400)
#define NOW_S        ((int64_t)PLACE_NOW_S)
#define STATUS_BYTES 65536
#define MANY         60

/* One approval of an example site, verified unless the row says otherwise. */
struct row {
	const char *about;
	bool is_entered_only;
	int64_t until_s, review_s, due_s;
	bool has_condition;
	struct approval_turn turns[3];
	size_t turn_count;
	const char *said; /* NULL: nothing */
	const char *command;
};

static const struct row rows[] = {
	{.about = "nothing to do"},
	{.about = "entered",
		.is_entered_only = true,
		.said = "was entered by researcher-1 and is not in force",
		.command = "weir-hub approval verify one --by"},
	{.about = "a lifting that waits",
		.turns = {{.kind = APPROVAL_SUSPENDED, .at_s = NOW_S - DAY_S},
			{.kind = APPROVAL_LIFTED, .at_s = NOW_S, .by = "researcher-1"}},
		.turn_count = 2,
		.said = "\"lift\" was entered by researcher-1 and does not count yet",
		.command = "weir-hub approval agree one --by"},
	{.about = "suspended",
		.turns = {{.kind = APPROVAL_SUSPENDED, .at_s = NOW_S}},
		.turn_count = 1,
		.said = "approval one is suspended since",
		.command = "weir-hub approval lift one"},
	{.about = "suspended from tomorrow",
		.turns = {{.kind = APPROVAL_SUSPENDED, .at_s = NOW_S + 1}},
		.turn_count = 1},
	{.about = "suspended and lifted",
		.turns = {{.kind = APPROVAL_SUSPENDED, .at_s = NOW_S - DAY_S},
			{.kind = APPROVAL_LIFTED, .at_s = NOW_S, .verified_by = "officer-1"}},
		.turn_count = 2},
	{.about = "suspended, lifted, suspended",
		.turns = {{.kind = APPROVAL_SUSPENDED, .at_s = NOW_S - DAY_S},
			{.kind = APPROVAL_LIFTED,
				.at_s = NOW_S - 1,
				.verified_by = "officer-1"},
			{.kind = APPROVAL_SUSPENDED, .at_s = NOW_S}},
		.turn_count = 3,
		.said = "approval one is suspended since"},
	{.about = "withdrawn",
		.until_s = NOW_S + 1,
		.turns = {{.kind = APPROVAL_WITHDRAWN, .at_s = NOW_S}},
		.turn_count = 1},
	{.about = "ends in thirty days",
		.until_s = NOW_S + 30 * DAY_S,
		.said = "its last day is"},
	{.about = "a second more", .until_s = NOW_S + 30 * DAY_S + 1},
	{.about = "over",
		.until_s = NOW_S,
		.said = "its last day was",
		.command = "--supersedes one"},
	{.about = "over for thirty days",
		.until_s = NOW_S - 30 * DAY_S,
		.said = "its last day was"},
	{.about = "a second longer", .until_s = NOW_S - 30 * DAY_S - 1},
	{.about = "a review is due soon",
		.review_s = NOW_S + 30 * DAY_S,
		.said = "the review or report of approval one is due on",
		.command = "weir-hub approval reviewed one"},
	{.about = "a review is far off", .review_s = NOW_S + 30 * DAY_S + 1},
	{.about = "a review was due", .review_s = NOW_S, .said = "was due on"},
	{.about = "a review was done",
		.review_s = NOW_S - DAY_S,
		.turns = {{.kind = APPROVAL_REVIEWED,
			.at_s = NOW_S,
			.verified_by = "officer-1"}},
		.turn_count = 1},
	{.about = "a condition of the start",
		.has_condition = true,
		.said = "condition 1 of approval one is not met: it was due before the start",
		.command = "weir-hub approval met one --condition 1"},
	{.about = "a condition that is due soon",
		.has_condition = true,
		.due_s = NOW_S + 30 * DAY_S,
		.said = "it is due on"},
	{.about = "a condition that is far off",
		.has_condition = true,
		.due_s = NOW_S + 30 * DAY_S + 1},
	{.about = "a condition that was met",
		.has_condition = true,
		.turns = {{.kind = APPROVAL_MET, .at_s = NOW_S, .verified_by = "officer-1"}},
		.turn_count = 1},
};

static struct approval
approval_of(const struct row *r)
{
	struct approval a = {.id = "one",
		.kind = "rec",
		.decision = "favourable",
		.entered_by = "researcher-1",
		.from_s = 1,
		.until_s = r->until_s,
		.review_due_s = r->review_s,
		.condition_count = r->has_condition,
		.turn_count = r->turn_count};
	(void)snprintf(a.verified_by, sizeof(a.verified_by), "%s",
		r->is_entered_only ? "" : "officer-1");
	(void)snprintf(a.conditions[0].text, sizeof(a.conditions[0].text), "send the report");
	a.conditions[0].due_s = r->due_s;
	memcpy(a.turns, r->turns, sizeof(r->turns));
	return a;
}

/* What status says of approvals, where these are kept; the turn is given up. */
static void
said_of(struct line *l, const struct approval *all, size_t count, char ret[static STATUS_BYTES])
{
	OWNED_BUF struct buf out;
	struct json_out w;
	struct vault_txn *t = NULL;
	buf_init(&out, STATUS_BYTES - 1);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	clock_freeze_wall_ms(NOW_S * 1000);
	assert_ok(hub_txn(&l->place->hub, &t));
	for (size_t i = 0; i < count; i++)
		assert_ok(approval_put(t, &all[i]));
	assert_ok(decisions_put(&w, &l->place->hub, l->ingest, t));
	hub_abort(&l->place->hub);
	json_put_close(&w);
	assert_ok(json_end(&w, "decisions"));
	memcpy(ret, out.at, out.len);
	ret[out.len] = '\0';
}

static size_t
lines_in(const char *said)
{
	size_t count = 0;
	for (const char *at = strstr(said, "\"approvals\""); at;
		at = strstr(at + 1, "\"approvals\""))
		count++;
	return count;
}

static void
what_approvals_wait_for_is_said_with_its_command(void **state)
{
	struct line *l = *state;
	char said[STATUS_BYTES];
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		const struct approval a = approval_of(r);
		said_of(l, &a, 1, said);
		const char *words = r->said ? r->said : "";
		OWNED_MEM char *quoted = xcalloc(2 * strlen(words) + 1, 1);
		for (size_t k = 0, n = 0; words[k]; k++) {
			if (words[k] == '"')
				quoted[n++] = '\\';
			quoted[n++] = words[k];
		}
		if (r->said ? !strstr(said, quoted) : lines_in(said) != 0)
			fail_msg("%s: %s", r->about, said);
		if (r->command && !strstr(said, r->command))
			fail_msg("%s: %s", r->about, said);
	}
}

static void
an_approval_that_a_newer_one_replaced_is_not_named(void **state)
{
	struct line *l = *state;
	char said[STATUS_BYTES];
	const struct row ends = {.until_s = NOW_S + DAY_S};
	struct approval both[] = {approval_of(&ends), approval_of(&rows[0])};
	(void)snprintf(both[1].id, sizeof(both[1].id), "two");
	(void)snprintf(both[1].supersedes, sizeof(both[1].supersedes), "one");
	said_of(l, both, 2, said);
	assert_int_equal(lines_in(said), 0);
	/* One that is not in force replaces nothing. */
	both[1].verified_by[0] = '\0';
	said_of(l, both, 2, said);
	assert_int_equal(lines_in(said), 2);
}

static void
of_very_many_the_number_is_said(void **state)
{
	struct line *l = *state;
	char said[STATUS_BYTES];
	OWNED_MEM struct approval *all = xcalloc(MANY, sizeof(*all));
	for (size_t i = 0; i < MANY; i++) {
		all[i] = approval_of(&rows[1]);
		(void)snprintf(all[i].id, sizeof(all[i].id), "one-%zu", i);
	}
	said_of(l, all, MANY, said);
	assert_int_equal(lines_in(said), 33);
	assert_non_null(strstr(said, "28 more about approvals"));
}

#define at_a_line(test) cmocka_unit_test_setup_teardown(test, line_make, line_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_line(what_approvals_wait_for_is_said_with_its_command),
		at_a_line(an_approval_that_a_newer_one_replaced_is_not_named),
		at_a_line(of_very_many_the_number_is_said),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("decisions", tests, NULL, NULL);
}
