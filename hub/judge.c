#include "hub/judge.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/pack.h"
#include "common/trust/entry.h"

#include "hub/approval.h"
#include "hub/writer.h"

#define APPROVALS_MAX_COUNT 20000
/* Versions of one person's consent that a judgement looks at; more is no person's doing. */
#define VERSIONS_MAX_COUNT 1000
#define HEAD_ROW_BYTES     256
#define MS_PER_S           1000

struct judge {
	const struct hub *hub;
	struct vault_txn *txn;
	struct approval *rows; /* verified ones */
	struct rules_approval *approvals;
	size_t approval_count;
	struct writer writer; /* the one looked up last */
	bool has_writer;
};

/* What a person has decided: versions of consent, in the order they came. */
struct versions {
	struct vault_txn *txn;
	size_t count;
	bool is_too_many;
	struct rules_consent *consents;
	struct wire_rules **parts;
	struct rules_permission **permissions;
};

static void
versions_done(struct versions *v)
{
	for (size_t i = 0; i < v->count; i++) {
		wire_rules_free(v->parts[i]);
		mem_drop(&v->permissions[i]);
	}
	mem_drop(&v->consents);
	mem_drop(&v->parts);
	mem_drop(&v->permissions);
}

/* make */

static enum err
add_approval(void *arg, const struct approval *a)
{
	struct judge *j = arg;
	if (!a->verified_by[0])
		return OK;
	if (j->approval_count == APPROVALS_MAX_COUNT)
		return fail(E_FULL, "there are more than %d approvals", APPROVALS_MAX_COUNT);
	if ((j->approval_count & (j->approval_count - 1)) == 0)
		j->rows = xrealloc(
			j->rows, MAX(j->approval_count * 2, (size_t)1), sizeof(*j->rows));
	j->rows[j->approval_count++] = *a;
	return OK;
}

/* The rows stand still now: what the rules see can lend from them. */
static void
lend_approvals(struct judge *j)
{
	j->approvals = xcalloc(MAX(j->approval_count, (size_t)1), sizeof(*j->approvals));
	for (size_t i = 0; i < j->approval_count; i++) {
		const struct approval *a = &j->rows[i];
		j->approvals[i] = (struct rules_approval){.id = a->id,
			.kind = a->kind,
			.site = a->site,
			.decision = a->decision,
			.reason_given = a->reason[0] != '\0',
			.from_ms = a->from_s * MS_PER_S,
			.until_ms = a->until_s * MS_PER_S,
			.known = a->verified_leaf};
	}
}

enum err
judge_new(struct judge **ret, const struct hub *h, struct vault_txn *t)
{
	OWNED(judge) struct judge *j = xcalloc(1, sizeof(*j));
	*ret = NULL;
	j->hub = h;
	j->txn = t;
	enum err e = approval_each(t, add_approval, j);
	if (e)
		return e;
	lend_approvals(j);
	*ret = take(j);
	return OK;
}

void
judge_free(struct judge *j)
{
	if (!j)
		return;
	mem_drop(&j->rows);
	mem_drop(&j->approvals);
	mem_drop(&j);
}

/* gather */

static enum err
find_writer(struct judge *j, const uint8_t public[static SIGN_PUBLIC_BYTES])
{
	if (j->has_writer && memcmp(j->writer.public, public, SIGN_PUBLIC_BYTES) == 0)
		return OK;
	enum err e = writer_get(j->txn, public, &j->writer);
	j->has_writer = e == OK;
	return e;
}

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

static void
grow(struct versions *v)
{
	if ((v->count & (v->count - 1)) != 0)
		return;
	size_t room = MAX(v->count * 2, (size_t)1);
	v->consents = xrealloc(v->consents, room, sizeof(*v->consents));
	v->parts = xrealloc(v->parts, room, sizeof(struct wire_rules *));
	v->permissions = xrealloc(v->permissions, room, sizeof(struct rules_permission *));
}

