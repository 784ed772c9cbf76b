#include "common/net/http_inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"

#define TICK_MS          1000
#define ROUNDS_MAX_COUNT 16 /* of libmicrohttpd in one turn */
#define BACKLOG_COUNT    256
#define ADDRESS_BYTES    64
#define PORT_MAX         65535

/* slow peers */

void
http_place_enter(struct http_place *p, enum http_phase phase)
{
	p->phase = phase;
	p->since_mono_ms = clock_mono_ms();
}

static int64_t
time_allowed_ms(const struct http_place *p)
{
	switch (p->phase) {
	case HTTP_PHASE_HEAD:
		return HTTP_HEAD_MAX_MS;
	case HTTP_PHASE_BODY:
		return HTTP_BODY_GRACE_MS +
		       (int64_t)(p->body_bytes * 1000 / HTTP_SLOWEST_BYTES_S);
	case HTTP_PHASE_SEND:
		return HTTP_SEND_MAX_MS;
	case HTTP_PHASE_WAIT:
		break;
	}
	return INT64_MAX;
}

/* libmicrohttpd has no call to end a connection: it notices that the socket is shut. */
static void
cut_slow_ones(struct http *h)
{
	int64_t now_mono_ms = clock_mono_ms();
	for (struct http_place *p = h->places; p; p = p->next)
		if (now_mono_ms - p->since_mono_ms > time_allowed_ms(p))
			(void)shutdown(p->fd, SHUT_RDWR);
}

static void
place_free(struct http_place *p)
{
	if (p->before)
		p->before->next = p->next;
	else
		p->http->places = p->next;
	if (p->next)
		p->next->before = p->before;
	p->http->place_count--;
	free(p);
}

static void
on_connection(void *arg, struct MHD_Connection *connection, void **place,
	enum MHD_ConnectionNotificationCode what)
{
	struct http *h = arg;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*place)
			place_free(*place);
		*place = NULL;
		return;
	}
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct http_place *p = xcalloc(1, sizeof(*p));
	p->http = h;
	p->fd = info ? info->connect_fd : -1;
	p->next = h->places;
	if (p->next)
		p->next->before = p;
	h->places = p;
	h->place_count++;
	http_place_enter(p, HTTP_PHASE_HEAD);
	*place = p;
}

/* requests */

static enum MHD_Result
send_answer(struct http_exchange *x)
{
	if (x->place)
		http_place_enter(x->place, HTTP_PHASE_SEND);
	return MHD_queue_response(x->connection, x->status, x->response);
}

/* A client that asks first whether it may send is told at once; so is one that would send more
 * than can be dropped. */
static bool
is_in_a_hurry(const struct http_exchange *x)
{
	return x->response && (http_header(x, MHD_HTTP_HEADER_EXPECT) ||
				      http_announced_bytes(x) > HTTP_DRAIN_MAX_BYTES);
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *connection, const char *path, const char *method,
	const char *version, const char *data, size_t *data_len, void **exchange)
{
	struct http_exchange *x = *exchange;
	(void)version;
	if (!x) {
		*exchange = x = http_exchange_begin(arg, connection, path, method);
		return is_in_a_hurry(x) ? send_answer(x) : MHD_YES;
	}
	if (*data_len > 0) {
		struct view piece = view_of(data, *data_len);
		*data_len = 0;
		return http_exchange_piece(x, piece) ? MHD_YES : MHD_NO;
	}
	http_exchange_serve(x);
	if (x->response)
		return send_answer(x);
	if (x->place)
		http_place_enter(x->place, HTTP_PHASE_WAIT);
	x->suspended = true;
	MHD_suspend_connection(connection);
	return MHD_YES;
}

static void
on_completed(void *arg, struct MHD_Connection *connection, void **exchange,
	enum MHD_RequestTerminationCode how)
{
	struct http_exchange *x = *exchange;
	(void)arg;
	(void)connection;
	(void)how;
	if (x && x->place)
		http_place_enter(x->place, HTTP_PHASE_HEAD);
	http_exchange_free(x);
	*exchange = NULL;
}

/* Percent signs are decoded by us, segment by segment: a %2F must not end one. */
static size_t
leave_as_it_is(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg;
	(void)connection;
	return strlen(text);
}

/* the loop */

/* Its epoll is edge-triggered: what it has not finished, only its own timeout tells. */
static void
run_daemon(struct reactor *r, void *arg)
{
	struct http *h = arg;
	MHD_UNSIGNED_LONG_LONG wait_ms = 0;
	h->due = false;
	for (int i = 0; i < ROUNDS_MAX_COUNT; i++) {
		(void)MHD_run(h->daemon);
		if (MHD_get_timeout(h->daemon, &wait_ms) != MHD_YES || wait_ms > 0)
			return;
	}
	(void)r;
	http_run_soon(h);
}

