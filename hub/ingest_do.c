#include "hub/ingest_inside.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/codec/text.h"
#include "common/trust/leaf.h"

#include "hub/acts.h"
#include "hub/arrival.h"
#include "hub/audit.h"
#include "hub/forward.h"
#include "hub/recovery.h"
#include "hub/recovery_start.h"
#include "hub/renewal_claim.h"

void
ingest_steps_add(struct steps *steps, const struct lane_event *ev)
{
	if (steps->count < STEPS_MAX_COUNT)
		steps->at[steps->count++] = *ev;
}

struct lane_event
ingest_answer_to(const struct lane_action *a, enum lane_event_kind kind)
{
	struct lane_event ev = {.kind = kind,
		.ticket = a->ticket,
		.lane = a->lane,
		.why = a->why,
		.batch = a->batch};
	memcpy(ev.wanted, a->wanted, sizeof(ev.wanted));
	return ev;
}

/* what the session machine asks */

static struct place
place_in(const struct node *n, uint8_t lane, uint64_t seq)
{
	struct place p = {.incarnation = n->standing.incarnation, .lane = lane, .seq = seq};
	memcpy(p.writer, n->writer.public, sizeof(p.writer));
	return p;
}

static enum err
keep_tokens(struct ingest *g, struct node *n, const struct lane_action *a)
{
	memcpy(n->standing.token, a->token, sizeof(n->standing.token));
	memcpy(n->standing.pending, a->pending, sizeof(n->standing.pending));
	n->standing.contact_s = clock_wall_ms() / INGEST_MS_PER_S;
	n->standing.granted = a->granted;
	n->has_tokens = a->ticket != 0;
	n->token_ticket = a->ticket;
	return ingest_node_keep(g, n);
}

/* While the hub waits for what it had: a copy may bring it under other numbers. */
static enum err
see_back(struct ingest *g, const struct node *n, const struct sync_entry *entry)
{
	struct wire_header h;
	enum err e = g->mode == SYNC_RECOVERY ? wire_header_unpack(&h, entry->header) : OK;
	if (e || g->mode != SYNC_RECOVERY || wire_is_zero(h.repeats, sizeof(h.repeats)))
		return e;
	return recovery_repeated(g->hub->txn, n->writer.public, h.repeats);
}

/* New entries of a checked batch. */
static enum err
keep_entries(struct ingest *g, struct node *n, const struct lane_action *a)
{
	OWNED(judge) struct judge *judge = NULL;
	struct tally tally;
	enum err e = judge_with(&judge, g->hub, g->hub->txn, g->papers);
	if (!e)
		e = tally_get(g->hub->txn, n->writer.public, &tally);
	const struct arrival arrival = {g->hub, g->hub->txn, &n->writer, judge, &tally};
	for (size_t i = 0; !e && i < a->batch->count; i++)
		if (a->batch->first + i >= a->first) {
			e = arrival_keep(&arrival, &a->batch->entries[i]);
			if (!e)
				e = see_back(g, n, &a->batch->entries[i]);
		}
	if (!e && a->lane == LANE_R)
		e = tally_put(g->hub->txn, n->writer.public, &tally);
	return e;
}

static enum err
append(struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps)
{
	const struct lane_event failed = {.kind = LANE_STORE_FAILED};
	struct sync_mark *mark = &n->marks[a->lane - 1], before;
	struct place end = place_in(n, a->lane, a->batch->first + a->batch->count - 1);
	if (a->lane != LANE_C && g->hub->on_reserve) {
		ingest_steps_add(steps, &failed);
		return OK;
	}
	n->is_touched = true;
	enum err e = standing_head_get(g->hub->txn, &end, &before);
	if (!e && (before.seq != a->mark.seq ||
			  memcmp(before.head, a->mark.head, sizeof(before.head)) != 0))
		e = fail(E_CONFLICT, "a lane does not end where its session stands");
	if (!e)
		e = keep_entries(g, n, a);
	if (e)
		return e;
	mark->seq = end.seq;
	memcpy(mark->head, a->batch->head, sizeof(mark->head));
	n->is_stored[a->lane - 1] = true;
	forward_note_end(audit_forward(g->hub->audit), n->writer.public,
		n->standing.incarnation, a->lane, mark);
	n->standing.contact_s = clock_wall_ms() / INGEST_MS_PER_S;
	e = standing_put(g->hub->txn, n->writer.public, &n->standing);
	return e ? e : standing_head_put(g->hub->txn, &end, mark, a->batch->signature);
}

