#include "common/study/rules_ended.h"
#include "tests/unit/suite.h"

#include <string.h>

#define VERSIONS 4

/* A version of what a person said; known in the order of the row. */
struct said {
	const char *level, *event, *grantor, *capacity, *assent;
	int64_t given_ms;
};

#define YES(at)                                                                                \
	{                                                                                      \
		"", "given", "self", "presumed", "", at                                        \
	}
#define CHANGE(level, at)                                                                      \
	{                                                                                      \
		level, "changed", "self", "presumed", "", at                                   \
	}
#define ADVICE(at)                                                                             \
	{                                                                                      \
		"", "advice-supports", "consultee-personal", "lost-during-study", "", at       \
	}

static const struct {
	const char *name;
	struct said said[VERSIONS]; /* event NULL: no more */
	int64_t died_ms;
	const char *ended; /* NULL: collection goes on */
} rows[] = {
	{"agreed", {YES(1)}, 0, NULL},
	{"wants no contact", {YES(1), CHANGE("no-further-contact", 5)}, 0, NULL},
	{"no more collection, agreed later", {YES(1), CHANGE("no-more-collection", 5), YES(9)},
		0, "no-more-collection"},
	{"no further use, agreed later", {YES(1), CHANGE("no-further-use", 5), YES(9)}, 0,
		"no-further-use"},
	{"objected", {YES(1), CHANGE("objection", 5)}, 0, "objection"},
	{"objected, agreed later", {YES(1), CHANGE("objection", 5), YES(6)}, 0, NULL},
	{"objected, agreed in that moment", {YES(1), CHANGE("objection", 5), YES(5)}, 0,
		"objection"},
	{"objected, a consultee advises", {YES(1), CHANGE("objection", 5), ADVICE(6)}, 0, NULL},
	{"objected, the person shows a no",
		{YES(1), CHANGE("objection", 5),
			{"", "given", "self", "presumed", "dissent", 6}},
		0, "objection"},
	{"objected twice, agreed between",
		{YES(1), CHANGE("objection", 5), YES(6), CHANGE("objection", 7)}, 0,
		"objection"},
	{"lost capacity", {YES(1), CHANGE("capacity-lost", 5)}, 0, "capacity-lost"},
	{"lost capacity, a consultee advises", {YES(1), CHANGE("capacity-lost", 5), ADVICE(6)},
		0, NULL},
	{"lost capacity, a consultee had advised that day",
		{YES(1), CHANGE("capacity-lost", 5), ADVICE(5)}, 0, "capacity-lost"},
	{"lost capacity, agreed as if nothing were",
		{YES(1), CHANGE("capacity-lost", 5), YES(6)}, 0, "capacity-lost"},
	{"lost capacity, regained, agreed",
		{YES(1), CHANGE("capacity-lost", 5), {"", "given", "self", "regained", "", 6}},
		0, NULL},
	{"lost capacity, assessed, agreed anew",
		{YES(1), CHANGE("capacity-lost", 5),
			{"", "reaffirmed", "self", "assessed-has", "", 6}},
		0, NULL},
	{"lost capacity, advice of nobody in particular",
		{YES(1), CHANGE("capacity-lost", 5),
			{"", "advice-supports", "self", "", "", 6}},
		0, "capacity-lost"},
	{"lost capacity, advice against it",
		{YES(1), CHANGE("capacity-lost", 5),
			{"", "advice-against", "consultee-personal", "", "", 6}},
		0, "capacity-lost"},
	{"objected, then no more collection, agreed",
		{YES(1), CHANGE("objection", 5), CHANGE("no-more-collection", 6), YES(7)}, 0,
		"no-more-collection"},
	{"died", {YES(1)}, 4, "died"},
};

static void
what_ended_collection_stands_until_somebody_may_give_it_back(void **state)
{
	static const struct rules_permission permits = {
		.code = "collect-direct", .permit = true};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rules_consent consents[VERSIONS] = {{.known = 0}};
		struct rules_facts f = {.known_upto = UINT64_MAX,
			.record.consents = consents,
			.record.life.died_ms = rows[i].died_ms};
		for (size_t k = 0; k < VERSIONS && rows[i].said[k].event; k++) {
			const struct said *s = &rows[i].said[k];
			consents[f.record.consent_count++] =
				(struct rules_consent){.level = s->level,
					.event = s->event,
					.grantor_role = s->grantor,
					.capacity = s->capacity,
					.assent = s->assent,
					.given_ms = s->given_ms,
					.permissions = &permits,
					.permission_count = 1,
					.known = k + 1};
		}
		const char *ended = rules_ended_by(&f);
		if (!ended != !rows[i].ended || (ended && strcmp(ended, rows[i].ended) != 0))
			fail_msg("%s: %s", rows[i].name, ended ? ended : "goes on");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_ended_collection_stands_until_somebody_may_give_it_back),
	};
	return cmocka_run_group_tests_name("rules_ended", tests, NULL, NULL);
}
