#include "node/sync_session.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/sync/lane_node.h"

#include "node/sync_batch.h"
#include "node/sync_chain.h"
#include "node/sync_marks.h"
#include "node/sync_session_inside.h"

#define FRAME_MAX_BYTES (SYNC_FRAME_MAX_BYTES + BOX_EXTRA_BYTES + 1)
#define GREET_AGAIN_MS  5000 /* the hub hears before that the manifest was taken */

/* the machine and its setting */

static enum err
read_setup(struct sync_session *s, struct lane_node_setup *ret)
{
	*ret = (struct lane_node_setup){
		.study = s->site.card->study, .config = sync_config_number(s->site.config)};
	memcpy(ret->writer, s->site.keys->writer_public, sizeof(ret->writer));
	memcpy(ret->receipt_public, sync_config_receipt(s->site.config),
		sizeof(ret->receipt_public));
	return sync_marks_setup(s->site.vault, ret);
}

static uint32_t
intake_number(const struct sync_session *s)
{
	const struct wire_manifest *m = sync_config_manifest(s->site.config);
	return m && m->intake_count ? m->intake[m->intake_count - 1].number : 0;
}

enum err
sync_session_begin(struct sync_session *s)
{
	struct lane_node_setup setup;
	struct note_key log_key;
	enum err e = read_setup(s, &setup);
	if (!e)
		e = sync_witness_setup(s->site.vault, s->site.config, &log_key, &setup);
	if (e)
		return e;
	lane_node_init(&s->node, &setup);
	s->follow_at = s->follow_count = 0;
	s->is_flooded = false;
	s->is_held = false;
	s->token_kept = false;
	s->checkpoint = (struct sync_witness_wait){0};
	s->rebased = false;
	s->survives = false;
	s->looks_again = false;
	s->intake = intake_number(s);
	s->greet_ms = 0;
	memset(s->retained, 0, sizeof(s->retained));
	for (size_t i = 0; i < LANE_COUNT; i++)
		s->told[i] = setup.last[i];
	return OK;
}

/* what happens to it */

/* Only a greeting says what this node has. The hub waits for one that was made with the new
 * number in force, before it lets go of the one that entries on their way are sealed for. */
static void
greet_if_due(struct sync_session *s, int64_t mono_ms)
{
	const struct lane_event lost = sync_session_event_of(LANE_LOST);
	if (s->greet_ms == 0 || mono_ms < s->greet_ms)
		return;
	s->greet_ms = 0;
	if (s->node.state == LANE_UP)
		sync_session_enqueue(s, &lost);
}

enum err
sync_session_event(struct sync_session *s, const struct lane_event *event)
{
	enum err e = sync_session_step(s, event);
	if (!e && event->kind == LANE_TICK)
		greet_if_due(s, event->mono_ms);
	return e ? e : sync_session_run(s);
}

static enum err
not_of_its_form(void)
{
	return fail(E_FORMAT, "a frame of the hub is not of its form");
}

/* What is behind the kind byte, into s->plain. */
static enum err
open_box(struct sync_session *s, struct view frame)
{
	buf_reset(&s->plain);
	return frame.len < 1 || frame.len > FRAME_MAX_BYTES
		       ? not_of_its_form()
		       : box_open(&s->plain, view_of(frame.at + 1, frame.len - 1),
				 s->site.keys->box);
}

static enum err
open_frame(struct sync_session *s, struct view frame, struct sync_msg *ret)
{
	if (frame.len < 1 || frame.at[0] != SESSION_FRAME_SEALED)
		return not_of_its_form();
	enum err e = open_box(s, frame);
	s->arena.used = 0;
	return e ? e : sync_unpack(ret, &s->arena, buf_view(&s->plain));
}

/* Terms stand beside the session: they say themselves what they are and who signed them. */
static enum err
take_terms(struct sync_session *s, struct view frame)
{
	struct view whole = view_of(NULL, 0);
	enum err e = open_box(s, frame);
	if (!e)
		e = termspieces_add(&s->terms, buf_view(&s->plain), &whole);
	if (!e && whole.len)
		e = sync_config_take_terms(s->site.config, whole);
	if (e != E_AUTH && e != E_FORMAT && e != E_DENIED)
		return e;
	s->dropped_count++;
	log_warn("sync", "%s", err_text());
	return OK;
}

