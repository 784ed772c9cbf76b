#include "common/run/bundlecall.h"

#include <time.h>

#include "common/base/clock.h"

#define BUSY_WAIT_MS     30000
#define BUSY_PAUSE_NS    100000000 /* 0.1 s */
#define JSON_MAX_BYTES   ((size_t)65536)
#define FIELDS_MAX_BYTES (BUNDLE_BOX_MAX_BYTES + 1024)

/* What is busy is asked again for a while: the log of the hub is published twice a second. */
static enum err
call(const struct bundlecall *c, enum bundlecall_verb verb, struct view fields,
	struct buf *reply)
{
	const struct timespec pause = {.tv_nsec = BUSY_PAUSE_NS};
	int64_t until_ms = clock_mono_ms() + BUSY_WAIT_MS;
	enum err e = c->call(c->arg, verb, fields, reply);
	while (e == E_BUSY && verb == BUNDLECALL_TAKE && clock_mono_ms() < until_ms) {
		(void)nanosleep(&pause, NULL);
		buf_reset(reply);
		e = c->call(c->arg, verb, fields, reply);
	}
	return e;
}

/* giving */

static enum err
give_frame(void *arg, enum bundle_kind kind, struct view box)
{
	const struct bundlecall *c = arg;
	OWNED_BUF struct buf fields, reply;
	buf_init(&fields, FIELDS_MAX_BYTES);
	buf_init(&reply, JSON_MAX_BYTES);
	buf_u8(&fields, (uint8_t)kind);
	buf_blob(&fields, box);
	enum err e = buf_check(&fields, "frame of a bundle");
	return e ? e : call(c, BUNDLECALL_GIVE, buf_view(&fields), &reply);
}

enum err
bundlecall_give(
	const struct bundlecall *c, const char *path, uint64_t max_bytes, struct buf *json)
{
	struct bundlefile_facts facts;
	struct bundlecall same = *c;
	OWNED_BUF struct buf claim, fields, reply;
	buf_init(&claim, FIELDS_MAX_BYTES);
	buf_init(&fields, FIELDS_MAX_BYTES);
	buf_init(&reply, JSON_MAX_BYTES);
	enum err e = bundlefile_check(&facts, path, max_bytes);
	if (e)
		return e;
	bundle_claim_write(&claim, &facts.claim);
	buf_blob(&fields, buf_view(&claim));
	e = call(c, BUNDLECALL_OPEN, buf_view(&fields), &reply);
	if (!e)
		e = bundlefile_each(path, give_frame, &same);
	buf_reset(&reply);
	if (!e)
		e = call(c, BUNDLECALL_CLOSE, view_of(NULL, 0), &reply);
	struct cursor left = cursor_of(buf_view(&reply));
	struct view text = cursor_blob(&left);
	if (!e)
		e = cursor_end(&left, "answer about a bundle");
	if (!e)
		buf_add_view(json, text);
	return e;
}

/* taking */

static enum err
take_piece(const struct bundlecall *c, struct view fields, struct bundlefile *f, bool *ret_more,
	struct buf *json)
{
	OWNED_BUF struct buf reply;
	buf_init(&reply, BUNDLE_PIECE_MAX_BYTES + JSON_MAX_BYTES);
	enum err e = call(c, BUNDLECALL_TAKE, fields, &reply);
	struct cursor left = cursor_of(buf_view(&reply));
	uint8_t more = cursor_u8(&left);
	struct view bytes = cursor_blob(&left);
	struct view text = cursor_blob(&left);
	if (!e)
		e = cursor_end(&left, "piece of a bundle");
	if (e)
		return e;
	*ret_more = more != 0;
	buf_add_view(json, text);
	return bundlefile_add(f, bytes);
}

enum err
bundlecall_take(
	const struct bundlecall *c, const char *path, struct view asks, struct buf *json)
{
	OWNED(bundlefile) struct bundlefile *f = NULL;
	OWNED_BUF struct buf begin;
	const uint8_t go_on = 0;
	struct bundlefile_facts facts;
	bool more = true;
	buf_init(&begin, FIELDS_MAX_BYTES);
	buf_u8(&begin, 1);
	buf_add_view(&begin, asks);
	enum err e = bundlefile_create(&f, path);
	if (!e)
		e = take_piece(c, buf_view(&begin), f, &more, json);
	while (!e && more)
		e = take_piece(c, view_of(&go_on, sizeof(go_on)), f, &more, json);
	if (!e)
		e = bundlefile_keep(f);
	/* What a person carries away was read once from where it was written. */
	return e ? e : bundlefile_check(&facts, path, UINT64_MAX);
}
