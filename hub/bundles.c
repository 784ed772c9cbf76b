#include "hub/bundles.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/run/bundlecall.h"

#include "hub/ipc.h"
#include "hub/standing.h"
#include "hub/turned_away.h"
#include "hub/witness.h"

#define PEERS_MAX_COUNT 8
#define PEER_IDLE_MS    60000
#define PEER_MAX_BYTES  255
#define NAME_MAX_BYTES  255
#define DIGITS_LEAST    8
#define ASK_ANSWER      1
#define ASK_NAME        2
#define JSON_MAX_BYTES  ((size_t)16384)

/* What one peer is about. */
struct talk {
	uint8_t peer[PEER_MAX_BYTES];
	size_t peer_len; /* 0: free */
	bool by_web;
	int64_t heard_ms;
	struct bundle_in *in;   /* open */
	struct bundle_out *out; /* being written */
	bool may_answer;
	struct bundle_out_about answer; /* to the bundle that was closed last */
	struct buf whole;               /* what it lends */
};

struct bundles {
	struct hub *hub;
	struct ingest *ingest;
	struct talk talks[PEERS_MAX_COUNT];
	struct turned_away refused;
};

/* make, free */

struct bundles *
bundles_new(struct hub *h, struct ingest *g)
{
	struct bundles *b = xcalloc(1, sizeof(*b));
	b->hub = h;
	b->ingest = g;
	return b;
}

static void
drop_in(struct talk *t)
{
	if (t->in)
		bundle_in_done(t->in);
	mem_drop(&t->in);
}

static void
forget(struct talk *t)
{
	drop_in(t);
	bundle_out_free(t->out);
	buf_done(&t->whole);
	*t = (struct talk){.peer_len = 0};
}

void
bundles_free(struct bundles *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < PEERS_MAX_COUNT; i++)
		forget(&b->talks[i]);
	mem_drop(&b);
}

/* peers */

/* The place of who had all that it asked for and was silent longest. */
static struct talk *
finished_talk(struct bundles *b)
{
	struct talk *oldest = NULL;
	for (size_t i = 0; i < PEERS_MAX_COUNT; i++) {
		struct talk *t = &b->talks[i];
		if (!t->in && !t->out && (!oldest || t->heard_ms < oldest->heard_ms))
			oldest = t;
	}
	if (oldest)
		forget(oldest);
	return oldest;
}

static struct talk *
find_talk(struct bundles *b, const struct bundles_ask *ask)
{
	int64_t now_ms = clock_mono_ms();
	struct talk *free_one = NULL;
	if (ask->peer.len == 0 || ask->peer.len > PEER_MAX_BYTES)
		return NULL;
	for (size_t i = 0; i < PEERS_MAX_COUNT; i++) {
		struct talk *t = &b->talks[i];
		if (t->peer_len && t->by_web == ask->by_web &&
			view_same(view_of(t->peer, t->peer_len), ask->peer))
			return t;
		if (t->peer_len && now_ms - t->heard_ms > PEER_IDLE_MS)
			forget(t);
		if (!t->peer_len && !free_one)
			free_one = t;
	}
	if (!free_one)
		free_one = finished_talk(b);
	if (!free_one)
		return NULL;
	free_one->by_web = ask->by_web;
	free_one->peer_len = ask->peer.len;
	memcpy(free_one->peer, ask->peer.at, ask->peer.len);
	return free_one;
}

/* taking in */

/* What it was refused for, while it is known whose it is. */
static void
refuse(struct bundles *b, struct talk *t, enum err why)
{
	bool is_known = t->in && t->in->writer.site[0];
	if (t->in)
		turned_away_note(
			&b->refused, is_known ? &t->in->writer : NULL, why, clock_mono_ms());
	drop_in(t);
}

static enum err
on_open(struct bundles *b, struct talk *t, struct cursor *c)
{
	struct view claim = cursor_blob(c);
	enum err e = cursor_end(c, "claim of a bundle");
	if (e)
		return e;
	drop_in(t);
	t->may_answer = false;
	t->in = xcalloc(1, sizeof(*t->in));
	e = bundle_in_open(t->in, b->hub, b->ingest, claim);
	if (e)
		refuse(b, t, e);
	return e;
}

static enum err
on_give(struct bundles *b, struct talk *t, struct cursor *c, bool *ret_spoils)
{
	uint8_t kind = cursor_u8(c);
	struct view box = cursor_blob(c);
	enum err e = cursor_end(c, "frame of a bundle");
	if (!e && !t->in)
		e = fail(E_NOTFOUND, "no bundle is open");
	if (!e)
		e = bundle_in_frame(t->in, kind, box, ret_spoils);
	if (e)
		refuse(b, t, *ret_spoils ? OK : e);
	return e;
}

/* What an answer to this bundle speaks of. */
static void
keep_answer(struct talk *t, struct bundle_in *in)
{
	buf_done(&t->whole);
	t->whole = in->whole;
	in->whole = (struct buf){.len = 0};
	t->answer = (struct bundle_out_about){.writer = in->writer,
		.config = in->config,
		.log_size = in->log_size,
		.whole = buf_view(&t->whole)};
	memcpy(t->answer.answers, in->sum.hash, sizeof(t->answer.answers));
}

static enum err
close_in(struct talk *t, struct bundle_in *in, struct buf *out, bool *ret_spoils)
{
	OWNED_BUF struct buf json;
	struct json_out w;
	buf_init(&json, JSON_MAX_BYTES);
	enum err e =
		in ? bundle_in_close(in, ret_spoils) : fail(E_NOTFOUND, "no bundle is open");
	if (e)
		return e;
	json_begin(&w, &json);
	json_put_object(&w, NULL);
	bundle_in_say(in, &w);
	json_put_close(&w);
	e = json_end(&w, "what became of a bundle");
	buf_blob(out, buf_view(&json));
	t->may_answer = e == OK;
	if (!e)
		keep_answer(t, in);
	return e;
}

