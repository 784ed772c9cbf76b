#include "tests/unit/suite.h"

#include "common/trust/card.h"
#include "common/trust/statement.h"

#define OUT_MAX_BYTES 8192
#define NOW_S         1700000000

static struct statement_about
about_release(void)
{
	struct statement_about a = {"example-study", "release-approve", "release-1", {0}};
	memset(a.digest, 6, sizeof(a.digest));
	return a;
}

static void
a_statement_holds_for_what_it_is_about_and_nothing_else(void **state)
{
	(void)state;
	OWNED_SECRET struct secret *secret = NULL, *other_secret = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES], other[SIGN_PUBLIC_BYTES];
	sign_keypair(public, &secret);
	sign_keypair(other, &other_secret);
	const struct statement_about right = about_release();
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	assert_ok(statement_make(&b, &right, "p1", NOW_S, secret));
	struct wire_statement s;
	assert_ok(statement_verify(&s, buf_view(&b), &right, "p1", public));
	assert_int_equal(s.time_s, NOW_S);
	assert_string_equal(s.person, "p1");
#define REFUSED(change, words)                                                                 \
	do {                                                                                   \
		struct statement_about a = right;                                              \
		change;                                                                        \
		assert_err(statement_verify(&s, buf_view(&b), &a, "p1", public), E_DENIED);    \
		assert_string_equal(err_text(), words);                                        \
		assert_int_equal(s.time_s, 0);                                                 \
	} while (0)
	REFUSED(a.study = "another", "the statement is for another study");
	REFUSED(a.kind = "admit", "the statement is of kind release-approve, not admit");
	REFUSED(a.id = "release-2", "the statement is for another release-approve");
	REFUSED(a.digest[31] ^= 1, "the statement is for other bytes");
#undef REFUSED
	assert_err(statement_verify(&s, buf_view(&b), &right, "p2", public), E_DENIED);
	assert_string_equal(err_text(), "the statement is by another person than p2");
	assert_err(statement_verify(&s, buf_view(&b), &right, "p1", other), E_AUTH);
	assert_string_equal(err_text(), "the statement is not signed by p1");
}

static void
every_change_of_a_statement_is_refused(void **state)
{
	(void)state;
	OWNED_SECRET struct secret *secret = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES];
	sign_keypair(public, &secret);
	const struct statement_about right = about_release();
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	assert_ok(statement_make(&b, &right, "p1", NOW_S, secret));
	struct wire_statement s;
	for (size_t i = 0; i < b.len; i++) {
		b.at[i] ^= 1;
		assert_int_not_equal(
			statement_verify(&s, buf_view(&b), &right, "p1", public), OK);
		b.at[i] ^= 1;
		assert_int_not_equal(
			statement_verify(&s, view_of(b.at, i), &right, "p1", public), OK);
	}
}

static void
two_statements_of_the_same_are_told_apart_and_one_has_one_id(void **state)
{
	(void)state;
	OWNED_SECRET struct secret *secret = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES], first[HASH_BYTES], second[HASH_BYTES],
		again[HASH_BYTES];
	sign_keypair(public, &secret);
	const struct statement_about right = about_release();
	OWNED_BUF struct buf a, b;
	buf_init(&a, OUT_MAX_BYTES);
	buf_init(&b, OUT_MAX_BYTES);
	assert_ok(statement_make(&a, &right, "p1", NOW_S, secret));
	assert_ok(statement_make(&b, &right, "p1", NOW_S, secret));
	assert_ok(statement_id(first, buf_view(&a)));
	assert_ok(statement_id(again, buf_view(&a)));
	assert_ok(statement_id(second, buf_view(&b)));
	assert_memory_equal(first, again, HASH_BYTES);
	assert_memory_not_equal(first, second, HASH_BYTES);
	char person[WIRE_NAME_BYTES];
	assert_ok(statement_person(person, buf_view(&a)));
	assert_string_equal(person, "p1");
}

