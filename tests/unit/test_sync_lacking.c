#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/trust/crypto.h"
#include "node/sync_rules.h"
#include "tests/unit/terms_bench.h"

#define NOW_MS INT64_C(1000000)

/* The rules as they are shipped: R07 asks which ways of giving consent an opinion names. */
static void
ways_of_giving_consent_that_no_opinion_names_are_said(void **state)
{
	static const char *const named[] = {"electronic-drawn"};
	static const struct {
		const char *decision, *mode;
		bool is_named, is_lacking;
	} of[] = {
		{"favourable", "electronic-drawn", false, true},
		{"favourable", "electronic-drawn", true, false},
		{"favourable", "verbal-witnessed", true, true},
		{"suspended", "electronic-drawn", true, true},
	};
	OWNED(pack) struct pack *pack = NULL;
	OWNED(faults) struct faults *faults = faults_new();
	struct terms_bench b;
	(void)state;
	assert_ok(pack_load(&pack, WEIR_SOURCE_DIR "/ops/study/partnership", faults));
	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		OWNED_BUF struct buf lines;
		terms_bench_fill(&b, pack->sites[0].id);
		b.approvals[0].decision = of[i].decision;
		if (of[i].is_named)
			b.approvals[0].covers.modes =
				(struct rules_list){named, ARRAY_LEN(named)};
		const struct sync_judge j = {.pack = pack,
			.terms = &b.terms,
			.site = pack->sites[0].id,
			.now_ms = NOW_MS};
		OWNED_MEM char *words = xasprintf("R07: no approval in force names consent "
						  "that is given as %s:",
			of[i].mode);
		buf_init(&lines, 8192);
		assert_ok(sync_rules_lacking(&j, pack_form(pack, "consent"), &lines));
		buf_u8(&lines, 0);
		if ((strstr((const char *)lines.at, words) != NULL) != of[i].is_lacking)
			fail_msg("row %zu: '%s'", i, (const char *)lines.at);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_of_giving_consent_that_no_opinion_names_are_said),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
