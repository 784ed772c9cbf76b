#include "common/study/rules_code.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/base.h"

/* Sorted as bytes. */
static const char *const codes[] = {
	"advice-against",
	"advice-supports",
	"aggregate",
	"anonymised",
	"answers",
	"approach",
	"assessed-has",
	"assessed-lacks",
	"audio",
	"audit",
	"before-collection",
	"before-use",
	"cag",
	"capacity-lost",
	"care-team",
	"changed",
	"collect",
	"collect-direct",
	"collect-records",
	"confirmed",
	"consent",
	"consultee-nominated",
	"consultee-personal",
	"contact",
	"council",
	"dissent",
	"dpia",
	"dsa",
	"dspt",
	"electronic-drawn",
	"electronic-typed",
	"erase",
	"expired",
	"exploratory",
	"export",
	"favourable",
	"favourable-with-conditions",
	"given",
	"hra",
	"important-detail",
	"invalidated",
	"la_rg",
	"link",
	"local-staff",
	"lost-during-study",
	"mca-s30",
	"mca-s30-33",
	"minor",
	"next-contact",
	"nhs",
	"nhs_rg",
	"no-further-contact",
	"no-further-use",
	"no-more-collection",
	"non-substantial",
	"none",
	"not-required",
	"not-sought",
	"objection",
	"parent",
	"pi",
	"presumed",
	"private",
	"progress",
	"provider",
	"provisional",
	"query",
	"quote-verbatim",
	"reaffirmed",
	"rec",
	"record-audio",
	"records",
	"refused",
	"regained",
	"release",
	"requested",
	"researcher",
	"retain-after-loss-of-capacity",
	"returned-questionnaire",
	"s251",
	"screc",
	"secondary-research",
	"self",
	"share-secondary",
	"site-report",
	"site_agreement",
	"study-plan",
	"substantial",
	"suspended",
	"sync",
	"unfavourable",
	"uni_rec",
	"use-aggregate",
	"use-site-report",
	"verbal-witnessed",
	"voluntary",
	"withdrawn",
	"witness-for-illiterate",
	"written",
};

static int
compare(const void *word, const void *code)
{
	return strcmp(word, *(const char *const *)code);
}

const char *
rules_code(const char *word)
{
	if (!word)
		return NULL;
	const char *const *code =
		bsearch(word, codes, ARRAY_LEN(codes), sizeof(*codes), compare);
	return code ? *code : word;
}
