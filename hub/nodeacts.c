#include "hub/nodeacts.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/trust/leaf.h"

#include "hub/audit.h"
#include "hub/forward.h"
#include "hub/place.h"
#include "hub/recovery.h"
#include "hub/writer.h"

#define BODY_MAX_BYTES 4096
#define MS_PER_S       1000

static enum err
get_reason(const struct json *body, const char **ret)
{
	enum err e = json_get_text(body, "reason", LEAF_TEXT_MOST_BYTES, ret);
	return !e && !(*ret)[0] ? fail(E_FORMAT, "a reason is needed") : e;
}

/* The node that the act is about, and its reason, which `ret_body` lends. */
static enum err
read_body(struct hub *h, const struct act *a, struct json **ret_body, struct place *ret_place,
	const char **ret_reason)
{
	static const char *const keys[] = {"node", "reason"};
	OWNED_MEM char *name = xasprintf("%s.1.C.1", a->id);
	const char *node = "";
	enum err e = json_parse(ret_body, a->body, BODY_MAX_BYTES);
	if (!e)
		e = json_only(*ret_body, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(*ret_body, "node", sizeof(a->id) - 1, &node);
	if (!e)
		e = get_reason(*ret_body, ret_reason);
	if (!e && strcmp(node, a->id) != 0)
		e = fail(E_FORMAT, "the body names another node than the statement");
	if (e)
		return e;
	e = place_find(ret_place, h->txn, name);
	if (e == E_FORMAT)
		return fail(
			e, "a node is named by its digits in `weir-hub status`, as 3f2a91bc");
	return e == E_NOTFOUND ? fail(e, "no node has these digits") : e;
}

static enum err
add_leaf(struct hub *h, const struct act *a, const char *action, const char *object)
{
	struct act_leaf_room room;
	struct leaf leaf;
	acts_leaf(&leaf, &room, a, action);
	leaf.object_type = object;
	return audit_add(h->audit, h->txn, &leaf, NULL);
}

enum err
nodeacts_waive(struct hub *h, const struct act *a, struct buf *reply)
{
	OWNED(json) struct json *body = NULL;
	const char *reason = "";
	struct place p;
	bool lifted = false;
	enum err e = read_body(h, a, &body, &p, &reason);
	/* A vault that was put back may be older than the node's admission. */
	if (e == E_NOTFOUND)
		e = recovery_find(h->txn, a->id, p.writer);
	if (!e)
		e = recovery_waive(h->txn, p.writer, &lifted);
	if (!e)
		e = add_leaf(h, a, "recovery-waived", "node");
	if (!e)
		buf_format(reply, "{\"node\":\"%s\",\"lifted\":%s}", a->id,
			lifted ? "true" : "false");
	return e;
}

/* Nobody waits for it any more. */
static enum err
stop_waiting(struct hub *h, const struct place *p, bool *ret_lifted)
{
	enum err e = recovery_waive(h->txn, p->writer, ret_lifted);
	return e == E_NOTFOUND ? OK : e;
}

enum err
nodeacts_revoke(struct hub *h, const struct act *a, struct buf *reply)
{
	OWNED(json) struct json *body = NULL;
	const char *reason = "";
	struct place p;
	struct writer w;
	bool lifted = false;
	enum err e = read_body(h, a, &body, &p, &reason);
	if (!e)
		e = writer_get(h->txn, p.writer, &w);
	if (!e && w.revoked_s)
		e = fail(E_CONFLICT, "the node was revoked before");
	if (e)
		return e;
	w.revoked_s = clock_wall_ms() / MS_PER_S;
	e = writer_put(h->txn, &w);
	if (!e)
		e = stop_waiting(h, &p, &lifted);
	if (!e)
		e = add_leaf(h, a, "node-revoked", "node");
	if (e)
		return e;
	forward_note_revoked(audit_forward(h->audit), p.writer, w.revoked_s);
	h->keys_changed = true;
	buf_format(reply, "{\"node\":\"%s\",\"site\":\"%s\",\"lifted\":%s}", a->id, w.site,
		lifted ? "true" : "false");
	return OK;
}

enum err
nodeacts_journal(struct hub *h, const struct act *a, struct buf *reply)
{
	static const char *const keys[] = {"reason", "loss"};
	OWNED(json) struct json *body = NULL;
	const char *reason = "";
	enum err e = json_parse(&body, a->body, BODY_MAX_BYTES);
	if (!e)
		e = json_only(body, keys, ARRAY_LEN(keys));
	if (!e)
		e = get_reason(body, &reason);
	if (!e && !h->is_journal_new)
		e = fail(E_CONFLICT, "the journal is there: nothing is to be waived");
	if (!e)
		e = add_leaf(h, a, "journal-waived", "hub");
	if (!e)
		buf_format(reply, "{\"waived\":true}");
	h->is_journal_new = h->is_journal_new && e;
	return e;
}
