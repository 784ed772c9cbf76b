#include "tests/unit/names_damaged.h"
#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include "common/base/clock.h"
#include "common/base/mem.h"

#include "node/desk_contact.h"

#define REPLY_MAX_BYTES ((size_t)16 << 20)

struct place {
	char dir[64];
	struct secret *key;
	struct namebook *names;
	uint64_t keep_s;   /* how long the study keeps names; 0: it does not say */
	uint64_t oldest_s; /* what the desk said to sync last */
	uint8_t purpose;   /* what it asked about */
};

static int
make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	if (crypto_init())
		return 1;
	p->key = secret_new(AEAD_KEY_BYTES);
	crypto_random(secret_bytes(p->key), AEAD_KEY_BYTES);
	*state = p;
	return own_dir_make(p->dir, sizeof(p->dir), "contact") &&
			       !namebook_open(&p->names, p->dir, p->key)
		       ? 0
		       : 1;
}

static int
drop_place(void **state)
{
	struct place *p = *state;
	namebook_free(p->names);
	secret_free(p->key);
	int rc = own_dir_drop(p->dir);
	free(p);
	return rc;
}

/* What sync says of each code that it is asked about, in order. */
struct said {
	enum contact_state state;
	const char *why;
};
static const struct said may = {CONTACT_MAY, ""};
static const struct said not_now = {CONTACT_NOT, "the person wants no further contact"};
static const struct said not_kept = {
	CONTACT_NOT, "the person does not permit this site to keep their name"};
static const struct said unknown = {CONTACT_UNKNOWN, "not known here"};
static const struct said erased = {CONTACT_ERASED, "the person asked to be erased"};

struct talk {
	struct desk_contact *contact;
	struct desk_contact_act act;
	struct buf reply;
};

static void
talk_done(struct talk *t)
{
	desk_contact_free(t->contact);
	buf_done(&t->reply);
}
#define OWNED_TALK __attribute__((cleanup(talk_done)))

/* The whole of a request, with the same answer for each code; the act is kept. */
static enum err
ask(struct place *p, struct talk *t, enum node_verb verb, const struct buf *fields,
	const struct said *all)
{
	OWNED_BUF struct buf states;
	struct cursor c = cursor_of(buf_view(fields));
	*t = (struct talk){.contact = NULL};
	buf_init(&states, 4096);
	buf_init(&t->reply, REPLY_MAX_BYTES);
	enum err e = desk_contact_begin(&t->contact, p->names, p->key, verb, &c);
	if (e)
		return e;
	struct cursor asks = cursor_of(desk_contact_asks(t->contact));
	uint32_t count = cursor_u32(&asks);
	buf_u32(&states, count);
	for (uint32_t i = 0; i < count; i++) {
		assert_true(cursor_blob(&asks).len > 0);
		buf_u8(&states, (uint8_t)all[i].state);
		buf_blob_text(&states, all[i].why);
	}
	p->oldest_s = cursor_u64(&asks);
	p->purpose = cursor_u8(&asks);
	assert_ok(cursor_end(&asks, "codes"));
	buf_u64(&states, p->keep_s);
	struct cursor s = cursor_of(buf_view(&states));
	assert_ok(desk_contact_judge(t->contact, &s, &t->act));
	return desk_contact_finish(t->contact, p->names, p->key, &t->reply);
}

static enum err
put(struct place *p, const char *code, const char *called, const struct said *s)
{
	OWNED_TALK struct talk t;
	OWNED_BUF struct buf fields;
	buf_init(&fields, 4096);
	buf_blob_text(&fields, code);
	buf_blob_text(&fields, called);
	buf_blob_text(&fields, "01632 960001");
	buf_blob_text(&fields, "mornings");
	enum err e = ask(p, &t, DESK_CONTACT_PUT, &fields, s);
	assert_string_equal(t.act.action, "contact-kept");
	assert_string_equal(t.act.outcome, e ? "refused" : "done");
	return e;
}

