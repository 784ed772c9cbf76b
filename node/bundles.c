#include "node/bundles.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/run/bundlecall.h"

#include "node/ipc.h"

#define PEER_IDLE_MS   60000
#define PEER_MAX_BYTES 255
#define JSON_MAX_BYTES ((size_t)16384)

/* Whose turn it is. */
struct place {
	uint8_t peer[PEER_MAX_BYTES];
	size_t peer_len; /* 0: nobody's */
	int64_t heard_ms;
};

struct bundles {
	const struct sync_link_site *site;
	struct sync_link *link;
	struct place reading, writing;
	struct bundle_in *in;
	struct bundle_out *out;
};

/* make, free */

struct bundles *
bundles_new(const struct sync_link_site *site, struct sync_link *link)
{
	struct bundles *b = xcalloc(1, sizeof(*b));
	b->site = site;
	b->link = link;
	return b;
}

static void
drop_in(struct bundles *b)
{
	if (b->in)
		bundle_in_drop(b->in);
	mem_drop(&b->in);
	b->reading.peer_len = 0;
}

static void
drop_out(struct bundles *b)
{
	bundle_out_free(take(b->out));
	b->writing.peer_len = 0;
}

void
bundles_free(struct bundles *b)
{
	if (!b)
		return;
	drop_in(b);
	drop_out(b);
	mem_drop(&b);
}

/* places */

static bool
is_at(const struct place *p, struct view peer)
{
	return p->peer_len && view_same(view_of(p->peer, p->peer_len), peer);
}

static enum err
take_place(struct place *p, struct view peer)
{
	int64_t now_ms = clock_mono_ms();
	if (p->peer_len && !is_at(p, peer) && now_ms - p->heard_ms < PEER_IDLE_MS)
		return fail(E_BUSY, "another bundle is under way here: try again in a minute");
	if (peer.len == 0 || peer.len > PEER_MAX_BYTES)
		return fail(E_FORMAT, "a request comes from nobody");
	p->peer_len = peer.len;
	memcpy(p->peer, peer.at, peer.len);
	p->heard_ms = now_ms;
	return OK;
}

/* taking in */

static enum err
on_open(struct bundles *b, struct view peer, struct cursor *c)
{
	struct view claim = cursor_blob(c);
	enum err e = cursor_end(c, "claim of a bundle");
	if (!e)
		e = take_place(&b->reading, peer);
	if (e)
		return e;
	if (b->in)
		bundle_in_drop(b->in);
	mem_drop(&b->in);
	b->in = xcalloc(1, sizeof(*b->in));
	e = bundle_in_open(b->in, b->site, sync_link_session(b->link), claim);
	if (e)
		drop_in(b);
	return e;
}

static enum err
on_give(struct bundles *b, struct cursor *c)
{
	uint8_t kind = cursor_u8(c);
	struct view box = cursor_blob(c);
	enum err e = cursor_end(c, "frame of a bundle");
	b->reading.heard_ms = clock_mono_ms();
	if (!e)
		e = bundle_in_frame(b->in, kind, box);
	if (e)
		drop_in(b);
	return e;
}

static enum err
on_close(struct bundles *b, struct buf *out)
{
	OWNED_BUF struct buf json;
	struct json_out w;
	buf_init(&json, JSON_MAX_BYTES);
	enum err e = bundle_in_close(b->in);
	json_begin(&w, &json);
	json_put_object(&w, NULL);
	bundle_in_say(b->in, &w);
	json_put_close(&w);
	if (!e)
		e = json_end(&w, "what became of a bundle");
	buf_blob(out, buf_view(&json));
	drop_in(b);
	return e;
}

static enum err
on_reading(
	struct bundles *b, uint16_t verb, struct view peer, struct cursor *c, struct buf *out)
{
	if (verb == SYNC_BUNDLE_OPEN)
		return on_open(b, peer, c);
	if (!b->in || !is_at(&b->reading, peer))
		return fail(E_NOTFOUND, "no bundle is open");
	return verb == SYNC_BUNDLE_GIVE ? on_give(b, c) : on_close(b, out);
}

/* writing */

static enum err
begin(struct bundles *b, struct view peer, struct cursor *c)
{
	struct bundle_out_ask ask = {.all = cursor_u8(c) == 1};
	ask.file_bytes = cursor_u64(c);
	enum err e = cursor_end(c, "request for a bundle");
	if (!e)
		e = take_place(&b->writing, peer);
	if (e)
		return e;
	bundle_out_free(take(b->out));
	b->out = bundle_out_new(b->site, sync_link_node(b->link), &ask);
	return OK;
}

static enum err
add_piece(struct bundles *b, struct buf *out, bool *ret_more)
{
	OWNED_BUF struct buf bytes, json;
	struct json_out w;
	buf_init(&bytes, BUNDLE_PIECE_MAX_BYTES);
	buf_init(&json, JSON_MAX_BYTES);
	enum err e = bundle_out_piece(b->out, &bytes, ret_more);
	if (!e && !*ret_more) {
		json_begin(&w, &json);
		json_put_object(&w, NULL);
		bundle_out_say(b->out, &w);
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
on_take(struct bundles *b, struct view peer, struct cursor *c, struct buf *out)
{
	bool more = false;
	enum err e =
		cursor_u8(c) == 1 ? begin(b, peer, c) : cursor_end(c, "request for a bundle");
	if (e)
		return e;
	if (!b->out || !is_at(&b->writing, peer))
		return fail(E_NOTFOUND, "no bundle is being written");
	b->writing.heard_ms = clock_mono_ms();
	e = add_piece(b, out, &more);
	if (e || !more)
		drop_out(b);
	return e;
}

/* all of it */

bool
bundles_knows(uint16_t verb)
{
	return verb >= SYNC_BUNDLE_OPEN && verb <= SYNC_BUNDLE_TAKE;
}

enum err
bundles_serve(struct bundles *b, uint16_t verb, struct view peer, struct cursor *fields,
	struct buf *out)
{
	if (verb == SYNC_BUNDLE_TAKE)
		return on_take(b, peer, fields, out);
	return on_reading(b, verb, peer, fields, out);
}
