#include "common/sync/lane_hub.h"

#include <string.h>

#include "common/sync/lane_hub_inside.h"

#define HUB_SILENCE_MS 300000 /* a live node pings ten times in this time */

static struct lane_in *
lane_of(struct lane_hub_writer *w, uint8_t lane)
{
	return lane >= LANE_C && lane <= LANE_A ? &w->lanes[lane - 1] : NULL;
}

/* ---- the store's answers ---- */

static void
on_stored(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	struct lane_in *l = lane_of(w, ev->lane);
	if (!l || ev->mark.seq < l->durable.seq)
		return;
	l->durable = ev->mark;
	if (l->tail.seq <= l->durable.seq) {
		l->tail = l->durable;
		l->held_bytes = 0;
	}
	if (w->state != LANE_ALIVE)
		return;
	(void)hub_send_ack(w, out);
	hub_see_heard(w, out);
	if (ev->lane == LANE_R)
		hub_next_file(w, out);
}

static void
on_store_failed(struct lane_hub_writer *w, struct lane_actions *out)
{
	for (size_t i = 0; i < LANE_COUNT; i++) {
		w->lanes[i].tail = w->lanes[i].durable;
		w->lanes[i].held_bytes = 0;
	}
	if (w->state == LANE_ALIVE)
		hub_send_close(out, w->session, SYNC_CLOSE_FULL, LANE_FULL_RETRY_MS);
	hub_end_session(w);
}

static void
on_config_read(
	const struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	if (w->state != LANE_ALIVE || ev->ticket != w->ticket)
		return;
	struct sync_cfg_part *p = &lane_add_send(out, SYNC_CFG_PART)->msg.cfg_part;
	memcpy(p->session, w->session, sizeof(p->session));
	memcpy(p->hash, ev->config.hash, sizeof(p->hash));
	p->offset_bytes = ev->offset_bytes;
	p->total_bytes = ev->config.length_bytes;
	p->bytes = ev->bytes;
}

/* ---- messages of a live session ---- */

static void
on_close(struct lane_hub_writer *w, const struct sync_close *c, struct lane_actions *out)
{
	bool live = w->state == LANE_ALIVE && hub_same_id(c->session, w->session);
	bool greeted = w->greeting.open && hub_same_id(c->session, w->greeting.session);
	if (!live && !greeted)
		return;
	if (c->code == SYNC_CLOSE_FORK)
		hub_report(out, SYNC_FORK,
			"a node does not find among its entries what the hub has of it");
	if (live)
		hub_end_session(w);
	else
		hub_end_greeting(w);
}

static void
on_cfg_get(struct lane_hub_writer *w, const struct sync_cfg_get *g, struct lane_actions *out)
{
	struct lane_action *a = lane_add(out, LANE_READ_CONFIG);
	a->ticket = w->ticket;
	memcpy(a->config.hash, g->hash, sizeof(a->config.hash));
	a->offset_bytes = g->offset_bytes;
	a->max_bytes = MIN((size_t)g->length_bytes, SYNC_CFG_PART_BYTES);
}

/* A receipt was lost on the way if the node holds less than was sent: it is made again. Where
 * the lane went on since the last checkpoint, the next one brings a receipt anyway. */
static void
repeat_receipts(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	bool lost = false;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		struct lane_in *l = &w->lanes[i];
		if (l->receipted != l->durable.seq)
			return;
		lost = lost || ev->message->ping.marks[i] < l->receipted;
	}
	if (!lost)
		return;
	for (size_t i = 0; i < LANE_COUNT; i++)
		w->lanes[i].receipted = MIN(w->lanes[i].receipted, ev->message->ping.marks[i]);
	hub_send_receipts(w, ev->wall_ms, out);
}

