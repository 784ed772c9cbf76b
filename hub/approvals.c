#include "hub/approvals.h"

#include <stdio.h>
#include <string.h>

#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/study/pack_partners.h"
#include "common/study/pack_rollout.h"
#include "common/trust/leaf.h"

#include "hub/approval_body.h"
#include "hub/audit.h"
#include "hub/study.h"

static enum err
check(const struct hub *h, const struct approval *a, const char *statement_id)
{
	if (strcmp(a->id, statement_id) != 0)
		return fail(E_FORMAT, "approval: the id is not of its form");
	enum err e = approval_body_check(a);
	if (!e && a->site[0] && !study_has_site(h, a->site))
		e = fail(E_NOTFOUND, "the study in force has no site %s", a->site);
	if (!e && a->partner[0] && h->pack && h->pack->partner_count &&
		!pack_partner(h->pack, a->site, a->partner))
		e = fail(E_NOTFOUND, "site %s has no partner %s", a->site, a->partner);
	if (!e && a->flow[0] && h->pack && !pack_has_flow(h->pack, a->flow))
		e = fail(E_NOTFOUND, "no form of the study is of flow %s (flow in study.ini)",
			a->flow);
	return e;
}

static enum err
read_body(const struct hub *h, const struct act *act, struct approval *ret)
{
	OWNED(json) struct json *body = NULL;
	struct approval a = {0};
	enum err e = json_parse(&body, act->body, IPC_BODY_MAX_BYTES);
	if (!e)
		e = approval_body_only(body);
	if (!e)
		e = approval_body_get(body, &a);
	if (e)
		return fail_in(e, "approval");
	e = check(h, &a, act->id);
	if (!e)
		*ret = a;
	return e;
}

static enum err
add_leaf(struct hub *h, const struct act *act, const struct approval *a, const char *action,
	uint64_t *ret_index)
{
	struct act_leaf_room room;
	struct leaf leaf;
	acts_leaf(&leaf, &room, act, action);
	leaf.object_type = "approval";
	leaf.site = a->site;
	leaf.approvals.at[leaf.approvals.count++] = a->id;
	leaf.reason_code = a->decision;
	return audit_add(h->audit, h->txn, &leaf, ret_index);
}

enum err
approvals_enter(struct hub *h, const struct act *act, struct buf *reply)
{
	struct approval a, before;
	char what[ROW_ID_BYTES + 16];
	enum err e = read_body(h, act, &a);
	if (e)
		return e;
	(void)snprintf(what, sizeof(what), "an approval %s", a.id);
	e = row_absent(approval_get(h->txn, a.id, &before), what);
	if (e)
		return e;
	(void)snprintf(a.entered_by, sizeof(a.entered_by), "%s", act->by.id);
	memcpy(a.digest, act->digest, sizeof(a.digest));
	e = add_leaf(h, act, &a, "approval-entered", &a.entered_leaf);
	if (!e)
		e = approval_put(h->txn, &a);
	if (!e)
		buf_format(reply, "{\"approval\":\"%s\",\"state\":\"entered\"}", a.id);
	return e;
}

enum err
approvals_verify(struct hub *h, const struct act *act, struct buf *reply)
{
	struct approval a;
	enum err e = approval_get(h->txn, act->id, &a);
	if (e)
		return e;
	if (a.verified_by[0])
		return fail(E_CONFLICT, "approval %s is verified already, by %s", a.id,
			a.verified_by);
	if (strcmp(a.entered_by, act->by.id) == 0)
		return fail(E_DENIED, "%s entered it and cannot verify it", act->by.id);
	if (memcmp(a.digest, act->digest, sizeof(a.digest)) != 0)
		return fail(E_DENIED, "the statement is for other bytes than were entered");
	(void)snprintf(a.verified_by, sizeof(a.verified_by), "%s", act->by.id);
	e = add_leaf(h, act, &a, "approval-verified", &a.verified_leaf);
	if (!e)
		e = approval_put(h->txn, &a);
	if (!e)
		buf_format(reply, "{\"approval\":\"%s\",\"state\":\"verified\"}", a.id);
	return e;
}

/* turns */