/* Documents are read piece by piece: the last one is kept at hand. */
static enum err
read_config(struct ingest *g, const struct lane_action *a, struct steps *steps)
{
	struct lane_event ev = ingest_answer_to(a, LANE_CONFIG_READ);
	ev.config = a->config;
	ev.offset_bytes = a->offset_bytes;
	if (memcmp(g->document_hash, a->config.hash, sizeof(g->document_hash)) != 0 ||
		!g->document.len) {
		buf_reset(&g->document);
		enum err e = vault_get(g->hub->txn, VAULT_DOCUMENTS,
			view_of(a->config.hash, sizeof(a->config.hash)), &g->document);
		/* One that is damaged must not spoil the turn of whoever does not want it. */
		if (e == E_AUTH || e == E_FORMAT)
			log_error("ingest", "a document: %s", err_text());
		else if (e && e != E_NOTFOUND)
			return e;
		if (e)
			buf_reset(&g->document);
		memcpy(g->document_hash, a->config.hash, sizeof(g->document_hash));
	}
	ev.config.length_bytes = g->document.len;
	if (a->offset_bytes < g->document.len)
		ev.bytes = view_of(g->document.at + a->offset_bytes,
			MIN(a->max_bytes, g->document.len - (size_t)a->offset_bytes));
	ingest_steps_add(steps, &ev);
	return OK;
}

struct lane_event
ingest_checkpoint(const struct ingest *g)
{
	struct lane_event ev = {.kind = LANE_CHECKPOINT, .wall_ms = clock_wall_ms()};
	ev.mark.seq = audit_published_size(g->hub->audit);
	audit_published_root(ev.mark.head, g->hub->audit);
	return ev;
}

/* A greeting with the manifest that the node has said it took before: all that is sealed for an
 * older number is in what it has now. One of a copy that is refilled, or of an incarnation that
 * ended, says less. */
static enum err
note_claim(struct ingest *g, const struct node *n)
{
	struct renewal_claim claim = {
		.manifest = n->manifest, .incarnation = n->lane.incarnation};
	memcpy(claim.seq, n->lane.expected, sizeof(claim.seq));
	if (n->lane.refills || n->lane.greeting.more || n->manifest == 0 ||
		n->manifest != n->standing.manifest)
		return OK;
	return renewal_claim_take(g->hub->txn, n->writer.public, &claim);
}

static enum err
say_what_stands(struct ingest *g, struct steps *steps)
{
	struct lane_event offer = {.kind = LANE_OFFER, .config = g->offer};
	struct lane_event credit = {.kind = LANE_CREDIT, .credit_bytes = INGEST_CREDIT_BYTES};
	ingest_steps_add(steps, &offer);
	ingest_steps_add(steps, &credit);
	if (!audit_is_behind(g->hub->audit)) {
		struct lane_event checkpoint = ingest_checkpoint(g);
		ingest_steps_add(steps, &checkpoint);
	}
	return OK;
}

static enum err
go_live(struct ingest *g, struct node *n, struct steps *steps)
{
	n->reason = NULL;
	n->verdict = SYNC_OK;
	enum err e = note_claim(g, n);
	return e ? e : say_what_stands(g, steps);
}

static enum err
quarantine(struct ingest *g, struct node *n, const struct lane_action *a)
{
	struct act_leaf_room room;
	const struct act none = {0};
	struct leaf leaf;
	struct vault_txn *t = g->hub->txn;
	char commit[2 * SIGN_PUBLIC_BYTES + 1];
	text_hex(commit, n->writer.public, sizeof(n->writer.public));
	n->standing.standing = a->verdict;
	n->reason = a->reason;
	log_warn("ingest", "node %.8s: %s", commit, a->reason);
	acts_leaf(&leaf, &room, &none, "access-refused");
	leaf.actor = "ledger";
	leaf.site = n->writer.site;
	leaf.object_type = "node";
	leaf.object_commit = commit;
	leaf.decision = "deny";
	leaf.reason_code = a->verdict == SYNC_CLONE ? "clone" : "fork";
	enum err e = ingest_node_keep(g, n);
	if (!e && a->batch)
		e = standing_evidence(
			t, n->writer.public, a->batch, clock_wall_ms() / INGEST_MS_PER_S);
	return e ? e : audit_add(g->hub->audit, t, &leaf, NULL);
}

