#include "tests/unit/suite.h"

#include "node/paper.h"

static const char *const levels[] = {"no-further-contact", "no-more-collection",
	"no-further-use", "erase", "objection", "capacity-lost", "died"};

static struct paper
paper_of(const char *level)
{
	return (struct paper){.telephone = "01632 960123",
		.title = "Example <study> & more",
		.number = "7KQF-2M9T-C",
		.level = level,
		.at_ms = INT64_C(1803000000000), /* 2027-02-19 */
		.done_within_ms = INT64_C(7) * 24 * 60 * 60 * 1000};
}

static bool
says(const struct buf *b, const char *words)
{
	return memmem(b->at, b->len, words, strlen(words)) != NULL;
}

/* D-80: the receipt shows what was chosen. */
static void
every_receipt_says_whom_to_ring_first_and_then_what_happens(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		OWNED_BUF struct buf text;
		const struct paper p = paper_of(levels[i]);
		struct consent_words words;
		buf_init(&text, PAPER_MAX_BYTES);
		assert_ok(consent_words(levels[i], &words));
		assert_ok(paper_text(&text, &p));
		assert_memory_equal(text.at, "Questions? Ring: 01632 960123\n", 30);
		assert_true(says(&text, "Receipt number: 7KQF-2M9T-C, 2027-02-19\n"));
		assert_true(says(&text, words.stops));
		assert_true(says(&text, words.stays));
		assert_true(says(&text, words.final));
		assert_true(says(&text, "Who could still open what: "));
		assert_true(says(&text, "everywhere by 2027-02-26"));
	}
}

static void
an_erasure_says_until_when_copies_could_be_opened(void **state)
{
	OWNED_BUF struct buf text;
	struct paper p = paper_of("erase");
	(void)state;
	buf_init(&text, PAPER_MAX_BYTES);
	assert_ok(paper_text(&text, &p));
	assert_true(says(&text, "Until it is erased, which is to be by 2027-02-26"));
	assert_true(says(&text, "until those keys are destroyed, too, which is to be by "
				"2027-04-27"));
	assert_true(says(&text, "The receipt of the erasure says when both were done"));
	buf_reset(&text);
	p.done_within_ms = 0;
	assert_ok(paper_text(&text, &p));
	assert_true(says(&text, "Until it is erased the coordinator"));
	assert_true(says(&text, "destroyed, too, which is to be by 2027-04-20"));
	/* Nothing here destroys a key by itself on a day. */
	assert_false(says(&text, "at the latest"));
}

static void
a_closed_site_promises_no_day_and_asks_to_ring(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		OWNED_BUF struct buf text;
		struct paper p = paper_of(levels[i]);
		p.is_closed = true;
		buf_init(&text, PAPER_MAX_BYTES);
		assert_ok(paper_text(&text, &p));
		assert_true(says(&text, "ring the number above and quote the receipt number"));
		assert_false(says(&text, "everywhere by"));
		assert_false(says(&text, "at the latest"));
	}
}

static void
a_study_without_a_number_points_to_the_sheet(void **state)
{
	OWNED_BUF struct buf text;
	struct paper p = paper_of("erase");
	(void)state;
	buf_init(&text, PAPER_MAX_BYTES);
	p.telephone = "";
	assert_ok(paper_text(&text, &p));
	assert_memory_equal(
		text.at, "Questions? Ring: the number on your information sheet\n", 54);
}

static void
the_page_says_the_same_and_holds_no_markup_of_others(void **state)
{
	OWNED_BUF struct buf page;
	const struct paper p = paper_of("no-further-use");
	(void)state;
	buf_init(&page, PAPER_MAX_BYTES);
	assert_ok(paper_page(&page, &p));
	assert_true(says(&page, "<dd>01632 960123</dd>"));
	assert_true(says(&page, "Example &lt;study&gt; &amp; more"));
	assert_false(says(&page, "<study>"));
	assert_true(says(&page, "7KQF-2M9T-C"));
}

static const struct pack_legal nothing_said = {.protocol = "",
	.controllers = "",
	.recipients = "",
	.storage = "",
	.retention = "",
	.art6 = "",
	.art9 = "",
	.dpa2018 = "",
	.jurisdiction = ""};

