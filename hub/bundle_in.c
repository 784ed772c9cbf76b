#include "hub/bundle_in.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/sync/lane_carry.h"

#include "hub/attachments.h"
#include "hub/bundle_batch.h"
#include "hub/ingest_inside.h"
#include "hub/renewal_claim.h"
#include "hub/renewal_ledger.h"

/* opening */

static enum err
check_address(const struct bundle_in *b)
{
	const struct bundle_head *h = &b->claim.head;
	if (h->way != BUNDLE_TO_HUB)
		return fail(E_DENIED, "this bundle is for a node, not for the hub");
	if (strcmp(h->study, b->hub->study) != 0)
		return fail(E_DENIED, "this bundle is of study %s, and this hub keeps study %s",
			h->study, b->hub->study);
	if (memcmp(h->to, b->hub->box_public, sizeof(h->to)) != 0)
		return fail(
			E_DENIED, "this bundle is sealed to another hub of study %s", h->study);
	return OK;
}

enum err
bundle_in_open(struct bundle_in *b, struct hub *h, struct ingest *g, struct view claim)
{
	struct vault_txn *t;
	*b = (struct bundle_in){.hub = h, .ingest = g};
	buf_init(&b->whole, (size_t)BUNDLE_FILES_MAX_COUNT * HASH_BYTES);
	buf_init(&b->held.batches, BUNDLE_HELD_MAX_BYTES);
	enum err e = bundle_claim_read(&b->claim, claim);
	if (!e)
		e = check_address(b);
	if (!e)
		e = bundle_claim_check(&b->claim);
	if (!e)
		e = hub_txn_reserve(h, &t);
	if (e)
		return e;
	e = writer_get(t, b->claim.head.from, &b->writer);
	if (e == E_NOTFOUND)
		return fail(E_NOTFOUND,
			"this bundle is of a node installation that was never admitted here");
	if (!e && b->writer.revoked_s)
		e = fail(E_DENIED,
			"the node of this bundle was revoked: nothing of it is taken");
	bundle_sum_begin(&b->sum, &b->claim.head);
	return e;
}

void
bundle_in_done(struct bundle_in *b)
{
	buf_done(&b->whole);
	buf_done(&b->held.batches);
}

/* frames */

/* It counts when the sum is the one that the node signed: at the end. */
static enum err
take_state(struct bundle_in *b, const struct node *n, struct view plain)
{
	struct bundle_node_state s;
	enum err e = bundle_node_state_read(&s, plain);
	if (e)
		return e;
	b->config = s.config;
	b->log_size = s.log_size;
	b->incarnation = s.incarnation;
	for (size_t i = 0; i < LANE_COUNT; i++)
		b->last[i] = s.last[i].seq;
	if (s.incarnation > n->lane.incarnation)
		return fail(E_CONFLICT,
			"the node goes on from a restored copy: it has to connect to the hub "
			"once, for a minute, before its bundles are taken");
	return OK;
}

static enum err
take_witness(
	struct bundle_in *b, struct node *n, const struct sync_witness *m, bool *ret_spoils)
{
	lane_hub_carry_witness(&n->lane, m, &b->ingest->actions);
	enum err e = ingest_follow(b->ingest, n, clock_mono_ms());
	*ret_spoils = e != OK;
	return e;
}

static enum err
take_message(struct bundle_in *b, struct node *n, struct view plain, bool *ret_spoils)
{
	struct sync_msg m;
	b->ingest->arena.used = 0;
	enum err e = sync_unpack(&m, &b->ingest->arena, plain);
	if (!e && m.kind == SYNC_WITNESS)
		return take_witness(b, n, &m.witness, ret_spoils);
	if (!e && (m.kind != SYNC_BATCH || m.batch.incarnation == 0))
		e = fail(E_FORMAT, "the bundle has a message that no bundle may carry");
	return e ? e : bundle_batch_take(b, n, &m.batch, plain, ret_spoils);
}

/* A bundle has the pieces of a file one behind the other, so the last root is compared only.
 * What is more than the list holds is said when it comes again. */
static void
note_whole(struct bundle_in *b, const uint8_t root[static HASH_BYTES])
{
	struct buf *w = &b->whole;
	bool is_noted = w->len && memcmp(w->at + w->len - HASH_BYTES, root, HASH_BYTES) == 0;
	if (!is_noted && w->len < w->max)
		buf_add(w, root, HASH_BYTES);
}

static enum err
keep_piece(struct bundle_in *b, const struct lane_file *here, const struct sync_chunk *c,
	bool *ret_spoils)
{
	struct lane_file at = *here;
	at.next = c->index;
	enum err e = attachments_keep(b->hub->txn, b->writer.public, &at, c->bytes);
	*ret_spoils = e != OK;
	b->pieces.taken += !e;
	if (!e && c->index + 1 == here->count)
		note_whole(b, c->root);
	return e;
}

static enum err
take_chunk(struct bundle_in *b, struct node *n, struct view plain, bool *ret_spoils)
{
	struct lane_file here;
	struct sync_msg m;
	b->ingest->arena.used = 0;
	enum err e = sync_unpack(&m, &b->ingest->arena, plain);
	if (!e && m.kind != SYNC_CHUNK)
		e = fail(E_FORMAT, "the bundle has a message that no bundle may carry");
	if (!e)
		e = attachments_of(b->hub->txn, m.chunk.root, &here);
	if (e && e != E_NOTFOUND)
		return e;
	enum lane_carried how =
		e ? LANE_CARRIED_GAP : lane_hub_carry_chunk(&n->lane, &here, &m.chunk);
	if (how == LANE_CARRIED_DAMAGED)
		return fail(E_AUTH,
			"a piece in the bundle is not of the file that its record names");
	if (how == LANE_CARRIED_APART)
		return bundle_batch_refused(how, LANE_R);
	if (how == LANE_CARRIED_TAKEN && !b->hub->on_reserve)
		return keep_piece(b, &here, &m.chunk, ret_spoils);
	if (how != LANE_CARRIED_KNOWN) {
		b->pieces.left++;
		return OK;
	}
	b->pieces.known++;
	if (here.next == here.count)
		note_whole(b, m.chunk.root);
	return OK;
}

