#include "tests/unit/suite.h"

#include "node/capture_said.h"

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "tests/unit/capture_bench.h"

static void
the_study_opens_what_was_answered_and_the_site_does_not(void **state)
{
	struct capture_bench *p = *state;
	struct bench_item i = bench_capture(p);
	OWNED(wire_answers) struct wire_answers *a = NULL, *none = NULL;
	char instance[2 * ID_BYTES + 1];
	uint32_t number = 0;
	assert_int_equal(i.count, 2);
	assert_int_equal(i.entries[0].count, 2); /* no wrap for the site */
	assert_ok(seal_wrap_number(&number, bench_part(&i.entries[0], PART_WRAP_STUDY)));
	assert_int_equal(number, 7);
	assert_err(bench_open(p, &i, PART_WRAP_STUDY, p->review, &none), E_AUTH);
	assert_ok(bench_open(p, &i, PART_WRAP_STUDY, p->intake, &a));
	text_hex(instance, i.instance, ID_BYTES);
	assert_string_equal(a->form, "example");
	assert_string_equal(a->form_version, "3");
	assert_string_equal(a->instance_id, instance);
	assert_int_equal(a->count, 1);
	assert_string_equal(a->answers[0].path, "story");
	assert_string_equal(a->answers[0].value, BENCH_WORD);
}

static void
a_form_for_the_coordinator_opens_at_study_and_site(void **state)
{
	struct capture_bench *p = *state;
	p->form.form.coordinator_reads = true;
	struct bench_item i = bench_capture(p);
	OWNED(wire_answers) struct wire_answers *at_hub = NULL, *at_site = NULL, *none = NULL;
	uint32_t number = 0;
	assert_int_equal(i.entries[0].count, 3);
	assert_ok(seal_wrap_number(&number, bench_part(&i.entries[0], PART_WRAP_SITE)));
	assert_int_equal(number, 2);
	assert_ok(bench_open(p, &i, PART_WRAP_STUDY, p->intake, &at_hub));
	assert_ok(bench_open(p, &i, PART_WRAP_SITE, p->review, &at_site));
	assert_string_equal(at_hub->answers[0].value, at_site->answers[0].value);
	assert_err(bench_open(p, &i, PART_WRAP_SITE, p->intake, &none), E_AUTH);
	p->form.form.coordinator_reads = false; /* the class is bound to both parts */
	assert_err(bench_open(p, &i, PART_WRAP_STUDY, p->intake, &none), E_AUTH);
}

static bool
says_sound(struct capture_bench *p)
{
	const struct bench_item i = bench_capture(p);
	OWNED(wire_rules) struct wire_rules *r = bench_rules(&i.entries[i.count - 1]);
	buf_wipe(&p->item);
	return r->sound;
}

/* The rules part says that sound goes with the record, and nothing of what stays. */
static void
the_rules_part_says_that_sound_goes_to_the_hub(void **state)
{
	struct capture_bench *p = *state;
	struct form_field *fields = p->form.form.fields;
	assert_false(says_sound(p));
	fields[HOME].sound = true;
	assert_false(says_sound(p));
	fields[STORY].sound = true;
	assert_true(says_sound(p));
	p->answers[STORY].value = "";
	assert_false(says_sound(p));
}

static bool
holds(struct view bytes, const char *text)
{
	return memmem(bytes.at, bytes.len, text, strlen(text)) != NULL;
}

/* No run of eight characters of the word, raw, as hex, or as base64 at any of its three
 * places. */
static void
assert_hidden(struct view bytes, const char *word)
{
	enum { RUN = 9 };
	for (size_t i = 0; i + RUN <= strlen(word); i++) {
		char run[RUN + 1] = {0}, hex[2 * RUN + 1];
		memcpy(run, word + i, RUN);
		text_hex(hex, run, RUN);
		OWNED_MEM char *base64 = text_base64(view_of(run, RUN)); /* 12 whole letters */
		assert_false(holds(bytes, run));
		assert_false(holds(bytes, hex));
		assert_false(holds(bytes, base64));
	}
}

