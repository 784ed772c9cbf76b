#include "tests/unit/suite.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zmq.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/net/link.h"

#define CLIENTS_COUNT   200
#define BATCHES_COUNT   64 /* LANE_FLIGHTS_MAX_COUNT */
#define CREDIT_BYTES    ((size_t)4 * 1024 * 1024)
#define PATIENCE_MS     5000
#define QUIET_MS        300
#define OPTION_ENFORCED 93
#define DOOR_COUNT      10
#define SILENT_COUNT    (2 * DOOR_COUNT)

/* One process: a hub that admits one key, the loop it stands in, and what it saw. */
struct hub {
	struct reactor *reactor;
	struct link_context *context;
	struct secret *key;
	uint8_t public[BOX_PUBLIC_BYTES];
	struct secret *node_key;
	uint8_t node_public[BOX_PUBLIC_BYTES];
	struct link *server;
	bool admit_all;
	size_t connections_max;
	size_t seen, wrong_user;
	char hostile[80];
	int events[4], event_count;
};

static bool
admit(void *arg, const uint8_t client[static BOX_PUBLIC_BYTES])
{
	const struct hub *h = arg;
	return h->admit_all || crypto_same(client, h->node_public, BOX_PUBLIC_BYTES);
}

static void
hostile(void *arg, const char *user, const char *why)
{
	(void)user;
	struct hub *h = arg;
	(void)snprintf(h->hostile, sizeof(h->hostile), "%s", why);
}

/* The client writes its own key as the payload: the user id has to be the same. */
static void
take_message(struct reactor *r, void *arg)
{
	(void)r;
	struct hub *h = arg;
	OWNED(link_message) struct link_message *m = NULL;
	if (link_recv(h->server, &m))
		return;
	h->seen++;
	if (!view_same(view_text(m->user), m->payload))
		h->wrong_user++;
}

static void
note_event(struct reactor *r, void *arg, enum link_event event)
{
	(void)r;
	struct hub *h = arg;
	if (h->event_count < 4)
		h->events[h->event_count++] = (int)event;
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
	box_keypair(h->public, &h->key);
	box_keypair(h->node_public, &h->node_key);
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
	secret_free(h->key);
	secret_free(h->node_key);
	free(h);
	return 0;
}

static void
serve(struct hub *h)
{
	const struct link_server s = {.address = "tcp://127.0.0.1:*",
		.key = h->key,
		.admit = admit,
		.hostile = hostile,
		.arg = h,
		.connections_max = h->connections_max};
	assert_ok(link_serve_curve(&h->server, h->context, &s));
	link_watch(h->server, h->reactor, take_message, h);
}

static void
connect_as(struct hub *h, struct link **ret, struct secret *key)
{
	struct link_client c = {.address = link_address(h->server), .key = key};
	memcpy(c.server, h->public, sizeof(c.server));
	assert_ok(link_connect_curve(ret, h->context, &c));
}

static void
turn_until(struct hub *h, size_t seen, int64_t patience_ms)
{
	int64_t until = clock_mono_ms() + patience_ms;
	while (h->seen < seen && clock_mono_ms() < until)
		assert_ok(reactor_turn(h->reactor, 20));
}

static void
send_when_up(struct hub *h, struct link *l, struct view payload)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	enum err e = E_BUSY;
	while (e == E_BUSY && clock_mono_ms() < until) {
		assert_ok(reactor_turn(h->reactor, 5));
		e = link_send(l, view_of(NULL, 0), payload);
	}
	assert_ok(e);
}

/* A raw client, to do what link never does. */
static void *
raw_curve(struct hub *h, void *ctx)
{
	void *s = zmq_socket(ctx, ZMQ_DEALER);
	int zero = 0;
	(void)zmq_setsockopt(s, ZMQ_LINGER, &zero, sizeof(zero));
	(void)zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, h->public, BOX_PUBLIC_BYTES);
	(void)zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, h->node_public, BOX_PUBLIC_BYTES);
	(void)zmq_setsockopt(
		s, ZMQ_CURVE_SECRETKEY, secret_bytes(h->node_key), BOX_SECRET_BYTES);
	assert_int_equal(zmq_connect(s, link_address(h->server)), 0);
	return s;
}

