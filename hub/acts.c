#include "hub/acts.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/codec/wire_study.h"
#include "common/trust/card.h"
#include "common/trust/leaf.h"
#include "common/trust/manifest.h"
#include "common/trust/statement.h"

#include "hub/acts_digest.h"
#include "hub/approvals.h"
#include "hub/audit.h"
#include "hub/enrol.h"
#include "hub/erase.h"
#include "hub/export_fhir.h"
#include "hub/holdacts.h"
#include "hub/holders.h"
#include "hub/hubkeys.h"
#include "hub/nodeacts.h"
#include "hub/recovery.h"
#include "hub/release.h"
#include "hub/renewal.h"
#include "hub/siteacts.h"
#include "hub/siterules.h"
#include "hub/study.h"

#define ACT_AGE_MAX_S   86400 /* a statement waits at most a day on its way */
#define ACT_AHEAD_MAX_S 300   /* clocks of persons may run ahead this much */
#define ACT_ROOT        "root"

/* The person who decides for the study until others are named; signs with the study root. */
static void
root_person(const struct hub *h, struct person *ret)
{
	*ret = (struct person){.role_count = 1};
	(void)snprintf(ret->id, sizeof(ret->id), "%s", ACT_ROOT);
	(void)snprintf(ret->roles[0], sizeof(ret->roles[0]), "owner");
	(void)snprintf(ret->organisation, sizeof(ret->organisation), "%s", PERSON_STUDY_OWNER);
	memcpy(ret->sign_public, h->root_public, sizeof(ret->sign_public));
}

/* bodies that the root signs */

static enum err
apply_person(struct hub *h, const struct act *a, struct buf *reply)
{
	struct wire_signed s;
	struct wire_card card;
	enum err e = wire_signed_unpack(&s, a->body);
	if (!e)
		e = card_verify(&card, &s, h->study, h->root_public);
	if (!e && (strcmp(card.person, a->id) != 0 || strcmp(card.person, ACT_ROOT) == 0))
		e = fail(E_DENIED, "the card is for another person");
	if (!e && memcmp(card.sign_public, h->root_public, sizeof(card.sign_public)) == 0)
		e = fail(E_CONFLICT, "the study root is nobody's key but its own");
	if (!e)
		e = person_add(h->txn, card.person, a->body);
	if (e)
		return e;
	struct act_leaf_room room;
	struct leaf leaf;
	acts_leaf(&leaf, &room, a, "person-added");
	leaf.object_type = "person";
	e = audit_add(h->audit, h->txn, &leaf, NULL);
	if (!e)
		buf_format(reply, "{\"person\":\"%s\"}", card.person);
	return e;
}