void
http_run_soon(struct http *h)
{
	if (!h->due && !h->ending)
		reactor_after(h->reactor, run_daemon, h);
	h->due = true;
}

static void
on_tick(struct reactor *r, void *arg)
{
	cut_slow_ones(arg);
	run_daemon(r, arg);
}

/* the address */

/* "127.0.0.1:8095" or "[::1]:8095" as a socket address of the loopback. */
static enum err
read_address(const char *text, struct sockaddr_storage *ret, socklen_t *ret_len)
{
	char host[ADDRESS_BYTES];
	int64_t port = 0;
	const char *colon = strrchr(text, ':');
	struct sockaddr_in *four = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;
	memset(ret, 0, sizeof(*ret));
	if (!colon || colon == text || (size_t)(colon - text) >= sizeof(host) ||
		!text_int(view_text(colon + 1), &port) || port < 0 || port > PORT_MAX)
		return fail(E_FORMAT, "an address to listen at has the form 127.0.0.1:8095");
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	if (strcmp(host, "[::1]") == 0) {
		*six = (struct sockaddr_in6){.sin6_family = AF_INET6,
			.sin6_port = htons((uint16_t)port),
			.sin6_addr = IN6ADDR_LOOPBACK_INIT};
		*ret_len = sizeof(*six);
		return OK;
	}
	*four = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	*ret_len = sizeof(*four);
	if (inet_pton(AF_INET, host, &four->sin_addr) != 1 ||
		ntohl(four->sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
		return fail(E_FORMAT, "a door listens on a loopback address only (127.0.0.1 or "
				      "[::1]); a proxy stands in front of it");
	return OK;
}

static enum err
listen_at(struct http *h, const char *text)
{
	struct sockaddr_storage address;
	socklen_t len = 0;
	int yes = 1;
	enum err e = read_address(text, &address, &len);
	if (e)
		return e;
	h->listener = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (h->listener < 0)
		return fail(E_IO, "%s cannot be listened at: %m", text);
	(void)setsockopt(h->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(h->listener, (struct sockaddr *)&address, len) ||
		listen(h->listener, BACKLOG_COUNT))
		return fail(errno == EADDRINUSE ? E_CONFLICT : E_IO,
			"%s cannot be listened at: %m", text);
	if (getsockname(h->listener, (struct sockaddr *)&address, &len))
		return fail(E_IO, "%s cannot be listened at: %m", text);
	h->port = ntohs(address.ss_family == AF_INET6
				? ((struct sockaddr_in6 *)&address)->sin6_port
				: ((struct sockaddr_in *)&address)->sin_port);
	return OK;
}

/* make, free */

static enum err
start_daemon(struct http *h)
{
	const union MHD_DaemonInfo *info;
	h->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		on_request, h, MHD_OPTION_LISTEN_SOCKET, h->listener,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX_COUNT,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, HTTP_HEAD_MAX_BYTES,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_MAX_S,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, h, MHD_OPTION_UNESCAPE_CALLBACK, leave_as_it_is, NULL,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (!h->daemon)
		return fail(E_IO, "the HTTP server cannot start");
	h->listener = -1; /* it closes it now */
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info)
		return fail(E_IO, "the HTTP server has no descriptor to watch");
	h->fd = info->epoll_fd;
	return OK;
}

enum err
http_open(struct http **ret, struct reactor *r, const struct http_setup *setup)
{
	OWNED(http) struct http *h = xcalloc(1, sizeof(*h));
	*ret = NULL;
	h->setup = *setup;
	h->reactor = r;
	h->fd = h->listener = -1;
	enum err e = listen_at(h, setup->listen);
	if (!e)
		e = start_daemon(h);
	if (e)
		return e;
	reactor_fd(r, h->fd, REACTOR_READ, run_daemon, h);
	h->tick = reactor_timer(r, TICK_MS, TICK_MS, on_tick, h);
	*ret = take(h);
	return OK;
}

static void
answer_those_that_wait(struct http *h)
{
	for (struct http_exchange *x = h->exchanges; x; x = x->next)
		if (x->suspended)
			http_refuse(x, MHD_HTTP_SERVICE_UNAVAILABLE, HTTP_ENDING);
	for (int i = 0; i < ROUNDS_MAX_COUNT; i++)
		(void)MHD_run(h->daemon);
}

void
http_free(struct http *h)
{
	if (!h)
		return;
	h->ending = true;
	if (h->fd >= 0)
		reactor_fd_drop(h->reactor, h->fd);
	reactor_timer_drop(h->reactor, h->tick);
	if (h->daemon) {
		answer_those_that_wait(h);
		MHD_stop_daemon(h->daemon);
	}
	if (h->listener >= 0)
		(void)close(h->listener);
	free(h);
}

uint16_t
http_port(const struct http *h)
{
	return h->port;
}

size_t
http_connection_count(const struct http *h)
{
	return h->place_count;
}
