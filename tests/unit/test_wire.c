#include "tests/unit/suite.h"

#include "tests/unit/wire_sample.h"

/* Some messages end in a list or in a field that may be left out: hashes and signatures over
 * the bytes, not their form, show such a cut. */
#define CUTS_MAX_COUNT 4
#define OUT_MAX_BYTES  ((size_t)2 * 1024 * 1024)

static void
a_cut_is_refused_unless_it_falls_between_two_whole_fields(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	wire_sample_unpack *unpack = NULL;
	for (size_t i = 0; wire_sample(i, &b, &unpack); i++) {
		assert_ok(wire_sample_try(unpack, b.at, b.len));
		size_t whole = 0;
		for (size_t len = 0; len < b.len; len++)
			whole += wire_sample_try(unpack, b.at, len) == OK;
		assert_true(whole <= CUTS_MAX_COUNT);
		buf_u8(&b, 0);
		assert_err(wire_sample_try(unpack, b.at, b.len), E_FORMAT);
	}
}

static void
every_single_byte_change_is_refused_or_read_and_never_crashes(void **state)
{
	(void)state;
	static const uint8_t flips[] = {0x01, 0x02, 0x08, 0x40, 0x80, 0xff};
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	wire_sample_unpack *unpack = NULL;
	size_t refused = 0;
	for (size_t i = 0; wire_sample(i, &b, &unpack); i++)
		for (size_t at = 0; at < b.len; at++)
			for (size_t f = 0; f < sizeof(flips); f++) {
				b.at[at] ^= flips[f];
				refused += wire_sample_try(unpack, b.at, b.len) == E_FORMAT;
				b.at[at] ^= flips[f];
			}
	assert_true(refused > 1000);
}

static void
an_unknown_field_is_refused_at_the_top_and_below(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	struct wire_header h = wire_sample_header();
	assert_ok(wire_header_pack(&b, &h));
	/* Field 15, varint 1: behind all known fields, as an encoder would put it. */
	buf_u8(&b, 0x78);
	buf_u8(&b, 1);
	assert_err(wire_sample_try(wire_sample_unpack_header, b.at, b.len), E_FORMAT);
	assert_non_null(strstr(err_text(), "does not know"));
	/* The same two bytes inside the last part, whose length rises by two. */
	h.part_count = 1;
	buf_reset(&b);
	assert_ok(wire_header_pack(&b, &h));
	size_t part = 2 + 2 + 2 + WIRE_HASH_BYTES; /* kind, length, hash */
	assert_int_equal(b.at[b.len - part - 1], part);
	b.at[b.len - part - 1] = (uint8_t)(part + 2);
	buf_u8(&b, 0x78);
	buf_u8(&b, 1);
	assert_err(wire_sample_try(wire_sample_unpack_header, b.at, b.len), E_FORMAT);
	assert_non_null(strstr(err_text(), "does not know"));
}

static void
a_second_spelling_is_refused(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	struct wire_header h = wire_sample_header();
	assert_ok(wire_header_pack(&b, &h));
	/* Version said twice: protobuf would take the last. */
	OWNED_BUF struct buf twice;
	buf_init(&twice, OUT_MAX_BYTES);
	buf_add(&twice, "\x08\x01", 2);
	buf_add_view(&twice, buf_view(&b));
	assert_err(wire_sample_try(wire_sample_unpack_header, twice.at, twice.len), E_FORMAT);
	assert_non_null(strstr(err_text(), "one spelling"));
}

static void
a_header_comes_back_as_it_was(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	struct wire_header h = wire_sample_header(), back;
	assert_ok(wire_header_pack(&b, &h));
	assert_ok(wire_header_unpack(&back, buf_view(&b)));
	assert_string_equal(back.study, h.study);
	assert_memory_equal(back.writer, h.writer, WIRE_KEY_BYTES);
	assert_memory_equal(back.prev, h.prev, WIRE_HASH_BYTES);
	assert_int_equal(back.incarnation, 1);
	assert_int_equal(back.lane, LANE_R);
	assert_int_equal(back.seq, 2);
	assert_int_equal(back.part_count, 2);
	assert_int_equal(wire_header_part(&back, PART_ANSWERS)->length, 296);
	assert_memory_equal(back.parts[1].hash, h.parts[1].hash, WIRE_HASH_BYTES);
	assert_null(wire_header_part(&back, PART_ACT));
}

