#include "tests/unit/terms_bench.h"

#include <stdio.h>

void
terms_bench_fill(struct terms_bench *b, const char *site)
{
	static const char *const kinds[TERMS_BENCH_COUNT] = {
		"rec", "hra", "site_agreement", "nhs_rg", "la_rg", "provider", "dsa", "dpia"};
	*b = (struct terms_bench){.terms = {
					  .site = b->site,
					  .number = 1,
					  .manifest_number = 1,
					  .until_s = TERMS_BENCH_UNTIL_S,
				  }};
	(void)snprintf(b->site, sizeof(b->site), "%s", site);
	for (size_t i = 0; i < TERMS_BENCH_COUNT; i++)
		b->approvals[i] = (struct rules_approval){.id = kinds[i],
			.kind = kinds[i],
			.site = i < 2 ? "" : b->site,
			.partner = "",
			.decision = "favourable"};
	b->terms.approvals = b->approvals;
	b->terms.approval_count = TERMS_BENCH_COUNT;
	b->terms.plan = (struct rules_plan){.sealed_ms = 1, .task_ms = 1};
}
