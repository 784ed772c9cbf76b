#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/net/call.h"
#include "common/trust/leaf.h"

#include "node/desk_inside.h"

#define DESK_WAIT_MS    10000
#define RENEWAL_WAIT_MS 900000

/* answers */

void
desk_send_answer(struct desk *d, struct view peer, struct buf *frame)
{
	if (peer.len && link_send(d->door, peer, buf_view(frame)))
		log_warn("desk", "an answer was not taken: %s", err_text());
}

void
desk_answer(struct desk *d, struct view peer, enum err code)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, DESK_FRAME_BYTES);
	call_answer(&frame, code);
	desk_send_answer(d, peer, &frame);
}

void
desk_finish(struct desk *d, enum err code)
{
	desk_answer(d, buf_view(&d->peer), code);
	custody_free(take(d->candidate));
	mem_drop(&d->change);
	desk_contact_free(take(d->contact));
	renewal_free(take(d->renewal));
	buf_reset(&d->peer);
	d->waiting = WAITS_NOT;
}

void
desk_answer_status(struct desk *d, struct view peer)
{
	OWNED_BUF struct buf frame;
	int64_t idle_ms = clock_mono_ms() - d->used_mono_ms;
	int64_t left_s = d->open ? MAX(d->config->idle_s - idle_ms / 1000, 0) : 0;
	buf_init(&frame, DESK_FRAME_BYTES);
	call_answer(&frame, OK);
	buf_u8(&frame, d->open != NULL);
	buf_u32(&frame, (uint32_t)left_s);
	buf_u8(&frame, d->renews || d->renewal);
	buf_u8(&frame, d->waits_for_backup);
	buf_u32(&frame, d->open ? d->due_count : 0);
	buf_u32(&frame, d->open ? d->damage.count : 0);
	buf_blob_text(&frame, d->open ? d->damage.row : "");
	desk_send_answer(d, peer, &frame);
}

/* acts */

int64_t
desk_wait_ms(const struct desk *d)
{
	/* The vault moves meanwhile: that takes as long as copying it. */
	if (d->waiting == WAITS_FOR_RENEWAL && d->moves)
		return RENEWAL_WAIT_MS;
	return d->config->wait_ms ? d->config->wait_ms : DESK_WAIT_MS;
}

enum err
desk_connect_sync(struct desk *d)
{
	char path[DESK_PATH_BYTES];
	if (d->sync)
		return OK;
	if (snprintf(path, sizeof(path), "%s/run/sync.sock", d->config->dir) >=
		(int)sizeof(path))
		return fail(E_FORMAT, "the path of the node directory is too long");
	enum err e = link_connect_ipc(&d->sync, d->context, path, "weir-node run");
	if (!e)
		link_watch(d->sync, d->reactor, desk_on_sync, d);
	return e;
}

enum err
desk_ask_sync(struct desk *d, enum node_verb verb, struct view fields, enum waiting next)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, MAX(fields.len + 64, (size_t)DESK_FRAME_BYTES));
	call_begin(&frame, (uint16_t)verb);
	buf_add_view(&frame, fields);
	d->asked_mono_ms = clock_mono_ms();
	enum err e = buf_check(&frame, "request");
	if (!e)
		e = desk_connect_sync(d);
	if (!e)
		e = link_send(d->sync, view_of(NULL, 0), buf_view(&frame));
	if (!e)
		d->waiting = next;
	return e;
}

enum err
desk_log(struct desk *d, const struct deed *done)
{
	OWNED_BUF struct buf json, fields;
	uint8_t raw[ID_BYTES];
	char id[2 * ID_BYTES + 1];
	buf_init(&json, LEAF_MOST_BYTES);
	buf_init(&fields, LEAF_MOST_BYTES + 16);
	crypto_random(raw, sizeof(raw));
	text_hex(id, raw, sizeof(raw));
	struct leaf leaf = {.id = id,
		.t_s = leaf_minute_s(clock_wall_ms()),
		.actor = done->by,
		.role = done->role ? done->role : "coordinator",
		.action = done->action,
		.object_type = "desk",
		.reason_code = done->whom,
		.purpose = done->purpose,
		.decision = done->decision,
		.outcome = done->outcome};
	enum err e = leaf_write(&json, &leaf);
	buf_blob(&fields, buf_view(&json));
	return e ? e : desk_ask_sync(d, SYNC_ACT, buf_view(&fields), WAITS_FOR_ACT);
}

enum err
desk_log_lock(struct desk *d, const char *outcome)
{
	const struct deed done = {
		.action = "desk-locked", .outcome = outcome, .by = d->opened_by};
	return desk_log(d, &done);
}

void
desk_lock(struct desk *d)
{
	namebook_free(take(d->names));
	renewal_free(take(d->renewal));
	custody_free(take(d->open));
}