static void
no_answer_stands_in_the_item_in_plain(void **state)
{
	struct capture_bench *p = *state;
	p->form.form.coordinator_reads = true;
	(void)bench_capture(p);
	assert_hidden(buf_view(&p->item), BENCH_WORD);
	/* The search finds what is there. */
	p->answers[REGION].value = "south";
	(void)bench_capture(p);
	assert_true(holds(buf_view(&p->item), "south"));
}

static void
what_stays_at_the_site_is_in_no_byte_not_even_as_a_length(void **state)
{
	struct capture_bench *p = *state;
	OWNED_MEM char *longer = xcalloc(9001, 1);
	OWNED(wire_answers) struct wire_answers *a = NULL;
	p->answers[HOME].value = BENCH_WORD;
	p->answers[STORY].value = "short";
	struct bench_item i = bench_capture(p);
	size_t len = p->item.len;
	assert_hidden(buf_view(&p->item), BENCH_WORD);
	assert_ok(bench_open(p, &i, PART_WRAP_STUDY, p->intake, &a));
	assert_int_equal(a->count, 1);
	assert_string_equal(a->answers[0].path, "story");
	memset(longer, 'h', 9000);
	p->answers[HOME].value = longer;
	(void)bench_capture(p);
	assert_int_equal(p->item.len, len);
}

static void
the_study_code_is_for_sync_and_in_no_entry(void **state)
{
	struct capture_bench *p = *state;
	p->record.code = p->answers[PARTICIPANT].value = "CODE" BENCH_WORD;
	struct bench_item i = bench_capture(p);
	assert_true(view_same(i.code, view_text("CODE" BENCH_WORD)));
	size_t front = 4 + i.code.len;
	assert_hidden(view_of(p->item.at + front, p->item.len - front), "CODE" BENCH_WORD);
}

static void
rules_see_who_what_and_when_and_the_open_answer(void **state)
{
	struct capture_bench *p = *state;
	struct bench_item i = bench_capture(p);
	OWNED(wire_rules) struct wire_rules *key = bench_rules(&i.entries[0]);
	OWNED(wire_rules) struct wire_rules *record = bench_rules(&i.entries[1]);
	assert_int_equal(i.entries[0].lane, LANE_C);
	assert_int_equal(key->kind, RULES_KEY);
	assert_memory_equal(key->participant, p->record.participant, ID_BYTES);
	assert_int_equal(i.entries[1].lane, LANE_R);
	assert_int_equal(record->kind, RULES_RECORD);
	assert_memory_equal(record->participant, p->record.participant, ID_BYTES);
	assert_memory_equal(record->instance, i.instance, ID_BYTES);
	assert_memory_equal(record->key_ref, key->instance, ID_BYTES);
	assert_memory_equal(record->consent_ref, p->record.consent_ref, ID_BYTES);
	assert_string_equal(record->form, "example");
	assert_string_equal(record->form_version, "3");
	assert_string_equal(record->wave, "1");
	assert_string_equal(record->group, "public");
	assert_int_equal(record->captured_s, BENCH_NOW_S);
	assert_int_equal(record->open_count, 1);
	assert_string_equal(record->open[0].name, "region");
	assert_string_equal(record->open[0].value, "north");
	assert_memory_not_equal(key->salt, record->salt, WIRE_ID_BYTES);
}

static void
a_consent_given_with_the_record_comes_before_it_and_is_named_by_it(void **state)
{
	struct capture_bench *p = *state;
	char codes[CONSENT_LIST_BYTES];
	struct consent consent;
	struct consent_given g = {"returned-questionnaire", "collect-direct,use-aggregate",
		"example", "3", BENCH_NOW_S};
	assert_ok(consent_give(&consent, codes, &g));
	p->record.consent = &consent;
	struct bench_item i = bench_capture(p);
	assert_int_equal(i.count, 3);
	OWNED(wire_rules) struct wire_rules *given = bench_rules(&i.entries[1]);
	OWNED(wire_rules) struct wire_rules *record = bench_rules(&i.entries[2]);
	assert_int_equal(i.entries[1].lane, LANE_C);
	assert_int_equal(given->kind, RULES_CONSENT);
	assert_string_equal(given->consent.mode, "returned-questionnaire");
	assert_int_equal(given->consent.permission_count, 2);
	assert_memory_equal(record->consent_ref, given->instance, ID_BYTES);
}

