#include "common/sync/lane.h"

#include <string.h>

#include "common/sync/lane_proof.h"

#define SESSION_PERSONAL  "weir-session-v1"
#define HELLO_PERSONAL    "weir-hello-v1"
#define WELCOME_NAME      "weir-welcome-v1"
#define READY_NAME        "weir-ready-v1"
#define RECEIPT_NAME      "weir-receipt-v1"
#define TOKEN_PERSONAL    "weir-token-v1"
#define LINK_PERSONAL     "weir-link-v1"
#define TOKEN_FRONT_BYTES 4
/* Eleven fields of at most 32 bytes, each with its length, fit with room to spare. */
#define SIGNED_MAX_BYTES 512

void
lane_hello_hash(uint8_t ret[static HASH_BYTES], struct view hello_frame)
{
	crypto_hash_one(ret, HELLO_PERSONAL, hello_frame);
}

void
lane_transcript(uint8_t ret[static HASH_BYTES], const uint8_t hello_hash[static HASH_BYTES],
	struct view welcome_body)
{
	OWNED_BUF struct buf b;
	buf_init(&b, SIGNED_MAX_BYTES + SYNC_WELCOME_MAX_BYTES);
	buf_blob(&b, view_of(hello_hash, HASH_BYTES));
	buf_blob(&b, welcome_body);
	crypto_hash_one(ret, SESSION_PERSONAL, buf_view(&b));
}

void
lane_token_make(uint8_t ret[static WIRE_ID_BYTES], const uint8_t seed[static WIRE_ID_BYTES],
	const uint8_t nonce[static WIRE_ID_BYTES])
{
	uint8_t check[ID_BYTES];
	const struct view parts[] = {
		view_of(seed, WIRE_ID_BYTES), view_of(nonce, TOKEN_FRONT_BYTES)};
	crypto_hash_id(check, TOKEN_PERSONAL, NULL, parts, ARRAY_LEN(parts));
	memcpy(ret, nonce, TOKEN_FRONT_BYTES);
	memcpy(ret + TOKEN_FRONT_BYTES, check, WIRE_ID_BYTES - TOKEN_FRONT_BYTES);
}

bool
lane_token_is(
	const uint8_t token[static WIRE_ID_BYTES], const uint8_t seed[static WIRE_ID_BYTES])
{
	uint8_t made[WIRE_ID_BYTES];
	if (wire_is_zero(seed, WIRE_ID_BYTES))
		return false;
	lane_token_make(made, seed, token);
	return crypto_same(made, token, WIRE_ID_BYTES);
}

static void
add_u32(struct buf *b, uint32_t v)
{
	buf_u32(b, sizeof(v));
	buf_u32(b, v);
}

static void
add_u64(struct buf *b, uint64_t v)
{
	buf_u32(b, sizeof(v));
	buf_u64(b, v);
}

void
lane_link(uint8_t ret[static HASH_BYTES], uint32_t incarnation, uint8_t lane,
	const struct sync_mark *end)
{
	memset(ret, 0, HASH_BYTES);
	if (incarnation == 0)
		return;
	OWNED_BUF struct buf b;
	buf_init(&b, SIGNED_MAX_BYTES);
	add_u32(&b, incarnation);
	buf_u32(&b, sizeof(lane));
	buf_u8(&b, lane);
	add_u64(&b, end->seq);
	buf_blob(&b, view_of(end->head, sizeof(end->head)));
	crypto_hash_one(ret, LINK_PERSONAL, buf_view(&b));
}

static void
handshake_bytes(struct buf *b, const char *name, const uint8_t transcript[static HASH_BYTES])
{
	buf_blob_text(b, name);
	buf_blob(b, view_of(transcript, HASH_BYTES));
}

static void
receipt_bytes(struct buf *b, const struct sync_receipt *r)
{
	buf_blob_text(b, RECEIPT_NAME);
	add_u64(b, r->epoch);
	buf_blob(b, view_of(r->writer, sizeof(r->writer)));
	add_u32(b, r->incarnation);
	buf_u32(b, sizeof(r->lane));
	buf_u8(b, r->lane);
	add_u64(b, r->mark.seq);
	buf_blob(b, view_of(r->mark.head, sizeof(r->mark.head)));
	add_u64(b, r->checkpoint.seq);
	buf_blob(b, view_of(r->checkpoint.head, sizeof(r->checkpoint.head)));
	add_u64(b, (uint64_t)r->wall_ms);
	buf_blob(b, view_of(r->transcript, sizeof(r->transcript)));
}

void
lane_sign(struct lane_action *action, struct secret *key)
{
	OWNED_BUF struct buf b;
	buf_init(&b, SIGNED_MAX_BYTES);
	uint8_t *signature = NULL;
	if (action->msg.kind == SYNC_WITNESS) {
		/* Unsigned, if its numbers are out of bounds, it counts for nothing. */
		(void)!lane_witness_sign(&action->msg.witness, action->origin, key);
		return;
	}
	if (action->msg.kind == SYNC_WELCOME) {
		handshake_bytes(&b, WELCOME_NAME, action->transcript);
		signature = action->msg.welcome.signature;
	} else if (action->msg.kind == SYNC_READY) {
		handshake_bytes(&b, READY_NAME, action->transcript);
		signature = action->msg.ready.signature;
	} else if (action->msg.kind == SYNC_ACK) {
		receipt_bytes(&b, &action->msg.ack.receipt);
		signature = action->msg.ack.receipt.signature;
	}
	if (signature)
		sign_make(signature, buf_view(&b), key);
}

bool
lane_welcome_check(const struct sync_welcome *w, const uint8_t transcript[static HASH_BYTES],
	const uint8_t receipt_public[static SIGN_PUBLIC_BYTES])
{
	OWNED_BUF struct buf b;
	buf_init(&b, SIGNED_MAX_BYTES);
	handshake_bytes(&b, WELCOME_NAME, transcript);
	return sign_check(w->signature, buf_view(&b), receipt_public);
}

bool
lane_ready_check(const struct sync_ready *r, const uint8_t transcript[static HASH_BYTES],
	const uint8_t writer[static SIGN_PUBLIC_BYTES])
{
	OWNED_BUF struct buf b;
	buf_init(&b, SIGNED_MAX_BYTES);
	handshake_bytes(&b, READY_NAME, transcript);
	return sign_check(r->signature, buf_view(&b), writer);
}

bool
lane_receipt_check(
	const struct sync_receipt *r, const uint8_t receipt_public[static SIGN_PUBLIC_BYTES])
{
	OWNED_BUF struct buf b;
	buf_init(&b, SIGNED_MAX_BYTES);
	receipt_bytes(&b, r);
	return sign_check(r->signature, buf_view(&b), receipt_public);
}

void
lane_begin(struct lane_actions *out)
{
	out->count = 0;
}

struct lane_action *
lane_add(struct lane_actions *out, enum lane_action_kind kind)
{
	size_t i = MIN(out->count, (size_t)LANE_ACTIONS_MAX_COUNT - 1);
	out->count = i + 1;
	out->at[i] = (struct lane_action){.kind = kind};
	return &out->at[i];
}

struct lane_action *
lane_add_send(struct lane_actions *out, enum sync_kind kind)
{
	struct lane_action *a = lane_add(out, LANE_SEND);
	a->msg.kind = kind;
	return a;
}
