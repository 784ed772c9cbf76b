#include "common/net/link_socket.h"

#include <errno.h>
#include <string.h>

#include <zmq.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define ZAP_ADDRESS "inproc://zeromq.zap.01" /* ZeroMQ RFC 27 */
#define ZAP_DOMAIN  "weir"
/* The library of Debian 12 knows the option, its header does not. */
#define OPTION_ZAP_ENFORCE_DOMAIN 93
#define CURVE_EXTRA_BYTES         64 /* CURVE adds 33 bytes to a payload */
/* A handshake is five ways through the link, one after the other (ZeroMQ RFC 23 and 26): with 2
 * s each it takes ten. */
#define HANDSHAKE_MS           15000
#define HEARTBEAT_MS           15000
#define HEARTBEAT_TIMEOUT_MS   45000
#define HEARTBEAT_TTL_MS       60000
#define CONNECT_TIMEOUT_MS     10000
#define TCP_MAXRT_MS           60000
#define NODE_SNDBUF_BYTES      65536
#define HUB_RCV_MESSAGES_COUNT 4
#define HUB_SND_MESSAGES_COUNT 16
/* The session's credit bounds what is on the way, in bytes and in batches (64 of them). libzmq
 * hears of what was read by half queues only: twice the batches and some, so that a batch which
 * the credit lets pass is never refused and the session with it given up. */
#define NODE_SND_MESSAGES_COUNT 160
#define HUB_BACKLOG_COUNT       1024
#define BACKOFF_SHIFT_MAX       20

/* A ZAP question as a ROUTER reads it (RFC 27), and how many frames it has. */
enum zap_frame {
	ZAP_PEER,
	ZAP_EMPTY,
	ZAP_VERSION,
	ZAP_REQUEST,
	ZAP_DOMAIN_NAME,
	ZAP_FROM,
	ZAP_IDENTITY,
	ZAP_MECHANISM,
	ZAP_KEY,
	ZAP_FRAMES_COUNT,
};

