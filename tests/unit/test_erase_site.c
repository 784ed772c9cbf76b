#include "tests/unit/submit_bench.h"
#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/wire_entry.h"
#include "common/trust/statement.h"
#include "node/mark.h"
#include "node/renewal.h"
#include "node/sitekeys.h"
#include "node/sync_desk.h"
#include "node/sync_erase.h"
#include "node/sync_review.h"
#include "node/vault_erase.h"

#define HUB_FORMAT   "weir-erased-v1"
#define PAPER_BYTES  4096
#define ANSWER_BYTES ((size_t)16 << 20)
#define TEXT_MAX     4096
#define STEPS_MOST   64
#define WORD         "qzkvtrwplmxjhgfdsbnycaeiou" /* an answer that goes to the site alone */

/* A site with its desk: vault, card and the coordinator's keys. */
struct desk_site {
	struct door door;
	struct hubcard card;
	struct custody *keys;
	struct secret *passphrase;
	struct secret *hub, *writer;
	uint8_t hub_public[SIGN_PUBLIC_BYTES], writer_public[SIGN_PUBLIC_BYTES];
	unsigned fails_at; /* the question that is not answered; 0: none */
	unsigned asked;
};

static void
site_done(struct desk_site *s)
{
	door_done(&s->door);
	custody_free(s->keys);
	secret_free(s->passphrase);
	secret_free(s->hub);
	secret_free(s->writer);
}
#define OWNED_SITE OWNED_BY(site_done)

static void
use_review(struct desk_site *s)
{
	struct sync_review r;
	assert_ok(sync_review_get(s->door.place->vault, &s->card, &r));
	s->door.site.review_number = r.number;
	memcpy(s->door.site.review_public, r.public, sizeof(r.public));
}

static void
open_site(struct desk_site *s, struct place *p)
{
	struct custody_who who;
	*s = (struct desk_site){.fails_at = 0};
	open_door(&s->door, p);
	s->passphrase = secret_copy("example passphrase", 18);
	assert_ok(custody_coordinator(&who, "anna", s->passphrase, KDF_INTERACTIVE));
	assert_ok(custody_make(&s->keys, p->dir, &who));
	box_public(s->card.review_public, s->keys->review[0]);
	sign_keypair(s->hub_public, &s->hub);
	sign_keypair(s->writer_public, &s->writer);
	use_review(s);
}

static struct sync_erase_ask
ask_of(struct desk_site *s, const struct sync_judge *j)
{
	return (struct sync_erase_ask){.judge = j,
		.study = STUDY,
		.receipt_public = s->hub_public,
		.writer_public = s->writer_public,
		.writer = s->writer};
}

/* wishes and papers */

static void
wish(struct desk_site *s, const char *code, uint8_t ret_instance[static ID_BYTES])
{
	OWNED_BUF struct buf part;
	struct sync_mark at;
	struct wire_rules r = {.kind = RULES_CHANGE, .captured_s = NOW_S};
	uint8_t digest[HASH_BYTES] = {0};
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	person_of(&s->door, code, r.participant);
	crypto_random(r.instance, sizeof(r.instance));
	crypto_random(r.salt, sizeof(r.salt));
	r.consent = (struct wire_consent){.event = "change",
		.grantor_role = "self",
		.level = "erase",
		.given_at_s = NOW_S};
	assert_ok(wire_rules_pack(&part, &r));
	const struct entry_part parts[] = {{PART_RULES, buf_view(&part)}};
	struct vault *v = s->door.place->vault;
	assert_ok(vault_append(v, LANE_C, parts, 1, &at));
	const struct vault_at place = vault_here(v, LANE_C, at.seq);
	assert_ok(sync_item_put_person(v, &r, &place));
	assert_ok(sync_item_put_consent(v, &r, &place));
	(void)digest;
	memcpy(ret_instance, r.instance, ID_BYTES);
}