static void
every_message_carries_the_key_of_its_sender(void **state)
{
	struct hub *h = *state;
	h->admit_all = true;
	serve(h);
	static struct link *clients[CLIENTS_COUNT];
	for (size_t i = 0; i < CLIENTS_COUNT; i++) {
		uint8_t public[BOX_PUBLIC_BYTES];
		OWNED_SECRET struct secret *key = NULL;
		char hex[LINK_USER_TEXT_BYTES];
		box_keypair(public, &key);
		text_hex(hex, public, sizeof(public));
		connect_as(h, &clients[i], key);
		send_when_up(h, clients[i], view_text(hex));
	}
	turn_until(h, CLIENTS_COUNT, PATIENCE_MS);
	assert_int_equal(h->seen, CLIENTS_COUNT);
	assert_int_equal(h->wrong_user, 0);
	for (size_t i = 0; i < CLIENTS_COUNT; i++)
		link_free(clients[i]);
}

/* A slow hub: nobody reads there. What a session may have on its way fits all the same. */
static void
what_the_credit_lets_pass_is_never_refused(void **state)
{
	struct hub *h = *state;
	serve(h);
	OWNED(link) struct link *l = NULL;
	OWNED_MEM uint8_t *batch = xcalloc(CREDIT_BYTES / BATCHES_COUNT, 1);
	connect_as(h, &l, h->node_key);
	send_when_up(h, l, view_text("x"));
	for (size_t i = 0; i < BATCHES_COUNT; i++)
		assert_ok(link_send(
			l, view_of(NULL, 0), view_of(batch, CREDIT_BYTES / BATCHES_COUNT)));
}

static void
an_unknown_key_is_refused_and_told_so(void **state)
{
	struct hub *h = *state;
	serve(h);
	uint8_t public[BOX_PUBLIC_BYTES];
	OWNED_SECRET struct secret *stranger = NULL;
	box_keypair(public, &stranger);
	OWNED(link) struct link *l = NULL;
	connect_as(h, &l, stranger);
	link_watch(l, h->reactor, take_message, h);
	link_on_event(l, note_event, h);
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	while (h->event_count == 0 && clock_mono_ms() < until)
		assert_ok(reactor_turn(h->reactor, 20));
	assert_int_equal(h->event_count, 1);
	assert_int_equal(h->events[0], LINK_REFUSED);
	assert_err(link_send(l, view_of(NULL, 0), view_text("x")), E_BUSY);
	turn_until(h, 1, QUIET_MS);
	assert_int_equal(h->seen, 0);
}

static void
a_known_key_comes_up_and_goes_down_with_the_server(void **state)
{
	struct hub *h = *state;
	serve(h);
	OWNED(link) struct link *l = NULL;
	connect_as(h, &l, h->node_key);
	link_watch(l, h->reactor, take_message, h);
	link_on_event(l, note_event, h);
	send_when_up(h, l, view_text("x"));
	turn_until(h, 1, PATIENCE_MS);
	link_free(take(h->server));
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	while (h->event_count < 2 && clock_mono_ms() < until)
		assert_ok(reactor_turn(h->reactor, 20));
	assert_int_equal(h->event_count, 2);
	assert_int_equal(h->events[0], LINK_UP);
	assert_int_equal(h->events[1], LINK_DOWN);
}

static void
a_server_with_another_key_is_reached_and_proves_nothing(void **state)
{
	struct hub *h = *state;
	serve(h);
	struct link_client c = {.address = link_address(h->server), .key = h->node_key};
	memset(c.server, 9, sizeof(c.server));
	OWNED(link) struct link *l = NULL;
	assert_ok(link_connect_curve(&l, h->context, &c));
	link_watch(l, h->reactor, take_message, h);
	link_on_event(l, note_event, h);
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	while (h->event_count == 0 && clock_mono_ms() < until)
		assert_ok(reactor_turn(h->reactor, 20));
	assert_int_equal(h->events[0], LINK_DOWN);
	assert_true(link_reached(l));
}

