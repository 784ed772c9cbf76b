#include "tests/unit/erase_bench.h"

#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire_entry.h"
#include "common/trust/statement.h"
#include "node/mark.h"
#include "node/putback.h"
#include "node/sync_review.h"
#include "node/vault_erase.h"

#define STEPS_MOST 64

static void
a_paper_of_somebody_else_or_of_a_refusal_deletes_nothing(void **state)
{
	OWNED_SITE struct desk_site s;
	uint8_t instance[ID_BYTES];
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	uint64_t before = records(&s.door);
	OWNED_PAPER struct paper refused, forged, other;
	erase_make_paper(&s, &refused, instance, "refused");
	assert_err(erase_by(&s, &refused), E_DENIED);
	erase_make_paper(&s, &forged, instance, "gone");
	forged.signature[0] ^= 1;
	assert_err(erase_by(&s, &forged), E_AUTH);
	instance[0] ^= 1;
	erase_make_paper(&s, &other, instance, "gone");
	assert_err(erase_by(&s, &other), E_NOTFOUND);
	assert_int_equal(records(&s.door), before);
	assert_int_equal(erase_wanted(&s), 0);
}

static void
nobody_is_deleted_before_all_is_at_the_hub(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES];
	struct vault_mark m;
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	erase_make_paper(&s, &paper, instance, "gone");
	assert_ok(vault_mark_get(s.door.place->vault, LANE_C, &m));
	m.at_hub--;
	assert_ok(vault_mark_put(s.door.place->vault, LANE_C, &m));
	assert_ok(vault_commit(s.door.place->vault));
	assert_err(erase_by(&s, &paper), E_BUSY);
	assert_int_equal(erase_wanted(&s), 0);
}

static void
what_is_deleted_leaves_headers_and_a_mark_that_refuses_the_code(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES];
	bool erased = false, marked = true;
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	struct vault *v = s.door.place->vault;
	OWNED_BUF struct buf header, part;
	buf_init(&header, TEXT_MAX);
	buf_init(&part, TEXT_MAX);
	erase_make_paper(&s, &paper, instance, "gone");
	assert_ok(erase_by(&s, &paper));
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
	erase_open_site(&s, *state);
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
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	erase_make_paper(&s, &paper, instance, "gone");
	assert_ok(erase_renew(&s)); /* nothing is due */
	assert_int_equal(s.keys->count, 1);
	assert_int_equal(s.keys->number[0], 1);
	assert_ok(erase_by(&s, &paper));
	assert_int_equal(erase_wanted(&s), 2);
	uint64_t key = erase_first_key(&s);
	OWNED_SECRET struct secret *old =
		secret_copy(secret_bytes(s.keys->review[0]), BOX_SECRET_BYTES);
	assert_true(erase_opens(&s, key, &number));
	assert_int_equal(number, 1);
	assert_ok(erase_renew(&s));
	assert_int_equal(erase_wanted(&s), 0);
	assert_int_equal(s.keys->count, 1);
	assert_int_equal(s.keys->number[0], 2);
	assert_memory_not_equal(
		secret_bytes(s.keys->review[0]), secret_bytes(old), BOX_SECRET_BYTES);
	assert_true(erase_opens(&s, key, &number));
	assert_int_equal(number, 2);
	erase_open_again(&s);
	assert_int_equal(s.keys->count, 1);
	assert_true(erase_opens(&s, key, &number));
}

/* Put aside by a restore, or left by one that was killed: it may have the person. */
static void
nobody_is_erased_while_another_vault_lies_beside(void **state)
{
	static const char *const names[] = {
		"vault.before-1", "vault.before-7", "vault.restored"};
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES];
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	erase_make_paper(&s, &paper, instance, "gone");
	assert_ok(erase_by(&s, &paper));
	const struct sync_judge j = judge_of(&s.door);
	const struct sync_erase_ask ask = erase_ask(&s, &j);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		OWNED_MEM char *way = xasprintf("%s/%s", s.door.place->dir, names[i]);
		assert_int_equal(mkdir(way, 0700), 0);
		assert_ok(i ? sync_erased_settle(&ask, s.door.place->dir, 2) : erase_renew(&s));
		assert_int_equal(erase_wanted(&s), 2);
		assert_int_equal(rmdir(way), 0);
	}
	assert_ok(sync_erased_settle(&ask, s.door.place->dir, 2));
	assert_int_equal(erase_wanted(&s), 0);
}

