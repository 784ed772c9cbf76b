#include "tests/unit/wish_bench.h"

#include <sys/stat.h>

#include "common/base/mem.h"
#include "common/net/call.h"
#include "common/study/receipt.h"
#include "hub/audit.h"
#include "hub/erase_renew.h"
#include "hub/erase_rows.h"
#include "hub/renewal.h"

struct asked {
	size_t count;
	uint32_t retired;
	bool makes, leaves_damaged;
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
	(void)cursor_u32(&c);
	asked->leaves_damaged = cursor_u8(&c) == 1;
	return cursor_end(&c, "renewal");
}

/* The erasures of a ledger that starts now. */
static void
use_keeper(struct bench *b, struct asked *asked)
{
	struct hub *h = &b->place->hub;
	erase_free(take(h->erase));
	h->erase = erase_new(h, hear, asked);
}

static void
begin(struct bench *b, struct asked *asked)
{
	wish_begin(b);
	use_keeper(b, asked);
}

static void
tick(struct bench *b)
{
	assert_ok(erase_tick(b->place->hub.erase, true));
	wish_keep(b);
}

static void
delete_all(struct bench *b)
{
	size_t count;
	assert_ok(bench_erase_run(b, &count));
	assert_true(count > 0);
	wish_keep(b);
}

static void
move_and_note(struct bench *b)
{
	bench_erase_through(b);
	tick(b);
}

/* What the keeper says; code OK: it has made this epoch and number. */
static void
hand_back(struct bench *b, enum err code, uint32_t number, uint64_t damaged)
{
	const uint8_t public[BOX_PUBLIC_BYTES] = {(uint8_t)number};
	OWNED_BUF struct buf fields;
	buf_init(&fields, WISH_REPLY_BYTES);
	buf_u8(&fields, (uint8_t)code);
	buf_blob_text(&fields, code ? "example: damaged" : "");
	buf_u32(&fields, number);
	buf_u32(&fields, number);
	buf_u32(&fields, 0);
	buf_add(&fields, public, sizeof(public));
	buf_u64(&fields, 1);
	buf_u64(&fields, damaged);
	struct cursor c = cursor_of(buf_view(&fields));
	assert_ok(erase_renewed(b->place->hub.erase, &c));
	wish_keep(b);
}

static void
answer(struct bench *b, uint32_t number)
{
	hand_back(b, OK, number, 0);
}

static bool
is_gone(struct bench *b, uint8_t who)
{
	uint8_t id[ID_BYTES];
	wish_id(id, who);
	return erase_is_gone(&b->place->hub, id);
}

/* The keyring that is being made has the keys of whoever was there when it was begun. */
static void
who_goes_while_a_number_is_made_waits_for_the_next(void **state)
{
	struct bench *b = *state;
	struct asked asked = {.count = 0};
	begin(b, &asked);
	delete_all(b);
	move_and_note(b);
	tick(b);
	assert_int_equal(asked.count, 1);
	assert_true(asked.makes);
	wish_say(b, WISH_SECOND, 32, WISH_SAID_S);
	delete_all(b);
	move_and_note(b);
	assert_true(is_gone(b, WISH_SECOND));
	tick(b);
	assert_int_equal(asked.count, 1); /* one number at a time */
	answer(b, 2);
	tick(b);
	assert_int_equal(asked.count, 2);
	assert_true(asked.makes);
	answer(b, 3);
	tick(b);
	assert_int_equal(asked.count, 2);
}

/* A good key must not be left out of the keyring for a row that its node has. */
static void
damaged_entries_are_waited_for_until_an_officer_gives_them_up(void **state)
{
	struct bench *b = *state;
	const struct view gives_up = view_text("{\"reason\":\"x\",\"leave_damaged\":true}");
	struct asked asked = {.count = 0};
	struct hub *h = &b->place->hub;
	begin(b, &asked);
	delete_all(b);
	move_and_note(b);
	tick(b);
	assert_true(asked.makes);
	hand_back(b, E_BUSY, 1, 0); /* it opens a release */
	assert_int_equal(erase_damaged(h), 0);
	hand_back(b, E_BUSY, 1, 2);
	assert_int_equal(erase_damaged(h), 2);
	assert_int_equal(asked.count, 1);
	assert_ok(place_submit(b->place, OFFICER_1, RENEWAL_KIND, "keys", gives_up));
	tick(b);
	assert_int_equal(asked.count, 2);
	assert_true(asked.leaves_damaged);
	answer(b, 2);
	assert_int_equal(erase_damaged(h), 0);
	assert_err(
		place_submit(b->place, OFFICER_1, RENEWAL_KIND, "keys", gives_up), E_CONFLICT);
}

static void
what_is_deleted_is_refused_no_more(void **state)
{
	struct bench *b = *state;
	struct asked asked = {.count = 0};
	OWNED_BUF struct buf body;
	uint8_t instance[ID_BYTES];
	char number[RECEIPT_BYTES];
	begin(b, &asked);
	delete_all(b);
	memset(instance, WISH_FIRSTS, sizeof(instance));
	receipt_number(number, instance);
	buf_init(&body, WISH_REPLY_BYTES);
	buf_format(&body, "{\"receipt\":\"%s\",\"reason\":\"example\"}", number);
	assert_err(place_submit(b->place, OFFICER_1, "erase-refuse", number, buf_view(&body)),
		E_CONFLICT);
	move_and_note(b);
	assert_true(is_gone(b, WISH_FIRST));
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
	wish_begin(b);
	wish_say(b, WISH_SECOND, 32, WISH_SAID_S);
	wish_id(id[0], WISH_SECOND);
	struct forward_erasure gone = *forward_erasure_of(f, id[0]);
	gone.gone_s = gone.erased_s = 5;
	forward_note_erasure(f, &gone);
	wish_id(id[0], WISH_FIRST);
	const struct erase_people people = {(const uint8_t(*)[ID_BYTES])id, 1};
	assert_ok(hub_txn(&b->place->hub, &t));
	assert_ok(erase_rows(t, &people, &done));
	wish_keep(b);
	use_keeper(b, &asked);
	assert_ok(erase_start(b->place->hub.erase));
	wish_keep(b);
	move_and_note(b);
	tick(b);
	assert_false(is_gone(b, WISH_FIRST));
	assert_true(is_gone(b, WISH_SECOND));
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
	begin(b, &asked);
	delete_all(b);
	for (size_t start = 0; start < 2; start++) {
		const ino_t before = file_of(b);
		use_keeper(b, &asked);
		assert_ok(erase_start(h->erase));
		wish_keep(b);
		move_and_note(b);
		tick(b);
		if ((file_of(b) == before) != (start == 1))
			fail_msg("start %zu: moved or not", start);
		assert_true(is_gone(b, WISH_FIRST));
	}
}

static int
drop_steps(void **state)
{
	struct bench *b = *state;
	erase_free(take(b->place->hub.erase));
	return drop_bench(state);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make_bench, drop_steps)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(who_goes_while_a_number_is_made_waits_for_the_next),
		CASE(damaged_entries_are_waited_for_until_an_officer_gives_them_up),
		CASE(what_is_deleted_is_refused_no_more),
		CASE(an_older_vault_makes_nobody_gone_whom_nobody_deleted),
		CASE(a_move_that_was_cut_off_is_made_good_at_the_next_start),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests_name("erase_steps", tests, NULL, NULL);
}
