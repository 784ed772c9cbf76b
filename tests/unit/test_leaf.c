#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/trust/leaf.h"

#define HASH_TEXT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SMALLEST                                                                               \
	"{\"v\":1,\"id\":\"x\",\"t\":60,\"site\":\"\",\"actor\":{\"pseudonym\":\"\","          \
	"\"role\":\"\",\"org\":\"\",\"key_id\":\"\"},\"action\":\"read\",\"object\":{"         \
	"\"type\":\"\",\"commit\":\"\"},\"person_commit\":\"\",\"purpose\":\"\","              \
	"\"conf_basis\":\"\",\"art6\":\"\",\"art9\":\"\",\"approval_ids\":[],"                 \
	"\"consent_ref\":\"\",\"decision\":\"\",\"rules_fired\":[],"                           \
	"\"ruleset_sha256\":\"\",\"outcome\":\"\",\"reason_code\":\"\","                       \
	"\"count_bucket\":\"\",\"request_id\":\"\",\"prev_local_checkpoint\":\"\","            \
	"\"detail_sha256\":\"\"}"

static struct leaf
smallest(void)
{
	return (struct leaf){.id = "x", .t_s = 60, .action = "read"};
}

static void
an_empty_member_is_written_all_the_same(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, LEAF_MOST_BYTES);
	struct leaf l = smallest();
	assert_ok(leaf_write(&b, &l));
	assert_true(view_same(buf_view(&b), view_text(SMALLEST)));
}

static void
what_was_written_is_read_back(void **state)
{
	(void)state;
	struct leaf l = smallest(), back;
	l.site = "site-one";
	l.role = "coordinator";
	l.object_type = "table";
	l.person_commit = HASH_TEXT;
	l.decision = "deny";
	l.rules = (struct leaf_list){2, {"R3", "R18"}};
	l.approvals = (struct leaf_list){1, {"A \"7\" \xc3\xbc"}};
	OWNED_BUF struct buf b;
	OWNED(json) struct json *tree = NULL;
	buf_init(&b, LEAF_MOST_BYTES);
	assert_ok(leaf_write(&b, &l));
	assert_ok(leaf_parse(&back, &tree, buf_view(&b)));
	assert_int_equal(back.t_s, 60);
	assert_string_equal(back.site, "site-one");
	assert_string_equal(back.role, "coordinator");
	assert_string_equal(back.object_type, "table");
	assert_string_equal(back.person_commit, HASH_TEXT);
	assert_string_equal(back.decision, "deny");
	assert_int_equal(back.rules.count, 2);
	assert_string_equal(back.rules.at[1], "R18");
	assert_string_equal(back.approvals.at[0], "A \"7\" \xc3\xbc");
	assert_string_equal(back.purpose, "");
}

/* What is out of bounds, one row each, with the member that has to be named. */
static void
spoil(struct leaf *l, size_t row, char *longest)
{
	switch (row) {
	case 0:
		l->id = "";
		break;
	case 1:
		l->t_s = 61;
		break;
	case 2:
		l->t_s = -60;
		break;
	case 3:
		l->action = "read it";
		break;
	case 4:
		l->person_commit = "abc";
		break;
	case 5:
		l->decision = "maybe";
		break;
	case 6:
		l->site = "line\nbreak";
		break;
	case 7:
		l->purpose = "\xff";
		break;
	case 8:
		l->outcome = longest;
		break;
	case 9:
		l->org = "terminal \xc2\x9b"
			 "1m";
		break;
	case 10:
		l->rules.count = LEAF_LIST_MOST_COUNT + 1;
		break;
	default:
		l->approvals.count = 1;
		break;
	}
}

static void
a_member_out_of_bounds_is_named(void **state)
{
	(void)state;
	static const char *const names[] = {"id", "t", "t", "action", "person_commit",
		"decision", "site", "purpose", "outcome", "org", "rules_fired", "approval_ids"};
	char longest[LEAF_TEXT_MOST_BYTES + 2];
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		OWNED_BUF struct buf b;
		buf_init(&b, LEAF_MOST_BYTES);
		struct leaf l = smallest();
		spoil(&l, i, longest);
		assert_err(leaf_write(&b, &l), E_FORMAT);
		OWNED_MEM char *said = xasprintf("leaf: %s is out of bounds", names[i]);
		assert_string_equal(err_text(), said);
	}
}

/* gives SMALLEST with the first `from` replaced by `to`. */
static char *
edited(const char *from, const char *to)
{
	const char *at = strstr(SMALLEST, from);
	assert_non_null(at);
	return xasprintf("%.*s%s%s", (int)(at - SMALLEST), SMALLEST, to, at + strlen(from));
}

static void
another_spelling_of_a_leaf_is_refused(void **state)
{
	(void)state;
	static const char *const edits[][2] = {{"{", " {"}, {",\"id\"", ", \"id\""},
		{"\"x\"", "\"\\u0078\""}, {"\"v\":1,", "\"v\":2,"}, {"\"v\":1,", ""},
		{"\"v\":1,", "\"v\":1,\"name\":\"\","}, {"\"t\":60", "\"t\":60.0"},
		{"\"t\":60", "\"t\":61"}, {"\"site\":\"\"", "\"site\":null"}, {"[]", "[1]"},
		{"\"art6\":\"\",\"art9\":\"\"", "\"art9\":\"\",\"art6\":\"\""},
		{"\"role\":\"\",", ""}, {"\"id\":\"x\"", "\"id\":\"x\",\"id\":\"x\""}};
	struct leaf l;
	struct json *tree = NULL;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		OWNED_MEM char *text = edited(edits[i][0], edits[i][1]);
		if (leaf_parse(&l, &tree, view_text(text)) != E_FORMAT)
			fail_msg("was not refused: %s", text);
		assert_null(tree);
	}
}

static void
times_are_cut_to_the_minute(void **state)
{
	(void)state;
	assert_int_equal(leaf_minute_s(0), 0);
	assert_int_equal(leaf_minute_s(59999), 0);
	assert_int_equal(leaf_minute_s(60000), 60);
	assert_int_equal(leaf_minute_s(-1), -60);
	assert_int_equal(leaf_minute_s(INT64_C(1795305661999)), INT64_C(1795305660));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_member_is_written_all_the_same),
		cmocka_unit_test(what_was_written_is_read_back),
		cmocka_unit_test(a_member_out_of_bounds_is_named),
		cmocka_unit_test(another_spelling_of_a_leaf_is_refused),
		cmocka_unit_test(times_are_cut_to_the_minute),
	};
	return cmocka_run_group_tests_name("leaf", tests, NULL, NULL);
}
