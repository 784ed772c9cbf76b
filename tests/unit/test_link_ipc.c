#include "tests/unit/own_dir.h"
#include "tests/unit/suite.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/net/link.h"

#define PATIENCE_MS 5000

/* A server on a path of its own, the loop it stands in, and what it saw. */
struct hub {
	struct reactor *reactor;
	struct link_context *context;
	struct link *server;
	size_t seen;
	size_t most_per_turn, in_turn;
	char dir[32];
};

static void
take_message(struct reactor *r, void *arg)
{
	(void)r;
	struct hub *h = arg;
	OWNED(link_message) struct link_message *m = NULL;
	h->in_turn++;
	if (link_recv(h->server, &m) == OK)
		h->seen++;
}

static enum err
end_of_turn(struct reactor *r, void *arg)
{
	(void)r;
	struct hub *h = arg;
	h->most_per_turn = MAX(h->most_per_turn, h->in_turn);
	h->in_turn = 0;
	return OK;
}

static int
setup(void **state)
{
	/* A failed test leaves sockets open, and then their context waits for ever. */
	(void)alarm(30);
	assert_ok(crypto_init());
	struct hub *h = xcalloc(1, sizeof(*h));
	assert_ok(reactor_open(&h->reactor));
	h->context = link_context_new();
	assert_true(own_dir_make(h->dir, sizeof(h->dir), "link"));
	*state = h;
	return 0;
}

static int
teardown(void **state)
{
	struct hub *h = *state;
	link_free(h->server);
	link_context_free(h->context);
	reactor_free(h->reactor);
	OWNED_MEM char *clean = xasprintf("rm -r %s", h->dir);
	int rc = system(clean);
	free(h);
	return rc;
}

static void
turn_until(struct hub *h, size_t seen, int64_t patience_ms)
{
	int64_t until = clock_mono_ms() + patience_ms;
	while (h->seen < seen && clock_mono_ms() < until)
		assert_ok(reactor_turn(h->reactor, 20));
}

static void
one_peer_gets_at_most_its_calls_per_turn(void **state)
{
	struct hub *h = *state;
	OWNED_MEM char *path = xasprintf("%s/t.sock", h->dir);
	assert_ok(link_serve_ipc(&h->server, h->context, path));
	link_watch(h->server, h->reactor, take_message, h);
	reactor_before_sleep(h->reactor, end_of_turn, h);
	OWNED(link) struct link *l = NULL;
	assert_ok(link_connect_ipc(&l, h->context, path, "weir-test run"));
	size_t sent = 0;
	for (int tries = 0; sent < 100 && tries < 1000; tries++) {
		if (link_send(l, view_of(NULL, 0), view_of(NULL, 0)) == OK)
			sent++;
		else
			(void)usleep(1000);
	}
	assert_int_equal(sent, 100);
	(void)usleep(50000);
	turn_until(h, sent, PATIENCE_MS);
	assert_int_equal(h->seen, sent);
	assert_in_range(h->most_per_turn, 2, REACTOR_TURN_CALLS_COUNT);
}

static void
a_full_queue_is_busy_and_a_gone_peer_is_not_found(void **state)
{
	struct hub *h = *state;
	OWNED_MEM char *path = xasprintf("%s/t.sock", h->dir);
	assert_ok(link_serve_ipc(&h->server, h->context, path));
	struct link *l = NULL;
	assert_ok(link_connect_ipc(&l, h->context, path, "weir-test run"));
	OWNED_MEM uint8_t *block = xcalloc(1, 65536);
	enum err e = OK;
	size_t sent = 0;
	while (!e && sent < 10000) {
		e = link_send(l, view_of(NULL, 0), view_of(block, 65536));
		sent += !e;
	}
	assert_err(e, E_BUSY);
	OWNED(link_message) struct link_message *m = NULL;
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	while (link_recv(h->server, &m) == E_BUSY && clock_mono_ms() < until)
		(void)usleep(1000);
	assert_non_null(m);
	assert_string_equal(m->user, "");
	e = OK;
	for (sent = 0; !e && sent < 10000; sent++)
		e = link_send(h->server, m->peer, view_of(block, 65536));
	assert_err(e, E_BUSY);
	link_free(l);
	until = clock_mono_ms() + PATIENCE_MS;
	/* The end of a peer is seen behind all that it sent. */
	while (e != E_NOTFOUND && clock_mono_ms() < until) {
		OWNED(link_message) struct link_message *waiting = NULL;
		if (link_recv(h->server, &waiting) != OK)
			(void)usleep(1000);
		e = link_send(h->server, m->peer, view_text("x"));
	}
	assert_err(e, E_NOTFOUND);
	assert_err(link_send(h->server, view_text("nobody"), view_text("x")), E_NOTFOUND);
}

static void
a_second_server_on_the_same_path_is_refused(void **state)
{
	struct hub *h = *state;
	OWNED_MEM char *path = xasprintf("%s/ledger.sock", h->dir);
	assert_ok(link_serve_ipc(&h->server, h->context, path));
	OWNED(link_context) struct link_context *other = link_context_new();
	OWNED(link) struct link *second = NULL;
	assert_err(link_serve_ipc(&second, other, path), E_CONFLICT);
	assert_non_null(strstr(err_text(), "ledger is already running"));
	link_free(take(h->server));
	link_context_free(take(h->context));
	assert_ok(link_serve_ipc(&second, other, path));
}

static void
an_old_socket_is_replaced_and_other_files_are_not(void **state)
{
	struct hub *h = *state;
	OWNED_MEM char *path = xasprintf("%s/t.sock", h->dir);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	(void)close(fd);
	assert_ok(link_serve_ipc(&h->server, h->context, path));
	OWNED_MEM char *file = xasprintf("%s/file", h->dir);
	assert_ok(text_write_file(file, view_text("kept"), 0600));
	OWNED(link) struct link *none = NULL;
	assert_err(link_serve_ipc(&none, h->context, file), E_CONFLICT);
	assert_int_equal(access(file, F_OK), 0);
}

