#include "common/codec/wire_rules.h"

#include <stdlib.h>
#include <string.h>

#include "common/codec/wire_pb.h"
#include "entry.pb-c.h"

#define RULES_VERSION 4

#define FIELD(what, name) ((struct wire_field){what, name})
#define RULES(name)       FIELD("rules part", name)
#define CONSENT(name)     FIELD("consent", name)

static bool
is_level(const char *text)
{
	static const char *const levels[] = {"no-further-contact", "no-more-collection",
		"no-further-use", "erase", "objection", "capacity-lost", WIRE_LEVEL_DIED};
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (strcmp(text, levels[i]) == 0)
			return true;
	return false;
}

/* One check for both ways: the texts of a consent, the shorter ones first. */
static enum err
check_consent_texts(const Weir__Consent *m)
{
	const struct {
		const char *name;
		const char *text;
		size_t least;
		size_t room;
	} rows[] = {
		{"event", m->event, 1, WIRE_NAME_BYTES},
		{"grantor_role", m->grantor_role, 0, WIRE_NAME_BYTES},
		{"form", m->form, 0, WIRE_TEXT_BYTES},
		{"form_version", m->form_version, 0, WIRE_NAME_BYTES},
		{"mode", m->mode, 0, WIRE_NAME_BYTES},
		{"capacity", m->capacity, 0, WIRE_NAME_BYTES},
		{"assent", m->assent, 0, WIRE_NAME_BYTES},
		{"taken_by", m->taken_by, 0, WIRE_NAME_BYTES},
		{"approach_by", m->approach_by, 0, WIRE_NAME_BYTES},
		{"approacher", m->approacher, 0, WIRE_NAME_BYTES},
		{"level", m->level, 0, WIRE_NAME_BYTES},
	};
	enum err e = OK;
	for (size_t i = 0; !e && i < ARRAY_LEN(rows); i++)
		e = wire_is_text(
			CONSENT(rows[i].name), rows[i].text, rows[i].least, rows[i].room);
	return e;
}

static enum err
check_limits(const Weir__Permission *m)
{
	enum err e = wire_is_count(CONSENT("limits"), m->n_limits, WIRE_LIMITS_MAX);
	for (size_t i = 0; !e && i < m->n_limits; i++) {
		e = wire_is_text(CONSENT("limit"), m->limits[i], 1, WIRE_NAME_BYTES);
		for (size_t k = 0; !e && k < i; k++)
			if (strcmp(m->limits[i], m->limits[k]) == 0)
				e = fail(E_FORMAT, "consent: a limit stands twice");
	}
	return e;
}

static enum err
check_permission(const Weir__Permission *m)
{
	enum err e = wire_is_text(CONSENT("permission"), m->code, 1, WIRE_NAME_BYTES);
	if (!e)
		e = wire_is_time(CONSENT("permission from"), m->from_s);
	if (!e)
		e = wire_is_time(CONSENT("permission until"), m->until_s);
	return e ? e : check_limits(m);
}

static enum err
check_consent(const Weir__Consent *m, enum rules_kind kind)
{
	enum err e = check_consent_texts(m);
	if (!e)
		e = wire_is_count(
			CONSENT("permissions"), m->n_permissions, WIRE_PERMISSIONS_MAX);
	if (!e)
		e = wire_is_time(CONSENT("given_at_s"), m->given_at_s);
	if (!e)
		e = wire_is_time(CONSENT("valid_until_s"), m->valid_until_s);
	if (e)
		return e;
	if (kind == RULES_CHANGE ? !is_level(m->level) : m->level[0] != 0)
		return fail(E_FORMAT, "consent: level: a change has a known one, others none");
	for (size_t i = 0; !e && i < m->n_permissions; i++)
		e = check_permission(m->permissions[i]);
	return e;
}