/* What this node sealed opens nowhere any more: the session begins anew, with the key that the
 * hub named. */
static enum err
take_ledger_key(struct sync_session *s, struct view frame)
{
	const struct lane_event lost = sync_session_event_of(LANE_LOST);
	bool is_new = false;
	enum err e = open_box(s, frame);
	if (!e)
		e = sync_config_take_ledger_key(s->site.config, buf_view(&s->plain), &is_new);
	if (e || !is_new) {
		s->dropped_count++;
		return OK;
	}
	log_info("sync", "the hub has another key for what is sent: sealing anew");
	return sync_session_event(s, &lost);
}

enum err
sync_session_frame(struct sync_session *s, struct view frame)
{
	OWNED_BUF struct buf heard;
	struct sync_msg msg;
	buf_init(&heard, 0);
	if (frame.len > 1 && frame.at[0] == SESSION_FRAME_TERMS)
		return take_terms(s, frame);
	if (frame.len > 1 && frame.at[0] == SESSION_FRAME_LEDGER_KEY)
		return take_ledger_key(s, frame);
	if (open_frame(s, frame, &msg)) {
		s->dropped_count++;
		return OK;
	}
	/* Sending uses the buffer that the message lies in, so its bytes move out of the
	 * way. */
	heard = s->plain;
	buf_init(&s->plain, SYNC_FRAME_MAX_BYTES);
	s->contact_ms = clock_wall_ms();
	struct lane_event event = sync_session_event_of(LANE_MESSAGE);
	event.message = &msg;
	event.frame = buf_view(&heard);
	event.wall_ms = s->contact_ms;
	const bool was_welcomed = s->node.welcomed;
	enum err e = sync_session_event(s, &event);
	if (!e && s->node.welcomed && !was_welcomed)
		sync_terms_heard(sync_config_word(s->site.config), msg.welcome.wall_ms);
	return e;
}

/* turns */

static void
tell_rebased(struct sync_session *s)
{
	struct lane_event rebased = sync_session_event_of(LANE_REBASED);
	if (!s->rebased)
		return;
	s->rebased = false;
	rebased.ticket = s->rebase_ticket;
	rebased.found =
		vault_chain(s->site.vault, vault_incarnation(s->site.vault), &rebased.chain);
	memcpy(s->told, rebased.chain.last, sizeof(s->told));
	memset(s->retained, 0, sizeof(s->retained));
	sync_session_enqueue(s, &rebased);
}

static void
tell_appended(struct sync_session *s)
{
	for (enum lane lane = LANE_C; lane <= LANE_A; lane++) {
		struct lane_event appended = sync_session_event_of(LANE_APPENDED);
		appended.lane = (uint8_t)lane;
		appended.mark = vault_committed(s->site.vault, lane);
		if (appended.mark.seq == s->told[lane - 1].seq)
			continue;
		s->told[lane - 1] = appended.mark;
		sync_session_enqueue(s, &appended);
	}
}

static void
see_number(struct sync_session *s)
{
	const uint32_t number = intake_number(s);
	if (s->intake && number != s->intake)
		s->greet_ms = clock_mono_ms() + GREET_AGAIN_MS;
	s->intake = number;
}

/* A manifest may name new keys of the hub: then the session begins anew with them. */
static enum err
tell_config(struct sync_session *s)
{
	bool is_new = false;
	enum err e = sync_config_committed(s->site.config, &is_new);
	if (e || !is_new)
		return e;
	log_info("sync", "version %llu of the study is in force",
		(unsigned long long)sync_config_number(s->site.config));
	s->config_refused = false;
	sync_session_tell_applied(s, sync_config_number(s->site.config), true);
	see_number(s);
	if (memcmp(s->node.receipt_public, sync_config_receipt(s->site.config),
		    SIGN_PUBLIC_BYTES) == 0 &&
		sync_witness_is_key(s->site.config, &s->node.log.key))
		return OK;
	s->site.reconnect(s->site.arg, 0);
	return sync_session_begin(s);
}

