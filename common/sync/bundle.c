#include "common/sync/bundle.h"

#include <string.h>

#include "common/codec/text.h"

#define MAGIC         "weir-bundle-v1\n"
#define MAGIC_BYTES   (sizeof(MAGIC) - 1)
#define FORMAT_NAME   "weir-bundle-v1"
#define FRONT_BYTES   5 /* kind or first byte, and u32 length */
#define MESSAGE_BYTES 128

/* ---- head ---- */

static void
head_write(struct buf *out, const struct bundle_head *h)
{
	buf_u8(out, (uint8_t)h->way);
	buf_blob_text(out, h->study);
	buf_add(out, h->from, sizeof(h->from));
	buf_add(out, h->to, sizeof(h->to));
	buf_u64(out, h->number);
	buf_u64(out, h->epoch);
	buf_u64(out, (uint64_t)h->wall_ms);
}

static enum err
head_read(struct bundle_head *ret, struct view v)
{
	struct cursor c = cursor_of(v);
	struct bundle_head h = {.way = (enum bundle_way)cursor_u8(&c)};
	struct view study = cursor_blob(&c);
	*ret = (struct bundle_head){0};
	if (study.len == 0 || study.len >= sizeof(h.study) || !text_is_utf8(study))
		return fail(E_FORMAT, "the head of the bundle names no study");
	memcpy(h.study, study.at, study.len);
	cursor_copy(&c, h.from, sizeof(h.from));
	cursor_copy(&c, h.to, sizeof(h.to));
	h.number = cursor_u64(&c);
	h.epoch = cursor_u64(&c);
	h.wall_ms = (int64_t)cursor_u64(&c);
	enum err e = cursor_end(&c, "head of the bundle");
	if (!e && h.way != BUNDLE_TO_HUB && h.way != BUNDLE_TO_NODE)
		e = fail(E_FORMAT, "the head of the bundle says no way");
	if (!e)
		*ret = h;
	return e;
}

/* ---- sum and signature ---- */

static void
sum_step(struct bundle_sum *sum, const struct view *parts, size_t count)
{
	uint8_t next[HASH_BYTES];
	crypto_hash_many(next, FORMAT_NAME, NULL, parts, count);
	memcpy(sum->hash, next, sizeof(next));
}

static void
sum_front(struct bundle_sum *sum, struct view front)
{
	*sum = (struct bundle_sum){.count = 0};
	sum_step(sum, &front, 1);
}

void
bundle_sum_begin(struct bundle_sum *sum, const struct bundle_head *head)
{
	OWNED_BUF struct buf out;
	buf_init(&out, BUNDLE_PIECE_MAX_BYTES);
	bundle_begin(&out, sum, head);
}

void
bundle_sum_add(struct bundle_sum *sum, enum bundle_kind kind, struct view box)
{
	const uint8_t front[FRONT_BYTES] = {(uint8_t)kind, (uint8_t)(box.len >> 24),
		(uint8_t)(box.len >> 16), (uint8_t)(box.len >> 8), (uint8_t)box.len};
	const struct view parts[] = {
		view_of(sum->hash, sizeof(sum->hash)), view_of(front, sizeof(front)), box};
	sum_step(sum, parts, ARRAY_LEN(parts));
	sum->count++;
}

bool
bundle_sum_same(const struct bundle_sum *a, const struct bundle_sum *b)
{
	return a->count == b->count && memcmp(a->hash, b->hash, sizeof(a->hash)) == 0;
}

static void
signed_bytes(struct buf *out, const struct bundle_sum *sum)
{
	buf_blob_text(out, FORMAT_NAME);
	buf_blob(out, view_of(sum->hash, sizeof(sum->hash)));
	buf_u32(out, sizeof(sum->count));
	buf_u32(out, sum->count);
}

enum err
bundle_claim_check(const struct bundle_claim *c)
{
	OWNED_BUF struct buf message;
	buf_init(&message, MESSAGE_BYTES);
	signed_bytes(&message, &c->sum);
	if (!sign_check(c->signature, buf_view(&message), c->head.from))
		return fail(E_AUTH, "the bundle was changed since it was written");
	return OK;
}

void
bundle_claim_write(struct buf *out, const struct bundle_claim *c)
{
	OWNED_BUF struct buf head;
	buf_init(&head, BUNDLE_HEAD_MAX_BYTES);
	head_write(&head, &c->head);
	buf_blob(out, buf_view(&head));
	buf_add(out, c->sum.hash, sizeof(c->sum.hash));
	buf_u32(out, c->sum.count);
	buf_add(out, c->signature, sizeof(c->signature));
}

