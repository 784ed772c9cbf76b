#include "tests/unit/wish_bench.h"

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/study/receipt.h"
#include "hub/audit.h"
#include "hub/erase.h"
#include "hub/erase_site.h"
#include "hub/erased.h"
#include "hub/forward_erase.h"
#include "hub/record.h"
#include "hub/vault_scan.h"

#define PIECES_MOST 12 /* of an erasure as small as these */

enum { CONSENT_LATER = 41 };

static void
run(struct bench *b, size_t expected)
{
	size_t count = 0;
	assert_ok(bench_erase_run(b, &count));
	assert_int_equal(count, expected);
}

static bool
has_person(struct bench *b, uint8_t who)
{
	struct vault_txn *t = NULL;
	struct record_person person;
	uint8_t id[ID_BYTES];
	wish_id(id, who);
	assert_ok(hub_txn(&b->place->hub, &t));
	enum err e = record_person_get(t, id, &person);
	wish_keep(b);
	return e == OK;
}

static bool
has_rules(struct bench *b, uint8_t lane, uint64_t seq)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	struct vault_txn *t = NULL;
	struct place p = {.incarnation = 1, .lane = lane, .seq = seq};
	memcpy(p.writer, b->norway->writer.public, sizeof(p.writer));
	assert_ok(hub_txn(&b->place->hub, &t));
	enum err e = record_rules(t, &p, &r);
	wish_keep(b);
	return e == OK;
}

/* taken back */

struct later {
	const char *name, *event;
	int64_t given_s;
	bool permits_nothing, takes_back;
};

static const struct later laters[] = {
	{"a consent given later", "given", WISH_SAID_S + 1, false, true},
	{"reaffirmed later", "reaffirmed", WISH_SAID_S + 1, false, true},
	{"given in the same second", "given", WISH_SAID_S, false, false},
	{"given before, and heard of later", "given", WISH_SAID_S - 1, false, false},
	{"asked only", "requested", WISH_SAID_S + 1, true, false},
	{"a refusal", "refused", WISH_SAID_S + 1, false, false},
	{"permits nothing", "given", WISH_SAID_S + 1, true, false},
};

static void
consent_later(struct bench *b, const struct later *l)
{
	struct wire_rules r = node_consent(WISH_FIRST, CONSENT_LATER);
	r.consent.event = l->event;
	r.consent.given_at_s = l->given_s;
	if (l->permits_nothing)
		r.consent.permission_count = 0;
	(void)bench_bring(b, b->norway, &r);
}

static void
only_a_consent_that_is_given_later_takes_the_wish_back(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(laters); i++) {
		void *state = NULL;
		assert_int_equal(make_bench(&state), 0);
		struct bench *b = state;
		wish_begin(b);
		consent_later(b, &laters[i]);
		if ((wish_noted(b, WISH_FIRST)->back_s != 0) != laters[i].takes_back)
			fail_msg("%s: %s", laters[i].name,
				laters[i].takes_back ? "the wish stands" : "it is taken back");
		run(b, laters[i].takes_back ? 0 : 1);
		wish_keep(b);
		bench_erase_through(b);
		assert_int_equal(has_person(b, WISH_FIRST), laters[i].takes_back);
		/* It is used again under the new consent, or gone. */
		const struct judged j = bench_judge(b, b->norway, 1, RULES_USE_SITE);
		assert_int_equal(
			j.verdict.outcome, laters[i].takes_back ? RULES_PERMIT : RULES_DENY);
		erase_free(take(b->place->hub.erase));
		assert_int_equal(drop_bench(&state), 0);
	}
}

static void
a_consent_that_comes_when_deleting_began_is_deleted_with_the_rest(void **state)
{
	struct bench *b = *state;
	wish_begin(b);
	run(b, 1);
	/* In the same turn. */
	consent_later(b, &laters[0]);
	assert_int_equal(wish_noted(b, WISH_FIRST)->back_s, 0);
	assert_true(wish_noted(b, WISH_FIRST)->begun_s != 0);
	bench_erase_through(b);
	assert_true(wish_noted(b, WISH_FIRST)->gone_s != 0);
	assert_false(has_person(b, WISH_FIRST));
	assert_false(has_rules(b, LANE_C, 4));
	consent_later(b, &laters[0]);
	assert_int_equal(wish_noted(b, WISH_FIRST)->back_s, 0);
	assert_false(has_person(b, WISH_FIRST));
	erase_free(take(b->place->hub.erase));
}

