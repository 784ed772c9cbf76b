#include "tests/unit/wish_bench.h"

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/study/receipt.h"
#include "common/trust/leaf.h"
#include "hub/audit.h"
#include "hub/erase.h"
#include "hub/forward_erase.h"

static void
number_of(char ret[static RECEIPT_BYTES], uint8_t filled_with)
{
	uint8_t instance[WIRE_ID_BYTES];
	memset(instance, filled_with, sizeof(instance));
	receipt_number(ret, instance);
}

/* One erasure as the list has it. */
static void
see_listed(struct bench *b, size_t at, const char *state, const char *by, const char *reason)
{
	OWNED_BUF struct buf reply;
	OWNED(json) struct json *answer = NULL;
	const struct json *all, *one;
	const char *said[3] = {"", "", ""};
	buf_init(&reply, WISH_REPLY_BYTES);
	wish_list(b, &answer, &reply);
	assert_ok(json_get_array(answer, "erasures", 10, &all));
	assert_ok(json_item_object(all, at, "erasures", &one));
	assert_ok(json_get_text(one, "state", 100, &said[0]));
	assert_ok(json_get_text(one, "decided_by", 100, &said[1]));
	assert_ok(json_get_text(one, "reason", 1000, &said[2]));
	assert_string_equal(said[0], state);
	assert_string_equal(said[1], by);
	assert_string_equal(said[2], reason);
}

/* Of an act about a person. */
struct decision {
	char actor[64], org[64], object[2 * HASH_BYTES + 1], person[2 * HASH_BYTES + 1];
	char request[64], reason[64];
};

/* The decisions of this action; no leaf at all has one of the numbers in it. */
static size_t
decisions(struct bench *b, const char *action, struct decision *ret, size_t most)
{
	struct vault_txn *t = NULL;
	size_t found = 0;
	char numbers[2][RECEIPT_BYTES];
	number_of(numbers[0], WISH_FIRSTS);
	number_of(numbers[1], 32);
	assert_ok(hub_txn(&b->place->hub, &t));
	for (uint64_t i = 0;; i++) {
		OWNED_BUF struct buf bytes;
		OWNED(json) struct json *tree = NULL;
		struct leaf l;
		buf_init(&bytes, LEAF_MOST_BYTES);
		if (audit_leaf(t, i, &bytes))
			break;
		for (size_t n = 0; n < 2; n++)
			assert_null(
				memmem(bytes.at, bytes.len, numbers[n], strlen(numbers[n])));
		assert_ok(leaf_parse(&l, &tree, buf_view(&bytes)));
		if (strcmp(l.action, action) != 0)
			continue;
		assert_true(found < most);
		struct decision *d = &ret[found++];
		(void)snprintf(d->actor, sizeof(d->actor), "%s", l.actor);
		(void)snprintf(d->org, sizeof(d->org), "%s", l.org);
		(void)snprintf(d->object, sizeof(d->object), "%s", l.object_commit);
		(void)snprintf(d->person, sizeof(d->person), "%s", l.person_commit);
		(void)snprintf(d->request, sizeof(d->request), "%s", l.request_id);
		(void)snprintf(d->reason, sizeof(d->reason), "%s", l.reason_code);
	}
	wish_keep(b);
	return found;
}

static void
d95_an_erasure_is_granted_by_an_officer_for_each_person(void **state)
{
	struct bench *b = *state;
	struct decision d[4];
	size_t count = 0;
	wish_begin(b);
	wish_say(b, WISH_SECOND, 32, WISH_SAID_S);
	assert_ok(bench_erase_run(b, &count));
	assert_int_equal(count, 2);
	wish_keep(b);
	assert_int_equal(decisions(b, "erasure-granted", d, ARRAY_LEN(d)), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(d[i].actor, who_is[OFFICER_1].id);
		assert_string_equal(d[i].org, "Example organisation");
		assert_string_equal(d[i].request, "");
		assert_int_equal(strlen(d[i].person), 2 * HASH_BYTES);
	}
	assert_string_not_equal(d[0].person, d[1].person);
	see_listed(b, 0, "deleting", who_is[OFFICER_1].id, "");
	bench_erase_through(b);
	see_listed(b, 1, "gone", who_is[OFFICER_1].id, "");
	erase_free(take(b->place->hub.erase));
}

static enum err
say(struct bench *b, enum who by, const char *kind, const char *number)
{
	OWNED_BUF struct buf body;
	buf_init(&body, WISH_REPLY_BYTES);
	buf_format(&body,
		strcmp(kind, "hold") == 0 ? "{\"receipt\":\"%s\"}"
					  : "{\"receipt\":\"%s\",\"reason\":\"example\"}",
		number);
	return place_submit(b->place, by, kind, number, buf_view(&body));
}