static enum err
add_version(void *arg, const struct record_consent *row)
{
	struct versions *v = arg;
	OWNED(wire_rules) struct wire_rules *part = NULL;
	if (v->count == VERSIONS_MAX_COUNT) {
		v->is_too_many = true;
		return OK;
	}
	enum err e = record_rules(v->txn, &row->place, &part);
	if (e == E_NOTFOUND) /* erased: what it said counts no more */
		return OK;
	if (e)
		return e;
	const struct wire_consent *c = &part->consent;
	grow(v);
	v->permissions[v->count] = copy_permissions(c);
	v->consents[v->count] = (struct rules_consent){.event = c->event,
		.level = part->kind == RULES_CHANGE ? c->level : "",
		.given_ms = c->given_at_s * MS_PER_S,
		.valid_until_ms = c->valid_until_s * MS_PER_S,
		.permissions = v->permissions[v->count],
		.permission_count = c->permission_count,
		.known = row->leaf};
	v->parts[v->count++] = take(part);
	return OK;
}

/* judge */

struct checks {
	enum rules_check signature;
	enum rules_check parts;
};

static enum err
settle(struct judged *ret, enum rules_outcome outcome, const char *reason)
{
	ret->verdict =
		(struct verdict){.outcome = outcome, .consent_then = -1, .consent_now = -1};
	(void)snprintf(ret->reason, sizeof(ret->reason), "%s", reason);
	return OK;
}

/* Is the person at home at another site than the writer's? */
static enum err
is_foreign(struct judge *j, const struct wire_rules *r, bool *ret)
{
	struct record_person person;
	*ret = false;
	enum err e = record_person_get(j->txn, r->participant, &person);
	if (e == E_NOTFOUND)
		return OK;
	if (!e)
		*ret = strcmp(person.site, j->writer.site) != 0;
	return e;
}

static enum err
ask_rules(struct judge *j, const struct wire_rules *r, const struct judge_ask *ask,
	const struct checks *checks, struct judged *ret)
{
	OWNED_BY(versions_done) struct versions v = {.txn = j->txn};
	const struct pack *pack = j->hub->pack;
	enum err e = ret->form->per_site
			     ? OK
			     : record_consent_each(j->txn, r->participant, add_version, &v);
	if (e)
		return e;
	if (v.is_too_many)
		return settle(ret, RULES_HOLD, "more consents of one person than can be");
	const struct rules_facts facts = {.action = ask->action,
		.use = ask->use,
		.data_kind = "answers",
		.per_site = ret->form->per_site,
		.site = j->writer.site,
		.site_kind = pack_site(pack, j->writer.site)->kind,
		.true_at_ms = ask->true_at_ms,
		.captured_ms = r->captured_s * MS_PER_S,
		.known_upto = ask->known_upto,
		.approvals = j->approvals,
		.approval_count = j->approval_count,
		.consents = v.consents,
		.consent_count = v.count,
		.record_signature = checks->signature,
		/* Every version came under a verified head, or it would not be kept. */
		.consent_signature = v.count ? RULES_YES : RULES_UNKNOWN,
		.batch_proof = checks->parts,
		.decrypts = RULES_NOT_ASKED};
	rules_judge(pack->rules, &facts, &ret->verdict);
	for (size_t i = 0; i < ret->verdict.used_count; i++)
		ret->approvals[ret->approval_count++] = j->approvals[ret->verdict.used[i]].id;
	return OK;
}

static enum err
judge(struct judge *j, const struct wire_rules *r, const struct judge_ask *ask,
	const struct checks *checks, struct judged *ret)
{
	const struct pack *pack = j->hub->pack;
	bool foreign;
	(void)snprintf(ret->site, sizeof(ret->site), "%s", j->writer.site);
	if (r->kind != RULES_RECORD)
		return settle(ret, RULES_DENY, "not a record");
	if (!pack)
		return settle(ret, RULES_HOLD, "no study is in force");
	ret->form = pack_form(pack, r->form);
	if (!ret->form)
		return settle(ret, RULES_HOLD, "form unknown");
	if (strcmp(ret->form->version, r->form_version) != 0)
		return settle(ret, RULES_HOLD, "form version unknown");
	if (!pack_site(pack, j->writer.site))
		return settle(ret, RULES_HOLD, "site unknown");
	if (ret->form->per_site)
		return ask_rules(j, r, ask, checks, ret);
	if (wire_is_zero(r->participant, sizeof(r->participant)))
		return settle(ret, RULES_DENY, "no participant");
	enum err e = is_foreign(j, r, &foreign);
	if (!e && foreign)
		return settle(ret, RULES_DENY, "the person is at home at another site");
	return e ? e : ask_rules(j, r, ask, checks, ret);
}