static void
on_ping(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	struct sync_pong *p = &lane_add_send(out, SYNC_PONG)->msg.pong;
	memcpy(p->session, w->session, sizeof(p->session));
	p->t1_ms = ev->message->ping.t1_ms;
	p->t2_ms = ev->mono_ms;
	p->t3_ms = ev->mono_ms;
	for (size_t i = 0; i < LANE_COUNT; i++)
		p->durable[i] = w->lanes[i].durable.seq;
	repeat_receipts(w, ev, out);
	hub_repeat_want(w, out);
}

/* Every message of a node but HELLO, READY and CLOSE begins with its session. */
static void
on_session_message(
	struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	const struct sync_msg *m = ev->message;
	const uint8_t *session = m->batch.session;
	_Static_assert(offsetof(struct sync_batch, session) == 0, "session first");
	_Static_assert(offsetof(struct sync_cfg_get, session) == 0, "session first");
	_Static_assert(offsetof(struct sync_cfg_ack, session) == 0, "session first");
	_Static_assert(offsetof(struct sync_ping, session) == 0, "session first");
	_Static_assert(offsetof(struct sync_pong, session) == 0, "session first");
	_Static_assert(offsetof(struct sync_probe, session) == 0, "session first");
	_Static_assert(offsetof(struct sync_probed, session) == 0, "session first");
	_Static_assert(offsetof(struct sync_pull, session) == 0, "session first");
	_Static_assert(offsetof(struct sync_chunk, session) == 0, "session first");
	_Static_assert(offsetof(struct sync_witness, session) == 0, "session first");
	_Static_assert(offsetof(struct sync_log_get, session) == 0, "session first");
	bool current = w->state == LANE_ALIVE &&
		       (hub_same_id(session, w->session) || LANE_MUTANT(MUTANT_SESSION));
	if (!current) {
		hub_refuse_stale(w, session, out);
		return;
	}
	w->heard_ms = ev->mono_ms;
	if (m->kind == SYNC_BATCH) {
		hub_on_batch(w, &m->batch, out);
	} else if (m->kind == SYNC_NOTICE) {
		hub_on_notice(w, &m->batch, out);
	} else if (m->kind == SYNC_CFG_GET) {
		on_cfg_get(w, &m->cfg_get, out);
	} else if (m->kind == SYNC_PING) {
		on_ping(w, ev, out);
	} else if (m->kind == SYNC_PROBE) {
		hub_on_probe(w, &m->probe, out);
	} else if (m->kind == SYNC_PROBED) {
		hub_on_probed(w, &m->probed, out);
	} else if (m->kind == SYNC_PULL) {
		hub_on_pull(w, &m->pull, out);
	} else if (m->kind == SYNC_CHUNK) {
		hub_on_chunk(w, &m->chunk, out);
	} else if (m->kind == SYNC_WITNESS) {
		hub_on_witness(w, &m->witness, out);
	} else if (m->kind == SYNC_LOG_GET) {
		hub_on_log_get(w, &m->log_get, out);
	} else if (m->kind == SYNC_CFG_ACK) {
		struct lane_action *a = lane_add(out, LANE_CONFIG_ACKED);
		a->config.number = m->cfg_ack.number;
		a->ok = m->cfg_ack.applied;
	}
}

static void
on_message(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	switch (ev->message->kind) {
	case SYNC_HELLO:
		hub_on_hello(w, ev, out);
		return;
	case SYNC_READY:
		w->heard_ms = ev->mono_ms;
		hub_on_ready(w, &ev->message->ready, out);
		return;
	case SYNC_CLOSE:
		on_close(w, &ev->message->close, out);
		return;
	case SYNC_BATCH:
	case SYNC_CFG_GET:
	case SYNC_CFG_ACK:
	case SYNC_PING:
	case SYNC_PONG:
	case SYNC_PROBE:
	case SYNC_PROBED:
	case SYNC_PULL:
	case SYNC_CHUNK:
	case SYNC_WITNESS:
	case SYNC_LOG_GET:
	case SYNC_NOTICE:
		on_session_message(w, ev, out);
		return;
	case SYNC_WELCOME:
	case SYNC_ACK:
	case SYNC_NACK:
	case SYNC_CFG_PART:
	case SYNC_ENROL_REQ:
	case SYNC_ENROL_OK:
	case SYNC_WANT:
	case SYNC_LOG:
	case SYNC_NOTICED:
		w->refused_count++;
		return;
	}
}

