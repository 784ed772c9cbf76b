#include "common/net/reactor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <zmq.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

/* Something watched: a socket, or else a descriptor. A dropped one has no fn until swept. */
struct watch {
	void *socket;
	int fd;
	unsigned events;
	reactor_fn *fn;
	void *arg;
};

struct timer {
	uint64_t id;
	int64_t due_mono_ms;
	int64_t every_ms;
	reactor_fn *fn; /* NULL: dropped */
	void *arg;
};

struct later {
	reactor_fn *fn;
	void *arg;
};

struct reactor {
	struct watch *watches;
	size_t watch_count, watch_room;
	zmq_pollitem_t *items; /* as many as watches, in their order */
	struct timer *timers;
	size_t timer_count, timer_room;
	uint64_t last_timer;
	struct later *later;
	size_t later_count, later_room;
	reactor_persist_fn *persist;
	void *persist_arg;
	int signal_fd;
	sigset_t old_mask;
	bool more; /* a socket used up its calls: do not sleep */
	bool stopped;
};

/* Room for one more element of `size` bytes. */
static void *
grown(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	*room = *room ? *room * 2 : 8;
	return xrealloc(array, *room, size);
}

static struct watch *
find(struct reactor *r, const void *socket, int fd)
{
	for (size_t i = 0; i < r->watch_count; i++) {
		struct watch *w = &r->watches[i];
		if (w->fn && w->socket == socket && (socket || w->fd == fd))
			return w;
	}
	return NULL;
}

static void
watch(struct reactor *r, struct watch w)
{
	struct watch *known = find(r, w.socket, w.fd);
	if (known) {
		*known = w;
		return;
	}
	size_t room = r->watch_room;
	r->watches = grown(r->watches, r->watch_count, &r->watch_room, sizeof(*r->watches));
	if (room != r->watch_room)
		r->items = xrealloc(r->items, r->watch_room, sizeof(*r->items));
	r->watches[r->watch_count++] = w;
}

static void
signal_came(struct reactor *r, void *arg)
{
	(void)arg;
	struct signalfd_siginfo info;
	if (read(r->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	reactor_stop(r);
}

static void
sweep(struct reactor *r)
{
	size_t kept = 0;
	for (size_t i = 0; i < r->watch_count; i++)
		if (r->watches[i].fn)
			r->watches[kept++] = r->watches[i];
	r->watch_count = kept;
	kept = 0;
	for (size_t i = 0; i < r->timer_count; i++)
		if (r->timers[i].fn)
			r->timers[kept++] = r->timers[i];
	r->timer_count = kept;
}

static short
poll_events(const struct watch *w)
{
	return (short)((w->events & REACTOR_READ ? ZMQ_POLLIN : 0) |
		       (w->events & REACTOR_WRITE ? ZMQ_POLLOUT : 0));
}

static long
time_to_sleep(const struct reactor *r, int64_t most_ms)
{
	if (r->more || r->later_count > 0 || r->stopped)
		return 0;
	int64_t wait_ms = most_ms;
	int64_t now = clock_mono_ms();
	for (size_t i = 0; i < r->timer_count; i++) {
		int64_t left = MAX(r->timers[i].due_mono_ms - now, 0);
		if (wait_ms < 0 || left < wait_ms)
			wait_ms = left;
	}
	return (long)wait_ms;
}

/* zmq_poll looks at the state of every socket before it sleeps, so the edge of a socket's
 * descriptor that a send inside a handler used up is not lost. */
static enum err
wait_for_something(struct reactor *r, int64_t most_ms)
{
	for (size_t i = 0; i < r->watch_count; i++) {
		const struct watch *w = &r->watches[i];
		r->items[i] = (zmq_pollitem_t){w->socket, w->fd, poll_events(w), 0};
	}
	int n = zmq_poll(r->items, (int)r->watch_count, time_to_sleep(r, most_ms));
	if (n >= 0)
		return OK;
	if (errno != EINTR)
		return fail(E_IO, "waiting for sockets failed: %s", zmq_strerror(errno));
	for (size_t i = 0; i < r->watch_count; i++)
		r->items[i].revents = 0;
	return OK;
}

static bool
socket_is_readable(void *socket)
{
	int events = 0;
	size_t len = sizeof(events);
	return zmq_getsockopt(socket, ZMQ_EVENTS, &events, &len) == 0 && (events & ZMQ_POLLIN);
}

/* A handler may drop this watch or grow the table, so it is looked at anew after each call. */
static void
serve_socket(struct reactor *r, size_t i)
{
	void *socket = r->watches[i].socket;
	for (int calls = 0; calls < REACTOR_TURN_CALLS_COUNT; calls++) {
		struct watch w = r->watches[i];
		if (!w.fn || !socket_is_readable(socket))
			return;
		w.fn(r, w.arg);
	}
	r->more = true;
}

static void
serve(struct reactor *r)
{
	r->more = false;
	size_t count = r->watch_count;
	for (size_t i = 0; i < count; i++) {
		struct watch w = r->watches[i];
		if (!w.fn || r->items[i].revents == 0)
			continue;
		if (w.socket)
			serve_socket(r, i);
		else
			w.fn(r, w.arg);
	}
}

static void
serve_timers(struct reactor *r)
{
	int64_t now = clock_mono_ms();
	size_t count = r->timer_count;
	for (size_t i = 0; i < count; i++) {
		struct timer t = r->timers[i];
		if (!t.fn || t.due_mono_ms > now)
			continue;
		if (t.every_ms > 0)
			r->timers[i].due_mono_ms = MAX(t.due_mono_ms + t.every_ms, now + 1);
		else
			r->timers[i].fn = NULL;
		t.fn(r, t.arg);
	}
}

static void
run_later(struct reactor *r)
{
	OWNED_MEM struct later *now = r->later;
	size_t count = r->later_count;
	r->later = NULL;
	r->later_count = r->later_room = 0;
	for (size_t i = 0; i < count; i++)
		now[i].fn(r, now[i].arg);
}

enum err
reactor_open(struct reactor **ret)
{
	*ret = NULL;
	OWNED(reactor) struct reactor *r = xcalloc(1, sizeof(*r));
	sigset_t stop;
	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTERM);
	(void)sigaddset(&stop, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &stop, &r->old_mask);
	(void)signal(SIGPIPE, SIG_IGN);
	r->signal_fd = signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC);
	if (r->signal_fd < 0)
		return fail(E_IO, "signals cannot be watched: %s", strerror(errno));
	reactor_fd(r, r->signal_fd, REACTOR_READ, signal_came, NULL);
	*ret = take(r);
	return OK;
}