static void
a_port_where_nobody_is_goes_down(void **state)
{
	struct hub *h = *state;
	struct link_client c = {.address = "tcp://127.0.0.1:1", .key = h->node_key};
	memcpy(c.server, h->public, sizeof(c.server));
	OWNED(link) struct link *l = NULL;
	assert_ok(link_connect_curve(&l, h->context, &c));
	link_watch(l, h->reactor, take_message, h);
	link_on_event(l, note_event, h);
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	while (h->event_count == 0 && clock_mono_ms() < until)
		assert_ok(reactor_turn(h->reactor, 20));
	assert_int_equal(h->events[0], LINK_DOWN);
	assert_false(link_reached(l));
	assert_err(link_send(l, view_of(NULL, 0), view_text("x")), E_BUSY);
}

/* What link relies on: libzmq 4.3.4 lets everybody in without a handler, unless 93 is set. */
static bool
gets_in_without_a_handler(struct hub *h, int enforced)
{
	void *ctx = zmq_ctx_new();
	void *server = zmq_socket(ctx, ZMQ_ROUTER);
	int on = 1, zero = 0, wait_ms = QUIET_MS;
	assert_int_equal(zmq_setsockopt(server, ZMQ_CURVE_SERVER, &on, sizeof(on)), 0);
	assert_int_equal(
		zmq_setsockopt(server, ZMQ_CURVE_SECRETKEY, secret_bytes(h->key), 32), 0);
	assert_int_equal(zmq_setsockopt(server, ZMQ_ZAP_DOMAIN, "weir", 4), 0);
	assert_int_equal(
		zmq_setsockopt(server, OPTION_ENFORCED, &enforced, sizeof(enforced)), 0);
	(void)zmq_setsockopt(server, ZMQ_LINGER, &zero, sizeof(zero));
	(void)zmq_setsockopt(server, ZMQ_RCVTIMEO, &wait_ms, sizeof(wait_ms));
	assert_int_equal(zmq_bind(server, "tcp://127.0.0.1:*"), 0);
	char address[64];
	size_t len = sizeof(address);
	assert_int_equal(zmq_getsockopt(server, ZMQ_LAST_ENDPOINT, address, &len), 0);
	OWNED(link) struct link *l = NULL;
	struct link_client c = {.address = address, .key = h->node_key};
	memcpy(c.server, h->public, sizeof(c.server));
	assert_ok(link_connect_curve(&l, h->context, &c));
	int64_t until = clock_mono_ms() + QUIET_MS;
	while (link_send(l, view_of(NULL, 0), view_text("x")) && clock_mono_ms() < until)
		(void)usleep(5000);
	char got[64];
	bool in = zmq_recv(server, got, sizeof(got), 0) >= 0;
	(void)zmq_close(server);
	(void)zmq_ctx_term(ctx);
	return in;
}

static void
without_a_zap_handler_only_option_93_keeps_strangers_out(void **state)
{
	struct hub *h = *state;
	assert_true(gets_in_without_a_handler(h, 0));
	assert_false(gets_in_without_a_handler(h, 1));
}

static void
a_message_of_many_frames_is_dropped_whole_and_reported(void **state)
{
	struct hub *h = *state;
	serve(h);
	void *ctx = zmq_ctx_new();
	void *s = raw_curve(h, ctx);
	char hex[LINK_USER_TEXT_BYTES];
	text_hex(hex, h->node_public, BOX_PUBLIC_BYTES);
	for (int i = 0; i < 300; i++)
		assert_int_equal(zmq_send(s, "x", 1, ZMQ_SNDMORE), 1);
	assert_int_equal(zmq_send(s, "x", 1, 0), 1);
	assert_int_equal(zmq_send(s, hex, strlen(hex), 0), (int)strlen(hex));
	turn_until(h, 1, PATIENCE_MS);
	assert_int_equal(h->seen, 1);
	assert_int_equal(h->wrong_user, 0);
	assert_int_equal(link_hostile_count(h->server), 1);
	assert_string_equal(h->hostile, "a message of more or fewer frames than one");
	(void)zmq_close(s);
	(void)zmq_ctx_term(ctx);
}