static enum err
get(struct place *p, const char *code, enum contact_purpose purpose, const struct said *s)
{
	static const char *const words[] = {
		"", "contact", "correct", "inform-results", "recontact-other-study"};
	OWNED_TALK struct talk t;
	OWNED_BUF struct buf fields;
	buf_init(&fields, 4096);
	buf_blob_text(&fields, code);
	buf_u8(&fields, (uint8_t)purpose);
	enum err e = ask(p, &t, DESK_CONTACT_GET, &fields, s);
	if (t.act.action) {
		assert_string_equal(t.act.action, purpose == CONTACT_TO_CORRECT
							  ? "contact-opened-to-correct"
							  : "contact-opened");
		assert_string_equal(t.act.outcome, e ? "refused" : "done");
		assert_string_equal(t.act.decision, e ? "deny" : "permit");
		assert_string_equal(t.act.purpose, words[purpose]);
		assert_int_equal(p->purpose, purpose);
	}
	if (e)
		assert_int_equal(t.reply.len, 0);
	else
		assert_non_null(memmem(t.reply.at, t.reply.len, "01632 960001", 12));
	return e;
}

/* Who is shown for what: a row each. */
static void
is_shown_only_for_what_the_person_permits(void **state)
{
	static const struct {
		const struct said *said;
		enum contact_purpose purpose;
		enum err wanted;
	} rows[] = {
		{&may, CONTACT_TO_CONTACT, OK},
		{&may, CONTACT_TO_CORRECT, OK},
		{&not_now, CONTACT_TO_CONTACT, E_DENIED},
		{&not_now, CONTACT_TO_CORRECT, OK},
		{&unknown, CONTACT_TO_CONTACT, E_DENIED},
		{&unknown, CONTACT_TO_CORRECT, OK},
		{&erased, CONTACT_TO_CONTACT, E_DENIED},
		{&erased, CONTACT_TO_CORRECT, E_DENIED},
		{&may, CONTACT_TO_TELL_RESULTS, OK},
		{&not_now, CONTACT_TO_TELL_RESULTS, E_DENIED},
		{&may, CONTACT_TO_ASK_ANEW, OK},
		{&not_now, CONTACT_TO_ASK_ANEW, E_DENIED},
		{&unknown, CONTACT_TO_ASK_ANEW, E_DENIED},
	};
	struct place *p = *state;
	assert_ok(put(p, "AAAA-AAAA", "Example One", &may));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum err e = get(p, "AAAA-AAAA", rows[i].purpose, rows[i].said);
		if (e != rows[i].wanted)
			fail_msg("row %zu: %s", i, err_word(e));
		if (e)
			assert_string_equal(err_text(), rows[i].said->why);
	}
	assert_err(get(p, "BBBB-BBBB", CONTACT_TO_CONTACT, &may), E_NOTFOUND);
	assert_err(get(p, "AAAA-AAAA", CONTACT_TO_KEEP, &may), E_FORMAT);
	assert_err(get(p, "AAAA-AAAA", (enum contact_purpose)0, &may), E_FORMAT);
}

static void
is_kept_only_of_who_has_a_code_here_and_permits_it(void **state)
{
	struct place *p = *state;
	uint64_t count = 0;
	assert_err(put(p, "AAAA-AAAA", "Example One", &unknown), E_NOTFOUND);
	assert_err(put(p, "AAAA-AAAA", "Example One", &erased), E_DENIED);
	assert_ok(namebook_count(p->names, &count));
	assert_int_equal(count, 0);
	assert_err(put(p, "AAAA-AAAA", "Example One", &not_kept), E_DENIED);
	assert_int_equal(p->purpose, CONTACT_TO_KEEP);
	assert_ok(namebook_count(p->names, &count));
	assert_int_equal(count, 0);
	assert_ok(put(p, "AAAA-AAAA", "Example One", &may));
	assert_ok(namebook_count(p->names, &count));
	assert_int_equal(count, 1);
}

