#include "node/sync_judge.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/rules.h"
#include "common/study/rules_contact.h"

#include "node/ipc_submit.h"

#define VERSIONS_MAX_COUNT 256
#define MS_PER_S           1000
#define DATA_KIND          "answers"

/* Levels that a person may always choose, whatever the information sheet promised. */
static const char *const always_levels[] = {"objection", "capacity-lost", WIRE_LEVEL_DIED};
#define HARMLESS_LEVEL "no-further-contact"

/* The versions of one person's consent, in the order they came. */
struct versions {
	struct vault *vault;
	struct wire_rules *parts[VERSIONS_MAX_COUNT];
	struct rules_permission *permissions[VERSIONS_MAX_COUNT];
	size_t part_count;
	struct rules_consent consents[VERSIONS_MAX_COUNT];
	size_t count; /* a death is no version of consent */
	struct rules_life life;
};

static void
versions_free(struct versions *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->part_count; i++) {
		wire_rules_free(p->parts[i]);
		mem_drop(&p->permissions[i]);
	}
	mem_drop(&p);
}
OWNER(versions)

static struct rules_permission *
permissions_of(const struct wire_consent *c)
{
	struct rules_permission *list = xcalloc(c->permission_count + 1, sizeof(*list));
	for (size_t i = 0; i < c->permission_count; i++)
		list[i] = (struct rules_permission){.code = c->permissions[i].code,
			.permit = c->permissions[i].permit,
			.from_ms = c->permissions[i].from_s * MS_PER_S,
			.until_ms = c->permissions[i].until_s * MS_PER_S};
	return list;
}

static void
add_version(struct versions *p, struct wire_rules *part)
{
	const struct wire_consent *c = &part->consent;
	struct rules_permission *permissions = permissions_of(c);
	const int64_t given_ms = c->given_at_s * MS_PER_S;
	const size_t known = p->part_count;
	p->permissions[known] = permissions;
	p->parts[p->part_count++] = part;
	if (part->kind == RULES_CHANGE && strcmp(c->level, WIRE_LEVEL_DIED) == 0) {
		if (!p->life.died_ms || given_ms < p->life.died_ms)
			p->life.died_ms = given_ms;
		return;
	}
	p->consents[p->count++] = (struct rules_consent){.event = c->event,
		.level = part->kind == RULES_CHANGE ? c->level : "",
		.grantor_role = c->grantor_role,
		.capacity = c->capacity,
		.assent = c->assent,
		.given_ms = given_ms,
		.valid_until_ms = c->valid_until_s * MS_PER_S,
		.mode = c->mode,
		.form = c->form,
		.form_version = c->form_version,
		.taken_by = c->taken_by,
		.approach_by = c->approach_by,
		.witnessed = RULES_NOT_ASKED,
		.permissions = permissions,
		.permission_count = c->permission_count,
		.known = known};
}

static enum err
read_version(void *arg, struct view key, struct view row)
{
	struct versions *p = arg;
	struct wire_rules *part = NULL;
	OWNED_BUF struct buf bytes;
	struct cursor c = cursor_of(row);
	buf_init(&bytes, WIRE_RULES_MAX_BYTES);
	(void)key;
	if (p->part_count == VERSIONS_MAX_COUNT)
		return fail(E_FULL, "a person has more than %d versions of a consent",
			VERSIONS_MAX_COUNT);
	const struct vault_at at = vault_at_read(&c);
	enum err e = cursor_end(&c, "consent on file");
	if (!e)
		e = vault_part(p->vault, &at, PART_RULES, &bytes);
	if (!e)
		e = wire_rules_unpack(&part, buf_view(&bytes));
	if (!e)
		add_version(p, part);
	return e;
}

static enum err
read_versions(
	struct vault *v, const uint8_t participant[static ID_BYTES], struct versions **ret)
{
	OWNED(versions) struct versions *p = xcalloc(1, sizeof(*p));
	p->vault = v;
	*ret = NULL;
	enum err e =
		vault_each(v, VAULT_CONSENTS, view_of(participant, ID_BYTES), read_version, p);
	if (!e)
		*ret = take(p);
	return e;
}

/* records */

static bool
is_about_consent(const struct rules_fired *f)
{
	static const char *const rules[] = {"R07", "R08", "R10", "R13", "R14", "R19"};
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (strcmp(f->rule, rules[i]) == 0)
			return true;
	return false;
}

