#include "node/sync_session_inside.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"

#include "node/sync_chain.h"
#include "node/sync_change.h"
#include "node/sync_chunks.h"
#include "node/sync_marks.h"

/* carrying out */

static enum err
send_message(struct sync_session *s, struct lane_action *a)
{
	if (a->sign)
		lane_sign(a, a->msg.kind == SYNC_WITNESS ? s->site.keys->witness
							 : s->site.keys->writer);
	buf_reset(&s->plain);
	buf_reset(&s->frame);
	enum err e = sync_pack(&s->plain, &a->msg);
	if (!e) {
		buf_u8(&s->frame, SESSION_FRAME_SEALED);
		box_seal(&s->frame, buf_view(&s->plain), sync_config_ledger(s->site.config));
		e = buf_check(&s->frame, "frame");
		if (!e)
			e = s->site.send(s->site.arg, buf_view(&s->frame));
	}
	if (!e && s->site.pace && a->msg.kind == SYNC_BATCH)
		return sync_pace_sent(s->site.pace, sync_batch_bytes(&a->msg.batch),
			a->msg.batch.lane != LANE_C);
	if (!e && s->site.pace && a->msg.kind == SYNC_CHUNK)
		return sync_pace_sent(s->site.pace, sync_chunk_bytes(&a->msg.chunk), true);
	if (!e)
		return OK;
	/* A full queue or a link that has gone: the session begins anew, nothing is lost. */
	struct lane_event lost = sync_session_event_of(LANE_LOST);
	sync_session_enqueue(s, &lost);
	return OK;
}

/* chains */

static struct lane_event
answer_to(const struct lane_action *a, enum lane_event_kind kind)
{
	struct lane_event answer = sync_session_event_of(kind);
	answer.ticket = a->ticket;
	answer.lane = a->lane;
	answer.why = a->why;
	memcpy(answer.wanted, a->wanted, sizeof(answer.wanted));
	return answer;
}

/* What the hub sent cannot be used, or what it asks for cannot be read: the session begins
 * anew, and all else goes on. */
static enum err
lose(struct sync_session *s, enum err e)
{
	if (e != E_CONFLICT)
		return e;
	struct lane_event lost = sync_session_event_of(LANE_LOST);
	log_warn("sync", "%s", err_text());
	sync_session_enqueue(s, &lost);
	return OK;
}

static enum err
find(struct sync_session *s, const struct lane_action *a)
{
	struct lane_event answer =
		answer_to(a, a->kind == LANE_LOOK ? LANE_LOOKED : LANE_HEAD_FOUND);
	enum err e = sync_chain_find(s->site.vault, a, &answer);
	if (!e)
		sync_session_enqueue(s, &answer);
	return lose(s, e);
}

/* A greeting that goes back tells that the hub was restored to an earlier incarnation. */
static enum err
open_chain(struct sync_session *s, const struct lane_action *a)
{
	struct lane_event opened = answer_to(a, LANE_OPENED);
	sync_chain_open(s->site.vault, a, &opened);
	sync_session_enqueue(s, &opened);
	if (s->node.state != LANE_HELLO_SENT || a->ok)
		return OK;
	return sync_chain_set_lost(s->site.vault, a->incarnation + 1);
}

/* What was to be mended and cannot is asked for again, later. */
static enum err
take_entries(struct sync_session *s, const struct lane_action *a)
{
	bool mends = s->node.state == LANE_UP;
	enum err e = sync_chain_take(s->site.vault, a, mends);
	if (!mends || e != E_CONFLICT)
		return lose(s, e);
	log_warn("sync", "%s", err_text());
	return OK;
}

static enum err
rebase(struct sync_session *s, const struct lane_action *a)
{
	struct sync_judge judge = {.vault = s->site.vault,
		.pack = sync_config_pack(s->site.config),
		.site = s->site.card->site,
		.now_ms = clock_wall_ms()};
	judge.past = sync_config_past(s->site.config, &judge.past_count);
	judge.terms = sync_config_terms(s->site.config);
	enum err e = sync_chain_rebase(&judge, a);
	s->rebased = !e;
	s->rebase_ticket = a->ticket;
	return lose(s, e);
}