static void
the_receipt_of_a_consent_says_who_is_given_it_where_and_how_long(void **state)
{
	const struct wire_consent c = {.form = "consent", .form_version = "3"};
	static char *const said[] = {"2.1", "Example University", "researchers of the example",
		"a server in England", "10 years", "6(1)(e)", "9(2)(j)", "Schedule 1",
		"England and Wales"};
	struct pack_legal legal = {said[0], said[1], said[2], said[3], said[4], said[5],
		said[6], said[7], said[8]};
	struct paper_consent p = {.telephone = "01632 960123",
		.title = "Example <study>",
		.number = "7KQF-2M9T-C",
		.given_ms = INT64_C(1803000000000),
		.consent = &c,
		.legal = &legal};
	OWNED_BUF struct buf full, bare;
	(void)state;
	buf_init(&full, PAPER_MAX_BYTES);
	buf_init(&bare, PAPER_MAX_BYTES);
	assert_ok(paper_consent(&full, &p, false));
	assert_true(says(&full, "What it rests on: form consent, version 3; plan of the study "
				"number 2.1\n"));
	assert_true(says(&full, "Who decides what is done with it: Example University\n"));
	assert_true(says(&full, "Who else is given it: researchers of the example\n"));
	assert_true(says(&full, "Where it is kept: a server in England\n"));
	assert_true(says(&full, "How long after the last results: 10 years\n"));
	assert_true(
		says(&full, "By which law: England and Wales; UK GDPR Article 6(1)(e); "
			    "UK GDPR Article 9(2)(j); Data Protection Act 2018 Schedule 1\n"));
	p.legal = &nothing_said;
	assert_ok(paper_consent(&bare, &p, false));
	assert_true(says(&bare, "What it rests on: form consent, version 3\n"));
	assert_false(says(&bare, "Who decides"));
	assert_false(says(&bare, "Who else"));
	assert_false(says(&bare, "kept"));
	assert_false(says(&bare, "last results"));
	assert_false(says(&bare, "law"));
}

static void
the_receipt_of_a_consent_says_what_was_agreed_to_and_how_to_end_it(void **state)
{
	static const char *const limits[] = {"HMB", "NCU"};
	static struct wire_permission list[] = {{.code = "collect-direct", .permit = true},
		{.code = "use-aggregate", .permit = true},
		{.code = "share-secondary",
			.permit = true,
			.limits = limits,
			.limit_count = ARRAY_LEN(limits)},
		{.code = "quote-verbatim", .permit = false}};
	const struct wire_consent c = {.grantor_role = "self",
		.permissions = list,
		.permission_count = ARRAY_LEN(list),
		.valid_until_s = INT64_C(1866070800)}; /* 2029-02-18 */
	const struct paper_consent p = {.telephone = "01632 960123",
		.title = "Example <study>",
		.number = "7KQF-2M9T-C",
		.given_ms = INT64_C(1803000000000),
		.consent = &c,
		.legal = &nothing_said};
	OWNED_BUF struct buf text, page;
	(void)state;
	buf_init(&text, PAPER_MAX_BYTES);
	buf_init(&page, PAPER_MAX_BYTES);
	assert_ok(paper_consent(&text, &p, false));
	assert_memory_equal(text.at, "Questions? Ring: 01632 960123\n", 30);
	assert_true(says(&text, "Receipt number: 7KQF-2M9T-C, 2027-02-19\n"));
	assert_true(says(&text, "What was agreed to: answering questions; answers used in "
				"figures over all sites; answers, without name, "
				"shared with other researchers (for health research "
				"only, not for profit).\n"));
	assert_true(says(&text, "What was not agreed to: my words being quoted.\n"));
	assert_true(says(&text, "It holds until: 2029-02-18\n"));
	assert_true(says(&text, "If you change your mind: At any time"));
	assert_ok(paper_consent(&page, &p, true));
	assert_true(says(&page, "Example &lt;study&gt;"));
	assert_true(says(&page, "<dd>my words being quoted.</dd>"));
	assert_false(says(&text, "sixteen"));
}

static void
the_receipt_of_what_a_parent_agreed_to_says_who_is_asked_at_sixteen(void **state)
{
	const struct wire_consent c = {
		.grantor_role = "parent", .valid_until_s = INT64_C(1866070800)};
	const struct paper_consent p = {.telephone = "01632 960123",
		.title = "Example study",
		.number = "7KQF-2M9T-C",
		.given_ms = INT64_C(1803000000000),
		.consent = &c,
		.legal = &nothing_said};
	OWNED_BUF struct buf text;
	(void)state;
	buf_init(&text, PAPER_MAX_BYTES);
	assert_ok(paper_consent(&text, &p, false));
	assert_true(says(&text, "It holds until: 2029-02-18\nFrom sixteen on: The young person "
				"is asked"));
}

