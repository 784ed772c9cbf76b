#include "hub/web_errand.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/net/call.h"
#include "common/sync/bundle.h"

#include "hub/ipc.h"

#define SILENCE_MAX_MS   60000
#define PAUSE_MS         200 /* until a checkpoint that is awaited is asked for again */
#define BUSY_MAX_COUNT   150
#define CHECK_TURN_BYTES ((size_t)4 << 20) /* 12 ms */
#define FRAME_COST_BYTES ((size_t)1024)    /* a small one takes as long as so much more */
#define FIELDS_MAX_BYTES (BUNDLE_BOX_MAX_BYTES + BUNDLE_HEAD_MAX_BYTES + 1024)
#define ASK_ANSWER       1

struct web_errand {
	struct web_errand_setup setup;
	struct link *link;
	int fd;
	struct bundle_reader reader;
	struct bundle_claim claim;
	uint16_t asked; /* the verb that is open */
	bool begins;    /* the answer's first piece */
	bool ended;
	unsigned busy_count;
	uint64_t pause; /* timer: the check goes on, or the answer is asked for again */
	int64_t asked_ms;
	struct buf reply;
};

static void
end(struct web_errand *w, enum err e)
{
	if (w->ended)
		return;
	w->ended = true;
	w->setup.done(w->setup.arg, e, e ? view_of(NULL, 0) : buf_view(&w->reply));
}

/* asking */

static enum err
ask(struct web_errand *w, enum hub_verb verb, struct view fields)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, FIELDS_MAX_BYTES);
	call_begin(&frame, (uint16_t)verb);
	buf_add_view(&frame, fields);
	w->asked = (uint16_t)verb;
	w->asked_ms = clock_mono_ms();
	enum err e = buf_check(&frame, "frame of a bundle");
	return e ? e : link_send(w->link, view_of(NULL, 0), buf_view(&frame));
}

static enum err
ask_open(struct web_errand *w)
{
	OWNED_BUF struct buf claim, fields;
	buf_init(&claim, FIELDS_MAX_BYTES);
	buf_init(&fields, FIELDS_MAX_BYTES);
	bundle_claim_write(&claim, &w->claim);
	buf_blob(&fields, buf_view(&claim));
	return ask(w, LEDGER_BUNDLE_OPEN, buf_view(&fields));
}

/* The next frame of the file, or the end of it. */
static enum err
ask_give(struct web_errand *w)
{
	OWNED_BUF struct buf fields;
	enum bundle_kind kind;
	struct view box;
	buf_init(&fields, FIELDS_MAX_BYTES);
	enum err e = bundle_next(&w->reader, &kind, &box);
	if (e)
		return e;
	if (kind == BUNDLE_END)
		return ask(w, LEDGER_BUNDLE_CLOSE, view_of(NULL, 0));
	buf_u8(&fields, (uint8_t)kind);
	buf_blob(&fields, box);
	return ask(w, LEDGER_BUNDLE_GIVE, buf_view(&fields));
}

static enum err
ask_take(struct web_errand *w)
{
	const uint8_t begin[] = {1, ASK_ANSWER}, go_on[] = {0};
	return ask(w, LEDGER_BUNDLE_TAKE,
		w->begins ? view_of(begin, sizeof(begin)) : view_of(go_on, sizeof(go_on)));
}

/* answers */

static void
on_pause(struct reactor *r, void *arg)
{
	struct web_errand *w = arg;
	(void)r;
	w->pause = 0;
	enum err e = ask_take(w);
	if (e)
		end(w, e);
}

static enum err
on_piece(struct web_errand *w, struct cursor *c)
{
	uint8_t more = cursor_u8(c);
	buf_add_view(&w->reply, cursor_blob(c));
	(void)cursor_blob(c);
	enum err e = cursor_end(c, "piece of a bundle");
	if (!e)
		e = buf_check(&w->reply, "answer to a bundle");
	if (e)
		return e;
	w->begins = false;
	if (more)
		return ask_take(w);
	end(w, OK);
	return OK;
}

static enum err
go_on(struct web_errand *w, struct cursor *c)
{
	if (w->asked == LEDGER_BUNDLE_OPEN || w->asked == LEDGER_BUNDLE_GIVE)
		return ask_give(w);
	if (w->asked == LEDGER_BUNDLE_TAKE)
		return on_piece(w, c);
	w->begins = true;
	return ask_take(w);
}