/* A greeting in the newest incarnation: the hub has all of those before it. */
static enum err
keep_token(struct sync_session *s, const struct lane_action *a)
{
	s->token_kept = true;
	s->token_ticket = a->ticket;
	enum err e = sync_marks_token(s->site.vault, a);
	if (e || s->node.incarnation != s->node.own.incarnation || s->node.refill.hub)
		return e;
	return sync_chain_set_lost(s->site.vault, 0);
}

void
sync_session_tell_applied(struct sync_session *s, uint64_t number, bool ok)
{
	struct lane_event applied = sync_session_event_of(LANE_CONFIG_APPLIED);
	applied.config.number = number;
	applied.ok = ok;
	sync_session_enqueue(s, &applied);
}

static enum err
config_done(struct sync_session *s, const struct lane_action *a)
{
	struct sync_config_step step;
	struct lane_event want = sync_session_event_of(LANE_WANT);
	enum err e = sync_config_done(s->site.config, &a->config, a->ok, &step);
	if (e)
		return e;
	switch (step.next) {
	case SYNC_CONFIG_WANT:
		want.config = step.offer;
		sync_session_enqueue(s, &want);
		return OK;
	case SYNC_CONFIG_READY:
		return OK;
	case SYNC_CONFIG_REFUSED:
		s->config_refused = true;
		log_error("sync", "version %llu of the study is refused: %s",
			(unsigned long long)step.offer.number, err_text());
		sync_session_tell_applied(s, step.offer.number, false);
		return OK;
	}
	return OK;
}

static enum err
keep_log(struct sync_session *s, const struct lane_action *a)
{
	if (a->kind == LANE_ALARM)
		return sync_witness_alarm(s->site.vault, s->site.config, a);
	return sync_witness_keep(s->site.vault, s->site.config, a, &s->checkpoint);
}

static void
log_reason(const struct lane_action *a)
{
	if (a->kind == LANE_STOP)
		log_error("sync", "sending has stopped: %s", a->reason);
	else
		log_warn("sync", "%s", a->reason);
}

enum err
sync_session_carry_out(struct sync_session *s, struct lane_action *a)
{
	switch (a->kind) {
	case LANE_SEND:
		return send_message(s, a);
	case LANE_FIND_HEAD:
	case LANE_LOOK:
		return find(s, a);
	case LANE_OPEN:
		return open_chain(s, a);
	case LANE_TAKE:
		return take_entries(s, a);
	case LANE_REBASE:
		return rebase(s, a);
	case LANE_REPORT:
	case LANE_STOP:
		log_reason(a);
		return OK;
	case LANE_RECONNECT:
		s->site.reconnect(s->site.arg, a->after_ms);
		return OK;
	case LANE_FETCH:
	case LANE_FETCH_CHUNK:
	case LANE_FIND_CHANGE:
		sync_session_ask_fetch(s, a);
		return OK;
	case LANE_KEEP_NOTICED:
		return sync_change_known(s->site.vault, a->incarnation, a->mark.seq);
	case LANE_FILE_SENT:
		return sync_chunks_sent(s->site.vault, a->file.root);
	case LANE_KEEP_CHECKPOINT:
	case LANE_ALARM:
		return keep_log(s, a);
	case LANE_KEEP_TOKEN:
		return keep_token(s, a);
	case LANE_KEEP_ACKED:
		return sync_marks_acked(s->site.vault, a);
	case LANE_KEEP_RECEIPT:
		return sync_marks_receipt(s->site.vault, a, s->contact_ms);
	case LANE_CONFIG_PART:
		sync_config_part(s->site.config, &a->config, a->offset_bytes, a->bytes);
		return OK;
	case LANE_CONFIG_DONE:
		return config_done(s, a);
	case LANE_KEEP_TOKENS:
	case LANE_APPEND:
	case LANE_READ_CONFIG:
	case LANE_LIVE:
	case LANE_QUARANTINE:
	case LANE_CONFIG_ACKED:
	case LANE_RISE:
	case LANE_NEXT_FILE:
	case LANE_KEEP_CHUNK:
	case LANE_PROVE:
	case LANE_KEEP_COSIGNATURE:
	case LANE_HEARD:
	case LANE_NOTE_CHANGE:
		return OK;
	}
	return OK;
}