/* Nobody ends the office of the person who signs. What the person signed before stands. */
static enum err
apply_revoke(struct hub *h, const struct act *a, struct buf *reply)
{
	static const char *const keys[] = {"person", "reason"};
	OWNED(json) struct json *body = NULL;
	const char *person = "", *reason = "";
	struct act_leaf_room room;
	struct leaf leaf;
	enum err e = json_parse(&body, a->body, 4096);
	if (!e)
		e = json_only(body, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(body, "person", ROW_ID_BYTES, &person);
	if (!e)
		e = json_get_text(body, "reason", LEAF_TEXT_MOST_BYTES, &reason);
	if (!e && (!reason[0] || strcmp(person, a->id) != 0))
		e = fail(E_FORMAT, "the body needs a reason and names the statement's person");
	if (!e && strcmp(person, a->by.id) == 0)
		e = fail(E_DENIED, "%s cannot end the own office: another person does", person);
	if (!e)
		e = person_revoke(h->txn, person, clock_wall_ms() / 1000);
	if (e)
		return e;
	acts_leaf(&leaf, &room, a, "person-revoked");
	leaf.object_type = "person";
	leaf.reason_code = reason;
	leaf.request_id = person;
	e = audit_add(h->audit, h->txn, &leaf, NULL);
	if (!e)
		buf_format(reply, "{\"person\":\"%s\"}", person);
	return e;
}

/* The keys that the root signs have to be this hub's own: nodes will hold receipts and
 * checkpoints against them, and a setup is not done twice. */
static enum err
check_own_keys(const struct hub *h, const struct wire_hub_keys *k)
{
	uint8_t receipt_public[SIGN_PUBLIC_BYTES];
	OWNED_MEM char *vkey = note_key_text(audit_key(h->audit));
	sign_public(receipt_public, h->receipt);
	return memcmp(k->receipt_public, receipt_public, sizeof(receipt_public)) == 0 &&
			       strcmp(k->log_vkey, vkey) == 0
		       ? OK
		       : fail(E_DENIED, "the setup names other keys than this hub's");
}

static enum err
check_setup(const struct hub *h, struct view body)
{
	struct cursor c = cursor_of(body);
	struct wire_signed s;
	struct wire_hub_keys k;
	enum err e = wire_signed_unpack(&s, cursor_blob(&c));
	if (!e)
		e = card_hub_keys_verify(&k, &s, h->study, h->root_public);
	return e ? e : check_own_keys(h, &k);
}

static enum err
apply_keeper_setup(struct hub *h, const struct act *a, struct buf *reply)
{
	struct hubkeys keys;
	struct act_leaf_room room;
	struct leaf leaf;
	enum err e = row_absent(hubkeys_get(h->txn, &keys), "a keeper");
	if (!e)
		e = check_setup(h, a->body);
	if (!e)
		e = hubkeys_put(h->txn, a->body);
	if (!e)
		e = hubkeys_get(h->txn, &keys);
	if (e)
		return e;
	e = renewal_begin(h);
	if (e)
		return e;
	acts_leaf(&leaf, &room, a, "keeper-set-up");
	leaf.object_type = "keys";
	e = audit_add(h->audit, h->txn, &leaf, NULL);
	if (!e)
		buf_format(reply, "{\"intake\":%u}", keys.intake[keys.intake_count - 1].number);
	return e;
}

/* the table */

struct act_kind {
	const char *kind;
	const char *roles[3]; /* one of them is needed */
	size_t body_max_bytes;
	bool releases; /* refused while the hub is in recovery */
	enum err (*apply)(struct hub *h, const struct act *a, struct buf *reply);
};

static const struct act_kind kinds[] = {
	{"person", {"owner"}, WIRE_SIGNED_MAX_BYTES, false, apply_person},
	{"person-revoke", {"owner", "officer"}, 4096, false, apply_revoke},
	{"keeper-setup", {"owner"}, 16384, false, apply_keeper_setup},
	{RENEWAL_KIND, {"officer"}, 4096, false, renewal_ask},
	{HOLDERS_KIND, {"holder"}, HOLDERS_BODY_MAX_BYTES, false, holders_agree},
	{MANIFEST_KIND, {"officer"}, WIRE_MANIFEST_MAX_BYTES, false, study_sign},
	{"approval", {"researcher", "officer"}, 8192, false, approvals_enter},
	{"approval-verify", {"researcher", "officer"}, 8192, false, approvals_verify},
	{"approval-turn", {"researcher", "officer"}, 8192, false, approvals_turn},
	{"approval-turn-verify", {"researcher", "officer"}, 8192, false, approvals_turn_verify},
	{SITERULES_KIND, {"officer"}, SITERULES_MAX_BYTES, false, siterules_sign},
	{"invite", {"researcher", "officer"}, 4096, false, enrol_invite},
	{"admit", {"researcher", "officer"}, 4096, false, enrol_admit},
	{"recovery-waive", {"officer"}, 4096, false, nodeacts_waive},
	{"node-revoke", {"officer"}, 4096, false, nodeacts_revoke},
	{"hold", {"researcher", "officer", "approver"}, 4096, false, holdacts_place},
	{"hold-lift", {"researcher", "officer", "approver"}, 4096, false, holdacts_lift},
	{"site-change", {"researcher", "officer"}, SITEACTS_BODY_MAX_BYTES, false,
		siteacts_change},
	{"site-strike", {"officer"}, SITEACTS_BODY_MAX_BYTES, false, siteacts_strike},
	{"site-leave", {"researcher", "officer"}, SITEACTS_BODY_MAX_BYTES, false,
		siteacts_leave},
	{"site-leave-agree", {"overseer"}, SITEACTS_BODY_MAX_BYTES, false, siteacts_agree},
	{"erase-run", {"officer"}, ERASE_RUN_BODY_BYTES, false, erase_run},
	{"erase-refuse", {"officer"}, 4096, false, erase_refuse},
	{"journal-waive", {"officer"}, 4096, false, nodeacts_journal},
	{EXPORT_FHIR_KIND, {"officer"}, EXPORT_FHIR_BODY_MAX_BYTES, true, export_fhir},
	{"release-propose", {"researcher"}, 65536, true, release_propose},
	{"release-approve", {"approver"}, IPC_BODY_MAX_BYTES, true, release_approve},
	{"release-publish", {"researcher", "approver", "officer"}, 65536, true,
		release_publish},
};

static enum err
find_kind(const char *kind, const struct act_kind **ret)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].kind, kind) == 0) {
			*ret = &kinds[i];
			return OK;
		}
	return fail(E_FORMAT, "there is no act of kind %s", kind);
}

/* The role in which this person may do it. */
static enum err
find_role(const struct act_kind *k, const struct person *p, const char **ret)
{
	OWNED_BUF struct buf needed;
	buf_init(&needed, 256);
	for (size_t i = 0; i < ARRAY_LEN(k->roles) && k->roles[i]; i++)
		if (person_has_role(p, k->roles[i])) {
			*ret = k->roles[i];
			return OK;
		}
	for (size_t i = 0; i < ARRAY_LEN(k->roles) && k->roles[i]; i++)
		buf_format(&needed, "%s%s", i ? " or " : "", k->roles[i]);
	return fail(E_DENIED, "%s has no role that may do this: %s needs %.*s", p->id, k->kind,
		(int)needed.len, (const char *)needed.at);
}