/* The hub has signed for everything. */
static void
all_at_hub(struct desk_site *s)
{
	struct vault *v = s->door.place->vault;
	static const enum lane lanes[] = {LANE_C, LANE_R};
	for (size_t i = 0; i < ARRAY_LEN(lanes); i++) {
		struct vault_mark m;
		assert_ok(vault_mark_get(v, lanes[i], &m));
		m.durable = m.at_hub = vault_head(v, lanes[i]).seq;
		assert_ok(vault_mark_put(v, lanes[i], &m));
	}
	assert_ok(vault_commit(v));
}

struct paper {
	struct buf text;
	uint8_t signature[SIGNATURE_BYTES];
};

static void
paper_done(struct paper *p)
{
	buf_done(&p->text);
}
#define OWNED_PAPER OWNED_BY(paper_done)

static void
make_paper(struct desk_site *s, struct paper *p, const uint8_t *instance, const char *state)
{
	struct json_out w;
	char number[RECEIPT_BYTES];
	receipt_number(number, instance);
	buf_init(&p->text, PAPER_BYTES);
	json_begin(&w, &p->text);
	json_put_object(&w, NULL);
	json_put_text(&w, "study", STUDY);
	json_put_text(&w, "receipt", number);
	json_put_text(&w, "state", state);
	json_put_close(&w);
	assert_ok(json_end(&w, "paper"));
	signed_make(p->signature, HUB_FORMAT, buf_view(&p->text), s->hub);
}

static enum err
erase(struct desk_site *s, const struct paper *p)
{
	const struct sync_judge j = judge_of(&s->door);
	const struct sync_erase_ask ask = ask_of(s, &j);
	enum err e = sync_erase_run(
		&ask, buf_view(&p->text), view_of(p->signature, SIGNATURE_BYTES));
	if (e)
		vault_abort(s->door.place->vault);
	return e;
}

/* sync, as sync_desk.c has it, but for the act and the study */

static enum err
serve(struct desk_site *s, enum node_verb verb, struct cursor *fields, struct buf *answer)
{
	struct vault *v = s->door.place->vault;
	const struct sync_judge j = judge_of(&s->door);
	const struct sync_erase_ask ask = ask_of(s, &j);
	struct sync_review r;
	uint32_t wants = 0;
	enum err e = sync_review_get(v, &s->card, &r);
	if (!e)
		e = sync_erased_wants(v, &wants);
	if (e)
		return e;
	if (verb == SYNC_REVIEW) {
		buf_u32(answer, r.number);
		buf_add(answer, r.public, sizeof(r.public));
		buf_u32(answer, r.taken);
		buf_u32(answer, r.destroyed);
		buf_u32(answer, wants);
		return OK;
	}
	if (verb == SYNC_REVIEW_SET)
		return sync_review_set(v, &s->card, fields);
	if (verb == SYNC_REVIEW_LIST)
		return sync_review_list(v, &s->card, fields, answer);
	if (verb == SYNC_REVIEW_PUT)
		return sync_review_put(v, &s->card, fields, answer);
	uint32_t number = cursor_u32(fields);
	if (verb == SYNC_REVIEW_TAKEN)
		return sync_review_taken(v, &s->card, number);
	e = sync_review_destroyed(v, &s->card, number);
	return e ? e : sync_erased_settle(&ask, number);
}

/* One run of the renewal. fails_at: this question is not carried out (odd) or carried out and
 * not answered (even), as a process that is killed leaves it. */
static enum err
renew(struct desk_site *s)
{
	OWNED(renewal) struct renewal *r = renewal_new(s->door.place->dir, s->keys);
	enum node_verb verb;
	enum err e = OK;
	for (;;) {
		OWNED_BUF struct buf fields, answer;
		buf_init(&fields, ANSWER_BYTES);
		buf_init(&answer, ANSWER_BYTES);
		if (e || !renewal_ask(r, &verb, &fields))
			return e;
		struct cursor c = cursor_of(buf_view(&fields));
		s->asked += 2;
		if (s->asked - 1 == s->fails_at)
			return E_ABSENT;
		enum err said = serve(s, verb, &c, &answer);
		assert_ok(vault_commit(s->door.place->vault));
		if (s->asked == s->fails_at)
			return E_ABSENT;
		struct cursor back = cursor_of(buf_view(&answer));
		e = renewal_answer(r, said, &back);
	}
}