static void
a_list_leaves_out_the_names_of_those_not_to_be_contacted(void **state)
{
	struct place *p = *state;
	const struct said states[] = {not_now, not_now};
	OWNED_TALK struct talk t;
	OWNED_BUF struct buf none;
	buf_init(&none, 16);
	assert_ok(put(p, "AAAA-AAAA", "Example One", &may));
	assert_ok(put(p, "BBBB-BBBB", "Example Two", &may));
	assert_ok(ask(p, &t, DESK_CONTACT_LIST, &none, states));
	assert_string_equal(t.act.action, "contacts-listed");
	assert_null(memmem(t.reply.at, t.reply.len, "Example", 7));
	assert_non_null(memmem(t.reply.at, t.reply.len, "AAAA-AAAA", 9));
	assert_non_null(memmem(t.reply.at, t.reply.len, "no further contact", 18));
	talk_done(&t);
	const struct said both[] = {may, may};
	assert_ok(ask(p, &t, DESK_CONTACT_LIST, &none, both));
	assert_non_null(memmem(t.reply.at, t.reply.len, "Example One", 11));
}

static void
save(struct place *p, struct buf *ret)
{
	const struct said states[] = {may, may, may};
	OWNED_TALK struct talk t;
	OWNED_BUF struct buf none;
	buf_init(&none, 16);
	assert_ok(ask(p, &t, DESK_CONTACT_SAVE, &none, states));
	assert_null(memmem(t.reply.at, t.reply.len, "Example", 7));
	buf_init(ret, REPLY_MAX_BYTES);
	buf_add_view(ret, buf_view(&t.reply));
}

static void
a_copy_puts_back_nobody_who_was_erased_or_permits_it_no_more(void **state)
{
	struct place *p = *state;
	OWNED_BUF struct buf copy;
	OWNED_TALK struct talk t;
	assert_ok(put(p, "AAAA-AAAA", "Example One", &may));
	assert_ok(put(p, "BBBB-BBBB", "Example Two", &may));
	save(p, &copy);
	assert_ok(namebook_remove(p->names, view_text("AAAA-AAAA")));
	assert_ok(namebook_remove(p->names, view_text("BBBB-BBBB")));
	assert_ok(put(p, "CCCC-CCCC", "Example Three", &may));
	const struct said none_kept[] = {erased, not_kept}, first_erased[] = {erased, may};
	assert_ok(ask(p, &t, DESK_CONTACT_LOAD, &copy, none_kept));
	assert_int_equal(p->purpose, CONTACT_TO_KEEP);
	struct cursor none = cursor_of(buf_view(&t.reply));
	assert_int_equal(cursor_u32(&none), 0);
	talk_done(&t);
	assert_ok(ask(p, &t, DESK_CONTACT_LOAD, &copy, first_erased));
	struct cursor c = cursor_of(buf_view(&t.reply));
	assert_int_equal(cursor_u32(&c), 1);
	uint64_t count = 0;
	assert_ok(namebook_count(p->names, &count));
	assert_int_equal(count, 2);
	/* Another key opens no copy, and nothing of it is half put. */
	secret_bytes(p->key)[0] ^= 1;
	talk_done(&t);
	assert_err(ask(p, &t, DESK_CONTACT_LOAD, &copy, first_erased), E_AUTH);
}

static void
damaged_copies_change_nothing(void **state)
{
	struct place *p = *state;
	OWNED_BUF struct buf copy;
	const struct said states[] = {may};
	assert_ok(put(p, "AAAA-AAAA", "Example One", &may));
	save(p, &copy);
	assert_ok(namebook_remove(p->names, view_text("AAAA-AAAA")));
	for (size_t at = 0; at < copy.len; at += 997) {
		OWNED_TALK struct talk t;
		copy.at[at] ^= 1;
		enum err e = ask(p, &t, DESK_CONTACT_LOAD, &copy, states);
		assert_true(e == E_AUTH || e == E_FORMAT);
		copy.at[at] ^= 1;
	}
	uint64_t count = 0;
	assert_ok(namebook_count(p->names, &count));
	assert_int_equal(count, 0);
}