/* instance and digest */

static void
the_same_row_is_the_same_instance_and_nothing_else_is(void **state)
{
	struct capture_bench *p = *state;
	struct bench_item first = bench_capture(p), again = bench_capture(p);
	assert_memory_equal(first.instance, again.instance, ID_BYTES);
	assert_memory_equal(first.digest, again.digest, HASH_BYTES);
	p->record.wave = "2";
	struct bench_item wave = bench_capture(p);
	assert_memory_not_equal(first.instance, wave.instance, ID_BYTES);
	p->record.wave = "1";
	p->record.participant[0] ^= 1;
	struct bench_item person = bench_capture(p);
	assert_memory_not_equal(first.instance, person.instance, ID_BYTES);
	p->record.participant[0] ^= 1;
	p->site.row_key[0] ^= 1;
	struct bench_item elsewhere = bench_capture(p);
	assert_memory_not_equal(first.instance, elsewhere.instance, ID_BYTES);
	assert_memory_not_equal(first.digest, elsewhere.digest, HASH_BYTES);
}

static void
another_answer_changes_the_digest_and_not_the_instance(void **state)
{
	struct capture_bench *p = *state;
	static const char *const others[FIELDS] = {NULL, "by the sea", "another", "south"};
	struct bench_item first = bench_capture(p);
	for (size_t f = HOME; f < FIELDS; f++) {
		const char *before = p->answers[f].value;
		p->answers[f].value = others[f];
		struct bench_item other = bench_capture(p);
		assert_memory_equal(first.instance, other.instance, ID_BYTES);
		assert_memory_not_equal(first.digest, other.digest, HASH_BYTES);
		p->answers[f].value = before;
	}
}

/* The item with its last entry replaced by the one that was sealed beside. */
static void
put_spare(struct capture_bench *p, const struct capture_sealed *s)
{
	struct bench_item whole = bench_read(buf_view(&s->item));
	const uint8_t *last = whole.entries[whole.count - 1].parts[0].bytes.at - 4 - 1 - 2;
	buf_reset(&p->item);
	buf_add(&p->item, s->item.at, (size_t)(last - s->item.at));
	buf_add_view(&p->item, buf_view(&s->spare));
}

static void
a_text_that_is_taken_out_is_not_in_the_record_that_is_sealed_beside(void **state)
{
	struct capture_bench *p = *state;
	struct form_answer spare[FIELDS];
	OWNED_SEALED struct capture_sealed sealed = {.key = NULL};
	OWNED(wire_answers) struct wire_answers *with = NULL, *without = NULL;
	p->record.checked = true;
	assert_ok(capture_seal(&sealed, &p->site, &p->record));
	assert_int_equal(sealed.spare.len, 0);
	capture_sealed_done(&sealed);
	memcpy(spare, p->answers, sizeof(spare));
	spare[STORY].value = "";
	p->record.spare = spare;
	assert_ok(capture_seal(&sealed, &p->site, &p->record));
	struct bench_item whole = bench_read(buf_view(&sealed.item));
	assert_ok(bench_open(p, &whole, PART_WRAP_STUDY, p->intake, &with));
	assert_string_equal(with->answers[0].value, BENCH_WORD);
	put_spare(p, &sealed);
	struct bench_item other = bench_read(buf_view(&p->item));
	assert_memory_equal(other.instance, whole.instance, ID_BYTES);
	assert_ok(bench_open(p, &other, PART_WRAP_STUDY, p->intake, &without));
	for (size_t i = 0; i < without->count; i++)
		assert_null(strstr(without->answers[i].value, BENCH_WORD));
	OWNED(wire_rules) struct wire_rules *r = bench_rules(&whole.entries[1]);
	OWNED(wire_rules) struct wire_rules *o = bench_rules(&other.entries[1]);
	assert_memory_equal(r->key_ref, o->key_ref, ID_BYTES);
	assert_memory_equal(r->consent_ref, o->consent_ref, ID_BYTES);
}