static void
a_signature_under_one_format_is_none_under_another(void **state)
{
	(void)state;
	OWNED_SECRET struct secret *secret = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES], signature[SIGNATURE_BYTES];
	sign_keypair(public, &secret);
	signed_make(signature, "weir-card-v1", view_text("bytes"), secret);
	assert_true(signed_check(signature, "weir-card-v1", view_text("bytes"), public));
	assert_false(signed_check(signature, "weir-card-v2", view_text("bytes"), public));
	assert_false(signed_check(signature, "weir-card-v1b", view_text("ytes"), public));
}

static void
texts_that_do_not_fit_are_not_signed(void **state)
{
	(void)state;
	OWNED_SECRET struct secret *secret = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES];
	sign_keypair(public, &secret);
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	struct statement_about about = about_release();
	char long_id[WIRE_TEXT_BYTES + 1] = {0};
	memset(long_id, 'a', sizeof(long_id) - 1);
	about.id = long_id;
	assert_err(statement_make(&b, &about, "p1", NOW_S, secret), E_FORMAT);
	about.id = "";
	assert_err(statement_make(&b, &about, "p1", NOW_S, secret), E_FORMAT);
	about = about_release();
	assert_err(statement_make(&b, &about, "p1", -1, secret), E_FORMAT);
	assert_int_equal(b.len, 0);
}

static struct wire_card
a_card(void)
{
	return (struct wire_card){.study = "example-study",
		.person = "p1",
		.name = "Example Person",
		.role_count = 2,
		.roles = {"researcher", "officer"},
		.time_s = NOW_S};
}

static void
a_card_holds_under_its_root_and_study_alone(void **state)
{
	(void)state;
	OWNED_SECRET struct secret *root = NULL, *other_root = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES], other[SIGN_PUBLIC_BYTES];
	sign_keypair(public, &root);
	sign_keypair(other, &other_root);
	struct wire_card card = a_card(), back;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	assert_ok(card_make(&b, &card, root));
	struct wire_signed s;
	assert_ok(wire_signed_unpack(&s, buf_view(&b)));
	assert_ok(card_verify(&back, &s, "example-study", public));
	assert_string_equal(back.person, "p1");
	assert_true(card_has_role(&back, "officer"));
	assert_false(card_has_role(&back, "owner"));
	assert_err(card_verify(&back, &s, "example-study", other), E_AUTH);
	assert_err(card_verify(&back, &s, "another-study", public), E_DENIED);
	struct wire_hub_keys keys;
	assert_err(card_hub_keys_verify(&keys, &s, "example-study", public), E_AUTH);
	b.at[10] ^= 1;
	assert_ok(wire_signed_unpack(&s, buf_view(&b)));
	assert_err(card_verify(&back, &s, "example-study", public), E_AUTH);
}

static void
hub_keys_hold_under_their_root_and_study_alone(void **state)
{
	(void)state;
	OWNED_SECRET struct secret *root = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES], hash[HASH_BYTES], again[HASH_BYTES];
	sign_keypair(public, &root);
	struct wire_hub_keys keys = {
		.study = "example-study", .log_vkey = "example.test+00000000+AQ=="};
	struct wire_hub_keys back;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	assert_ok(card_hub_keys_make(&b, &keys, root));
	struct wire_signed s;
	assert_ok(wire_signed_unpack(&s, buf_view(&b)));
	assert_ok(card_hub_keys_verify(&back, &s, "example-study", public));
	assert_string_equal(back.log_vkey, keys.log_vkey);
	assert_err(card_hub_keys_verify(&back, &s, "another-study", public), E_DENIED);
	card_root_hash(hash, public);
	public[0] ^= 1;
	card_root_hash(again, public);
	assert_memory_not_equal(hash, again, HASH_BYTES);
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
		cmocka_unit_test(a_statement_holds_for_what_it_is_about_and_nothing_else),
		cmocka_unit_test(every_change_of_a_statement_is_refused),
		cmocka_unit_test(two_statements_of_the_same_are_told_apart_and_one_has_one_id),
		cmocka_unit_test(a_signature_under_one_format_is_none_under_another),
		cmocka_unit_test(texts_that_do_not_fit_are_not_signed),
		cmocka_unit_test(a_card_holds_under_its_root_and_study_alone),
		cmocka_unit_test(hub_keys_hold_under_their_root_and_study_alone),
	};
	return cmocka_run_group_tests_name("statement", tests, start, NULL);
}
