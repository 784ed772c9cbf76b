#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/run/metrics.h"

static void
rows_of_one_name_share_a_head_and_counters_say_total(void **state)
{
	(void)state;
	const struct metric table[] = {
		{"weir_entries_received", METRIC_COUNTER, "entries taken", "lane", "C", 3},
		{"weir_entries_received", METRIC_COUNTER, "entries taken", "lane", "R", 41},
		{"weir_nodes_connected", METRIC_GAUGE, "nodes that are connected", NULL, NULL,
			7},
	};
	OWNED_BUF struct buf out;
	buf_init(&out, 4096);
	metrics_add(&out, table, ARRAY_LEN(table));
	metrics_end(&out);
	buf_u8(&out, 0);
	assert_ok(buf_check(&out, "metrics"));
	assert_string_equal((const char *)out.at,
		"# TYPE weir_entries_received counter\n"
		"# HELP weir_entries_received entries taken\n"
		"weir_entries_received_total{lane=\"C\"} 3\n"
		"weir_entries_received_total{lane=\"R\"} 41\n"
		"# TYPE weir_nodes_connected gauge\n"
		"# HELP weir_nodes_connected nodes that are connected\n"
		"weir_nodes_connected 7\n"
		"# EOF\n");
}

static void
a_process_says_its_memory_and_descriptors(void **state)
{
	(void)state;
	OWNED_BUF struct buf out;
	buf_init(&out, 4096);
	metrics_add_process(&out);
	buf_u8(&out, 0);
	const char *memory = strstr((const char *)out.at, "\nprocess_resident_memory_bytes ");
	const char *open = strstr((const char *)out.at, "\nprocess_open_fds ");
	assert_non_null(memory);
	assert_non_null(open);
	assert_true(atoll(strchr(memory, ' ')) > 65536);
	assert_in_range(atoll(strchr(open, ' ')), 1, 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_one_name_share_a_head_and_counters_say_total),
		cmocka_unit_test(a_process_says_its_memory_and_descriptors),
	};
	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
