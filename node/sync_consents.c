#include "node/sync_consents.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/rules_limits.h"

#define MS_PER_S 1000

void
sync_consents_free(struct sync_consents *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->part_count; i++) {
		wire_rules_free(p->parts[i]);
		mem_drop(&p->permissions[i]);
	}
	mem_drop(&p);
}

struct rules_permission *
sync_consents_permissions(const struct wire_consent *c)
{
	struct rules_permission *list = xcalloc(c->permission_count + 1, sizeof(*list));
	for (size_t i = 0; i < c->permission_count; i++)
		list[i] = (struct rules_permission){.code = c->permissions[i].code,
			.permit = c->permissions[i].permit,
			.from_ms = c->permissions[i].from_s * MS_PER_S,
			.until_ms = c->permissions[i].until_s * MS_PER_S};
	return list;
}

struct rules_consent
sync_consents_view(const struct wire_rules *part)
{
	const struct wire_consent *c = &part->consent;
	return (struct rules_consent){.event = c->event,
		.level = part->kind == RULES_CHANGE ? c->level : "",
		.grantor_role = c->grantor_role,
		.capacity = c->capacity,
		.assent = c->assent,
		.given_ms = c->given_at_s * MS_PER_S,
		.valid_until_ms = c->valid_until_s * MS_PER_S,
		.mode = c->mode,
		.form = c->form,
		.form_version = c->form_version,
		.taken_by = c->taken_by,
		.approach_by = c->approach_by,
		.approacher = c->approacher,
		.witnessed = RULES_NOT_ASKED,
		.duo = rules_limits_of(c)};
}

static void
add_version(struct sync_consents *p, struct wire_rules *part)
{
	const struct wire_consent *c = &part->consent;
	struct rules_permission *permissions = sync_consents_permissions(c);
	const int64_t given_ms = c->given_at_s * MS_PER_S;
	const size_t known = p->part_count;
	p->permissions[known] = permissions;
	p->parts[p->part_count++] = part;
	if (part->kind == RULES_CHANGE && strcmp(c->level, WIRE_LEVEL_DIED) == 0) {
		if (!p->life.died_ms || given_ms < p->life.died_ms)
			p->life.died_ms = given_ms;
		return;
	}
	struct rules_consent *one = &p->consents[p->count++];
	*one = sync_consents_view(part);
	one->permissions = permissions;
	one->permission_count = c->permission_count;
	one->known = known;
}

static void
set_opt_out(struct sync_consents *p, const struct wire_rules *part)
{
	p->opt_out = (struct rules_opt_out){.checked_ms = part->opt_out.checked_at_s * MS_PER_S,
		.opted_out = part->opt_out.opted_out};
	p->has_opt_out = true;
}

enum err
sync_consents_add(struct sync_consents *p, struct view part)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	enum err e = wire_rules_unpack(&r, part);
	if (e)
		return e;
	if (r->kind == RULES_OPT_OUT) {
		set_opt_out(p, r);
		return OK;
	}
	if (p->part_count == SYNC_CONSENTS_MAX_COUNT)
		return fail(E_FULL, "a person has more than %d versions of a consent",
			SYNC_CONSENTS_MAX_COUNT);
	add_version(p, take(r));
	return OK;
}

static enum err
read_version(void *arg, struct view key, struct view row)
{
	struct sync_consents *p = arg;
	OWNED_BUF struct buf bytes;
	struct cursor c = cursor_of(row);
	buf_init(&bytes, WIRE_RULES_MAX_BYTES);
	(void)key;
	const struct vault_at at = vault_at_read(&c);
	enum err e = cursor_end(&c, "consent on file");
	if (!e)
		e = vault_part(p->vault, &at, PART_RULES, &bytes);
	return e ? e : sync_consents_add(p, buf_view(&bytes));
}

enum err
sync_consents_read(
	struct sync_consents **ret, struct vault *v, const uint8_t participant[static ID_BYTES])
{
	OWNED(sync_consents) struct sync_consents *p = xcalloc(1, sizeof(*p));
	p->vault = v;
	*ret = NULL;
	enum err e =
		vault_each(v, VAULT_CONSENTS, view_of(participant, ID_BYTES), read_version, p);
	if (!e)
		*ret = take(p);
	return e;
}

bool
sync_consents_is_opt_out(struct view key)
{
	struct cursor c = cursor_of(key);
	(void)cursor_bytes(&c, ID_BYTES);
	return cursor_u32(&c) == SYNC_CONSENTS_OPT_OUT;
}

bool
sync_consents_has(const struct sync_consents *p, const uint8_t instance[static WIRE_ID_BYTES])
{
	for (size_t i = 0; i < p->part_count; i++)
		if (memcmp(p->parts[i]->instance, instance, WIRE_ID_BYTES) == 0)
			return true;
	return false;
}