/* The keys as they stand in the file, as after an unlock. */
static void
open_again(struct desk_site *s)
{
	char id[CUSTODY_ID_BYTES];
	custody_free(take(s->keys));
	assert_ok(custody_recover(s->door.place->dir));
	assert_ok(custody_open(&s->keys, id, s->door.place->dir, NULL, s->passphrase));
}

/* what opens */

/* The number that the wrap for the site of the key entry at seq names, and whether the site's
 * keys open it. */
static bool
opens(struct desk_site *s, uint64_t seq, uint32_t *ret_number)
{
	OWNED_BUF struct buf rules, wrap, plain;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	struct vault *v = s->door.place->vault;
	const struct vault_at at = vault_here(v, LANE_C, seq);
	buf_init(&rules, TEXT_MAX);
	buf_init(&wrap, TEXT_MAX);
	buf_init(&plain, TEXT_MAX);
	assert_ok(vault_part(v, &at, PART_RULES, &rules));
	assert_ok(wire_rules_unpack(&r, buf_view(&rules)));
	assert_ok(sync_review_wrap(v, r->instance, &at, &wrap));
	assert_ok(sync_review_number(ret_number, buf_view(&wrap)));
	const struct view box =
		view_of(wrap.at + SYNC_REVIEW_HEAD_BYTES, wrap.len - SYNC_REVIEW_HEAD_BYTES);
	for (size_t i = 0; i < s->keys->count; i++)
		if (!box_open(&plain, box, s->keys->review[i]))
			return true;
	return false;
}

static uint64_t
first_key(struct desk_site *s)
{
	for (uint64_t seq = 1;; seq++) {
		OWNED_BUF struct buf wrap;
		const struct vault_at at = vault_here(s->door.place->vault, LANE_C, seq);
		buf_init(&wrap, TEXT_MAX);
		enum err e = vault_part(s->door.place->vault, &at, PART_WRAP_SITE, &wrap);
		if (!e)
			return seq;
		assert_true(seq < vault_head(s->door.place->vault, LANE_C).seq);
	}
}

static uint32_t
wanted(struct desk_site *s)
{
	uint32_t number = 0;
	assert_ok(sync_erased_wants(s->door.place->vault, &number));
	return number;
}

/* Two persons, one of whom wishes to be erased, with everything at the hub. */
static void
two_persons(struct desk_site *s, uint8_t ret_instance[static ID_BYTES])
{
	agree(&s->door, "N0001", PERMIT);
	agree(&s->door, "N0002", PERMIT);
	assert_outcome(&s->door, (struct sent){.code = "N0002"}, SUBMIT_NEW);
	assert_outcome(&s->door, (struct sent){.instance = "uuid:2"}, SUBMIT_NEW);
	assert_outcome(&s->door,
		(struct sent){.code = "N0002", .instance = "uuid:3", .problem = SUBMIT_INVALID},
		SUBMIT_HELD);
	wish(s, "N0001", ret_instance);
	all_at_hub(s);
}

static void
a_paper_of_somebody_else_or_of_a_refusal_deletes_nothing(void **state)
{
	OWNED_SITE struct desk_site s;
	uint8_t instance[ID_BYTES];
	open_site(&s, *state);
	two_persons(&s, instance);
	uint64_t before = records(&s.door);
	OWNED_PAPER struct paper refused, forged, other;
	make_paper(&s, &refused, instance, "refused");
	assert_err(erase(&s, &refused), E_DENIED);
	make_paper(&s, &forged, instance, "gone");
	forged.signature[0] ^= 1;
	assert_err(erase(&s, &forged), E_AUTH);
	instance[0] ^= 1;
	make_paper(&s, &other, instance, "gone");
	assert_err(erase(&s, &other), E_NOTFOUND);
	assert_int_equal(records(&s.door), before);
	assert_int_equal(wanted(&s), 0);
}