static enum err
read_turn(const struct act *act, struct approval_turn *ret)
{
	static const char *const keys[] = {"id", "turn", "condition", "at_s", "reason"};
	OWNED(json) struct json *body = NULL;
	const char *id = "", *word = "", *reason = "";
	int64_t condition = 0;
	enum err e = json_parse(&body, act->body, IPC_BODY_MAX_BYTES);
	if (!e)
		e = json_only(body, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(body, "id", ROW_ID_BYTES - 1, &id);
	if (!e)
		e = json_get_text(body, "turn", ROW_ID_BYTES - 1, &word);
	if (!e)
		e = json_get_int(body, "condition", 0, APPROVAL_CONDITIONS_MAX, &condition);
	if (!e)
		e = json_get_int(body, "at_s", 1, INT64_MAX / 1000, &ret->at_s);
	if (!e)
		e = json_get_text(body, "reason", sizeof(ret->reason) - 1, &reason);
	if (e)
		return e;
	ret->kind = approval_turn_of(word);
	if (strcmp(id, act->id) != 0 || !ret->kind)
		return fail(E_FORMAT, "approval: the id or the turn is not of its form");
	if (!reason[0])
		return fail(E_FORMAT, "approval %s: a reason is needed", id);
	ret->condition = (uint32_t)condition;
	(void)snprintf(ret->reason, sizeof(ret->reason), "%s", reason);
	(void)snprintf(ret->by, sizeof(ret->by), "%s", act->by.id);
	memcpy(ret->digest, act->digest, sizeof(ret->digest));
	return OK;
}

/* A suspension counts at once, even of what nobody has verified yet; what widens needs an
 * approval in force to widen. */
static enum err
check_turn(const struct approval *a, const struct approval_turn *t)
{
	if (approval_turn_widens(t->kind) && !a->verified_by[0])
		return fail(E_DENIED, "approval %s is not in force: nobody verified it", a->id);
	if (a->turn_count == APPROVAL_TURNS_MAX)
		return fail(E_FULL, "approval %s took %d turns: enter a new one", a->id,
			APPROVAL_TURNS_MAX);
	if (t->kind == APPROVAL_MET && t->condition >= a->condition_count)
		return fail(
			E_NOTFOUND, "approval %s has no condition %u", a->id, t->condition + 1);
	if (t->kind == APPROVAL_LIFTED && approval_is_withdrawn(a))
		return fail(E_DENIED, "approval %s was withdrawn: enter a new one", a->id);
	return OK;
}

static enum err
add_turn_leaf(struct hub *h, const struct act *act, const struct approval *a,
	const struct approval_turn *t, uint64_t *ret_index)
{
	struct act_leaf_room room;
	struct leaf leaf;
	bool second = t->verified_by[0] != '\0';
	acts_leaf(&leaf, &room, act, second ? "approval-turn-verified" : "approval-turn");
	leaf.object_type = "approval";
	leaf.site = a->site;
	leaf.approvals.at[leaf.approvals.count++] = a->id;
	leaf.reason_code = approval_turn_word(t->kind);
	return audit_add(h->audit, h->txn, &leaf, ret_index);
}

static enum err
keep_turn(struct hub *h, const struct approval *a, const struct approval_turn *t,
	struct buf *reply)
{
	bool counts = !approval_turn_widens(t->kind) || t->verified_by[0];
	enum err e = approval_put(h->txn, a);
	if (!e)
		buf_format(reply, "{\"approval\":\"%s\",\"turn\":\"%s\",\"state\":\"%s\"}",
			a->id, approval_turn_word(t->kind), counts ? "in force" : "entered");
	return e;
}

enum err
approvals_turn(struct hub *h, const struct act *act, struct buf *reply)
{
	struct approval a;
	struct approval_turn t = {.kind = APPROVAL_SUSPENDED};
	enum err e = read_turn(act, &t);
	if (!e)
		e = approval_get(h->txn, act->id, &a);
	if (!e)
		e = check_turn(&a, &t);
	if (!e)
		e = add_turn_leaf(h, act, &a, &t, &t.leaf);
	if (e)
		return e;
	a.turns[a.turn_count++] = t;
	return keep_turn(h, &a, &t, reply);
}

/* The newest turn of these bytes that waits. */
static struct approval_turn *
find_waiting(struct approval *a, const uint8_t digest[static HASH_BYTES])
{
	for (size_t i = a->turn_count; i-- > 0;)
		if (approval_turn_widens(a->turns[i].kind) && !a->turns[i].verified_by[0] &&
			memcmp(a->turns[i].digest, digest, HASH_BYTES) == 0)
			return &a->turns[i];
	return NULL;
}

enum err
approvals_turn_verify(struct hub *h, const struct act *act, struct buf *reply)
{
	struct approval a;
	enum err e = approval_get(h->txn, act->id, &a);
	if (e)
		return e;
	struct approval_turn *t = find_waiting(&a, act->digest);
	if (!t)
		return fail(E_NOTFOUND, "nothing of these bytes waits at approval %s", a.id);
	if (strcmp(t->by, act->by.id) == 0)
		return fail(E_DENIED, "%s entered it and cannot verify it", act->by.id);
	if (t->kind == APPROVAL_LIFTED && approval_is_withdrawn(&a))
		return fail(E_DENIED, "approval %s was withdrawn: enter a new one", a.id);
	(void)snprintf(t->verified_by, sizeof(t->verified_by), "%s", act->by.id);
	e = add_turn_leaf(h, act, &a, t, &t->verified_leaf);
	return e ? e : keep_turn(h, &a, t, reply);
}