/* A permission named twice could be read both ways, an open field too. */
static enum err
check_twice(const Weir__RulesPart *m)
{
	for (size_t i = 0; i < m->n_open; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(m->open[i]->name, m->open[k]->name) == 0)
				return fail(E_FORMAT, "rules part: an open field stands twice");
	for (size_t i = 0; m->consent && i < m->consent->n_permissions; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(m->consent->permissions[i]->code,
				    m->consent->permissions[k]->code) == 0)
				return fail(E_FORMAT, "consent: a permission stands twice");
	return OK;
}

/* What each kind has to name. */
static enum err
check_kind(const Weir__RulesPart *m)
{
	if (m->kind < RULES_RECORD || m->kind > RULES_OPT_OUT)
		return fail(E_FORMAT, "rules part: kind: unknown");
	bool with_consent = m->kind == RULES_CONSENT || m->kind == RULES_CHANGE;
	if (with_consent != (m->consent != NULL))
		return fail(E_FORMAT, "rules part: consent: there for a consent or a change, "
				      "and for nothing else");
	if ((m->kind == RULES_OPT_OUT) != (m->opt_out != NULL))
		return fail(E_FORMAT, "rules part: opt_out: there for a check, and for nothing "
				      "else");
	if (m->kind != RULES_RECORD && m->kind != RULES_KEY && m->participant.len == 0)
		return fail(E_FORMAT, "rules part: participant: missing");
	if (wire_is_zero(m->salt.data, m->salt.len))
		return fail(E_FORMAT, "rules part: salt: missing");
	if (m->instance.len == 0)
		return fail(E_FORMAT, "rules part: instance: missing");
	if (m->kind == RULES_RECORD && m->form[0] == 0)
		return fail(E_FORMAT, "rules part: form: missing");
	if (m->kind != RULES_RECORD && m->sound)
		return fail(E_FORMAT, "rules part: sound: goes with a record alone");
	if (m->kind != RULES_RECORD && m->kind != RULES_CONSENT && m->captured_said)
		return fail(E_FORMAT, "rules part: captured_said: goes with what is filled in");
	return OK;
}

static enum err
check_opt_out(const Weir__OptOutCheck *m)
{
	enum err e = wire_is_text(FIELD("opt-out", "source"), m->source, 1, WIRE_NAME_BYTES);
	return e ? e : wire_is_time(FIELD("opt-out", "checked_at_s"), m->checked_at_s);
}

static enum err
check_rules(const Weir__RulesPart *m)
{
	enum err e = wire_is_version(RULES("version"), m->version, RULES_VERSION);
	if (!e)
		e = check_kind(m);
	if (!e)
		e = wire_is_text(RULES("form"), m->form, 0, WIRE_TEXT_BYTES);
	if (!e)
		e = wire_is_text(RULES("form_version"), m->form_version, 0, WIRE_NAME_BYTES);
	if (!e)
		e = wire_is_text(RULES("wave"), m->wave, 0, WIRE_NAME_BYTES);
	if (!e)
		e = wire_is_text(RULES("group"), m->group, 0, WIRE_NAME_BYTES);
	if (!e)
		e = wire_is_count(RULES("open"), m->n_open, WIRE_OPEN_MAX);
	if (!e)
		e = wire_is_time(RULES("captured_s"), m->captured_s);
	for (size_t i = 0; !e && i < m->n_open; i++) {
		e = wire_is_text(RULES("open"), m->open[i]->name, 1, WIRE_NAME_BYTES);
		if (!e)
			e = wire_is_text(RULES("open"), m->open[i]->value, 0, WIRE_NAME_BYTES);
	}
	if (!e && m->opt_out)
		e = check_opt_out(m->opt_out);
	if (!e && m->consent)
		e = check_consent(m->consent, (enum rules_kind)m->kind);
	return e ? e : check_twice(m);
}

/* Fills the message that is packed; `permissions` and `lent` are as long as the consent's
 * list. */
