#include "tests/unit/suite.h"

#include "node/consent.h"

#define NOW_S 1795305600

/* A consent lends its own permissions, so it is filled where it stays. */
static void
given(struct consent *ret, char codes[static CONSENT_LIST_BYTES], const char *list)
{
	struct consent_given g = {"returned-questionnaire", list, "attitudes", "1", NOW_S};
	assert_ok(consent_give(ret, codes, &g));
}

static bool
permits(const struct consent *c, const char *code)
{
	for (size_t i = 0; i < c->wire.permission_count; i++)
		if (strcmp(c->wire.permissions[i].code, code) == 0)
			return c->wire.permissions[i].permit;
	return false;
}

static void
permits_what_was_named_and_nothing_else(void **state)
{
	(void)state;
	char codes[CONSENT_LIST_BYTES];
	struct consent c;
	given(&c, codes, "collect-direct,use-aggregate");
	assert_true(permits(&c, "collect-direct"));
	assert_true(permits(&c, "use-aggregate"));
	assert_false(permits(&c, "use-site-report"));
	assert_int_equal(c.wire.permission_count, 2);
	assert_string_equal(c.wire.event, "given");
}

static void
refuses_unknown_codes_modes_and_double_naming(void **state)
{
	(void)state;
	static const struct consent_given rows[] = {
		{"returned-questionnaire", "use-everything", "f", "1", NOW_S},
		{"returned-questionnaire", "contact,contact", "f", "1", NOW_S},
		{"returned-questionnaire", "contact,", "f", "1", NOW_S},
		{"returned-questionnaire", "", "f", "1", NOW_S},
		{"by-carrier-pigeon", "contact", "f", "1", NOW_S},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct consent c;
		char codes[CONSENT_LIST_BYTES];
		assert_err(consent_give(&c, codes, &rows[i]), E_FORMAT);
	}
}

static void
each_level_takes_what_it_says(void **state)
{
	static const struct {
		const char *level;
		bool contact, collects, uses, stores;
	} rows[] = {
		{"no-further-contact", false, true, true, true},
		{"no-more-collection", false, false, true, true},
		{"no-further-use", false, false, false, true},
		{"erase", false, false, false, false},
		{"objection", false, false, false, true},
		{"capacity-lost", false, false, true, true},
	};
	(void)state;
	char codes[CONSENT_LIST_BYTES];
	struct consent before;
	given(&before, codes,
		"contact,collect-direct,use-aggregate,use-site-report,store-identifiable");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct consent after;
		assert_ok(consent_change(&after, &before.wire, rows[i].level, NOW_S + 60));
		assert_string_equal(after.wire.event, "changed");
		assert_string_equal(after.wire.level, rows[i].level);
		assert_int_equal(permits(&after, "contact"), rows[i].contact);
		assert_int_equal(permits(&after, "collect-direct"), rows[i].collects);
		assert_int_equal(permits(&after, "use-aggregate"), rows[i].uses);
		assert_int_equal(permits(&after, "use-site-report"), rows[i].uses);
		assert_int_equal(permits(&after, "store-identifiable"), rows[i].stores);
		assert_int_equal(after.wire.given_at_s, NOW_S + 60);
	}
}

static void
a_permission_of_a_later_version_is_taken_away_by_every_level(void **state)
{
	(void)state;
	struct wire_permission later = {"teleport", true, NOW_S, 0};
	struct wire_consent before = {
		.event = "given", .permission_count = 1, .permissions = &later};
	struct consent after;
	assert_ok(consent_change(&after, &before, "no-further-contact", NOW_S + 1));
	assert_false(permits(&after, "teleport"));
}

static void
an_unknown_level_is_refused(void **state)
{
	(void)state;
	char codes[CONSENT_LIST_BYTES];
	struct consent before, after;
	given(&before, codes, "contact");
	struct consent_words words;
	assert_err(consent_change(&after, &before.wire, "gone", NOW_S), E_FORMAT);
	assert_err(consent_words("gone", &words), E_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(permits_what_was_named_and_nothing_else),
		cmocka_unit_test(refuses_unknown_codes_modes_and_double_naming),
		cmocka_unit_test(each_level_takes_what_it_says),
		cmocka_unit_test(a_permission_of_a_later_version_is_taken_away_by_every_level),
		cmocka_unit_test(an_unknown_level_is_refused),
	};
	return cmocka_run_group_tests_name("consent", tests, NULL, NULL);
}
