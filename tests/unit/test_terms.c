#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/termspieces.h"

#define STUDY    "example"
#define SITE     "norway"
#define BODY_MAX TERMS_MAX_BYTES

static const char *const forms[] = {"staff_p1", "staff_p1@2"};
static const char *const protocols[] = {"2"};
static const char *const modes[] = {"written"};
static const struct rules_condition conditions[] = {{.due_ms = 5000}, {.met_ms = 7000}};
static const char own_rules[] =
	"[rules]\nversion = 3\nunlisted = off\nsignatures = 2 officers\n"
	"[R07]\ntitle = Example\non = yes\noutcome = deny\n"
	"actions = collect sync aggregate release export\naccept = reaffirmed\n";

struct sample {
	char study[16], site[16], left_day[16], left_data[16];
	struct rules_approval approvals[2];
	struct rules_protocol protocol;
	struct rules_modification modification;
	struct rules_review review;
	struct rules_duty duty;
	struct rules_sheet sheet;
	struct terms_hold hold;
	struct terms_paper paper;
	struct terms_gone gone;
	struct terms terms;
};

static void
number(struct terms *t)
{
	t->number = UINT64_C(3) << 40 | 17;
	t->made_s = 1796083201;
	t->manifest_number = 4;
	t->until_s = 1801267201;
}

static void
fill(struct sample *s)
{
	*s = (struct sample){.study = STUDY,
		.site = SITE,
		.left_day = "2026-11-20",
		.left_data = "keep",
		.approvals = {{.id = "ethics",
				      .kind = "rec",
				      .site = "",
				      .partner = "",
				      .flow = "notes",
				      .decision = "favourable",
				      .from_ms = 1000,
				      .until_ms = 9000,
				      .covers = {.protocols = {protocols, 1},
					      .forms = {forms, 2},
					      .modes = {modes, 1}},
				      .conditions = conditions,
				      .condition_count = 2},
			{.id = "site",
				.kind = "nhs_rg",
				.site = SITE,
				.partner = "trust",
				.decision = "not-required",
				.reason_given = true}},
		.protocol = {"2", 400, 0},
		.modification = {"minor", "staff_p1", "2", "", "", 1, 2, 0},
		.review = {.kind = "progress", .site = "", .due_ms = 8, .reviewed = true},
		.duty = {"local-1", SITE, "consent", 100, 200, 0},
		.sheet = {"consent", "2", "1", "before-use", 300, 0},
		.hold = {"7KQF-2M9T-C", 1796083200},
		.paper = {{NULL, 0}, {7, 8, 9}},
		.gone = {{1, 2, 3, 4, 5}, 1796083202, {6}}};
	s->paper.text = view_text("example paper of an erasure");
	s->terms = (struct terms){.study = s->study,
		.site = s->site,
		.approvals = s->approvals,
		.approval_count = 2,
		.protocols = &s->protocol,
		.protocol_count = 1,
		.modifications = &s->modification,
		.modification_count = 1,
		.reviews = &s->review,
		.review_count = 1,
		.duties = &s->duty,
		.duty_count = 1,
		.sheets = &s->sheet,
		.sheet_count = 1,
		.plan = {.sealed_ms = 500, .task_ms = 600},
		.rules_text = view_text(own_rules),
		.holds = &s->hold,
		.hold_count = 1,
		.left_day = s->left_day,
		.left_ms = 6000,
		.left_data = s->left_data,
		.papers = &s->paper,
		.paper_count = 1,
		.gone = &s->gone,
		.gone_count = 1,
		.is_cut = true};
	number(&s->terms);
}

static void
write_sample(struct buf *out)
{
	struct sample s;
	fill(&s);
	buf_init(out, BODY_MAX);
	assert_ok(terms_write(out, &s.terms));
}

