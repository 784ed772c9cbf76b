#include "hub/renewal_claim.h"

#include <string.h>

#include "hub/row.h"

#define CLAIM_PREFIX "claim-"
#define CLAIM_KEY    (sizeof(CLAIM_PREFIX) - 1 + SIGN_PUBLIC_BYTES)

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
renewal_claim_take(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
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

enum err
renewal_claim_met(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	uint64_t manifest, uint32_t incarnation, bool *ret)
{
	struct place lane = {.incarnation = incarnation};
	struct renewal_claim claim;
	struct sync_mark mark;
	memcpy(lane.writer, writer, sizeof(lane.writer));
	enum err e = get_claim(t, writer, &claim);
	bool has_all = claim.manifest >= manifest && claim.incarnation == incarnation;
	for (uint8_t i = 0; !e && has_all && i < LANE_COUNT; i++) {
		lane.lane = (uint8_t)(i + 1);
		e = standing_head_get(t, &lane, &mark);
		has_all = mark.seq >= claim.seq[i];
	}
	*ret = !e && has_all;
	return e;
}
