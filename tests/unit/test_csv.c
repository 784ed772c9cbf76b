#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/csv.h"

static struct csv_sheet *
sheet_of(const char *text)
{
	struct csv_sheet *c = NULL;
	assert_ok(csv_load(&c, view_text(text), "sheet.csv"));
	return c;
}

static void
cells_are_found_by_column_and_trimmed(void **state)
{
	(void)state;
	OWNED(csv_sheet)
	struct csv_sheet *c = sheet_of("name, age ,town\r\n a , 3\t,\r\nb,4,\" x \"");
	assert_int_equal(csv_rows(c), 2);
	assert_int_equal(csv_columns(c), 3);
	assert_int_equal(csv_column(c, "age"), 1);
	assert_int_equal(csv_column(c, "Age"), -1);
	assert_string_equal(csv_cell(c, 0, 0), "a");
	assert_string_equal(csv_cell(c, 0, 1), "3");
	assert_string_equal(csv_cell(c, 0, 2), "");
	assert_string_equal(csv_cell(c, 1, 2), "x");
	assert_string_equal(csv_cell(c, 2, 0), "");
	assert_string_equal(csv_cell(c, 0, -1), "");
	assert_string_equal(csv_column_name(c, 3), "");
}

static void
quoted_cells_hold_separators_quotes_and_line_ends(void **state)
{
	(void)state;
	OWNED(csv_sheet)
	struct csv_sheet *c = sheet_of("a,b\n\"1,\"\"2\"\"\nthree\",\"\"\nx,y\n");
	assert_string_equal(csv_cell(c, 0, 0), "1,\"2\"\nthree");
	assert_string_equal(csv_cell(c, 0, 1), "");
	assert_int_equal(csv_row_number(c, 0), 2);
	assert_int_equal(csv_row_number(c, 1), 3);
}

static void
row_numbers_are_those_of_a_spreadsheet(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"a,b\n\n1,2\n,\n3,4\n", "a,b\r\n\r\n1,2\r\n,\r\n3,4\r\n"};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		OWNED(csv_sheet) struct csv_sheet *c = sheet_of(texts[i]);
		assert_int_equal(csv_rows(c), 2);
		assert_int_equal(csv_row_number(c, 0), 3);
		assert_int_equal(csv_row_number(c, 1), 5);
		assert_int_equal(csv_row_number(c, 2), 0);
	}
}

static void
a_byte_order_mark_and_semicolons_are_understood(void **state)
{
	(void)state;
	OWNED(csv_sheet)
	struct csv_sheet *c = sheet_of("\xef\xbb\xbfid;gr\xc3\xb6\xc3\x9f"
				       "e\n1;2,5\n");
	assert_int_equal(csv_column(c, "id"), 0);
	assert_string_equal(csv_cell(c, 0, 1), "2,5");
	OWNED(csv_sheet) struct csv_sheet *comma = sheet_of("id,note\n1,a;b\n");
	assert_string_equal(csv_cell(comma, 0, 1), "a;b");
	OWNED(csv_sheet) struct csv_sheet *one = sheet_of("id\n\"a;b\"\n");
	assert_string_equal(csv_cell(one, 0, 0), "a;b");
}

static void
what_is_not_a_sheet_is_refused_with_its_row(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"", "no header row"},
		{"\n\n", "no header row"},
		{"a,b\n1,2\n3\n", "row 3: 1 cells, the header row has 2"},
		{"a,b\n1,2,3\n", "row 2: 3 cells"},
		{"a,\n1,2\n", "row 1: column 2 has no name"},
		{"a,a\n1,2\n", "two columns have the name 'a'"},
		{"a,b\n1,\"2\n", "row 2: a quote"},
		{"a,b\n1,2\nx,y\"z\"\n", "row 3: a quote"},
		{"a,b\n1,\"2\"3\n", "row 2: a quote"},
		{"a,b\n1,\xff\n", "not UTF-8"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct csv_sheet *c = NULL;
		assert_err(csv_load(&c, view_text(rows[i].text), "sheet.csv"), E_FORMAT);
		assert_null(c);
		if (!strstr(err_text(), rows[i].says))
			fail_msg("row %zu: '%s' lacks '%s'", i, err_text(), rows[i].says);
	}
}

static void
limits_are_kept(void **state)
{
	(void)state;
	size_t len = CSV_MAX_CELL_BYTES + 3;
	OWNED_MEM char *text = xcalloc(len + 1, 1);
	memset(text, 'x', len);
	memcpy(text, "a\n", 2);
	struct csv_sheet *c = NULL;
	assert_err(csv_load(&c, view_text(text), "sheet.csv"), E_FULL);
	text[len - 1] = '\n';
	OWNED(csv_sheet) struct csv_sheet *fits = sheet_of(text);
	assert_int_equal(strlen(csv_cell(fits, 0, 0)), CSV_MAX_CELL_BYTES);

	OWNED_BUF struct buf wide;
	buf_init(&wide, 1 << 16);
	for (size_t i = 0; i <= CSV_MAX_COLUMNS; i++)
		buf_format(&wide, "%sc%zu", i ? "," : "", i);
	assert_err(csv_load(&c, buf_view(&wide), "sheet.csv"), E_FULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_found_by_column_and_trimmed),
		cmocka_unit_test(quoted_cells_hold_separators_quotes_and_line_ends),
		cmocka_unit_test(row_numbers_are_those_of_a_spreadsheet),
		cmocka_unit_test(a_byte_order_mark_and_semicolons_are_understood),
		cmocka_unit_test(what_is_not_a_sheet_is_refused_with_its_row),
		cmocka_unit_test(limits_are_kept),
	};
	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