static void
who_took_the_wish_back_may_wish_again(void **state)
{
	struct bench *b = *state;
	uint8_t start[RECEIPT_START_BYTES];
	wish_begin(b);
	consent_later(b, &laters[0]);
	wish_say(b, WISH_FIRST, 51, WISH_SAID_S + 2);
	memset(start, 51, sizeof(start));
	assert_memory_equal(wish_noted(b, WISH_FIRST)->receipt, start, sizeof(start));
	assert_int_equal(wish_noted(b, WISH_FIRST)->back_s, 0);
	run(b, 1);
	wish_keep(b);
	bench_erase_through(b);
	assert_false(has_person(b, WISH_FIRST));
	assert_true(has_person(b, WISH_SECOND));
	erase_free(take(b->place->hub.erase));
}

static void
an_officer_sees_it_settled_and_cannot_refuse_it_any_more(void **state)
{
	struct bench *b = *state;
	OWNED_BUF struct buf reply, body;
	OWNED(json) struct json *answer = NULL;
	const struct json *all, *one;
	const char *said = "", *words = "", *number = "";
	buf_init(&reply, WISH_REPLY_BYTES);
	buf_init(&body, WISH_REPLY_BYTES);
	wish_begin(b);
	consent_later(b, &laters[0]);
	wish_list(b, &answer, &reply);
	assert_ok(json_get_array(answer, "erasures", 10, &all));
	assert_ok(json_item_object(all, 0, "erasures", &one));
	assert_ok(json_get_text(one, "state", 100, &said));
	assert_ok(json_get_text(one, "could_open", 4096, &words));
	assert_ok(json_get_text(one, "receipt", 100, &number));
	assert_string_equal(said, "taken-back");
	assert_non_null(strstr(words, "a consent given later took the wish back"));
	buf_format(&body, "{\"receipt\":\"%s\",\"reason\":\"example\"}", number);
	assert_refused(
		place_submit(b->place, OFFICER_1, "erase-refuse", number, buf_view(&body)),
		E_CONFLICT, "took the wish back");
	erase_free(take(b->place->hub.erase));
}

/* pieces */

static void
piece(struct bench *b)
{
	assert_ok(erase_step(b->place->hub.erase, true));
	wish_keep(b);
	assert_ok(erase_between(b->place->hub.erase));
}

static void
bring_more(struct bench *b, uint8_t instance)
{
	struct wire_rules mine = node_record(WISH_FIRST, instance),
			  other = node_record(WISH_SECOND, (uint8_t)(instance + 1));
	mine.wave = other.wave = "2";
	(void)bench_bring(b, b->norway, &mine);
	(void)bench_bring(b, b->norway, &other);
}

static void
what_comes_between_the_pieces_is_kept_of_others_and_not_of_the_person(void **state)
{
	struct bench *b = *state;
	uint8_t instance = 60;
	uint64_t seq = 2;
	wish_begin(b);
	run(b, 1);
	wish_keep(b);
	for (; erase_is_busy(b->place->hub.erase); instance += 2, seq += 2) {
		bring_more(b, instance);
		piece(b);
		assert_true(instance < 200);
	}
	assert_true(seq > 8);
	for (uint64_t i = 3; i <= seq; i++)
		if (has_rules(b, LANE_R, i) != (i % 2 == 0))
			fail_msg("record %llu: there or not", (unsigned long long)i);
	assert_false(has_rules(b, LANE_R, 1));
	assert_true(has_rules(b, LANE_R, 2));
	assert_false(has_person(b, WISH_FIRST));
	assert_true(wish_noted(b, WISH_FIRST)->gone_s != 0);
	erase_free(take(b->place->hub.erase));
}

