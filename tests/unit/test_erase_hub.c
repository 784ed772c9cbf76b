#include "tests/unit/judge_bench.h"

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/study/receipt.h"
#include "hub/audit.h"
#include "hub/erase.h"
#include "hub/erase_rows.h"
#include "hub/erase_site.h"
#include "hub/erased.h"
#include "hub/forward_erase.h"
#include "hub/record_instance.h"

#define SITE_FORMAT "weir-erased-site-v1"
#define PAPER_BYTES 4096
#define REPLY_BYTES 65536

#define FEW_AND_MORE 6 /* of few persons each part is searched for all of them */

enum { FIRST = 1, SECOND = 2 };

/* Two persons with a consent and a record each; the first wishes to be erased. */
static void
bring_two(struct bench *b)
{
	struct wire_rules change = node_consent(FIRST, 31);
	for (uint8_t who = FIRST; who <= SECOND; who++) {
		const struct wire_rules consent = node_consent(who, (uint8_t)(10 + who)),
					record = node_record(who, (uint8_t)(20 + who));
		(void)bench_bring(b, b->norway, &consent);
		(void)bench_bring(b, b->norway, &record);
	}
	change.kind = RULES_CHANGE;
	change.consent.event = "change";
	change.consent.level = "erase";
	(void)bench_bring(b, b->norway, &change);
}

static void
id_of(uint8_t ret[static ID_BYTES], uint8_t who)
{
	memset(ret, who, ID_BYTES);
}

static struct place
place_of(const struct bench *b, uint8_t lane, uint64_t seq)
{
	struct place p = {.incarnation = 1, .lane = lane, .seq = seq};
	memcpy(p.writer, b->norway->writer.public, sizeof(p.writer));
	return p;
}

static bool
has_rules(struct vault_txn *t, const struct bench *b, uint8_t lane, uint64_t seq)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	const struct place p = place_of(b, lane, seq);
	return record_rules(t, &p, &r) == OK;
}

static void
all_of_one_person_goes_and_nothing_of_another(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	struct erase_done done;
	struct record_person person;
	struct place there;
	uint8_t id[1][ID_BYTES], other[ID_BYTES], instance[ID_BYTES];
	bool erased = false;
	bring_two(b);
	id_of(id[0], FIRST);
	id_of(other, SECOND);
	const struct erase_people people = {(const uint8_t(*)[ID_BYTES])id, 1};
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(erase_rows(t, &people, &done));
	assert_int_equal(done.entries, 3);
	assert_int_equal(done.parts, 3);
	assert_err(record_person_get(t, id[0], &person), E_NOTFOUND);
	assert_ok(record_person_get(t, other, &person));
	assert_false(has_rules(t, b, LANE_C, 1));
	assert_false(has_rules(t, b, LANE_R, 1));
	assert_false(has_rules(t, b, LANE_C, 3));
	assert_true(has_rules(t, b, LANE_C, 2));
	assert_true(has_rules(t, b, LANE_R, 2));
	const struct place gone = place_of(b, LANE_R, 1), stays = place_of(b, LANE_R, 2);
	assert_ok(erased_has(t, &gone, &erased));
	assert_true(erased);
	assert_ok(erased_has(t, &stays, &erased));
	assert_false(erased);
	memset(instance, 20 + FIRST, sizeof(instance));
	assert_err(record_instance_get(t, instance, &there), E_NOTFOUND);
	memset(instance, 20 + SECOND, sizeof(instance));
	assert_ok(record_instance_get(t, instance, &there));
	assert_ok(hub_commit(&b->place->hub));
}

/* A header that is no header any more keeps no part of the person, and a record of somebody
 * else that stands under the same id keeps its place. */
static void
damage_and_an_id_of_two_persons_keep_nothing_up(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	struct erase_done done;
	struct place there;
	uint8_t id[1][ID_BYTES], instance[ID_BYTES], key[PLACE_KEY_BYTES];
	bring_two(b);
	id_of(id[0], FIRST);
	const struct erase_people people = {(const uint8_t(*)[ID_BYTES])id, 1};
	const struct place gone = place_of(b, LANE_R, 1), stays = place_of(b, LANE_R, 2);
	assert_ok(hub_txn(&b->place->hub, &t));
	place_key(key, &gone);
	assert_ok(vault_put(t, VAULT_ENTRIES, view_of(key, sizeof(key)), view_text("damaged")));
	memset(instance, 20 + FIRST, sizeof(instance));
	place_key(key, &stays);
	assert_ok(vault_put(t, VAULT_INSTANCES, view_of(instance, sizeof(instance)),
		view_of(key, sizeof(key))));
	assert_ok(erase_rows(t, &people, &done));
	assert_int_equal(done.parts, 3);
	assert_false(has_rules(t, b, LANE_R, 1));
	assert_true(has_rules(t, b, LANE_R, 2));
	assert_ok(record_instance_get(t, instance, &there));
	assert_true(place_same(&there, &stays));
	assert_ok(hub_commit(&b->place->hub));
}

