#include "tests/unit/suite.h"

#include "common/codec/wire_answers.h"
#include "common/codec/wire_entry.h"
#include "common/codec/wire_rules.h"
#include "common/codec/wire_study.h"

/* Some messages end in a list or in a field that may be left out: hashes and signatures over
 * the bytes, not their form, show such a cut. */
#define CUTS_MAX_COUNT 4
#define OUT_MAX_BYTES  ((size_t)2 * 1024 * 1024)

static struct wire_header
a_header(void)
{
	struct wire_header h = {.study = "example-study",
		.incarnation = 1,
		.lane = LANE_R,
		.seq = 2,
		.part_count = 2,
		.parts = {{.kind = PART_RULES, .length = 90},
			{.kind = PART_ANSWERS, .length = 296}}};
	memset(h.writer, 1, sizeof(h.writer));
	memset(h.prev, 2, sizeof(h.prev));
	memset(h.parts[0].hash, 3, WIRE_HASH_BYTES);
	memset(h.parts[1].hash, 4, WIRE_HASH_BYTES);
	return h;
}

static const struct wire_permission two_permissions[] = {
	{"collect-direct", true, 1700000000, 0},
	{"use-aggregate", false, 1700000000, 1800000000},
};

static struct wire_rules
a_record(void)
{
	struct wire_rules r = {.kind = RULES_RECORD,
		.form = "attitudes",
		.form_version = "1",
		.wave = "1995",
		.open_count = 1,
		.open = {{"wave", "1995"}},
		.captured_s = 1700000000};
	memset(r.salt, 5, sizeof(r.salt));
	memset(r.participant, 6, sizeof(r.participant));
	memset(r.instance, 7, sizeof(r.instance));
	memset(r.key_ref, 8, sizeof(r.key_ref));
	return r;
}

static struct wire_rules
a_consent(void)
{
	struct wire_rules r = a_record();
	r.kind = RULES_CONSENT;
	r.open_count = 0;
	r.consent = (struct wire_consent){.event = "given",
		.grantor_role = "participant",
		.mode = "paper",
		.given_at_s = 1700000000,
		.permission_count = ARRAY_LEN(two_permissions),
		.permissions = two_permissions};
	return r;
}

static struct wire_rules
a_change(void)
{
	struct wire_rules r = a_consent();
	r.kind = RULES_CHANGE;
	r.consent.event = "changed";
	r.consent.level = "no-further-use";
	return r;
}

static struct wire_statement
a_statement(void)
{
	struct wire_statement s = {.study = "example-study",
		.kind = "manifest",
		.id = "1",
		.person = "p1",
		.time_s = 1700000000};
	memset(s.digest, 9, sizeof(s.digest));
	memset(s.nonce, 10, sizeof(s.nonce));
	return s;
}

static const struct wire_document two_documents[] = {
	{.name = "rules.ini", .hash = {1}, .length = 10},
	{.name = "study.ini", .hash = {2}, .length = 20},
};
static const struct wire_numbered_key two_keys[] = {
	{.number = 1, .public = {1}},
	{.number = 4, .public = {2}},
};

static struct wire_manifest
a_manifest(void)
{
	struct wire_manifest m = {.study = "example-study",
		.number = 1,
		.document_count = 2,
		.documents = two_documents,
		.log_vkey = "example.test+00000000+AQ==",
		.intake_count = 2,
		.intake = two_keys,
		.time_s = 1700000000};
	memset(m.ledger_public, 11, WIRE_KEY_BYTES);
	memset(m.receipt_public, 12, WIRE_KEY_BYTES);
	memset(m.release_public, 13, WIRE_KEY_BYTES);
	return m;
}

static struct wire_card
a_card(void)
{
	struct wire_card c = {.study = "example-study",
		.person = "p1",
		.name = "Example Person",
		.role_count = 2,
		.roles = {"owner", "officer"},
		.organisation = "Example Organisation",
		.time_s = 1700000000};
	memset(c.sign_public, 14, WIRE_KEY_BYTES);
	memset(c.box_public, 15, WIRE_KEY_BYTES);
	return c;
}

/* One unpacker behind one shape, so that all can be walked through alike. */
typedef enum err unpack_any(struct view bytes);

static enum err
unpack_header(struct view v)
{
	struct wire_header h;
	return wire_header_unpack(&h, v);
}

static enum err
unpack_rules(struct view v)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	return wire_rules_unpack(&r, v);
}

static enum err
unpack_answers(struct view v)
{
	OWNED(wire_answers) struct wire_answers *a = NULL;
	return wire_answers_unpack(&a, v);
}

static enum err
unpack_act(struct view v)
{
	struct view json;
	return wire_act_unpack(&json, v);
}

static enum err
unpack_statement(struct view v)
{
	struct wire_statement s;
	return wire_statement_unpack(&s, v);
}

