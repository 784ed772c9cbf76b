#include "hub/renewal.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/codec/json.h"
#include "common/trust/leaf.h"

#include "hub/audit.h"
#include "hub/erase_renew.h"
#include "hub/forward.h"
#include "hub/hubkeys.h"
#include "hub/renewal_kept.h"
#include "hub/standing.h"

#define ROW_NAME      "renewals"
#define CLAIM_PREFIX  "claim-"
#define CLAIM_KEY     (sizeof(CLAIM_PREFIX) - 1 + SIGN_PUBLIC_BYTES)
#define NUMBERS_COUNT 160
#define DAY_S         86400
#define MS_PER_S      1000

struct number {
	enum renewal_kind kind;
	uint32_t number;
	int64_t made_s;
	uint32_t epoch;
	uint64_t told; /* manifest; 0: not yet */
	int64_t told_s;
};

struct numbers {
	int64_t asked_s;
	size_t count;
	struct number list[NUMBERS_COUNT];
};

static int64_t
now_s(void)
{
	return clock_wall_ms() / MS_PER_S;
}

/* the row */

static void
read_number(struct cursor *c, struct number *ret)
{
	uint8_t kind = cursor_u8(c);
	if (kind < RENEWAL_INTAKE || kind > RENEWAL_LEDGER)
		c->broken = true;
	else
		ret->kind = (enum renewal_kind)kind;
	ret->number = cursor_u32(c);
	ret->made_s = (int64_t)cursor_u64(c);
	ret->epoch = cursor_u32(c);
	ret->told = cursor_u64(c);
	ret->told_s = (int64_t)cursor_u64(c);
}

static enum err
read_row(struct hub *h, struct numbers *n)
{
	OWNED_BUF struct buf row;
	struct vault_txn *t;
	buf_init(&row, ROW_MAX_BYTES);
	*n = (struct numbers){.count = 0};
	enum err e = hub_txn_reserve(h, &t);
	if (!e)
		e = vault_get(t, VAULT_META, view_text(ROW_NAME), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	n->asked_s = (int64_t)cursor_u64(&c);
	uint32_t count = cursor_u32(&c);
	if (count > NUMBERS_COUNT)
		c.broken = true;
	for (uint32_t i = 0; !c.broken && i < count; i++)
		read_number(&c, &n->list[i]);
	n->count = count;
	return row_end(&c, "renewals");
}

static enum err
put_row(struct hub *h, const struct numbers *n)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, (uint64_t)n->asked_s);
	buf_u32(&row, (uint32_t)n->count);
	for (size_t i = 0; i < n->count; i++) {
		const struct number *one = &n->list[i];
		buf_u8(&row, (uint8_t)one->kind);
		buf_u32(&row, one->number);
		buf_u64(&row, (uint64_t)one->made_s);
		buf_u32(&row, one->epoch);
		buf_u64(&row, one->told);
		buf_u64(&row, (uint64_t)one->told_s);
	}
	enum err e = buf_check(&row, "renewals");
	return e ? e : vault_put(h->txn, VAULT_META, view_text(ROW_NAME), buf_view(&row));
}

static struct number *
find_number(struct numbers *n, enum renewal_kind kind, uint32_t number)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->list[i].kind == kind && n->list[i].number == number)
			return &n->list[i];
	return NULL;
}

/* what happens to numbers */

enum err
renewal_made(struct hub *h, enum renewal_kind kind, uint32_t number, uint32_t epoch)
{
	struct numbers n;
	enum err e = read_row(h, &n);
	if (e || find_number(&n, kind, number))
		return e;
	if (n.count == NUMBERS_COUNT)
		return fail(E_FULL, "%d numbered keys are not destroyed yet", NUMBERS_COUNT);
	n.list[n.count++] = (struct number){
		.kind = kind, .number = number, .made_s = now_s(), .epoch = epoch};
	return put_row(h, &n);
}

enum err
renewal_taken(struct hub *h, uint32_t epoch)
{
	struct numbers n;
	bool is_new = false;
	enum err e = read_row(h, &n);
	for (size_t i = 0; i < n.count; i++) {
		struct number *one = &n.list[i];
		is_new = is_new || (one->kind == RENEWAL_INTAKE && one->epoch != epoch);
		if (one->kind == RENEWAL_INTAKE)
			one->epoch = epoch;
	}
	return e || !is_new ? e : put_row(h, &n);
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
	struct numbers n;
	size_t kept = 0;
	enum err e = read_row(h, &n);
	for (size_t i = 0; i < n.count; i++)
		if (n.list[i].kind != kind || n.list[i].number > number)
			n.list[kept++] = n.list[i];
	if (e || kept == n.count)
		return e;
	n.count = kept;
	return put_row(h, &n);
}