static void
one_damaged_name_keeps_nobody_from_being_listed_copied_or_put_back(void **state)
{
	struct place *p = *state;
	OWNED_BUF struct buf copy, less, none;
	OWNED_TALK struct talk list, load;
	char row[2 * NAMEBOOK_ROW_SHOWN_BYTES + 1];
	const struct said both[] = {may, may};
	buf_init(&none, 16);
	assert_ok(put(p, "AAAA-AAAA", "Example One", &may));
	assert_ok(put(p, "BBBB-BBBB", "Example Two", &may));
	save(p, &copy);
	names_damage(p->names, "AAAA-AAAA", row);
	assert_ok(ask(p, &list, DESK_CONTACT_LIST, &none, both));
	struct cursor listed = cursor_of(buf_view(&list.reply));
	assert_int_equal(cursor_u32(&listed), 1);
	assert_true(view_same(cursor_blob(&listed), view_text("BBBB-BBBB")));
	save(p, &less);
	assert_err(get(p, "AAAA-AAAA", CONTACT_TO_CONTACT, &may), E_FORMAT);
	assert_ok(ask(p, &load, DESK_CONTACT_LOAD, &copy, both));
	struct cursor loaded = cursor_of(buf_view(&load.reply));
	assert_int_equal(cursor_u32(&loaded), 1);
	assert_ok(get(p, "AAAA-AAAA", CONTACT_TO_CONTACT, &may));
}

static void
a_damaged_name_can_be_removed(void **state)
{
	struct place *p = *state;
	OWNED_TALK struct talk t;
	OWNED_BUF struct buf fields;
	char row[2 * NAMEBOOK_ROW_SHOWN_BYTES + 1];
	buf_init(&fields, 64);
	buf_blob_text(&fields, "AAAA-AAAA");
	assert_ok(put(p, "AAAA-AAAA", "Example One", &may));
	names_damage(p->names, "AAAA-AAAA", row);
	assert_ok(ask(p, &t, DESK_CONTACT_DROP, &fields, &may));
	assert_err(get(p, "AAAA-AAAA", CONTACT_TO_CORRECT, &may), E_NOTFOUND);
}

static void
unlocking_leaves_out_whoever_asked_to_be_erased(void **state)
{
	struct place *p = *state;
	OWNED_BUF struct buf none;
	OWNED_TALK struct talk t;
	buf_init(&none, 16);
	assert_ok(put(p, "AAAA-AAAA", "Example One", &may));
	const struct said nobody[] = {not_now};
	assert_ok(ask(p, &t, DESK_UNLOCK, &none, nobody));
	assert_false(desk_contact_erases(t.contact));
	assert_false(desk_contact_leaves(t.contact, view_text("AAAA-AAAA")));
	talk_done(&t);
	const struct said one[] = {erased};
	assert_ok(ask(p, &t, DESK_UNLOCK, &none, one));
	assert_true(desk_contact_erases(t.contact));
	assert_true(desk_contact_leaves(t.contact, view_text("AAAA-AAAA")));
	assert_false(desk_contact_leaves(t.contact, view_text("BBBB-BBBB")));
	assert_string_equal(t.act.action, "contacts-erased");
}

#define NOW_S  ((int64_t)1800000000)
#define YEAR_S ((int64_t)365 * 86400)

static uint32_t
due(struct place *p)
{
	OWNED_BUF struct buf none;
	OWNED_TALK struct talk t;
	const struct said all[] = {may, may, may};
	uint32_t count = 9;
	buf_init(&none, 16);
	assert_ok(ask(p, &t, DESK_UNLOCK, &none, all));
	assert_ok(desk_contact_due(t.contact, p->names, &count));
	return count;
}