/* A rules part as a later version of the program may write it, which this one cannot read. */
static void
bring_unread(struct bench *b, uint8_t who, uint8_t instance)
{
	OWNED_BUF struct buf part;
	struct wire_rules r = node_record(who, instance);
	struct vault_txn *t = NULL;
	OWNED(judge) struct judge *judge = NULL;
	struct tally tally = {0};
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	memset(r.salt, 9, sizeof(r.salt));
	assert_ok(wire_rules_pack(&part, &r));
	buf_u8(&part, 0x08); /* a field that ends before its value */
	node_add(b->norway, LANE_R, PART_RULES, buf_view(&part));
	const struct sync_entry entry =
		node_entry(b->norway, LANE_R, b->norway->count[LANE_R - 1]);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(judge_new(&judge, &b->place->hub, t));
	const struct arrival a = {&b->place->hub, t, &b->norway->writer, judge, &tally};
	assert_ok(arrival_keep(&a, &entry));
	assert_ok(hub_commit(&b->place->hub));
	audit_committed(b->place->hub.audit);
}

static bool
has_part(struct vault_txn *t, const struct bench *b, uint64_t seq)
{
	OWNED_BUF struct buf part;
	const struct place p = place_of(b, LANE_R, seq);
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	return record_part(t, &p, PART_RULES, &part) == OK;
}

/* What is held because nobody published its form names its person all the same; and what
 * cannot be taken apart is the person's whose pseudonym stands in it. */
static void
what_the_hub_cannot_place_goes_with_its_person(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	struct erase_done done;
	uint8_t ids[FEW_AND_MORE][ID_BYTES];
	struct wire_rules held = node_record(FIRST, 41);
	held.form_version = "77";
	held.wave = "2";
	bring_two(b);
	const struct record_verdict v = bench_bring(b, b->norway, &held);
	assert_reason(&v, RULES_HOLD, JUDGE_NO_VERSION);
	bring_unread(b, FIRST, 42);
	bring_unread(b, SECOND, 43);
	for (size_t count = 1; count <= FEW_AND_MORE; count += FEW_AND_MORE - 1) {
		for (size_t i = 0; i < count; i++)
			id_of(ids[i], (uint8_t)(i ? 50 + i : FIRST));
		const struct erase_people people = {(const uint8_t(*)[ID_BYTES])ids, count};
		assert_ok(hub_txn(&b->place->hub, &t));
		assert_ok(erase_rows(t, &people, &done));
		assert_int_equal(done.entries, 5);
		assert_false(has_part(t, b, 1));
		assert_false(has_part(t, b, 3));
		assert_false(has_part(t, b, 4));
		assert_true(has_part(t, b, 2));
		assert_true(has_part(t, b, 5));
		hub_abort(&b->place->hub);
	}
}

static void
deleting_nobody_changes_nothing(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	struct erase_done done;
	uint8_t before[HASH_BYTES], after[HASH_BYTES], nobody[1][ID_BYTES];
	bring_two(b);
	id_of(nobody[0], 77);
	const struct erase_people people = {(const uint8_t(*)[ID_BYTES])nobody, 1};
	place_holds(b->place, before);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(erase_rows(t, &people, &done));
	assert_ok(hub_commit(&b->place->hub));
	place_holds(b->place, after);
	assert_int_equal(done.entries, 0);
	assert_memory_equal(before, after, HASH_BYTES);
}

/* what sites report */

struct report {
	const char *study, *site, *words;
	int64_t gone_s, erased_s;
	bool forged;
	uint8_t instance; /* 0: that of the first person's wish */
};

