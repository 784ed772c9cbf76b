#include "tests/unit/node_place.h"

#include <stdio.h>
#include <string.h>

#include "node/staff.h"
#include "node/sync_duties.h"

/* What was said at the desk, in its order: t9 was never added. */
static const struct {
	const char *action, *words;
} said[] = {
	{DUTY_ADDED, "t7 consent 2026-01-01 -"},
	{DUTY_ENDED, "t7 consent 2026-02-01 2026-02-01"},
	{DUTY_ADDED, "t70 collect 2026-01-01 -"},
	{DUTY_ENDED, "t9 collect 2026-01-01 2026-01-01"},
};

/* The log as sync hands it out. */
static struct view
log_of(struct place *p, struct buf *answer)
{
	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		const struct leaf act = {
			.action = said[i].action, .reason_code = said[i].words};
		assert_ok(sync_duties_check(p->vault, &act));
		assert_ok(sync_duties_note(p->vault, &act, i + 1));
	}
	assert_ok(sync_duties_list(p->vault, answer));
	struct cursor c = cursor_of(buf_view(answer));
	return cursor_blob(&c);
}

static void
put(struct custody_list *l, enum custody_kind kind, const char *id)
{
	struct custody_who *w = &l->who[l->count++];
	w->kind = kind;
	(void)snprintf(w->id, sizeof(w->id), "%s", id);
}

static void
d95_who_acts_at_a_site_is_a_coordinator_or_on_the_delegation_log(void **state)
{
	static const struct {
		const char *second, *asked;
		bool has_log;
		const char *id, *role;
	} rows[] = {
		{NULL, NULL, false, "c1", "coordinator"},
		{NULL, "c1", false, "c1", "coordinator"},
		{"c2", NULL, true, NULL, NULL},
		{"c2", "c2", false, "c2", "coordinator"},
		{"c2", "c3", true, NULL, NULL},
		{NULL, "t7", true, "t7", "staff"},
		{NULL, "t70", true, "t70", "staff"},
		{NULL, "t9", true, NULL, NULL},
		{NULL, "t", true, NULL, NULL},
		{NULL, "t7", false, NULL, NULL},
		{NULL, "sheet", true, NULL, NULL},
		{NULL, "coordinator", true, NULL, NULL},
		{NULL, "staff", true, NULL, NULL},
		{NULL, "", true, NULL, NULL},
	};
	OWNED_BUF struct buf answer;
	buf_init(&answer, 4096);
	const struct view log = log_of(*state, &answer);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct custody_list list = {.count = 0};
		struct staff found;
		put(&list, CUSTODY_COORDINATOR, "c1");
		put(&list, CUSTODY_SHEET, "sheet");
		if (rows[i].second)
			put(&list, CUSTODY_COORDINATOR, rows[i].second);
		bool is_found = staff_find(
			&found, &list, rows[i].has_log ? log : view_of(NULL, 0), rows[i].asked);
		if (is_found != (rows[i].id != NULL))
			fail_msg("row %zu", i);
		if (!is_found)
			continue;
		assert_string_equal(found.id, rows[i].id);
		assert_string_equal(found.role, rows[i].role);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(d95_who_acts_at_a_site_is_a_coordinator_or_on_the_delegation_log),
	};
	return cmocka_run_group_tests_name("staff", tests, NULL, NULL);
}
