/* wvs - the World Values Survey extract of tests/data/wvs as columns, for suites of figures. */
#ifndef WEIR_TEST_WVS_H
#define WEIR_TEST_WVS_H

#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/text.h"
#include "common/figures/tabulate.h"

#define WVS_DIR WEIR_SOURCE_DIR "/tests/data/wvs/"

enum wvs_column {
	WVS_ANSWER,
	WVS_CODE,
	WVS_TOO_LITTLE,
	WVS_AGE,
	WVS_GENDER,
	WVS_DEGREE,
	WVS_COLUMNS
};

static inline struct csv_sheet *
wvs_sheet(const char *name)
{
	struct csv_sheet *sheet = NULL;
	OWNED_MEM char *path = xasprintf("%s%s", WVS_DIR, name);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, path, CSV_MAX_BYTES));
	assert_ok(csv_load(&sheet, view_of(bytes, len), name));
	return sheet;
}

/* gives an empty cohort with the four sites and six columns of the extract. */
static inline struct columns *
wvs_empty(void)
{
	static const struct column_site sites[] = {{"australia", SITE_TAKES_PART},
		{"norway", SITE_TAKES_PART}, {"sweden", SITE_TAKES_PART},
		{"usa", SITE_TAKES_PART}};
	static const char *const answers[] = {"1", "2", "3"};
	static const char *const genders[] = {"female", "male"};
	static const char *const degrees[] = {"no", "yes"};
	static const struct column_spec specs[WVS_COLUMNS] = {
		{"answer", COLUMN_CATEGORY, answers, 3},
		{"code", COLUMN_NUMBER, NULL, 0},
		{"too_little", COLUMN_TRUTH, NULL, 0},
		{"age", COLUMN_NUMBER, NULL, 0},
		{"gender", COLUMN_CATEGORY, genders, 2},
		{"degree", COLUMN_CATEGORY, degrees, 2},
	};
	struct columns *c = NULL;
	assert_ok(columns_make(&c, sites, ARRAY_LEN(sites), specs, ARRAY_LEN(specs)));
	return c;
}

static inline void
wvs_add_site(struct columns *c, uint16_t site)
{
	OWNED_MEM char *name = xasprintf("site_%s.csv", columns_site_name(c, site));
	OWNED(csv_sheet) struct csv_sheet *s = wvs_sheet(name);
	for (size_t r = 0; r < csv_rows(s); r++) {
		int64_t answer, age;
		assert_true(
			text_int(view_text(csv_cell(s, r, csv_column(s, "poverty"))), &answer));
		assert_true(text_int(view_text(csv_cell(s, r, csv_column(s, "age"))), &age));
		bool male = !strcmp(csv_cell(s, r, csv_column(s, "gender")), "male");
		bool degree = !strcmp(csv_cell(s, r, csv_column(s, "degree")), "yes");
		const struct column_value values[WVS_COLUMNS] = {
			[WVS_ANSWER] = {.there = true, .level = (uint16_t)(answer - 1)},
			[WVS_CODE] = {.there = true, .number = (double)answer},
			[WVS_TOO_LITTLE] = {.there = true, .level = answer == 1},
			[WVS_AGE] = {.there = true, .number = (double)age},
			[WVS_GENDER] = {.there = true, .level = male},
			[WVS_DEGREE] = {.there = true, .level = degree},
		};
		assert_ok(columns_add(c, site, values));
	}
}

/* gives the whole extract. */
static inline struct columns *
wvs_columns(void)
{
	struct columns *c = wvs_empty();
	for (uint16_t site = 0; site < columns_sites(c); site++)
		wvs_add_site(c, site);
	return c;
}

#endif