static void
on_message(struct reactor *r, void *arg)
{
	struct web_errand *w = arg;
	OWNED(link_message) struct link_message *m = NULL;
	struct cursor c;
	if (link_recv(w->link, &m) || w->ended)
		return;
	enum err e = call_read_answer(m->payload, &c);
	if (e == E_BUSY && w->asked == LEDGER_BUNDLE_TAKE && w->busy_count++ < BUSY_MAX_COUNT) {
		w->asked_ms = clock_mono_ms();
		w->pause = reactor_timer(r, PAUSE_MS, 0, on_pause, w);
		return;
	}
	if (!e)
		e = go_on(w, &c);
	if (e)
		end(w, e);
}

static void
on_event(struct reactor *r, void *arg, enum link_event event)
{
	struct web_errand *w = arg;
	(void)r;
	if (event != LINK_UP)
		end(w, fail(E_ABSENT, "the hub is busy: try again"));
}

void
web_errand_tick(struct web_errand *w)
{
	if (clock_mono_ms() - w->asked_ms > SILENCE_MAX_MS)
		end(w, fail(E_ABSENT, "the hub is busy: try again"));
}

/* checking */

static enum err
read_some(void *arg, uint8_t *to, size_t len, size_t *ret_len)
{
	const int *fd = arg;
	*ret_len = 0;
	while (*ret_len < len) {
		ssize_t n = read(*fd, to + *ret_len, len - *ret_len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(E_IO, "what was uploaded cannot be read");
		if (n == 0)
			break;
		*ret_len += (size_t)n;
	}
	return OK;
}

/* It holds: from its beginning once more, to the ledger now. */
static enum err
hand_on(struct web_errand *w)
{
	w->claim = w->reader.claim;
	bundle_done(&w->reader);
	if (w->claim.head.way != BUNDLE_TO_HUB)
		return fail(E_DENIED, "this bundle is for a node, not for the hub");
	if (lseek(w->fd, 0, SEEK_SET) != 0)
		return fail(E_IO, "what was uploaded cannot be read");
	enum err e = bundle_open(&w->reader, read_some, &w->fd);
	if (!e && link_connect_ipc(&w->link, w->setup.context, w->setup.socket, "weir-hub run"))
		e = fail(E_ABSENT, "the hub is busy: try again");
	if (e)
		return e;
	link_watch(w->link, w->setup.reactor, on_message, w);
	link_on_event(w->link, on_event, w);
	return ask_open(w);
}

static enum err
check_some(struct web_errand *w, bool *ret_ended)
{
	enum bundle_kind kind = BUNDLE_STATE;
	struct view box;
	size_t seen = 0;
	enum err e = w->reader.read ? OK : bundle_open(&w->reader, read_some, &w->fd);
	while (!e && kind != BUNDLE_END && seen < CHECK_TURN_BYTES) {
		e = bundle_next(&w->reader, &kind, &box);
		seen += box.len + FRAME_COST_BYTES;
	}
	*ret_ended = !e && kind == BUNDLE_END;
	/* Strangers are told what is wrong, not where it lies. */
	if (e == E_AUTH)
		return fail(e, "the bundle was changed since it was written");
	return e == E_FORMAT ? fail(e, "this is no whole bundle of weir") : e;
}

static void
on_check(struct reactor *r, void *arg)
{
	struct web_errand *w = arg;
	bool ended = false;
	w->pause = 0;
	w->asked_ms = clock_mono_ms();
	enum err e = check_some(w, &ended);
	if (!e && ended)
		e = hand_on(w);
	if (e)
		end(w, e);
	else if (!ended)
		w->pause = reactor_timer(r, 0, 0, on_check, w);
}

/* make, free */

enum err
web_errand_begin(struct web_errand **ret, const struct web_errand_setup *setup)
{
	OWNED(web_errand) struct web_errand *w = xcalloc(1, sizeof(*w));
	struct stat s;
	*ret = NULL;
	w->setup = *setup;
	w->asked_ms = clock_mono_ms();
	buf_init(&w->reply, ERRAND_REPLY_MAX_BYTES);
	w->fd = open(setup->file, O_RDONLY | O_CLOEXEC);
	if (w->fd < 0 || fstat(w->fd, &s))
		return fail(E_IO, "what was uploaded cannot be read");
	if ((uint64_t)s.st_size > setup->max_bytes)
		return fail(E_FULL, "the bundle is larger than the hub takes");
	w->pause = reactor_timer(setup->reactor, 0, 0, on_check, w);
	*ret = take(w);
	return OK;
}

void
web_errand_free(struct web_errand *w)
{
	if (!w)
		return;
	reactor_timer_drop(w->setup.reactor, w->pause);
	link_free(w->link);
	bundle_done(&w->reader);
	buf_done(&w->reply);
	if (w->fd >= 0)
		(void)close(w->fd);
	mem_drop(&w);
}
