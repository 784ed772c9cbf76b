#include "hub/ingest_inside.h"

#include <string.h>

#include "common/base/log.h"
#include "common/trust/leaf.h"

#include "hub/acts.h"
#include "hub/attachments.h"
#include "hub/audit.h"
#include "hub/forward.h"
#include "hub/recovery.h"
#include "hub/study.h"

/* So often is it kept that a node was heard. */
#define WORD_EVERY_S 60

/* its end */

static enum err
tell_noted(struct ingest *g, struct node *n, int64_t mono_ms)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < n->noted_count; i++) {
		struct lane_event ev = {
			.kind = LANE_CHANGE_NOTED, .mono_ms = mono_ms, .mark = n->noted[i]};
		e = ingest_drive(g, n, &ev);
	}
	n->noted_count = 0;
	return e;
}

static enum err
tell_stored(struct ingest *g, struct node *n, int64_t mono_ms)
{
	enum err e = OK;
	for (uint8_t i = 0; !e && i < LANE_COUNT; i++) {
		struct lane_event ev = {.kind = LANE_STORED,
			.mono_ms = mono_ms,
			.lane = (uint8_t)(i + 1),
			.mark = n->marks[i]};
		if (n->is_stored[i])
			e = ingest_drive(g, n, &ev);
		n->is_stored[i] = false;
	}
	struct lane_event chunk = {.kind = LANE_CHUNK_STORED, .mono_ms = mono_ms};
	if (!e && ingest_chunk_stored(n, &chunk))
		e = ingest_drive(g, n, &chunk);
	struct lane_event kept = {
		.kind = LANE_TOKENS_KEPT, .mono_ms = mono_ms, .ticket = n->token_ticket};
	if (!e && n->has_tokens)
		e = ingest_drive(g, n, &kept);
	if (!e)
		e = tell_noted(g, n, mono_ms);
	n->has_tokens = false;
	n->is_touched = false;
	return e;
}

enum err
ingest_committed(struct ingest *g, int64_t mono_ms)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < g->node_count; i++)
		e = tell_stored(g, g->nodes[i], mono_ms);
	ingest_queue_flush(g);
	return e;
}

/* The session ends, and the machine begins again from what is kept. */
static enum err
begin_again(struct ingest *g, struct node *n, int64_t mono_ms)
{
	const struct lane_event ev = {.kind = LANE_STORE_FAILED, .mono_ms = mono_ms};
	struct vault_txn *t;
	enum err e = ingest_drive(g, n, &ev);
	n->has_chunk = false;
	n->noted_count = 0;
	memset(n->is_stored, 0, sizeof(n->is_stored));
	n->has_tokens = false;
	n->is_touched = false;
	if (!e)
		e = hub_txn_reserve(g->hub, &t);
	return e ? e : ingest_node_load(g, n);
}

enum err
ingest_failed(struct ingest *g, int64_t mono_ms)
{
	enum err e = OK;
	ingest_queue_drop(g);
	siteterms_forget(g->terms);
	for (size_t i = 0; !e && i < g->node_count; i++) {
		g->nodes[i]->terms_seen = 0;
		if (g->nodes[i]->is_touched)
			e = begin_again(g, g->nodes[i], mono_ms);
	}
	hub_abort(g->hub); /* it was only read */
	ingest_queue_flush(g);
	return e;
}

enum err
ingest_published(struct ingest *g, int64_t mono_ms)
{
	struct lane_event ev = ingest_checkpoint(g);
	enum err e = OK;
	ev.mono_ms = mono_ms;
	for (size_t i = 0; !e && i < g->node_count; i++)
		e = ingest_drive(g, g->nodes[i], &ev);
	ingest_queue_flush(g);
	return e;
}

/* what is looked at between two frames */

/* What lifts the recovery is a leaf of its own. */
static enum err
tell_recovery(struct ingest *g, struct node *n)
{
	struct act_leaf_room room;
	const struct act none = {0};
	struct leaf leaf;
	struct vault_txn *t;
	bool lifted = false;
	enum err e = hub_txn_reserve(g->hub, &t);
	if (!e)
		e = recovery_heard(t, n->writer.public, &lifted);
	n->is_heard = false;
	if (e || !lifted)
		return e;
	log_warn("ingest", "every node was heard: the recovery is over");
	acts_leaf(&leaf, &room, &none, "recovery-over");
	leaf.actor = "ledger";
	leaf.object_type = "hub";
	leaf.outcome = "done";
	return audit_add(g->hub->audit, t, &leaf, NULL);
}

