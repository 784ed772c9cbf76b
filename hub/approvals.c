#include "hub/approvals.h"

#include <stdio.h>
#include <string.h>

#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/trust/leaf.h"

#include "hub/approval.h"
#include "hub/audit.h"
#include "hub/study.h"

static enum err
copy_text(const struct json *body, const char *key, char *ret, size_t room)
{
	const char *text = "";
	enum err e = json_get_text(body, key, room - 1, &text);
	if (!e)
		(void)snprintf(ret, room, "%s", text);
	return e;
}

static enum err
read_fields(const struct json *body, struct approval *a)
{
	static const char *const known[] = {
		"id", "kind", "decision", "reference", "reason", "site", "from_s", "until_s"};
	enum err e = json_only(body, known, ARRAY_LEN(known));
	if (!e)
		e = copy_text(body, "id", a->id, sizeof(a->id));
	if (!e)
		e = copy_text(body, "kind", a->kind, sizeof(a->kind));
	if (!e)
		e = copy_text(body, "decision", a->decision, sizeof(a->decision));
	if (!e)
		e = copy_text(body, "reference", a->reference, sizeof(a->reference));
	if (!e)
		e = copy_text(body, "reason", a->reason, sizeof(a->reason));
	if (!e)
		e = copy_text(body, "site", a->site, sizeof(a->site));
	if (!e)
		e = json_get_int(body, "from_s", 1, INT64_MAX / 1000, &a->from_s);
	if (!e)
		e = json_get_int(body, "until_s", 0, INT64_MAX / 1000, &a->until_s);
	return e;
}

static enum err
check(const struct hub *h, const struct approval *a, const char *statement_id)
{
	if (strcmp(a->id, statement_id) != 0 || !text_is_name(a->id, sizeof(a->id) - 1))
		return fail(E_FORMAT, "approval: the id is not of its form");
	if (!text_is_name(a->kind, sizeof(a->kind) - 1) ||
		!text_is_name(a->decision, sizeof(a->decision) - 1))
		return fail(
			E_FORMAT, "approval %s: kind or decision is not of its form", a->id);
	if (a->until_s && a->until_s <= a->from_s)
		return fail(E_FORMAT, "approval %s ends before it begins", a->id);
	if (strcmp(a->decision, "not-required") == 0 && !a->reason[0])
		return fail(E_FORMAT, "approval %s: \"not-required\" needs a reason", a->id);
	if (a->site[0] && !study_has_site(h, a->site))
		return fail(E_NOTFOUND, "the study in force has no site %s", a->site);
	return OK;
}

static enum err
read_body(const struct hub *h, const struct act *act, struct approval *ret)
{
	OWNED(json) struct json *body = NULL;
	struct approval a = {0};
	enum err e = json_parse(&body, act->body, IPC_BODY_MAX_BYTES);
	if (!e)
		e = read_fields(body, &a);
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
