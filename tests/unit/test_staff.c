#include "tests/unit/suite.h"

#include <stdio.h>
#include <string.h>

#include "node/staff.h"

#define LINES                                                                                  \
	"delegation-added t7 consent 2026-01-01 -\n"                                           \
	"delegation-ended t7 consent 2026-02-01 2026-02-01\n"                                  \
	"delegation-added t70 collect 2026-01-01 -\n"                                          \
	"delegation-ended t9 collect 2026-01-01 2026-01-01\n"

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
		const char *second, *asked, *lines, *id, *role;
	} rows[] = {
		{NULL, NULL, "", "c1", "coordinator"},
		{NULL, "c1", "", "c1", "coordinator"},
		{"c2", NULL, LINES, NULL, NULL},
		{"c2", "c2", "", "c2", "coordinator"},
		{"c2", "c3", LINES, NULL, NULL},
		{NULL, "t7", LINES, "t7", "staff"},
		{NULL, "t70", LINES, "t70", "staff"},
		{NULL, "t9", LINES, NULL, NULL},
		{NULL, "t", LINES, NULL, NULL},
		{NULL, "t7", "", NULL, NULL},
		{NULL, "sheet", LINES, NULL, NULL},
		{NULL, "coordinator", LINES, NULL, NULL},
		{NULL, "staff", LINES, NULL, NULL},
		{NULL, "", LINES, NULL, NULL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct custody_list list = {.count = 0};
		struct staff found;
		put(&list, CUSTODY_COORDINATOR, "c1");
		put(&list, CUSTODY_SHEET, "sheet");
		if (rows[i].second)
			put(&list, CUSTODY_COORDINATOR, rows[i].second);
		bool is_found =
			staff_find(&found, &list, view_text(rows[i].lines), rows[i].asked);
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
		cmocka_unit_test(
			d95_who_acts_at_a_site_is_a_coordinator_or_on_the_delegation_log),
	};
	return cmocka_run_group_tests_name("staff", tests, NULL, NULL);
}
