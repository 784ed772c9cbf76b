#include "hub/ingest_inside.h"

#include "common/base/log.h"
#include "common/base/mem.h"

/* Frames wait for the end of the turn, whatever they say. */
void
ingest_queue_add(struct ingest *g, struct view routing, struct buf *frame)
{
	struct outgoing o = {.routing_len = routing.len};
	if (frame->broken)
		return;
	if ((g->queue_count & (g->queue_count - 1)) == 0)
		g->queue = xrealloc(
			g->queue, MAX(g->queue_count * 2, (size_t)1), sizeof(*g->queue));
	o.routing = xmemdup(routing.at, routing.len);
	o.frame = buf_take(frame, &o.frame_len);
	g->queue[g->queue_count++] = o;
}

void
ingest_queue_drop(struct ingest *g)
{
	for (size_t i = 0; i < g->queue_count; i++) {
		mem_drop(&g->queue[i].routing);
		mem_drop(&g->queue[i].frame);
	}
	g->queue_count = 0;
}

void
ingest_queue_flush(struct ingest *g)
{
	for (size_t i = 0; i < g->queue_count; i++) {
		const struct outgoing *o = &g->queue[i];
		if (g->send(g->arg, view_of(o->routing, o->routing_len),
			    view_of(o->frame, o->frame_len)))
			g->dropped_count++;
	}
	ingest_queue_drop(g);
}

void
ingest_send(struct ingest *g, const struct node *n, const struct sync_msg *m)
{
	OWNED_BUF struct buf plain, frame;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	buf_init(&frame, INGEST_FRAME_MAX_BYTES);
	if (sync_pack(&plain, m)) {
		log_error("ingest", "%s", err_text());
		return;
	}
	buf_u8(&frame, INGEST_SEALED);
	box_seal(&frame, buf_view(&plain), n->writer.box);
	ingest_queue_add(g, buf_view(&n->routing), &frame);
}

void
ingest_send_beside(struct ingest *g, const struct node *n, struct view routing, uint8_t kind,
	struct view bytes)
{
	OWNED_BUF struct buf frame;
	buf_init(&frame, INGEST_FRAME_MAX_BYTES);
	buf_u8(&frame, kind);
	box_seal(&frame, bytes, n->writer.box);
	ingest_queue_add(g, routing, &frame);
}