/* Only what the hub says of the incarnation in use is kept. */
static enum err
keep_retained(struct sync_session *s)
{
	const struct lane_node *n = &s->node;
	enum err e = OK;
	if (n->state != LANE_UP || !n->confirmed || n->incarnation != n->own.incarnation)
		return OK;
	for (enum lane lane = LANE_C; !e && lane <= LANE_A; lane++)
		if (s->retained[lane - 1] != n->lanes[lane - 1].hub_retained) {
			s->retained[lane - 1] = n->lanes[lane - 1].hub_retained;
			e = sync_marks_retained(s->site.vault, lane, s->retained[lane - 1]);
		}
	return e;
}

enum err
sync_session_committed(struct sync_session *s)
{
	if (s->looks_again) {
		s->site.reconnect(s->site.arg, 0);
		return sync_session_begin(s);
	}
	if (s->token_kept) {
		struct lane_event kept = sync_session_event_of(LANE_TOKEN_KEPT);
		kept.ticket = s->token_ticket;
		s->token_kept = false;
		sync_session_enqueue(s, &kept);
	}
	if (s->survives) {
		struct lane_event survive = sync_session_event_of(LANE_SURVIVE);
		s->survives = false;
		sync_session_enqueue(s, &survive);
	}
	struct lane_event kept = sync_session_event_of(LANE_CHECKPOINT_KEPT);
	if (sync_witness_kept(&s->checkpoint, &kept))
		sync_session_enqueue(s, &kept);
	tell_rebased(s);
	tell_appended(s);
	enum err e = tell_config(s);
	if (!e)
		e = keep_retained(s);
	return e ? e : sync_session_run(s);
}

enum err
sync_session_failed(struct sync_session *s)
{
	sync_config_failed(s->site.config);
	s->site.reconnect(s->site.arg, SESSION_AFTER_FAILURE_MS);
	return sync_session_begin(s);
}

/* make, free */

enum err
sync_session_open(struct sync_session **ret, const struct sync_session_site *site)
{
	OWNED(sync_session) struct sync_session *s = xcalloc(1, sizeof(*s));
	*ret = NULL;
	s->site = *site;
	s->reader = sync_reader_new();
	buf_init(&s->plain, SYNC_FRAME_MAX_BYTES);
	buf_init(&s->frame, FRAME_MAX_BYTES);
	s->arena.room = sync_arena_bytes(SYNC_FRAME_MAX_BYTES);
	s->arena.at = xcalloc(s->arena.room, 1);
	enum err e = sync_session_begin(s);
	if (!e)
		e = sync_marks_contact(s->site.vault, &s->contact_ms);
	if (!e)
		*ret = take(s);
	return e;
}

void
sync_session_free(struct sync_session *s)
{
	if (!s)
		return;
	sync_reader_free(s->reader);
	mem_drop(&s->follow);
	buf_done(&s->plain);
	buf_done(&s->frame);
	termspieces_done(&s->terms);
	mem_drop(&s->arena.at);
	mem_drop(&s);
}

enum err
sync_session_survive(struct sync_session *s)
{
	const struct lane_node *n = &s->node;
	bool asks = n->verdict == SYNC_BEHIND || n->verdict == SYNC_FORK ||
		    n->verdict == SYNC_CLONE;
	if (n->state != LANE_STOPPED || !asks)
		return fail(E_CONFLICT, "there is nothing to decide: the hub has not said that "
					"this installation and its copy differ");
	enum err e = sync_chain_survive(s->site.vault);
	s->survives = !e;
	return e;
}

enum err
sync_session_log_again(struct sync_session *s)
{
	enum err e = sync_witness_again(s->site.vault, s->site.config);
	s->looks_again = !e;
	return e;
}

/* bundles */

struct lane_node *
sync_session_machine(struct sync_session *s, struct lane_actions **ret)
{
	*ret = &s->actions;
	return &s->node;
}

enum err
sync_session_follow(struct sync_session *s)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < s->actions.count; i++)
		e = sync_session_carry_out(s, &s->actions.at[i]);
	return e ? e : sync_session_run(s);
}

/* facts */

const struct lane_node *
sync_session_node(const struct sync_session *s)
{
	return &s->node;
}

int64_t
sync_session_contact_ms(const struct sync_session *s)
{
	return s->contact_ms;
}

bool
sync_session_config_refused(const struct sync_session *s)
{
	return s->config_refused;
}

uint64_t
sync_session_dropped_count(const struct sync_session *s)
{
	return s->dropped_count;
}
