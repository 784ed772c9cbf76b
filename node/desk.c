#include "node/desk.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/net/call.h"
#include "common/run/supervisor.h"

#include "node/desk_inside.h"

#define DESK_TICK_MS 250

/* They have to hold the other half of the key that sync hands out for sealing. */
static enum err
check_candidate(struct desk *d, struct cursor *facts)
{
	uint8_t mine[BOX_PUBLIC_BYTES], sites[BOX_PUBLIC_BYTES];
	(void)cursor_blob(facts);
	(void)cursor_u32(facts);
	(void)cursor_bytes(facts, BOX_PUBLIC_BYTES);
	uint32_t number = cursor_u32(facts);
	cursor_copy(facts, sites, sizeof(sites));
	if (facts->broken)
		return fail(E_FORMAT, "facts of the node: cut short");
	d->site_number = number;
	/* Ahead of a vault that was put back: what sync says to the renewal decides. */
	if (!d->change && d->candidate->number[0] > number)
		return OK;
	for (size_t i = 0; i < d->candidate->count; i++) {
		if (d->candidate->number[i] != number)
			continue;
		box_public(mine, d->candidate->review[i]);
		if (memcmp(mine, sites, sizeof(mine)) == 0)
			return OK;
	}
	return fail(E_DENIED, "this is not the review key of this site");
}

static enum err
log_candidate(struct desk *d)
{
	const struct deed unlocked = {
		.action = "desk-unlocked", .outcome = "done", .by = d->asks};
	if (!d->change)
		return desk_log(d, &unlocked);
	char reason[DESK_CHANGE_REASON_BYTES];
	desk_change_reason(reason, d->change);
	const struct deed changed = {.action = desk_change_action(d->change->kind),
		.outcome = "done",
		.by = d->asks,
		.role = d->change->by_staff ? "staff" : NULL,
		.whom = reason};
	return desk_log(d, &changed);
}

static void
act_is_kept(struct desk *d)
{
	enum err e = OK;
	bool unlocked = d->verb == DESK_UNLOCK && d->candidate;
	if (d->contact) {
		desk_names_kept(d);
		return;
	}
	if (d->change)
		e = desk_carry_out(d);
	else if (d->verb == DESK_UNLOCK && d->candidate) {
		custody_free(d->open);
		d->open = take(d->candidate);
		memcpy(d->opened_by, d->asks, sizeof(d->opened_by));
		d->used_mono_ms = clock_mono_ms();
	}
	if (d->verb == DESK_LOCK)
		d->owes_lock = false;
	if (e || !unlocked || !desk_names_sweep(d))
		desk_finish(d, e);
}

void
desk_on_sync(struct reactor *r, void *arg)
{
	struct desk *d = arg;
	OWNED(link_message) struct link_message *m = NULL;
	struct cursor c;
	(void)r;
	enum err e = link_recv(d->sync, &m);
	if (e || d->waiting == WAITS_NOT)
		return;
	e = call_read_answer(m->payload, &c);
	if (d->waiting == WAITS_FOR_RENEWAL) {
		desk_renewal_answer(d, e, &c);
		return;
	}
	if (!e && d->waiting == WAITS_FOR_ACT) {
		act_is_kept(d);
		return;
	}
	if (!e && d->waiting == WAITS_FOR_STATES) {
		desk_names_states(d, &c);
		return;
	}
	if (!e)
		e = check_candidate(d, &c);
	if (!e)
		e = log_candidate(d);
	if (e)
		desk_finish(d, e);
}

/* requests */

/* What somebody opened before the file was replaced may be without the newest number and the
 * names key, or have a number that is destroyed: it is neither used nor written. */
static enum err
check_stamp(const struct desk *d, const uint8_t stamp[static HASH_BYTES])
{
	uint8_t now[HASH_BYTES];
	enum err e = custody_stamp(now, d->config->dir);
	if (!e && memcmp(now, stamp, sizeof(now)) != 0)
		e = fail(
			E_CONFLICT, "the keys of the desk were changed meanwhile: do it again");
	return e;
}

/* text who asks, blob the keys, their stamp; behind them, for a change, its fields. */
static enum err
read_candidate(struct desk *d, struct cursor *c)
{
	uint8_t stamp[HASH_BYTES] = {0};
	struct view id = cursor_blob(c);
	struct view keys = cursor_blob(c);
	cursor_copy(c, stamp, sizeof(stamp));
	if (c->broken || id.len == 0 || id.len >= sizeof(d->asks))
		return fail(E_FORMAT, "the request to the desk is not of its form");
	memcpy(d->asks, id.at, id.len);
	d->asks[id.len] = '\0';
	enum err e = check_stamp(d, stamp);
	return e ? e : custody_unpack(&d->candidate, keys);
}

static enum err
read_change(struct desk *d, struct cursor *c)
{
	d->change = xcalloc(1, sizeof(*d->change));
	return desk_change_get(d->change, c);
}