static enum err
unpack_signed(struct view v)
{
	struct wire_signed s;
	return wire_signed_unpack(&s, v);
}

static enum err
unpack_manifest(struct view v)
{
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	return wire_manifest_unpack(&m, v);
}

static enum err
unpack_card(struct view v)
{
	struct wire_card c;
	return wire_card_unpack(&c, v);
}

static enum err
unpack_hub_keys(struct view v)
{
	struct wire_hub_keys k;
	return wire_hub_keys_unpack(&k, v);
}

static enum err
unpack_signed_manifest(struct view v)
{
	OWNED(wire_signed_manifest) struct wire_signed_manifest *m = NULL;
	return wire_signed_manifest_unpack(&m, v);
}

static const struct wire_answer two_answers[] = {{"/data/age", "44"}, {"/data/note", ""}};

static void
pack_rules(struct buf *out, struct wire_rules r)
{
	assert_ok(wire_rules_pack(out, &r));
}

/* Samples of every message, by number; false behind the last. */
static bool
sample(size_t i, struct buf *out, unpack_any **ret)
{
	struct wire_header h = a_header();
	struct wire_statement s = a_statement();
	struct wire_manifest m = a_manifest();
	struct wire_card c = a_card();
	struct wire_hub_keys k = {.study = "example-study", .log_vkey = "x+y+z"};
	struct wire_answers a = {"attitudes", "1", "uuid:example", 2, two_answers, 0};
	struct wire_signed g = {.body = view_text("signed"), .signature = {1}};
	struct wire_signed_manifest sm = {.manifest = view_text("bytes"),
		.statement_count = 2,
		.statements = {g, g},
		.card_count = 2,
		.cards = {g, g},
		.root_public = {1},
		.hub_keys = g};
	unpack_any *const all[] = {unpack_header, unpack_rules, unpack_rules, unpack_rules,
		unpack_answers, unpack_act, unpack_statement, unpack_signed, unpack_manifest,
		unpack_card, unpack_hub_keys, unpack_signed_manifest};
	if (i >= ARRAY_LEN(all))
		return false;
	*ret = all[i];
	buf_reset(out);
	if (i == 0)
		assert_ok(wire_header_pack(out, &h));
	else if (i <= 3)
		pack_rules(out, i == 1 ? a_record() : i == 2 ? a_consent() : a_change());
	else if (i == 4)
		assert_ok(wire_answers_pack(out, &a));
	else if (i == 5)
		assert_ok(wire_act_pack(out, view_text("{\"v\":1}")));
	else if (i == 6)
		assert_ok(wire_statement_pack(out, &s));
	else if (i == 7)
		assert_ok(wire_signed_pack(out, &g));
	else if (i == 8)
		assert_ok(wire_manifest_pack(out, &m));
	else if (i == 9)
		assert_ok(wire_card_pack(out, &c));
	else if (i == 10)
		assert_ok(wire_hub_keys_pack(out, &k));
	else
		assert_ok(wire_signed_manifest_pack(out, &sm));
	return true;
}

/* Each try gets a copy of exactly its length, so that one byte too far is seen. */
static enum err
try_copy(unpack_any *unpack, const uint8_t *at, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	assert_non_null(copy);
	if (len)
		memcpy(copy, at, len);
	enum err e = unpack(view_of(copy, len));
	free(copy);
	return e;
}

static void
a_cut_is_refused_unless_it_falls_between_two_whole_fields(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	unpack_any *unpack = NULL;
	for (size_t i = 0; sample(i, &b, &unpack); i++) {
		assert_ok(try_copy(unpack, b.at, b.len));
		size_t whole = 0;
		for (size_t len = 0; len < b.len; len++)
			whole += try_copy(unpack, b.at, len) == OK;
		assert_true(whole <= CUTS_MAX_COUNT);
		buf_u8(&b, 0);
		assert_err(try_copy(unpack, b.at, b.len), E_FORMAT);
	}
}