static enum err
report(struct bench *b, struct vault_txn *t, const struct report *r)
{
	OWNED_BUF struct buf paper, bytes;
	struct json_out w;
	uint8_t instance[ID_BYTES], signature[SIGNATURE_BYTES];
	char number[RECEIPT_BYTES];
	memset(instance, r->instance ? r->instance : 31, sizeof(instance));
	receipt_number(number, instance);
	buf_init(&paper, PAPER_BYTES);
	buf_init(&bytes, PAPER_BYTES);
	json_begin(&w, &paper);
	json_put_object(&w, NULL);
	json_put_text(&w, "study", r->study ? r->study : PLACE_STUDY);
	json_put_text(&w, "site", r->site ? r->site : "norway");
	json_put_text(&w, "receipt", number);
	json_put_int(&w, "stopped_s", NODE_CAPTURED_S);
	json_put_int(&w, "gone_s", r->gone_s);
	json_put_int(&w, "erased_s", r->erased_s);
	json_put_text(&w, "could_open", r->words ? r->words : "example words");
	json_put_close(&w);
	assert_ok(json_end(&w, "paper"));
	signed_make(signature, SITE_FORMAT, buf_view(&paper), b->norway->sign);
	signature[0] ^= r->forged;
	buf_blob(&bytes, buf_view(&paper));
	buf_add(&bytes, signature, sizeof(signature));
	return erase_site_take(t, PLACE_STUDY, &b->norway->writer, buf_view(&bytes));
}

static void
a_report_counts_only_from_a_node_of_the_site_that_asked(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	struct erase_site s;
	uint8_t start[RECEIPT_START_BYTES];
	bring_two(b);
	memset(start, 31, sizeof(start));
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(erase_site_get(t, start, &s));
	assert_string_equal(s.site, "norway");
	assert_int_equal(s.gone_s, 0);
	assert_err(report(b, t, &(struct report){.gone_s = 5, .forged = true}), E_AUTH);
	assert_err(report(b, t, &(struct report){.gone_s = 5, .study = "other"}), E_DENIED);
	assert_err(report(b, t, &(struct report){.gone_s = 5, .site = "sweden"}), E_DENIED);
	assert_err(report(b, t, &(struct report){.gone_s = 0}), E_DENIED);
	char quotes[1500] = "";
	memset(quotes, '"', sizeof(quotes) - 1);
	assert_err(report(b, t, &(struct report){.gone_s = 5, .words = quotes}), E_FORMAT);
	assert_ok(report(b, t, &(struct report){.gone_s = 5}));
	assert_ok(report(b, t, &(struct report){.gone_s = 5, .erased_s = 9}));
	assert_err(report(b, t, &(struct report){.gone_s = 5}), E_DENIED);
	assert_ok(erase_site_get(t, start, &s));
	assert_int_equal(s.gone_s, 5);
	assert_int_equal(s.erased_s, 9);
	assert_memory_equal(s.writer, b->norway->writer.public, SIGN_PUBLIC_BYTES);
	start[0] ^= 1;
	assert_err(erase_site_get(t, start, &s), E_NOTFOUND);
	assert_ok(hub_commit(&b->place->hub));
}

/* the receipt says erased only when both are */

static const struct {
	int64_t hub_gone_s, hub_erased_s, site_gone_s, site_erased_s;
	const char *state, *words;
} stages[] = {
	{0, 0, 0, 0, "stopped", "at the hub two holders"},
	{20, 0, 0, 0, "gone", "from a copy of its stores"},
	{20, 0, 30, 0, "gone", "until the desk is opened next"},
	{20, 40, 30, 0, "gone", "at the hub nobody"},
	{20, 40, 30, 35, "erased", "nobody with the keys that are left"},
	{20, 0, 30, 35, "gone", "at the site nobody"},
};

static void
list(struct bench *b, struct buf *reply)
{
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(erase_list(&b->place->hub, reply));
	assert_ok(hub_commit(&b->place->hub));
}