static void
what_is_sealed_for_an_older_number_is_refused_by_name(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES];
	enum submit_outcome outcome;
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	erase_make_paper(&s, &paper, instance, "gone");
	assert_ok(erase_by(&s, &paper));
	assert_ok(erase_renew(&s));
	agree(&s.door, "N0003", PERMIT);
	assert_err(
		submit(&s.door, (struct sent){.code = "N0003", .instance = "uuid:7"}, &outcome),
		E_BUSY);
	assert_non_null(strstr(err_text(), "number 1"));
	erase_use_review(&s);
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
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	assert_int_equal(held_why(&s.door, name), HOLD_INVALID);
	erase_make_paper(&s, &paper, instance, "gone");
	assert_ok(erase_by(&s, &paper));
	assert_ok(erase_renew(&s));
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
		assert_true(erase_opens(&s, seq, &number));
	}
	assert_int_equal(number, 2);
}

/* As the desk is handed over: a number is made in the key file, and nobody is erased. */
static void
a_number_that_no_erasure_asked_for_waits_for_a_backup(void **state)
{
	static const struct {
		const char *name;
		uint32_t kept;  /* by a backup of this number; 0: none */
		int64_t days;   /* since it was taken over */
		bool says_none; /* whoever opens the desk: no backup can be made */
		size_t left;
	} rows[] = {
		{"no backup", 0, 0, false, 2},
		{"one from before", 1, 0, false, 2},
		{"one from before, a second short of sixty days", 1, 59, false, 2},
		{"one that was made since", 2, 0, false, 1},
		{"none can be made", 0, 0, true, 1},
		{"sixty days", 0, 60, false, 1},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_SITE struct desk_site s;
		void *place = NULL;
		assert_int_equal(make_place(&place), 0);
		erase_open_site(&s, place);
		agree(&s.door, "N0002", PERMIT);
		assert_outcome(&s.door, (struct sent){.code = "N0002"}, SUBMIT_NEW);
		assert_ok(custody_renew(s.keys, true, 0));
		assert_ok(erase_renew(&s));
		assert_int_equal(s.keys->count, 2);
		assert_true(s.waits_for_backup);
		if (rows[i].kept)
			assert_ok(sync_review_kept(s.door.place->vault, rows[i].kept));
		s.door.now_s += rows[i].days * DAY_S;
		s.without_backup = rows[i].says_none;
		assert_ok(erase_renew(&s));
		if (s.keys->count != rows[i].left ||
			s.waits_for_backup != (rows[i].left == 2) ||
			s.ended_without_backup != rows[i].says_none)
			fail_msg("%s", rows[i].name);
		(void)drop_place(&place);
	}
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
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	erase_make_paper(&s, &paper, instance, "gone");
	assert_ok(erase_by(&s, &paper));
	uint64_t key = erase_first_key(&s);
	for (unsigned at = 1; at < STEPS_MOST && erase_wanted(&s); at++) {
		s.fails_at = at;
		s.asked = 0;
		cut += erase_renew(&s) == E_ABSENT;
		vault_abort(s.door.place->vault);
		erase_open_again(&s);
		assert_true(erase_opens(&s, key, &number));
	}
	s.fails_at = 0;
	assert_ok(erase_renew(&s));
	assert_true(cut >= 5);
	assert_int_equal(erase_wanted(&s), 0);
	assert_int_equal(s.keys->count, 1);
	assert_true(erase_opens(&s, key, &number));
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
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	buf_init(&box, 256);
	crypto_random(noise, sizeof(noise));
	crypto_random(id, sizeof(id));
	buf_u8(&box, 1);
	buf_u32(&box, 1);
	buf_add(&box, noise, sizeof(noise));
	struct vault *v = s.door.place->vault;
	assert_ok(vault_put(v, VAULT_LOCALS, view_of(id, sizeof(id)), buf_view(&box)));
	assert_ok(vault_commit(v));
	erase_make_paper(&s, &paper, instance, "gone");
	assert_ok(erase_by(&s, &paper));
	assert_ok(erase_renew(&s));
	assert_int_equal(erase_wanted(&s), 0);
	assert_ok(vault_get(v, VAULT_LOCALS, view_of(id, sizeof(id)), &row));
	assert_ok(sync_review_number(&number, row));
	assert_int_equal(number, 2);
	assert_memory_equal(row.at + SYNC_REVIEW_HEAD_BYTES, noise, sizeof(noise));
}

/* A vault that was put back knows an older number than the key file, whose secret is gone. */
static void
only_a_vault_that_was_put_back_takes_the_number_of_the_key_file(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES];
	struct sync_review old, r;
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	struct vault *v = s.door.place->vault;
	assert_ok(sync_review_get(v, &s.card, &old));
	erase_make_paper(&s, &paper, instance, "gone");
	assert_ok(erase_by(&s, &paper));
	assert_ok(erase_renew(&s));
	assert_ok(sync_review_note(v, &old));
	assert_ok(vault_commit(v));
	assert_err(erase_renew(&s), E_AUTH);
	assert_ok(putback_begin(v));
	assert_ok(putback_end(v)); /* the hub was heard */
	assert_ok(vault_commit(v));
	assert_ok(erase_renew(&s));
	assert_ok(sync_review_get(v, &s.card, &r));
	assert_int_equal(r.number, 2);
	assert_int_equal(r.destroyed, 2);
	assert_int_equal(s.keys->count, 1);
	/* Once: a rebase, or whoever asks next, has no way past the proof. */
	assert_ok(sync_review_note(v, &old));
	assert_ok(vault_commit(v));
	assert_err(erase_renew(&s), E_AUTH);
}

