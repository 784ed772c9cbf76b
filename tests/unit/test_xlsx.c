#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/xlsx.h"
#include "common/codec/xlsx_cell.h"
#include "tests/unit/workbook.h"

#define HEADER                                                                                 \
	"<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>a</t></is></c>"                       \
	"<c r=\"B1\" t=\"inlineStr\"><is><t>b</t></is></c></row>"

static enum err
read_rows(struct sheet **ret, const char *rows, const char *strings)
{
	OWNED_BUF struct buf zip;
	workbook_of_rows(&zip, rows, strings);
	OWNED(xlsx) struct xlsx *x = NULL;
	assert_ok(xlsx_open(&x, buf_view(&zip)));
	int i = xlsx_sheet(x, "Survey");
	assert_int_equal(i, 0);
	return xlsx_read(ret, x, (size_t)i, "form.xlsx");
}

static void
a_cell_reads_as_a_person_sees_it(void **state)
{
	(void)state;
	static const struct {
		const char *cell;
		const char *reads;
	} rows[] = {
		{"<c r=\"A3\" t=\"s\"><v>0</v></c>", "plain & simple"},
		{"<c r=\"A3\" t=\"s\"><v>1</v></c>", "two runs"},
		{"<c r=\"A3\" t=\"inlineStr\"><is><t> in line </t></is></c>", "in line"},
		{"<c r=\"A3\"><v>1</v></c>", "1"},
		{"<c r=\"A3\"><v>1.0</v></c>", "1"},
		{"<c r=\"A3\"><v>-3.0E0</v></c>", "-3"},
		{"<c r=\"A3\"><v>2024091201</v></c>", "2024091201"},
		{"<c r=\"A3\"><v>0.1</v></c>", "0.1"},
		{"<c r=\"A3\"><v>0.30000000000000004</v></c>", "0.3"},
		{"<c r=\"A3\" t=\"b\"><v>1</v></c>", "TRUE"},
		{"<c r=\"A3\" t=\"b\"><v>0</v></c>", "FALSE"},
		{"<c r=\"A3\" t=\"str\"><f>A1&amp;\"x\"</f><v>ax</v></c>", "ax"},
		{"<c r=\"A3\" s=\"1\"><v>45292</v></c>", "2024-01-01"},
		{"<c r=\"A3\" s=\"1\"><v>45292.5</v></c>", "2024-01-01T12:00:00"},
		{"<c r=\"A3\" s=\"1\"><v>0.25</v></c>", "06:00:00"},
		{"<c r=\"A3\" s=\"99\"><v>45292</v></c>", "45292"},
		{"<c t=\"s\"><v>0</v></c>", "plain & simple"},
	};
	static const char strings[] = "<si><t>plain &amp; simple</t></si><si><r><t>two</t></r>"
				      "<r><t xml:space=\"preserve\"> runs</t></r><rPh sb=\"0\" "
				      "eb=\"1\"><t>phonetic</t></rPh></si>";
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(sheet) struct sheet *s = NULL;
		OWNED_MEM char *xml = xasprintf(HEADER "<row r=\"3\">%s</row>", rows[i].cell);
		assert_ok(read_rows(&s, xml, strings));
		assert_int_equal(sheet_rows(s), 1);
		assert_int_equal(sheet_row_number(s, 0), 3);
		assert_string_equal(sheet_cell(s, 0, sheet_column(s, "a")), rows[i].reads);
		assert_string_equal(sheet_cell(s, 0, sheet_column(s, "b")), "");
		assert_string_equal(sheet_name(s), "form.xlsx, sheet survey");
	}
}