static void
an_oversize_message_ends_its_connection_unread(void **state)
{
	struct hub *h = *state;
	serve(h);
	void *ctx = zmq_ctx_new();
	void *s = raw_curve(h, ctx);
	OWNED_MEM uint8_t *big = xcalloc(1, LINK_CURVE_MESSAGE_BYTES_MAX + 4096);
	assert_true(zmq_send(s, big, LINK_CURVE_MESSAGE_BYTES_MAX + 4096, 0) > 0);
	turn_until(h, 1, QUIET_MS);
	assert_int_equal(h->seen, 0);
	(void)zmq_close(s);
	OWNED(link) struct link *l = NULL;
	connect_as(h, &l, h->node_key);
	send_when_up(h, l, view_of(big, LINK_CURVE_MESSAGE_BYTES_MAX));
	turn_until(h, 1, PATIENCE_MS);
	assert_int_equal(h->seen, 1);
	assert_err(
		link_send(l, view_of(NULL, 0), view_of(big, LINK_CURVE_MESSAGE_BYTES_MAX + 1)),
		E_FORMAT);
	(void)zmq_ctx_term(ctx);
}

static void
clients_without_curve_are_refused(void **state)
{
	struct hub *h = *state;
	h->admit_all = true;
	serve(h);
	void *ctx = zmq_ctx_new();
	for (int plain = 0; plain < 2; plain++) {
		void *s = zmq_socket(ctx, ZMQ_DEALER);
		int zero = 0;
		(void)zmq_setsockopt(s, ZMQ_LINGER, &zero, sizeof(zero));
		if (plain) {
			(void)zmq_setsockopt(s, ZMQ_PLAIN_USERNAME, "admin", 5);
			(void)zmq_setsockopt(s, ZMQ_PLAIN_PASSWORD, "admin", 5);
		}
		assert_int_equal(zmq_connect(s, link_address(h->server)), 0);
		assert_int_equal(zmq_send(s, "x", 1, 0), 1);
		turn_until(h, 1, QUIET_MS);
		assert_int_equal(h->seen, 0);
		(void)zmq_close(s);
	}
	(void)zmq_ctx_term(ctx);
}

static int
silent_client(const struct hub *h)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	at.sin_port =
		htons((uint16_t)strtoul(strrchr(link_address(h->server), ':') + 1, NULL, 10));
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static bool
is_hung_up(int fd)
{
	char byte;
	ssize_t n;
	/* libzmq greets everybody with some bytes first. */
	while ((n = recv(fd, &byte, 1, MSG_DONTWAIT)) == 1)
		;
	return n == 0 || (n < 0 && errno != EAGAIN);
}

/* Row 33 in small: strangers that connect and say nothing. */
static void
silent_strangers_over_the_cap_are_hung_up_on_and_live_ones_go_on(void **state)
{
	struct hub *h = *state;
	int silent[SILENT_COUNT], in = 0;
	OWNED(link) struct link *live = NULL, *later = NULL;
	h->connections_max = DOOR_COUNT;
	serve(h);
	connect_as(h, &live, h->node_key);
	send_when_up(h, live, view_text("x"));
	turn_until(h, 1, PATIENCE_MS);
	for (size_t i = 0; i < SILENT_COUNT; i++)
		silent[i] = silent_client(h);
	turn_until(h, 2, QUIET_MS);
	for (size_t i = 0; i < SILENT_COUNT; i++)
		in += !is_hung_up(silent[i]);
	assert_int_equal(in, DOOR_COUNT - 1);
	assert_int_equal(link_connection_count(h->server), DOOR_COUNT);
	assert_ok(link_send(live, view_of(NULL, 0), view_text("x")));
	turn_until(h, 2, PATIENCE_MS);
	assert_int_equal(h->seen, 2);
	for (size_t i = 0; i < SILENT_COUNT; i++)
		(void)close(silent[i]);
	turn_until(h, 3, QUIET_MS);
	assert_int_equal(link_connection_count(h->server), 1);
	connect_as(h, &later, h->node_key);
	send_when_up(h, later, view_text("x"));
	turn_until(h, 3, PATIENCE_MS);
	assert_int_equal(h->seen, 3);
	assert_int_equal(link_connection_count(h->server), 2);
}

