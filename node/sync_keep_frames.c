#include "node/sync_keep_frames.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"

#define REQUESTS_MAX_COUNT 4
#define REQUEST_IDLE_MS    60000

/* A request, and whose it is; free without one. */
struct request {
	struct sync_keep *keep;
	uint8_t peer[SYNC_PEER_MAX_BYTES];
	size_t peer_len;
	int64_t heard_mono_ms;
};

struct sync_keep_frames {
	struct request requests[REQUESTS_MAX_COUNT];
};

struct sync_keep_frames *
sync_keep_frames_new(void)
{
	return xcalloc(1, sizeof(struct sync_keep_frames));
}

static void
forget(struct request *r)
{
	sync_keep_free(take(r->keep));
	r->peer_len = 0;
}

void
sync_keep_frames_free(struct sync_keep_frames *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < REQUESTS_MAX_COUNT; i++)
		forget(&f->requests[i]);
	mem_drop(&f);
}

static bool
is_of(const struct request *r, struct view peer)
{
	return r->keep && view_same(view_of(r->peer, r->peer_len), peer);
}

/* The peer's request, or a new one; NULL: there is no room. */
static struct request *
find(struct sync_keep_frames *f, struct view peer)
{
	struct request *free_one = NULL;
	int64_t now_ms = clock_mono_ms();
	for (size_t i = 0; i < REQUESTS_MAX_COUNT; i++) {
		struct request *r = &f->requests[i];
		if (is_of(r, peer))
			return r;
		if (r->keep && now_ms - r->heard_mono_ms > REQUEST_IDLE_MS)
			forget(r);
		if (!r->keep)
			free_one = r;
	}
	if (!free_one || peer.len > sizeof(free_one->peer))
		return NULL;
	free_one->keep = sync_keep_new();
	free_one->peer_len = peer.len;
	memcpy(free_one->peer, peer.at, peer.len);
	return free_one;
}

enum err
sync_keep_frames_add(struct sync_keep_frames *f, struct view peer, struct cursor *fields,
	struct sync_keep **ret_whole)
{
	uint8_t more = cursor_u8(fields);
	uint32_t count = cursor_u32(fields);
	struct request *r = find(f, peer);
	*ret_whole = NULL;
	if (!r)
		return fail(E_BUSY, "too many files are being loaded at once: try again");
	r->heard_mono_ms = clock_mono_ms();
	enum err e = fields->broken || more > 1
			     ? fail(E_FORMAT, "a frame of entries is not of its form")
			     : sync_keep_add(r->keep, count, view_of(fields->at, fields->left));
	if (!e && !more)
		*ret_whole = take(r->keep);
	if (e || !more)
		forget(r);
	return e;
}
