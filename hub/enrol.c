#include "hub/enrol.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/codec/json.h"
#include "common/codec/sync_session.h"
#include "common/codec/text.h"
#include "common/trust/card.h"
#include "common/trust/leaf.h"
#include "common/trust/transcript.h"

#include "hub/audit.h"
#include "hub/hubkeys.h"
#include "hub/invitation.h"
#include "hub/study.h"

#define INVITATION_HOURS_MAX 72
#define CLOCKS_DIFFER_S      300 /* between who signs and the hub */

/* One leaf about an invitation that no person signed. */
static enum err
note_in_log(struct hub *h, const struct invitation *i, const char *action, const char *reason)
{
	struct act_leaf_room room;
	struct act none = {0};
	struct leaf leaf;
	char commit[2 * ID_BYTES + 1];
	text_hex(commit, i->id, sizeof(i->id));
	acts_leaf(&leaf, &room, &none, action);
	leaf.actor = "ledger";
	leaf.site = i->site;
	leaf.object_type = "invitation";
	leaf.object_commit = commit;
	leaf.reason_code = reason;
	leaf.outcome = reason[0] ? "refused" : "done";
	return audit_add(h->audit, h->txn, &leaf, NULL);
}

static struct enrolment
enrolment_of(const struct hub *h, const struct invitation *i, const struct sync_enrol_req *q)
{
	struct enrolment e = {0};
	memcpy(e.invite, i->id, sizeof(e.invite));
	memcpy(e.enrol_public, i->enrol_public, sizeof(e.enrol_public));
	memcpy(e.hub_public, h->transport_public, sizeof(e.hub_public));
	card_root_hash(e.root_hash, h->root_public);
	memcpy(e.writer, q->writer, sizeof(e.writer));
	memcpy(e.transport, q->transport, sizeof(e.transport));
	memcpy(e.box, q->node, sizeof(e.box));
	memcpy(e.review, q->review, sizeof(e.review));
	memcpy(e.witness, q->witness, sizeof(e.witness));
	return e;
}

static enum err
refuse(struct sync_enrol_ok *ret, struct buf *room, const char *words)
{
	buf_reset(room);
	buf_add(room, words, strlen(words));
	ret->status = SYNC_ENROL_REFUSED;
	ret->words = buf_view(room);
	return OK;
}

/* A request on a claimed invitation that is not the one that claimed it: counted, refused,
 * logged. At the last count the invitation is dead, so the log does not grow by such
 * requests. */
static enum err
refuse_counted(struct hub *h, struct invitation *i, struct sync_enrol_ok *ret, struct buf *room)
{
	i->failures++;
	if (i->failures >= INVITATION_FAILURES_MAX_COUNT)
		i->state = INVITATION_DEAD;
	enum err e = invitation_put(h->txn, i);
	if (!e)
		e = note_in_log(h, i, "invitation-refused", "used-before");
	return e ? e
		 : refuse(ret, room,
			   "this invitation was used before, by another installation");
}

static enum err
claim(struct hub *h, struct invitation *i, const struct sync_enrol_req *q,
	const uint8_t transcript[static HASH_BYTES])
{
	i->state = INVITATION_CLAIMED;
	memcpy(i->transcript, transcript, HASH_BYTES);
	memcpy(i->claimed.public, q->writer, SIGN_PUBLIC_BYTES);
	memcpy(i->claimed.transport, q->transport, BOX_PUBLIC_BYTES);
	memcpy(i->claimed.box, q->node, BOX_PUBLIC_BYTES);
	memcpy(i->claimed.review, q->review, BOX_PUBLIC_BYTES);
	memcpy(i->claimed.witness, q->witness, SIGN_PUBLIC_BYTES);
	(void)snprintf(i->claimed.site, sizeof(i->claimed.site), "%s", i->site);
	(void)snprintf(i->claimed.name, sizeof(i->claimed.name), "%.*s",
		(int)MIN(q->name.len, sizeof(i->claimed.name) - 1), (const char *)q->name.at);
	enum err e = invitation_put(h->txn, i);
	return e ? e : note_in_log(h, i, "invitation-claimed", "");
}

static enum err
answer_admitted(
	struct hub *h, const struct invitation *i, struct sync_enrol_ok *ret, struct buf *room)
{
	struct hubkeys keys;
	enum err e = hubkeys_get(h->txn, &keys);
	if (!e)
		e = study_offer(h, &ret->manifest);
	if (e)
		return e;
	size_t site_len = strlen(i->site);
	buf_reset(room);
	buf_add(room, i->site, site_len);
	buf_add(room, h->study, strlen(h->study));
	e = buf_check(room, "answer to a node that joins");
	if (e)
		return e;
	ret->status = SYNC_ENROL_ADMITTED;
	ret->site = view_of(room->at, site_len);
	ret->words = view_of(room->at + site_len, room->len - site_len);
	memcpy(ret->root, h->root_public, sizeof(ret->root));
	memcpy(ret->ledger, h->box_public, sizeof(ret->ledger));
	memcpy(ret->receipt, keys.receipt_public, sizeof(ret->receipt));
	return OK;
}

