#include "tests/unit/suite.h"

#include "common/codec/text.h"
#include "common/trust/crypto.h"

#define OUT_MAX_BYTES 4096

static void
assert_hex(const uint8_t *at, size_t len, const char *hex)
{
	char made[OUT_MAX_BYTES];
	assert_true(2 * len < sizeof(made));
	text_hex(made, at, len);
	assert_string_equal(made, hex);
}

static size_t
from_hex(uint8_t *ret, const char *hex)
{
	size_t len = strlen(hex) / 2;
	assert_true(text_unhex(ret, len, hex));
	return len;
}

/* Made with hashlib.blake2b of Python. */
static void
hashes_match_another_implementation(void **state)
{
	(void)state;
	uint8_t hash[HASH_BYTES], id[ID_BYTES], key[32];
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	crypto_hash_one(hash, "weir-entry-v1", view_text("abc"));
	assert_hex(hash, sizeof(hash),
		"841076110aabbb4019586c18185ec52ac8f1455e63de7d62a594fa4922077f9c");
	const struct view parts[] = {view_text("abc"), view_text(""), view_text("def")};
	crypto_hash_many(hash, "weir-entry-v1", key, parts, ARRAY_LEN(parts));
	assert_hex(hash, sizeof(hash),
		"bceec26b6ce630b3e04342e9022778d3ad5d04407e6cdc92aad6bb3b77e7a655");
	crypto_hash_id(id, "weir-id-v1", NULL, parts, 1);
	assert_hex(id, sizeof(id), "3af795ef6e674cbcf546a7c8523a1652");
	OWNED_SECRET struct secret *s = secret_copy(key, sizeof(key));
	OWNED_SECRET struct secret *sub = crypto_subkey(s, "name");
	assert_hex(secret_bytes(sub), secret_len(sub),
		"7ba71aeac3ceb85299894482f2d58e8a3513cade4ca0f80da4cd730874c32ab0");
}