enum err
bundle_claim_read(struct bundle_claim *ret, struct view v)
{
	struct cursor c = cursor_of(v);
	struct bundle_claim claim = {.sum.count = 0};
	*ret = claim;
	enum err e = head_read(&claim.head, cursor_blob(&c));
	cursor_copy(&c, claim.sum.hash, sizeof(claim.sum.hash));
	claim.sum.count = cursor_u32(&c);
	cursor_copy(&c, claim.signature, sizeof(claim.signature));
	if (!e)
		e = cursor_end(&c, "claim of a bundle");
	if (!e)
		*ret = claim;
	return e;
}

/* ---- writing ---- */

void
bundle_begin(struct buf *out, struct bundle_sum *sum, const struct bundle_head *head)
{
	OWNED_BUF struct buf packed, front;
	buf_init(&packed, BUNDLE_HEAD_MAX_BYTES);
	buf_init(&front, BUNDLE_PIECE_MAX_BYTES);
	head_write(&packed, head);
	buf_add_view(&front, view_text(MAGIC));
	buf_blob(&front, buf_view(&packed));
	sum_front(sum, buf_view(&front));
	buf_add_view(out, buf_view(&front));
}

void
bundle_frame(struct buf *out, struct bundle_sum *sum, enum bundle_kind kind, struct view box)
{
	buf_u8(out, (uint8_t)kind);
	buf_blob(out, box);
	bundle_sum_add(sum, kind, box);
}

void
bundle_end(struct buf *out, const struct bundle_sum *sum, struct secret *key)
{
	OWNED_BUF struct buf message;
	uint8_t signature[SIGNATURE_BYTES];
	buf_init(&message, MESSAGE_BYTES);
	signed_bytes(&message, sum);
	sign_make(signature, buf_view(&message), key);
	buf_u8(out, BUNDLE_END);
	buf_u32(out, sum->count);
	buf_add(out, signature, sizeof(signature));
}

/* ---- states ---- */

void
bundle_node_state_write(struct buf *out, const struct bundle_node_state *s)
{
	buf_u32(out, s->incarnation);
	buf_u64(out, s->config);
	buf_u64(out, s->log_size);
	for (size_t i = 0; i < LANE_COUNT; i++) {
		buf_u64(out, s->first[i]);
		buf_u64(out, s->last[i].seq);
		buf_add(out, s->last[i].head, sizeof(s->last[i].head));
	}
}

enum err
bundle_node_state_read(struct bundle_node_state *ret, struct view v)
{
	struct cursor c = cursor_of(v);
	struct bundle_node_state s = {.incarnation = cursor_u32(&c)};
	*ret = (struct bundle_node_state){0};
	s.config = cursor_u64(&c);
	s.log_size = cursor_u64(&c);
	for (size_t i = 0; i < LANE_COUNT; i++) {
		s.first[i] = cursor_u64(&c);
		s.last[i].seq = cursor_u64(&c);
		cursor_copy(&c, s.last[i].head, sizeof(s.last[i].head));
	}
	enum err e = cursor_end(&c, "state in the bundle");
	if (!e && s.incarnation == 0)
		e = fail(E_FORMAT, "the state in the bundle is not of its form");
	if (!e)
		*ret = s;
	return e;
}

void
bundle_hub_state_write(struct buf *out, const struct bundle_hub_state *s)
{
	buf_add(out, s->answers, sizeof(s->answers));
	buf_u8(out, (uint8_t)s->verdict);
	buf_u64(out, s->config);
}

enum err
bundle_hub_state_read(struct bundle_hub_state *ret, struct view v)
{
	struct cursor c = cursor_of(v);
	struct bundle_hub_state s = {.config = 0};
	*ret = s;
	cursor_copy(&c, s.answers, sizeof(s.answers));
	uint8_t verdict = cursor_u8(&c);
	s.verdict = (enum sync_verdict)verdict;
	s.config = cursor_u64(&c);
	enum err e = cursor_end(&c, "state in the bundle");
	if (!e && (verdict < SYNC_OK || verdict > SYNC_OLDER))
		e = fail(E_FORMAT, "the state in the bundle is not of its form");
	if (!e)
		*ret = s;
	return e;
}

/* ---- reading ---- */