static void
put_consent(Weir__Consent *m, const struct wire_consent *c, Weir__Permission *permissions,
	Weir__Permission **lent)
{
	m->event = pb_text(c->event);
	m->grantor_role = pb_text(c->grantor_role);
	m->form = pb_text(c->form);
	m->form_version = pb_text(c->form_version);
	m->mode = pb_text(c->mode);
	m->capacity = pb_text(c->capacity);
	m->assent = pb_text(c->assent);
	m->taken_by = pb_text(c->taken_by);
	m->approach_by = pb_text(c->approach_by);
	m->approacher = pb_text(c->approacher);
	m->level = pb_text(c->level);
	m->given_at_s = c->given_at_s;
	m->valid_until_s = c->valid_until_s;
	m->n_permissions = c->permission_count;
	m->permissions = lent;
	for (size_t i = 0; i < c->permission_count; i++) {
		permissions[i] = (Weir__Permission)WEIR__PERMISSION__INIT;
		permissions[i].code = pb_text(c->permissions[i].code);
		permissions[i].permit = c->permissions[i].permit;
		permissions[i].from_s = c->permissions[i].from_s;
		permissions[i].until_s = c->permissions[i].until_s;
		permissions[i].n_limits = c->permissions[i].limit_count;
		permissions[i].limits = wire_lend(c->permissions[i].limits);
		lent[i] = &permissions[i];
	}
}

static void
put_rules(Weir__RulesPart *m, const struct wire_rules *r, Weir__OpenField *open,
	Weir__OpenField **lent)
{
	m->version = RULES_VERSION;
	m->salt = pb_bytes(r->salt, sizeof(r->salt));
	m->kind = r->kind;
	m->participant = pb_bytes_or_none(r->participant, sizeof(r->participant));
	m->instance = pb_bytes_or_none(r->instance, sizeof(r->instance));
	m->form = pb_text(r->form);
	m->form_version = pb_text(r->form_version);
	m->wave = pb_text(r->wave);
	m->group = pb_text(r->group);
	m->refers_to = pb_bytes_or_none(r->refers_to, sizeof(r->refers_to));
	m->consent_ref = pb_bytes_or_none(r->consent_ref, sizeof(r->consent_ref));
	m->key_ref = pb_bytes_or_none(r->key_ref, sizeof(r->key_ref));
	m->captured_s = r->captured_s;
	m->captured_said = r->captured_said;
	m->sound = r->sound;
	m->n_open = r->open_count;
	m->open = lent;
	for (size_t i = 0; i < r->open_count; i++) {
		open[i] = (Weir__OpenField)WEIR__OPEN_FIELD__INIT;
		open[i].name = pb_text(r->open[i].name);
		open[i].value = pb_text(r->open[i].value);
		lent[i] = &open[i];
	}
}

enum err
wire_rules_pack(struct buf *out, const struct wire_rules *r)
{
	Weir__OpenField open[WIRE_OPEN_MAX];
	Weir__OpenField *lent_open[WIRE_OPEN_MAX];
	Weir__Permission permissions[WIRE_PERMISSIONS_MAX];
	Weir__Permission *lent[WIRE_PERMISSIONS_MAX];
	Weir__Consent consent = WEIR__CONSENT__INIT;
	Weir__OptOutCheck opt_out = WEIR__OPT_OUT_CHECK__INIT;
	Weir__RulesPart m = WEIR__RULES_PART__INIT;
	enum err e = wire_is_count(RULES("open"), r->open_count, WIRE_OPEN_MAX);
	if (!e)
		e = wire_is_count(CONSENT("permissions"), r->consent.permission_count,
			WIRE_PERMISSIONS_MAX);
	if (e)
		return e;
	put_rules(&m, r, open, lent_open);
	if (r->kind == RULES_CONSENT || r->kind == RULES_CHANGE) {
		put_consent(&consent, &r->consent, permissions, lent);
		m.consent = &consent;
	}
	if (r->kind == RULES_OPT_OUT) {
		opt_out.checked_at_s = r->opt_out.checked_at_s;
		opt_out.opted_out = r->opt_out.opted_out;
		opt_out.source = pb_text(r->opt_out.source);
		m.opt_out = &opt_out;
	}
	e = check_rules(&m);
	if (e)
		return e;
	wire_pack(out, &m);
	return buf_check(out, "rules part");
}

