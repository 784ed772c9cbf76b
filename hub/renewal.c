#include "hub/renewal.h"

#include "common/base/clock.h"
#include "common/codec/json.h"
#include "common/trust/leaf.h"

#include "hub/audit.h"
#include "hub/erase_renew.h"
#include "hub/forward.h"
#include "hub/hubkeys.h"
#include "hub/renewal_claim.h"
#include "hub/renewal_kept.h"
#include "hub/renewal_numbers.h"
#include "hub/standing.h"

#define DAY_S    86400
#define MS_PER_S 1000

static int64_t
now_s(void)
{
	return clock_wall_ms() / MS_PER_S;
}

/* what happens to numbers */

enum err
renewal_made(struct hub *h, enum renewal_kind kind, uint32_t number, uint32_t epoch)
{
	struct renewal_numbers n;
	enum err e = renewal_numbers_get(h, &n);
	if (e || renewal_numbers_find(&n, kind, number))
		return e;
	if (n.count == RENEWAL_NUMBERS_COUNT)
		return fail(E_FULL, "%d numbered keys are not destroyed yet",
			RENEWAL_NUMBERS_COUNT);
	n.list[n.count++] = (struct renewal_number){
		.kind = kind, .number = number, .made_s = now_s(), .epoch = epoch};
	return renewal_numbers_put(h, &n);
}

enum err
renewal_taken(struct hub *h, uint32_t epoch)
{
	struct renewal_numbers n;
	bool is_new = false;
	enum err e = renewal_numbers_get(h, &n);
	for (size_t i = 0; i < n.count; i++) {
		struct renewal_number *one = &n.list[i];
		is_new = is_new || (one->kind == RENEWAL_INTAKE && one->epoch != epoch);
		if (one->kind == RENEWAL_INTAKE)
			one->epoch = epoch;
	}
	return e || !is_new ? e : renewal_numbers_put(h, &n);
}

enum err
renewal_begin(struct hub *h)
{
	struct hubkeys k;
	enum err e = hubkeys_get(h->txn, &k);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	for (size_t i = 0; !e && i < k.intake_count; i++)
		e = renewal_made(h, RENEWAL_INTAKE, k.intake[i].number, 1);
	return e || h->ledger_keys ? e : renewal_made(h, RENEWAL_LEDGER, 1, 0);
}

enum err
renewal_gone(struct hub *h, enum renewal_kind kind, uint32_t number)
{
	struct renewal_numbers n;
	size_t kept = 0;
	enum err e = renewal_numbers_get(h, &n);
	for (size_t i = 0; i < n.count; i++)
		if (n.list[i].kind != kind || n.list[i].number > number)
			n.list[kept++] = n.list[i];
	if (e || kept == n.count)
		return e;
	n.count = kept;
	return renewal_numbers_put(h, &n);
}

enum err
renewal_told(struct hub *h, uint32_t intake, uint32_t ledger)
{
	struct renewal_numbers n;
	bool is_new = false;
	enum err e = renewal_numbers_get(h, &n);
	for (size_t i = 0; !e && i < n.count; i++) {
		struct renewal_number *one = &n.list[i];
		if (one->told || one->number > (one->kind == RENEWAL_INTAKE ? intake : ledger))
			continue;
		one->told = h->manifest_number;
		one->told_s = now_s();
		is_new = true;
	}
	return e || !is_new ? e : renewal_numbers_put(h, &n);
}

/* who needs an old one */

/* Those below a number that was told. */
struct waiting {
	struct hub *hub;
	const struct renewal_number *than;
	renewal_wait_fn *each; /* NULL: the first is enough */
	void *arg;
	bool waits;
};

/* For an intake number the node's own word is needed: only it knows what it keeps aside. */
static enum err
why_intake(const struct waiting *q, const struct writer *w, enum renewal_wait *ret)
{
	static const enum renewal_wait whys[] = {[RENEWAL_KEPT_FREE] = RENEWAL_WAITS_NOT,
		[RENEWAL_KEPT_SILENT] = RENEWAL_WAITS_SAYS,
		[RENEWAL_KEPT_KEEPS] = RENEWAL_WAITS_KEEPS,
		[RENEWAL_KEPT_SENDS] = RENEWAL_WAITS_SENDS};
	enum renewal_kept_why why;
	enum err e = renewal_kept_below(q->hub->txn, w->public, q->than->number, &why);
	*ret = whys[why];
	return e;
}

static enum err
why_waits(const struct waiting *q, const struct writer *w, enum renewal_wait *ret)
{
	struct standing s;
	bool has_all = false;
	*ret = RENEWAL_WAITS_TAKES;
	enum err e = standing_get(q->hub->txn, w->public, &s);
	if (e || s.manifest < q->than->told)
		return e;
	if (q->than->kind == RENEWAL_INTAKE)
		return why_intake(q, w, ret);
	e = renewal_claim_met(q->hub->txn, w->public, q->than->told, s.incarnation, &has_all);
	*ret = has_all ? RENEWAL_WAITS_NOT : RENEWAL_WAITS_SENDS;
	return e;
}