static void
erased_is_said_when_hub_and_site_are_done_and_not_before(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
		void *state = NULL;
		struct vault_txn *t = NULL;
		OWNED_BUF struct buf reply;
		OWNED(json) struct json *answer = NULL;
		const struct json *all, *one;
		const char *said = "", *words = "";
		int64_t erased_s = -1;
		buf_init(&reply, REPLY_BYTES);
		assert_int_equal(make_bench(&state), 0);
		struct bench *b = state;
		struct forward *f = audit_forward(b->place->hub.audit);
		uint8_t id[ID_BYTES];
		bring_two(b);
		id_of(id, FIRST);
		struct forward_erasure e = *forward_erasure_of(f, id);
		e.gone_s = stages[i].hub_gone_s;
		e.erased_s = stages[i].hub_erased_s;
		forward_note_erasure(f, &e);
		assert_ok(hub_txn(&b->place->hub, &t));
		const struct report r = {
			.gone_s = stages[i].site_gone_s, .erased_s = stages[i].site_erased_s};
		if (r.gone_s)
			assert_ok(report(b, t, &r));
		assert_ok(hub_commit(&b->place->hub));
		list(b, &reply);
		assert_ok(json_parse(&answer, buf_view(&reply), REPLY_BYTES));
		assert_ok(json_get_array(answer, "erasures", 10, &all));
		assert_ok(json_item_object(all, 0, "erasures", &one));
		assert_ok(json_get_text(one, "state", 100, &said));
		assert_ok(json_get_text(one, "could_open", 4096, &words));
		assert_ok(json_get_int(one, "erased_s", 0, INT64_MAX, &erased_s));
		assert_string_equal(said, stages[i].state);
		if (!strstr(words, stages[i].words))
			fail_msg("row %zu: %s", i, words);
		assert_int_equal(
			erased_s, strcmp(said, "erased") == 0 ? stages[i].hub_erased_s : 0);
		assert_int_equal(drop_bench(&state), 0);
	}
}

/* whom a site is told of */

#define MANY_COUNT (ERASE_TOLD_COUNT + 8)

static void
note_many(struct bench *b)
{
	struct vault_txn *t = NULL;
	assert_ok(hub_txn(&b->place->hub, &t));
	for (uint8_t i = 0; i < MANY_COUNT; i++) {
		struct forward_erasure e = {.stopped_s = 1, .gone_s = 2, .intake = 1};
		memset(e.participant, 100 + i, sizeof(e.participant));
		memset(e.receipt, 100 + i, sizeof(e.receipt));
		forward_note_erasure(audit_forward(b->place->hub.audit), &e);
		assert_ok(erase_site_asked(t, e.receipt, "norway"));
	}
	assert_ok(hub_commit(&b->place->hub));
}

struct told {
	size_t count;
	bool seen[MANY_COUNT];
};

static void
see_paper(void *arg, struct view paper, const uint8_t signature[static SIGNATURE_BYTES])
{
	struct told *told = arg;
	(void)signature;
	told->count++;
	for (uint8_t i = 0; i < MANY_COUNT; i++) {
		uint8_t instance[ID_BYTES];
		char number[RECEIPT_BYTES];
		memset(instance, 100 + i, sizeof(instance));
		receipt_number(number, instance);
		if (memmem(paper.at, paper.len, number, strlen(number)))
			told->seen[i] = true;
	}
}

static void
who_is_not_deleted_at_the_site_is_told_before_who_is(void **state)
{
	struct bench *b = *state;
	struct vault_txn *t = NULL;
	struct told told = {.count = 0};
	note_many(b);
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(erase_papers(&b->place->hub, "norway", see_paper, &told));
	assert_int_equal(told.count, ERASE_TOLD_COUNT);
	for (uint8_t i = 0; i < MANY_COUNT; i++) {
		struct report r = {.gone_s = 3, .instance = (uint8_t)(100 + i)};
		if (told.seen[i])
			assert_ok(report(b, t, &r));
	}
	assert_ok(erase_papers(&b->place->hub, "norway", see_paper, &told));
	assert_int_equal(told.count, 2 * ERASE_TOLD_COUNT);
	for (uint8_t i = 0; i < MANY_COUNT; i++)
		if (!told.seen[i])
			fail_msg("person %u is never told of", i);
	assert_ok(hub_commit(&b->place->hub));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_bench(all_of_one_person_goes_and_nothing_of_another),
		at_a_bench(damage_and_an_id_of_two_persons_keep_nothing_up),
		at_a_bench(what_the_hub_cannot_place_goes_with_its_person),
		at_a_bench(deleting_nobody_changes_nothing),
		at_a_bench(a_report_counts_only_from_a_node_of_the_site_that_asked),
		cmocka_unit_test(erased_is_said_when_hub_and_site_are_done_and_not_before),
		at_a_bench(who_is_not_deleted_at_the_site_is_told_before_who_is),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("erase_hub", tests, NULL, NULL);
}