static void
nobody_is_deleted_before_all_is_at_the_hub(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES];
	struct vault_mark m;
	open_site(&s, *state);
	two_persons(&s, instance);
	make_paper(&s, &paper, instance, "gone");
	assert_ok(vault_mark_get(s.door.place->vault, LANE_C, &m));
	m.at_hub--;
	assert_ok(vault_mark_put(s.door.place->vault, LANE_C, &m));
	assert_ok(vault_commit(s.door.place->vault));
	assert_err(erase(&s, &paper), E_BUSY);
	assert_int_equal(wanted(&s), 0);
}

static void
what_is_deleted_leaves_headers_and_a_mark_that_refuses_the_code(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES];
	bool erased = false, marked = true;
	open_site(&s, *state);
	two_persons(&s, instance);
	struct vault *v = s.door.place->vault;
	OWNED_BUF struct buf header, part;
	buf_init(&header, TEXT_MAX);
	buf_init(&part, TEXT_MAX);
	make_paper(&s, &paper, instance, "gone");
	assert_ok(erase(&s, &paper));
	const struct vault_at gone = vault_here(v, LANE_R, 2), stays = vault_here(v, LANE_R, 1);
	assert_ok(vault_is_erased(v, &gone, &erased));
	assert_true(erased);
	assert_ok(vault_header(v, &gone, &header));
	assert_err(vault_part(v, &gone, PART_ANSWERS, &part), E_NOTFOUND);
	assert_ok(vault_is_erased(v, &stays, &erased));
	assert_false(erased);
	assert_ok(vault_part(v, &stays, PART_RULES, &part));
	assert_err(sync_erase_check(v, view_text("N0001")), E_DENIED);
	assert_ok(sync_erase_check(v, view_text("N0002")));
	assert_ok(mark_has(v, view_text("N0003"), &marked));
	assert_false(marked);
	/* A tablet that still has the code is told, and nothing is kept. */
	assert_outcome(&s.door,
		(struct sent){.code = "N0002", .instance = "uuid:9", .age = "40"}, SUBMIT_HELD);
	assert_ok(vault_commit(v));
}

static void
a_mark_of_the_pseudonym_holds_where_the_code_is_on_no_list(void **state)
{
	OWNED_SITE struct desk_site s;
	uint8_t person[ID_BYTES];
	open_site(&s, *state);
	struct vault *v = s.door.place->vault;
	pseudonym_make(person, v, view_text("N0009"));
	assert_ok(mark_person(v, person));
	assert_err(mark_check(v, view_text("N0009")), E_DENIED);
	assert_ok(mark_check(v, view_text("N0008")));
	vault_abort(v);
}

static void
erased_is_said_only_when_the_number_is_destroyed(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES];
	uint32_t number = 0;
	open_site(&s, *state);
	two_persons(&s, instance);
	make_paper(&s, &paper, instance, "gone");
	assert_ok(renew(&s)); /* nothing is due */
	assert_int_equal(s.keys->count, 1);
	assert_int_equal(s.keys->number[0], 1);
	assert_ok(erase(&s, &paper));
	assert_int_equal(wanted(&s), 2);
	uint64_t key = first_key(&s);
	OWNED_SECRET struct secret *old =
		secret_copy(secret_bytes(s.keys->review[0]), BOX_SECRET_BYTES);
	assert_true(opens(&s, key, &number));
	assert_int_equal(number, 1);
	assert_ok(renew(&s));
	assert_int_equal(wanted(&s), 0);
	assert_int_equal(s.keys->count, 1);
	assert_int_equal(s.keys->number[0], 2);
	assert_memory_not_equal(
		secret_bytes(s.keys->review[0]), secret_bytes(old), BOX_SECRET_BYTES);
	assert_true(opens(&s, key, &number));
	assert_int_equal(number, 2);
	open_again(&s);
	assert_int_equal(s.keys->count, 1);
	assert_true(opens(&s, key, &number));
}

