#include "tests/unit/suite.h"

#include "common/trust/seal.h"

#define OUT_MAX_BYTES ((size_t)2 * 1024 * 1024)

static struct seal_context
a_context(void)
{
	struct seal_context c = {.study = "example-study",
		.form = "attitudes",
		.form_version = "1",
		.class = SEAL_HUB};
	memset(c.participant, 1, sizeof(c.participant));
	memset(c.instance, 2, sizeof(c.instance));
	return c;
}

static void
lengths_show_their_bucket_only(void **state)
{
	(void)state;
	static const size_t rows[][2] = {{0, 256}, {1, 256}, {251, 256}, {252, 512}, {507, 512},
		{508, 1024}, {1020, 2048}, {2043, 2048}, {2044, 4096}, {4091, 4096},
		{4092, 8192}, {8188, 12288}, {SEAL_CONTENT_MAX_BYTES, 1048576 + 4096}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(seal_bucket_bytes(rows[i][0]), rows[i][1]);
	OWNED_SECRET struct secret *key = seal_key_new();
	struct seal_context c = a_context();
	OWNED_BUF struct buf short_one, long_one;
	buf_init(&short_one, OUT_MAX_BYTES);
	buf_init(&long_one, OUT_MAX_BYTES);
	const uint8_t content[251] = {0};
	assert_ok(seal_answers(&short_one, view_of(content, 1), &c, key));
	assert_ok(seal_answers(&long_one, view_of(content, 251), &c, key));
	assert_int_equal(short_one.len, long_one.len);
	assert_int_equal(short_one.len, 256 + AEAD_EXTRA_BYTES);
}

/* The content lies against a guard page: one byte read too far ends the test. */
static void
answers_of_each_length_open_again(void **state)
{
	(void)state;
	static const size_t lengths[] = {
		0, 1, 250, 251, 252, 507, 508, 2043, 2044, 9000, SEAL_CONTENT_MAX_BYTES};
	OWNED_SECRET struct secret *key = seal_key_new();
	struct seal_context c = a_context();
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		OWNED_SECRET struct secret *content = secret_new(lengths[i]);
		crypto_random(secret_bytes(content), lengths[i]);
		OWNED_BUF struct buf sealed, out;
		buf_init(&sealed, SEAL_PART_MAX_BYTES);
		buf_init(&out, SEAL_CONTENT_MAX_BYTES);
		assert_ok(seal_answers(&sealed, secret_view(content), &c, key));
		OWNED_SECRET struct secret *guarded = secret_copy(sealed.at, sealed.len);
		assert_ok(seal_open_answers(&out, secret_view(guarded), &c, key));
		assert_true(view_same(buf_view(&out), secret_view(content)));
	}
	OWNED_SECRET struct secret *much = secret_new(SEAL_CONTENT_MAX_BYTES + 1);
	OWNED_BUF struct buf none;
	buf_init(&none, OUT_MAX_BYTES);
	assert_err(seal_answers(&none, secret_view(much), &c, key), E_FULL);
}

static void
answers_open_in_no_other_context(void **state)
{
	(void)state;
	OWNED_SECRET struct secret *key = seal_key_new(), *other = seal_key_new();
	OWNED_BUF struct buf sealed, out;
	buf_init(&sealed, OUT_MAX_BYTES);
	buf_init(&out, OUT_MAX_BYTES);
	const struct seal_context right = a_context();
	assert_ok(seal_answers(&sealed, view_text("answers"), &right, key));
#define REFUSED(change)                                                                        \
	do {                                                                                   \
		struct seal_context c = right;                                                 \
		change;                                                                        \
		assert_err(seal_open_answers(&out, buf_view(&sealed), &c, key), E_AUTH);       \
	} while (0)
	REFUSED(c.study = "another-study");
	REFUSED(c.participant[15] ^= 1);
	REFUSED(c.form = "attitude");
	REFUSED((c.form = "attitudes1", c.form_version = ""));
	REFUSED(c.form_version = "2");
	REFUSED(c.instance[0] ^= 1);
	REFUSED(c.class = SEAL_BOTH);
#undef REFUSED
	assert_err(seal_open_answers(&out, buf_view(&sealed), &right, other), E_AUTH);
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.at[i] ^= 0x80;
		assert_err(seal_open_answers(&out, buf_view(&sealed), &right, key), E_AUTH);
		sealed.at[i] ^= 0x80;
	}
	for (size_t len = 0; len < sealed.len; len++)
		assert_err(
			seal_open_answers(&out, view_of(sealed.at, len), &right, key), E_AUTH);
	assert_int_equal(out.len, 0);
	assert_ok(seal_open_answers(&out, buf_view(&sealed), &right, key));
}

/* A holder of the key can seal what is not of the form; the opener says so and reads
 * nothing. */