/* FIPS 180-4, the example of one block. */
static void
sha256_matches_the_standard(void **state)
{
	(void)state;
	uint8_t hash[HASH_BYTES];
	const struct view parts[] = {view_text("a"), view_text("bc")};
	crypto_sha256(hash, parts, 2);
	assert_hex(hash, sizeof(hash),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* RFC 8032, 7.1, test 1. */
static void
signatures_match_the_standard_and_show_each_change(void **state)
{
	(void)state;
	uint8_t seed[SIGN_SEED_BYTES], public[SIGN_PUBLIC_BYTES], again[SIGN_PUBLIC_BYTES];
	uint8_t signature[SIGNATURE_BYTES];
	OWNED_SECRET struct secret *secret = NULL;
	from_hex(seed, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
	sign_from_seed(public, &secret, seed);
	assert_hex(public, sizeof(public),
		"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
	sign_public(again, secret);
	assert_memory_equal(public, again, sizeof(public));
	sign_make(signature, view_of(NULL, 0), secret);
	assert_hex(signature, sizeof(signature),
		"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
		"5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
	assert_true(sign_check(signature, view_of(NULL, 0), public));
	assert_false(sign_check(signature, view_text("x"), public));
	for (size_t i = 0; i < SIGNATURE_BYTES; i++) {
		signature[i] ^= 1;
		assert_false(sign_check(signature, view_of(NULL, 0), public));
		signature[i] ^= 1;
	}
	public[0] ^= 1;
	assert_false(sign_check(signature, view_of(NULL, 0), public));
}

/* draft-irtf-cfrg-xchacha-03, A.3.1. */
static void
aead_opens_the_published_example(void **state)
{
	(void)state;
	uint8_t sealed[256], aad[16], key[AEAD_KEY_BYTES];
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(0x80 + i);
	size_t aad_len = from_hex(aad, "50515253c0c1c2c3c4c5c6c7");
	size_t len = from_hex(sealed,
		"404142434445464748494a4b4c4d4e4f5051525354555657"
		"bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
		"731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
		"2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
		"21f9664c97637da9768812f615c68b13b52e"
		"c0875924c1c7987947deafd8780acf49");
	OWNED_BUF struct buf out;
	buf_init(&out, OUT_MAX_BYTES);
	assert_ok(aead_open(&out, view_of(sealed, len), view_of(aad, aad_len), key));
	assert_true(view_same(buf_view(&out),
		view_text("Ladies and Gentlemen of the class of '99: If I could offer you "
			  "only one tip for the future, sunscreen would be it.")));
}

static void
aead_refuses_every_change_and_adds_nothing_then(void **state)
{
	(void)state;
	uint8_t key[AEAD_KEY_BYTES] = {1};
	OWNED_BUF struct buf sealed, out;
	buf_init(&sealed, OUT_MAX_BYTES);
	buf_init(&out, OUT_MAX_BYTES);
	aead_seal(&sealed, view_text("plain"), view_text("context"), key);
	assert_int_equal(sealed.len, 5 + AEAD_EXTRA_BYTES);
	buf_add(&out, "before", 6);
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.at[i] ^= 1;
		assert_err(
			aead_open(&out, buf_view(&sealed), view_text("context"), key), E_AUTH);
		sealed.at[i] ^= 1;
		assert_err(aead_open(&out, view_of(sealed.at, i), view_text("context"), key),
			E_AUTH);
	}
	assert_err(aead_open(&out, buf_view(&sealed), view_text("contexT"), key), E_AUTH);
	assert_int_equal(out.len, 6);
	assert_ok(aead_open(&out, buf_view(&sealed), view_text("context"), key));
	assert_true(view_same(buf_view(&out), view_text("beforeplain")));
	OWNED_SECRET struct secret *s = NULL;
	assert_ok(aead_open_secret(&s, buf_view(&sealed), view_text("context"), key));
	assert_true(view_same(secret_view(s), view_text("plain")));
	OWNED_SECRET struct secret *into = secret_new(5), *longer = secret_new(6);
	assert_ok(aead_open_into(into, buf_view(&sealed), view_text("context"), key));
	assert_true(view_same(secret_view(into), view_text("plain")));
	assert_err(
		aead_open_into(longer, buf_view(&sealed), view_text("context"), key), E_AUTH);
	struct aead_series series;
	OWNED_BUF struct buf next;
	buf_init(&next, 200);
	aead_series_draw(&series);
	for (size_t i = 0; i < 2; i++)
		aead_seal_next(&next, view_text("plain"), view_text("context"), key, &series);
	struct view second = view_of(next.at + next.len / 2, next.len / 2);
	assert_ok(aead_open_into(into, second, view_text("context"), key));
	assert_memory_equal(next.at, second.at, 16);
	assert_memory_not_equal(next.at, second.at, 24);
	key[1] = 1;
	assert_err(aead_open_into(into, buf_view(&sealed), view_text("context"), key), E_AUTH);
	assert_int_equal(secret_bytes(into)[0], 0);
	OWNED_SECRET struct secret *none = NULL;
	assert_err(
		aead_open_secret(&none, buf_view(&sealed), view_text("context"), key), E_AUTH);
	assert_null(none);
}

static void
sealing_nothing_works_and_sealing_too_much_adds_nothing(void **state)
{
	(void)state;
	uint8_t key[AEAD_KEY_BYTES] = {1}, public[BOX_PUBLIC_BYTES];
	OWNED_SECRET struct secret *secret = NULL;
	box_keypair(public, &secret);
	OWNED_BUF struct buf sealed, empty, out;
	buf_init(&sealed, OUT_MAX_BYTES);
	buf_init(&out, OUT_MAX_BYTES);
	aead_seal(&sealed, view_of(NULL, 0), view_of(NULL, 0), key);
	assert_ok(aead_open(&out, buf_view(&sealed), view_of(NULL, 0), key));
	buf_reset(&sealed);
	box_seal(&sealed, view_of(NULL, 0), public);
	assert_int_equal(sealed.len, BOX_EXTRA_BYTES);
	assert_ok(box_open(&out, buf_view(&sealed), secret));
	assert_int_equal(out.len, 0);
	for (size_t max = 0; max < 5 + AEAD_EXTRA_BYTES; max++) {
		buf_init(&empty, max);
		aead_seal(&empty, view_text("plain"), view_of(NULL, 0), key);
		assert_true(empty.broken && empty.len == 0);
		buf_done(&empty);
		buf_init(&empty, max);
		box_seal(&empty, view_text("plain"), public);
		assert_true(empty.broken && empty.len == 0);
		buf_done(&empty);
	}
}

static void
boxes_open_for_their_key_alone_and_show_each_change(void **state)
{
	(void)state;
	uint8_t public[BOX_PUBLIC_BYTES], again[BOX_PUBLIC_BYTES], other[BOX_PUBLIC_BYTES];
	OWNED_SECRET struct secret *secret = NULL, *stranger = NULL, *opened = NULL;
	box_keypair(public, &secret);
	box_keypair(other, &stranger);
	box_public(again, secret);
	assert_memory_equal(public, again, sizeof(public));
	OWNED_BUF struct buf sealed, out;
	buf_init(&sealed, OUT_MAX_BYTES);
	buf_init(&out, OUT_MAX_BYTES);
	box_seal(&sealed, view_text("plain"), public);
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.at[i] ^= 1;
		assert_err(box_open(&out, buf_view(&sealed), secret), E_AUTH);
		sealed.at[i] ^= 1;
		assert_err(box_open(&out, view_of(sealed.at, i), secret), E_AUTH);
	}
	assert_err(box_open(&out, buf_view(&sealed), stranger), E_AUTH);
	assert_int_equal(out.len, 0);
	assert_ok(box_open(&out, buf_view(&sealed), secret));
	assert_true(view_same(buf_view(&out), view_text("plain")));
	assert_ok(box_open_secret(&opened, buf_view(&sealed), secret));
	assert_true(view_same(secret_view(opened), view_text("plain")));
}

static void
nothing_is_sealed_to_a_key_of_low_order(void **state)
{
	(void)state;
	const uint8_t zeros[BOX_PUBLIC_BYTES] = {0};
	OWNED_BUF struct buf sealed;
	buf_init(&sealed, OUT_MAX_BYTES);
	box_seal(&sealed, view_text("plain"), zeros);
	assert_true(sealed.broken);
	assert_int_equal(sealed.len, 0);
}

static void
passphrases_give_one_key_for_one_salt(void **state)
{
	(void)state;
	uint8_t salt[KDF_SALT_BYTES] = {1}, other[KDF_SALT_BYTES] = {2};
	OWNED_SECRET struct secret *words = secret_copy("example words", 13);
	OWNED_SECRET struct secret *a = NULL, *b = NULL, *c = NULL, *none = NULL;
	assert_ok(crypto_kdf(&a, words, salt, KDF_INTERACTIVE));
	assert_ok(crypto_kdf(&b, words, salt, KDF_INTERACTIVE));
	assert_ok(crypto_kdf(&c, words, other, KDF_INTERACTIVE));
	assert_int_equal(secret_len(a), AEAD_KEY_BYTES);
	assert_true(crypto_same(secret_bytes(a), secret_bytes(b), AEAD_KEY_BYTES));
	assert_false(crypto_same(secret_bytes(a), secret_bytes(c), AEAD_KEY_BYTES));
	assert_err(crypto_kdf(&none, words, salt, (enum kdf_cost)9), E_FORMAT);
}

static void
seeds_give_one_box_key_and_random_ones_differ(void **state)
{
	(void)state;
	const uint8_t seed[32] = {7};
	uint8_t a[BOX_PUBLIC_BYTES], b[BOX_PUBLIC_BYTES], c[BOX_PUBLIC_BYTES];
	OWNED_SECRET struct secret *x = NULL, *y = NULL, *z = NULL;
	box_from_seed(a, &x, seed);
	box_from_seed(b, &y, seed);
	box_keypair(c, &z);
	assert_memory_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, c, sizeof(a));
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
		cmocka_unit_test(hashes_match_another_implementation),
		cmocka_unit_test(sha256_matches_the_standard),
		cmocka_unit_test(signatures_match_the_standard_and_show_each_change),
		cmocka_unit_test(aead_opens_the_published_example),
		cmocka_unit_test(aead_refuses_every_change_and_adds_nothing_then),
		cmocka_unit_test(sealing_nothing_works_and_sealing_too_much_adds_nothing),
		cmocka_unit_test(boxes_open_for_their_key_alone_and_show_each_change),
		cmocka_unit_test(nothing_is_sealed_to_a_key_of_low_order),
		cmocka_unit_test(passphrases_give_one_key_for_one_salt),
		cmocka_unit_test(seeds_give_one_box_key_and_random_ones_differ),
	};
	return cmocka_run_group_tests_name("crypto", tests, start, NULL);
}
