#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/net/call.h"

#include "node/sync_answers.h"

#define PATIENCE_MS 20000
#define PAUSE_US    2000

/* A door, somebody who asked at it, and what waits for the commit. */
struct place {
	char dir[32];
	struct link_context *context;
	struct link *door, *asker;
	struct sync_answers *answers;
	struct link_message *asked; /* names the peer */
};

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

static int
make_place(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	if (!own_dir_make(p->dir, sizeof(p->dir), "answers"))
		return 1;
	OWNED_MEM char *path = xasprintf("%s/door.sock", p->dir);
	p->context = link_context_new();
	assert_ok(link_serve_ipc(&p->door, p->context, path));
	assert_ok(link_connect_ipc(&p->asker, p->context, path, "the door"));
	assert_ok(link_send(p->asker, view_of(NULL, 0), view_text("a question")));
	p->asked = wait_for(p->door);
	p->answers = sync_answers_new(p->door);
	*state = p;
	return 0;
}

static int
drop_place(void **state)
{
	struct place *p = *state;
	sync_answers_free(p->answers);
	link_message_free(p->asked);
	link_free(p->asker);
	link_free(p->door);
	link_context_free(p->context);
	int rc = own_dir_drop(p->dir);
	free(p);
	return rc;
}

static void
answer(struct place *p, bool wrote, uint8_t number)
{
	struct sync_answer *a = sync_answers_begin(p->answers, p->asked->peer);
	assert_non_null(a);
	a->wrote = wrote;
	buf_u8(&a->frame, number);
}

/* The next answer: this code, and the number behind OK. */
static void
assert_hears(struct place *p, enum err code, uint8_t number)
{
	struct cursor c;
	OWNED(link_message) struct link_message *m = wait_for(p->asker);
	assert_err(call_read_answer(m->payload, &c), code);
	if (!code)
		assert_int_equal(cursor_u8(&c), number);
}

static void
answers_leave_in_order_and_after_the_commit(void **state)
{
	struct place *p = *state;
	struct link_message *none = NULL;
	for (uint8_t i = 0; i < 9; i++)
		answer(p, i % 2, i);
	assert_err(link_recv(p->asker, &none), E_BUSY);
	sync_answers_send(p->answers, OK);
	for (uint8_t i = 0; i < 9; i++)
		assert_hears(p, OK, i);
	sync_answers_send(p->answers, OK);
	assert_err(link_recv(p->asker, &none), E_BUSY);
}

static void
what_stood_on_a_commit_that_failed_says_so_and_nothing_else_does(void **state)
{
	struct place *p = *state;
	answer(p, false, 1);
	answer(p, true, 2);
	answer(p, true, 3);
	struct sync_answer *refused = sync_answers_begin(p->answers, p->asked->peer);
	refused->wrote = true;
	sync_answers_refuse(refused, fail(E_FORMAT, "example refusal"));
	sync_answers_send(p->answers, fail(E_FULL, "the disk is full"));
	assert_hears(p, OK, 1);
	assert_hears(p, E_FULL, 0);
	assert_hears(p, E_FULL, 0);
	assert_hears(p, E_FORMAT, 0);
}

static void
a_peer_that_has_no_such_name_gets_none(void **state)
{
	static const uint8_t name[SYNC_PEER_MAX_BYTES + 1];
	struct place *p = *state;
	assert_non_null(sync_answers_begin(p->answers, view_of(name, SYNC_PEER_MAX_BYTES)));
	assert_null(sync_answers_begin(p->answers, view_of(name, sizeof(name))));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(answers_leave_in_order_and_after_the_commit),
		CASE(what_stood_on_a_commit_that_failed_says_so_and_nothing_else_does),
		CASE(a_peer_that_has_no_such_name_gets_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