static void
a_second_run_waits_until_the_first_is_noted(void **state)
{
	struct bench *b = *state;
	size_t pieces = 0, count;
	wish_begin(b);
	run(b, 1);
	wish_keep(b);
	wish_say(b, WISH_SECOND, 32, WISH_SAID_S);
	for (; erase_is_busy(b->place->hub.erase); pieces++) {
		assert_err(bench_erase_run(b, &count), E_BUSY);
		piece(b);
	}
	assert_true(pieces >= 5 && pieces < PIECES_MOST);
	assert_int_equal(wish_noted(b, WISH_SECOND)->gone_s, 0);
	run(b, 1);
	wish_keep(b);
	bench_erase_through(b);
	assert_true(wish_noted(b, WISH_SECOND)->gone_s != 0);
	erase_free(take(b->place->hub.erase));
}

/* As after kill -9 behind this piece: what was committed is there, nothing else. */
static void
an_erasure_cut_off_behind_any_piece_is_finished_at_the_next_start(void **unused)
{
	(void)unused;
	for (size_t at = 0; at < PIECES_MOST; at++) {
		void *state = NULL;
		assert_int_equal(make_bench(&state), 0);
		struct bench *b = state;
		struct hub *h = &b->place->hub;
		wish_begin(b);
		run(b, 1);
		wish_keep(b);
		for (size_t i = 0; i < at; i++)
			piece(b);
		erase_free(take(h->erase));
		h->erase = erase_new(h, wish_send_nothing, NULL);
		assert_ok(erase_start(h->erase));
		wish_keep(b);
		bench_erase_through(b);
		assert_true(wish_noted(b, WISH_FIRST)->gone_s != 0);
		assert_false(has_person(b, WISH_FIRST));
		assert_false(has_rules(b, LANE_R, 1));
		assert_true(has_rules(b, LANE_R, 2));
		erase_free(take(h->erase));
		assert_int_equal(drop_bench(&state), 0);
	}
}

/* As a full disk does it. */
static void
a_turn_that_is_given_up_takes_nothing_of_the_erasure_with_it(void **unused)
{
	(void)unused;
	for (size_t at = 0; at < PIECES_MOST; at++) {
		void *state = NULL;
		assert_int_equal(make_bench(&state), 0);
		struct bench *b = state;
		struct hub *h = &b->place->hub;
		wish_begin(b);
		run(b, 1);
		wish_keep(b);
		for (size_t i = 0; i < at; i++)
			piece(b);
		assert_ok(erase_step(h->erase, true));
		hub_abort(h);
		erase_aborted(h->erase);
		assert_ok(audit_aborted(h->audit));
		bench_erase_through(b);
		assert_true(wish_noted(b, WISH_FIRST)->gone_s != 0);
		assert_false(has_person(b, WISH_FIRST));
		assert_false(has_rules(b, LANE_R, 1));
		erase_free(take(h->erase));
		assert_int_equal(drop_bench(&state), 0);
	}
}

static void
a_run_that_is_given_up_began_nothing(void **state)
{
	struct bench *b = *state;
	struct hub *h = &b->place->hub;
	wish_begin(b);
	run(b, 1);
	hub_abort(h);
	erase_aborted(h->erase);
	assert_ok(audit_aborted(h->audit));
	assert_int_equal(wish_noted(b, WISH_FIRST)->begun_s, 0);
	assert_false(erase_is_busy(h->erase));
	assert_true(has_person(b, WISH_FIRST));
	consent_later(b, &laters[0]);
	assert_true(wish_noted(b, WISH_FIRST)->back_s != 0);
	erase_free(take(h->erase));
}

/* A keeper that is open answered whoever was before: nothing that it makes has keys of who
 * went. One that was never heard may be making a number right now. */
static void
who_goes_waits_for_a_second_number_only_where_one_may_be_under_way(void **unused)
{
	(void)unused;
	uint32_t intake[2];
	for (size_t heard = 0; heard < 2; heard++) {
		void *state = NULL;
		assert_int_equal(make_bench(&state), 0);
		struct bench *b = state;
		struct hub *h = &b->place->hub;
		wish_begin(b);
		run(b, 1);
		wish_keep(b);
		while (erase_is_busy(h->erase)) {
			assert_ok(erase_step(h->erase, heard));
			wish_keep(b);
			assert_ok(erase_between(h->erase));
		}
		intake[heard] = wish_noted(b, WISH_FIRST)->intake;
		erase_free(take(h->erase));
		assert_int_equal(drop_bench(&state), 0);
	}
	assert_int_equal(intake[0], intake[1] + 1);
}