static void
what_was_written_reads_back_the_same(void **state)
{
	OWNED_BUF struct buf body, again;
	OWNED(terms) struct terms *t = NULL;
	(void)state;
	write_sample(&body);
	buf_init(&again, BODY_MAX);
	assert_ok(terms_read(&t, buf_view(&body)));
	assert_ok(terms_write(&again, t));
	assert_true(view_same(buf_view(&body), buf_view(&again)));
	assert_string_equal(t->site, SITE);
	assert_int_equal(t->number, UINT64_C(3) << 40 | 17);
	assert_int_equal(t->manifest_number, 4);
	assert_int_equal(t->until_s, 1801267201);
	assert_int_equal(t->approval_count, 2);
	assert_string_equal(t->approvals[0].covers.forms.words[1], "staff_p1@2");
	assert_int_equal(t->approvals[0].until_ms, 9000);
	assert_int_equal(t->approvals[0].conditions[1].met_ms, 7000);
	assert_true(t->approvals[1].reason_given);
	assert_string_equal(t->approvals[1].partner, "trust");
	assert_string_equal(t->approvals[0].flow, "notes");
	assert_string_equal(t->approvals[1].flow, "");
	assert_string_equal(t->approvals[0].covers.protocols.words[0], "2");
	assert_string_equal(t->protocols[0].version, "2");
	assert_int_equal(t->protocols[0].from_ms, 400);
	assert_int_equal(t->plan.sealed_ms, 500);
	assert_int_equal(t->plan.task_ms, 600);
	assert_string_equal(t->duties[0].site, SITE);
	assert_string_equal(t->sheets[0].supersedes, "1");
	assert_int_equal(t->sheets[0].from_ms, 300);
	assert_string_equal(t->holds[0].number, "7KQF-2M9T-C");
	assert_string_equal(t->left_data, "keep");
	assert_int_equal(t->paper_count, 1);
	assert_true(view_same(t->papers[0].text, view_text("example paper of an erasure")));
	assert_int_equal(t->papers[0].signature[2], 9);
	assert_int_equal(t->gone_count, 1);
	assert_int_equal(t->gone[0].start[4], 5);
	assert_int_equal(t->gone[0].stopped_s, 1796083202);
	assert_true(t->is_cut);
	assert_int_equal(t->gone[0].mark[0], 6);
	assert_true(terms_left(t, 6000));
	assert_false(terms_left(t, 5999));
	assert_false(terms_left(NULL, 6000));
	assert_non_null(t->rules);
	assert_int_equal(rules_version(t->rules), 3);
}

static void
a_body_that_is_cut_short_or_longer_is_refused(void **state)
{
	OWNED_BUF struct buf body;
	(void)state;
	write_sample(&body);
	for (size_t len = 0; len < body.len; len++) {
		OWNED(terms) struct terms *t = NULL;
		assert_err(terms_read(&t, view_of(body.at, len)), E_FORMAT);
		assert_null(t);
	}
	OWNED(terms) struct terms *t = NULL;
	buf_u8(&body, 0);
	assert_err(terms_read(&t, buf_view(&body)), E_FORMAT);
}

static void
a_count_over_what_is_there_asks_for_no_memory(void **state)
{
	OWNED_BUF struct buf body;
	OWNED(terms) struct terms *t = NULL;
	(void)state;
	buf_init(&body, BODY_MAX);
	buf_u8(&body, TERMS_VERSION);
	buf_blob_text(&body, STUDY);
	buf_blob_text(&body, SITE);
	for (size_t i = 0; i < 4; i++) /* number, made, manifest, until */
		buf_u64(&body, 1);
	buf_u32(&body, UINT32_MAX);
	assert_err(terms_read(&t, buf_view(&body)), E_FORMAT);
}

static void
terms_without_a_last_day_are_refused(void **state)
{
	OWNED_BUF struct buf body;
	OWNED(terms) struct terms *t = NULL;
	struct sample s;
	(void)state;
	fill(&s);
	s.terms.until_s = 0;
	buf_init(&body, BODY_MAX);
	assert_ok(terms_write(&body, &s.terms));
	assert_err(terms_read(&t, buf_view(&body)), E_FORMAT);
	assert_non_null(strstr(err_text(), "no day until when"));
	assert_null(t);
}

static void
terms_of_another_version_are_refused(void **state)
{
	OWNED_BUF struct buf body;
	OWNED(terms) struct terms *t = NULL;
	(void)state;
	write_sample(&body);
	body.at[0] = TERMS_VERSION - 1;
	assert_err(terms_read(&t, buf_view(&body)), E_FORMAT);
	assert_non_null(strstr(err_text(), "another version"));
}

static void
only_what_the_key_signed_is_opened(void **state)
{
	OWNED_BUF struct buf body, out;
	OWNED_SECRET struct secret *key = NULL, *other = NULL;
	OWNED(terms) struct terms *t = NULL;
	uint8_t public[SIGN_PUBLIC_BYTES], another[SIGN_PUBLIC_BYTES];
	(void)state;
	sign_keypair(public, &key);
	sign_keypair(another, &other);
	write_sample(&body);
	buf_init(&out, BODY_MAX + 128);
	assert_ok(terms_sign(&out, buf_view(&body), key));
	assert_ok(terms_open(&t, buf_view(&out), public));
	terms_free(take(t));
	assert_err(terms_open(&t, buf_view(&out), another), E_AUTH);
	out.at[out.len / 2] ^= 1;
	assert_err(terms_open(&t, buf_view(&out), public), E_AUTH);
	out.at[out.len / 2] ^= 1;
	assert_err(terms_open(&t, view_of(out.at, out.len - 1), public), E_FORMAT);
	assert_null(t);
}

/* in pieces */

static void
piece_of(struct buf *out, struct view whole, uint64_t number, size_t index)
{
	buf_done(out);
	buf_init(out, TERMS_FRAME_BYTES);
	assert_ok(termspieces_write(out, whole, number, index));
}

