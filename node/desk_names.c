#include <inttypes.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/net/call.h"

#include "node/desk_inside.h"

/* The store opens with the first need: a new sheet changes nothing of it. */
static enum err
open_names(struct desk *d)
{
	if (!d->open)
		return fail(
			E_DENIED, "the desk is locked: open it with `weir-node desk unlock`");
	return d->names ? OK : namebook_open(&d->names, d->config->dir, d->open->names);
}

void
desk_tell_damage(const struct namebook *n, const char *what)
{
	const struct namebook_damage found = namebook_damage(n);
	if (found.count)
		log_warn("desk", "%" PRIu32 " damaged rows of the names %s, the first is %s",
			found.count, what, found.row);
}

static enum err
begin(struct desk *d, enum node_verb verb, struct cursor *fields)
{
	enum err e = open_names(d);
	if (!e)
		e = desk_contact_begin(&d->contact, d->names, d->open->names, verb, fields);
	return e ? e
		 : desk_ask_sync(
			   d, SYNC_CONTACT, desk_contact_asks(d->contact), WAITS_FOR_STATES);
}

enum err
desk_names_begin(struct desk *d, enum node_verb verb, struct cursor *fields)
{
	d->used_mono_ms = clock_mono_ms();
	return begin(d, verb, fields);
}

bool
desk_names_sweep(struct desk *d)
{
	struct cursor nothing = cursor_of(view_of(NULL, 0));
	uint64_t count = 0;
	enum err e = open_names(d);
	if (!e)
		e = namebook_count(d->names, &count);
	if (!e) {
		d->damage = namebook_damage(d->names);
		desk_tell_damage(d->names, "do not open");
	}
	if (!e && count)
		e = begin(d, DESK_UNLOCK, &nothing);
	if (e)
		log_warn("desk", "names cannot be looked through: %s", err_text());
	d->renews = !e && !count;
	return !e && count;
}

void
desk_names_states(struct desk *d, struct cursor *states)
{
	struct desk_contact_act act;
	enum err e = desk_contact_judge(d->contact, states, &act);
	const struct deed done = {.action = act.action,
		.purpose = act.purpose,
		.decision = act.decision,
		.outcome = act.outcome,
		.by = d->opened_by};
	if (!e && d->verb == DESK_UNLOCK)
		e = desk_contact_due(d->contact, d->names, &d->due_count);
	if (!e && d->verb == DESK_UNLOCK && !desk_contact_erases(d->contact)) {
		d->renews = true;
		desk_finish(d, OK);
		return;
	}
	if (!e)
		e = desk_log(d, &done);
	if (e)
		desk_finish(d, e);
}

static bool
leaves(const void *arg, struct view code)
{
	return desk_contact_leaves(arg, code);
}

/* Who asked to be erased goes with the old key: no copy that a key in force opens has the name,
 * whenever it was made. */
enum err
desk_names_renew(struct desk *d)
{
	OWNED_SECRET struct secret *next = secret_new(AEAD_KEY_BYTES);
	crypto_random(secret_bytes(next), AEAD_KEY_BYTES);
	enum err e = open_names(d);
	if (!e)
		e = namebook_renew(d->names, next, d->contact ? leaves : NULL, d->contact);
	if (e)
		return e;
	desk_tell_damage(d->names, "were taken out");
	struct secret *before = d->open->names;
	d->open->names = next;
	e = custody_rewrite(d->open, d->config->dir);
	if (e) {
		d->open->names = before;
		return e;
	}
	next = NULL;
	secret_free(before);
	return namebook_settle(d->names, d->open->names);
}

void
desk_names_kept(struct desk *d)
{
	OWNED_WIPED struct buf reply;
	OWNED_WIPED struct buf frame;
	struct secret *key = d->open ? d->open->names : NULL;
	enum err e = OK;
	buf_init(&reply, DESK_CONTACT_MAX_BYTES + 65536);
	buf_init(&frame, CALL_MAX_BYTES);
	if (desk_contact_erases(d->contact))
		e = desk_names_renew(d);
	if (!e)
		e = desk_contact_finish(d->contact, d->names, key, &reply);
	if (!e)
		e = buf_check(&reply, "answer of the desk");
	if (e) {
		desk_finish(d, e);
		return;
	}
	buf_reserve(&frame, reply.len + 64);
	call_answer(&frame, OK);
	if (d->verb == DESK_CONTACT_DROP_DUE)
		d->due_count = 0;
	d->renews = d->verb == DESK_UNLOCK;
	buf_add_view(&frame, buf_view(&reply));
	desk_send_answer(d, buf_view(&d->peer), &frame);
	buf_reset(&d->peer);
	desk_finish(d, OK);
}
