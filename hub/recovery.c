#include "hub/recovery.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire_sync.h"
#include "common/trust/leaf.h"

#include "hub/standing.h"
#include "hub/writer.h"

#define ROW_NAME     "recovery"
#define MS_PER_S     1000
#define DIGITS_LEAST 8

void
recovery_done(struct recovery *r)
{
	mem_drop(&r->nodes);
}

/* ---- the row ---- */

static enum err
put(const struct recovery *r, struct vault_txn *t)
{
	OWNED_BUF struct buf b;
	buf_init(&b, RECOVERY_MAX_BYTES);
	buf_u8(&b, ROW_VERSION);
	buf_u64(&b, (uint64_t)r->since_s);
	buf_u64(&b, r->leaves_vault);
	buf_u64(&b, r->leaves_back);
	buf_u64(&b, r->acts);
	buf_u32(&b, (uint32_t)r->count);
	for (size_t i = 0; i < r->count; i++) {
		const struct recovery_node *n = &r->nodes[i];
		buf_add(&b, n->writer, sizeof(n->writer));
		buf_u8(&b, n->is_heard);
		for (size_t k = 0; k < LANE_COUNT; k++) {
			buf_u32(&b, n->had[k].incarnation);
			buf_u64(&b, n->had[k].seq);
			buf_add(&b, n->had[k].head, HASH_BYTES);
			buf_u8(&b, n->had[k].is_back);
		}
	}
	enum err e = buf_check(&b, "recovery");
	return e ? e : vault_put(t, VAULT_META, view_text(ROW_NAME), buf_view(&b));
}

static void
read_node(struct cursor *c, struct recovery_node *n)
{
	cursor_copy(c, n->writer, sizeof(n->writer));
	n->is_heard = cursor_u8(c) != 0;
	for (size_t k = 0; k < LANE_COUNT; k++) {
		n->had[k].incarnation = cursor_u32(c);
		n->had[k].seq = cursor_u64(c);
		cursor_copy(c, n->had[k].head, HASH_BYTES);
		n->had[k].is_back = cursor_u8(c) != 0;
	}
}

enum err
recovery_get(struct recovery *ret, struct vault_txn *t)
{
	OWNED_BUF struct buf row;
	buf_init(&row, RECOVERY_MAX_BYTES);
	enum err e = vault_get(t, VAULT_META, view_text(ROW_NAME), &row);
	if (e)
		return e;
	struct cursor c = row_begin(buf_view(&row));
	ret->since_s = (int64_t)cursor_u64(&c);
	ret->leaves_vault = cursor_u64(&c);
	ret->leaves_back = cursor_u64(&c);
	ret->acts = cursor_u64(&c);
	uint32_t count = cursor_u32(&c);
	ret->count = MIN(count, (uint32_t)RECOVERY_NODES_MAX_COUNT);
	ret->nodes = xcalloc(ret->count + 1, sizeof(*ret->nodes));
	for (size_t i = 0; i < ret->count; i++)
		read_node(&c, &ret->nodes[i]);
	return row_end(&c, "recovery");
}

bool
recovery_is_on(struct vault_txn *t)
{
	OWNED_RECOVERY struct recovery r = {.nodes = NULL};
	return recovery_get(&r, t) != E_NOTFOUND;
}

enum err
recovery_refuse(struct vault_txn *t)
{
	OWNED_RECOVERY struct recovery r = {.nodes = NULL};
	size_t waits = 0;
	enum err e = recovery_get(&r, t);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	for (size_t i = 0; i < r.count; i++)
		waits += !r.nodes[i].is_heard;
	return fail(E_DENIED,
		"the hub was restored from a backup: nothing is released until all its nodes "
		"were heard again, and %zu were not; see `weir-hub status`",
		waits);
}

/* ---- beginning ---- */

static struct recovery_node *
find(const struct recovery *r, const uint8_t *writer)
{
	for (size_t i = 0; i < r->count; i++)
		if (memcmp(r->nodes[i].writer, writer, SIGN_PUBLIC_BYTES) == 0)
			return &r->nodes[i];
	return NULL;
}

static void
add(struct recovery *r, const uint8_t *writer)
{
	if (r->count == RECOVERY_NODES_MAX_COUNT)
		return;
	r->nodes = xrealloc(r->nodes, r->count + 1, sizeof(*r->nodes));
	struct recovery_node *n = &r->nodes[r->count++];
	*n = (struct recovery_node){.is_heard = false};
	memcpy(n->writer, writer, sizeof(n->writer));
}

static enum err
list_writer(void *arg, const struct writer *w)
{
	struct recovery *r = arg;
	struct recovery_node *n = find(r, w->public);
	if (n)
		n->is_heard = w->revoked_s != 0;
	else if (!w->revoked_s)
		add(r, w->public);
	return OK;
}

enum err
recovery_begin(struct recovery *ret, struct vault_txn *t)
{
	enum err e = recovery_get(ret, t);
	if (e && e != E_NOTFOUND)
		return e;
	ret->since_s = clock_wall_ms() / MS_PER_S;
	return writer_each(t, list_writer, ret);
}

void
recovery_knows(
	struct recovery *r, const uint8_t writer[static SIGN_PUBLIC_BYTES], bool is_revoked)
{
	struct recovery_node *n = find(r, writer);
	if (n)
		n->is_heard = n->is_heard || is_revoked;
	else if (!is_revoked)
		add(r, writer);
}

void
recovery_had(struct recovery *r, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	uint32_t incarnation, uint8_t lane, uint64_t seq)
{
	struct recovery_node *n = find(r, writer);
	if (!n || incarnation < n->had[lane - 1].incarnation ||
		(incarnation == n->had[lane - 1].incarnation && seq <= n->had[lane - 1].seq))
		return;
	memset(&n->had[lane - 1], 0, sizeof(n->had[lane - 1]));
	n->had[lane - 1].incarnation = incarnation;
	n->had[lane - 1].seq = seq;
}

