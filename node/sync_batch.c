#include "node/sync_batch.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/wire_sync.h"

/* The fill of a batch and one more entry that is looked at and left. */
#define READER_BYTES ((size_t)1024 * 1024)

struct sync_reader {
	struct buf bytes; /* headers and parts, one behind the other */
	struct sync_entry entries[SYNC_BATCH_MAX_COUNT];
	struct sync_batch batch;
};

struct sync_reader *
sync_reader_new(void)
{
	struct sync_reader *r = xcalloc(1, sizeof(*r));
	OWNED_MEM uint8_t *zeros = xcalloc(READER_BYTES, 1);
	buf_init(&r->bytes, READER_BYTES);
	/* Grown to its maximum once, the buffer never moves: the entries can lend from it. */
	buf_add(&r->bytes, zeros, READER_BYTES);
	buf_reset(&r->bytes);
	return r;
}

void
sync_reader_free(struct sync_reader *r)
{
	if (!r)
		return;
	buf_done(&r->bytes);
	mem_drop(&r);
}

static struct view
since(const struct sync_reader *r, size_t start)
{
	return view_of(r->bytes.at + start, r->bytes.len - start);
}

static enum err
read_entry(struct sync_reader *r, struct vault *v, const struct vault_at *at,
	struct sync_entry *ret)
{
	struct wire_header header;
	size_t start = r->bytes.len;
	*ret = (struct sync_entry){0};
	enum err e = vault_header(v, at, &r->bytes);
	if (e)
		return e;
	ret->header = since(r, start);
	e = wire_header_unpack(&header, ret->header);
	for (size_t i = 0; !e && i < header.part_count; i++) {
		start = r->bytes.len;
		e = vault_part(v, at, header.parts[i].kind, &r->bytes);
		if (!e)
			ret->parts[ret->part_count++] = (struct sync_part){
				(uint8_t)header.parts[i].kind, since(r, start)};
		else if (e == E_NOTFOUND)
			e = OK;
	}
	return e;
}

/* Does the batch with one entry more still fit? The first one may go up to the limit. */
static bool
fits(const struct sync_batch *b, const struct sync_entry *more,
	const struct sync_reader_ask *ask)
{
	size_t most = b->count ? ask->max_bytes : ask->limit_bytes;
	return sync_batch_bytes(b) + sync_entry_bytes(more) <= most;
}

static void
sign(struct sync_batch *b, const struct sync_reader_ask *ask)
{
	struct entry_head head = {.study = ask->study,
		.incarnation = ask->incarnation,
		.lane = ask->lane,
		.seq = b->first + b->count - 1};
	entry_hash(b->head, b->entries[b->count - 1].header);
	memcpy(head.writer, ask->writer, sizeof(head.writer));
	memcpy(head.hash, b->head, sizeof(head.hash));
	entry_head_sign(b->signature, &head, ask->key);
}

enum err
sync_reader_read(struct sync_reader *r, struct vault *v, const struct sync_reader_ask *ask,
	const struct sync_batch **ret)
{
	struct sync_batch *b = &r->batch;
	struct lane_chain chain;
	uint64_t last =
		vault_chain(v, ask->incarnation, &chain) ? chain.last[ask->lane - 1].seq : 0;
	size_t most = MIN(ask->max_count, (size_t)SYNC_BATCH_MAX_COUNT);
	enum err e = OK;
	*ret = NULL;
	*b = (struct sync_batch){
		.lane = (uint8_t)ask->lane, .first = ask->first, .entries = r->entries};
	buf_reset(&r->bytes);
	for (uint64_t seq = ask->first; !e && seq <= last && b->count < most; seq++) {
		const struct vault_at at = {ask->incarnation, ask->lane, seq};
		e = read_entry(r, v, &at, &r->entries[b->count]);
		/* What lies before a damaged entry is sound. */
		if ((e == E_FORMAT || e == E_NOTFOUND) && b->count) {
			e = OK;
			break;
		}
		if (!e && !fits(b, &r->entries[b->count], ask))
			break;
		b->count += e ? 0 : 1;
	}
	if (e)
		return e;
	if (b->count)
		sign(b, ask);
	*ret = b;
	return OK;
}