/* An older vault was put in place, and the journal did not tell: RECOVERY. */
static enum err
report(struct ingest *g, struct node *n, const struct lane_action *a)
{
	char id[9];
	text_hex(id, n->writer.public, 4);
	n->reason = a->reason;
	n->verdict = a->ok ? SYNC_OK : a->verdict;
	log_warn("ingest", "node %s: %s", id, a->reason);
	return a->ok ? recovery_find_out(g->hub->txn, audit_forward(g->hub->audit)) : OK;
}

static enum err
keep_config(struct ingest *g, struct node *n, const struct lane_action *a)
{
	if (!a->ok || n->standing.manifest == a->config.number)
		return OK;
	n->standing.manifest = a->config.number;
	return standing_put(g->hub->txn, n->writer.public, &n->standing);
}

/* Files and the log. */
static enum err
carry_file(struct ingest *g, struct node *n, struct lane_action *a, struct steps *steps)
{
	if (a->kind == LANE_NEXT_FILE)
		return ingest_next_file(g, n, a, steps);
	if (a->kind == LANE_KEEP_CHUNK)
		return ingest_keep_chunk(g, n, a, steps);
	return a->kind == LANE_PROVE ? ingest_prove(g, n, a, steps) : ingest_cosign(g, n, a);
}

static enum err
carry_out(struct ingest *g, struct node *n, struct lane_action *a, struct steps *steps)
{
	switch (a->kind) {
	case LANE_SEND:
		if (a->sign)
			lane_sign(a, g->hub->receipt);
		ingest_send(g, n, &a->msg);
		return OK;
	case LANE_FIND_HEAD:
		return ingest_find_head(g, n, a, steps);
	case LANE_REPORT:
		return report(g, n, a);
	case LANE_KEEP_TOKENS:
		return keep_tokens(g, n, a);
	case LANE_APPEND:
		return append(g, n, a, steps);
	case LANE_READ_CONFIG:
		return read_config(g, a, steps);
	case LANE_LIVE:
		return go_live(g, n, steps);
	case LANE_QUARANTINE:
		return quarantine(g, n, a);
	case LANE_CONFIG_ACKED:
		return keep_config(g, n, a);
	case LANE_HEARD:
		n->is_heard = true;
		return OK;
	case LANE_LOOK:
		return ingest_look(g, n, a, steps);
	case LANE_FETCH:
		return ingest_fetch(g, n, a, steps);
	case LANE_TAKE:
		return ingest_take(g, n, a);
	case LANE_RISE:
		return ingest_rise(g, n, a);
	case LANE_NEXT_FILE:
	case LANE_KEEP_CHUNK:
	case LANE_PROVE:
	case LANE_KEEP_COSIGNATURE:
		return carry_file(g, n, a, steps);
	case LANE_NOTE_CHANGE:
		return ingest_note_change(g, n, a);
	case LANE_FETCH_CHUNK:
	case LANE_FILE_SENT:
	case LANE_KEEP_CHECKPOINT:
	case LANE_ALARM:
	case LANE_RECONNECT:
	case LANE_STOP:
	case LANE_KEEP_TOKEN:
	case LANE_KEEP_ACKED:
	case LANE_KEEP_RECEIPT:
	case LANE_CONFIG_PART:
	case LANE_CONFIG_DONE:
	case LANE_OPEN:
	case LANE_REBASE:
	case LANE_FIND_CHANGE:
	case LANE_KEEP_NOTICED:
		return OK;
	}
	return OK;
}

enum err
ingest_drive(struct ingest *g, struct node *n, const struct lane_event *ev)
{
	struct steps steps = {.at = {*ev}, .count = 1};
	enum err e = OK;
	for (size_t i = 0; !e && i < steps.count; i++) {
		steps.at[i].mono_ms = ev->mono_ms;
		lane_hub_step(&n->lane, &steps.at[i], &g->actions);
		for (size_t k = 0; !e && k < g->actions.count; k++)
			e = carry_out(g, n, &g->actions.at[k], &steps);
	}
	return e;
}

enum err
ingest_follow(struct ingest *g, struct node *n, int64_t mono_ms)
{
	struct steps steps = {.count = 0};
	enum err e = OK;
	for (size_t k = 0; !e && k < g->actions.count; k++)
		e = carry_out(g, n, &g->actions.at[k], &steps);
	for (size_t i = 0; !e && i < steps.count; i++) {
		steps.at[i].mono_ms = mono_ms;
		e = ingest_drive(g, n, &steps.at[i]);
	}
	return e;
}