static void
the_receipt_is_signed_by_the_site_and_told_in_an_act(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	OWNED_BUF struct buf answer, part;
	uint8_t instance[ID_BYTES], signature[SIGNATURE_BYTES];
	struct view json, report;
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	erase_make_paper(&s, &paper, instance, "gone");
	assert_ok(erase_by(&s, &paper));
	buf_init(&answer, TEXT_MAX);
	buf_init(&part, TEXT_MAX);
	const struct sync_judge j = judge_of(&s.door);
	const struct sync_erase_ask ask = erase_ask(&s, &j);
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
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	erase_make_paper(&s, &gone, instance, "gone");
	assert_ok(erase_by(&s, &gone));
	assert_ok(erase_renew(&s));
	erase_make_paper(&s, &both, instance, "erased");
	assert_ok(erase_by(&s, &both));
	buf_init(&answer, TEXT_MAX);
	const struct sync_judge j = judge_of(&s.door);
	const struct sync_erase_ask ask = erase_ask(&s, &j);
	struct cursor which = cursor_of(view_of(instance, RECEIPT_START_BYTES));
	assert_ok(sync_erased_one(&ask, &which, &answer));
	struct cursor c = cursor_of(buf_view(&answer));
	assert_true(view_same(cursor_blob(&c), buf_view(&both.text)));
	assert_int_equal(answer.at[answer.len - 1], 1);
}

/* Are these bytes anywhere in the file of the vault, free pages included? */
static bool
lies_in_the_file(const struct desk_site *s, const uint8_t id[static ID_BYTES])
{
	OWNED_MEM char *path = xasprintf("%s/vault/data.mdb", s->door.place->dir);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	assert_ok(text_read_file(&bytes, &len, path, MAP_BYTES));
	return memmem(bytes, len, id, ID_BYTES) != NULL;
}

static void
damage(struct desk_site *s, const struct vault_at *at)
{
	uint8_t key[PLACE_PART_BYTES];
	struct vault *v = s->door.place->vault;
	vault_place(key, at);
	key[PLACE_BYTES] = PART_RULES;
	assert_ok(vault_row_put(
		v, TABLE_PARTS, view_of(key, sizeof(key)), view_text("example damage")));
	assert_ok(vault_commit(v));
}

/* A number that nobody has is looked up, not searched for: no other consent is read for it. */
static void
a_damaged_consent_of_another_keeps_no_erasure_up(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper, other;
	uint8_t instance[ID_BYTES];
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	damage(&s, &AT(s.door.place->vault, LANE_C, 2)); /* of N0002 */
	instance[0] ^= 1;
	erase_make_paper(&s, &other, instance, "gone");
	assert_err(erase_by(&s, &other), E_NOTFOUND);
	instance[0] ^= 1;
	erase_make_paper(&s, &paper, instance, "gone");
	assert_ok(erase_by(&s, &paper));
}

/* Its instance stands in no part that can be read, and is in no row afterwards all the same. */
static void
a_damaged_part_of_the_person_is_deleted_with_the_rest(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES], of_record[ID_BYTES];
	struct sync_submission row;
	struct view there;
	bool erased = false;
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	struct vault *v = s.door.place->vault;
	const struct vault_at at = vault_here(v, LANE_R, 2);
	OWNED(wire_rules) struct wire_rules *r = record(&s.door, 2);
	memcpy(of_record, r->instance, ID_BYTES);
	damage(&s, &at);
	erase_make_paper(&s, &paper, instance, "gone");
	assert_ok(erase_by(&s, &paper));
	assert_ok(vault_is_erased(v, &at, &erased));
	assert_true(erased);
	assert_err(vault_get(v, VAULT_INSTANCES, view_of(of_record, ID_BYTES), &there),
		E_NOTFOUND);
	assert_ok(sync_submission_get(v, of_record, &row));
	assert_int_equal(row.state, SUBMISSION_GONE);
	sync_submission_done(&row);
	assert_int_equal(erase_wanted(&s), 2);
}

