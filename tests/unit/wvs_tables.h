/* wvs_tables - the eight tables of the World Values Survey extract, as its codebook asks for
 * them. */
#ifndef WEIR_TEST_WVS_TABLES_H
#define WEIR_TEST_WVS_TABLES_H

#include "tests/unit/wvs.h"

#define WVS_TABLE_COUNT 8u

/* The eight indicators of the extract's codebook. */
static inline struct table_spec
wvs_spec(size_t i)
{
	static const struct table_spec kinds[] = {
		{.kind = TABLE_LEVELS,
			.column = "answer",
			.items = {"poverty"},
			.asks = ASK_N | ASK_DISTRIBUTION | ASK_INTERVAL},
		{.kind = TABLE_SHARE,
			.column = "too_little",
			.items = {"poverty"},
			.asks = ASK_N | ASK_COUNT | ASK_PROPORTION | ASK_INTERVAL},
		{.kind = TABLE_NUMBER,
			.column = "code",
			.items = {"poverty"},
			.asks = ASK_N | ASK_MEAN | ASK_SD | ASK_MEDIAN},
		{.kind = TABLE_NUMBER,
			.column = "age",
			.items = {"age"},
			.asks = ASK_N | ASK_MEAN | ASK_SD},
	};
	static const char *const names[] = {
		"W01", "W02", "W03", "W04", "W11", "W12", "W13", "W14"};
	struct table_spec spec = kinds[i % 4];
	spec.indicator = names[i];
	if (i >= 4) {
		spec.by[0] = "gender";
		spec.by[1] = "degree";
	}
	return spec;
}

#endif