static enum err
refuse_by_rules(const struct verdict *v)
{
	for (size_t i = 0; i < v->fired_count; i++)
		if (is_about_consent(&v->fired[i]) && v->fired[i].outcome != RULES_PERMIT)
			return fail(E_DENIED, "%s: %s", v->fired[i].rule, v->fired[i].reason);
	if (v->consent_then < 0)
		return fail(E_DENIED, "no consent stood when the record was collected");
	return OK;
}

/* What is kept leaves as soon as there is a link, so both questions are asked now. */
static enum err
judge_actions(const struct rules *rules, struct rules_facts *facts)
{
	static const enum rules_action actions[] = {RULES_COLLECT, RULES_SYNC};
	struct verdict verdict;
	enum err e = OK;
	for (size_t i = 0; !e && i < ARRAY_LEN(actions); i++) {
		facts->action = actions[i];
		rules_judge(rules, facts, &verdict);
		e = refuse_by_rules(&verdict);
	}
	return e;
}

static bool
has_consent_ref(const struct versions *p, const uint8_t ref[static WIRE_ID_BYTES])
{
	for (size_t i = 0; i < p->part_count; i++)
		if (memcmp(p->parts[i]->instance, ref, WIRE_ID_BYTES) == 0)
			return true;
	return false;
}

static const struct form *
form_in(const struct pack *p, const char *id, const char *version)
{
	const struct form *form = pack_form(p, id);
	return form && strcmp(form->version, version) == 0 ? form : NULL;
}

const struct form *
sync_judge_form(const struct sync_judge *j, const char *id, const char *version)
{
	const struct form *form = form_in(j->pack, id, version);
	for (size_t i = 0; !form && i < j->past_count; i++)
		form = form_in(j->past[i], id, version);
	return form;
}

int
sync_judge_state(const struct sync_judge *j, const char *form)
{
	const struct form *f = pack_form(j->pack, form);
	if (!f || !pack_form_at(j->pack, f, j->site))
		return FACTS_NOT_HERE;
	return j->pack->unconfirmed || pack_form_closed(j->pack, f) ? FACTS_CLOSED : FACTS_OPEN;
}

enum err
sync_judge_open(const struct sync_judge *j, const struct wire_rules *r)
{
	const struct form *f = pack_form(j->pack, r->form);
	bool is_new =
		r->kind == RULES_CONSENT ||
		(r->kind == RULES_RECORD && wire_is_zero(r->refers_to, sizeof(r->refers_to)));
	if (is_new && j->pack->unconfirmed)
		return fail(E_DENIED, "collection is not open: nobody has confirmed the legal "
				      "bases of the study (confirmed_by in study.ini)");
	if (!is_new || r->kind != RULES_RECORD || !f)
		return OK;
	if (!pack_form_at(j->pack, f, j->site))
		return fail(E_DENIED, "form %s is not given out at this site", f->id);
	if (pack_form_closed(j->pack, f))
		return fail(E_DENIED, "form %s is closed: it takes corrections only", f->id);
	return OK;
}

/* Whose it has to be, and whether that is all there is to ask. */
static enum err
check_whose(const struct form *form, const struct wire_rules *r, bool *ret_about_site)
{
	bool nobody = wire_is_zero(r->participant, sizeof(r->participant));
	*ret_about_site = form->per_site && nobody;
	if (form->per_site != nobody)
		return fail(E_DENIED, "form %s is about %s", form->id,
			form->per_site ? "the site, and the record about a person"
				       : "persons, and the record about nobody");
	return OK;
}

