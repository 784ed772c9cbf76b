#include "common/net/link_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "common/base/mem.h"

#define MONITOR_NAME_BYTES 48
#define EVENT_BYTES        6 /* u16 event and u32 value in the byte order of the machine */

struct link_context {
	void *zmq;
	uint64_t monitors; /* how many were named so far */
	int *locks;
	size_t lock_count;
};

struct link_context *
link_context_new(void)
{
	return xcalloc(1, sizeof(struct link_context));
}

/* The locks go last: until zmq_ctx_term() is back its thread may still unlink socket files. */
void
link_context_free(struct link_context *c)
{
	if (!c)
		return;
	while (c->zmq && zmq_ctx_term(c->zmq) != 0 && errno == EINTR)
		continue;
	for (size_t i = 0; i < c->lock_count; i++)
		(void)close(c->locks[i]);
	free(c->locks);
	free(c);
}

void
link_context_keep(struct link_context *c, int fd)
{
	c->locks = xrealloc(c->locks, c->lock_count + 1, sizeof(*c->locks));
	c->locks[c->lock_count++] = fd;
}

enum err
link_set(void *socket, const struct link_option *options)
{
	for (const struct link_option *o = options; o->option; o++)
		if (zmq_setsockopt(socket, o->option, &o->value, sizeof(o->value)) != 0)
			return fail(E_IO, "libzmq refuses option %d: %s", o->option,
				zmq_strerror(errno));
	return OK;
}

enum err
link_set_bytes(void *socket, int option, const void *at, size_t len)
{
	if (zmq_setsockopt(socket, option, at, len) != 0)
		return fail(E_IO, "libzmq refuses option %d: %s", option, zmq_strerror(errno));
	return OK;
}

enum err
link_socket_open(void **ret, struct link_context *c, int type)
{
	*ret = NULL;
	if (!c->zmq)
		c->zmq = zmq_ctx_new();
	void *socket = c->zmq ? zmq_socket(c->zmq, type) : NULL;
	if (!socket)
		return fail(E_IO, "a socket cannot be made: %s", zmq_strerror(errno));
	*ret = socket;
	return OK;
}

enum err
link_monitor(struct link *l, int events)
{
	char name[MONITOR_NAME_BYTES];
	(void)snprintf(name, sizeof(name), "inproc://link-monitor-%llu",
		(unsigned long long)++l->context->monitors);
	if (zmq_socket_monitor(l->socket, name, events) != 0)
		return fail(E_IO, "a socket cannot be watched: %s", zmq_strerror(errno));
	enum err e = link_socket_open(&l->monitor, l->context, ZMQ_PAIR);
	if (e)
		return e;
	const struct link_option options[] = {{ZMQ_LINGER, 0}, {ZMQ_RCVHWM, 0}, {0, 0}};
	e = link_set(l->monitor, options);
	if (!e && zmq_connect(l->monitor, name) != 0)
		e = fail(E_IO, "a socket cannot be watched: %s", zmq_strerror(errno));
	return e;
}

static enum link_event
event_of(uint16_t number)
{
	if (number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
		return LINK_UP;
	return number == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH ? LINK_REFUSED : LINK_DOWN;
}

bool
link_monitor_read(struct link *l, enum link_event *ret)
{
	while (l->monitor && !l->ended) {
		zmq_msg_t frames[2];
		size_t count = link_frames_read(l->monitor, frames, 2);
		if (count == 0)
			return false;
		uint16_t number = 0;
		if (zmq_msg_size(&frames[0]) >= EVENT_BYTES)
			memcpy(&number, zmq_msg_data(&frames[0]), sizeof(number));
		for (size_t i = 0; i < MIN(count, 2); i++)
			(void)zmq_msg_close(&frames[i]);
		enum link_event event = event_of(number);
		bool was_up = l->up;
		l->up = event == LINK_UP;
		l->ended = l->curve && !l->up;
		l->reached = number != ZMQ_EVENT_CLOSED;
		if (was_up != l->up || l->ended) {
			*ret = event;
			return true;
		}
	}
	return false;
}

bool
link_reached(const struct link *l)
{
	return l->reached && !l->relay;
}

/* libzmq 4.3.4 leaks an event that it cannot hand over: it is told to stop before the reading
 * end goes. */
void
link_close(struct link *l)
{
	if (l->monitor && l->socket)
		(void)zmq_socket_monitor(l->socket, NULL, 0);
	void **sockets[] = {&l->socket, &l->zap, &l->monitor};
	for (size_t i = 0; i < ARRAY_LEN(sockets); i++) {
		if (!*sockets[i])
			continue;
		if (l->reactor)
			reactor_socket_drop(l->reactor, *sockets[i]);
		(void)zmq_close(*sockets[i]);
		*sockets[i] = NULL;
	}
	l->up = false;
}

size_t
link_frames_read(void *socket, void *frames, size_t max)
{
	zmq_msg_t *at = frames;
	size_t count = 0;
	for (bool more = true; more; count++) {
		zmq_msg_t spare;
		zmq_msg_t *frame = count < max ? &at[count] : &spare;
		(void)zmq_msg_init(frame);
		if (zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0) {
			(void)zmq_msg_close(frame);
			return count;
		}
		more = zmq_msg_more(frame);
		if (frame == &spare)
			(void)zmq_msg_close(frame);
	}
	return count;
}