static void
rules_parts_come_back_as_they_were(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	struct wire_rules r = wire_sample_change();
	assert_ok(wire_rules_pack(&b, &r));
	OWNED(wire_rules) struct wire_rules *back = NULL;
	assert_ok(wire_rules_unpack(&back, buf_view(&b)));
	assert_int_equal(back->kind, RULES_CHANGE);
	assert_memory_equal(back->salt, r.salt, WIRE_ID_BYTES);
	assert_memory_equal(back->participant, r.participant, WIRE_ID_BYTES);
	assert_memory_equal(back->key_ref, r.key_ref, WIRE_ID_BYTES);
	assert_true(wire_is_zero(back->refers_to, WIRE_ID_BYTES));
	assert_string_equal(back->form, "attitudes");
	assert_string_equal(back->group, "");
	assert_string_equal(back->consent.level, "no-further-use");
	assert_int_equal(back->consent.permission_count, 2);
	assert_string_equal(back->consent.permissions[1].code, "use-aggregate");
	assert_false(back->consent.permissions[1].permit);
	assert_true(back->consent.permissions[0].permit);
	assert_int_equal(back->consent.permissions[1].until_s, 1800000000);
	assert_int_equal(back->consent.permissions[0].limit_count, 0);
	assert_int_equal(back->consent.permissions[1].limit_count, 2);
	assert_string_equal(back->consent.permissions[1].limits[1], "NCU");
}

static void
answers_and_manifests_come_back_as_they_were(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	struct wire_answers a = {"attitudes", "1", "uuid:example", 2, wire_sample_answers, 0};
	assert_ok(wire_answers_pack(&b, &a));
	OWNED(wire_answers) struct wire_answers *back = NULL;
	assert_ok(wire_answers_unpack(&back, buf_view(&b)));
	assert_int_equal(back->count, 2);
	assert_string_equal(back->answers[0].value, "44");
	assert_string_equal(back->answers[1].path, "/data/note");
	struct wire_manifest m = wire_sample_manifest();
	buf_reset(&b);
	assert_ok(wire_manifest_pack(&b, &m));
	OWNED(wire_manifest) struct wire_manifest *read = NULL;
	assert_ok(wire_manifest_unpack(&read, buf_view(&b)));
	assert_string_equal(read->documents[1].name, "study.ini");
	assert_int_equal(read->documents[1].hash[0], 2);
	assert_int_equal(read->intake[1].number, 4);
	assert_int_equal(read->number, 1);
}

static void
signed_bytes_are_lent_from_where_they_stand(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	struct wire_signed g = {.body = view_text("the statement"), .signature = {1, 2, 3}};
	assert_ok(wire_signed_pack(&b, &g));
	struct wire_signed back;
	assert_ok(wire_signed_unpack(&back, buf_view(&b)));
	assert_true(view_same(back.body, g.body));
	assert_true(back.body.at > b.at && back.body.at < b.at + b.len);
	assert_memory_equal(back.signature, g.signature, WIRE_SIGNATURE_BYTES);
	buf_reset(&b);
	assert_ok(wire_act_pack(&b, view_text("{\"v\":1}")));
	struct view json;
	assert_ok(wire_act_unpack(&json, buf_view(&b)));
	assert_true(view_same(json, view_text("{\"v\":1}")));
}

static void
an_act_with_a_report_of_any_length_gives_both_back(void **state)
{
	static const size_t lengths[] = {1, 127, 128, WIRE_REPORT_MAX_BYTES};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		OWNED_BUF struct buf b, said;
		struct view json, report;
		buf_init(&b, OUT_MAX_BYTES);
		buf_init(&said, WIRE_REPORT_MAX_BYTES + 1);
		for (size_t k = 0; k < lengths[i]; k++)
			buf_u8(&said, (uint8_t)k);
		assert_ok(wire_act_pack_report(&b, view_text("{\"v\":1}"), buf_view(&said)));
		assert_ok(wire_act_unpack_report(&json, &report, buf_view(&b)));
		assert_true(view_same(json, view_text("{\"v\":1}")));
		assert_true(view_same(report, buf_view(&said)));
		assert_ok(wire_act_unpack(&json, buf_view(&b)));
		assert_true(view_same(json, view_text("{\"v\":1}")));
		buf_u8(&said, 0);
		if (lengths[i] == WIRE_REPORT_MAX_BYTES)
			assert_err(wire_act_pack_report(&b, json, buf_view(&said)), E_FORMAT);
	}
}