void
reactor_free(struct reactor *r)
{
	if (!r)
		return;
	/* A second SIGTERM that came meanwhile is used up, or unblocking would die of it. */
	struct signalfd_siginfo info;
	while (r->signal_fd >= 0 && read(r->signal_fd, &info, sizeof(info)) > 0)
		continue;
	if (r->signal_fd >= 0)
		(void)close(r->signal_fd);
	(void)sigprocmask(SIG_SETMASK, &r->old_mask, NULL);
	free(r->watches);
	free(r->items);
	free(r->timers);
	free(r->later);
	free(r);
}

void
reactor_socket(struct reactor *r, void *socket, reactor_fn *fn, void *arg)
{
	watch(r, (struct watch){.socket = socket,
			 .fd = -1,
			 .events = REACTOR_READ,
			 .fn = fn,
			 .arg = arg});
}

void
reactor_socket_drop(struct reactor *r, void *socket)
{
	struct watch *w = find(r, socket, -1);
	if (w)
		w->fn = NULL;
}

void
reactor_fd(struct reactor *r, int fd, unsigned events, reactor_fn *fn, void *arg)
{
	watch(r, (struct watch){.fd = fd, .events = events, .fn = fn, .arg = arg});
}

void
reactor_fd_drop(struct reactor *r, int fd)
{
	struct watch *w = find(r, NULL, fd);
	if (w)
		w->fn = NULL;
}

uint64_t
reactor_timer(struct reactor *r, int64_t delay_ms, int64_t every_ms, reactor_fn *fn, void *arg)
{
	r->timers = grown(r->timers, r->timer_count, &r->timer_room, sizeof(*r->timers));
	r->timers[r->timer_count++] = (struct timer){.id = ++r->last_timer,
		.due_mono_ms = clock_mono_ms() + delay_ms,
		.every_ms = every_ms,
		.fn = fn,
		.arg = arg};
	return r->last_timer;
}

void
reactor_timer_drop(struct reactor *r, uint64_t timer)
{
	for (size_t i = 0; i < r->timer_count; i++)
		if (r->timers[i].id == timer)
			r->timers[i].fn = NULL;
}

void
reactor_after(struct reactor *r, reactor_fn *fn, void *arg)
{
	r->later = grown(r->later, r->later_count, &r->later_room, sizeof(*r->later));
	r->later[r->later_count++] = (struct later){fn, arg};
}

void
reactor_before_sleep(struct reactor *r, reactor_persist_fn *fn, void *arg)
{
	r->persist = fn;
	r->persist_arg = arg;
}

enum err
reactor_turn(struct reactor *r, int64_t wait_ms)
{
	sweep(r);
	enum err e = wait_for_something(r, wait_ms);
	if (e)
		return e;
	serve(r);
	serve_timers(r);
	if (r->persist)
		e = r->persist(r, r->persist_arg);
	if (!e)
		run_later(r);
	return e;
}

enum err
reactor_run(struct reactor *r)
{
	enum err e = OK;
	while (!e && !r->stopped)
		e = reactor_turn(r, -1);
	return e;
}

void
reactor_stop(struct reactor *r)
{
	r->stopped = true;
}

bool
reactor_stopped(const struct reactor *r)
{
	return r->stopped;
}