void
recovery_had_mark(struct recovery *r, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	uint32_t incarnation, uint8_t lane, const struct sync_mark *mark)
{
	struct recovery_node *n = find(r, writer);
	recovery_had(r, writer, incarnation, lane, mark->seq);
	if (n && n->had[lane - 1].incarnation == incarnation &&
		n->had[lane - 1].seq == mark->seq)
		memcpy(n->had[lane - 1].head, mark->head, HASH_BYTES);
}

/* The log names entries; what it names the hub had acknowledged, or was about to. *ret_other:
 * it names no entry but something else. */
static enum err
want_entry(struct recovery *r, struct vault_txn *t, const char *name, bool *ret_other)
{
	struct place p;
	enum err e = place_find(&p, t, name);
	*ret_other = e == E_FORMAT;
	if (e)
		return e == E_NOTFOUND || e == E_FORMAT ? OK : e;
	recovery_had(r, p.writer, p.incarnation, p.lane, p.seq);
	return OK;
}

/* Acts that a start puts in force again (lineage_note.h, leaving_note.h). */
static bool
is_in_journal(const char *action)
{
	static const char *const known[] = {"site-changed", "site-change-struck", "site-left"};
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i], action) == 0)
			return true;
	return false;
}

enum err
recovery_leaf(struct recovery *r, struct vault_txn *t, struct view leaf)
{
	OWNED(json) struct json *tree = NULL;
	struct leaf l;
	bool other = false;
	enum err e = leaf_parse(&l, &tree, leaf);
	if (!e)
		e = want_entry(r, t, l.request_id, &other);
	if (e)
		return e;
	r->leaves_back++;
	r->acts += other && l.key_id[0] && !is_in_journal(l.action);
	return OK;
}

enum err
recovery_keep(const struct recovery *r, struct vault_txn *t)
{
	bool waits = false;
	for (size_t i = 0; i < r->count; i++)
		waits = waits || !r->nodes[i].is_heard;
	return waits ? put(r, t) : OK;
}

/* ---- the end ---- */

enum err
recovery_find(struct vault_txn *t, const char *digits, uint8_t ret[static SIGN_PUBLIC_BYTES])
{
	OWNED_RECOVERY struct recovery r = {.nodes = NULL};
	size_t len = strlen(digits);
	enum err e = recovery_get(&r, t);
	for (size_t i = 0; !e && len >= DIGITS_LEAST && i < r.count; i++) {
		char all[2 * SIGN_PUBLIC_BYTES + 1];
		text_hex(all, r.nodes[i].writer, sizeof(r.nodes[i].writer));
		if (strncmp(all, digits, len) == 0) {
			memcpy(ret, r.nodes[i].writer, SIGN_PUBLIC_BYTES);
			return OK;
		}
	}
	return e && e != E_NOTFOUND ? e : fail(E_NOTFOUND, "no node begins with these digits");
}

static enum err
check_has(struct vault_txn *t, const struct recovery_node *n, bool *ret)
{
	enum err e = OK;
	*ret = true;
	for (uint8_t lane = LANE_C; !e && lane <= LANE_A; lane++) {
		struct place p = {.incarnation = n->had[lane - 1].incarnation, .lane = lane};
		struct sync_mark mark;
		memcpy(p.writer, n->writer, sizeof(p.writer));
		if (!p.incarnation)
			continue;
		e = standing_head_get(t, &p, &mark);
		*ret = *ret && (n->had[lane - 1].is_back || mark.seq >= n->had[lane - 1].seq);
	}
	return e;
}

/* Keeps that a node needs no waiting for any more, or ends the recovery. */
static enum err
settle(struct recovery *r, struct vault_txn *t, bool *ret_lifted)
{
	for (size_t i = 0; i < r->count; i++)
		if (!r->nodes[i].is_heard)
			return put(r, t);
	*ret_lifted = true;
	return vault_delete(t, VAULT_META, view_text(ROW_NAME));
}

enum err
recovery_repeated(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	const uint8_t root[static HASH_BYTES])
{
	OWNED_RECOVERY struct recovery r = {.nodes = NULL};
	bool news = false;
	enum err e = recovery_get(&r, t);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct recovery_node *n = find(&r, writer);
	for (size_t k = 0; n && k < LANE_COUNT; k++)
		if (!n->had[k].is_back && memcmp(n->had[k].head, root, HASH_BYTES) == 0)
			n->had[k].is_back = news = true;
	return news ? put(&r, t) : OK;
}

enum err
recovery_heard(
	struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES], bool *ret_lifted)
{
	OWNED_RECOVERY struct recovery r = {.nodes = NULL};
	bool has = false;
	*ret_lifted = false;
	enum err e = recovery_get(&r, t);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct recovery_node *n = find(&r, writer);
	if (!n || n->is_heard)
		return OK;
	e = check_has(t, n, &has);
	if (e || !has)
		return e;
	n->is_heard = true;
	return settle(&r, t, ret_lifted);
}

enum err
recovery_waive(
	struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES], bool *ret_lifted)
{
	OWNED_RECOVERY struct recovery r = {.nodes = NULL};
	*ret_lifted = false;
	enum err e = recovery_get(&r, t);
	if (e == E_NOTFOUND)
		return fail(e, "the hub is not in recovery");
	struct recovery_node *n = e ? NULL : find(&r, writer);
	if (!e && (!n || n->is_heard))
		e = fail(E_NOTFOUND, "nothing waits for this node");
	if (e)
		return e;
	n->is_heard = true;
	return settle(&r, t, ret_lifted);
}