enum err
sync_judge_record(const struct sync_judge *j, const struct wire_rules *r)
{
	OWNED(versions) struct versions *p = NULL;
	const struct form *form = sync_judge_form(j, r->form, r->form_version);
	const struct pack_site *site = pack_site(j->pack, j->site);
	bool about_site = false;
	if (!form)
		return fail(E_DENIED, "the study in force has no such form of this version");
	enum err whose = check_whose(form, r, &about_site);
	if (whose || about_site)
		return whose;
	enum err e = read_versions(j->vault, r->participant, &p);
	if (e)
		return e;
	if (!wire_is_zero(r->consent_ref, sizeof(r->consent_ref)) &&
		!has_consent_ref(p, r->consent_ref))
		return fail(E_DENIED, "the record names a consent that is not on file");
	/* What another process is asked about: approvals, witnesses, partners. */
	struct rules_facts facts = {.data_kind = DATA_KIND,
		.unfed = RULES_UNFED & ~RULES_BIT_MODES,
		.form = r->form,
		.form_version = r->form_version,
		.wave = r->wave,
		.site = j->site,
		.site_kind = site ? site->kind : "",
		.true_at_ms = j->now_ms,
		.captured_ms = r->captured_s * MS_PER_S,
		.known_upto = UINT64_MAX,
		.basis = j->pack->confidentiality,
		.approvals_elsewhere = true,
		.consents = p->consents,
		.consent_count = p->count,
		.life = p->life,
		.record_signature = RULES_YES,
		.consent_signature = RULES_YES,
		.batch_proof = RULES_YES,
		.decrypts = RULES_NOT_ASKED,
		.retained = RULES_NOT_ASKED};
	return judge_actions(j->pack->rules, &facts);
}

/* consents and changes */

static const char *
ended_by(const struct versions *p)
{
	if (p->life.died_ms)
		return WIRE_LEVEL_DIED;
	for (size_t i = 0; i < p->count; i++)
		if (*p->consents[i].level && strcmp(p->consents[i].level, HARMLESS_LEVEL) != 0)
			return p->consents[i].level;
	return NULL;
}

enum err
sync_judge_consent(const struct sync_judge *j, const struct wire_rules *r)
{
	OWNED(versions) struct versions *p = NULL;
	enum err e = read_versions(j->vault, r->participant, &p);
	const char *level = e ? NULL : ended_by(p);
	if (level)
		return fail(E_DENIED,
			"the person has ended taking part (%s): a consent that comes with data "
			"does not undo that",
			level);
	return e;
}

enum err
sync_judge_ended(
	const struct sync_judge *j, const uint8_t participant[static ID_BYTES], bool *ret)
{
	OWNED(versions) struct versions *p = NULL;
	*ret = false;
	enum err e = read_versions(j->vault, participant, &p);
	if (!e)
		*ret = ended_by(p) != NULL;
	return e;
}

enum err
sync_judge_contact(const struct sync_judge *j, const uint8_t participant[static ID_BYTES],
	const char **ret)
{
	OWNED(versions) struct versions *p = NULL;
	*ret = "";
	enum err e = read_versions(j->vault, participant, &p);
	if (e)
		return e;
	const struct rules_facts facts = {.true_at_ms = j->now_ms,
		.known_upto = UINT64_MAX,
		.consents = p->consents,
		.consent_count = p->count,
		.life = p->life};
	const char *why = rules_no_contact(&facts);
	*ret = why ? why : "";
	return OK;
}

/* A change takes away; what the version before it did not permit, it cannot permit. */
static bool
gives_back(const struct wire_consent *change, const struct wire_consent *before)
{
	for (size_t i = 0; i < change->permission_count; i++) {
		const struct wire_permission *c = &change->permissions[i];
		bool had = !c->permit;
		for (size_t k = 0; !had && k < before->permission_count; k++)
			had = before->permissions[k].permit &&
			      strcmp(before->permissions[k].code, c->code) == 0;
		if (!had)
			return true;
	}
	return false;
}

static bool
may_choose(const struct pack *pack, const char *level)
{
	for (size_t i = 0; i < ARRAY_LEN(always_levels); i++)
		if (strcmp(always_levels[i], level) == 0)
			return true;
	for (size_t i = 0; i < pack->level_count; i++)
		if (strcmp(pack->levels[i], level) == 0)
			return true;
	return false;
}

enum err
sync_judge_change(const struct sync_judge *j, const struct wire_rules *r)
{
	OWNED(versions) struct versions *p = NULL;
	if (!may_choose(j->pack, r->consent.level))
		return fail(E_DENIED,
			"the information sheet of the study does not promise this level");
	enum err e = read_versions(j->vault, r->participant, &p);
	if (!e && (p->part_count == 0 || !has_consent_ref(p, r->refers_to)))
		e = fail(E_DENIED, "the change names a consent that is not on file");
	if (!e && gives_back(&r->consent, &p->parts[p->part_count - 1]->consent))
		e = fail(E_DENIED, "a change of participation cannot permit anything anew");
	return e;
}