static void
a_broken_sheet_is_refused_with_its_row(void **state)
{
	(void)state;
	static const struct {
		const char *rows;
		const char *says;
	} rows[] = {
		{HEADER "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>7</v></c></row>",
			"form.xlsx, sheet survey: row 2: a cell names a text"},
		{HEADER "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>-1</v></c></row>",
			"row 2: a cell names a text"},
		{HEADER "<row r=\"2\"><c r=\"A2\" t=\"e\"><v>#REF!</v></c></row>",
			"row 2: a cell holds an error"},
		{HEADER "<row r=\"2\"><c r=\"A5\"><v>1</v></c></row>",
			"row 2: a cell whose address"},
		{HEADER "<row r=\"2\"><c r=\"nonsense\"><v>1</v></c></row>",
			"row 2: a cell whose address"},
		{HEADER "<row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"A2\"><v>2</v></c></row>",
			"row 2: a cell stands there twice"},
		{HEADER "<row r=\"2\"><c r=\"ZZZ2\"><v>1</v></c></row>", "row 2: a cell whose"},
		{HEADER "<row r=\"2\"><c r=\"AMM2\"><v>1</v></c></row>",
			"row 2: a sheet has at most"},
		{"<row r=\"1\"><c t=\"str\"><v>a</v></c><c t=\"str\"><v>a</v></c></row>",
			"row 1: two columns have one name"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(sheet) struct sheet *s = NULL;
		assert_int_not_equal(read_rows(&s, rows[i].rows, ""), OK);
		assert_null(s);
		if (!strstr(err_text(), rows[i].says))
			fail_msg("'%s' does not say '%s'", err_text(), rows[i].says);
	}
}

static void
what_is_no_workbook_is_refused_by_name(void **state)
{
	(void)state;
	static const struct workbook_part none[] = {{"hello.txt", "hello", 0}};
	static const struct workbook_part half[] = {{"xl/workbook.xml", "<workbook/>", 0}};
	static const struct workbook_part torn[] = {{"xl/workbook.xml", "<workbook>", 0},
		{"xl/_rels/workbook.xml.rels", "<Relationships/>", 0}};
	static const struct workbook_part bomb[] = {
		{"xl/workbook.xml", "<workbook/>", (size_t)1 << 30}};
	static const struct workbook_part liar[] = {{"xl/workbook.xml", "<workbook/>", 5000}};
	static const struct {
		const struct workbook_part *parts;
		size_t count;
		const char *says;
	} rows[] = {
		{none, 1, "this archive holds no workbook"},
		{half, 1, "xl/_rels/workbook.xml.rels is missing"},
		{torn, 2, "the part xl/workbook.xml: XML line 1"},
		{bomb, 1, "the part xl/workbook.xml is larger than 16 MiB"},
		{liar, 1, "the part xl/workbook.xml"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF struct buf zip;
		workbook_zip(&zip, rows[i].parts, rows[i].count);
		OWNED(xlsx) struct xlsx *x = NULL;
		assert_int_not_equal(xlsx_open(&x, buf_view(&zip)), OK);
		if (!strstr(err_text(), rows[i].says))
			fail_msg("'%s' does not say '%s'", err_text(), rows[i].says);
	}
	OWNED(xlsx) struct xlsx *x = NULL;
	assert_err(xlsx_open(&x, view_text("a,b\n1,2\n")), E_FORMAT);
	assert_non_null(strstr(err_text(), "no zip archive"));
	assert_err(xlsx_open(&x, view_text("\xd0\xcf\x11\xe0 old")), E_FORMAT);
	assert_non_null(strstr(err_text(), "save it as .xlsx"));
}

static void
number_formats_tell_dates_from_numbers(void **state)
{
	(void)state;
	static const struct {
		unsigned id;
		const char *code;
		bool date;
	} rows[] = {{0, "", false}, {1, "", false}, {14, "", true}, {22, "", true},
		{49, "", false}, {164, "yyyy-mm-dd", true}, {164, "[h]:mm", true},
		{164, "0.00", false}, {164, "\"days\" 0", false}, {164, "General", false},
		{164, "[Red]0", false}, {164, "0.0E+00", false}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (xlsx_format_is_date(rows[i].id, rows[i].code) != rows[i].date)
			fail_msg("format %u '%s'", rows[i].id, rows[i].code);
}

static void
day_counts_are_days_of_the_calendar(void **state)
{
	(void)state;
	static const struct {
		const char *number;
		bool from_1904;
		const char *reads;
	} rows[] = {{"61", false, "1900-03-01"}, {"25569", false, "1970-01-01"},
		{"60000", false, "2064-04-08"}, {"2958465", true, "2958465"},
		{"0", true, "1904-01-01"}, {"44256", false, "2021-03-01"},
		{"43890", false, "2020-02-29"}, {"45292.99999999999", false, "2024-01-02"},
		{"-1", false, "-1"}, {"nonsense", false, "nonsense"}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[XLSX_CELL_BYTES];
		xlsx_date(text, rows[i].number, rows[i].from_1904);
		assert_string_equal(text, rows[i].reads);
	}
}

static void
addresses_are_letters_and_a_row(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
		size_t row, column;
	} rows[] = {{"A1", true, 0, 0}, {"Z9", true, 8, 25}, {"AA10", true, 9, 26},
		{"XFD1048576", true, 1048575, 16383}, {"XFE1", false, 0, 0},
		{"A1048577", false, 0, 0}, {"A0", false, 0, 0}, {"1", false, 0, 0},
		{"A", false, 0, 0}, {"a1", false, 0, 0}, {"A1x", false, 0, 0},
		{"", false, 0, 0}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t row = 0, column = 0;
		assert_int_equal(xlsx_address(rows[i].text, &row, &column), rows[i].good);
		assert_int_equal(row, rows[i].row);
		assert_int_equal(column, rows[i].column);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_reads_as_a_person_sees_it),
		cmocka_unit_test(a_broken_sheet_is_refused_with_its_row),
		cmocka_unit_test(what_is_no_workbook_is_refused_by_name),
		cmocka_unit_test(number_formats_tell_dates_from_numbers),
		cmocka_unit_test(day_counts_are_days_of_the_calendar),
		cmocka_unit_test(addresses_are_letters_and_a_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