/* The node may have been revoked since the bundle was opened. */
static enum err
node_of(struct bundle_in *b, struct node **ret, bool *ret_spoils)
{
	struct vault_txn *t;
	enum err e = hub_txn_reserve(b->hub, &t);
	if (!e)
		e = ingest_node_of_key(b->ingest, b->writer.transport, clock_mono_ms(), ret);
	if (e == E_NOTFOUND)
		return fail(E_DENIED, "the node of this bundle was revoked");
	*ret_spoils = e != OK;
	return e;
}

enum err
bundle_in_frame(struct bundle_in *b, uint8_t kind, struct view box, bool *ret_spoils)
{
	OWNED_BUF struct buf plain;
	struct node *n;
	bool is_first = b->sum.count == 0;
	*ret_spoils = false;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	if ((kind == BUNDLE_STATE) != is_first)
		return fail(E_FORMAT, "the frames of the bundle are not in their order");
	bundle_sum_add(&b->sum, (enum bundle_kind)kind, box);
	enum err e = renewal_ledger_unbox(b->hub, &plain, box);
	if (e)
		return fail(e, "a frame of the bundle was not sealed to this hub");
	e = node_of(b, &n, ret_spoils);
	if (e)
		return e;
	if (kind == BUNDLE_STATE)
		return take_state(b, n, buf_view(&plain));
	if (kind == BUNDLE_MESSAGE)
		return take_message(b, n, buf_view(&plain), ret_spoils);
	if (kind == BUNDLE_CHUNK)
		return take_chunk(b, n, buf_view(&plain), ret_spoils);
	return fail(E_FORMAT, "this version cannot read a part of the bundle: renew the hub");
}

/* the end */

/* All that the node knew of consent when it wrote is here. */
static enum err
keep_word(struct bundle_in *b, struct node *n)
{
	const int64_t written_s = b->claim.head.wall_ms / INGEST_MS_PER_S;
	const int64_t word_s = MIN(written_s, clock_wall_ms() / INGEST_MS_PER_S);
	if (n->standing.incarnation != b->incarnation || word_s <= n->standing.consent_s ||
		n->lane.lanes[LANE_C - 1].tail.seq < b->last[LANE_C - 1])
		return OK;
	n->standing.consent_s = word_s;
	return standing_put(b->hub->txn, n->writer.public, &n->standing);
}

/* What the node had in force when it wrote, and what it had; only a higher number says anything
 * new. */
static enum err
keep_state(struct bundle_in *b, bool *ret_spoils)
{
	struct node *n;
	struct renewal_claim claim = {.manifest = b->config, .incarnation = b->incarnation};
	memcpy(claim.seq, b->last, sizeof(claim.seq));
	enum err e = node_of(b, &n, ret_spoils);
	if (e)
		return e;
	e = keep_word(b, n);
	*ret_spoils = e != OK;
	if (e || b->config < n->standing.manifest || b->config == 0)
		return e;
	n->standing.manifest = b->config;
	e = standing_put(b->hub->txn, n->writer.public, &n->standing);
	if (!e)
		e = renewal_claim_take(b->hub->txn, n->writer.public, &claim);
	*ret_spoils = e != OK;
	return e;
}

enum err
bundle_in_close(struct bundle_in *b, bool *ret_spoils)
{
	struct vault_txn *t;
	*ret_spoils = false;
	if (!bundle_sum_same(&b->sum, &b->claim.sum))
		return fail(E_AUTH, "the bundle changed while it was read");
	if (b->held.lane)
		return bundle_batch_refused(LANE_CARRIED_LOST, b->held.lane);
	enum err e = keep_state(b, ret_spoils);
	if (e || !b->whole.len)
		return e;
	e = hub_txn_reserve(b->hub, &t);
	if (!e)
		e = attachments_sweep(t, b->writer.public);
	*ret_spoils = e != OK;
	return e;
}

void
bundle_in_say(const struct bundle_in *b, struct json_out *w)
{
	static const char *const about[LANE_COUNT] = {"control", "records", "acts"};
	char written[CLOCK_TEXT_BYTES];
	clock_text(written, b->claim.head.wall_ms);
	json_put_text(w, "site", b->writer.site);
	json_put_hex(w, "node", view_of(b->writer.public, 4));
	json_put_int(w, "number", (int64_t)b->claim.head.number);
	json_put_text(w, "written", written);
	json_put_array(w, "lanes");
	for (size_t i = 0; i < LANE_COUNT; i++) {
		json_put_object(w, NULL);
		json_put_text(w, "about", about[i]);
		json_put_int(w, "taken", (int64_t)b->taken[i]);
		json_put_int(w, "known", (int64_t)b->known[i]);
		json_put_close(w);
	}
	json_put_close(w);
	json_put_object(w, "pieces");
	json_put_int(w, "taken", (int64_t)b->pieces.taken);
	json_put_int(w, "known", (int64_t)b->pieces.known);
	json_put_int(w, "left", (int64_t)b->pieces.left);
	json_put_int(w, "files", (int64_t)(b->whole.len / HASH_BYTES));
	json_put_close(w);
}
