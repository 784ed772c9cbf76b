#include "tests/unit/names_damaged.h"
#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/net/call.h"
#include "common/net/link.h"
#include "node/desk.h"
#include "node/desk_change.h"
#include "node/ipc.h"

#define PATIENCE_MS 20000
#define PAUSE_US    2000

/* The desk in a process of its own; sync and a command are played by the test. */
struct place {
	char dir[32];
	pid_t desk;
	struct link_context *context;
	struct link *sync;    /* where the desk asks */
	struct link *command; /* asks the desk */
	struct secret *passphrase;
	struct custody *mine, *other;
	uint8_t review_public[BOX_PUBLIC_BYTES];
	uint8_t stamp[HASH_BYTES]; /* of the key file when it was opened */
};

static void
run_desk(const struct place *p, int start, struct desk_config c)
{
	c.dir = p->dir;
	char go;
	if (read(start, &go, 1) != 1)
		_exit(2);
	_exit(desk_run(&c) ? 1 : 0);
}

static void
connect_command(struct place *p)
{
	OWNED_MEM char *path = xasprintf("%s/run/desk.sock", p->dir);
	int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
	while (link_connect_ipc(&p->command, p->context, path, "the desk")) {
		assert_true(clock_mono_ms() < until_ms);
		(void)usleep(PAUSE_US);
	}
}

/* Those of the site on the disk, those of another in memory only. */
static void
make_keys(struct place *p)
{
	OWNED_MEM char *elsewhere = xasprintf("%s/elsewhere", p->dir);
	struct custody_who who;
	p->passphrase = secret_copy("example passphrase", 18);
	assert_int_equal(mkdir(elsewhere, 0700), 0);
	assert_ok(custody_coordinator(&who, "anna", p->passphrase, KDF_INTERACTIVE));
	assert_ok(custody_make(&p->mine, p->dir, &who));
	assert_ok(custody_make(&p->other, elsewhere, &who));
	box_public(p->review_public, p->mine->review[0]);
	assert_ok(custody_stamp(p->stamp, p->dir));
}

static int
make_place(void **state, struct desk_config c)
{
	struct place *p = xcalloc(1, sizeof(*p));
	int start[2];
	if (!own_dir_make(p->dir, sizeof(p->dir), "desk") || pipe(start))
		return -1;
	OWNED_MEM char *run = xasprintf("%s/run", p->dir);
	OWNED_MEM char *path = xasprintf("%s/sync.sock", run);
	assert_int_equal(mkdir(run, 0700), 0);
	p->desk = fork(); /* before any context is made */
	if (p->desk == 0)
		run_desk(p, start[0], c);
	make_keys(p);
	p->context = link_context_new();
	assert_ok(link_serve_ipc(&p->sync, p->context, path));
	assert_int_equal(write(start[1], "g", 1), 1);
	(void)close(start[0]);
	(void)close(start[1]);
	connect_command(p);
	*state = p;
	return 0;
}

/* Times are generous: a busy machine must not make a test of something else fail. */
static int
make_patient(void **state)
{
	return make_place(state, (struct desk_config){.idle_s = 900});
}

static int
make_strict(void **state)
{
	return make_place(state, (struct desk_config){.idle_s = 900, .wait_ms = 1500});
}

static int
make_hasty(void **state)
{
	return make_place(state, (struct desk_config){.idle_s = 4, .wait_ms = 1500});
}

static int
drop_place(void **state)
{
	struct place *p = *state;
	int status = 0;
	(void)kill(p->desk, SIGTERM);
	(void)waitpid(p->desk, &status, 0);
	link_free(p->command);
	link_free(p->sync);
	link_context_free(p->context);
	custody_free(p->mine);
	custody_free(p->other);
	secret_free(p->passphrase);
	int rc = own_dir_drop(p->dir);
	free(p);
	return rc || !WIFEXITED(status) || WEXITSTATUS(status);
}

/* playing the others */

static struct link_message *
wait_for(struct link *l)
{
	struct link_message *m = NULL;
	int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
	while (link_recv(l, &m) == E_BUSY && clock_mono_ms() < until_ms)
		(void)usleep(PAUSE_US);
	assert_non_null(m);
	return m;
}