/* ---- public ---- */

static uint32_t
clamp_credit(uint32_t bytes)
{
	if (bytes == 0)
		return 0;
	return MIN(MAX(bytes, SYNC_CREDIT_MIN_BYTES), SYNC_CREDIT_MAX_BYTES);
}

void
lane_hub_init(struct lane_hub_writer *w, const struct lane_hub_setup *s)
{
	*w = (struct lane_hub_writer){.standing = s->standing,
		.incarnation = s->incarnation,
		.base_incarnation = s->base_incarnation,
		.granted = MAX(s->granted, s->incarnation),
		.ever_incarnation = s->ever_incarnation,
		.epoch = s->epoch,
		.mode = s->mode,
		.retry_after_ms = s->retry_after_ms,
		.config = s->config,
		.checkpoint = s->checkpoint,
		.credit_bytes = clamp_credit(s->credit_bytes)};
	memcpy(w->study, s->study, strnlen(s->study, sizeof(w->study) - 1));
	memcpy(w->writer, s->writer, sizeof(w->writer));
	if (s->origin)
		memcpy(w->origin, s->origin, strnlen(s->origin, sizeof(w->origin) - 1));
	memcpy(w->witness, s->witness, sizeof(w->witness));
	memcpy(w->receipt_public, s->receipt_public, sizeof(w->receipt_public));
	memcpy(w->token, s->token, sizeof(w->token));
	memcpy(w->pending, s->pending, sizeof(w->pending));
	for (size_t i = 0; i < LANE_COUNT; i++) {
		w->lanes[i].durable = s->durable[i];
		w->lanes[i].tail = s->durable[i];
		w->lanes[i].retained = s->retained[i];
		w->lanes[i].base = s->base[i];
		w->lanes[i].ever = s->ever[i];
		lane_link(w->lanes[i].link, s->base_incarnation, (uint8_t)(i + 1), &s->base[i]);
	}
}

static void
on_credit(struct lane_hub_writer *w, uint32_t bytes, struct lane_actions *out)
{
	uint32_t before = w->credit_bytes;
	w->credit_bytes = clamp_credit(bytes);
	w->granted_bytes = MAX(w->granted_bytes, (size_t)w->credit_bytes);
	if (w->state == LANE_ALIVE && w->credit_bytes != before)
		(void)hub_send_ack(w, out);
}

static void
on_offer(struct lane_hub_writer *w, const struct sync_offer *offer, struct lane_actions *out)
{
	bool news = offer->number != w->config.number;
	w->config = *offer;
	if (w->state == LANE_ALIVE && news)
		(void)hub_send_ack(w, out);
}

static void
on_tick(struct lane_hub_writer *w, int64_t mono_ms)
{
	if (w->state == LANE_ALIVE && mono_ms - w->heard_ms > HUB_SILENCE_MS)
		hub_end_session(w);
}

static void
on_revoke(struct lane_hub_writer *w, struct lane_actions *out)
{
	w->standing = SYNC_REVOKED;
	if (w->state == LANE_ALIVE)
		hub_send_close(out, w->session, SYNC_CLOSE_REVOKED, LANE_NO_RETRY_MS);
	hub_end_session(w);
}

static void
on_checkpoint(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	w->checkpoint = ev->mark;
	if (w->state == LANE_ALIVE)
		hub_send_receipts(w, ev->wall_ms, out);
}

static void
on_tokens_kept(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	if (w->greeting.open && !w->greeting.welcomed && ev->ticket == w->greeting.ticket)
		hub_send_welcome(w, out);
}

