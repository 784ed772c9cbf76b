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
	{"asked for erasure", {YES(1), CHANGE("erase", 5)}, 0, "erase"},
	{"asked for erasure, agreed later", {YES(1), CHANGE("erase", 5), YES(6)}, 0, NULL},
	{"asked for erasure, a consultee advises", {YES(1), CHANGE("erase", 5), ADVICE(6)}, 0,
		"erase"},
	{"no more collection, and nothing before", {CHANGE("no-more-collection", 5)}, 0,
		"no-more-collection"},
};

/* The same, of what is known by then; known: of each version, 0 its place in the row. */
static const struct {
	const char *name;
	struct said said[VERSIONS];
	uint64_t known[VERSIONS], died_known, upto;
	const char *ended;
} known_rows[] = {
	{"a change known just then", {YES(1), CHANGE("objection", 5)}, {0}, 0, 2, "objection"},
	{"a change known later", {YES(1), CHANGE("objection", 5)}, {0}, 0, 1, NULL},
	{"given back, known just then", {YES(1), CHANGE("objection", 5), YES(6)}, {0}, 0, 3,
		NULL},
	{"given back, known later", {YES(1), CHANGE("objection", 5), YES(6)}, {0}, 0, 2,
		"objection"},
	{"given back by what was known with it", {YES(1), CHANGE("objection", 5), YES(6)},
		{1, 2, 2}, 0, 9, "objection"},
	{"given back by what stands first in the list", {YES(6), CHANGE("objection", 5)},
		{3, 2}, 0, 9, NULL},
	{"a death known just then", {YES(1)}, {0}, 4, 4, "died"},
	{"a death known later", {YES(1)}, {0}, 4, 3, NULL},
};

static struct rules_consent
version_of(const struct said *s, uint64_t known)
{
	static const struct rules_permission permits = {
		.code = "collect-direct", .permit = true};
	return (struct rules_consent){.level = s->level,
		.event = s->event,
		.grantor_role = s->grantor,
		.capacity = s->capacity,
		.assent = s->assent,
		.given_ms = s->given_ms,
		.permissions = &permits,
		.permission_count = 1,
		.known = known};
}

/* Stands behind the last version of the facts, and is no part of them. */
static const struct said no_part[] = {YES(99), CHANGE("no-further-use", 99)};

static const char *
ended_by(const struct said *said, const uint64_t *known, const struct said *behind,
	struct rules_facts *f)
{
	struct rules_consent consents[VERSIONS + 1] = {{.known = 0}};
	size_t count = 0;
	for (; count < VERSIONS && said[count].event; count++)
		consents[count] = version_of(
			&said[count], known && known[count] ? known[count] : count + 1);
	consents[count] = version_of(behind, count + 1);
	f->record.consents = consents;
	f->record.consent_count = count;
	return rules_ended_by(f);
}

static void
assert_ended(const char *name, const char *ended, const char *expected)
{
	if (!ended != !expected || (ended && strcmp(ended, expected) != 0))
		fail_msg("%s: %s", name, ended ? ended : "goes on");
}

static void
what_ended_collection_stands_until_somebody_may_give_it_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		const size_t row = i / 2;
		struct rules_facts f = {
			.known_upto = UINT64_MAX, .record.life.died_ms = rows[row].died_ms};
		assert_ended(rows[row].name,
			ended_by(rows[row].said, NULL, &no_part[i % 2], &f), rows[row].ended);
	}
}

static void
what_is_known_later_ends_nothing_and_gives_nothing_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known_rows); i++) {
		struct rules_facts f = {.known_upto = known_rows[i].upto,
			.record.life.died_ms = known_rows[i].died_known ? 4 : 0,
			.record.life.died_known = known_rows[i].died_known};
		assert_ended(known_rows[i].name,
			ended_by(known_rows[i].said, known_rows[i].known, &no_part[0], &f),
			known_rows[i].ended);
	}
}

static void
each_end_is_given_back_by_those_who_may(void **state)
{
	static const struct {
		const char *level;
		struct said said;
		bool back;
	} gifts[] = {
		{"erase", YES(1), true},
		{"erase", ADVICE(1), false},
		{"objection", YES(1), true},
		{"objection", ADVICE(1), true},
		{"capacity-lost", YES(1), false},
		{"capacity-lost", ADVICE(1), true},
		{"no-more-collection", YES(1), false},
		{"no-further-use", YES(1), false},
		{"objection", CHANGE("no-further-contact", 1), false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(gifts); i++) {
		const struct rules_consent c = version_of(&gifts[i].said, 1);
		if (rules_gives_back(&c, gifts[i].level) != gifts[i].back)
			fail_msg("%s, row %zu", gifts[i].level, i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_ended_collection_stands_until_somebody_may_give_it_back),
		cmocka_unit_test(each_end_is_given_back_by_those_who_may),
		cmocka_unit_test(what_is_known_later_ends_nothing_and_gives_nothing_back),
	};
	return cmocka_run_group_tests_name("rules_ended", tests, NULL, NULL);
}