/* The leaf names nobody then, and the person is deleted all the same. */
static void
a_damaged_row_of_a_person_keeps_no_decision_up(void **state)
{
	static const char *const actions[] = {"erasure-granted", "erasure-refused"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		void *bench = NULL;
		assert_int_equal(make_bench(&bench), 0);
		struct bench *b = bench;
		struct vault_txn *t = NULL;
		struct decision d[2];
		uint8_t id[ID_BYTES];
		char number[RECEIPT_BYTES];
		size_t count = 0;
		wish_begin(b);
		wish_id(id, WISH_FIRST);
		number_of(number, WISH_FIRSTS);
		assert_ok(hub_txn(&b->place->hub, &t));
		assert_ok(vault_put(
			t, VAULT_PEOPLE, view_of(id, sizeof(id)), view_text("damaged")));
		wish_keep(b);
		assert_ok(erase_start(b->place->hub.erase)); /* as a hub that starts with it */
		wish_keep(b);
		if (i == 0)
			assert_ok(bench_erase_run(b, &count));
		else
			assert_ok(say(b, OFFICER_1, "erase-refuse", number));
		wish_keep(b);
		assert_int_equal(decisions(b, actions[i], d, ARRAY_LEN(d)), 1);
		assert_string_equal(d[0].actor, who_is[OFFICER_1].id);
		assert_string_equal(d[0].person, "");
		bench_erase_through(b);
		assert_int_equal(wish_noted(b, WISH_FIRST)->gone_s != 0, i == 0);
		erase_free(take(b->place->hub.erase));
		(void)drop_bench(&bench);
	}
}

/* A statement is over the wishes that stood when it was made: all of them, or nobody. */
static void
a_grant_holds_for_the_wishes_it_names_and_those_that_still_stand(void **state)
{
	struct bench *b = *state;
	char first[RECEIPT_BYTES];
	wish_begin(b);
	wish_say(b, WISH_SECOND, 32, WISH_SAID_S);
	number_of(first, WISH_FIRSTS);
	const struct {
		enum who by;
		const char *id, *number;
		size_t times;
		enum err e;
		const char *words;
	} rows[] = {
		{RESEARCHER_1, "1", first, 1, E_DENIED, "needs officer"},
		{OFFICER_1, "2", first, 1, E_FORMAT, "how many"},
		{OFFICER_1, "0", first, 0, E_FORMAT, "how many"},
		{OFFICER_1, "1", "no number", 1, E_FORMAT, "no number"},
		{OFFICER_1, "2", first, 2, E_CONFLICT, "twice"},
		{OFFICER_1, "1", first, 1, OK, ""},
		{OFFICER_1, "1", first, 1, E_BUSY, "being deleted"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF struct buf body;
		buf_init(&body, WISH_REPLY_BYTES);
		buf_format(&body, "{\"receipts\":[");
		for (size_t k = 0; k < rows[i].times; k++)
			buf_format(&body, "%s\"%s\"", k ? "," : "", rows[i].number);
		buf_format(&body, "]}");
		enum err e = place_submit(
			b->place, rows[i].by, "erase-run", rows[i].id, buf_view(&body));
		if (e != rows[i].e)
			fail_msg("row %zu: %s", i, err_text());
		if (e)
			assert_words(rows[i].words);
	}
	assert_true(wish_noted(b, WISH_FIRST)->begun_s != 0);
	assert_int_equal(wish_noted(b, WISH_SECOND)->begun_s, 0);
	bench_erase_through(b);
	erase_free(take(b->place->hub.erase));
}

static void
a_refusal_says_who_and_why_and_no_two_leaves_of_a_person_look_alike(void **state)
{
	struct bench *b = *state;
	struct decision d[4];
	char number[RECEIPT_BYTES];
	size_t count = 0;
	wish_begin(b);
	number_of(number, WISH_FIRSTS);
	assert_ok(say(b, RESEARCHER_1, "hold", number));
	assert_ok(say(b, OFFICER_1, "hold-lift", number));
	assert_ok(say(b, RESEARCHER_1, "hold", number));
	assert_ok(say(b, OFFICER_1, "erase-refuse", number));
	see_listed(b, 0, "refused", who_is[OFFICER_1].id, "example");
	count += decisions(b, "hold-placed", d, 2);
	count += decisions(b, "hold-lifted", d + count, 1);
	count += decisions(b, "erasure-refused", d + count, 1);
	assert_int_equal(count, 4);
	assert_string_equal(d[3].reason, "example");
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(d[i].request, "");
		assert_int_equal(strlen(d[i].person), 2 * HASH_BYTES);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(d[i].person, d[k].person);
			assert_string_not_equal(d[i].object, d[k].object);
		}
	}
	erase_free(take(b->place->hub.erase));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(d95_an_erasure_is_granted_by_an_officer_for_each_person),
		cmocka_unit_test(a_damaged_row_of_a_person_keeps_no_decision_up),
		at_a_bench(a_grant_holds_for_the_wishes_it_names_and_those_that_still_stand),
		at_a_bench(a_refusal_says_who_and_why_and_no_two_leaves_of_a_person_look_alike),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("erase_decide", tests, NULL, NULL);
}