/* A proxy of one connection by hand: it says what it is told to and goes. */
static void
comes_to_nothing(struct hub *h, const char *answer, size_t len)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);
	int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), fd = -1;
	assert_int_equal(bind(door, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(door, (struct sockaddr *)&at, &size), 0);
	if (answer)
		assert_int_equal(listen(door, 1), 0);
	OWNED_MEM char *proxy = xasprintf("127.0.0.1:%d", ntohs(at.sin_port));
	struct link_client c = {
		.address = "tcp://hub.invalid:7443", .socks = proxy, .key = h->node_key};
	memcpy(c.server, h->public, sizeof(c.server));
	OWNED(link) struct link *l = NULL;
	assert_ok(link_connect_curve(&l, h->context, &c));
	h->event_count = 0;
	link_watch(l, h->reactor, take_message, h);
	link_on_event(l, note_event, h);
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	while (h->event_count == 0 && clock_mono_ms() < until) {
		assert_ok(reactor_turn(h->reactor, 20));
		if (answer && fd < 0 && (fd = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0)
			assert_int_equal(send(fd, answer, len, 0), (int)len);
	}
	assert_int_equal(h->events[0], LINK_DOWN);
	(void)close(fd);
	(void)close(door);
}

/* libzmq's own SOCKS5 would end the process in each of these. */
static void
a_proxy_that_is_away_or_refuses_is_a_link_that_is_down(void **state)
{
	struct hub *h = *state;
	comes_to_nothing(h, NULL, 0);
	comes_to_nothing(h, "\x05\xff", 2);
	comes_to_nothing(h, "\x04\x00", 2);
	comes_to_nothing(h, "\x05\x00\x05\x05\x00\x01\0\0\0\0\0\0", 12);
	comes_to_nothing(h, "\x05\x00\x05\x00\x00\x09\0\0\0\0\0\0", 12);
}

static void
the_back_off_is_random_and_bounded(void **state)
{
	(void)state;
	for (unsigned tries = 0; tries < 64; tries++)
		assert_in_range(link_backoff_ms(tries, 1000, 60000), 0, 60000);
	for (int i = 0; i < 100; i++)
		assert_in_range(link_backoff_ms(0, 1000, 60000), 0, 1000);
	bool differs = false;
	int64_t first = link_backoff_ms(20, 1000, 60000);
	for (int i = 0; i < 20; i++)
		differs = differs || link_backoff_ms(20, 1000, 60000) != first;
	assert_true(differs);
}

static void
a_port_in_use_is_named(void **state)
{
	struct hub *h = *state;
	serve(h);
	OWNED(link_context) struct link_context *other = link_context_new();
	const struct link_server s = {
		.address = link_address(h->server), .key = h->key, .admit = admit, .arg = h};
	OWNED(link) struct link *second = NULL;
	assert_err(link_serve_curve(&second, other, &s), E_CONFLICT);
	assert_non_null(strstr(err_text(), link_address(h->server)));
}

#define HUB_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(every_message_carries_the_key_of_its_sender),
		HUB_TEST(what_the_credit_lets_pass_is_never_refused),
		HUB_TEST(an_unknown_key_is_refused_and_told_so),
		HUB_TEST(a_known_key_comes_up_and_goes_down_with_the_server),
		HUB_TEST(a_server_with_another_key_is_reached_and_proves_nothing),
		HUB_TEST(a_port_where_nobody_is_goes_down),
		HUB_TEST(without_a_zap_handler_only_option_93_keeps_strangers_out),
		HUB_TEST(a_message_of_many_frames_is_dropped_whole_and_reported),
		HUB_TEST(an_oversize_message_ends_its_connection_unread),
		HUB_TEST(clients_without_curve_are_refused),
		HUB_TEST(silent_strangers_over_the_cap_are_hung_up_on_and_live_ones_go_on),
		HUB_TEST(a_proxy_that_is_away_or_refuses_is_a_link_that_is_down),
		HUB_TEST(a_port_in_use_is_named),
		HUB_TEST(the_back_off_is_random_and_bounded),
	};
	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