static void
every_single_byte_change_is_refused_or_read_and_never_crashes(void **state)
{
	(void)state;
	static const uint8_t flips[] = {0x01, 0x02, 0x08, 0x40, 0x80, 0xff};
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	unpack_any *unpack = NULL;
	size_t refused = 0;
	for (size_t i = 0; sample(i, &b, &unpack); i++)
		for (size_t at = 0; at < b.len; at++)
			for (size_t f = 0; f < sizeof(flips); f++) {
				b.at[at] ^= flips[f];
				refused += try_copy(unpack, b.at, b.len) == E_FORMAT;
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
	struct wire_header h = a_header();
	assert_ok(wire_header_pack(&b, &h));
	/* Field 15, varint 1: behind all known fields, as an encoder would put it. */
	buf_u8(&b, 0x78);
	buf_u8(&b, 1);
	assert_err(try_copy(unpack_header, b.at, b.len), E_FORMAT);
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
	assert_err(try_copy(unpack_header, b.at, b.len), E_FORMAT);
	assert_non_null(strstr(err_text(), "does not know"));
}

static void
a_second_spelling_is_refused(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	struct wire_header h = a_header();
	assert_ok(wire_header_pack(&b, &h));
	/* Version said twice: protobuf would take the last. */
	OWNED_BUF struct buf twice;
	buf_init(&twice, OUT_MAX_BYTES);
	buf_add(&twice, "\x08\x01", 2);
	buf_add_view(&twice, buf_view(&b));
	assert_err(try_copy(unpack_header, twice.at, twice.len), E_FORMAT);
	assert_non_null(strstr(err_text(), "one spelling"));
}

static void
a_header_comes_back_as_it_was(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	struct wire_header h = a_header(), back;
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
	struct wire_rules r = a_change();
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
}

static void
answers_and_manifests_come_back_as_they_were(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
	struct wire_answers a = {"attitudes", "1", "uuid:example", 2, two_answers, 0};
	assert_ok(wire_answers_pack(&b, &a));
	OWNED(wire_answers) struct wire_answers *back = NULL;
	assert_ok(wire_answers_unpack(&back, buf_view(&b)));
	assert_int_equal(back->count, 2);
	assert_string_equal(back->answers[0].value, "44");
	assert_string_equal(back->answers[1].path, "/data/note");
	struct wire_manifest m = a_manifest();
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
headers_that_say_too_little_or_too_much_are_not_packed(void **state)
{
	(void)state;
	OWNED_BUF struct buf b;
	buf_init(&b, OUT_MAX_BYTES);
#define REFUSED(change)                                                                        \
	do {                                                                                   \
		struct wire_header h = a_header();                                             \
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

static const struct wire_permission same_twice[] = {{"a", true, 0, 0}, {"a", false, 0, 0}};

static void
rules_parts_that_contradict_themselves_are_not_packed(void **state)
{
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
	REFUSED(a_record, r.kind = (enum rules_kind)5);
	REFUSED(a_record, memset(r.salt, 0, WIRE_ID_BYTES));
	REFUSED(a_record, r.captured_s = -1);
	REFUSED(a_record, r.form = "");
	REFUSED(a_record, memset(r.instance, 0, WIRE_ID_BYTES));
	REFUSED(a_record, r.open_count = 9);
	REFUSED(a_record, (r.open_count = 2, r.open[1] = r.open[0]));
	REFUSED(a_record, r.wave = "\xff");
	REFUSED(a_consent, memset(r.participant, 0, WIRE_ID_BYTES));
	REFUSED(a_consent, r.consent.event = NULL);
	REFUSED(a_consent, r.consent.level = "erase");
	REFUSED(a_consent, r.consent.permissions = same_twice);
	REFUSED(a_consent, r.consent.permission_count = WIRE_PERMISSIONS_MAX + 1);
	REFUSED(a_change, r.consent.level = "");
	REFUSED(a_change, r.consent.level = "everything");
#undef REFUSED
}

static void
caps_are_held_before_unpacking(void **state)
{
	(void)state;
	static const struct {
		unpack_any *unpack;
		size_t most;
	} rows[] = {
		{unpack_header, WIRE_HEADER_MAX_BYTES},
		{unpack_rules, WIRE_RULES_MAX_BYTES},
		{unpack_answers, WIRE_ANSWERS_MAX_BYTES},
		{unpack_act, WIRE_ACT_MAX_BYTES},
		{unpack_statement, WIRE_STATEMENT_MAX_BYTES},
		{unpack_signed, WIRE_SIGNED_MAX_BYTES},
		{unpack_manifest, WIRE_MANIFEST_MAX_BYTES},
		{unpack_card, WIRE_CARD_MAX_BYTES},
		{unpack_signed_manifest, WIRE_SIGNED_MANIFEST_MAX_BYTES},
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
	assert_err(unpack_answers(buf_view(&b)), E_FORMAT);
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
	assert_ok(unpack_answers(buf_view(&b)));
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
	struct wire_header h = a_header();
	assert_ok(wire_header_pack(&b, &h));
	assert_int_equal(b.at[1], 1);
	b.at[1] = 2;
	assert_err(unpack_header(buf_view(&b)), E_FORMAT);
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
		cmocka_unit_test(headers_that_say_too_little_or_too_much_are_not_packed),
		cmocka_unit_test(rules_parts_that_contradict_themselves_are_not_packed),
		cmocka_unit_test(caps_are_held_before_unpacking),
		cmocka_unit_test(a_list_of_nothing_is_refused_within_its_memory),
		cmocka_unit_test(the_largest_answers_that_are_allowed_go_there_and_back),
		cmocka_unit_test(another_version_is_refused_in_words),
	};
	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