static void
put_keys(struct buf *frame, const struct place *p, const struct custody *keys)
{
	OWNED_WIPED struct buf packed;
	buf_init(&packed, CUSTODY_PACKED_BYTES);
	custody_pack(keys, &packed);
	buf_blob_text(frame, "anna");
	buf_blob(frame, buf_view(&packed));
	buf_add(frame, p->stamp, sizeof(p->stamp));
}

static void
send_request(struct place *p, enum node_verb verb, const struct custody *keys)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, 4096);
	call_begin(&frame, (uint16_t)verb);
	if (keys) {
		put_keys(&frame, p, keys);
		buf_u8(&frame, 0); /* no number goes without a backup */
	}
	assert_ok(link_send(p->command, view_of(NULL, 0), buf_view(&frame)));
}

static enum err
answer_of(struct place *p)
{
	OWNED(link_message) struct link_message *m = wait_for(p->command);
	struct cursor c;
	return call_read_answer(m->payload, &c);
}

static bool
is_open(struct place *p)
{
	send_request(p, DESK_STATUS, NULL);
	OWNED(link_message) struct link_message *m = wait_for(p->command);
	struct cursor c;
	assert_ok(call_read_answer(m->payload, &c));
	return cursor_u8(&c) == 1;
}

static bool
renews(struct place *p)
{
	send_request(p, DESK_STATUS, NULL);
	OWNED(link_message) struct link_message *m = wait_for(p->command);
	struct cursor c;
	assert_ok(call_read_answer(m->payload, &c));
	(void)cursor_bytes(&c, 5);
	return cursor_u8(&c) == 1;
}

static void
answer_facts(struct place *p)
{
	OWNED(link_message) struct link_message *m = wait_for(p->sync);
	OWNED_BUF struct buf frame;
	struct cursor c;
	uint16_t verb = 0;
	assert_ok(call_read(m->payload, &verb, &c));
	assert_int_equal(verb, SYNC_FACTS);
	buf_init(&frame, 4096);
	call_answer(&frame, OK);
	buf_blob_text(&frame, "example-study");
	buf_u32(&frame, 1);
	buf_add(&frame, p->review_public, BOX_PUBLIC_BYTES); /* as intake key: not looked at */
	buf_u32(&frame, 1);
	buf_add(&frame, p->review_public, BOX_PUBLIC_BYTES);
	assert_ok(link_send(p->sync, m->peer, buf_view(&frame)));
}

/* The next thing sync is asked to keep is this act. */
static struct link_message *
hear_act(struct place *p, const char *action)
{
	struct link_message *m = wait_for(p->sync);
	struct cursor c;
	uint16_t verb = 0;
	assert_ok(call_read(m->payload, &verb, &c));
	assert_int_equal(verb, SYNC_ACT);
	assert_non_null(memmem(m->payload.at, m->payload.len, action, strlen(action)));
	return m;
}

/* It is kept, or refused with code. */
static void
answer_act(struct place *p, const char *action, enum err code)
{
	OWNED(link_message) struct link_message *m = hear_act(p, action);
	OWNED_BUF struct buf frame;
	buf_init(&frame, 4096);
	call_answer(&frame, code ? fail(code, "example refusal") : OK);
	assert_ok(link_send(p->sync, m->peer, buf_view(&frame)));
}

/* The answer to the next question about the review key. */
static void
answer_question(struct place *p, enum node_verb expected, const struct buf *fields)
{
	OWNED(link_message) struct link_message *m = wait_for(p->sync);
	OWNED_BUF struct buf frame;
	struct cursor c;
	uint16_t verb = 0;
	assert_ok(call_read(m->payload, &verb, &c));
	assert_int_equal(verb, expected);
	buf_init(&frame, 4096);
	call_answer(&frame, OK);
	buf_add_view(&frame, buf_view(fields));
	assert_ok(link_send(p->sync, m->peer, buf_view(&frame)));
}