static void
a_name_that_is_sent_holds_nothing_of_what_stays_at_the_site(void **state)
{
	struct capture_bench *p = *state;
	struct capture_ids one, two, travels;
	assert_false(capture_hides(&p->form.form));
	p->form.form.many = true;
	assert_true(capture_hides(&p->form.form));
	assert_ok(capture_ids(&one, &p->site, &p->record));
	struct bench_item sent = bench_capture(p);
	assert_memory_equal(sent.instance, one.first, ID_BYTES);
	assert_memory_equal(sent.digest, one.digest, HASH_BYTES);
	p->answers[HOME].value = "by the other mill";
	assert_ok(capture_ids(&two, &p->site, &p->record));
	assert_memory_equal(one.first, two.first, ID_BYTES);
	assert_memory_not_equal(one.digest, two.digest, HASH_BYTES);
	assert_memory_not_equal(one.before, two.before, ID_BYTES);
	p->answers[STORY].value = "another story";
	assert_ok(capture_ids(&travels, &p->site, &p->record));
	assert_memory_not_equal(travels.first, two.first, ID_BYTES);
}

static void
of_a_form_with_many_records_another_row_is_another_instance(void **state)
{
	struct capture_bench *p = *state;
	p->form.form.many = true;
	struct bench_item first = bench_capture(p), again = bench_capture(p);
	assert_memory_equal(first.instance, again.instance, ID_BYTES);
	p->answers[STORY].value = "another";
	struct bench_item other = bench_capture(p);
	assert_memory_not_equal(first.instance, other.instance, ID_BYTES);
}

static void
the_order_of_the_columns_does_not_matter(void **state)
{
	struct capture_bench *p = *state;
	struct bench_item first = bench_capture(p);
	struct form_answer swapped = p->answers[HOME];
	p->answers[HOME] = p->answers[REGION];
	p->answers[REGION] = swapped;
	struct bench_item other = bench_capture(p);
	assert_memory_equal(first.digest, other.digest, HASH_BYTES);
}

static void
blank_answers_are_left_out(void **state)
{
	struct capture_bench *p = *state;
	static const char *const blanks[] = {"", " ", "\t \r\n"};
	uint8_t digest[HASH_BYTES] = {0};
	for (size_t b = 0; b < ARRAY_LEN(blanks); b++) {
		OWNED(wire_answers) struct wire_answers *a = NULL;
		p->answers[HOME].value = p->answers[STORY].value = p->answers[REGION].value =
			blanks[b];
		struct bench_item i = bench_capture(p);
		OWNED(wire_rules) struct wire_rules *record = bench_rules(&i.entries[1]);
		assert_int_equal(record->open_count, 0);
		assert_ok(bench_open(p, &i, PART_WRAP_STUDY, p->intake, &a));
		assert_int_equal(a->count, 0);
		if (b)
			assert_memory_equal(digest, i.digest, HASH_BYTES);
		memcpy(digest, i.digest, HASH_BYTES);
	}
	p->record.count = 1; /* an item that is not there is blank, too */
	struct bench_item i = bench_capture(p);
	assert_memory_equal(digest, i.digest, HASH_BYTES);
}

/* refusals */

static void
assert_nothing_added(struct capture_bench *p, const char *word)
{
	buf_reset(&p->item);
	assert_err(capture_item(&p->item, &p->site, &p->record), E_FORMAT);
	if (!strstr(err_text(), word))
		fail_msg("\"%s\" is not in \"%s\"", word, err_text());
	assert_null(strstr(err_text(), BENCH_WORD));
	assert_int_equal(p->item.len, 0);
}

static void
refuses_bad_answers_naming_the_column_and_never_the_answer(void **state)
{
	struct capture_bench *p = *state;
	p->answers[REGION].value = BENCH_WORD;
	assert_nothing_added(p, "region");
	p->answers[REGION].value = "north";
	p->form.fields[STORY].required = true;
	p->answers[STORY].value = " ";
	assert_nothing_added(p, "story");
	p->answers[STORY] = (struct form_answer){"region", "south"};
	assert_nothing_added(p, "region");
	p->answers[STORY] = (struct form_answer){"column", BENCH_WORD};
	assert_nothing_added(p, "does not ask for");
}

