#include "hub/arrival_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/codec/text.h"
#include "common/trust/leaf.h"

#include "hub/audit.h"
#include "hub/delegation.h"
#include "hub/erase_site.h"
#include "hub/renewal_kept.h"

#define ACT_REASON_BYTES 100
/* Of a site's leaf: the hub's id, entry, reason and site have to fit beside it. */
#define ACT_LEAF_MAX_BYTES (LEAF_MOST_BYTES - 1024)

/* The texts a leaf lends. */
struct leaf_room {
	char id[2 * ID_BYTES + 1];
	char key_id[2 * 8 + 1];
	char commit[2 * HASH_BYTES + 1];
	char person[2 * HASH_BYTES + 1];
	char consent[2 * HASH_BYTES + 1];
	char ruleset[2 * RULES_DIGEST_BYTES + 1];
	char name[PLACE_NAME_BYTES];
	char reason[LEAF_TEXT_MOST_BYTES + 1];
};

static void
begin_leaf(struct leaf *l, struct leaf_room *room, const struct arrival *a,
	const struct incoming *in)
{
	uint8_t id[ID_BYTES];
	audit_new_id(a->hub->audit, id);
	text_hex(room->id, id, sizeof(id));
	text_hex(room->commit, in->hash, sizeof(in->hash));
	text_hex(room->key_id, a->writer->public, 8);
	place_name(room->name, &in->place);
	l->id = room->id;
	l->t_s = leaf_minute_s(in->now_ms);
	l->site = a->writer->site;
	l->org = a->writer->site; /* whatever the site wrote: an account acts for one only */
	l->object_commit = room->commit;
	l->request_id = room->name;
}

static void
add_verdict(struct leaf *l, struct leaf_room *room, const struct incoming *in)
{
	const struct verdict *v = &in->verdict.verdict;
	char reason[TALLY_REASON_BYTES];
	tally_reason(reason, &in->verdict);
	(void)snprintf(room->reason, sizeof(room->reason), "%s", reason);
	l->decision = rules_outcome_word(v->outcome);
	l->reason_code = room->reason;
	for (size_t i = 0; i < v->fired_count; i++)
		if (v->fired[i].rule[0])
			l->rules.at[l->rules.count++] = v->fired[i].rule;
	for (size_t i = 0; i < in->judged.approval_count; i++)
		l->approvals.at[l->approvals.count++] = in->judged.approvals[i];
	if (in->judged.reason[0] || in->rules->kind != RULES_RECORD)
		return;
	text_hex(room->ruleset, v->rules_digest, sizeof(v->rules_digest));
	l->ruleset_sha256 = room->ruleset;
}

static const char *
action_of(const struct incoming *in)
{
	if (!in->rules)
		return in->place.lane == LANE_R ? "record-received" : "control-received";
	switch (in->rules->kind) {
	case RULES_RECORD:
		return "record-received";
	case RULES_CONSENT:
		return "consent-received";
	case RULES_KEY:
		return "key-received";
	case RULES_CHANGE:
		return "participation-changed";
	case RULES_OPT_OUT:
		return "opt-out-checked";
	}
	return "control-received";
}

/* The person; and the consent that a record stands on, or that this is. */
static void
add_person(struct leaf *l, struct leaf_room *room, const struct incoming *in)
{
	const struct wire_rules *r = in->rules;
	audit_person_commit(room->person, room->id, in->person.audit_key);
	l->person_commit = room->person;
	if (!r)
		return;
	const uint8_t *consent = r->kind == RULES_CONSENT || r->kind == RULES_CHANGE
					 ? r->instance
					 : r->consent_ref;
	if (wire_is_zero(consent, ID_BYTES))
		return;
	audit_consent_commit(room->consent, room->id, consent, in->person.audit_key);
	l->consent_ref = room->consent;
}

/* A change that was entered at a command is somebody's act; one in an answer to a form came as
 * any record does. A name that a leaf cannot hold is foreign text: it stops no entry. */
static bool
says_who(const struct wire_rules *r)
{
	return r && r->kind == RULES_CHANGE && r->consent.level && r->consent.level[0] &&
	       r->consent.taken_by && r->consent.taken_by[0] &&
	       text_is_plain(r->consent.taken_by);
}