struct key_search {
	const uint8_t *enrol_public;
	struct invitation found;
	bool is_found;
};

static enum err
search_key(void *arg, const struct invitation *i)
{
	struct key_search *s = arg;
	if (memcmp(i->enrol_public, s->enrol_public, BOX_PUBLIC_BYTES) == 0) {
		s->found = *i;
		s->is_found = true;
	}
	return OK;
}

static enum err
find_by_key(struct hub *h, const uint8_t *enrol_public, struct invitation *ret)
{
	struct key_search s = {.enrol_public = enrol_public};
	enum err e = invitation_each(h->txn, search_key, &s);
	if (!e && !s.is_found)
		e = fail(E_NOTFOUND, "this key belongs to no invitation");
	if (!e)
		*ret = s.found;
	return e;
}

/* What stands against a request whatever its keys are; NULL if nothing. */
static const char *
refusal(const struct invitation *i, const struct sync_enrol_req *q, bool same)
{
	if (memcmp(i->id, q->invite, sizeof(i->id)) != 0)
		return "the request names another invitation";
	if (i->state == INVITATION_DEAD)
		return "this invitation is dead after too many attempts: ask for a new one";
	if (i->state == INVITATION_ADMITTED && !same)
		return "this invitation was used before";
	if (i->state != INVITATION_ADMITTED && i->expires_s <= clock_wall_ms() / 1000)
		return "this invitation has expired: ask for a new one";
	return NULL;
}

enum err
enrol_request(struct hub *h, const uint8_t enrol_public[static BOX_PUBLIC_BYTES],
	const struct sync_enrol_req *q, struct sync_enrol_ok *ret, struct buf *room)
{
	struct vault_txn *txn;
	struct invitation i;
	*ret = (struct sync_enrol_ok){.status = SYNC_ENROL_REFUSED};
	memcpy(ret->nonce, q->nonce, sizeof(ret->nonce));
	enum err e = hub_txn(h, &txn);
	if (!e)
		e = find_by_key(h, enrol_public, &i);
	if (e)
		return e;
	uint8_t transcript[HASH_BYTES];
	struct enrolment seen = enrolment_of(h, &i, q);
	transcript_hash(transcript, &seen);
	bool same = memcmp(i.transcript, transcript, HASH_BYTES) == 0;
	const char *words = refusal(&i, q, same);
	if (words)
		return refuse(ret, room, words);
	if (memcmp(q->proof, transcript, HASH_BYTES) != 0)
		return refuse(ret, room, "both ends do not see the same keys: do not go on");
	if (i.state == INVITATION_ADMITTED)
		return answer_admitted(h, &i, ret, room);
	if (i.state == INVITATION_CLAIMED && !same)
		return refuse_counted(h, &i, ret, room);
	if (i.state == INVITATION_OPEN)
		e = claim(h, &i, q, transcript);
	ret->status = SYNC_ENROL_WAITING;
	return e;
}

/* {"id","site","enrol_public","expires_s"} */
static enum err
read_invite(struct invitation *ret, const struct act *a)
{
	static const char *const known[] = {"id", "site", "enrol_public", "expires_s"};
	OWNED(json) struct json *body = NULL;
	const char *id = "", *site = "", *key = "";
	int64_t expires_s = 0;
	enum err e = json_parse(&body, a->body, IPC_BODY_MAX_BYTES);
	if (!e)
		e = json_only(body, known, ARRAY_LEN(known));
	if (!e)
		e = json_get_text(body, "id", 2 * ID_BYTES, &id);
	if (!e)
		e = json_get_text(body, "site", ROW_ID_BYTES - 1, &site);
	if (!e)
		e = json_get_text(body, "enrol_public", 2 * BOX_PUBLIC_BYTES, &key);
	if (!e)
		e = json_get_int(body, "expires_s", 0, INT64_MAX / 1000, &expires_s);
	if (e)
		return fail_in(e, "invitation");
	struct invitation i = {.state = INVITATION_OPEN, .expires_s = expires_s};
	if (!text_unhex(i.id, sizeof(i.id), id) || strcmp(id, a->id) != 0 ||
		!text_unhex(i.enrol_public, sizeof(i.enrol_public), key))
		return fail(E_FORMAT, "invitation: id or key is not of its form");
	(void)snprintf(i.site, sizeof(i.site), "%s", site);
	(void)snprintf(i.by, sizeof(i.by), "%s", a->by.id);
	*ret = i;
	return OK;
}

static enum err
check_invite(struct hub *h, const struct invitation *i)
{
	struct invitation before;
	struct hubkeys keys;
	int64_t now_s = clock_wall_ms() / 1000;
	enum err e = hubkeys_get(h->txn, &keys);
	if (e)
		return e;
	if (!study_has_site(h, i->site))
		return fail(E_NOTFOUND, "the study in force has no site %s", i->site);
	if (i->expires_s <= now_s ||
		i->expires_s > now_s + INVITATION_HOURS_MAX * 3600 + CLOCKS_DIFFER_S)
		return fail(
			E_FORMAT, "an invitation lives at most %d hours", INVITATION_HOURS_MAX);
	e = row_absent(invitation_get(h->txn, i->id, &before), "an invitation with this id");
	if (!e)
		e = row_absent(find_by_key(h, i->enrol_public, &before),
			"an invitation with this key");
	return e;
}

