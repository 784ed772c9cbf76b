#include "node/bundle_in.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/sync/lane_carry.h"

#include "node/sync_chunks.h"

#define REPLY_ROW_BYTES 64

/* the row */

enum err
bundle_reply_get(struct vault *v, struct bundle_reply *ret)
{
	struct view row;
	struct bundle_reply r = {.epoch = 0};
	*ret = r;
	enum err e = vault_get(v, VAULT_META, view_text(BUNDLE_REPLY_ROW), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	r.epoch = cursor_u64(&c);
	r.number = cursor_u64(&c);
	r.wall_ms = (int64_t)cursor_u64(&c);
	for (size_t i = 0; i < LANE_COUNT; i++)
		r.durable[i] = cursor_u64(&c);
	e = cursor_end(&c, "last bundle of the hub");
	if (!e)
		*ret = r;
	return e;
}

static enum err
put_reply(struct vault *v, const struct bundle_reply *r)
{
	OWNED_BUF struct buf row;
	buf_init(&row, REPLY_ROW_BYTES);
	buf_u64(&row, r->epoch);
	buf_u64(&row, r->number);
	buf_u64(&row, (uint64_t)r->wall_ms);
	for (size_t i = 0; i < LANE_COUNT; i++)
		buf_u64(&row, r->durable[i]);
	return vault_put(v, VAULT_META, view_text(BUNDLE_REPLY_ROW), buf_view(&row));
}

/* opening */

static enum err
check_address(const struct bundle_in *b)
{
	const struct bundle_head *h = &b->claim.head;
	const struct sync_link_site *s = b->site;
	if (h->way != BUNDLE_TO_NODE)
		return fail(E_DENIED, "this bundle is for the hub, not for a node");
	if (strcmp(h->study, s->card->study) != 0)
		return fail(E_DENIED,
			"this bundle is of study %s, and this node collects for study %s",
			h->study, s->card->study);
	if (memcmp(h->to, s->keys->writer_public, sizeof(h->to)) != 0)
		return fail(E_DENIED, "this bundle is for another node of study %s", h->study);
	if (memcmp(h->from, sync_config_receipt(s->config), sizeof(h->from)) != 0)
		return fail(E_DENIED, "this bundle is of another hub of study %s", h->study);
	return OK;
}

enum err
bundle_in_open(struct bundle_in *b, const struct sync_link_site *site,
	struct sync_session *session, struct view claim)
{
	struct bundle_reply last;
	*b = (struct bundle_in){.site = site, .session = session};
	enum err e = bundle_claim_read(&b->claim, claim);
	if (!e)
		e = check_address(b);
	if (!e)
		e = bundle_claim_check(&b->claim);
	if (!e)
		e = bundle_reply_get(site->vault, &last);
	if (e)
		return e;
	const struct bundle_head *h = &b->claim.head;
	b->reply = (struct bundle_reply){
		.epoch = h->epoch, .number = h->number, .wall_ms = h->wall_ms};
	b->is_newest =
		h->epoch > last.epoch || (h->epoch == last.epoch && h->number > last.number);
	bundle_sum_begin(&b->sum, h);
	return OK;
}

/* frames */

static enum err
carry_receipt(struct bundle_in *b, const struct sync_ack *ack, enum lane_carried *ret)
{
	const struct sync_receipt *r = &ack->receipt;
	const struct vault_at at = {r->incarnation, (enum lane)r->lane, r->mark.seq};
	struct vault *v = b->site->vault;
	struct lane_actions *actions;
	uint8_t own[HASH_BYTES];
	bool may_be = ack->has_receipt && r->lane >= LANE_C && r->lane <= LANE_A &&
		      r->incarnation == vault_incarnation(v) &&
		      r->mark.seq <= vault_committed(v, at.lane).seq;
	enum err e = may_be ? vault_hash(v, &at, own) : E_NOTFOUND;
	if (e && e != E_NOTFOUND)
		return e;
	struct lane_node *n = sync_session_machine(b->session, &actions);
	*ret = lane_node_carry(n, ack, e ? NULL : own, actions);
	return sync_session_follow(b->session);
}

static enum err
carry_verdict(struct bundle_in *b, enum sync_verdict verdict, bool *ret_stopped)
{
	struct lane_actions *actions;
	struct lane_node *n = sync_session_machine(b->session, &actions);
	*ret_stopped = lane_node_carry_verdict(n, verdict, actions);
	return sync_session_follow(b->session);
}

/* What the hub thinks of this installation counts as long as it said nothing later. */
static enum err
take_state(struct bundle_in *b, struct view plain)
{
	struct bundle_hub_state s;
	bool stopped = false;
	enum err e = bundle_hub_state_read(&s, plain);
	if (!e && b->is_newest)
		e = carry_verdict(b, s.verdict, &stopped);
	if (!e && stopped)
		e = fail(E_DENIED, "the hub takes nothing from this node until somebody has "
				   "looked at it: see `weir-node status`");
	return e;
}

static enum err
take_ack(struct bundle_in *b, const struct sync_ack *ack)
{
	enum lane_carried how;
	enum err e = carry_receipt(b, ack, &how);
	if (e)
		return e;
	b->offer = ack->config;
	for (size_t i = 0; i < LANE_COUNT; i++)
		b->reply.durable[i] = ack->durable[i].seq;
	switch (how) {
	case LANE_CARRIED_TAKEN:
		b->receipts++;
		b->at_hub[ack->receipt.lane - 1] = ack->receipt.mark.seq;
		return OK;
	case LANE_CARRIED_BEHIND:
		return fail(E_CONFLICT, "the hub has entries of this node that are not here: "
					"see `weir-node status`");
	case LANE_CARRIED_DAMAGED:
		return fail(E_AUTH, "a receipt in the bundle was not signed by the hub for "
				    "this node");
	case LANE_CARRIED_KNOWN:
	case LANE_CARRIED_EARLIER:
	case LANE_CARRIED_GAP:
	case LANE_CARRIED_CONTROL:
	case LANE_CARRIED_FORKED:
	case LANE_CARRIED_APART:
	case LANE_CARRIED_LATER:
	case LANE_CARRIED_LOST:
	case LANE_CARRIED_LOOK:
		return OK;
	}
	return OK;
}

/* A connection that is up brings the study itself, and two at once would be in each other's
 * way. */
static bool
is_wanted(const struct bundle_in *b, const struct sync_cfg_part *p)
{
	const struct lane_node *n = sync_session_node(b->session);
	if (n->state == LANE_UP || n->state == LANE_HELLO_SENT || n->state == LANE_REFILL ||
		b->is_ready || b->offer.number <= sync_config_number(b->site->config))
		return false;
	const uint8_t *hash = b->wants ? b->wanted.hash : b->offer.hash;
	return memcmp(p->hash, hash, sizeof(p->hash)) == 0;
}

static enum err
finish_document(struct bundle_in *b, const struct sync_offer *what)
{
	struct sync_config_step step;
	enum err e = sync_config_done(b->site->config, what, true, &step);
	if (e)
		return e;
	b->wants = step.next == SYNC_CONFIG_WANT;
	b->wanted = step.offer;
	b->is_ready = step.next == SYNC_CONFIG_READY;
	if (step.next == SYNC_CONFIG_REFUSED)
		return fail_in(E_DENIED, "the study in the bundle is refused");
	return OK;
}

static enum err
take_part(struct bundle_in *b, const struct sync_cfg_part *p)
{
	if (!is_wanted(b, p)) {
		b->is_skipped = true;
		return OK;
	}
	const struct sync_offer what = b->wants ? b->wanted : b->offer;
	if (p->total_bytes != what.length_bytes || p->offset_bytes > what.length_bytes ||
		p->bytes.len > what.length_bytes - p->offset_bytes)
		return fail(E_FORMAT, "a document of the study in the bundle does not fit");
	sync_config_part(b->site->config, &what, p->offset_bytes, p->bytes);
	bool is_whole = p->offset_bytes + p->bytes.len == what.length_bytes;
	return is_whole ? finish_document(b, &what) : OK;
}

/* How much of a file the hub has: from there the next bundle goes on. */
static enum err
take_want(struct bundle_in *b, struct view plain)
{
	struct wire_arena arena = {.room = sync_arena_bytes(SYNC_FRAME_MAX_BYTES)};
	OWNED_MEM uint8_t *room = xcalloc(1, arena.room);
	struct lane_file before;
	struct sync_msg m;
	arena.at = room;
	enum err e = sync_unpack(&m, &arena, plain);
	if (!e && m.kind != SYNC_WANT)
		e = fail(E_FORMAT, "the bundle has a message that no bundle may carry");
	if (e || !b->is_newest)
		return e;
	e = sync_chunks_lacking(b->site->vault, m.want.root, &before);
	if (!e)
		e = sync_chunks_wanted(b->site->vault, &m.want);
	if (e || before.count != m.want.count || m.want.next <= before.next)
		return e;
	b->pieces += m.want.next - before.next;
	b->files += m.want.next == m.want.count;
	return OK;
}

static enum err
take_log(struct bundle_in *b, const struct sync_log *m)
{
	struct lane_actions *actions;
	struct lane_node *n = sync_session_machine(b->session, &actions);
	lane_node_carry_log(n, m, actions);
	return sync_session_follow(b->session);
}

static enum err
take_message(struct bundle_in *b, struct view plain)
{
	struct wire_arena arena = {.room = sync_arena_bytes(SYNC_FRAME_MAX_BYTES)};
	OWNED_MEM uint8_t *room = xcalloc(1, arena.room);
	struct sync_msg m;
	arena.at = room;
	enum err e = sync_unpack(&m, &arena, plain);
	if (e)
		return e;
	if (m.kind == SYNC_ACK)
		return take_ack(b, &m.ack);
	if (m.kind == SYNC_CFG_PART)
		return take_part(b, &m.cfg_part);
	if (m.kind == SYNC_LOG)
		return take_log(b, &m.log);
	return fail(E_FORMAT, "the bundle has a message that no bundle may carry");
}

static enum err
take_terms(struct bundle_in *b, struct view piece)
{
	struct view whole;
	enum err e = termspieces_add(&b->terms, piece, &whole);
	return e || !whole.len ? e : sync_config_take_terms(b->site->config, whole);
}

enum err
bundle_in_frame(struct bundle_in *b, uint8_t kind, struct view box)
{
	OWNED_BUF struct buf plain;
	bool is_first = b->sum.count == 0;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	if ((kind == BUNDLE_STATE) != is_first)
		return fail(E_FORMAT, "the frames of the bundle are not in their order");
	bundle_sum_add(&b->sum, (enum bundle_kind)kind, box);
	enum err e = box_open(&plain, box, b->site->keys->box);
	if (e)
		return fail(e, "a frame of the bundle was not sealed to this node");
	if (kind == BUNDLE_STATE)
		return take_state(b, buf_view(&plain));
	if (kind == BUNDLE_MESSAGE)
		return take_message(b, buf_view(&plain));
	if (kind == BUNDLE_WANT)
		return take_want(b, buf_view(&plain));
	if (kind == BUNDLE_TERMS)
		return take_terms(b, buf_view(&plain));
	return fail(E_FORMAT, "this version cannot read a part of the bundle: renew the node");
}

/* the end */

enum err
bundle_in_close(struct bundle_in *b)
{
	termspieces_done(&b->terms);
	if (!bundle_sum_same(&b->sum, &b->claim.sum))
		return fail(E_AUTH, "the bundle changed while it was read");
	if (b->wants)
		return fail(E_FORMAT, "the study in the bundle is not whole");
	return b->is_newest ? put_reply(b->site->vault, &b->reply) : OK;
}

void
bundle_in_drop(struct bundle_in *b)
{
	termspieces_done(&b->terms);
	if (b->wants)
		sync_config_dropped(b->site->config);
	b->wants = false;
}

void
bundle_in_say(const struct bundle_in *b, struct json_out *w)
{
	static const char *const about[LANE_COUNT] = {"control", "records", "acts"};
	char written[CLOCK_TEXT_BYTES];
	clock_text(written, b->claim.head.wall_ms);
	json_put_int(w, "number", (int64_t)b->claim.head.number);
	json_put_text(w, "written", written);
	json_put_bool(w, "newest", b->is_newest);
	json_put_int(w, "receipts", (int64_t)b->receipts);
	json_put_array(w, "lanes");
	for (size_t i = 0; i < LANE_COUNT; i++) {
		json_put_object(w, NULL);
		json_put_text(w, "about", about[i]);
		json_put_int(w, "receipt_up_to", (int64_t)b->at_hub[i]);
		json_put_close(w);
	}
	json_put_close(w);
	json_put_int(w, "pieces", (int64_t)b->pieces);
	json_put_int(w, "files", (int64_t)b->files);
	json_put_int(w, "study", b->is_ready ? (int64_t)b->offer.number : 0);
}
