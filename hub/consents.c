#include "hub/consents.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/rules_limits.h"

#include "hub/hold.h"
#include "hub/withheld.h"

#define MS_PER_S 1000

static struct rules_permission *
copy_permissions(const struct wire_consent *c)
{
	struct rules_permission *to = xcalloc(MAX(c->permission_count, (size_t)1), sizeof(*to));
	for (size_t i = 0; i < c->permission_count; i++)
		to[i] = (struct rules_permission){.code = c->permissions[i].code,
			.permit = c->permissions[i].permit,
			.from_ms = c->permissions[i].from_s * MS_PER_S,
			.until_ms = c->permissions[i].until_s * MS_PER_S};
	return to;
}

/* What the node that kept it has seen to (see the header). */
static enum rules_check
witnessed(const struct wire_consent *c)
{
	return strcmp(c->mode, "verbal-witnessed") == 0 ||
			       strcmp(c->grantor_role, "witness-for-illiterate") == 0
		       ? RULES_YES
		       : RULES_UNKNOWN;
}

/* Of two dates the earlier one counts: contact stops with the first word of it. */
static void
note_death(struct consents *to, int64_t at_ms, uint64_t known)
{
	struct rules_life *life = &to->life;
	if (!life->died_ms || at_ms < life->died_ms)
		life->died_ms = at_ms;
	if (!life->died_known || known < life->died_known)
		life->died_known = known;
}

static void
note_opt_out(struct consents *to, const struct wire_opt_out *o, uint64_t known)
{
	to->opt_outs = xrealloc(to->opt_outs, to->opt_out_count + 1, sizeof(*to->opt_outs));
	to->opt_outs[to->opt_out_count++] =
		(struct rules_opt_out){.checked_ms = o->checked_at_s * MS_PER_S,
			.opted_out = o->opted_out,
			.known = known};
}

struct reading {
	struct consents *to;
	struct vault_txn *txn;
	size_t parts; /* read so far */
};

static void
grow(struct consents *c)
{
	if ((c->count & (c->count - 1)) != 0)
		return;
	size_t room = MAX(c->count * 2, (size_t)1);
	c->at = xrealloc(c->at, room, sizeof(*c->at));
	c->parts = xrealloc(c->parts, room, sizeof(struct wire_rules *));
	c->permissions = xrealloc(c->permissions, room, sizeof(struct rules_permission *));
}

static enum err
add_version(void *arg, const struct record_consent *row)
{
	struct reading *reading = arg;
	struct consents *to = reading->to;
	OWNED(wire_rules) struct wire_rules *part = NULL;
	if (to->count == CONSENTS_MAX_COUNT || reading->parts == CONSENTS_PARTS_MAX_COUNT) {
		to->is_too_many = true;
		return OK;
	}
	reading->parts++;
	enum err e = record_rules(reading->txn, &row->place, &part);
	if (e == E_NOTFOUND) /* erased: what it said counts no more */
		return OK;
	if (e)
		return e;
	if (part->kind == RULES_OPT_OUT) {
		note_opt_out(to, &part->opt_out, row->leaf);
		return OK;
	}
	const struct wire_consent *c = &part->consent;
	if (part->kind == RULES_CHANGE && strcmp(c->level, WIRE_LEVEL_DIED) == 0) {
		note_death(to, c->given_at_s * MS_PER_S, row->leaf);
		return OK;
	}
	grow(to);
	to->permissions[to->count] = copy_permissions(c);
	to->at[to->count] = (struct rules_consent){.event = c->event,
		.level = part->kind == RULES_CHANGE ? c->level : "",
		.grantor_role = c->grantor_role,
		.capacity = c->capacity,
		.assent = c->assent,
		.mode = c->mode,
		.form = c->form,
		.form_version = c->form_version,
		.taken_by = c->taken_by,
		.approach_by = c->approach_by,
		.approacher = c->approacher,
		.witnessed = witnessed(c),
		.duo = rules_limits_of(c),
		.given_ms = c->given_at_s * MS_PER_S,
		.valid_until_ms = c->valid_until_s * MS_PER_S,
		.permissions = to->permissions[to->count],
		.permission_count = c->permission_count,
		.known = row->leaf};
	to->parts[to->count++] = take(part);
	return OK;
}

/* A change that permits nothing. */
static enum err
add_withheld(void *arg, const struct withheld *w)
{
	struct reading *reading = arg;
	struct consents *to = reading->to;
	if (strcmp(w->level, WIRE_LEVEL_DIED) == 0) {
		note_death(to, w->given_s * MS_PER_S, w->known);
		return OK;
	}
	if (to->count == CONSENTS_MAX_COUNT) {
		to->is_too_many = true;
		return OK;
	}
	grow(to);
	to->permissions[to->count] = NULL;
	to->parts[to->count] = NULL;
	to->at[to->count++] = (struct rules_consent){.event = "withdrawn",
		.level = w->level,
		.given_ms = w->given_s * MS_PER_S,
		.known = w->known};
	return OK;
}

/* Somebody rang: until the hold ends nothing gives back. */
static enum err
add_hold(struct reading *reading, const uint8_t participant[static ID_BYTES])
{
	struct hold h;
	enum err e = hold_get(reading->txn, participant, &h);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	const struct withheld w = {
		.level = "no-further-use", .given_s = h.placed_s, .known = h.known};
	return add_withheld(reading, &w);
}

bool
consents_any_aside(struct vault_txn *t)
{
	return withheld_any(t) || hold_any(t);
}

static enum err
read_aside(struct reading *reading, const uint8_t participant[static ID_BYTES])
{
	enum err e = withheld_each(reading->txn, participant, add_withheld, reading);
	return e ? e : add_hold(reading, participant);
}

enum err
consents_read_if(struct consents *ret, struct vault_txn *t,
	const uint8_t participant[static ID_BYTES], bool any_aside)
{
	struct reading reading = {.to = ret, .txn = t};
	enum err e = record_consent_each(t, participant, add_version, &reading);
	return e || !any_aside ? e : read_aside(&reading, participant);
}

enum err
consents_read(
	struct consents *ret, struct vault_txn *t, const uint8_t participant[static ID_BYTES])
{
	return consents_read_if(ret, t, participant, true);
}

void
consents_done(struct consents *c)
{
	for (size_t i = 0; i < c->count; i++) {
		wire_rules_free(c->parts[i]);
		mem_drop(&c->permissions[i]);
	}
	mem_drop(&c->at);
	mem_drop(&c->opt_outs);
	mem_drop(&c->parts);
	mem_drop(&c->permissions);
}