/* Number 1 is in force; all is sealed for `taken` and what was before that is destroyed. */
static void
answer_state(struct place *p, uint32_t taken)
{
	OWNED_BUF struct buf fields;
	buf_init(&fields, 256);
	buf_u32(&fields, 1);
	buf_add(&fields, p->review_public, BOX_PUBLIC_BYTES);
	buf_u32(&fields, taken);
	buf_u32(&fields, taken);
	buf_u32(&fields, 0);
	buf_u32(&fields, 0); /* no box: nothing follows */
	buf_u8(&fields, 0);  /* no key to wrap again */
	buf_u8(&fields, 1);  /* no number waits for a backup */
	answer_question(p, SYNC_REVIEW, &fields);
}

/* Nothing was erased that waits for a new number. */
static void
answer_review(struct place *p)
{
	answer_state(p, 1);
	while (renews(p))
		(void)usleep(PAUSE_US);
}

static void
unlock(struct place *p)
{
	send_request(p, DESK_UNLOCK, p->mine);
	answer_facts(p);
	answer_act(p, "desk-unlocked", OK);
	assert_ok(answer_of(p));
	answer_review(p);
}

static void
starts_locked_and_opens_with_the_review_key_of_the_site_alone(void **state)
{
	struct place *p = *state;
	assert_false(is_open(p));
	send_request(p, DESK_UNLOCK, p->other);
	answer_facts(p);
	assert_err(answer_of(p), E_DENIED);
	assert_false(is_open(p));
	send_request(p, DESK_UNLOCK, NULL);
	assert_err(answer_of(p), E_FORMAT);
	unlock(p);
	assert_true(is_open(p));
}

static void
opens_only_when_the_act_is_kept(void **state)
{
	struct place *p = *state;
	send_request(p, DESK_UNLOCK, p->mine);
	answer_facts(p);
	assert_false(is_open(p));
	answer_act(p, "desk-unlocked", E_FULL);
	assert_err(answer_of(p), E_FULL);
	assert_false(is_open(p));
}

static void
locks_at_once_and_says_so_in_the_log(void **state)
{
	struct place *p = *state;
	unlock(p);
	send_request(p, DESK_LOCK, NULL);
	answer_act(p, "desk-locked", OK);
	assert_ok(answer_of(p));
	assert_false(is_open(p));
}

static void
takes_one_request_at_a_time(void **state)
{
	struct place *p = *state;
	send_request(p, DESK_UNLOCK, p->mine);
	send_request(p, DESK_UNLOCK, p->mine);
	assert_err(answer_of(p), E_BUSY);
	answer_facts(p);
	answer_act(p, "desk-unlocked", OK);
	assert_ok(answer_of(p));
	answer_review(p);
	send_request(p, SYNC_FACTS, NULL);
	assert_err(answer_of(p), E_FORMAT);
}

static void
gives_up_on_a_sync_that_is_silent_and_takes_no_late_answer_for_the_next(void **state)
{
	struct place *p = *state;
	OWNED_BUF struct buf late;
	buf_init(&late, 64);
	send_request(p, DESK_UNLOCK, p->mine);
	OWNED(link_message) struct link_message *m = wait_for(p->sync);
	assert_err(answer_of(p), E_ABSENT);
	assert_false(is_open(p));
	send_request(p, DESK_UNLOCK, p->mine);
	/* The answer to the first question comes now; it must not stand for the act. */
	call_answer(&late, OK);
	enum err sent = link_send(p->sync, m->peer, buf_view(&late));
	assert_true(sent == OK || sent == E_NOTFOUND); /* the old connection is gone, or soon */
	answer_facts(p);
	assert_false(is_open(p));
	answer_act(p, "desk-unlocked", OK);
	assert_ok(answer_of(p));
}

enum { BY_PASSPHRASE = 0, BY_SHEET = 1, BY_STAFF = 2 };

/* Bela's passphrase is the same: what differs is who has a box. */
static void
ask_hand_over(struct place *p, unsigned how)
{
	OWNED_BUF struct buf frame;
	struct desk_change change = {.kind = DESK_HANDED_OVER,
		.whom = "bela",
		.by_sheet = how & BY_SHEET,
		.by_staff = how & BY_STAFF,
		.to = {.count = 1}};
	buf_init(&frame, 16384);
	assert_ok(
		custody_coordinator(&change.to.who[0], "bela", p->passphrase, KDF_INTERACTIVE));
	call_begin(&frame, DESK_CHANGE);
	put_keys(&frame, p, p->mine);
	desk_change_put(&frame, &change);
	assert_ok(link_send(p->command, view_of(NULL, 0), buf_view(&frame)));
	answer_facts(p);
}