/* All of it, or E_FORMAT. */
static enum err
read_all(struct bundle_reader *r, uint8_t *to, size_t len)
{
	size_t got = 0;
	enum err e = r->read(r->arg, to, len, &got);
	return !e && got != len ? fail(E_FORMAT, "the bundle is cut short") : e;
}

/* So many bytes into the reader's box. */
static enum err
read_box(struct bundle_reader *r, size_t len)
{
	uint8_t piece[4096];
	enum err e = OK;
	buf_reset(&r->box);
	buf_reserve(&r->box, len);
	while (!e && r->box.len < len) {
		size_t n = MIN(sizeof(piece), len - r->box.len);
		e = read_all(r, piece, n);
		if (!e)
			buf_add(&r->box, piece, n);
	}
	return e ? e : buf_check(&r->box, "frame of a bundle");
}

enum err
bundle_open(struct bundle_reader *r, bundle_read_fn *read, void *arg)
{
	uint8_t front[MAGIC_BYTES + 4];
	OWNED_BUF struct buf whole;
	*r = (struct bundle_reader){.read = read, .arg = arg};
	buf_init(&r->box, BUNDLE_BOX_MAX_BYTES);
	buf_init(&whole, BUNDLE_PIECE_MAX_BYTES);
	enum err e = read_all(r, front, sizeof(front));
	if (e || memcmp(front, MAGIC, MAGIC_BYTES) != 0)
		return e && e != E_FORMAT ? e : fail(E_FORMAT, "this is no bundle of weir");
	struct cursor c = cursor_of(view_of(front + MAGIC_BYTES, 4));
	size_t len = cursor_u32(&c);
	if (len > BUNDLE_HEAD_MAX_BYTES)
		return fail(E_FORMAT, "the head of the bundle is too long");
	e = read_box(r, len);
	if (!e)
		e = head_read(&r->claim.head, buf_view(&r->box));
	buf_add(&whole, front, sizeof(front));
	buf_add_view(&whole, buf_view(&r->box));
	if (!e)
		sum_front(&r->sum, buf_view(&whole));
	return e;
}

void
bundle_done(struct bundle_reader *r)
{
	buf_done(&r->box);
}

/* The count came with the kind; the signature follows, and nothing else. */
static enum err
read_end(struct bundle_reader *r, uint32_t count)
{
	uint8_t more;
	size_t got = 0;
	enum err e = read_all(r, r->claim.signature, sizeof(r->claim.signature));
	if (!e)
		e = r->read(r->arg, &more, sizeof(more), &got);
	if (!e && got)
		e = fail(E_FORMAT, "something stands behind the end of the bundle");
	if (!e && (count != r->sum.count || count == 0))
		e = fail(E_FORMAT, "the bundle has not as many frames as it says");
	r->claim.sum = r->sum;
	if (!e)
		e = bundle_claim_check(&r->claim);
	r->ended = e == OK;
	return e;
}

static bool
is_expected(const struct bundle_reader *r, uint8_t kind)
{
	if (r->sum.count == 0)
		return kind == BUNDLE_STATE;
	return kind == BUNDLE_MESSAGE || kind == BUNDLE_CHUNK || kind == BUNDLE_WANT ||
	       kind == BUNDLE_TERMS;
}

enum err
bundle_next(struct bundle_reader *r, enum bundle_kind *ret, struct view *ret_box)
{
	uint8_t front[FRONT_BYTES];
	*ret = BUNDLE_END;
	*ret_box = view_of(NULL, 0);
	if (r->ended)
		return OK;
	enum err e = read_all(r, front, sizeof(front));
	struct cursor c = cursor_of(view_of(front, sizeof(front)));
	uint8_t kind = cursor_u8(&c);
	uint32_t number = cursor_u32(&c);
	if (e)
		return e;
	if (kind == BUNDLE_END)
		return read_end(r, number);
	if (!is_expected(r, kind) || number > BUNDLE_BOX_MAX_BYTES ||
		number <= BOX_EXTRA_BYTES || r->sum.count == BUNDLE_FRAMES_MAX_COUNT)
		return fail(E_FORMAT, "a frame of the bundle is not of its form");
	e = read_box(r, number);
	if (e)
		return e;
	bundle_sum_add(&r->sum, (enum bundle_kind)kind, buf_view(&r->box));
	*ret = (enum bundle_kind)kind;
	*ret_box = buf_view(&r->box);
	return OK;
}