/* What libzmq tells of a socket while it is closed has no reader, and must not be leaked. */
static void
events_of_a_closing_socket_leave_nothing_behind(void **state)
{
	struct hub *h = *state;
	OWNED_MEM char *path = xasprintf("%s/t.sock", h->dir);
	for (int i = 0; i < 1000; i++) {
		OWNED(link_context) struct link_context *own = link_context_new();
		struct link *server = NULL, *client = NULL;
		assert_ok(link_serve_ipc(&server, own, path));
		assert_ok(link_connect_ipc(&client, own, path, "weir-test run"));
		link_free(server);
		link_free(client);
	}
}

static void
paths_that_cannot_work_are_refused_in_words(void **state)
{
	struct hub *h = *state;
	OWNED(link) struct link *none = NULL;
	char path[LINK_PATH_BYTES_MAX + 2];
	memset(path, 'x', sizeof(path));
	memcpy(path, "/tmp/", 5);
	path[LINK_PATH_BYTES_MAX + 1] = 0;
	assert_err(link_serve_ipc(&none, h->context, path), E_FORMAT);
	assert_err(link_connect_ipc(&none, h->context, path, "weir-test run"), E_FORMAT);
	assert_int_equal(chmod(h->dir, 0755), 0);
	OWNED_MEM char *open = xasprintf("%s/t.sock", h->dir);
	assert_err(link_serve_ipc(&none, h->context, open), E_DENIED);
}

static void
nobody_listening_is_said_at_once_with_what_to_start(void **state)
{
	struct hub *h = *state;
	OWNED_MEM char *path = xasprintf("%s/t.sock", h->dir);
	OWNED(link) struct link *none = NULL;
	int64_t begin = clock_mono_ms();
	assert_err(link_connect_ipc(&none, h->context, path, "weir-test run"), E_ABSENT);
	assert_non_null(strstr(err_text(), "start `weir-test run`"));
	assert_true(clock_mono_ms() - begin < 500);
}

static void
echo(struct reactor *r, void *arg)
{
	struct hub *h = arg;
	OWNED(link_message) struct link_message *m = NULL;
	if (link_recv(h->server, &m))
		return;
	if (view_same(m->payload, view_text("die")))
		_exit(0);
	if (view_same(m->payload, view_text("stop")))
		reactor_stop(r);
	if (!view_same(m->payload, view_text("silence")))
		(void)!link_send(h->server, m->peer, m->payload);
}

/* A server in a process of its own; the parent has made no context yet. */
static pid_t
echo_server(struct hub *h, const char *path)
{
	int up[2];
	char c;
	assert_int_equal(pipe(up), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)alarm(20);
		if (link_serve_ipc(&h->server, h->context, path) || write(up[1], "u", 1) != 1)
			_exit(1);
		link_watch(h->server, h->reactor, echo, h);
		(void)!reactor_run(h->reactor);
		link_free(h->server);
		link_context_free(h->context);
		_exit(0);
	}
	(void)close(up[1]);
	assert_int_equal(read(up[0], &c, 1), 1);
	(void)close(up[0]);
	return pid;
}

static void
a_call_is_answered_or_says_why_not(void **state)
{
	struct hub *h = *state;
	OWNED_MEM char *path = xasprintf("%s/t.sock", h->dir);
	pid_t pid = echo_server(h, path);
	OWNED(link_context) struct link_context *own = link_context_new();
	OWNED(link) struct link *l = NULL;
	assert_ok(link_connect_ipc(&l, own, path, "weir-test run"));
	struct link_message *m = NULL;
	for (int i = 0; i < 20; i++) {
		assert_ok(link_call(l, view_text("hello"), PATIENCE_MS, &m));
		assert_true(view_same(m->payload, view_text("hello")));
		link_message_free(take(m));
	}
	assert_err(link_call(l, view_text("silence"), 50, &m), E_BUSY);
	assert_ok(link_call(l, view_text("again"), PATIENCE_MS, &m));
	assert_true(view_same(m->payload, view_text("again")));
	link_message_free(take(m));
	int64_t begin = clock_mono_ms();
	assert_err(link_call(l, view_text("die"), PATIENCE_MS, &m), E_ABSENT);
	assert_true(clock_mono_ms() - begin < PATIENCE_MS / 2);
	assert_err(link_call(l, view_text("hello"), PATIENCE_MS, &m), E_ABSENT);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	pid = echo_server(h, path);
	assert_ok(link_call(l, view_text("stop"), PATIENCE_MS, &m));
	link_message_free(take(m));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	pid = echo_server(h, path);
	assert_ok(link_call(l, view_text("stop"), PATIENCE_MS, &m));
	link_message_free(take(m));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

#define HUB_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	/* The first one forks, so it comes before this process has a context. */
	const struct CMUnitTest tests[] = {
		HUB_TEST(a_call_is_answered_or_says_why_not),
		HUB_TEST(one_peer_gets_at_most_its_calls_per_turn),
		HUB_TEST(a_full_queue_is_busy_and_a_gone_peer_is_not_found),
		HUB_TEST(a_second_server_on_the_same_path_is_refused),
		HUB_TEST(an_old_socket_is_replaced_and_other_files_are_not),
		HUB_TEST(events_of_a_closing_socket_leave_nothing_behind),
		HUB_TEST(paths_that_cannot_work_are_refused_in_words),
		HUB_TEST(nobody_listening_is_said_at_once_with_what_to_start),
	};
	return cmocka_run_group_tests_name("link_ipc", tests, NULL, NULL);
}