static enum err
drive_all(struct ingest *g, const struct lane_event *ev)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < g->node_count; i++)
		e = ingest_drive(g, g->nodes[i], ev);
	return e;
}

/* What was committed since may have begun the recovery, or ended it. */
static enum err
tell_mode(struct ingest *g, int64_t mono_ms)
{
	struct lane_event ev = {
		.kind = LANE_MODE, .mono_ms = mono_ms, .retry_after_ms = g->drain_ms};
	struct vault_txn *t;
	enum err e = hub_txn_reserve(g->hub, &t);
	if (e)
		return e;
	ev.mode = g->drain_ms ? SYNC_DRAIN : recovery_is_on(t) ? SYNC_RECOVERY : SYNC_NORMAL;
	if (ev.mode == g->mode)
		return OK;
	g->mode = ev.mode;
	ev.epoch = forward_epoch(audit_forward(g->hub->audit));
	return drive_all(g, &ev);
}

enum err
ingest_drain(struct ingest *g, uint32_t retry_ms, int64_t mono_ms)
{
	g->drain_ms = retry_ms;
	return tell_mode(g, mono_ms);
}

uint32_t
ingest_drain_ms(const struct ingest *g)
{
	return g->drain_ms;
}

static enum err
tell_node_retained(struct ingest *g, struct node *n, int64_t mono_ms)
{
	const struct forward *f = audit_forward(g->hub->audit);
	enum err e = OK;
	for (uint8_t lane = LANE_C; !e && lane <= LANE_A; lane++) {
		struct lane_event ev = {
			.kind = LANE_RETAINED, .mono_ms = mono_ms, .lane = lane};
		ev.mark.seq = forward_retained(f, n->writer.public, n->lane.incarnation, lane);
		e = ingest_drive(g, n, &ev);
	}
	return e;
}

/* A backup was made, or is gone: nodes may prune what all others hold. */
static enum err
tell_retained(struct ingest *g, int64_t mono_ms)
{
	uint64_t seen = forward_backup_changes(audit_forward(g->hub->audit));
	enum err e = OK;
	if (seen == g->backups_seen)
		return OK;
	g->backups_seen = seen;
	for (size_t i = 0; !e && i < g->node_count; i++)
		e = tell_node_retained(g, g->nodes[i], mono_ms);
	return e;
}

static enum err
settle_files(struct ingest *g)
{
	struct vault_txn *t;
	enum err e = hub_txn_reserve(g->hub, &t);
	return e ? e : attachments_settle(t);
}

/* While a session is open and all of lane C that the node had is here, its word on consent is
 * as new as its last frame (lease.h). */
static enum err
keep_word(struct ingest *g, struct node *n)
{
	const size_t control = LANE_C - 1;
	struct vault_txn *t;
	if (n->lane.state != LANE_ALIVE || n->lane.refills ||
		n->lane.lanes[control].durable.seq < n->lane.expected[control] ||
		n->heard_s < n->standing.consent_s + WORD_EVERY_S)
		return OK;
	enum err e = hub_txn_reserve(g->hub, &t);
	if (e)
		return e;
	n->standing.consent_s = n->heard_s;
	return standing_put(t, n->writer.public, &n->standing);
}

enum err
ingest_tick(struct ingest *g, int64_t mono_ms)
{
	struct lane_event tick = {.kind = LANE_TICK, .mono_ms = mono_ms};
	struct lane_event offer = {.kind = LANE_OFFER, .mono_ms = mono_ms};
	bool news = g->offer.number != g->hub->manifest_number;
	enum err e = news ? study_offer(g->hub, &g->offer) : OK;
	if (!e)
		e = tell_mode(g, mono_ms);
	if (!e)
		e = tell_retained(g, mono_ms);
	if (!e)
		e = settle_files(g);
	offer.config = g->offer;
	for (size_t i = 0; !e && i < g->node_count; i++) {
		e = ingest_drive(g, g->nodes[i], &tick);
		if (!e && news)
			e = ingest_drive(g, g->nodes[i], &offer);
		if (!e && g->nodes[i]->is_heard)
			e = tell_recovery(g, g->nodes[i]);
		if (!e)
			e = ingest_hear_question(g, g->nodes[i], mono_ms);
		if (!e)
			e = keep_word(g, g->nodes[i]);
	}
	return e ? e : ingest_tell_terms(g, mono_ms);
}
