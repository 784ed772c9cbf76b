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

/* What each permission needs to stay, column by column: contact, collection, use, storage. */
static const struct {
	const char *code;
	char kind;
} every[] = {{"approach", 'c'}, {"contact", 'c'}, {"recontact-other-study", 'c'},
	{"collect-direct", 'd'}, {"collect-records", 'd'}, {"record-audio", 'd'},
	{"quote-verbatim", 'u'}, {"use-site-report", 'u'}, {"use-aggregate", 'u'},
	{"link", 'u'}, {"share-secondary", 'u'}, {"inform-results", 'u'},
	{"store-identifiable", 's'}, {"retain-after-loss-of-capacity", 's'}};

/* D-80; D-87: the permission to quote ends with use. */
static void
each_level_takes_what_it_says(void **state)
{
	static const struct {
		const char *level;
		const char *takes; /* kinds of permission */
	} rows[] = {
		{"no-further-contact", "c"},
		{"no-more-collection", "cd"},
		{"no-further-use", "cdu"},
		{"erase", "cdus"},
		{"objection", "cdu"},
		{"capacity-lost", "cd"},
		{"died", "c"},
	};
	(void)state;
	char codes[CONSENT_LIST_BYTES];
	OWNED_BUF struct buf list;
	struct consent before;
	buf_init(&list, CONSENT_LIST_BYTES);
	for (size_t k = 0; k < ARRAY_LEN(every); k++)
		buf_format(&list, "%s%s", k ? "," : "", every[k].code);
	buf_u8(&list, 0);
	given(&before, codes, (const char *)list.at);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct consent after;
		assert_ok(consent_change(&after, &before.wire, rows[i].level, NOW_S + 60));
		assert_string_equal(after.wire.event, "changed");
		assert_string_equal(after.wire.level, rows[i].level);
		assert_int_equal(after.wire.given_at_s, NOW_S + 60);
		assert_int_equal(after.wire.permission_count, ARRAY_LEN(every));
		for (size_t k = 0; k < ARRAY_LEN(every); k++)
			if (permits(&after, every[k].code) ==
				(strchr(rows[i].takes, every[k].kind) != NULL))
				fail_msg("%s: %s", rows[i].level, every[k].code);
	}
}

static void
limits_stand_behind_the_permission_to_share_and_outlast_a_change(void **state)
{
	(void)state;
	char codes[CONSENT_LIST_BYTES];
	struct consent before, after;
	given(&before, codes, "use-aggregate,share-secondary:HMB+NCU,link");
	assert_int_equal(before.wire.permission_count, 3);
	assert_int_equal(before.permissions[0].limit_count, 0);
	assert_ok(consent_change(&after, &before.wire, "no-further-contact", NOW_S + 60));
	assert_string_equal(after.permissions[1].code, "share-secondary");
	assert_int_equal(after.permissions[1].limit_count, 2);
	assert_string_equal(after.permissions[1].limits[0], "HMB");
	assert_string_equal(after.permissions[1].limits[1], "NCU");
}

static void
a_list_with_limits_that_cannot_be_kept_is_refused(void **state)
{
	static const char *const lists[] = {"share-secondary:", "share-secondary:HMB+any",
		"use-aggregate:HMB", "share-secondary:HMB+",
		"share-secondary:GRU+HMB+POA+NPOA+NMDS+GSO+NPU+NCU+NPUNCU+PUB+COL+IRB+RTN"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		char codes[CONSENT_LIST_BYTES];
		struct consent ret;
		const struct consent_given g = {"written", lists[i], "attitudes", "1", NOW_S};
		assert_err(consent_give(&ret, codes, &g), E_FORMAT);
	}
}

static void
a_permission_of_a_later_version_is_taken_away_by_every_level(void **state)
{
	(void)state;
	struct wire_permission later = {.code = "teleport", .permit = true, .from_s = NOW_S};
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

static void
what_holds_until_a_day_ends_with_each_of_its_permissions(void **state)
{
	struct consent c;
	char codes[CONSENT_LIST_BYTES];
	const struct consent_given g = {"returned-questionnaire",
		"collect-direct,use-aggregate", "attitudes", "1", NOW_S};
	(void)state;
	assert_ok(consent_give(&c, codes, &g));
	assert_err(consent_end(&c, NOW_S), E_FORMAT);
	assert_int_equal(c.wire.valid_until_s, 0);
	assert_ok(consent_end(&c, NOW_S + 1));
	assert_int_equal(c.wire.valid_until_s, NOW_S + 1);
	assert_int_equal(c.wire.permission_count, 2);
	for (size_t i = 0; i < c.wire.permission_count; i++)
		assert_int_equal(c.wire.permissions[i].until_s, NOW_S + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_holds_until_a_day_ends_with_each_of_its_permissions),
		cmocka_unit_test(permits_what_was_named_and_nothing_else),
		cmocka_unit_test(refuses_unknown_codes_modes_and_double_naming),
		cmocka_unit_test(each_level_takes_what_it_says),
		cmocka_unit_test(
			limits_stand_behind_the_permission_to_share_and_outlast_a_change),
		cmocka_unit_test(a_list_with_limits_that_cannot_be_kept_is_refused),
		cmocka_unit_test(a_permission_of_a_later_version_is_taken_away_by_every_level),
		cmocka_unit_test(an_unknown_level_is_refused),
	};
	return cmocka_run_group_tests_name("consent", tests, NULL, NULL);
}
