#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/rules.h"
#include "node/effect.h"
#include "node/outlook.h"

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

/* ---- what the rules make of it ---- */

#define GIVEN_S            1796083200
#define RULES(death, keep) RULES_FOR("use-aggregate", death, keep)
#define RULES_FOR(site, death, keep)                                                           \
	"[rules]\nversion = 1\nunlisted = off\nsignatures = 2 officers\n"                      \
	"[R07]\ntitle = consent\non = yes\noutcome = deny\nactions = aggregate\n"              \
	"accept = given reaffirmed\n"                                                          \
	"[R08]\ntitle = use\non = yes\noutcome = deny\nactions = aggregate\n"                  \
	"data.answers = collect-direct\nuse.site = " site "\n"                                 \
	"use.pooled = use-aggregate\nafter.death = " death "\nunanswered = deny\n"             \
	"[R13]\ntitle = capacity\non = yes\noutcome = hold\nactions = aggregate\n"             \
	"starts = lost-during-study\nends = advice-supports\n" keep                            \
	"[R19]\ntitle = erasure\non = yes\noutcome = hold\nactions = aggregate\n"
#define KEEPS "keep.permission = retain-after-loss-of-capacity\n"

static const struct {
	const char *level, *rules;
	bool may_stay; /* permitted to stay after loss of capacity */
	enum outlook outlook;
} looks[] = {
	{"no-further-contact", RULES("keep", KEEPS), true, OUTLOOK_COUNTED},
	{"no-more-collection", RULES("keep", KEEPS), true, OUTLOOK_COUNTED},
	{"no-further-use", RULES("keep", KEEPS), true, OUTLOOK_LEAVES},
	{"erase", RULES("keep", KEEPS), true, OUTLOOK_LEAVES},
	{"died", RULES("keep", KEEPS), true, OUTLOOK_COUNTED},
	{"died", RULES("stop", KEEPS), true, OUTLOOK_LEAVES},
	{"capacity-lost", RULES("keep", KEEPS), true, OUTLOOK_COUNTED},
	{"capacity-lost", RULES("keep", KEEPS), false, OUTLOOK_LEAVES},
	{"capacity-lost", RULES("keep", ""), true, OUTLOOK_LEAVES},
	/* Who permits one use of two leaves that one. */
	{"no-more-collection", RULES_FOR("use-site-report", "keep", KEEPS), true,
		OUTLOOK_COUNTED},
	{"no-further-use", RULES_FOR("use-site-report", "keep", KEEPS), true, OUTLOOK_LEAVES},
	{"died", RULES_FOR("use-site-report", "stop", KEEPS), true, OUTLOOK_LEAVES},
};

static void
pack_version(struct sync_consents *p, enum rules_kind kind, const struct wire_consent *consent)
{
	OWNED_BUF struct buf packed;
	const struct wire_rules r = {.salt = {1},
		.kind = kind,
		.participant = {2},
		.instance = {3},
		.form = "consent",
		.form_version = "1",
		.captured_s = consent->given_at_s,
		.consent = *consent};
	buf_init(&packed, WIRE_RULES_MAX_BYTES);
	assert_ok(wire_rules_pack(&packed, &r));
	assert_ok(sync_consents_add(p, buf_view(&packed)));
}

/* On file is one consent; packed, as a vault has it. */
static void
put_on_file(struct sync_consents *p, struct consent *given, bool may_stay)
{
	*given = (struct consent){.wire = {.event = CONSENT_GIVEN,
					  .grantor_role = "self",
					  .mode = "written",
					  .capacity = "presumed",
					  .given_at_s = GIVEN_S,
					  .permissions = given->permissions,
					  .permission_count = 3}};
	given->permissions[0] = (struct wire_permission){
		.code = "collect-direct", .permit = true, .from_s = GIVEN_S};
	given->permissions[1] = (struct wire_permission){
		.code = "use-aggregate", .permit = true, .from_s = GIVEN_S};
	given->permissions[2] = (struct wire_permission){
		.code = "retain-after-loss-of-capacity", .permit = may_stay, .from_s = GIVEN_S};
	pack_version(p, RULES_CONSENT, &given->wire);
}

static struct rules *
read_rules(const char *text)
{
	OWNED(faults) struct faults *faults = faults_new();
	struct rules *rules = rules_read(view_text(text), "rules.ini", faults);
	assert_non_null(rules);
	return rules;
}

static void
figures_are_said_to_change_where_the_rules_change_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
		OWNED(rules) struct rules *rules = read_rules(looks[i].rules);
		OWNED(sync_consents)
		struct sync_consents *on_file = xcalloc(1, sizeof(*on_file));
		const struct pack pack = {.rules = rules, .confidentiality = "consent"};
		struct consent given, after;
		put_on_file(on_file, &given, looks[i].may_stay);
		assert_ok(consent_change_as(
			&after, &given.wire, looks[i].level, looks[i].level, GIVEN_S + 100));
		if (outlook_of(&pack, on_file, &after.wire, (GIVEN_S + 200) * 1000LL) !=
			looks[i].outlook)
			fail_msg("row %zu, %s", i, looks[i].level);
	}
}

/* Behind a change that takes all figures no later one puts the answers into one. */
static void
a_lesser_change_behind_a_greater_one_promises_no_use(void **state)
{
	static const char *const lesser[] = {"no-further-contact", "no-more-collection",
		"objection", "capacity-lost", "died"};
	OWNED(rules) struct rules *rules = read_rules(RULES("keep", KEEPS));
	const struct pack pack = {.rules = rules, .confidentiality = "consent"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lesser); i++) {
		OWNED(sync_consents)
		struct sync_consents *on_file = xcalloc(1, sizeof(*on_file));
		struct consent given, first, after;
		put_on_file(on_file, &given, true);
		assert_ok(consent_change(&first, &given.wire, "no-further-use", GIVEN_S + 100));
		pack_version(on_file, RULES_CHANGE, &first.wire);
		assert_ok(consent_change(&after, &first.wire, lesser[i], GIVEN_S + 150));
		enum outlook o =
			outlook_of(&pack, on_file, &after.wire, (GIVEN_S + 200) * 1000LL);
		if (o != OUTLOOK_IN_NO_TABLE)
			fail_msg("%s: %d", lesser[i], (int)o);
		assert_non_null(strstr(effect_unused(lesser[i], o), "in no table, as before"));
	}
	/* What a wish to be erased leaves is said by its own words. */
	assert_null(effect_unused("erase", OUTLOOK_IN_NO_TABLE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_study_says_what_its_levels_take_and_what_stays),
		cmocka_unit_test(figures_are_said_to_change_where_the_rules_change_them),
		cmocka_unit_test(a_lesser_change_behind_a_greater_one_promises_no_use),
	};
	return cmocka_run_group_tests_name("effect", tests, NULL, NULL);
}