/* A year behind the last contact, to the second; a change is one, and so is being rung. */
static void
who_is_kept_for_longer_than_the_study_says_is_due(void **state)
{
	struct place *p = *state;
	OWNED_BUF struct buf none;
	OWNED_TALK struct talk t;
	struct name found;
	const struct said all[] = {may, may, may};
	buf_init(&none, 16);
	clock_freeze_wall_ms(NOW_S * 1000);
	assert_ok(put(p, "AAAA-AAAA", "Example One", &may));
	assert_ok(put(p, "BBBB-BBBB", "Example Two", &may));
	assert_ok(put(p, "CCCC-CCCC", "Example Three", &may));
	clock_freeze_wall_ms((NOW_S + 100) * 1000);
	assert_ok(get(p, "BBBB-BBBB", CONTACT_TO_CONTACT, &may));
	assert_ok(get(p, "CCCC-CCCC", CONTACT_TO_CORRECT, &may)); /* no contact */
	clock_freeze_wall_ms((NOW_S + YEAR_S) * 1000);
	assert_int_equal(due(p), 0); /* the study does not say */
	assert_int_equal(p->oldest_s, NOW_S);
	assert_err(ask(p, &t, DESK_CONTACT_DROP_DUE, &none, all), E_DENIED);
	talk_done(&t);
	p->keep_s = (uint64_t)YEAR_S;
	assert_int_equal(due(p), 2);
	clock_freeze_wall_ms((NOW_S + YEAR_S - 1) * 1000);
	assert_int_equal(due(p), 0);
	clock_freeze_wall_ms((NOW_S + YEAR_S) * 1000);
	assert_ok(ask(p, &t, DESK_CONTACT_DROP_DUE, &none, all));
	assert_string_equal(t.act.action, "contacts-removed-when-due");
	struct cursor c = cursor_of(buf_view(&t.reply));
	assert_int_equal(cursor_u32(&c), 2);
	assert_err(namebook_get(p->names, view_text("AAAA-AAAA"), &found), E_NOTFOUND);
	assert_err(namebook_get(p->names, view_text("CCCC-CCCC"), &found), E_NOTFOUND);
	assert_ok(namebook_get(p->names, view_text("BBBB-BBBB"), &found));
	assert_int_equal(found.changed_s, NOW_S);
	assert_int_equal(found.contacted_s, NOW_S + 100);
}

static void
a_desk_that_was_locked_meanwhile_shows_nothing(void **state)
{
	struct place *p = *state;
	struct talk t = {.contact = NULL};
	OWNED_BUF struct buf fields, states;
	buf_init(&fields, 256);
	buf_init(&states, 256);
	buf_init(&t.reply, 256);
	assert_ok(put(p, "AAAA-AAAA", "Example One", &may));
	buf_blob_text(&fields, "AAAA-AAAA");
	buf_u8(&fields, CONTACT_TO_CONTACT);
	struct cursor c = cursor_of(buf_view(&fields));
	assert_ok(desk_contact_begin(&t.contact, p->names, p->key, DESK_CONTACT_GET, &c));
	buf_u32(&states, 1);
	buf_u8(&states, CONTACT_MAY);
	buf_blob_text(&states, "");
	buf_u64(&states, 0);
	struct cursor s = cursor_of(buf_view(&states));
	assert_ok(desk_contact_judge(t.contact, &s, &t.act));
	assert_err(desk_contact_finish(t.contact, NULL, NULL, &t.reply), E_BUSY);
	assert_int_equal(t.reply.len, 0);
	talk_done(&t);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(is_shown_only_for_what_the_person_permits),
		CASE(is_kept_only_of_who_has_a_code_here_and_permits_it),
		CASE(a_list_leaves_out_the_names_of_those_not_to_be_contacted),
		CASE(a_copy_puts_back_nobody_who_was_erased_or_permits_it_no_more),
		CASE(damaged_copies_change_nothing),
		CASE(one_damaged_name_keeps_nobody_from_being_listed_copied_or_put_back),
		CASE(a_damaged_name_can_be_removed),
		CASE(unlocking_leaves_out_whoever_asked_to_be_erased),
		CASE(who_is_kept_for_longer_than_the_study_says_is_due),
		CASE(a_desk_that_was_locked_meanwhile_shows_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
