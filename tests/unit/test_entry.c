#include "tests/unit/suite.h"

#include "common/trust/entry.h"

#define OUT_MAX_BYTES 4096

static struct entry_head
a_head(void)
{
	struct entry_head h = {
		.study = "example-study", .incarnation = 1, .lane = LANE_R, .seq = 9};
	memset(h.hash, 4, sizeof(h.hash));
	return h;
}

static struct entry_place
a_place(uint64_t seq)
{
	struct entry_place p = {
		.study = "example-study", .incarnation = 1, .lane = LANE_C, .seq = seq};
	memset(p.writer, 3, sizeof(p.writer));
	return p;
}

static void
an_entry_is_made_hashed_and_its_parts_checked(void **state)
{
	(void)state;
	OWNED_BUF struct buf out;
	buf_init(&out, OUT_MAX_BYTES);
	buf_u8(&out, 0xaa); /* what stands before stays out of the hash */
	struct entry_place place = a_place(1);
	const struct entry_part parts[] = {
		{PART_RULES, view_text("rules")}, {PART_ANSWERS, view_text("answers")}};
	uint8_t hash[HASH_BYTES], again[HASH_BYTES];
	assert_ok(entry_make(&out, hash, &place, parts, 2));
	struct view header = view_of(out.at + 1, out.len - 1);
	entry_hash(again, header);
	assert_memory_equal(hash, again, sizeof(hash));
	struct wire_header h;
	assert_ok(wire_header_unpack(&h, header));
	assert_ok(entry_part_check(&h, PART_RULES, view_text("rules")));
	assert_err(entry_part_check(&h, PART_RULES, view_text("ruleS")), E_AUTH);
	assert_err(entry_part_check(&h, PART_RULES, view_text("rules ")), E_AUTH);
	assert_err(entry_part_check(&h, PART_RULES, view_text("answers")), E_AUTH);
	assert_err(entry_part_check(&h, PART_ACT, view_text("rules")), E_AUTH);
}

static void
an_entry_that_has_no_form_is_not_made(void **state)
{
	(void)state;
	OWNED_BUF struct buf out;
	buf_init(&out, OUT_MAX_BYTES);
	uint8_t hash[HASH_BYTES];
	const struct entry_part parts[7] = {{PART_RULES, view_text("rules")}};
	struct entry_place place = a_place(2); /* without the hash before it */
	assert_err(entry_make(&out, hash, &place, parts, 1), E_FORMAT);
	place = a_place(1);
	assert_err(entry_make(&out, hash, &place, parts, 0), E_FORMAT);
	assert_err(entry_make(&out, hash, &place, parts, 7), E_FORMAT);
	char long_name[80] = {0};
	memset(long_name, 'a', sizeof(long_name) - 1);
	place.study = long_name;
	assert_err(entry_make(&out, hash, &place, parts, 1), E_FORMAT);
	assert_int_equal(out.len, 0);
}

static void
a_chain_is_followed_and_gaps_and_forks_are_told_apart(void **state)
{
	(void)state;
	OWNED_BUF struct buf out;
	buf_init(&out, OUT_MAX_BYTES);
	const struct entry_part part = {PART_RULES, view_text("rules")};
	const uint8_t none[HASH_BYTES] = {0};
	uint8_t prev[HASH_BYTES] = {0}, hash[HASH_BYTES], other[HASH_BYTES] = {5};
	for (uint64_t seq = 1; seq <= 5; seq++) {
		struct entry_place place = a_place(seq);
		memcpy(place.prev, prev, sizeof(prev));
		buf_reset(&out);
		assert_ok(entry_make(&out, hash, &place, &part, 1));
		struct wire_header h;
		assert_ok(wire_header_unpack(&h, buf_view(&out)));
		assert_ok(entry_chain_check(seq - 1, prev, &h));
		assert_err(entry_chain_check(seq - 1, other, &h), E_CONFLICT);
		assert_err(entry_chain_check(seq, hash, &h), E_CONFLICT);
		assert_err(entry_chain_check(UINT64_MAX, hash, &h), E_CONFLICT);
		if (seq > 1)
			assert_err(entry_chain_check(seq - 2, none, &h), E_NOTFOUND);
		memcpy(prev, hash, sizeof(prev));
	}
}

static void
a_head_vouches_for_each_of_its_fields(void **state)
{
	(void)state;
	OWNED_SECRET struct secret *secret = NULL;
	struct entry_head head = a_head();
	uint8_t signature[SIGNATURE_BYTES];
	sign_keypair(head.writer, &secret);
	entry_head_sign(signature, &head, secret);
	assert_ok(entry_head_verify(signature, &head));
#define REFUSED(change)                                                                        \
	do {                                                                                   \
		struct entry_head h = head;                                                    \
		change;                                                                        \
		assert_err(entry_head_verify(signature, &h), E_AUTH);                          \
	} while (0)
	REFUSED(h.study = "example-studz");
	REFUSED(h.study = "example-stud");
	REFUSED(h.writer[0] ^= 1);
	REFUSED(h.incarnation = 2);
	REFUSED(h.lane = LANE_C);
	REFUSED(h.seq = 10);
	REFUSED(h.seq = UINT64_C(9) << 32);
	REFUSED(h.hash[31] ^= 1);
#undef REFUSED
	signature[0] ^= 1;
	assert_err(entry_head_verify(signature, &head), E_AUTH);
}

/* The bytes that are signed, built by hand as the header says. */
static void
the_signed_bytes_are_those_of_the_format(void **state)
{
	(void)state;
	OWNED_SECRET struct secret *secret = NULL;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	struct entry_head head = a_head();
	uint8_t signature[SIGNATURE_BYTES];
	sign_keypair(head.writer, &secret);
	entry_head_sign(signature, &head, secret);
	buf_blob_text(&b, "weir-head-v1");
	buf_blob_text(&b, "example-study");
	buf_blob(&b, view_of(head.writer, sizeof(head.writer)));
	buf_blob(&b, view_of("\0\0\0\1", 4));
	buf_blob(&b, view_of("\2", 1));
	buf_blob(&b, view_of("\0\0\0\0\0\0\0\11", 8));
	buf_blob(&b, view_of(head.hash, sizeof(head.hash)));
	assert_true(sign_check(signature, buf_view(&b), head.writer));
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
		cmocka_unit_test(an_entry_is_made_hashed_and_its_parts_checked),
		cmocka_unit_test(an_entry_that_has_no_form_is_not_made),
		cmocka_unit_test(a_chain_is_followed_and_gaps_and_forks_are_told_apart),
		cmocka_unit_test(a_head_vouches_for_each_of_its_fields),
		cmocka_unit_test(the_signed_bytes_are_those_of_the_format),
	};
	return cmocka_run_group_tests_name("entry", tests, start, NULL);
}
