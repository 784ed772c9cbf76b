#include "common/net/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "common/base/mem.h"
#include "common/net/link_socket.h"

#define HOSTILE_PER_CALL_COUNT_MAX 64

/* The message first, so that freeing it frees the whole; then where its bytes lie. */
struct held {
	struct link_message message;
	zmq_msg_t peer;
	zmq_msg_t payload;
};

static void
zap_ready(struct reactor *r, void *arg)
{
	(void)r;
	link_zap_serve(arg);
}

static void
monitor_ready(struct reactor *r, void *arg)
{
	struct link *l = arg;
	if (l->serves) {
		link_door_serve(l);
		return;
	}
	enum link_event event = LINK_DOWN;
	if (link_monitor_read(l, &event) && l->on_event)
		l->on_event(r, l->event_arg, event);
}

static void
refuse(struct link *l, const char *user, const char *why)
{
	l->hostile_count++;
	if (l->hostile)
		l->hostile(l->server_arg, user, why);
}

/* The user id is asked of the payload frame: after a poll libzmq 4.3.4 has prefetched the
 * frame with the routing id, and that one has lost its metadata. */
static const char *
user_of(const struct link *l, zmq_msg_t *payload)
{
	if (!l->serves || !l->curve)
		return "";
	const char *user = zmq_msg_gets(payload, "User-Id");
	return user && strlen(user) == LINK_USER_TEXT_BYTES - 1 ? user : NULL;
}

static struct link_message *
hold(struct link *l, zmq_msg_t *frames, const char *user)
{
	struct held *h = xcalloc(1, sizeof(*h));
	(void)zmq_msg_init(&h->peer);
	(void)zmq_msg_init(&h->payload);
	if (l->serves)
		(void)zmq_msg_move(&h->peer, &frames[0]);
	memcpy(h->message.user, user, strlen(user) + 1);
	(void)zmq_msg_move(&h->payload, &frames[l->serves ? 1 : 0]);
	h->message.peer = view_of(zmq_msg_data(&h->peer), zmq_msg_size(&h->peer));
	h->message.payload = view_of(zmq_msg_data(&h->payload), zmq_msg_size(&h->payload));
	return &h->message;
}

/* One message, if it is a good one. gives how many frames it had; 0: none waits. */
static size_t
recv_one(struct link *l, struct link_message **ret)
{
	zmq_msg_t frames[2];
	size_t want = l->serves ? 2 : 1;
	size_t count = link_frames_read(l->socket, frames, want);
	if (count == 0)
		return 0;
	size_t kept = MIN(count, want);
	const char *user = user_of(l, &frames[kept - 1]);
	if (!user)
		refuse(l, "", "a message without a user id");
	else if (count != want)
		refuse(l, user, "a message of more or fewer frames than one");
	else if (zmq_msg_size(&frames[want - 1]) > l->bytes_max)
		refuse(l, user, "a message over the size limit");
	else
		*ret = hold(l, frames, user);
	for (size_t i = 0; i < kept; i++)
		(void)zmq_msg_close(&frames[i]);
	return count;
}

static enum err
send_frame(struct link *l, struct view v, int flags)
{
	if (zmq_send(l->socket, v.at, v.len, flags | ZMQ_DONTWAIT) >= 0)
		return OK;
	switch (errno) {
	case EAGAIN:
		return fail(E_BUSY, "the queue to the other side is full");
	case EHOSTUNREACH:
		return fail(E_NOTFOUND, "the peer is gone");
	default:
		return fail(E_IO, "sending failed: %s", zmq_strerror(errno));
	}
}

void
link_free(struct link *l)
{
	if (!l)
		return;
	link_close(l);
	relay_free(l->relay);
	free(l->address);
	free(l->path);
	free(l->starts);
	free(l);
}

void
link_message_free(struct link_message *m)
{
	if (!m)
		return;
	struct held *h = (struct held *)m;
	(void)zmq_msg_close(&h->peer);
	(void)zmq_msg_close(&h->payload);
	free(h);
}

void
link_watch(struct link *l, struct reactor *r, reactor_fn *on_message, void *arg)
{
	l->reactor = r;
	reactor_socket(r, l->socket, on_message, arg);
	if (l->zap)
		reactor_socket(r, l->zap, zap_ready, l);
	if (l->monitor)
		reactor_socket(r, l->monitor, monitor_ready, l);
	if (l->relay)
		relay_watch(l->relay, r);
}

void
link_on_event(struct link *l, link_event_fn *on_event, void *arg)
{
	l->on_event = on_event;
	l->event_arg = arg;
}

enum err
link_send(struct link *l, struct view peer, struct view payload)
{
	if (!l->socket)
		return fail(E_ABSENT, "the connection was given up");
	if (l->starts && !l->up)
		return fail(E_BUSY, "the program at %s is not there now", l->path);
	if (payload.len > l->bytes_max)
		return fail(E_FORMAT, "a message of %zu bytes is over the limit of %zu",
			payload.len, l->bytes_max);
	enum err e = OK;
	if (l->serves)
		e = send_frame(l, peer, ZMQ_SNDMORE);
	if (!e)
		e = send_frame(l, payload, 0);
	return e;
}

enum err
link_recv(struct link *l, struct link_message **ret)
{
	*ret = NULL;
	if (!l->socket)
		return fail(E_ABSENT, "the connection was given up");
	for (int i = 0; i < HOSTILE_PER_CALL_COUNT_MAX; i++)
		if (recv_one(l, ret) == 0 || *ret)
			break;
	return *ret ? OK : fail(E_BUSY, "no message is waiting");
}

const char *
link_address(const struct link *l)
{
	return l->address;
}

size_t
link_connection_count(const struct link *l)
{
	return l->connection_count;
}

uint64_t
link_hostile_count(const struct link *l)
{
	return l->hostile_count;
}