static enum err
read_consent(struct wire_consent *c, const Weir__Consent *m, struct wire_arena *arena)
{
	struct wire_permission *rows =
		wire_arena_take(arena, m->n_permissions * sizeof(*c->permissions));
	if (!rows)
		return fail(E_FORMAT, "consent: too large");
	for (size_t i = 0; i < m->n_permissions; i++) {
		const Weir__Permission *p = m->permissions[i];
		rows[i] = (struct wire_permission){.code = p->code,
			.permit = p->permit != 0,
			.from_s = p->from_s,
			.until_s = p->until_s,
			.limits = (const char *const *)p->limits,
			.limit_count = p->n_limits};
	}
	*c = (struct wire_consent){
		.event = m->event,
		.grantor_role = m->grantor_role,
		.form = m->form,
		.form_version = m->form_version,
		.mode = m->mode,
		.capacity = m->capacity,
		.assent = m->assent,
		.taken_by = m->taken_by,
		.approach_by = m->approach_by,
		.approacher = m->approacher,
		.level = m->level,
		.given_at_s = m->given_at_s,
		.valid_until_s = m->valid_until_s,
		.permission_count = m->n_permissions,
		.permissions = rows,
	};
	return OK;
}

static enum err
read_rules_ids(struct wire_rules *r, const Weir__RulesPart *m)
{
	const struct {
		const char *name;
		uint8_t *to;
		ProtobufCBinaryData from;
	} rows[] = {
		{"participant", r->participant, m->participant},
		{"instance", r->instance, m->instance},
		{"refers_to", r->refers_to, m->refers_to},
		{"consent_ref", r->consent_ref, m->consent_ref},
		{"key_ref", r->key_ref, m->key_ref},
	};
	enum err e = wire_copy(RULES("salt"), r->salt, WIRE_ID_BYTES, view_pb(m->salt));
	for (size_t i = 0; !e && i < ARRAY_LEN(rows); i++)
		e = wire_copy_or_zero(
			RULES(rows[i].name), rows[i].to, WIRE_ID_BYTES, view_pb(rows[i].from));
	return e;
}

static enum err
read_rules(struct wire_rules *r, const Weir__RulesPart *m, struct wire_arena *arena)
{
	enum err e = check_rules(m);
	if (!e)
		e = read_rules_ids(r, m);
	if (e)
		return e;
	r->kind = (enum rules_kind)m->kind;
	r->form = m->form;
	r->form_version = m->form_version;
	r->wave = m->wave;
	r->group = m->group;
	r->captured_s = m->captured_s;
	r->captured_said = m->captured_said != 0;
	r->sound = m->sound != 0;
	r->open_count = m->n_open;
	for (size_t i = 0; i < m->n_open; i++)
		r->open[i] = (struct wire_open){m->open[i]->name, m->open[i]->value};
	if (m->opt_out)
		r->opt_out = (struct wire_opt_out){m->opt_out->checked_at_s,
			m->opt_out->opted_out != 0, m->opt_out->source};
	return m->consent ? read_consent(&r->consent, m->consent, arena) : OK;
}

enum err
wire_rules_unpack(struct wire_rules **ret, struct view bytes)
{
	*ret = NULL;
	enum err e = wire_is_capped("rules part", bytes.len, WIRE_RULES_MAX_BYTES);
	if (e)
		return e;
	struct wire_arena arena = arena_for(bytes.len, sizeof(struct wire_rules));
	/* The first thing in the arena: freeing it frees all. */
	OWNED(wire_rules) struct wire_rules *r = wire_arena_take(&arena, sizeof(*r));
	void *m = NULL;
	e = wire_unpack(&m, &weir__rules_part__descriptor, &arena, bytes, "rules part");
	if (!e)
		e = read_rules(r, m, &arena);
	if (!e)
		*ret = take(r);
	return e;
}

void
wire_rules_free(struct wire_rules *r)
{
	free(r);
}