enum err
judge_arriving(struct judge *j, const struct place *p, const struct wire_rules *r,
	const struct judge_ask *ask, struct judged *ret)
{
	const struct checks checks = {RULES_YES, RULES_YES};
	*ret = (struct judged){.verdict = {.consent_then = -1, .consent_now = -1}};
	enum err e = find_writer(j, p->writer);
	return e ? e : judge(j, r, ask, &checks, ret);
}

/* stored records */

/* The entry lies under a head whose signature was verified when it came. */
static enum err
check_head(struct judge *j, const struct place *p, enum rules_check *ret)
{
	OWNED_BUF struct buf row;
	uint8_t key[PLACE_KEY_BYTES];
	buf_init(&row, HEAD_ROW_BYTES);
	place_key(key, p);
	*ret = RULES_NO;
	enum err e = vault_get(j->txn, VAULT_HEADS, view_of(key, PLACE_LANE_BYTES), &row);
	if (e == E_NOTFOUND)
		return OK;
	struct cursor c = cursor_of(buf_view(&row));
	(void)cursor_u8(&c);
	if (!e && cursor_u64(&c) >= p->seq && !c.broken)
		*ret = RULES_YES;
	return e;
}

/* The rules part is still the one that the header names. */
static enum err
check_part(struct judge *j, const struct place *p, struct view part, enum rules_check *ret)
{
	OWNED_BUF struct buf bytes;
	struct wire_header header;
	uint8_t key[PLACE_KEY_BYTES];
	buf_init(&bytes, WIRE_HEADER_MAX_BYTES);
	place_key(key, p);
	*ret = RULES_NO;
	enum err e = vault_get(j->txn, VAULT_ENTRIES, view_of(key, sizeof(key)), &bytes);
	if (e == E_NOTFOUND)
		return fail(e, "there is no such entry at the hub");
	if (e)
		return e;
	if (part.len && !wire_header_unpack(&header, buf_view(&bytes)) &&
		!entry_part_check(&header, PART_RULES, part))
		*ret = RULES_YES;
	return OK;
}

static enum err
judge_part(struct judge *j, struct view part, const struct judge_ask *ask,
	const struct checks *checks, struct judged *ret)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	if (wire_rules_unpack(&r, part))
		return settle(ret, RULES_DENY, "rules part not of its form");
	return judge(j, r, ask, checks, ret);
}

enum err
judge_stored(
	struct judge *j, const struct place *p, const struct judge_ask *ask, struct judged *ret)
{
	OWNED_BUF struct buf part;
	struct record_verdict stored;
	struct checks checks;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	*ret = (struct judged){.verdict = {.consent_then = -1, .consent_now = -1}};
	enum err e = find_writer(j, p->writer);
	enum err found = e ? e : record_part(j->txn, p, PART_RULES, &part);
	if (found && found != E_NOTFOUND)
		return found;
	e = check_part(j, p, buf_view(&part), &checks.parts);
	if (!e)
		e = check_head(j, p, &checks.signature);
	if (!e)
		e = record_verdict_get(j->txn, p, &stored);
	if (e)
		return e;
	(void)snprintf(ret->site, sizeof(ret->site), "%s", j->writer.site);
	if (found)
		return settle(ret, RULES_DENY, "erased");
	if (strcmp(stored.reason, JUDGE_DUPLICATE) == 0)
		return settle(ret, RULES_DENY, JUDGE_DUPLICATE);
	if (j->writer.revoked_s && stored.at_s >= j->writer.revoked_s)
		return settle(ret, RULES_DENY, "the node was revoked before");
	return judge_part(j, buf_view(&part), ask, &checks, ret);
}
