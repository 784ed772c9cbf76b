#include "tests/unit/suite.h"

#include "hub/cohort.h"

static struct cohort *
example(size_t rows)
{
	struct cohort *c = cohort_new(2, rows);
	(void)snprintf(c->study, sizeof(c->study), "example");
	(void)snprintf(c->release, sizeof(c->release), "r1");
	(void)snprintf(c->sites[0].id, sizeof(c->sites[0].id), "norway");
	(void)snprintf(c->sites[1].id, sizeof(c->sites[1].id), "sweden");
	c->sites[1].state = SITE_NOT_IN_WAVE;
	c->manifest_number = 3;
	c->true_at_s = 1795305600;
	c->wave = 1;
	for (size_t i = 0; i < rows; i += 3)
		bitmap_put(c->members, i);
	return c;
}

static void
a_cohort_comes_back_as_it_was_packed(void **state)
{
	static const size_t sizes[] = {0, 1, 7, 8, 9, 63, 64, 65, 1000};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		OWNED(cohort) struct cohort *c = example(sizes[i]), *back = NULL;
		OWNED_BUF struct buf packed;
		buf_init(&packed, COHORT_MAX_BYTES);
		assert_ok(cohort_pack(&packed, c));
		assert_ok(cohort_unpack(&back, buf_view(&packed)));
		assert_string_equal(back->study, "example");
		assert_string_equal(back->release, "r1");
		assert_string_equal(back->sites[1].id, "sweden");
		assert_int_equal(back->sites[1].state, SITE_NOT_IN_WAVE);
		assert_int_equal(back->manifest_number, 3);
		assert_int_equal(back->true_at_s, 1795305600);
		assert_int_equal(back->members->row_count, sizes[i]);
		assert_true(bitmap_same(back->members, c->members));
	}
}

static void
every_change_of_a_packed_cohort_changes_its_digest_or_is_refused(void **state)
{
	OWNED(cohort) struct cohort *c = example(70);
	OWNED_BUF struct buf packed;
	uint8_t before[HASH_BYTES], after[HASH_BYTES];
	(void)state;
	buf_init(&packed, COHORT_MAX_BYTES);
	assert_ok(cohort_pack(&packed, c));
	cohort_digest(before, buf_view(&packed));
	for (size_t i = 0; i < packed.len * 8; i++) {
		packed.at[i / 8] ^= (uint8_t)(1 << i % 8);
		cohort_digest(after, buf_view(&packed));
		assert_memory_not_equal(before, after, HASH_BYTES);
		packed.at[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

/* One more or fewer member without the count, bits behind the last row, bytes left over. */
static void
a_cohort_has_one_spelling(void **state)
{
	OWNED(cohort) struct cohort *c = example(70), *back = NULL;
	OWNED_BUF struct buf packed;
	(void)state;
	buf_init(&packed, COHORT_MAX_BYTES);
	assert_ok(cohort_pack(&packed, c));
	packed.at[packed.len - 2] ^= 1;
	assert_err(cohort_unpack(&back, buf_view(&packed)), E_FORMAT);
	packed.at[packed.len - 2] ^= 1;
	packed.at[packed.len - 1] |= 0x80;
	assert_err(cohort_unpack(&back, buf_view(&packed)), E_FORMAT);
	packed.at[packed.len - 1] &= 0x7f;
	assert_ok(cohort_unpack(&back, buf_view(&packed)));
	cohort_free(take(back));
	for (size_t len = 0; len < packed.len; len++)
		assert_err(cohort_unpack(&back, view_of(packed.at, len)), E_FORMAT);
	buf_u8(&packed, 0);
	assert_err(cohort_unpack(&back, buf_view(&packed)), E_FORMAT);
}

static void
a_cohort_of_two_waves_says_which(void **state)
{
	OWNED(cohort) struct cohort *c = example(70), *back = NULL;
	OWNED_BUF struct buf packed;
	(void)state;
	buf_init(&packed, COHORT_MAX_BYTES);
	c->wave = 3;
	c->compared = 1;
	assert_ok(cohort_pack(&packed, c));
	assert_ok(cohort_unpack(&back, buf_view(&packed)));
	assert_int_equal(back->wave, 3);
	assert_int_equal(back->compared, 1);
	assert_null(back->as);
	assert_true(bitmap_same(back->members, c->members));
	cohort_free(take(back));
	/* Wave 0 is none, and has the spelling of a cohort of one wave. */
	for (size_t i = 0; i + 8 < packed.len; i++)
		if (memcmp(packed.at + i, "\0\0\0\3\0\0\0\1", 8) == 0)
			packed.at[i + 7] = 0;
	assert_err(cohort_unpack(&back, buf_view(&packed)), E_FORMAT);
}

static void
sizes_are_told_in_buckets(void **state)
{
	static const struct {
		size_t people;
		const char *bucket;
	} cases[] = {{0, "0"}, {1, "1-9"}, {9, "1-9"}, {10, "10-99"}, {99, "10-99"},
		{100, "100-999"}, {5381, "1000-9999"}, {99999, "10000-99999"},
		{100000, "100000 and more"}, {SIZE_MAX, "100000 and more"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(cohort_bucket(cases[i].people), cases[i].bucket);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cohort_comes_back_as_it_was_packed),
		cmocka_unit_test(
			every_change_of_a_packed_cohort_changes_its_digest_or_is_refused),
		cmocka_unit_test(a_cohort_has_one_spelling),
		cmocka_unit_test(a_cohort_of_two_waves_says_which),
		cmocka_unit_test(sizes_are_told_in_buckets),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
