#include "tests/unit/suite.h"

#include <string.h>

#include "common/base/mem.h"

#include "tests/unit/pack_bench.h"

#define WANTED                                                                                 \
	"rules.ini, key collector: [R11] asks for it: form attitudes needs an item "           \
	"'collected_by' that goes open"

static bool
says(const struct faults *f, const char *what)
{
	for (size_t i = 0; i < f->count; i++) {
		OWNED_MEM char *line = faults_line(&f->items[i]);
		if (strstr(line, what))
			return true;
	}
	return false;
}

static void
a_form_that_staff_fill_in_has_to_say_who_did_where_the_rules_ask(void **state)
{
	static const struct {
		const char *filled_by, *keys;
		bool said;
	} rows[] = {
		{"staff", "collector = collected_by\ncollector.task = collect\n", true},
		{"participant", "collector = collected_by\ncollector.task = collect\n", false},
		{"staff", "taker = taken_by\ntaker.task = consent\n", false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *f = faults_new();
		OWNED_MEM char *by = xasprintf("filled_by = %s", rows[i].filled_by);
		OWNED_MEM char *rule = xasprintf("[R11]\ntitle = Staff\non = yes\n"
						 "outcome = hold\nactions = collect\n%s[R04]",
			rows[i].keys);
		const struct pack_edit edits[] = {{"study.ini", "filled_by = participant", by},
			{"rules.ini", "[R04]", rule}, {NULL, NULL, NULL}};
		OWNED(pack) struct pack *p = pack_bench(edits, f);
		if (says(f, WANTED) != rows[i].said || (rows[i].said && p))
			fail_msg("row %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_form_that_staff_fill_in_has_to_say_who_did_where_the_rules_ask),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