static const struct link_option server_options[] = {
	{ZMQ_CURVE_SERVER, 1},
	{OPTION_ZAP_ENFORCE_DOMAIN, 1},
	{ZMQ_ROUTER_MANDATORY, 1},
	{ZMQ_RCVHWM, HUB_RCV_MESSAGES_COUNT},
	{ZMQ_SNDHWM, HUB_SND_MESSAGES_COUNT},
	{ZMQ_LINGER, 0},
	{ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
	{ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS},
	{ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
	{ZMQ_HEARTBEAT_TTL, HEARTBEAT_TTL_MS},
	{ZMQ_BACKLOG, HUB_BACKLOG_COUNT},
	{ZMQ_IPV6, 1},
	{ZMQ_TCP_KEEPALIVE, 1},
	{0, 0},
};

/* RECONNECT_IVL -1: libzmq never connects again by itself. */
static const struct link_option client_options[] = {
	{ZMQ_IMMEDIATE, 1},
	{ZMQ_RECONNECT_IVL, -1},
	{ZMQ_CONNECT_TIMEOUT, CONNECT_TIMEOUT_MS},
	{ZMQ_TCP_MAXRT, TCP_MAXRT_MS},
	{ZMQ_SNDBUF, NODE_SNDBUF_BYTES},
	{ZMQ_SNDHWM, NODE_SND_MESSAGES_COUNT},
	{ZMQ_LINGER, 0},
	{ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
	{ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS},
	{ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
	{ZMQ_HEARTBEAT_TTL, HEARTBEAT_TTL_MS},
	{ZMQ_IPV6, 1},
	{ZMQ_TCP_KEEPALIVE, 1},
	{0, 0},
};

static struct view
frame_view(zmq_msg_t *frame)
{
	return view_of(zmq_msg_data(frame), zmq_msg_size(frame));
}

static bool
frame_is(zmq_msg_t *frame, const char *text)
{
	return view_same(frame_view(frame), view_text(text));
}

static bool
admits(struct link *l, zmq_msg_t *frames, size_t count)
{
	return count == ZAP_FRAMES_COUNT && frame_is(&frames[ZAP_VERSION], "1.0") &&
	       frame_is(&frames[ZAP_DOMAIN_NAME], ZAP_DOMAIN) &&
	       frame_is(&frames[ZAP_MECHANISM], "CURVE") &&
	       zmq_msg_size(&frames[ZAP_KEY]) == BOX_PUBLIC_BYTES &&
	       l->admit(l->server_arg, zmq_msg_data(&frames[ZAP_KEY]));
}

/* An answer that cannot be sent is not sent: the handshake then ends by its own time limit. */
static void
zap_answer(struct link *l, zmq_msg_t *frames, bool admitted)
{
	char user[LINK_USER_TEXT_BYTES] = "";
	if (admitted)
		text_hex(user, zmq_msg_data(&frames[ZAP_KEY]), BOX_PUBLIC_BYTES);
	const struct view answer[] = {
		frame_view(&frames[ZAP_PEER]),
		view_text(""),
		view_text("1.0"),
		frame_view(&frames[ZAP_REQUEST]),
		view_text(admitted ? "200" : "400"),
		view_text(admitted ? "OK" : "key not admitted"),
		view_text(user),
		view_text(""),
	};
	for (size_t i = 0; i < ARRAY_LEN(answer); i++) {
		int more = i + 1 < ARRAY_LEN(answer) ? ZMQ_SNDMORE : 0;
		if (zmq_send(l->zap, answer[i].at, answer[i].len, more | ZMQ_DONTWAIT) < 0)
			return;
	}
}

void
link_zap_serve(struct link *l)
{
	zmq_msg_t frames[ZAP_FRAMES_COUNT];
	size_t count = link_frames_read(l->zap, frames, ZAP_FRAMES_COUNT);
	if (count > ZAP_REQUEST)
		zap_answer(l, frames, admits(l, frames, count));
	for (size_t i = 0; i < MIN(count, ZAP_FRAMES_COUNT); i++)
		(void)zmq_msg_close(&frames[i]);
}

/* Ask our own handler, the way libzmq will, to let a client without a key in: it has to
 * answer no. Without a handler libzmq 4.3.4 lets everybody in. */
static enum err
zap_test(struct link *l, void *asker)
{
	static const char *const question[] = {"1.0", "test", ZAP_DOMAIN, "", "", "NULL"};
	if (zmq_connect(asker, ZAP_ADDRESS) != 0)
		return fail(E_IO, "admission cannot be tested: %s", zmq_strerror(errno));
	for (size_t i = 0; i < ARRAY_LEN(question); i++) {
		int more = i + 1 < ARRAY_LEN(question) ? ZMQ_SNDMORE : 0;
		if (zmq_send(asker, question[i], strlen(question[i]), more | ZMQ_DONTWAIT) < 0)
			return fail(
				E_IO, "admission cannot be tested: %s", zmq_strerror(errno));
	}
	link_zap_serve(l);
	zmq_msg_t frames[3];
	size_t count = link_frames_read(asker, frames, ARRAY_LEN(frames));
	bool refused = count > 2 && frame_is(&frames[1], "test") && frame_is(&frames[2], "400");
	for (size_t i = 0; i < MIN(count, ARRAY_LEN(frames)); i++)
		(void)zmq_msg_close(&frames[i]);
	return refused ? OK
		       : fail(E_IO, "admission does not work: a client without a key got in");
}

static enum err
zap_open(struct link *l)
{
	static const struct link_option options[] = {{ZMQ_LINGER, 0}, {0, 0}};
	void *asker = NULL;
	enum err e = link_socket_open(&l->zap, l->context, ZMQ_ROUTER);
	if (!e)
		e = link_set(l->zap, options);
	if (!e && zmq_bind(l->zap, ZAP_ADDRESS) != 0)
		e = fail(E_CONFLICT, "this process serves CURVE already");
	if (!e)
		e = link_socket_open(&asker, l->context, ZMQ_REQ);
	if (!e)
		e = link_set(asker, options);
	if (!e)
		e = zap_test(l, asker);
	if (asker)
		(void)zmq_close(asker);
	return e;
}

static enum err
set_options(struct link *l, const struct link_option *options, struct secret *key)
{
	const int64_t frame_bytes_max = LINK_CURVE_MESSAGE_BYTES_MAX + CURVE_EXTRA_BYTES;
	if (secret_len(key) != BOX_SECRET_BYTES)
		return fail(E_FORMAT, "the transport key has %zu bytes", secret_len(key));
	enum err e = link_set(l->socket, options);
	if (!e)
		e = link_set_bytes(
			l->socket, ZMQ_MAXMSGSIZE, &frame_bytes_max, sizeof(frame_bytes_max));
	if (!e)
		e = link_set_bytes(
			l->socket, ZMQ_CURVE_SECRETKEY, secret_bytes(key), BOX_SECRET_BYTES);
	return e;
}

/* Set and asked back: a library that does not know the option must not serve. */
static enum err
check_enforced(void *socket)
{
	int enforced = 0;
	size_t len = sizeof(enforced);
	if (zmq_getsockopt(socket, OPTION_ZAP_ENFORCE_DOMAIN, &enforced, &len) != 0 ||
		enforced != 1)
		return fail(
			E_IO, "this libzmq cannot be told to refuse clients without admission");
	return OK;
}

static enum err
bind_at(struct link *l, const char *address)
{
	if (zmq_bind(l->socket, address) == 0) {
		char bound[256] = "";
		size_t len = sizeof(bound);
		(void)zmq_getsockopt(l->socket, ZMQ_LAST_ENDPOINT, bound, &len);
		l->address = xstrdup(bound);
		return OK;
	}
	switch (errno) {
	case EADDRINUSE:
		return fail(E_CONFLICT, "%s is in use by another program", address);
	case EINVAL:
	case EPROTONOSUPPORT:
	case ENODEV:
		return fail(E_FORMAT, "%s is not an address of this machine", address);
	default:
		return fail(E_IO, "%s cannot be served: %s", address, zmq_strerror(errno));
	}
}

enum err
link_serve_curve(struct link **ret, struct link_context *c, const struct link_server *s)
{
	*ret = NULL;
	OWNED(link) struct link *l = xcalloc(1, sizeof(*l));
	l->context = c;
	l->serves = l->curve = true;
	l->bytes_max = LINK_CURVE_MESSAGE_BYTES_MAX;
	l->admit = s->admit;
	l->hostile = s->hostile;
	l->server_arg = s->arg;
	l->connections_max = s->connections_max;
	enum err e = zap_open(l);
	if (!e)
		e = link_socket_open(&l->socket, c, ZMQ_ROUTER);
	if (!e)
		e = set_options(l, server_options, s->key);
	if (!e)
		e = link_set_bytes(l->socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen(ZAP_DOMAIN));
	if (!e)
		e = check_enforced(l->socket);
	if (!e && l->connections_max)
		e = link_monitor(l, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED);
	if (!e)
		e = bind_at(l, s->address);
	if (!e)
		*ret = take(l);
	return e;
}

static enum err
set_client(struct link *l, const struct link_client *s)
{
	enum err e = set_options(l, client_options, s->key);
	if (e)
		return e;
	uint8_t public[BOX_PUBLIC_BYTES];
	box_public(public, s->key);
	e = link_set_bytes(l->socket, ZMQ_CURVE_PUBLICKEY, public, sizeof(public));
	if (!e)
		e = link_set_bytes(
			l->socket, ZMQ_CURVE_SERVERKEY, s->server, sizeof(s->server));
	if (!e && s->socks)
		e = relay_open(&l->relay, s->socks, s->address, s->names);
	return e;
}

enum err
link_connect_curve(struct link **ret, struct link_context *c, const struct link_client *s)
{
	*ret = NULL;
	OWNED(link) struct link *l = xcalloc(1, sizeof(*l));
	l->context = c;
	l->curve = true;
	l->bytes_max = LINK_CURVE_MESSAGE_BYTES_MAX;
	l->address = xstrdup(s->address);
	enum err e = link_socket_open(&l->socket, c, ZMQ_DEALER);
	if (!e)
		e = set_client(l, s);
	if (!e)
		e = link_monitor(l, ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
					    ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
					    ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
					    ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
					    ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED);
	const char *way = l->relay ? relay_address(l->relay) : s->address;
	if (!e && zmq_connect(l->socket, way) != 0)
		e = fail(E_FORMAT, "%s cannot be connected to: %s", s->address,
			zmq_strerror(errno));
	if (!e)
		*ret = take(l);
	return e;
}

int64_t
link_backoff_ms(unsigned tries, int64_t base_ms, int64_t max_ms)
{
	int64_t most = base_ms << MIN(tries, BACKOFF_SHIFT_MAX);
	most = MIN(most, max_ms);
	uint64_t random = 0;
	crypto_random(&random, sizeof(random));
	return (int64_t)(random % (uint64_t)(most + 1));
}
