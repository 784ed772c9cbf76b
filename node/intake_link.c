#include "node/intake_link.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/net/call.h"
#include "common/net/link.h"

#define AGAIN_FIRST_MS 100
#define AGAIN_MAX_MS   3000
#define TICK_MS        500

struct open_question {
	intake_reply_fn *reply;
	void *arg;
	int64_t asked_mono_ms;
};

struct intake_link {
	struct reactor *reactor;
	struct link_context *context;
	struct link *link; /* NULL: not there now */
	char *path;
	reactor_fn *up;
	void *arg;
	struct open_question *open; /* a ring of INTAKE_OPEN_MAX_COUNT */
	size_t first, count;
	uint64_t again, tick; /* timers */
	unsigned tries;
};

static void on_again(struct reactor *r, void *arg);

/* ends */

static struct open_question
oldest(struct intake_link *l)
{
	struct open_question q = l->open[l->first];
	l->first = (l->first + 1) % INTAKE_OPEN_MAX_COUNT;
	l->count--;
	return q;
}

/* A reply may ask anew, which is refused as long as there is no link. */
static void
answer_all(struct intake_link *l, const char *why)
{
	struct cursor none = cursor_of(view_of(NULL, 0));
	for (size_t left = l->count; left > 0; left--) {
		struct open_question q = oldest(l);
		enum err e = fail(E_ABSENT, "%s", why);
		if (q.reply)
			q.reply(q.arg, e, &none);
	}
}

static void
come_back(struct intake_link *l)
{
	reactor_timer_drop(l->reactor, l->again);
	l->again = reactor_timer(l->reactor,
		link_backoff_ms(l->tries, AGAIN_FIRST_MS, AGAIN_MAX_MS), 0, on_again, l);
	l->tries++;
}

static void
end(struct intake_link *l, const char *why)
{
	if (!l->link)
		return;
	log_warn("intake", "%s", why);
	link_free(take(l->link));
	answer_all(l, why);
	come_back(l);
}

/* messages */

static void
on_message(struct reactor *r, void *arg)
{
	struct intake_link *l = arg;
	struct cursor fields = cursor_of(view_of(NULL, 0));
	OWNED(link_message) struct link_message *m = NULL;
	(void)r;
	if (!l->link || link_recv(l->link, &m))
		return;
	if (l->count == 0) {
		end(l, "sync answered what nobody had asked");
		return;
	}
	struct open_question q = oldest(l);
	enum err e = call_read_answer(m->payload, &fields);
	if (q.reply)
		q.reply(q.arg, e, &fields);
}

static void
on_event(struct reactor *r, void *arg, enum link_event event)
{
	(void)r;
	if (event != LINK_UP)
		end(arg, "sync has gone");
}

static void
on_tick(struct reactor *r, void *arg)
{
	struct intake_link *l = arg;
	(void)r;
	if (l->count > 0 && clock_mono_ms() - l->open[l->first].asked_mono_ms > INTAKE_WAIT_MS)
		end(l, "sync did not answer in time");
}

/* An address where nobody listens is known at once; one that is served shakes hands in its own
 * thread, so this does not wait. */
static void
on_again(struct reactor *r, void *arg)
{
	struct intake_link *l = arg;
	l->again = 0;
	if (l->link)
		return;
	if (link_connect_ipc(&l->link, l->context, l->path, "weir-node run")) {
		come_back(l);
		return;
	}
	l->tries = 0;
	link_watch(l->link, r, on_message, l);
	link_on_event(l->link, on_event, l);
	l->up(r, l->arg);
}

/* make, free */

struct intake_link *
intake_link_new(struct reactor *r, const char *path, reactor_fn *up, void *arg)
{
	struct intake_link *l = xcalloc(1, sizeof(*l));
	l->reactor = r;
	l->context = link_context_new();
	l->path = xstrdup(path);
	l->up = up;
	l->arg = arg;
	l->open = xcalloc(INTAKE_OPEN_MAX_COUNT, sizeof(*l->open));
	l->tick = reactor_timer(r, TICK_MS, TICK_MS, on_tick, l);
	return l;
}

void
intake_link_free(struct intake_link *l)
{
	if (!l)
		return;
	link_free(take(l->link));
	answer_all(l, "intake ends just now");
	reactor_timer_drop(l->reactor, l->again);
	reactor_timer_drop(l->reactor, l->tick);
	link_context_free(l->context);
	free(l->open);
	free(l->path);
	free(l);
}

void
intake_link_start(struct intake_link *l)
{
	on_again(l->reactor, l);
}

bool
intake_link_is_up(const struct intake_link *l)
{
	return l->link != NULL;
}

size_t
intake_link_open_count(const struct intake_link *l)
{
	return l->count;
}

void
intake_link_cut(struct intake_link *l, const char *why)
{
	end(l, why);
}

/* use */

static enum err
send_question(struct intake_link *l, const struct intake_question *q)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, CALL_MAX_BYTES);
	call_begin(&frame, (uint16_t)q->verb);
	buf_add_view(&frame, q->fields);
	enum err e = buf_check(&frame, "question to sync");
	return e ? e : link_send(l->link, view_of(NULL, 0), buf_view(&frame));
}

enum err
intake_link_ask(struct intake_link *l, const struct intake_question *q)
{
	if (!intake_link_is_up(l))
		return fail(E_ABSENT, "sync is not running");
	if (l->count == INTAKE_OPEN_MAX_COUNT)
		return fail(E_BUSY, "too many questions to sync are open");
	enum err e = send_question(l, q);
	if (e)
		return e;
	l->open[(l->first + l->count++) % INTAKE_OPEN_MAX_COUNT] =
		(struct open_question){q->reply, q->arg, clock_mono_ms()};
	return OK;
}