static void
what_is_sealed_for_an_older_number_is_refused_by_name(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES];
	enum submit_outcome outcome;
	open_site(&s, *state);
	two_persons(&s, instance);
	make_paper(&s, &paper, instance, "gone");
	assert_ok(erase(&s, &paper));
	assert_ok(renew(&s));
	agree(&s.door, "N0003", PERMIT);
	assert_err(
		submit(&s.door, (struct sent){.code = "N0003", .instance = "uuid:7"}, &outcome),
		E_BUSY);
	assert_non_null(strstr(err_text(), "number 1"));
	use_review(&s);
	assert_outcome(
		&s.door, (struct sent){.code = "N0003", .instance = "uuid:7"}, SUBMIT_NEW);
}

static void
what_is_held_is_taken_over_and_goes_on(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES];
	char name[SYNC_HOLD_NAME_LEN + 1];
	uint32_t number = 0;
	open_site(&s, *state);
	two_persons(&s, instance);
	assert_int_equal(held_why(&s.door, name), HOLD_INVALID);
	make_paper(&s, &paper, instance, "gone");
	assert_ok(erase(&s, &paper));
	assert_ok(renew(&s));
	uint64_t before = vault_head(s.door.place->vault, LANE_C).seq;
	assert_ok(decide(&s.door, name, 1));
	for (uint64_t seq = before + 1; seq <= vault_head(s.door.place->vault, LANE_C).seq;
		seq++) {
		OWNED_BUF struct buf wrap;
		const struct vault_at at = vault_here(s.door.place->vault, LANE_C, seq);
		buf_init(&wrap, TEXT_MAX);
		if (vault_part(s.door.place->vault, &at, PART_WRAP_SITE, &wrap))
			continue;
		assert_ok(sync_review_number(&number, buf_view(&wrap)));
		assert_true(opens(&s, seq, &number));
	}
	assert_int_equal(number, 2);
}

/* Cut off before and after every question, and begun again from key file and vault. */
static void
a_renewal_that_is_cut_short_anywhere_ends_the_same(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES];
	uint32_t number = 0;
	unsigned cut = 0;
	open_site(&s, *state);
	two_persons(&s, instance);
	make_paper(&s, &paper, instance, "gone");
	assert_ok(erase(&s, &paper));
	uint64_t key = first_key(&s);
	for (unsigned at = 1; at < STEPS_MOST && wanted(&s); at++) {
		s.fails_at = at;
		s.asked = 0;
		cut += renew(&s) == E_ABSENT;
		vault_abort(s.door.place->vault);
		open_again(&s);
		assert_true(opens(&s, key, &number));
	}
	s.fails_at = 0;
	assert_ok(renew(&s));
	assert_true(cut >= 5);
	assert_int_equal(wanted(&s), 0);
	assert_int_equal(s.keys->count, 1);
	assert_true(opens(&s, key, &number));
	assert_int_equal(number, s.keys->number[0]);
}

static void
a_box_that_opens_with_nothing_keeps_no_renewal_up(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	OWNED_BUF struct buf box;
	uint8_t instance[ID_BYTES], id[ID_BYTES], noise[BOX_EXTRA_BYTES + 64];
	struct view row;
	uint32_t number = 0;
	open_site(&s, *state);
	two_persons(&s, instance);
	buf_init(&box, 256);
	crypto_random(noise, sizeof(noise));
	crypto_random(id, sizeof(id));
	buf_u8(&box, 1);
	buf_u32(&box, 1);
	buf_add(&box, noise, sizeof(noise));
	struct vault *v = s.door.place->vault;
	assert_ok(vault_put(v, VAULT_LOCALS, view_of(id, sizeof(id)), buf_view(&box)));
	assert_ok(vault_commit(v));
	make_paper(&s, &paper, instance, "gone");
	assert_ok(erase(&s, &paper));
	assert_ok(renew(&s));
	assert_int_equal(wanted(&s), 0);
	assert_ok(vault_get(v, VAULT_LOCALS, view_of(id, sizeof(id)), &row));
	assert_ok(sync_review_number(&number, row));
	assert_int_equal(number, 2);
	assert_memory_equal(row.at + SYNC_REVIEW_HEAD_BYTES, noise, sizeof(noise));
}