static void
pieces_are_put_together_again_whatever_their_number(void **state)
{
	static const struct {
		size_t len, count;
	} rows[] = {
		{1, 1},
		{TERMS_PIECE_BYTES - 1, 1},
		{TERMS_PIECE_BYTES, 1},
		{TERMS_PIECE_BYTES + 1, 2},
		{TERMS_SIGNED_MAX_BYTES, 22},
	};
	OWNED_BY(termspieces_done) struct termspieces p = {.number = 0};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM uint8_t *bytes = xcalloc(rows[i].len, 1);
		OWNED_BUF struct buf piece = {.at = NULL};
		const struct view whole = view_of(bytes, rows[i].len);
		struct view came = view_of(NULL, 0);
		for (size_t k = 0; k < rows[i].len; k++)
			bytes[k] = (uint8_t)(k * 31 >> 3);
		assert_int_equal(termspieces_count(whole), rows[i].count);
		for (size_t k = 0; k < rows[i].count; k++) {
			assert_int_equal(came.len, 0);
			piece_of(&piece, whole, 9 + i, k);
			assert_ok(termspieces_add(&p, buf_view(&piece), &came));
		}
		assert_true(view_same(came, whole));
	}
}

static void
a_piece_that_is_missing_is_said_and_the_next_time_mends_it(void **state)
{
	OWNED_BY(termspieces_done) struct termspieces p = {.number = 0};
	OWNED_MEM uint8_t *bytes = xcalloc(3, TERMS_PIECE_BYTES);
	OWNED_BUF struct buf piece = {.at = NULL};
	const struct view whole = view_of(bytes, 3 * TERMS_PIECE_BYTES);
	struct view came;
	(void)state;
	piece_of(&piece, whole, 5, 1);
	assert_err(termspieces_add(&p, buf_view(&piece), &came), E_FORMAT);
	piece_of(&piece, whole, 5, 0);
	assert_ok(termspieces_add(&p, buf_view(&piece), &came));
	piece_of(&piece, whole, 5, 2);
	assert_err(termspieces_add(&p, buf_view(&piece), &came), E_FORMAT);
	piece_of(&piece, whole, 6, 1); /* of others */
	assert_err(termspieces_add(&p, buf_view(&piece), &came), E_FORMAT);
	for (size_t i = 0; i < 3; i++) {
		piece_of(&piece, whole, 6, i);
		assert_ok(termspieces_add(&p, buf_view(&piece), &came));
	}
	assert_true(view_same(came, whole));
	piece_of(&piece, whole, 6, 1); /* again */
	assert_ok(termspieces_add(&p, buf_view(&piece), &came));
	assert_int_equal(came.len, 0);
}

static void
what_is_no_piece_is_refused_before_anything_of_it_is_kept(void **state)
{
	static const struct {
		uint32_t total, offset;
		size_t len;
	} rows[] = {
		{10, 0, 11},
		{10, 10, 1},
		{10, 11, 1},
		{10, 0, 0},
		{TERMS_SIGNED_MAX_BYTES + 1, 0, 10},
		{TERMS_SIGNED_MAX_BYTES, UINT32_MAX, 10},
		{TERMS_SIGNED_MAX_BYTES, 0, TERMS_PIECE_BYTES + 1},
	};
	OWNED_BY(termspieces_done) struct termspieces p = {.number = 0};
	OWNED_MEM uint8_t *bytes = xcalloc(TERMS_PIECE_BYTES + 1, 1);
	struct view came;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF struct buf piece;
		buf_init(&piece, TERMS_FRAME_BYTES + 1);
		buf_u64(&piece, 1);
		buf_u32(&piece, rows[i].total);
		buf_u32(&piece, rows[i].offset);
		buf_add_view(&piece, view_of(bytes, rows[i].len));
		if (termspieces_add(&p, buf_view(&piece), &came) != E_FORMAT)
			fail_msg("row %zu", i);
		assert_int_equal(p.bytes.len, 0);
	}
	assert_err(termspieces_add(&p, view_of(bytes, 15), &came), E_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_reads_back_the_same),
		cmocka_unit_test(a_body_that_is_cut_short_or_longer_is_refused),
		cmocka_unit_test(a_count_over_what_is_there_asks_for_no_memory),
		cmocka_unit_test(terms_without_a_last_day_are_refused),
		cmocka_unit_test(terms_of_another_version_are_refused),
		cmocka_unit_test(only_what_the_key_signed_is_opened),
		cmocka_unit_test(pieces_are_put_together_again_whatever_their_number),
		cmocka_unit_test(a_piece_that_is_missing_is_said_and_the_next_time_mends_it),
		cmocka_unit_test(what_is_no_piece_is_refused_before_anything_of_it_is_kept),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("terms", tests, NULL, NULL);
}
