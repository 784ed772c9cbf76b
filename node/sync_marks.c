#include "node/sync_marks.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/log.h"

#include "node/sync_chain.h"
#include "node/vault_prune.h"

#define META_MISSED       "pruned-missed"
#define MISSED_ROW_BYTES  20
#define CONTACT_ROW_BYTES 8
#define MS_PER_S          1000

enum err
sync_marks_token(struct vault *v, const struct lane_action *a)
{
	return vault_put(v, VAULT_META, view_text(VAULT_META_TOKEN),
		view_of(a->token, sizeof(a->token)));
}

enum err
sync_marks_missed(struct vault *v, struct sync_marks_missed *ret)
{
	struct view row;
	*ret = (struct sync_marks_missed){.incarnation = 0};
	enum err e = vault_get(v, VAULT_META, view_text(META_MISSED), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	struct sync_marks_missed m = {.incarnation = cursor_u32(&c)};
	m.first = cursor_u64(&c);
	m.last = cursor_u64(&c);
	e = cursor_end(&c, "records that are missed");
	if (!e)
		*ret = m;
	return e;
}

/* The widest range stands: what was sent again since is there without its answers. */
static enum err
note_missed(struct vault *v, uint64_t durable)
{
	OWNED_BUF struct buf row;
	struct sync_marks_missed known;
	uint64_t pruned = 0;
	uint32_t incarnation = vault_incarnation(v);
	buf_init(&row, MISSED_ROW_BYTES);
	enum err e = vault_pruned(v, incarnation, &pruned);
	if (e || durable >= pruned)
		return e;
	e = sync_marks_missed(v, &known);
	if (e || (known.incarnation == incarnation && known.first <= durable + 1))
		return e;
	log_error("sync",
		"the hub lacks records %" PRIu64 " to %" PRIu64
		" again, and their answers were pruned here: they cannot be sent",
		durable + 1, pruned);
	buf_u32(&row, incarnation);
	buf_u64(&row, durable + 1);
	buf_u64(&row, pruned);
	return vault_put(v, VAULT_META, view_text(META_MISSED), buf_view(&row));
}

enum err
sync_marks_acked(struct vault *v, const struct lane_action *a)
{
	struct vault_mark m;
	enum err e = a->lane == LANE_R ? note_missed(v, a->mark.seq) : OK;
	if (!e)
		e = vault_mark_get(v, (enum lane)a->lane, &m);
	if (e)
		return e;
	m.durable = a->mark.seq;
	if (m.at_hub > m.durable)
		log_warn("sync",
			"the hub lacks entries %" PRIu64 " to %" PRIu64
			" of lane %u again that it gave a receipt for: they are sent anew, and "
			"wait for another receipt",
			m.durable + 1, m.at_hub, (unsigned)a->lane);
	m.at_hub = MIN(m.at_hub, m.durable);
	return vault_mark_put(v, (enum lane)a->lane, &m);
}

static enum err
keep_contact(struct vault *v, int64_t contact_ms)
{
	OWNED_BUF struct buf b;
	buf_init(&b, CONTACT_ROW_BYTES);
	buf_u64(&b, (uint64_t)(contact_ms / MS_PER_S));
	return vault_put(v, VAULT_META, view_text(VAULT_META_CONTACT), buf_view(&b));
}

enum err
sync_marks_receipt(struct vault *v, const struct lane_action *a, int64_t contact_ms)
{
	struct vault_mark m;
	enum err e = vault_mark_get(v, (enum lane)a->lane, &m);
	m.receipt = a->msg.ack.receipt;
	m.at_hub = m.receipt.mark.seq;
	if (!e)
		e = vault_mark_put(v, (enum lane)a->lane, &m);
	return e ? e : keep_contact(v, contact_ms);
}

enum err
sync_marks_retained(struct vault *v, enum lane lane, uint64_t retained)
{
	struct vault_mark m;
	enum err e = vault_mark_get(v, lane, &m);
	if (e || m.retained == retained)
		return e;
	m.retained = retained;
	return vault_mark_put(v, lane, &m);
}

enum err
sync_marks_contact(struct vault *v, int64_t *ret_ms)
{
	struct view row;
	*ret_ms = 0;
	enum err e = vault_get(v, VAULT_META, view_text(VAULT_META_CONTACT), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	*ret_ms = (int64_t)cursor_u64(&c) * MS_PER_S;
	return cursor_end(&c, "last contact");
}

static enum err
read_token(struct vault *v, struct lane_node_setup *ret)
{
	struct view token;
	enum err e = vault_get(v, VAULT_META, view_text(VAULT_META_TOKEN), &token);
	if (!e && token.len == sizeof(ret->token))
		memcpy(ret->token, token.at, sizeof(ret->token));
	return e == E_NOTFOUND ? OK : e;
}

enum err
sync_marks_setup(struct vault *v, struct lane_node_setup *ret)
{
	struct lane_chain chain;
	ret->incarnation = vault_incarnation(v);
	if (vault_chain(v, ret->incarnation, &chain)) {
		ret->base_incarnation = chain.base_incarnation;
		memcpy(ret->base, chain.base, sizeof(ret->base));
		memcpy(ret->last, chain.last, sizeof(ret->last));
	}
	enum err e = read_token(v, ret);
	if (!e)
		e = sync_chain_survives(v, &ret->survivor);
	for (enum lane lane = LANE_C; !e && lane <= LANE_A; lane++) {
		struct vault_mark m;
		e = vault_mark_get(v, lane, &m);
		ret->acked[lane - 1] = m.durable;
		ret->at_hub[lane - 1] = m.at_hub;
		ret->receipts[lane - 1] = m.receipt;
	}
	return e;
}
