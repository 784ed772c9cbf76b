#include "hub/ingest_inside.h"

#include <string.h>

#include "common/base/mem.h"

#include "hub/audit.h"
#include "hub/forward.h"

#define NODES_MAX_COUNT 4096

static struct node *
find_node(struct ingest *g, const uint8_t writer[static SIGN_PUBLIC_BYTES])
{
	for (size_t i = 0; i < g->node_count; i++)
		if (memcmp(g->nodes[i]->writer.public, writer, SIGN_PUBLIC_BYTES) == 0)
			return g->nodes[i];
	return NULL;
}

/* What the journal says stands, whatever the vault does. */
static void
follow_journal(struct standing *s, const struct forward_writer *w)
{
	if (!w)
		return;
	memcpy(s->token, w->token, sizeof(s->token));
	memcpy(s->pending, w->pending, sizeof(s->pending));
	s->granted = w->granted;
	s->standing = w->standing;
}

static void
set_ever(struct lane_hub_setup *setup, const struct forward_writer *w)
{
	if (!w)
		return;
	setup->ever_incarnation = w->incarnation;
	memcpy(setup->ever, w->ever, sizeof(setup->ever));
}

static enum err
load_machine(struct ingest *g, struct node *n)
{
	const struct forward *f = audit_forward(g->hub->audit);
	struct standing_base base;
	struct lane_hub_setup setup = {.study = g->hub->study,
		.incarnation = n->standing.incarnation,
		.standing = n->standing.standing,
		.granted = n->standing.granted,
		.epoch = forward_epoch(f),
		.mode = g->mode,
		.retry_after_ms = g->drain_ms,
		.config = g->offer,
		.origin = g->hub->origin,
		.credit_bytes = INGEST_CREDIT_BYTES};
	struct place lane = {.incarnation = n->standing.incarnation};
	enum err e = standing_base_get(
		g->hub->txn, n->writer.public, n->standing.incarnation, &base);
	setup.base_incarnation = base.incarnation;
	memcpy(setup.base, base.at, sizeof(setup.base));
	memcpy(setup.writer, n->writer.public, sizeof(setup.writer));
	memcpy(setup.witness, n->writer.witness, sizeof(setup.witness));
	sign_public(setup.receipt_public, g->hub->receipt);
	memcpy(setup.token, n->standing.token, sizeof(setup.token));
	memcpy(setup.pending, n->standing.pending, sizeof(setup.pending));
	memcpy(lane.writer, n->writer.public, sizeof(lane.writer));
	for (uint8_t i = 0; !e && i < LANE_COUNT; i++) {
		lane.lane = (uint8_t)(i + 1);
		e = standing_head_get(g->hub->txn, &lane, &setup.durable[i]);
		setup.retained[i] =
			forward_retained(f, n->writer.public, lane.incarnation, lane.lane);
	}
	set_ever(&setup, forward_find(f, n->writer.public));
	if (!e)
		lane_hub_init(&n->lane, &setup);
	return e;
}

enum err
ingest_node_load(struct ingest *g, struct node *n)
{
	enum err e = standing_get(g->hub->txn, n->writer.public, &n->standing);
	follow_journal(
		&n->standing, forward_find(audit_forward(g->hub->audit), n->writer.public));
	return e ? e : load_machine(g, n);
}

enum err
ingest_node_keep(struct ingest *g, struct node *n)
{
	const struct standing *s = &n->standing;
	struct forward_writer w = {.granted = s->granted, .standing = s->standing};
	memcpy(w.writer, n->writer.public, sizeof(w.writer));
	memcpy(w.token, s->token, sizeof(w.token));
	memcpy(w.pending, s->pending, sizeof(w.pending));
	forward_note_tokens(audit_forward(g->hub->audit), &w);
	n->is_touched = true;
	return standing_put(g->hub->txn, n->writer.public, s);
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
	buf_init(&n->question, QUESTION_MAX_BYTES);
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

enum err
ingest_tell_revoked(struct ingest *g, int64_t mono_ms)
{
	const struct lane_event revoked = {.kind = LANE_REVOKE, .mono_ms = mono_ms};
	struct vault_txn *t;
	enum err e = hub_txn_reserve(g->hub, &t);
	for (size_t i = 0; !e && i < g->node_count; i++) {
		struct node *n = g->nodes[i];
		struct writer w;
		if (n->lane.standing == SYNC_REVOKED)
			continue;
		e = writer_get(t, n->writer.public, &w);
		if (!e && w.revoked_s)
			e = ingest_drive(g, n, &revoked);
	}
	return e;
}