static void
a_look_at_the_opt_out_comes_back_as_it_went(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	OWNED(wire_rules) struct wire_rules *back = NULL;
	const struct wire_rules r = wire_sample_opt_out();
	buf_init(&b, OUT_MAX_BYTES);
	assert_ok(wire_rules_pack(&b, &r));
	assert_ok(wire_rules_unpack(&back, buf_view(&b)));
	assert_int_equal(back->kind, RULES_OPT_OUT);
	assert_int_equal(back->opt_out.checked_at_s, r.opt_out.checked_at_s);
	assert_true(back->opt_out.opted_out);
	assert_string_equal(back->opt_out.source, "MESH");
}

static void
headers_that_say_too_little_or_too_much_are_not_packed(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
#define REFUSED(change)                                                                        \
	do {                                                                                   \
		struct wire_header h = wire_sample_header();                                   \
		change;                                                                        \
		assert_err(wire_header_pack(&b, &h), E_FORMAT);                                \
		assert_int_equal(b.len, 0);                                                    \
	} while (0)
	REFUSED(h.study[0] = 0);
	REFUSED(h.study[0] = (char)0xff);
	REFUSED(h.lane = (enum lane)4);
	REFUSED(h.lane = (enum lane)0);
	REFUSED(h.seq = 0);
	REFUSED(h.incarnation = 0);
	REFUSED(h.seq = 1);
	REFUSED(memset(h.prev, 0, sizeof(h.prev)));
	REFUSED(memset(h.writer, 0, sizeof(h.writer)));
	REFUSED(h.part_count = 0);
	REFUSED(h.part_count = 7);
	REFUSED(h.parts[0].kind = PART_ANSWERS);
	REFUSED(h.parts[1].kind = (enum part_kind)8);
#undef REFUSED
}

static const struct wire_permission same_twice[] = {
	{.code = "a", .permit = true}, {.code = "a"}};

static void
rules_parts_that_contradict_themselves_are_not_packed(void **state)
{
	static const char *const twice[] = {"HMB", "HMB"}, *const blank[] = {"HMB", ""};
	static const char *const many[WIRE_LIMITS_MAX + 1] = {
		"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"};
	struct wire_permission limited = {.code = "a", .limit_count = 2};
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
#define REFUSED(from, change)                                                                  \
	do {                                                                                   \
		struct wire_rules r = from();                                                  \
		change;                                                                        \
		assert_err(wire_rules_pack(&b, &r), E_FORMAT);                                 \
		assert_int_equal(b.len, 0);                                                    \
	} while (0)
	REFUSED(wire_sample_record, r.kind = (enum rules_kind)6);
	REFUSED(wire_sample_record, memset(r.salt, 0, WIRE_ID_BYTES));
	REFUSED(wire_sample_record, r.captured_s = -1);
	REFUSED(wire_sample_record, r.form = "");
	REFUSED(wire_sample_record, memset(r.instance, 0, WIRE_ID_BYTES));
	REFUSED(wire_sample_record, r.open_count = 9);
	REFUSED(wire_sample_record, (r.open_count = 2, r.open[1] = r.open[0]));
	REFUSED(wire_sample_record, r.wave = "\xff");
	REFUSED(wire_sample_consent, r.sound = true);
	REFUSED(wire_sample_change, r.captured_said = true);
	REFUSED(wire_sample_consent, memset(r.participant, 0, WIRE_ID_BYTES));
	REFUSED(wire_sample_consent, r.consent.event = NULL);
	REFUSED(wire_sample_consent, r.consent.level = "erase");
	REFUSED(wire_sample_consent, r.consent.permissions = same_twice);
	REFUSED(wire_sample_consent, r.consent.permission_count = WIRE_PERMISSIONS_MAX + 1);
	limited.limits = twice;
	REFUSED(wire_sample_consent,
		(r.consent.permissions = &limited, r.consent.permission_count = 1));
	limited.limits = blank;
	REFUSED(wire_sample_consent,
		(r.consent.permissions = &limited, r.consent.permission_count = 1));
	limited = (struct wire_permission){
		.code = "a", .limits = many, .limit_count = ARRAY_LEN(many)};
	REFUSED(wire_sample_consent,
		(r.consent.permissions = &limited, r.consent.permission_count = 1));
	REFUSED(wire_sample_opt_out, r.opt_out.source = "");
	REFUSED(wire_sample_opt_out, r.opt_out.checked_at_s = -1);
	REFUSED(wire_sample_opt_out, memset(r.participant, 0, WIRE_ID_BYTES));
	REFUSED(wire_sample_opt_out, r.kind = RULES_CONSENT);
	REFUSED(wire_sample_change, r.consent.level = "");
	REFUSED(wire_sample_change, r.consent.level = "everything");
#undef REFUSED
}