/* With what was opened when the place was made. */
static void
ask_for_sheet(struct place *p)
{
	OWNED_BUF struct buf frame;
	struct desk_change change = {
		.kind = DESK_NEW_SHEET, .whom = "sheet", .to = {.count = 1}};
	buf_init(&frame, 16384);
	assert_ok(
		custody_coordinator(&change.to.who[0], "anna", p->passphrase, KDF_INTERACTIVE));
	call_begin(&frame, DESK_CHANGE);
	put_keys(&frame, p, p->mine);
	desk_change_put(&frame, &change);
	assert_ok(link_send(p->command, view_of(NULL, 0), buf_view(&frame)));
}

static bool
opens_for(struct place *p, const char *id)
{
	OWNED(custody) struct custody *k = NULL;
	char opened[CUSTODY_ID_BYTES];
	return custody_open(&k, opened, p->dir, id, p->passphrase) == OK;
}

static void
hands_over_after_the_act_is_kept_and_locks(void **state)
{
	struct place *p = *state;
	unlock(p);
	ask_hand_over(p, BY_PASSPHRASE);
	answer_act(p, "desk-handed-over", E_FULL);
	assert_err(answer_of(p), E_FULL);
	assert_true(opens_for(p, "anna"));
	assert_true(is_open(p));
	ask_hand_over(p, BY_PASSPHRASE);
	answer_act(p, "desk-handed-over", OK);
	assert_ok(answer_of(p));
	assert_false(opens_for(p, "anna"));
	assert_true(opens_for(p, "bela"));
	assert_false(is_open(p));
}

static void
what_is_done_by_the_sheet_is_somebodys_act(void **state)
{
	static const struct {
		unsigned how;
		const char *actor, *reason;
	} rows[] = {
		{BY_PASSPHRASE, "\"anna\",\"role\":\"coordinator\"", "\"bela\""},
		{BY_SHEET, "\"anna\",\"role\":\"coordinator\"",
			"\"bela, by the recovery sheet\""},
		{BY_SHEET | BY_STAFF, "\"anna\",\"role\":\"staff\"",
			"\"bela, by the recovery sheet\""},
	};
	struct place *p = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF struct buf refused;
		buf_init(&refused, 256);
		ask_hand_over(p, rows[i].how);
		OWNED(link_message) struct link_message *m = hear_act(p, rows[i].actor);
		assert_non_null(memmem(
			m->payload.at, m->payload.len, rows[i].reason, strlen(rows[i].reason)));
		call_answer(&refused, E_FULL);
		assert_ok(link_send(p->sync, m->peer, buf_view(&refused)));
		assert_err(answer_of(p), E_FULL);
	}
}

/* Whoever opened the keys before the desk was handed over would bring them back. */
static void
what_was_opened_before_a_change_changes_nothing_after_it(void **state)
{
	struct place *p = *state;
	ask_hand_over(p, BY_PASSPHRASE);
	answer_act(p, "desk-handed-over", OK);
	assert_ok(answer_of(p));
	ask_for_sheet(p);
	assert_err(answer_of(p), E_CONFLICT);
	send_request(p, DESK_UNLOCK, p->mine);
	assert_err(answer_of(p), E_CONFLICT);
	assert_false(opens_for(p, "anna"));
	assert_true(opens_for(p, "bela"));
}

static bool
has_names_key_of(struct place *p, const struct custody *before)
{
	OWNED(custody) struct custody *k = NULL;
	char opened[CUSTODY_ID_BYTES];
	assert_ok(custody_open(&k, opened, p->dir, NULL, p->passphrase));
	return crypto_same(secret_bytes(k->names), secret_bytes(before->names), AEAD_KEY_BYTES);
}

