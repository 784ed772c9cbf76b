#include "hub/ingest_inside.h"

#include <string.h>

#include "common/base/mem.h"

#define HUB_EPOCH       1 /* rises when a hub is restored from a backup */
#define NODES_MAX_COUNT 4096

static struct node *
find_node(struct ingest *g, const uint8_t writer[static SIGN_PUBLIC_BYTES])
{
	for (size_t i = 0; i < g->node_count; i++)
		if (memcmp(g->nodes[i]->writer.public, writer, SIGN_PUBLIC_BYTES) == 0)
			return g->nodes[i];
	return NULL;
}

static enum err
load_machine(struct ingest *g, struct node *n)
{
	struct standing_base base;
	struct lane_hub_setup setup = {.study = g->hub->study,
		.incarnation = n->standing.incarnation,
		.standing = n->standing.standing,
		.granted = n->standing.granted,
		.epoch = HUB_EPOCH,
		.mode = g->mode,
		.config = g->offer,
		.credit_bytes = INGEST_CREDIT_BYTES};
	struct place lane = {.incarnation = n->standing.incarnation};
	enum err e = standing_base_get(
		g->hub->txn, n->writer.public, n->standing.incarnation, &base);
	setup.base_incarnation = base.incarnation;
	memcpy(setup.base, base.at, sizeof(setup.base));
	memcpy(setup.writer, n->writer.public, sizeof(setup.writer));
	memcpy(setup.token, n->standing.token, sizeof(setup.token));
	memcpy(setup.pending, n->standing.pending, sizeof(setup.pending));
	memcpy(lane.writer, n->writer.public, sizeof(lane.writer));
	for (uint8_t i = 0; !e && i < LANE_COUNT; i++) {
		lane.lane = (uint8_t)(i + 1);
		e = standing_head_get(g->hub->txn, &lane, &setup.durable[i]);
	}
	if (!e)
		lane_hub_init(&n->lane, &setup);
	return e;
}

enum err
ingest_node_load(struct ingest *g, struct node *n)
{
	enum err e = standing_get(g->hub->txn, n->writer.public, &n->standing);
	return e ? e : load_machine(g, n);
}

static enum err
add_node(struct ingest *g, const struct writer *w, struct node **ret)
{
	if (g->node_count == NODES_MAX_COUNT)
		return fail(E_FULL, "more than %d nodes", NODES_MAX_COUNT);
	OWNED_MEM struct node *n = xcalloc(1, sizeof(*n));
	n->writer = *w;
	enum err e = ingest_node_load(g, n);
	if (e)
		return e;
	if ((g->node_count & (g->node_count - 1)) == 0)
		g->nodes = xrealloc(
			g->nodes, MAX(g->node_count * 2, (size_t)1), sizeof(struct node *));
	buf_init(&n->routing, ROUTING_MAX_BYTES);
	*ret = g->nodes[g->node_count++] = take(n);
	return OK;
}

enum err
ingest_node_of_key(struct ingest *g, const uint8_t key[static BOX_PUBLIC_BYTES],
	int64_t mono_ms, struct node **ret)
{
	struct writer w;
	const struct lane_event revoked = {.kind = LANE_REVOKE, .mono_ms = mono_ms};
	*ret = NULL;
	enum err e = writer_by_transport(g->hub->txn, key, &w);
	if (e)
		return e;
	struct node *n = find_node(g, w.public);
	if (!n && w.revoked_s == 0)
		e = add_node(g, &w, &n);
	if (!e && w.revoked_s) {
		if (n && n->lane.standing != SYNC_REVOKED)
			e = ingest_drive(g, n, &revoked);
		return e ? e : fail(E_NOTFOUND, "the node was revoked");
	}
	*ret = n;
	return e;
}