enum err
enrol_invite(struct hub *h, const struct act *a, struct buf *reply)
{
	struct invitation i;
	struct act_leaf_room room;
	struct leaf leaf;
	enum err e = read_invite(&i, a);
	if (!e)
		e = check_invite(h, &i);
	if (e)
		return e;
	acts_leaf(&leaf, &room, a, "invitation-made");
	leaf.site = i.site;
	leaf.object_type = "invitation";
	e = audit_add(h->audit, h->txn, &leaf, NULL);
	if (!e)
		e = invitation_put(h->txn, &i);
	if (e)
		return e;
	h->keys_changed = true;
	buf_format(reply, "{\"id\":\"%s\",\"site\":\"%s\"}", a->id, i.site);
	return OK;
}

/* {"id","transcript"}: the transcript binds the keys that the admitting person compared. */
static enum err
read_admit(struct hub *h, const struct act *a, struct invitation *ret)
{
	static const char *const known[] = {"id", "transcript"};
	OWNED(json) struct json *body = NULL;
	const char *id = "", *hash = "";
	uint8_t raw[ID_BYTES], transcript[HASH_BYTES];
	enum err e = json_parse(&body, a->body, IPC_BODY_MAX_BYTES);
	if (!e)
		e = json_only(body, known, ARRAY_LEN(known));
	if (!e)
		e = json_get_text(body, "id", 2 * ID_BYTES, &id);
	if (!e)
		e = json_get_text(body, "transcript", 2 * HASH_BYTES, &hash);
	if (e)
		return fail_in(e, "admission");
	if (!text_unhex(raw, sizeof(raw), id) || strcmp(id, a->id) != 0 ||
		!text_unhex(transcript, sizeof(transcript), hash))
		return fail(E_FORMAT, "admission: id or transcript is not of its form");
	e = invitation_get(h->txn, raw, ret);
	if (e)
		return e;
	if (ret->state == INVITATION_ADMITTED)
		return fail(
			E_CONFLICT, "the invitation was used: its node is admitted already");
	if (ret->state != INVITATION_CLAIMED)
		return fail(E_NOTFOUND, "nobody is waiting on this invitation");
	if (memcmp(ret->transcript, transcript, HASH_BYTES) != 0)
		return fail(E_DENIED,
			"another installation is waiting on this invitation than was "
			"compared");
	return OK;
}

/* Another person than the inviting one, in time, and keys that no other node has. */
static enum err
check_admit(struct hub *h, const struct invitation *i, const struct person *by)
{
	struct writer before;
	if (strcmp(i->by, by->id) == 0)
		return fail(E_DENIED, "%s made the invitation and cannot admit on it", by->id);
	if (i->expires_s <= clock_wall_ms() / 1000)
		return fail(E_DENIED, "the invitation has expired: make a new one");
	enum err e = row_absent(
		writer_get(h->txn, i->claimed.public, &before), "a node with this writer key");
	if (!e)
		e = row_absent(writer_by_transport(h->txn, i->claimed.transport, &before),
			"a node with this transport key");
	return e;
}

enum err
enrol_admit(struct hub *h, const struct act *a, struct buf *reply)
{
	struct invitation i;
	struct act_leaf_room room;
	struct leaf leaf;
	enum err e = read_admit(h, a, &i);
	if (!e)
		e = check_admit(h, &i, &a->by);
	if (e)
		return e;
	acts_leaf(&leaf, &room, a, "node-admitted");
	leaf.site = i.site;
	leaf.object_type = "node";
	i.claimed.admitted_s = clock_wall_ms() / 1000;
	i.state = INVITATION_ADMITTED;
	e = audit_add(h->audit, h->txn, &leaf, NULL);
	if (!e)
		e = writer_put(h->txn, &i.claimed);
	if (!e)
		e = invitation_put(h->txn, &i);
	if (e)
		return e;
	h->keys_changed = true;
	buf_format(reply, "{\"id\":\"%s\",\"site\":\"%s\"}", a->id, i.site);
	return OK;
}

struct key_walk {
	enrol_key_fn *each;
	void *arg;
};

static enum err
invitation_key(void *arg, const struct invitation *i)
{
	struct key_walk *w = arg;
	/* Used and lapsed ones, too: they come in to be told so in words, and to nothing
	 * else. */
	return w->each(w->arg, i->enrol_public);
}

static enum err
node_key(void *arg, const struct writer *node)
{
	struct key_walk *w = arg;
	return node->revoked_s ? OK : w->each(w->arg, node->transport);
}

enum err
enrol_keys(struct hub *h, enrol_key_fn *each, void *arg)
{
	struct key_walk w = {each, arg};
	struct vault_txn *txn;
	enum err e = hub_txn_reserve(h, &txn);
	if (!e)
		e = writer_each(txn, node_key, &w);
	if (!e)
		e = invitation_each(txn, invitation_key, &w);
	return e;
}