static void
caps_are_held_before_unpacking(void **state)
{
	(void)state;
	static const struct {
		wire_sample_unpack *unpack;
		size_t most;
	} rows[] = {
		{wire_sample_unpack_header, WIRE_HEADER_MAX_BYTES},
		{wire_sample_unpack_rules, WIRE_RULES_MAX_BYTES},
		{wire_sample_unpack_answers, WIRE_ANSWERS_MAX_BYTES},
		{wire_sample_unpack_act, WIRE_ACT_MAX_BYTES},
		{wire_sample_unpack_statement, WIRE_STATEMENT_MAX_BYTES},
		{wire_sample_unpack_signed, WIRE_SIGNED_MAX_BYTES},
		{wire_sample_unpack_manifest, WIRE_MANIFEST_MAX_BYTES},
		{wire_sample_unpack_card, WIRE_CARD_MAX_BYTES},
		{wire_sample_unpack_signed_manifest, WIRE_SIGNED_MANIFEST_MAX_BYTES},
	};
	uint8_t *zeros = calloc(WIRE_ANSWERS_MAX_BYTES + 1, 1);
	assert_non_null(zeros);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_err(rows[i].unpack(view_of(zeros, rows[i].most + 1)), E_FORMAT);
		assert_non_null(strstr(err_text(), "at most"));
	}
	free(zeros);
}

/* Two bytes make a struct of forty: a list of them may not take more than its share. */
static void
a_list_of_nothing_is_refused_within_its_memory(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	while (b.len < WIRE_ANSWERS_MAX_BYTES)
		buf_add(&b, "\x2a\x00", 2);
	assert_err(wire_sample_unpack_answers(buf_view(&b)), E_FORMAT);
}

static void
the_largest_answers_that_are_allowed_go_there_and_back(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	struct wire_answer *rows = calloc(WIRE_ANSWERS_MAX_COUNT + 1, sizeof(*rows));
	assert_non_null(rows);
	for (size_t i = 0; i <= WIRE_ANSWERS_MAX_COUNT; i++)
		rows[i] = (struct wire_answer){"p", ""};
	struct wire_answers a = {"f", "", "", WIRE_ANSWERS_MAX_COUNT, rows, 0};
	assert_ok(wire_answers_pack(&b, &a));
	assert_ok(wire_sample_unpack_answers(buf_view(&b)));
	a.count++;
	assert_err(wire_answers_pack(&b, &a), E_FORMAT);
	free(rows);
}

static void
another_version_is_refused_in_words(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	struct wire_header h = wire_sample_header();
	assert_ok(wire_header_pack(&b, &h));
	assert_int_equal(b.at[1], 1);
	b.at[1] = 2;
	assert_err(wire_sample_unpack_header(buf_view(&b)), E_FORMAT);
	assert_string_equal(err_text(),
		"entry header: version 2 is not known here, this program knows version 1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_is_refused_unless_it_falls_between_two_whole_fields),
		cmocka_unit_test(every_single_byte_change_is_refused_or_read_and_never_crashes),
		cmocka_unit_test(an_unknown_field_is_refused_at_the_top_and_below),
		cmocka_unit_test(a_second_spelling_is_refused),
		cmocka_unit_test(a_header_comes_back_as_it_was),
		cmocka_unit_test(rules_parts_come_back_as_they_were),
		cmocka_unit_test(answers_and_manifests_come_back_as_they_were),
		cmocka_unit_test(signed_bytes_are_lent_from_where_they_stand),
		cmocka_unit_test(an_act_with_a_report_of_any_length_gives_both_back),
		cmocka_unit_test(a_look_at_the_opt_out_comes_back_as_it_went),
		cmocka_unit_test(headers_that_say_too_little_or_too_much_are_not_packed),
		cmocka_unit_test(rules_parts_that_contradict_themselves_are_not_packed),
		cmocka_unit_test(caps_are_held_before_unpacking),
		cmocka_unit_test(a_list_of_nothing_is_refused_within_its_memory),
		cmocka_unit_test(the_largest_answers_that_are_allowed_go_there_and_back),
		cmocka_unit_test(another_version_is_refused_in_words),
	};
	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
