#include "tests/unit/suite.h"

#include "common/trust/invite.h"

#define OUT_MAX_BYTES 4096

static struct invite *
an_invite(void)
{
	struct invite *i = invite_new();
	(void)snprintf(i->address, sizeof(i->address), "tcp://127.0.0.1:4711");
	memset(i->hub_public, 1, sizeof(i->hub_public));
	memset(i->root_hash, 2, sizeof(i->root_hash));
	i->expires_s = 1700000000;
	return i;
}

static char *
print_one(struct buf *b, struct invite *i)
{
	buf_init(b, OUT_MAX_BYTES);
	assert_ok(invite_print(b, i));
	buf_u8(b, 0);
	return (char *)b->at;
}

static void
an_invitation_comes_back_as_it_was(void **state)
{
	(void)state;
	OWNED(invite) struct invite *i = an_invite(), *back = NULL;
	OWNED_BUF struct buf b;
	const char *text = print_one(&b, i);
	assert_true(strncmp(text, "weir-invite:", 12) == 0);
	assert_null(strpbrk(text + 12, "+/= \n"));
	assert_ok(invite_parse(&back, text));
	assert_string_equal(back->address, i->address);
	assert_memory_equal(back->hub_public, i->hub_public, sizeof(i->hub_public));
	assert_memory_equal(back->root_hash, i->root_hash, sizeof(i->root_hash));
	assert_memory_equal(back->id, i->id, sizeof(i->id));
	assert_int_equal(back->expires_s, i->expires_s);
	assert_true(view_same(secret_view(back->secret), secret_view(i->secret)));
}

static void
each_typing_mistake_is_called_one(void **state)
{
	(void)state;
	OWNED(invite) struct invite *i = an_invite(), *none = NULL;
	OWNED_BUF struct buf b;
	char *text = print_one(&b, i);
	size_t len = strlen(text);
	for (size_t at = 0; at < len; at++) {
		char kept = text[at];
		text[at] = kept == 'x' ? 'y' : 'x';
		assert_err(invite_parse(&none, text), E_FORMAT);
		assert_non_null(strstr(err_text(), "the invitation is mistyped: "));
		text[at] = 0;
		assert_err(invite_parse(&none, text), E_FORMAT);
		assert_non_null(strstr(err_text(), "the invitation is mistyped: "));
		text[at] = kept;
	}
	assert_err(invite_parse(&none, ""), E_FORMAT);
	assert_err(invite_parse(&none, "weir-invite:"), E_FORMAT);
	assert_err(invite_parse(&none, "weir-invite:AA=="), E_FORMAT);
	assert_null(none);
}

static void
what_mail_does_to_a_line_does_not_matter(void **state)
{
	(void)state;
	OWNED(invite) struct invite *i = an_invite(), *back = NULL;
	OWNED_BUF struct buf b, broken;
	const char *text = print_one(&b, i);
	buf_init(&broken, OUT_MAX_BYTES);
	buf_add(&broken, "  ", 2);
	for (size_t at = 0; text[at]; at++) {
		buf_add(&broken, text + at, 1);
		if (at > 12 && at % 60 == 0)
			buf_add(&broken, "\r\n ", 3);
	}
	buf_add(&broken, "\n\0", 2);
	assert_ok(invite_parse(&back, (const char *)broken.at));
	assert_memory_equal(back->id, i->id, sizeof(i->id));
}

static void
a_very_long_text_is_refused(void **state)
{
	(void)state;
	static char text[100000] = "weir-invite:";
	memset(text + 12, 'A', sizeof(text) - 13);
	OWNED(invite) struct invite *none = NULL;
	assert_err(invite_parse(&none, text), E_FORMAT);
	assert_null(none);
}

/* The check is no secret: with it made to fit, the fields are still held against their form. */
static void
wrong_content_with_a_right_check_is_refused(void **state)
{
	(void)state;
	static const char *const addresses[] = {"", "\xff\xfe"};
	for (size_t k = 0; k < ARRAY_LEN(addresses); k++) {
		OWNED(invite) struct invite *i = an_invite(), *none = NULL;
		(void)snprintf(i->address, sizeof(i->address), "%s", addresses[k]);
		OWNED_BUF struct buf b;
		assert_err(invite_parse(&none, print_one(&b, i)), E_FORMAT);
		assert_null(strstr(err_text(), "mistyped"));
	}
	OWNED(invite) struct invite *i = an_invite(), *none = NULL;
	i->expires_s = -1;
	OWNED_BUF struct buf b;
	assert_err(invite_parse(&none, print_one(&b, i)), E_FORMAT);
}

static void
both_sides_make_the_same_key_from_the_secret(void **state)
{
	(void)state;
	OWNED(invite) struct invite *i = an_invite(), *other = an_invite();
	uint8_t a[BOX_PUBLIC_BYTES], b[BOX_PUBLIC_BYTES], c[BOX_PUBLIC_BYTES];
	OWNED_SECRET struct secret *x = NULL, *y = NULL, *z = NULL;
	invite_keys(a, &x, i->secret);
	invite_keys(b, &y, i->secret);
	invite_keys(c, &z, other->secret);
	assert_memory_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, c, sizeof(a));
	box_public(b, x);
	assert_memory_equal(a, b, sizeof(a));
}

static void
six_groups_of_four_digits_follow_from_the_transcript(void **state)
{
	(void)state;
	uint8_t hash[HASH_BYTES] = {1};
	char groups[INVITE_GROUPS_BYTES], again[INVITE_GROUPS_BYTES];
	invite_groups(groups, hash);
	assert_int_equal(strlen(groups), INVITE_GROUPS_BYTES - 1);
	for (size_t i = 0; i < strlen(groups); i++)
		assert_true(
			i % 5 == 4 ? groups[i] == ' ' : groups[i] >= '0' && groups[i] <= '9');
	invite_groups(again, hash);
	assert_string_equal(groups, again);
	hash[31] = 1;
	invite_groups(again, hash);
	assert_string_not_equal(groups, again);
}

static int
start(void **state)
{
	(void)state;
	return crypto_init() == OK ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_invitation_comes_back_as_it_was),
		cmocka_unit_test(each_typing_mistake_is_called_one),
		cmocka_unit_test(what_mail_does_to_a_line_does_not_matter),
		cmocka_unit_test(a_very_long_text_is_refused),
		cmocka_unit_test(wrong_content_with_a_right_check_is_refused),
		cmocka_unit_test(both_sides_make_the_same_key_from_the_secret),
		cmocka_unit_test(six_groups_of_four_digits_follow_from_the_transcript),
	};
	return cmocka_run_group_tests_name("invite", tests, start, NULL);
}