/* The desk is opened and the review key renewed before somebody is erased. */
static void
renew(struct place *p)
{
	OWNED_BUF struct buf none, nothing;
	buf_init(&none, 1);
	buf_init(&nothing, 16);
	buf_u32(&nothing, 0);
	buf_u32(&nothing, 0); /* no row, and no place to go on at */
	send_request(p, DESK_UNLOCK, p->mine);
	answer_facts(p);
	answer_act(p, "desk-unlocked", OK);
	assert_ok(answer_of(p));
	answer_state(p, 0);
	assert_true(has_names_key_of(p, p->mine));
	answer_question(p, SYNC_REVIEW_LIST, &nothing);
	answer_question(p, SYNC_REVIEW_TAKEN, &none);
	assert_false(has_names_key_of(p, p->mine));
	answer_review(p);
	assert_true(is_open(p));
}

/* The name of somebody who is erased may have been removed by hand long before: a copy from
 * when it was there must open no more, either. */
static void
the_names_key_is_renewed_with_the_review_key(void **state)
{
	renew(*state);
}

/* What DESK_STATUS says of the names behind the rest. */
static void
assert_damaged_names(struct place *p, uint32_t count, const char *row)
{
	struct cursor c;
	send_request(p, DESK_STATUS, NULL);
	OWNED(link_message) struct link_message *m = wait_for(p->command);
	assert_ok(call_read_answer(m->payload, &c));
	(void)cursor_bytes(&c, 1 + 4 + 1 + 1 + 4);
	assert_int_equal(cursor_u32(&c), count);
	assert_true(view_same(cursor_blob(&c), view_text(row)));
	assert_ok(cursor_end(&c, "status"));
}

static void
a_damaged_name_is_told_and_keeps_no_renewal_up(void **state)
{
	struct place *p = *state;
	const struct name person = {
		.code = view_text("AAAA-AAAA"), .name = view_text("Example")};
	char row[2 * NAMEBOOK_ROW_SHOWN_BYTES + 1];
	struct namebook *names = NULL;
	assert_ok(namebook_open(&names, p->dir, p->mine->names));
	assert_ok(namebook_put(names, &person));
	names_damage(names, "AAAA-AAAA", row);
	namebook_free(names);
	assert_damaged_names(p, 0, "");
	renew(p);
	assert_damaged_names(p, 1, row);
	send_request(p, DESK_LOCK, NULL);
	answer_act(p, "desk-locked", OK);
	assert_ok(answer_of(p));
	assert_damaged_names(p, 0, "");
}

static void
wait_until_locked(struct place *p)
{
	int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
	while (is_open(p)) {
		assert_true(clock_mono_ms() < until_ms);
		(void)usleep(100000);
	}
}

static void
the_key_goes_when_idle_though_sync_is_silent(void **state)
{
	struct place *p = *state;
	unlock(p);
	assert_true(is_open(p));
	send_request(p, DESK_UNLOCK, p->other); /* waits for facts that do not come */
	OWNED(link_message) struct link_message *m = wait_for(p->sync);
	assert_err(answer_of(p), E_ABSENT);
	wait_until_locked(p);
	answer_act(p, "desk-locked", OK); /* said as soon as somebody hears it */
}

#define TEST(name, make) cmocka_unit_test_setup_teardown(name, make, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(starts_locked_and_opens_with_the_review_key_of_the_site_alone,
			make_patient),
		TEST(opens_only_when_the_act_is_kept, make_patient),
		TEST(locks_at_once_and_says_so_in_the_log, make_patient),
		TEST(takes_one_request_at_a_time, make_patient),
		TEST(hands_over_after_the_act_is_kept_and_locks, make_patient),
		TEST(what_is_done_by_the_sheet_is_somebodys_act, make_patient),
		TEST(what_was_opened_before_a_change_changes_nothing_after_it, make_patient),
		TEST(the_names_key_is_renewed_with_the_review_key, make_patient),
		TEST(a_damaged_name_is_told_and_keeps_no_renewal_up, make_patient),
		TEST(gives_up_on_a_sync_that_is_silent_and_takes_no_late_answer_for_the_next,
			make_strict),
		TEST(the_key_goes_when_idle_though_sync_is_silent, make_hasty),
	};
	assert_int_equal(crypto_init(), OK);
	return cmocka_run_group_tests_name("desk", tests, NULL, NULL);
}