static void
the_receipt_is_signed_by_the_site_and_told_in_an_act(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	OWNED_BUF struct buf answer, part;
	uint8_t instance[ID_BYTES], signature[SIGNATURE_BYTES];
	struct view json, report;
	open_site(&s, *state);
	two_persons(&s, instance);
	make_paper(&s, &paper, instance, "gone");
	assert_ok(erase(&s, &paper));
	buf_init(&answer, TEXT_MAX);
	buf_init(&part, TEXT_MAX);
	const struct sync_judge j = judge_of(&s.door);
	const struct sync_erase_ask ask = ask_of(&s, &j);
	struct cursor which = cursor_of(view_of(instance, RECEIPT_START_BYTES));
	assert_ok(sync_erased_one(&ask, &which, &answer));
	struct cursor c = cursor_of(buf_view(&answer));
	struct view text = cursor_blob(&c);
	cursor_copy(&c, signature, sizeof(signature));
	assert_true(signed_check(signature, "weir-erased-site-v1", text, s.writer_public));
	assert_non_null(memmem(text.at, text.len, "until the desk", 14));
	struct vault *v = s.door.place->vault;
	const struct vault_at at = vault_here(v, LANE_A, vault_head(v, LANE_A).seq);
	assert_ok(vault_part(v, &at, PART_ACT, &part));
	assert_ok(wire_act_unpack_report(&json, &report, buf_view(&part)));
	struct cursor told = cursor_of(report);
	assert_true(view_same(cursor_blob(&told), text));
	char number[RECEIPT_BYTES];
	receipt_number(number, instance);
	assert_null(memmem(json.at, json.len, number, strlen(number)));
}

static void
the_receipt_of_both_is_printed_once_the_hub_gave_it(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper gone, both;
	OWNED_BUF struct buf answer;
	uint8_t instance[ID_BYTES];
	open_site(&s, *state);
	two_persons(&s, instance);
	make_paper(&s, &gone, instance, "gone");
	assert_ok(erase(&s, &gone));
	assert_ok(renew(&s));
	make_paper(&s, &both, instance, "erased");
	assert_ok(erase(&s, &both));
	buf_init(&answer, TEXT_MAX);
	const struct sync_judge j = judge_of(&s.door);
	const struct sync_erase_ask ask = ask_of(&s, &j);
	struct cursor which = cursor_of(view_of(instance, RECEIPT_START_BYTES));
	assert_ok(sync_erased_one(&ask, &which, &answer));
	struct cursor c = cursor_of(buf_view(&answer));
	assert_true(view_same(cursor_blob(&c), buf_view(&both.text)));
	assert_int_equal(answer.at[answer.len - 1], 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_paper_of_somebody_else_or_of_a_refusal_deletes_nothing),
		TEST(nobody_is_deleted_before_all_is_at_the_hub),
		TEST(what_is_deleted_leaves_headers_and_a_mark_that_refuses_the_code),
		TEST(a_mark_of_the_pseudonym_holds_where_the_code_is_on_no_list),
		TEST(erased_is_said_only_when_the_number_is_destroyed),
		TEST(what_is_sealed_for_an_older_number_is_refused_by_name),
		TEST(what_is_held_is_taken_over_and_goes_on),
		TEST(a_renewal_that_is_cut_short_anywhere_ends_the_same),
		TEST(a_box_that_opens_with_nothing_keeps_no_renewal_up),
		TEST(the_receipt_is_signed_by_the_site_and_told_in_an_act),
		TEST(the_receipt_of_both_is_printed_once_the_hub_gave_it),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("erase_site", tests, NULL, NULL);
}
