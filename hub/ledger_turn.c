#include "hub/ledger_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/net/call.h"

#include "hub/audit.h"
#include "hub/bundles.h"
#include "hub/enrol.h"
#include "hub/erase.h"
#include "hub/ingest.h"
#include "hub/ipc.h"
#include "hub/release_desk.h"
#include "hub/study.h"

#define PUBLISH_EVERY_MS 500 /* at most twice a second */

/* out */

void
ledger_set_peer(struct peer *p, struct view v)
{
	p->len = MIN(v.len, sizeof(p->at));
	memcpy(p->at, v.at, p->len);
}

struct buf *
ledger_add_reply(struct ledger *l, struct link *over, struct view peer)
{
	if ((l->reply_count & (l->reply_count - 1)) == 0)
		l->replies = xrealloc(
			l->replies, MAX(l->reply_count * 2, (size_t)1), sizeof(*l->replies));
	struct reply *r = &l->replies[l->reply_count++];
	r->over = over;
	ledger_set_peer(&r->to, peer);
	buf_init(&r->frame, LEDGER_FRAME_MAX_BYTES);
	return &r->frame;
}

void
ledger_drop_replies(struct ledger *l)
{
	for (size_t i = 0; i < l->reply_count; i++)
		buf_done(&l->replies[i].frame);
	l->reply_count = l->kept_reply_count = 0;
}

enum err
ledger_to_gate(void *arg, struct view routing, struct view frame)
{
	struct ledger *l = arg;
	OWNED_BUF struct buf out;
	buf_init(&out, frame.len + LEDGER_PEER_BYTES + 64);
	if (!l->gate_peer.len)
		return fail(E_ABSENT, "the gate is not there");
	call_begin(&out, GATE_TO);
	buf_blob(&out, routing);
	buf_blob(&out, frame);
	enum err e = buf_check(&out, "frame to the gate");
	return e ? e
		 : link_send(
			   l->gate, view_of(l->gate_peer.at, l->gate_peer.len), buf_view(&out));
}

enum err
ledger_to_keeper(void *arg, struct view frame)
{
	struct ledger *l = arg;
	if (!l->keeper_peer.len)
		return fail(E_ABSENT, "the keeper is not there");
	return link_send(l->keeper, view_of(l->keeper_peer.at, l->keeper_peer.len), frame);
}

struct key_list {
	struct buf keys;
	uint32_t count;
};

static enum err
add_key(void *arg, const uint8_t key[static BOX_PUBLIC_BYTES])
{
	struct key_list *list = arg;
	buf_add(&list->keys, key, BOX_PUBLIC_BYTES);
	list->count++;
	return OK;
}

/* The gate's list of keys. A gate that cannot be reached says hello again. */
static enum err
send_keys(struct ledger *l)
{
	struct key_list list = {.count = 0};
	OWNED_BUF struct buf out;
	buf_init(&list.keys, LEDGER_REPLY_MAX_BYTES);
	buf_init(&out, LEDGER_FRAME_MAX_BYTES);
	enum err e = enrol_keys(&l->hub, add_key, &list);
	call_begin(&out, GATE_KEYS);
	buf_u32(&out, list.count);
	buf_add_view(&out, buf_view(&list.keys));
	if (!e)
		e = buf_check(&list.keys, "list of the gate's keys");
	buf_done(&list.keys);
	if (e)
		return e;
	if (l->gate_peer.len &&
		link_send(l->gate, view_of(l->gate_peer.at, l->gate_peer.len), buf_view(&out)))
		log_warn("ledger", "%s", err_text());
	return OK;
}

/* the turn */

/* What a handler met: a full disk spoils the turn, a system error ends the process. */
void
ledger_note(struct ledger *l, enum err e, const char *what)
{
	if (!e)
		return;
	if (e == E_IO) {
		l->fatal = e;
		return;
	}
	log_warn("ledger", "%s: %s", what, err_text());
	l->is_spoiled = true;
	l->spoiled_by = e;
	(void)snprintf(l->spoiled_words, sizeof(l->spoiled_words), "%s", err_text());
}