static enum err
check_time(const struct wire_statement *s)
{
	int64_t now_s = clock_wall_ms() / 1000;
	if (s->time_s > now_s + ACT_AHEAD_MAX_S)
		return fail(E_DENIED, "the statement is dated in the future: check the clock");
	if (s->time_s < now_s - ACT_AGE_MAX_S)
		return fail(E_DENIED, "the statement is older than a day: sign it again");
	return OK;
}

static enum err
find_person(struct hub *h, const char *id, struct person *ret)
{
	if (strcmp(id, ACT_ROOT) == 0) {
		root_person(h, ret);
		return OK;
	}
	enum err e = person_get(h->txn, id, ret);
	if (!e && ret->revoked_s)
		e = fail(E_DENIED, "%s is no longer in office", id);
	return e;
}

/* Signature, person, study, bytes and time: all that does not depend on what was done
 * before. */
static enum err
check_statement(struct hub *h, const struct wire_signed *packed, const struct wire_statement *s,
	struct act *a)
{
	struct statement_about about = {h->study, s->kind, s->id, {0}};
	struct wire_statement verified;
	memcpy(about.digest, a->digest, sizeof(about.digest));
	enum err e = find_person(h, s->person, &a->by);
	if (!e)
		e = statement_verify_signed(
			&verified, packed, &about, s->person, a->by.sign_public);
	if (!e && (strlen(s->id) >= sizeof(a->id) || !text_is_plain(s->id)))
		e = fail(E_FORMAT, "the statement's id is too long or has control characters");
	return e ? e : check_time(s);
}

/* The statement and its body, by nonce, for good; a second use of the nonce is a replay. */
static enum err
keep_statement(struct hub *h, const struct wire_statement *s, const struct act *a)
{
	OWNED_BUF struct buf row;
	buf_init(&row, IPC_BODY_MAX_BYTES + WIRE_SIGNED_MAX_BYTES + 64);
	buf_u8(&row, ROW_VERSION);
	buf_blob(&row, a->signed_statement);
	buf_blob(&row, a->body);
	enum err e = buf_check(&row, "statement");
	return e ? e
		 : vault_put_new(h->txn, VAULT_STATEMENTS, view_of(s->nonce, sizeof(s->nonce)),
			   buf_view(&row));
}

static enum err
check_is_new(struct hub *h, const struct wire_statement *s)
{
	OWNED_BUF struct buf row;
	buf_init(&row, IPC_BODY_MAX_BYTES + WIRE_SIGNED_MAX_BYTES + 64);
	enum err e =
		vault_get(h->txn, VAULT_STATEMENTS, view_of(s->nonce, sizeof(s->nonce)), &row);
	if (e == E_NOTFOUND)
		return OK;
	return e ? e : fail(E_CONFLICT, "this statement was used before");
}

/* All that is asked before the act itself: kind, size, statement, replay, role. */
static enum err
check_act(struct hub *h, const struct wire_signed *packed, const struct wire_statement *s,
	struct act *a, const struct act_kind **ret)
{
	enum err e = find_kind(s->kind, ret);
	if (!e && a->body.len > (*ret)->body_max_bytes)
		e = fail(E_FORMAT, "the body of %s is too long", s->kind);
	if (e)
		return e;
	acts_digest_of(a->digest, s->kind, a->body);
	e = check_statement(h, packed, s, a);
	if (!e)
		e = check_is_new(h, s);
	if (!e)
		e = find_role(*ret, &a->by, &a->role);
	return e || !(*ret)->releases ? e : recovery_refuse(h->txn);
}

enum err
acts_check(struct hub *h, const char *kind, struct view signed_statement, struct view body)
{
	struct vault_txn *txn;
	struct wire_signed packed;
	struct wire_statement s;
	const struct act_kind *found = NULL;
	struct act a = {.body = body, .signed_statement = signed_statement};
	enum err e = hub_txn(h, &txn);
	if (!e)
		e = wire_signed_unpack(&packed, signed_statement);
	if (!e)
		e = wire_statement_unpack(&s, packed.body);
	if (!e)
		e = check_act(h, &packed, &s, &a, &found);
	if (!e && strcmp(found->kind, kind) != 0)
		e = fail(E_DENIED, "the statement is about something else");
	return e;
}

enum err
acts_apply(struct hub *h, struct view signed_statement, struct view body, struct buf *reply)
{
	struct vault_txn *txn;
	struct wire_signed packed;
	struct wire_statement s;
	const struct act_kind *kind = NULL;
	struct act a = {.body = body, .signed_statement = signed_statement};
	enum err e = hub_txn(h, &txn);
	if (!e)
		e = wire_signed_unpack(&packed, signed_statement);
	if (!e)
		e = wire_statement_unpack(&s, packed.body);
	if (!e)
		e = check_act(h, &packed, &s, &a, &kind);
	if (e)
		return e;
	(void)snprintf(a.kind, sizeof(a.kind), "%s", kind->kind);
	memcpy(a.id, s.id, strlen(s.id) + 1); /* check_statement() held its length */
	a.time_s = s.time_s;
	e = kind->apply(h, &a, reply);
	h->terms_changes++;
	return e ? e : keep_statement(h, &s, &a);
}
