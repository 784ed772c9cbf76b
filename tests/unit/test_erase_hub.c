#include "tests/unit/judge_bench.h"

#include <sys/stat.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/net/call.h"
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

/* the steps, and what cuts in between them */

struct asked {
	size_t count;
	uint32_t retired;
	bool makes;
};

static enum err
hear(void *arg, struct view frame)
{
	struct asked *asked = arg;
	struct cursor c;
	uint16_t verb = 0;
	assert_ok(call_read(frame, &verb, &c));
	asked->count++;
	asked->retired = cursor_u32(&c);
	asked->makes = cursor_u8(&c) == 1;
	return OK;
}

static void
keep(struct bench *b)
{
	assert_ok(hub_commit(&b->place->hub));
	audit_committed(b->place->hub.audit);
}

static void
wish(struct bench *b, uint8_t who, uint8_t instance)
{
	struct wire_rules change = node_consent(who, instance);
	change.kind = RULES_CHANGE;
	change.consent.event = "change";
	change.consent.level = "erase";
	(void)bench_bring(b, b->norway, &change);
}

static void
tick(struct bench *b)
{
	assert_ok(erase_tick(b->place->hub.erase, true));
	keep(b);
}

static void
delete_all(struct bench *b)
{
	size_t count;
	assert_ok(bench_erase_run(b, &count));
	assert_true(count > 0);
	keep(b);
}

static void
move_and_note(struct bench *b)
{
	bench_erase_through(b);
	tick(b);
}

static void
answer(struct bench *b, uint32_t epoch, uint32_t number)
{
	const uint8_t public[BOX_PUBLIC_BYTES] = {(uint8_t)number};
	OWNED_BUF struct buf fields;
	buf_init(&fields, REPLY_BYTES);
	buf_u8(&fields, 0);
	buf_blob_text(&fields, "");
	buf_u32(&fields, epoch);
	buf_u32(&fields, number);
	buf_u32(&fields, 0);
	buf_add(&fields, public, sizeof(public));
	buf_u64(&fields, 1);
	struct cursor c = cursor_of(buf_view(&fields));
	assert_ok(erase_renewed(b->place->hub.erase, &c));
	keep(b);
}

static bool
is_gone(struct bench *b, uint8_t who)
{
	uint8_t id[ID_BYTES];
	id_of(id, who);
	return erase_is_gone(&b->place->hub, id);
}

/* The keyring that is being made has the keys of whoever was there when it was begun. */
static void
who_goes_while_a_number_is_made_waits_for_the_next(void **state)
{
	struct bench *b = *state;
	struct asked asked = {.count = 0};
	b->place->hub.erase = erase_new(&b->place->hub, hear, &asked);
	bring_two(b);
	delete_all(b);
	move_and_note(b);
	tick(b);
	assert_int_equal(asked.count, 1);
	assert_true(asked.makes);
	wish(b, SECOND, 32);
	delete_all(b);
	move_and_note(b);
	assert_true(is_gone(b, SECOND));
	tick(b);
	assert_int_equal(asked.count, 1); /* one number at a time */
	answer(b, 2, 2);
	tick(b);
	assert_int_equal(asked.count, 2);
	assert_true(asked.makes);
	answer(b, 3, 3);
	tick(b);
	assert_int_equal(asked.count, 2);
	erase_free(take(b->place->hub.erase));
}

static void
what_is_deleted_is_refused_no_more(void **state)
{
	struct bench *b = *state;
	struct asked asked = {.count = 0};
	OWNED_BUF struct buf body;
	uint8_t instance[ID_BYTES];
	char number[RECEIPT_BYTES];
	b->place->hub.erase = erase_new(&b->place->hub, hear, &asked);
	bring_two(b);
	delete_all(b);
	memset(instance, 31, sizeof(instance));
	receipt_number(number, instance);
	buf_init(&body, REPLY_BYTES);
	buf_format(&body, "{\"receipt\":\"%s\",\"reason\":\"example\"}", number);
	assert_err(place_submit(b->place, OFFICER_1, "erase-refuse", number, buf_view(&body)),
		E_CONFLICT);
	move_and_note(b);
	assert_true(is_gone(b, FIRST));
	erase_free(take(b->place->hub.erase));
}

/* An older vault has rows of somebody who is gone, and not yet those of somebody who asked. */
static void
an_older_vault_makes_nobody_gone_whom_nobody_deleted(void **state)
{
	struct bench *b = *state;
	struct asked asked = {.count = 0};
	struct vault_txn *t = NULL;
	struct erase_done done;
	uint8_t id[1][ID_BYTES];
	struct forward *f = audit_forward(b->place->hub.audit);
	bring_two(b);
	wish(b, SECOND, 32);
	id_of(id[0], SECOND);
	struct forward_erasure gone = *forward_erasure_of(f, id[0]);
	gone.gone_s = gone.erased_s = 5;
	forward_note_erasure(f, &gone);
	id_of(id[0], FIRST);
	const struct erase_people people = {(const uint8_t(*)[ID_BYTES])id, 1};
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(erase_rows(t, &people, &done));
	keep(b);
	b->place->hub.erase = erase_new(&b->place->hub, hear, &asked);
	assert_ok(erase_start(b->place->hub.erase));
	keep(b);
	move_and_note(b);
	tick(b);
	assert_false(is_gone(b, FIRST));
	assert_true(is_gone(b, SECOND));
	erase_free(take(b->place->hub.erase));
}

static ino_t
file_of(const struct bench *b)
{
	OWNED_MEM char *path = xasprintf("%s/vault/data.mdb", b->place->dir);
	struct stat s;
	assert_int_equal(stat(path, &s), 0);
	return s.st_ino;
}

/* Killed between commit and move: the next start moves, and the one after it does not. */
static void
a_move_that_was_cut_off_is_made_good_at_the_next_start(void **state)
{
	struct bench *b = *state;
	struct asked asked = {.count = 0};
	struct hub *h = &b->place->hub;
	h->erase = erase_new(h, hear, &asked);
	bring_two(b);
	delete_all(b);
	for (size_t start = 0; start < 2; start++) {
		const ino_t before = file_of(b);
		erase_free(take(h->erase));
		h->erase = erase_new(h, hear, &asked);
		assert_ok(erase_start(h->erase));
		keep(b);
		move_and_note(b);
		tick(b);
		if ((file_of(b) == before) != (start == 1))
			fail_msg("start %zu: moved or not", start);
		assert_true(is_gone(b, FIRST));
	}
	erase_free(take(h->erase));
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
		at_a_bench(deleting_nobody_changes_nothing),
		at_a_bench(a_report_counts_only_from_a_node_of_the_site_that_asked),
		cmocka_unit_test(erased_is_said_when_hub_and_site_are_done_and_not_before),
		at_a_bench(who_is_not_deleted_at_the_site_is_told_before_who_is),
		at_a_bench(who_goes_while_a_number_is_made_waits_for_the_next),
		at_a_bench(what_is_deleted_is_refused_no_more),
		at_a_bench(an_older_vault_makes_nobody_gone_whom_nobody_deleted),
		at_a_bench(a_move_that_was_cut_off_is_made_good_at_the_next_start),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("erase_hub", tests, NULL, NULL);
}