enum err
arrival_log_entry(const struct arrival *a, struct incoming *in)
{
	struct leaf l = {.actor = "sync", .role = "node", .object_type = "entry"};
	struct leaf_room room = {0};
	begin_leaf(&l, &room, a, in);
	l.action = action_of(in);
	l.key_id = room.key_id;
	l.outcome = "kept";
	if (in->has_person)
		add_person(&l, &room, in);
	if (in->rules)
		add_verdict(&l, &room, in);
	if (says_who(in->rules)) {
		l.actor = in->rules->consent.taken_by;
		l.role = "staff";
	}
	if (!in->rules)
		l.reason_code = ARRIVAL_BAD_RULES;
	return audit_add(a->hub->audit, a->txn, &l, &in->verdict.leaf);
}

/* Lines of the delegation log are what the rules look at; what is not of its form stays an act
 * that was received. */
static enum err
keep_delegation(const struct arrival *a, const struct incoming *in, const struct leaf *said)
{
	if (in->is_repeated || (strcmp(said->action, DELEGATION_ADDED) != 0 &&
				       strcmp(said->action, DELEGATION_ENDED) != 0))
		return OK;
	enum err e = delegation_take(
		a->txn, a->writer->site, said->action, said->reason_code, in->verdict.leaf);
	a->hub->terms_changes++;
	return e == E_FORMAT ? OK : e;
}

/* What a site says of somebody it erased; one that is not of its form stays an act that was
 * received. */
static enum err
keep_erasure(const struct arrival *a, const struct leaf *said, struct view report)
{
	if (!report.len || (strcmp(said->action, "person-erased") != 0 &&
				   strcmp(said->action, "erasure-complete") != 0))
		return OK;
	enum err e = erase_site_take(a->txn, a->hub->study, a->writer, report);
	a->hub->terms_changes += !e;
	if (e != E_FORMAT && e != E_AUTH && e != E_DENIED && e != E_NOTFOUND)
		return e;
	log_warn("ledger", "what a site said of an erasure was not taken over: %s", err_text());
	return OK;
}

/* What the node keeps aside, for numbered keys; one that is not of its form stays an act that
 * was received. */
static enum err
keep_kept(const struct arrival *a, const struct incoming *in, const struct leaf *said,
	struct view report)
{
	if (in->is_repeated || strcmp(said->action, RENEWAL_KEPT_ACTION) != 0)
		return OK;
	enum err e = renewal_kept_take(a->txn, a->writer->public, report);
	if (e != E_FORMAT)
		return e;
	log_warn("ledger", "what a node keeps was not taken over: %s", err_text());
	return OK;
}

/* What the site wrote stands, but for who it is from, when it came and whom it is about: only
 * the hub has the keys under which no two leaves of a person look alike. */
enum err
arrival_log_act(const struct arrival *a, struct incoming *in)
{
	OWNED(json) struct json *tree = NULL;
	struct leaf_room room = {0};
	struct leaf l = {0};
	struct view json, report;
	bool is_sound =
		!wire_act_unpack_report(&json, &report, arrival_part(in->entry, PART_ACT)) &&
		json.len <= ACT_LEAF_MAX_BYTES && !leaf_parse(&l, &tree, json);
	/* A longer reason stays in the entry: cutting a text could leave half a character. */
	bool is_short = is_sound && strlen(l.reason_code) <= ACT_REASON_BYTES;
	if (is_sound)
		(void)snprintf(room.reason, sizeof(room.reason), "%s%s%s", l.action,
			is_short && l.reason_code[0] ? ": " : "",
			is_short ? l.reason_code : "");
	else
		l = (struct leaf){.actor = "sync", .role = "node"};
	const struct leaf said = l;
	begin_leaf(&l, &room, a, in);
	l.action = in->is_repeated ? "act-repeated" : "act-received";
	l.person_commit = NULL;
	l.consent_ref = NULL;
	l.reason_code = is_sound ? room.reason : "the act is not of its form";
	if (!l.actor || !l.actor[0]) {
		l.actor = "sync";
		l.role = "node";
	}
	if (!l.object_type || !l.object_type[0])
		l.object_type = "entry";
	if (!l.key_id || !l.key_id[0])
		l.key_id = room.key_id;
	enum err e = audit_add(a->hub->audit, a->txn, &l, &in->verdict.leaf);
	if (!e && is_sound)
		e = keep_erasure(a, &said, report);
	if (!e && is_sound)
		e = keep_kept(a, in, &said, report);
	return e || !is_sound ? e : keep_delegation(a, in, &said);
}