/* what a site reported */

static void
put_site_row(struct bench *b, uint8_t instance, struct view row)
{
	OWNED_BUF struct buf key;
	struct vault_txn *t = NULL;
	buf_init(&key, 64);
	buf_add_view(&key, view_text("site-erased-"));
	for (size_t i = 0; i < RECEIPT_START_BYTES; i++)
		buf_u8(&key, instance);
	assert_ok(hub_txn(&b->place->hub, &t));
	if (row.len)
		assert_ok(vault_put(t, VAULT_META, buf_view(&key), row));
	else
		assert_ok(vault_delete(t, VAULT_META, buf_view(&key)));
	wish_keep(b);
}

/* As an older vault that was put back. */
static void
a_vault_from_before_the_wish_hears_from_the_journal_which_site_asked(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	struct erase_site s;
	uint8_t start[RECEIPT_START_BYTES];
	wish_begin(b);
	memset(start, WISH_FIRSTS, sizeof(start));
	put_site_row(b, WISH_FIRSTS, view_of(NULL, 0));
	assert_ok(erase_start(b->place->hub.erase));
	wish_keep(b);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(erase_site_get(t, start, &s));
	assert_string_equal(s.site, "norway");
	wish_keep(b);
	erase_free(take(b->place->hub.erase));
}

static void
count_paper(void *arg, struct view paper, const uint8_t signature[static SIGNATURE_BYTES])
{
	size_t *count = arg;
	(void)paper;
	(void)signature;
	(*count)++;
}

static void
a_report_that_does_not_read_is_named_and_keeps_nobody_else_waiting(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	OWNED_BUF struct buf reply;
	OWNED(json) struct json *answer = NULL;
	const struct json *all, *one;
	size_t papers = 0, unread = 0;
	bool is_unread = false;
	buf_init(&reply, WISH_REPLY_BYTES);
	wish_begin(b);
	wish_say(b, WISH_SECOND, 32, WISH_SAID_S);
	run(b, 2);
	wish_keep(b);
	bench_erase_through(b);
	put_site_row(b, WISH_FIRSTS, view_text("no row of this form"));
	wish_list(b, &answer, &reply);
	assert_ok(json_get_array(answer, "erasures", 10, &all));
	assert_int_equal(json_count(all), 2);
	assert_ok(json_item_object(all, 0, "erasures", &one));
	assert_ok(json_get_bool(one, "site_unread", &is_unread));
	assert_true(is_unread);
	assert_ok(json_item_object(all, 1, "erasures", &one));
	assert_ok(json_get_bool(one, "site_unread", &is_unread));
	assert_false(is_unread);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(erase_papers(&b->place->hub, "norway", count_paper, &papers));
	assert_int_equal(papers, 2);
	assert_ok(erase_unread(&b->place->hub, &unread));
	assert_int_equal(unread, 1);
	wish_keep(b);
	erase_free(take(b->place->hub.erase));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_consent_that_is_given_later_takes_the_wish_back),
		at_a_bench(a_consent_that_comes_when_deleting_began_is_deleted_with_the_rest),
		at_a_bench(who_took_the_wish_back_may_wish_again),
		at_a_bench(an_officer_sees_it_settled_and_cannot_refuse_it_any_more),
		at_a_bench(
			what_comes_between_the_pieces_is_kept_of_others_and_not_of_the_person),
		at_a_bench(a_second_run_waits_until_the_first_is_noted),
		cmocka_unit_test(
			an_erasure_cut_off_behind_any_piece_is_finished_at_the_next_start),
		cmocka_unit_test(a_turn_that_is_given_up_takes_nothing_of_the_erasure_with_it),
		at_a_bench(a_run_that_is_given_up_began_nothing),
		cmocka_unit_test(
			who_goes_waits_for_a_second_number_only_where_one_may_be_under_way),
		at_a_bench(
			a_vault_from_before_the_wish_hears_from_the_journal_which_site_asked),
		at_a_bench(a_report_that_does_not_read_is_named_and_keeps_nobody_else_waiting),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("erase_wish", tests, NULL, NULL);
}