static enum err
begin(struct desk *d, uint16_t verb, struct cursor *c)
{
	enum err e = OK;
	switch (verb) {
	case DESK_UNLOCK:
		e = read_candidate(d, c);
		d->without_backup = cursor_u8(c) == 1;
		if (!e)
			e = cursor_end(c, "request");
		return e ? e : desk_ask_sync(d, SYNC_FACTS, view_of(NULL, 0), WAITS_FOR_FACTS);
	case DESK_CHANGE:
		e = read_candidate(d, c);
		if (!e)
			e = read_change(d, c);
		return e ? e : desk_ask_sync(d, SYNC_FACTS, view_of(NULL, 0), WAITS_FOR_FACTS);
	case DESK_LOCK:
		desk_lock(d);
		return desk_log_lock(d, "done");
	default:
		return desk_contact_knows(verb) ? desk_names_begin(d, (enum node_verb)verb, c)
						: fail(E_FORMAT, "desk has no verb %u", verb);
	}
}

static void
on_door(struct reactor *r, void *arg)
{
	struct desk *d = arg;
	OWNED(link_message) struct link_message *m = NULL;
	struct cursor c;
	uint16_t verb = 0;
	(void)r;
	if (link_recv(d->door, &m))
		return;
	enum err e = call_read(m->payload, &verb, &c);
	if (e)
		desk_answer(d, m->peer, e);
	else if (verb == DESK_STATUS)
		desk_answer_status(d, m->peer);
	else if (d->waiting != WAITS_NOT)
		desk_answer(d, m->peer, fail(E_BUSY, "the desk is at work: try again"));
	else {
		d->verb = (enum node_verb)verb;
		buf_reset(&d->peer);
		buf_add_view(&d->peer, m->peer);
		e = begin(d, verb, &c);
		if (e)
			desk_finish(d, e);
	}
	/* The message held the key in plain. */
	if (m->payload.len)
		crypto_wipe((void *)(uintptr_t)m->payload.at, m->payload.len);
}

/* Answers carry no number: a late one is not taken for the next when the link that would bring
 * it is gone. */
static void
give_up(struct desk *d)
{
	link_free(take(d->sync));
	desk_finish(d, fail(E_ABSENT, "sync does not answer: is `weir-node run` at work?"));
}

static void
log_idle_lock(struct desk *d)
{
	d->verb = DESK_LOCK;
	enum err e = desk_log_lock(d, "idle");
	if (e)
		log_warn("desk", "the idle lock is not in the log yet: %s", err_text());
}

/* The key goes when it is due, whatever sync does; the act follows as soon as sync takes it. */
static void
on_tick(struct reactor *r, void *arg)
{
	struct desk *d = arg;
	int64_t now_ms = clock_mono_ms(), asked_ms = now_ms - d->asked_mono_ms;
	(void)r;
	if (d->open && now_ms - d->used_mono_ms >= d->config->idle_s * 1000) {
		desk_lock(d);
		d->owes_lock = true;
		asked_ms = desk_wait_ms(d);
	}
	if (d->waiting != WAITS_NOT && now_ms - d->asked_mono_ms >= desk_wait_ms(d))
		give_up(d);
	if (d->owes_lock && d->waiting == WAITS_NOT && asked_ms >= desk_wait_ms(d))
		log_idle_lock(d);
	if (d->renews && d->waiting == WAITS_NOT)
		desk_renewal_begin(d);
}

/* the process */

static enum err
open_links(struct desk *d)
{
	char path[DESK_PATH_BYTES];
	if (snprintf(path, sizeof(path), "%s/run/desk.sock", d->config->dir) >=
		(int)sizeof(path))
		return fail(E_FORMAT, "the path of the node directory is too long");
	d->context = link_context_new();
	enum err e = desk_connect_sync(d);
	return e ? e : link_serve_ipc(&d->door, d->context, path);
}

static void
close_all(struct desk *d)
{
	desk_lock(d);
	custody_free(take(d->candidate));
	mem_drop(&d->change);
	buf_done(&d->peer);
	link_free(d->door);
	link_free(d->sync);
	reactor_free(d->reactor);
	link_context_free(d->context);
}

enum err
desk_run(const struct desk_config *c)
{
	OWNED_BY(close_all) struct desk d = {.config = c};
	buf_init(&d.peer, 256);
	(void)snprintf(d.opened_by, sizeof(d.opened_by), "coordinator");
	enum err e = custody_recover(c->dir);
	if (!e)
		e = reactor_open(&d.reactor);
	if (!e)
		e = open_links(&d);
	if (e)
		return e;
	link_watch(d.door, d.reactor, on_door, &d);
	(void)reactor_timer(d.reactor, DESK_TICK_MS, DESK_TICK_MS, on_tick, &d);
	supervisor_child_ready();
	return reactor_run(d.reactor);
}
