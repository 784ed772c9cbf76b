#include "tests/unit/suite.h"

#include "node/effect.h"

static const struct wire_permission retains[] = {{.code = "use-aggregate", .permit = true},
	{.code = "retain-after-loss-of-capacity", .permit = true}};
static const struct wire_permission retains_not[] = {{.code = "use-aggregate", .permit = true},
	{.code = "retain-after-loss-of-capacity", .permit = false}};

static const struct {
	const char *level;
	enum pack_objection objection;
	enum pack_incapable incapable;
	const struct wire_permission *permissions;
	bool use_stays;
	const char *stays; /* a word of the sentence; NULL: the level's own */
} rows[] = {
	{"objection", 0, 0, retains, false, NULL},
	{"objection", PACK_OBJECTION_CONTACT, 0, retains, true, "looked at"},
	{"objection", PACK_OBJECTION_COLLECTION, 0, retains, true, "looked at"},
	{"objection", PACK_OBJECTION_USE, 0, retains, false, NULL},
	{"objection", PACK_OBJECTION_ERASE, 0, retains, false, NULL},
	{"capacity-lost", 0, 0, retains, true, NULL},
	{"capacity-lost", 0, PACK_INCAPABLE_STAYS, retains_not, true, "stay in the study."},
	{"capacity-lost", 0, PACK_INCAPABLE_AS_PERMITTED, retains, true, "permitted that"},
	{"capacity-lost", 0, PACK_INCAPABLE_AS_PERMITTED, retains_not, false, "in no table"},
	{"no-more-collection", PACK_OBJECTION_USE, PACK_INCAPABLE_AS_PERMITTED, retains_not,
		true, NULL},
	{"no-further-use", PACK_OBJECTION_COLLECTION, PACK_INCAPABLE_STAYS, retains, false,
		NULL},
};

static void
the_study_says_what_its_levels_take_and_what_stays(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct pack pack = {
			.objection = rows[i].objection, .incapable = rows[i].incapable};
		struct wire_permission list[2] = {
			rows[i].permissions[0], rows[i].permissions[1]};
		const struct wire_consent before = {.permissions = list, .permission_count = 2};
		struct consent after;
		const struct effect e = effect_of(&pack, &before, rows[i].level);
		assert_ok(consent_change_as(&after, &before, rows[i].level, e.as, 1796083200));
		assert_string_equal(after.wire.level, rows[i].level);
		if (after.permissions[0].permit != rows[i].use_stays)
			fail_msg("row %zu: use %s", i, rows[i].use_stays ? "ends" : "stays");
		if (rows[i].stays ? !e.stays || !strstr(e.stays, rows[i].stays)
				  : e.stays != NULL)
			fail_msg("row %zu: '%s'", i, e.stays ? e.stays : "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_study_says_what_its_levels_take_and_what_stays),
	};
	return cmocka_run_group_tests_name("effect", tests, NULL, NULL);
}