static void
the_receipt_of_what_a_parent_agreed_to_names_an_end_before_sixteen(void **state)
{
	const struct wire_permission until = {
		.code = "contact", .permit = true, .until_s = INT64_C(1866070800) - 86400};
	const struct wire_consent c = {.grantor_role = "parent",
		.valid_until_s = INT64_C(1866070800),
		.permissions = &until,
		.permission_count = 1};
	const struct paper_consent p = {.telephone = "01632 960123",
		.title = "Example study",
		.number = "7KQF-2M9T-C",
		.given_ms = INT64_C(1803000000000),
		.consent = &c,
		.legal = &nothing_said};
	OWNED_BUF struct buf text;
	(void)state;
	buf_init(&text, PAPER_MAX_BYTES);
	assert_ok(paper_consent(&text, &p, false));
	assert_true(says(&text, "It holds until: 2029-02-17\nFrom sixteen on:"));
}

/* Of whom it was, where it was not the person alone; a consultee advises and consents to
 * nothing. */
static void
the_receipt_says_whose_word_it_is(void **state)
{
	static const struct {
		const char *event, *role, *list, *who;
	} rows[] = {
		{"given", "self", "What was agreed to: ", NULL},
		{"given", "parent", "What was agreed to: ",
			"Who said so: a parent or guardian, for the young person\n"},
		{"given", "witness-for-illiterate", "What was agreed to: ",
			"Who said so: the person, in front of a witness\n"},
		{"advice-supports", "consultee-personal", "What was advised: ",
			"Who said so: a personal consultee, as advice on what the person would "
			"wish; it is no consent"},
		{"advice-against", "consultee-nominated", "What was not advised: ",
			"Who said so: a nominated consultee, as advice on what the person "
			"would "
			"wish; it is no consent"},
	};
	static struct wire_permission list[] = {{.code = "use-aggregate", .permit = true}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct wire_consent c = {.event = rows[i].event,
			.grantor_role = rows[i].role,
			.permissions = list,
			.permission_count = 1};
		const struct paper_consent p = {.telephone = "",
			.title = "Example study",
			.number = "7KQF-2M9T-C",
			.given_ms = INT64_C(1803000000000),
			.consent = &c,
			.legal = &nothing_said};
		OWNED_BUF struct buf text;
		buf_init(&text, PAPER_MAX_BYTES);
		assert_ok(paper_consent(&text, &p, false));
		if (!says(&text, rows[i].list) ||
			says(&text, "agreed") != (strncmp(rows[i].event, "advice", 6) != 0))
			fail_msg("row %zu: %.*s", i, (int)text.len, (const char *)text.at);
		if (rows[i].who ? !says(&text, rows[i].who) : says(&text, "Who said so"))
			fail_msg("row %zu: %.*s", i, (int)text.len, (const char *)text.at);
	}
}

static void
an_unknown_level_makes_no_receipt(void **state)
{
	OWNED_BUF struct buf text;
	const struct paper p = paper_of("everything");
	(void)state;
	buf_init(&text, PAPER_MAX_BYTES);
	assert_err(paper_text(&text, &p), E_FORMAT);
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		assert_non_null(strstr(err_text(), levels[i]));
	assert_err(paper_page(&text, &p), E_FORMAT);
	assert_int_equal(text.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_receipt_says_whom_to_ring_first_and_then_what_happens),
		cmocka_unit_test(an_erasure_says_until_when_copies_could_be_opened),
		cmocka_unit_test(a_closed_site_promises_no_day_and_asks_to_ring),
		cmocka_unit_test(a_study_without_a_number_points_to_the_sheet),
		cmocka_unit_test(the_page_says_the_same_and_holds_no_markup_of_others),
		cmocka_unit_test(
			the_receipt_of_a_consent_says_what_was_agreed_to_and_how_to_end_it),
		cmocka_unit_test(
			the_receipt_of_a_consent_says_who_is_given_it_where_and_how_long),
		cmocka_unit_test(
			the_receipt_of_what_a_parent_agreed_to_says_who_is_asked_at_sixteen),
		cmocka_unit_test(
			the_receipt_of_what_a_parent_agreed_to_names_an_end_before_sixteen),
		cmocka_unit_test(the_receipt_says_whose_word_it_is),
		cmocka_unit_test(an_unknown_level_makes_no_receipt),
	};
	return cmocka_run_group_tests_name("paper", tests, NULL, NULL);
}