static enum err
see_writer(void *arg, const struct writer *w)
{
	struct waiting *q = arg;
	enum renewal_wait why = RENEWAL_WAITS_NOT;
	if (w->revoked_s || (q->waits && !q->each))
		return OK;
	enum err e = why_waits(q, w, &why);
	q->waits = q->waits || (!e && why != RENEWAL_WAITS_NOT);
	if (!e && why != RENEWAL_WAITS_NOT && q->each)
		e = q->each(q->arg, w, why, q->than->told_s + RENEWAL_WAIT_S);
	return e;
}

/* A verified backup that may be restored has this keyring, or a later one. */
static bool
is_kept(const struct hub *h, uint32_t epoch)
{
	size_t count;
	const struct forward_backup *all = forward_backups(audit_forward(h->audit), &count);
	for (size_t i = 0; i < count; i++)
		if (all[i].keyring_epoch >= epoch)
			return true;
	return false;
}

/* Is one before it not destroyed yet? */
static bool
has_older(const struct renewal_numbers *n, const struct renewal_number *than)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->list[i].kind == than->kind && n->list[i].number < than->number)
			return true;
	return false;
}

enum err
renewal_retired(struct hub *h, enum renewal_kind kind, uint32_t *ret)
{
	struct renewal_numbers n;
	enum err e = renewal_numbers_get(h, &n);
	*ret = 0;
	for (size_t i = 0; !e && i < n.count; i++) {
		const struct renewal_number *one = &n.list[i];
		struct waiting q = {.hub = h, .than = one};
		if (one->kind != kind || !one->told || one->number <= *ret + 1 ||
			!has_older(&n, one) ||
			(kind == RENEWAL_INTAKE && (!one->epoch || !is_kept(h, one->epoch))))
			continue;
		if (now_s() - one->told_s < RENEWAL_WAIT_S)
			e = writer_each(h->txn, see_writer, &q);
		if (!e && !q.waits)
			*ret = one->number - 1;
	}
	return e;
}

enum err
renewal_each_waiting(struct hub *h, enum renewal_kind kind, renewal_wait_fn *each, void *arg)
{
	const struct renewal_number *than = NULL;
	struct renewal_numbers n;
	enum err e = renewal_numbers_get(h, &n);
	for (size_t i = 0; !e && i < n.count; i++)
		if (n.list[i].kind == kind && n.list[i].told && has_older(&n, &n.list[i]) &&
			(!than || n.list[i].number < than->number))
			than = &n.list[i];
	struct waiting q = {.hub = h, .than = than, .each = each, .arg = arg};
	if (e || !than || now_s() - than->told_s >= RENEWAL_WAIT_S)
		return e;
	return writer_each(h->txn, see_writer, &q);
}

/* when a new one is due */

enum err
renewal_state(struct hub *h, enum renewal_kind kind, int64_t days, struct renewal_state *ret)
{
	struct renewal_numbers n;
	*ret = (struct renewal_state){.newest = 0};
	enum err e = renewal_numbers_get(h, &n);
	for (size_t i = 0; !e && i < n.count; i++) {
		const struct renewal_number *one = &n.list[i];
		if (one->kind != kind)
			continue;
		if (one->number > ret->newest) {
			ret->newest = one->number;
			ret->made_s = one->made_s;
		}
		if (one->told)
			ret->told = MAX(ret->told, one->number);
		if (!ret->oldest || one->number < ret->oldest)
			ret->oldest = one->number;
	}
	bool is_old = days && now_s() - ret->made_s >= days * DAY_S;
	bool is_asked = n.asked_s > ret->made_s;
	/* A number that nobody was told of is new enough. */
	ret->is_due = ret->newest && ret->told == ret->newest && (is_old || is_asked);
	return e;
}

enum err
renewal_ask(struct hub *h, const struct act *a, struct buf *reply)
{
	static const char *const keys[] = {"reason", "leave_damaged"};
	OWNED(json) struct json *body = NULL;
	const char *reason = "";
	bool leaves = false;
	struct renewal_numbers n;
	struct act_leaf_room room;
	struct leaf leaf;
	enum err e = json_parse(&body, a->body, 4096);
	if (!e)
		e = json_only(body, keys, ARRAY_LEN(keys));
	if (!e)
		e = json_get_text(body, "reason", LEAF_TEXT_MOST_BYTES, &reason);
	if (!e)
		e = json_get_bool(body, "leave_damaged", &leaves);
	if (!e && !reason[0])
		e = fail(E_FORMAT, "a reason is needed");
	if (!e)
		e = renewal_numbers_get(h, &n);
	if (!e && n.count == 0)
		e = fail(E_NOTFOUND, "the keeper is not set up: run `weir-hub keeper setup`");
	if (!e && leaves)
		e = erase_leave_damaged(h);
	if (e)
		return e;
	n.asked_s = now_s();
	acts_leaf(&leaf, &room, a, leaves ? "damaged-keys-given-up" : "keys-renewal-asked");
	leaf.object_type = "keys";
	leaf.reason_code = reason;
	e = renewal_numbers_put(h, &n);
	if (!e)
		e = audit_add(h->audit, h->txn, &leaf, NULL);
	if (e)
		return e;
	/* Both kinds now, so that one publication tells of both. */
	h->ledger_look_ms = 0;
	buf_format(reply, "{\"asked_s\":%lld}", (long long)n.asked_s);
	return OK;
}