static void
on_mode(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	w->mode = ev->mode;
	w->epoch = MAX(w->epoch, ev->epoch);
	w->retry_after_ms = ev->retry_after_ms;
	if (ev->mode != SYNC_DRAIN)
		return;
	if (w->state == LANE_ALIVE)
		hub_send_close(out, w->session, SYNC_CLOSE_SHUTDOWN, ev->retry_after_ms);
	hub_end_session(w);
}

static void
on_retained(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	struct lane_in *l = lane_of(w, ev->lane);
	if (!l || ev->mark.seq <= l->retained)
		return;
	l->retained = ev->mark.seq;
	if (w->state == LANE_ALIVE)
		(void)hub_send_ack(w, out);
}

static void
on_look(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	if (ev->kind == LANE_LOOKED)
		hub_on_looked(w, ev, out);
	else if (ev->kind == LANE_FETCHED)
		hub_on_fetched(w, ev, out);
	else if (ev->kind == LANE_PROBE)
		hub_probe(w, ev, out);
	else if (ev->kind == LANE_REPAIR)
		hub_repair(w, ev, out);
}

static void
on_terms(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	if (ev->kind == LANE_OFFER)
		on_offer(w, &ev->config, out);
	else
		on_credit(w, ev->credit_bytes, out);
}

/* What the store did for a session. */
static void
on_answer(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	if (ev->kind == LANE_HEAD_FOUND)
		hub_on_head_found(w, ev, out);
	else if (ev->kind == LANE_TOKENS_KEPT)
		on_tokens_kept(w, ev, out);
	else if (ev->kind == LANE_STORED)
		on_stored(w, ev, out);
	else if (ev->kind == LANE_STORE_FAILED)
		on_store_failed(w, out);
	else if (ev->kind == LANE_CONFIG_READ)
		on_config_read(w, ev, out);
	else if (ev->kind == LANE_CHANGE_NOTED)
		hub_send_noticed(w, &ev->mark, out);
}

void
lane_hub_step(struct lane_hub_writer *w, const struct lane_event *ev, struct lane_actions *out)
{
	lane_begin(out);
	switch (ev->kind) {
	case LANE_TICK:
		on_tick(w, ev->mono_ms);
		return;
	case LANE_LOST:
		hub_end_session(w);
		return;
	case LANE_MESSAGE:
		on_message(w, ev, out);
		return;
	case LANE_HEAD_FOUND:
	case LANE_TOKENS_KEPT:
	case LANE_STORED:
	case LANE_STORE_FAILED:
	case LANE_CONFIG_READ:
	case LANE_CHANGE_NOTED:
		on_answer(w, ev, out);
		return;
	case LANE_OFFER:
	case LANE_CREDIT:
		on_terms(w, ev, out);
		return;
	case LANE_CHECKPOINT:
		on_checkpoint(w, ev, out);
		return;
	case LANE_REVOKE:
		on_revoke(w, out);
		return;
	case LANE_MODE:
		on_mode(w, ev, out);
		return;
	case LANE_RETAINED:
		on_retained(w, ev, out);
		return;
	case LANE_LOOKED:
	case LANE_FETCHED:
	case LANE_PROBE:
	case LANE_REPAIR:
		on_look(w, ev, out);
		return;
	case LANE_LACKS:
	case LANE_CHUNK_STORED:
	case LANE_PROVED:
		hub_on_file_answer(w, ev, out);
		return;
	case LANE_CONNECTED:
	case LANE_APPENDED:
	case LANE_TOKEN_KEPT:
	case LANE_WANT:
	case LANE_CONFIG_APPLIED:
	case LANE_SURVIVE:
	case LANE_OPENED:
	case LANE_REBASED:
	case LANE_CHUNK_FETCHED:
	case LANE_CHECKPOINT_KEPT:
	case LANE_CHANGE_FOUND:
		return;
	}
}