static void
a_damaged_row_of_what_is_held_is_deleted_with_the_rest(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES], id[ID_BYTES];
	erase_open_site(&s, *state);
	assert_outcome(&s.door,
		(struct sent){.code = "N0001", .instance = "uuid:8", .problem = SUBMIT_INVALID},
		SUBMIT_HELD);
	erase_two_persons(&s, instance);
	capture_instance_of(id, s.door.site.row_key, "uuid:8");
	struct vault *v = s.door.place->vault;
	assert_ok(vault_put(v, VAULT_HOLDS, view_of(id, ID_BYTES), view_text("example")));
	assert_ok(vault_commit(v));
	erase_make_paper(&s, &paper, instance, "gone");
	assert_ok(erase_by(&s, &paper));
	assert_int_equal(held(&s.door), 1); /* of N0002 */
}

/* Whose it is is not known; the other's is carried out, and both when it is mended. */
static void
a_wish_that_is_damaged_waits_to_be_mended_and_keeps_no_other_up(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper first, second;
	OWNED_BUF struct buf whole;
	uint8_t one[ID_BYTES], two[ID_BYTES], key[PLACE_PART_BYTES];
	uint32_t count = 9;
	erase_open_site(&s, *state);
	erase_two_persons(&s, one);
	struct vault *v = s.door.place->vault;
	const struct vault_at at = vault_here(v, LANE_C, vault_head(v, LANE_C).seq);
	erase_wish(&s, "N0002", two);
	erase_all_at_hub(&s);
	buf_init(&whole, TEXT_MAX);
	assert_ok(vault_part(v, &at, PART_RULES, &whole));
	damage(&s, &at);
	erase_make_paper(&s, &first, one, "gone");
	erase_make_paper(&s, &second, two, "gone");
	assert_err(erase_by(&s, &first), E_CONFLICT);
	assert_ok(erase_by(&s, &second));
	assert_err(sync_erase_check(v, view_text("N0002")), E_DENIED);
	assert_ok(sync_erase_check(v, view_text("N0001")));
	vault_place(key, &at);
	key[PLACE_BYTES] = PART_RULES;
	assert_ok(vault_row_put(v, TABLE_PARTS, view_of(key, sizeof(key)), buf_view(&whole)));
	assert_ok(erase_by(&s, &first));
	assert_err(sync_erase_check(v, view_text("N0001")), E_DENIED);
	/* What status says of it. */
	assert_ok(sync_erase_damaged(v, &count));
	assert_int_equal(count, 0);
	assert_ok(sync_erase_note_damaged(v, 3));
	assert_ok(sync_erase_damaged(v, &count));
	assert_int_equal(count, 3);
	vault_abort(v);
}

/* The commit stands and the move does not, as a full disk or a kill between leaves it. */
static void
a_move_that_was_cut_off_is_made_good_by_each_that_comes_after(void **state)
{
	OWNED_SITE struct desk_site s;
	OWNED_PAPER struct paper paper;
	uint8_t instance[ID_BYTES];
	erase_open_site(&s, *state);
	erase_two_persons(&s, instance);
	struct place *p = s.door.place;
	OWNED_MEM char *way = xasprintf("%s/vault/data.new", p->dir);
	erase_make_paper(&s, &paper, instance, "gone");
	assert_int_equal(mkdir(way, 0700), 0);
	assert_err(erase_by(&s, &paper), E_IO);
	assert_int_equal(rmdir(way), 0);
	close_vault(p);
	open_vault(p);
	assert_int_equal(erase_wanted(&s), 2);
	assert_true(lies_in_the_file(&s, instance));
	assert_ok(erase_by(&s, &paper));
	assert_false(lies_in_the_file(&s, instance));
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
		TEST(nobody_is_erased_while_another_vault_lies_beside),
		TEST(what_is_sealed_for_an_older_number_is_refused_by_name),
		TEST(what_is_held_is_taken_over_and_goes_on),
		cmocka_unit_test(a_number_that_no_erasure_asked_for_waits_for_a_backup),
		TEST(a_renewal_that_is_cut_short_anywhere_ends_the_same),
		TEST(a_box_that_opens_with_nothing_keeps_no_renewal_up),
		TEST(only_a_vault_that_was_put_back_takes_the_number_of_the_key_file),
		TEST(the_receipt_is_signed_by_the_site_and_told_in_an_act),
		TEST(the_receipt_of_both_is_printed_once_the_hub_gave_it),
		TEST(a_damaged_consent_of_another_keeps_no_erasure_up),
		TEST(a_damaged_part_of_the_person_is_deleted_with_the_rest),
		TEST(a_damaged_row_of_what_is_held_is_deleted_with_the_rest),
		TEST(a_wish_that_is_damaged_waits_to_be_mended_and_keeps_no_other_up),
		TEST(a_move_that_was_cut_off_is_made_good_by_each_that_comes_after),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("erase_site", tests, NULL, NULL);
}