static void
refuses_a_form_about_the_site(void **state)
{
	struct capture_bench *p = *state;
	p->form.form.per_site = true;
	assert_nothing_added(p, "form example is about the site");
}

static void
refuses_what_is_too_long_and_adds_nothing(void **state)
{
	struct capture_bench *p = *state;
	OWNED_MEM char *longer = xcalloc(FORM_MAX_TEXT_BYTES + 2, 1);
	memset(longer, 'h', FORM_MAX_TEXT_BYTES + 1);
	p->answers[STORY].value = longer;
	assert_nothing_added(p, "story");
}

static void
a_change_is_one_entry_that_names_what_it_changes(void **state)
{
	struct capture_bench *p = *state;
	char codes[CONSENT_LIST_BYTES];
	struct consent before, after;
	struct consent_given g = {"written", "contact", "example", "3", BENCH_NOW_S - 60};
	struct capture_change change = {
		.code = "A0001", .after = &after, .captured_s = BENCH_NOW_S};
	assert_ok(consent_give(&before, codes, &g));
	assert_ok(consent_change(&after, &before.wire, "no-further-use", BENCH_NOW_S));
	memcpy(change.participant, p->record.participant, ID_BYTES);
	crypto_random(change.refers_to, ID_BYTES);
	assert_ok(capture_change_item(&p->item, &change));
	struct bench_item i = bench_read(buf_view(&p->item));
	assert_true(view_same(i.code, view_text("A0001")));
	assert_int_equal(i.count, 1);
	assert_int_equal(i.entries[0].lane, LANE_C);
	assert_int_equal(i.entries[0].count, 1);
	OWNED(wire_rules) struct wire_rules *r = bench_rules(&i.entries[0]);
	assert_int_equal(r->kind, RULES_CHANGE);
	assert_memory_equal(r->participant, p->record.participant, ID_BYTES);
	assert_memory_equal(r->refers_to, change.refers_to, ID_BYTES);
	assert_memory_equal(r->instance, i.instance, ID_BYTES);
	assert_string_equal(r->consent.level, "no-further-use");
	assert_false(r->consent.permissions[0].permit);
	buf_reset(&p->item);
	assert_ok(capture_change_item(&p->item, &change));
	struct bench_item again = bench_read(buf_view(&p->item));
	assert_memory_not_equal(i.instance, again.instance, ID_BYTES);
	assert_memory_not_equal(i.digest, again.digest, HASH_BYTES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_capture_bench, drop_capture_bench)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_study_opens_what_was_answered_and_the_site_does_not),
		TEST(a_form_for_the_coordinator_opens_at_study_and_site),
		TEST(the_rules_part_says_that_sound_goes_to_the_hub),
		TEST(no_answer_stands_in_the_item_in_plain),
		TEST(what_stays_at_the_site_is_in_no_byte_not_even_as_a_length),
		TEST(the_study_code_is_for_sync_and_in_no_entry),
		TEST(rules_see_who_what_and_when_and_the_open_answer),
		TEST(a_consent_given_with_the_record_comes_before_it_and_is_named_by_it),
		TEST(the_same_row_is_the_same_instance_and_nothing_else_is),
		TEST(another_answer_changes_the_digest_and_not_the_instance),
		TEST(a_name_that_is_sent_holds_nothing_of_what_stays_at_the_site),
		TEST(a_text_that_is_taken_out_is_not_in_the_record_that_is_sealed_beside),
		TEST(of_a_form_with_many_records_another_row_is_another_instance),
		TEST(the_order_of_the_columns_does_not_matter),
		TEST(blank_answers_are_left_out),
		TEST(refuses_bad_answers_naming_the_column_and_never_the_answer),
		TEST(refuses_a_form_about_the_site),
		TEST(refuses_what_is_too_long_and_adds_nothing),
		TEST(a_change_is_one_entry_that_names_what_it_changes),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}