static enum err
on_close(struct bundles *b, struct talk *t, struct buf *out, bool *ret_spoils)
{
	enum err e = close_in(t, t->in, out, ret_spoils);
	refuse(b, t, *ret_spoils ? OK : e);
	return e;
}

/* writing */

struct search {
	const char *name;
	struct writer found;
	size_t count;
};

static enum err
compare(void *arg, const struct writer *w)
{
	struct search *s = arg;
	char digits[2 * SIGN_PUBLIC_BYTES + 1];
	size_t len = strlen(s->name);
	text_hex(digits, w->public, sizeof(w->public));
	bool fits = strcmp(s->name, w->name) == 0 || strcmp(s->name, w->site) == 0 ||
		    (len >= DIGITS_LEAST && strncmp(s->name, digits, len) == 0);
	if (fits && w->revoked_s == 0) {
		s->found = *w;
		s->count++;
	}
	return OK;
}

static enum err
find_node(struct bundles *b, const char *name, struct bundle_out_about *ret)
{
	struct search s = {.name = name};
	struct standing standing = {.manifest = 0};
	struct witness_last seen = {.size = 0};
	struct vault_txn *t;
	enum err e = hub_txn_reserve(b->hub, &t);
	if (!e)
		e = writer_each(t, compare, &s);
	if (!e && s.count == 0)
		e = fail(E_NOTFOUND, "no node of this name, site or digits is in force");
	if (!e && s.count > 1)
		e = fail(E_CONFLICT,
			"several nodes are meant: name one by its digits in `weir-hub status`");
	if (!e)
		e = standing_get(t, s.found.public, &standing);
	if (!e)
		e = witness_last(t, &s.found, &seen);
	*ret = (struct bundle_out_about){
		.writer = s.found, .config = standing.manifest, .log_size = seen.size};
	return e;
}

static enum err
begin_taking(struct bundles *b, struct talk *t, struct cursor *c)
{
	struct bundle_out_about about = t->answer;
	uint8_t how = cursor_u8(c);
	OWNED_MEM char *name = how == ASK_NAME ? cursor_text(c, NAME_MAX_BYTES) : NULL;
	enum err e = cursor_end(c, "request for a bundle");
	if (!e && how == ASK_NAME && t->by_web)
		e = fail(E_DENIED, "web may only answer what it brought");
	else if (!e && how == ASK_NAME)
		e = find_node(b, name, &about);
	else if (!e && (how != ASK_ANSWER || !t->may_answer))
		e = fail(E_NOTFOUND, "there is no bundle to answer");
	if (e)
		return e;
	/* Asked again while the checkpoint was awaited, the same one goes on. */
	if (!t->out)
		t->out = bundle_out_new(b->hub, b->ingest, &about);
	return OK;
}

static enum err
take_piece(struct talk *t, struct buf *out, bool *ret_more, bool *ret_spoils)
{
	OWNED_BUF struct buf bytes, json;
	struct json_out w;
	buf_init(&bytes, BUNDLE_PIECE_MAX_BYTES);
	buf_init(&json, JSON_MAX_BYTES);
	enum err e = bundle_out_piece(t->out, &bytes, ret_more, ret_spoils);
	if (!e && !*ret_more) {
		json_begin(&w, &json);
		json_put_object(&w, NULL);
		bundle_out_say(t->out, &w);
		json_put_close(&w);
		e = json_end(&w, "what is in a bundle");
	}
	if (e)
		return e;
	buf_u8(out, *ret_more);
	buf_blob(out, buf_view(&bytes));
	buf_blob(out, buf_view(&json));
	return buf_check(&bytes, "piece of a bundle");
}

static enum err
on_take(struct bundles *b, struct talk *t, struct cursor *c, struct buf *out, bool *ret_spoils)
{
	bool begins = cursor_u8(c) == 1, more = true;
	enum err e = begins ? begin_taking(b, t, c) : cursor_end(c, "request for a bundle");
	if (!e && !t->out)
		e = fail(E_NOTFOUND, "no bundle is being written");
	if (!e)
		e = take_piece(t, out, &more, ret_spoils);
	if ((e && e != E_BUSY) || !more)
		bundle_out_free(take(t->out));
	return e;
}

/* all of it */

bool
bundles_knows(uint16_t verb)
{
	return verb >= LEDGER_BUNDLE_OPEN && verb <= LEDGER_BUNDLE_TAKE;
}

enum err
bundles_serve(
	struct bundles *b, const struct bundles_ask *ask, struct buf *out, bool *ret_spoils)
{
	struct talk *t = find_talk(b, ask);
	*ret_spoils = false;
	if (!t)
		return fail(E_BUSY, "too many bundles are under way: try again");
	t->heard_ms = clock_mono_ms();
	if (ask->verb == LEDGER_BUNDLE_OPEN)
		return on_open(b, t, ask->fields);
	if (ask->verb == LEDGER_BUNDLE_GIVE)
		return on_give(b, t, ask->fields, ret_spoils);
	if (ask->verb == LEDGER_BUNDLE_CLOSE)
		return on_close(b, t, out, ret_spoils);
	return on_take(b, t, ask->fields, out, ret_spoils);
}

void
bundles_published(struct bundles *b)
{
	for (size_t i = 0; i < PEERS_MAX_COUNT; i++)
		if (b->talks[i].out && bundle_out_published(b->talks[i].out))
			log_warn("bundles", "%s", err_text());
}

enum err
bundles_tick(struct bundles *b, int64_t mono_ms)
{
	return turned_away_tick(&b->refused, b->hub, mono_ms);
}