enum err
renewal_told(struct hub *h, uint32_t intake, uint32_t ledger)
{
	struct numbers n;
	bool is_new = false;
	enum err e = read_row(h, &n);
	for (size_t i = 0; !e && i < n.count; i++) {
		struct number *one = &n.list[i];
		if (one->told || one->number > (one->kind == RENEWAL_INTAKE ? intake : ledger))
			continue;
		one->told = h->manifest_number;
		one->told_s = now_s();
		is_new = true;
	}
	return e || !is_new ? e : put_row(h, &n);
}

static void
claim_key(uint8_t ret[static CLAIM_KEY], const uint8_t *writer)
{
	memcpy(ret, CLAIM_PREFIX, sizeof(CLAIM_PREFIX) - 1);
	memcpy(ret + sizeof(CLAIM_PREFIX) - 1, writer, SIGN_PUBLIC_BYTES);
}

/* Zeros where there is none. */
static enum err
get_claim(struct vault_txn *t, const uint8_t *writer, struct renewal_claim *ret)
{
	OWNED_BUF struct buf row;
	uint8_t key[CLAIM_KEY];
	claim_key(key, writer);
	buf_init(&row, ROW_MAX_BYTES);
	*ret = (struct renewal_claim){.manifest = 0};
	enum err e = vault_get(t, VAULT_META, view_of(key, sizeof(key)), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	ret->manifest = cursor_u64(&c);
	ret->incarnation = cursor_u32(&c);
	for (size_t i = 0; i < LANE_COUNT; i++)
		ret->seq[i] = cursor_u64(&c);
	return row_end(&c, "what a node had");
}

enum err
renewal_claimed(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	const struct renewal_claim *claim)
{
	OWNED_BUF struct buf row;
	uint8_t key[CLAIM_KEY];
	struct renewal_claim known;
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = get_claim(t, writer, &known);
	if (e || claim->incarnation < known.incarnation ||
		(claim->incarnation == known.incarnation && claim->manifest <= known.manifest))
		return e;
	claim_key(key, writer);
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, claim->manifest);
	buf_u32(&row, claim->incarnation);
	for (size_t i = 0; i < LANE_COUNT; i++)
		buf_u64(&row, claim->seq[i]);
	e = buf_check(&row, "what a node had");
	return e ? e : vault_put(t, VAULT_META, view_of(key, sizeof(key)), buf_view(&row));
}

/* who needs an old one */

/* Those below a number that was told. */
struct waiting {
	struct hub *hub;
	const struct number *than;
	renewal_wait_fn *each; /* NULL: the first is enough */
	void *arg;
	bool waits;
};

/* The hub has of this writer what it had when it was bound to the newer number. Entries of an
 * earlier incarnation that were not sent are said again in the later one, sealed as they were:
 * its own word is needed for that. */
static enum err
has_claimed(const struct waiting *q, const struct writer *w, uint32_t incarnation, bool *ret)
{
	struct place lane = {.incarnation = incarnation};
	struct renewal_claim claim;
	struct sync_mark mark;
	memcpy(lane.writer, w->public, sizeof(lane.writer));
	enum err e = get_claim(q->hub->txn, w->public, &claim);
	bool has_all = claim.manifest >= q->than->told && claim.incarnation == incarnation;
	for (uint8_t i = 0; !e && has_all && i < LANE_COUNT; i++) {
		lane.lane = (uint8_t)(i + 1);
		e = standing_head_get(q->hub->txn, &lane, &mark);
		has_all = mark.seq >= claim.seq[i];
	}
	*ret = !e && has_all;
	return e;
}

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
	e = has_claimed(q, w, s.incarnation, &has_all);
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
has_older(const struct numbers *n, const struct number *than)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->list[i].kind == than->kind && n->list[i].number < than->number)
			return true;
	return false;
}

enum err
renewal_retired(struct hub *h, enum renewal_kind kind, uint32_t *ret)
{
	struct numbers n;
	enum err e = read_row(h, &n);
	*ret = 0;
	for (size_t i = 0; !e && i < n.count; i++) {
		const struct number *one = &n.list[i];
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
	const struct number *than = NULL;
	struct numbers n;
	enum err e = read_row(h, &n);
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
	struct numbers n;
	*ret = (struct renewal_state){.newest = 0};
	enum err e = read_row(h, &n);
	for (size_t i = 0; !e && i < n.count; i++) {
		const struct number *one = &n.list[i];
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
	struct numbers n;
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
		e = read_row(h, &n);
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
	e = put_row(h, &n);
	if (!e)
		e = audit_add(h->audit, h->txn, &leaf, NULL);
	if (e)
		return e;
	/* Both kinds now, so that one publication tells of both. */
	h->ledger_look_ms = 0;
	buf_format(reply, "{\"asked_s\":%lld}", (long long)n.asked_s);
	return OK;
}