enum err
ledger_forget_turn(struct ledger *l)
{
	hub_abort(&l->hub);
	if (l->hub.erase)
		erase_aborted(l->hub.erase);
	enum err e = audit_aborted(l->hub.audit);
	if (!e && l->hub.manifest_number != l->kept_manifest) {
		e = study_load(&l->hub);
		hub_abort(&l->hub); /* it was only read */
	}
	return e;
}

/* Who waits for an answer is told that nothing of the turn stands. */
static enum err
give_up_turn(struct ledger *l)
{
	l->is_spoiled = false;
	for (size_t i = l->kept_reply_count; i < l->reply_count; i++) {
		buf_reset(&l->replies[i].frame);
		call_answer(&l->replies[i].frame,
			fail(l->spoiled_by, "nothing was changed: %s", l->spoiled_words));
	}
	enum err e = ledger_forget_turn(l);
	return e ? e : ingest_failed(l->ingest, clock_mono_ms());
}

enum err
ledger_keep_turn(struct ledger *l)
{
	if (l->is_spoiled)
		return give_up_turn(l);
	enum err e = hub_commit(&l->hub);
	if (e == E_FULL) {
		ledger_note(l, e, "vault");
		return give_up_turn(l);
	}
	if (e)
		return e;
	audit_committed(l->hub.audit);
	l->kept_reply_count = l->reply_count;
	l->kept_manifest = l->hub.manifest_number;
	return ingest_committed(l->ingest, clock_mono_ms());
}

static void
send_replies(struct ledger *l)
{
	for (size_t i = 0; i < l->reply_count; i++) {
		const struct reply *r = &l->replies[i];
		if (link_send(r->over, view_of(r->to.at, r->to.len), buf_view(&r->frame)))
			log_warn("ledger", "an answer was not sent: %s", err_text());
	}
	ledger_drop_replies(l);
}

/* A full disk leaves the log behind; it is tried again. */
static enum err
publish(struct ledger *l)
{
	int64_t now_ms = clock_mono_ms();
	if (!audit_is_behind(l->hub.audit) || now_ms - l->published_ms < PUBLISH_EVERY_MS)
		return OK;
	l->published_ms = now_ms;
	enum err e = audit_publish(l->hub.audit);
	if (e == E_FULL) {
		if (!l->is_log_full)
			log_error("ledger", "no checkpoint: %s", err_text());
		l->is_log_full = true;
		return OK;
	}
	if (e)
		return e;
	l->is_log_full = false;
	l->is_desk_due = true;
	e = ingest_published(l->ingest, now_ms);
	if (!e && l->bundles)
		bundles_published(l->bundles);
	return e;
}

static void
on_erasing(struct reactor *r, void *arg)
{
	struct ledger *l = arg;
	(void)r;
	l->erases = false;
	if (!l->is_spoiled)
		ledger_note(l, erase_step(l->hub.erase, release_desk_keeper_is_open(l->desk)),
			"erasures");
}

/* Who waits for an answer has its turn between two pieces. */
static void
go_on_erasing(struct ledger *l)
{
	if (l->erases || !erase_is_busy(l->hub.erase))
		return;
	l->erases = true;
	(void)reactor_timer(l->reactor, 1, 0, on_erasing, l);
}

/* What a turn leaves behind is kept, then told, then published; then erasures go on. */
enum err
ledger_before_sleep(struct reactor *r, void *arg)
{
	struct ledger *l = arg;
	(void)r;
	if (l->fatal)
		return l->fatal;
	enum err e = ledger_keep_turn(l);
	if (!e && l->hub.keys_changed) {
		l->hub.keys_changed = false;
		e = send_keys(l);
		if (!e)
			e = ingest_tell_revoked(l->ingest, clock_mono_ms());
		hub_abort(&l->hub); /* it was only read */
	}
	if (e)
		return e;
	send_replies(l);
	e = publish(l);
	if (!e)
		e = erase_between(l->hub.erase);
	if (!e)
		go_on_erasing(l);
	return e;
}
