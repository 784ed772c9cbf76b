#include "hub/release.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/study/pack.h"
#include "common/trust/leaf.h"

#include "hub/acts_digest.h"
#include "hub/audit.h"
#include "hub/freeze.h"
#include "hub/question.h"
#include "hub/release_row.h"

#define BODY_MAX_BYTES 65536

/* approving */

static uint32_t
approvers_needed(const struct hub *h)
{
	uint32_t asked = h->pack ? h->pack->profile.approvers : 0;
	return MIN(MAX(asked, (uint32_t)RELEASE_APPROVERS_MIN_COUNT),
		(uint32_t)RELEASE_APPROVALS_MAX_COUNT);
}

static enum err
check_state(const struct release *r, enum release_state wanted)
{
	if (r->state == wanted)
		return OK;
	if (r->state == RELEASE_PROPOSED)
		return fail(E_CONFLICT, "release %s is not staged yet", r->id);
	if (r->state == RELEASE_STAGED)
		return fail(E_CONFLICT, "release %s is not approved yet", r->id);
	return fail(
		E_CONFLICT, "release %s is %s already", r->id, release_state_word(r->state));
}

static enum err
check_approver(const struct release *r, const struct person *by)
{
	if (strcmp(r->author, by->id) == 0)
		return fail(E_DENIED, "%s is the author of release %s and cannot approve it",
			by->id, r->id);
	for (size_t i = 0; i < r->approval_count; i++)
		if (strcmp(r->approvals[i].person, by->id) == 0)
			return fail(E_DENIED, "%s approved release %s already", by->id, r->id);
	return OK;
}

static enum err
check_bytes(struct hub *h, const struct release *r, struct view body)
{
	OWNED_BUF struct buf bytes;
	struct release_staged staged;
	buf_init(&bytes, RELEASE_STAGED_MAX_BYTES);
	enum err e = release_staged_get(h->txn, r->id, &bytes, &staged);
	if (!e && !view_same(staged.document, body))
		e = fail(E_DENIED, "these are other bytes than those staged for release %s",
			r->id);
	return e;
}

enum err
release_approve(struct hub *h, const struct act *a, struct buf *reply)
{
	struct release r;
	struct vault_txn *txn;
	struct act_leaf_room room;
	struct leaf leaf;
	enum err e = hub_txn(h, &txn);
	if (!e)
		e = release_row_get(txn, a->id, &r);
	if (!e)
		e = check_state(&r, RELEASE_STAGED);
	if (!e)
		e = check_approver(&r, &a->by);
	if (!e)
		e = check_bytes(h, &r, a->body);
	if (e)
		return e;
	const size_t at = r.approval_count++;
	(void)snprintf(r.approvals[at].person, sizeof(r.approvals[at].person), "%s", a->by.id);
	r.approvals[at].time_s = a->time_s;
	if (r.approval_count >= approvers_needed(h))
		r.state = RELEASE_APPROVED;
	acts_leaf(&leaf, &room, a, "release-approved");
	leaf.object_type = "release";
	leaf.purpose = r.purpose;
	leaf.decision = "permit";
	e = audit_add(h->audit, txn, &leaf, &r.approvals[at].leaf);
	if (!e)
		e = release_row_put(txn, &r);
	if (!e)
		buf_format(reply,
			"{\"release\":\"%s\",\"state\":\"%s\",\"approvals\":%zu,"
			"\"needed\":%u}",
			r.id, release_state_word(r.state), r.approval_count,
			approvers_needed(h));
	return e;
}

/* publishing */

static enum err
read_publish(const struct act *a, uint8_t ret_digest[static HASH_BYTES])
{
	static const char *const keys[] = {"id", "digest"};
	OWNED(json) struct json *tree = NULL;
	const char *id = "", *digest = "";
	enum err e = json_parse(&tree, a->body, BODY_MAX_BYTES);
	if (!e)
		e = json_only(tree, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(tree, "id", ROW_ID_BYTES - 1, &id);
	if (!e && strcmp(id, a->id) != 0)
		e = fail(E_FORMAT, "the statement names another release than its body");
	if (!e)
		e = json_get_text(tree, "digest", 2 * HASH_BYTES, &digest);
	if (!e && !text_unhex(ret_digest, HASH_BYTES, digest))
		e = fail(E_FORMAT, "digest: 64 hex digits are needed");
	return e;
}

static enum err
check_published(struct hub *h, const struct release *r)
{
	for (size_t i = 0; i < r->approval_count; i++)
		if (r->approvals[i].leaf >= audit_published_size(h->audit))
			return fail(E_BUSY,
				"the last approval of release %s is in no "
				"checkpoint yet: try again in a moment",
				r->id);
	return OK;
}

static enum err
check_cohort(struct hub *h, const struct release *r)
{
	OWNED(cohort) struct cohort *c = NULL;
	OWNED_BUF struct buf packed;
	uint8_t digest[HASH_BYTES];
	buf_init(&packed, COHORT_MAX_BYTES);
	enum err e = cohort_get(h->txn, r->id, &packed);
	if (!e)
		e = cohort_unpack(&c, buf_view(&packed));
	if (e)
		return e;
	cohort_digest(digest, buf_view(&packed));
	if (memcmp(digest, r->cohort_digest, sizeof(digest)) != 0)
		return fail(E_FORMAT, "the cohort of release %s is damaged", r->id);
	struct freeze_use use = {.true_at_ms = clock_wall_ms(),
		.author = r->author,
		.role = QUESTION_ROLE,
		.purpose = r->purpose};
	for (size_t i = 0; i < r->approval_count; i++)
		use.log_size = MAX(use.log_size, r->approvals[i].leaf + 1);
	return freeze_holds(h, c, &use);
}

static enum err
check_publish(struct hub *h, const struct act *a, struct release *r)
{
	uint8_t digest[HASH_BYTES];
	enum err e = read_publish(a, digest);
	if (!e)
		e = release_row_get(h->txn, a->id, r);
	if (!e)
		e = check_state(r, RELEASE_APPROVED);
	if (!e && memcmp(digest, r->staged_digest, sizeof(digest)) != 0)
		e = fail(E_DENIED, "these are other bytes than those approved for release %s",
			r->id);
	if (!e)
		e = check_published(h, r);
	return e ? e : check_cohort(h, r);
}

enum err
release_publish(struct hub *h, const struct act *a, struct buf *reply)
{
	struct release r;
	struct vault_txn *txn;
	struct act_leaf_room room;
	struct leaf leaf;
	enum err e = hub_txn(h, &txn);
	if (!e)
		e = check_publish(h, a, &r);
	if (e)
		return e;
	r.state = RELEASE_RELEASED;
	r.released_s = clock_wall_ms() / 1000;
	(void)snprintf(r.publisher, sizeof(r.publisher), "%s", a->by.id);
	acts_leaf(&leaf, &room, a, "released");
	text_hex(room.commit, r.staged_digest, sizeof(r.staged_digest));
	leaf.object_type = "release";
	leaf.purpose = r.purpose;
	leaf.decision = "permit";
	leaf.count_bucket = r.count_bucket;
	e = audit_add(h->audit, txn, &leaf, NULL);
	if (!e)
		e = release_row_put(txn, &r);
	if (!e)
		buf_format(reply, "{\"release\":\"%s\",\"state\":\"released\"}", r.id);
	return e;
}