static void
padding_that_is_not_of_its_form_is_refused(void **state)
{
	(void)state;
	OWNED_SECRET struct secret *key = seal_key_new();
	const struct seal_context c = a_context();
	OWNED_BUF struct buf aad;
	buf_init(&aad, OUT_MAX_BYTES);
	buf_blob_text(&aad, "weir-answers-v1");
	buf_blob_text(&aad, c.study);
	buf_blob(&aad, view_of(c.participant, ID_BYTES));
	buf_blob_text(&aad, c.form);
	buf_blob_text(&aad, c.form_version);
	buf_blob(&aad, view_of(c.instance, ID_BYTES));
	buf_blob(&aad, view_of("\1", 1));
	static const struct {
		size_t len;
		size_t at;
		uint8_t value;
		enum err want;
	} rows[] = {
		{256, 0, 0, OK}, {256, 0, 1, E_FORMAT}, /* compression */
		{256, 1, 0xff, E_FORMAT},               /* length */
		{256, 4, 252, E_FORMAT},                /* a byte more than there is */
		{256, 4, 251, OK},                      /* as much as there is */
		{256, 255, 1, E_FORMAT},                /* not zero */
		{512, 0, 0, E_FORMAT},                  /* a bucket too large */
		{255, 0, 0, E_FORMAT},                  /* no bucket */
		{4, 0, 0, E_FORMAT},                    /* not even a length */
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t text[512] = {0};
		text[rows[i].at] = rows[i].value;
		OWNED_BUF struct buf sealed, out;
		buf_init(&sealed, OUT_MAX_BYTES);
		buf_init(&out, OUT_MAX_BYTES);
		aead_seal(
			&sealed, view_of(text, rows[i].len), buf_view(&aad), secret_bytes(key));
		assert_err(seal_open_answers(&out, buf_view(&sealed), &c, key), rows[i].want);
	}
}

static void
a_wrap_gives_its_key_to_its_number_and_context_alone(void **state)
{
	(void)state;
	uint8_t public[BOX_PUBLIC_BYTES], other[BOX_PUBLIC_BYTES];
	OWNED_SECRET struct secret *secret = NULL, *stranger = NULL, *none = NULL, *back = NULL;
	OWNED_SECRET struct secret *key = seal_key_new();
	box_keypair(public, &secret);
	box_keypair(other, &stranger);
	const struct seal_context right = a_context();
	OWNED_BUF struct buf wrap;
	buf_init(&wrap, OUT_MAX_BYTES);
	assert_ok(seal_wrap(&wrap, &right, key, 7, public));
	uint32_t number = 0;
	assert_ok(seal_wrap_number(&number, buf_view(&wrap)));
	assert_int_equal(number, 7);
#define REFUSED(change)                                                                        \
	do {                                                                                   \
		struct seal_context c = right;                                                 \
		change;                                                                        \
		assert_err(seal_open_wrap(&none, buf_view(&wrap), &c, secret), E_AUTH);        \
		assert_null(none);                                                             \
	} while (0)
	REFUSED(c.study = "another-study");
	REFUSED(c.study = "example-stud");
	REFUSED(c.participant[0] ^= 1);
	REFUSED(c.class = SEAL_SITE);
#undef REFUSED
	assert_err(seal_open_wrap(&none, buf_view(&wrap), &right, stranger), E_AUTH);
	for (size_t i = 5; i < wrap.len; i++) {
		wrap.at[i] ^= 1;
		assert_err(seal_open_wrap(&none, buf_view(&wrap), &right, secret), E_AUTH);
		wrap.at[i] ^= 1;
	}
	for (size_t len = 0; len < wrap.len; len++)
		assert_int_not_equal(
			seal_open_wrap(&none, view_of(wrap.at, len), &right, secret), OK);
	wrap.at[0] = 2;
	assert_err(seal_open_wrap(&none, buf_view(&wrap), &right, secret), E_FORMAT);
	wrap.at[0] = 1;
	assert_null(none);
	assert_ok(seal_open_wrap(&back, buf_view(&wrap), &right, secret));
	assert_true(view_same(secret_view(back), secret_view(key)));
}

static void
an_opener_leaves_no_key_behind_when_a_wrap_does_not_fit(void **state)
{
	(void)state;
	uint8_t public[BOX_PUBLIC_BYTES];
	OWNED_SECRET struct secret *secret = NULL, *none = secret_new(AEAD_KEY_BYTES);
	box_keypair(public, &secret);
	const struct seal_context right = a_context();
	OWNED(seal_opener) struct seal_opener *o = seal_opener_new(right.study, secret);
	OWNED_SECRET struct secret *to = secret_new(AEAD_KEY_BYTES);
	OWNED_SECRET struct secret *short_one = secret_new(AEAD_KEY_BYTES - 1);
	for (uint32_t i = 0; i < 3; i++) {
		struct seal_context other = right, abroad = right;
		OWNED_SECRET struct secret *key = seal_key_new();
		OWNED_BUF struct buf wrap;
		buf_init(&wrap, OUT_MAX_BYTES);
		other.participant[0] ^= 1;
		abroad.study = "another-study";
		assert_ok(seal_wrap(&wrap, &right, key, 7, public));
		assert_ok(seal_opener_wrap(o, to, buf_view(&wrap), &right));
		assert_true(view_same(secret_view(to), secret_view(key)));
		assert_err(seal_opener_wrap(o, to, buf_view(&wrap), &other), E_AUTH);
		assert_true(view_same(secret_view(to), secret_view(none)));
		assert_err(seal_opener_wrap(o, to, buf_view(&wrap), &abroad), E_AUTH);
		assert_err(seal_opener_wrap(o, short_one, buf_view(&wrap), &right), E_FORMAT);
		buf_reset(&wrap);
		assert_ok(seal_wrap(&wrap, &abroad, key, 7, public));
		assert_err(seal_opener_wrap(o, to, buf_view(&wrap), &abroad), E_AUTH);
		assert_true(view_same(secret_view(to), secret_view(none)));
	}
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
		cmocka_unit_test(lengths_show_their_bucket_only),
		cmocka_unit_test(answers_of_each_length_open_again),
		cmocka_unit_test(answers_open_in_no_other_context),
		cmocka_unit_test(padding_that_is_not_of_its_form_is_refused),
		cmocka_unit_test(a_wrap_gives_its_key_to_its_number_and_context_alone),
		cmocka_unit_test(an_opener_leaves_no_key_behind_when_a_wrap_does_not_fit),
	};
	return cmocka_run_group_tests_name("seal", tests, start, NULL);
}
