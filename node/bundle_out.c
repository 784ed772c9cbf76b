#include "node/bundle_out.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/sync/lane_proof.h"

#include "node/bundle_in.h"
#include "node/sync_batch.h"
#include "node/sync_chunks.h"
#include "node/sync_files.h"

#define NUMBER_ROW "bundle-number"
#define MS_PER_S   1000

/* Control entries first; acts are few, records are the bulk. */
static const enum lane order[LANE_COUNT] = {LANE_C, LANE_A, LANE_R};

struct bundle_out {
	const struct sync_link_site *site;
	const struct lane_node *node;
	struct bundle_out_ask ask;
	bool is_begun;
	size_t at; /* in the order */
	uint64_t number, next;
	struct bundle_node_state state;
	struct bundle_sum sum;
	struct sync_reader *reader;
	struct pieces {
		struct lane_file file; /* count 0: the next one is to be found */
		struct buf at;         /* sync_file_next() */
		uint64_t files, pieces, bytes;
		bool are_over, are_left; /* no more go into this one; some wait for the next */
	} pieces;
};

struct bundle_out *
bundle_out_new(const struct sync_link_site *site, const struct lane_node *node,
	const struct bundle_out_ask *ask)
{
	struct bundle_out *b = xcalloc(1, sizeof(*b));
	b->site = site;
	b->node = node;
	b->ask = *ask;
	b->reader = sync_reader_new();
	buf_init(&b->pieces.at, SYNC_FILE_AT_BYTES);
	return b;
}

void
bundle_out_free(struct bundle_out *b)
{
	if (!b)
		return;
	sync_reader_free(b->reader);
	buf_done(&b->pieces.at);
	mem_drop(&b);
}

/* beginning */

static enum err
next_number(struct bundle_out *b)
{
	OWNED_BUF struct buf row;
	struct view before;
	struct vault *v = b->site->vault;
	buf_init(&row, sizeof(uint64_t));
	enum err e = vault_get(v, VAULT_META, view_text(NUMBER_ROW), &before);
	if (e && e != E_NOTFOUND)
		return e;
	struct cursor c = cursor_of(e ? view_of(NULL, 0) : before);
	b->number = e ? 1 : cursor_u64(&c) + 1;
	e = cursor_end(&c, "number of a bundle");
	buf_u64(&row, b->number);
	return e ? e : vault_put(v, VAULT_META, view_text(NUMBER_ROW), buf_view(&row));
}

/* The hub may have been restored since its last receipt; a bundle of it then says so. */
static enum err
first_of(const struct bundle_out *b, enum lane lane, const struct bundle_reply *reply,
	uint64_t *ret)
{
	struct vault_mark m;
	enum err e = vault_mark_get(b->site->vault, lane, &m);
	if (e)
		return e;
	uint64_t there = m.at_hub;
	if (reply->epoch && reply->wall_ms >= m.receipt.wall_ms)
		there = MIN(there, reply->durable[lane - 1]);
	*ret = b->ask.all ? 1 : there + 1;
	return OK;
}

static enum err
read_state(struct bundle_out *b)
{
	struct bundle_reply reply;
	struct vault *v = b->site->vault;
	b->state.incarnation = vault_incarnation(v);
	b->state.config = sync_config_number(b->site->config);
	b->state.log_size = b->node->log.kept.seq;
	enum err e = bundle_reply_get(v, &reply);
	for (enum lane lane = LANE_C; !e && lane <= LANE_A; lane++) {
		b->state.last[lane - 1] = vault_committed(v, lane);
		e = first_of(b, lane, &reply, &b->state.first[lane - 1]);
	}
	return e;
}

static enum err
add_frame(struct bundle_out *b, enum bundle_kind kind, struct view plain, struct buf *out)
{
	OWNED_BUF struct buf box;
	buf_init(&box, BUNDLE_BOX_MAX_BYTES);
	box_seal(&box, plain, sync_config_ledger(b->site->config));
	bundle_frame(out, &b->sum, kind, buf_view(&box));
	return buf_check(&box, "frame of a bundle");
}

/* A log that was edited is not cosigned any more. */
static enum err
add_witness(struct bundle_out *b, struct buf *out)
{
	OWNED_BUF struct buf plain;
	const struct lane_log *l = &b->node->log;
	struct sync_msg m = {.kind = SYNC_WITNESS};
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	if (!l->key.name[0] || l->kept.seq == 0 || l->alarmed)
		return OK;
	m.witness.checkpoint = l->kept;
	m.witness.time_s = (uint64_t)(clock_wall_ms() / MS_PER_S);
	enum err e = lane_witness_sign(&m.witness, l->key.name, b->site->keys->witness);
	if (!e)
		e = sync_pack(&plain, &m);
	return e ? e : add_frame(b, BUNDLE_MESSAGE, buf_view(&plain), out);
}

static enum err
begin(struct bundle_out *b, struct buf *out)
{
	OWNED_BUF struct buf plain;
	struct bundle_head head = {.way = BUNDLE_TO_HUB, .wall_ms = clock_wall_ms()};
	const struct sync_link_site *s = b->site;
	buf_init(&plain, BUNDLE_STATE_MAX_BYTES);
	enum err e = next_number(b);
	if (!e)
		e = read_state(b);
	if (e)
		return e;
	memcpy(head.study, s->card->study, strnlen(s->card->study, sizeof(head.study) - 1));
	memcpy(head.from, s->keys->writer_public, sizeof(head.from));
	memcpy(head.to, sync_config_ledger(s->config), sizeof(head.to));
	head.number = b->number;
	bundle_begin(out, &b->sum, &head);
	bundle_node_state_write(&plain, &b->state);
	b->is_begun = true;
	b->next = b->state.first[order[0] - 1];
	e = add_frame(b, BUNDLE_STATE, buf_view(&plain), out);
	return e ? e : add_witness(b, out);
}

/* batches */

static enum err
read_batch(struct bundle_out *b, enum lane lane, struct sync_msg *ret)
{
	const struct sync_link_site *s = b->site;
	const struct sync_batch *batch = NULL;
	uint64_t left = b->state.last[lane - 1].seq + 1 - b->next;
	struct sync_reader_ask ask = {.incarnation = b->state.incarnation,
		.lane = lane,
		.first = b->next,
		.max_bytes = SYNC_BATCH_FILL_BYTES,
		.limit_bytes = SYNC_FRAME_MAX_BYTES,
		.max_count = (size_t)MIN(left, (uint64_t)SYNC_BATCH_MAX_COUNT),
		.study = s->card->study,
		.writer = s->keys->writer_public,
		.key = s->keys->writer};
	enum err e = sync_reader_read(b->reader, s->vault, &ask, &batch);
	if (!e && batch->count == 0)
		e = fail(E_FORMAT, "an entry is larger than a frame may be");
	if (e)
		return e;
	*ret = (struct sync_msg){.kind = SYNC_BATCH, .batch = *batch};
	ret->batch.incarnation = b->state.incarnation;
	ret->batch.control_floor = lane == LANE_C ? 0 : b->state.last[LANE_C - 1].seq;
	return OK;
}

static enum err
add_batch(struct bundle_out *b, struct buf *out)
{
	OWNED_BUF struct buf plain;
	struct sync_msg m;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	if (vault_incarnation(b->site->vault) != b->state.incarnation)
		return fail(E_CONFLICT, "the node was set up anew while the bundle was "
					"written: write it again");
	enum err e = read_batch(b, order[b->at], &m);
	if (!e)
		e = sync_pack(&plain, &m);
	if (e)
		return e;
	b->next += m.batch.count;
	return add_frame(b, BUNDLE_MESSAGE, buf_view(&plain), out);
}

/* Is there a lane that has more? */
static bool
has_more(struct bundle_out *b)
{
	while (b->at < LANE_COUNT && b->next > b->state.last[order[b->at] - 1].seq)
		if (++b->at < LANE_COUNT)
			b->next = b->state.first[order[b->at] - 1];
	return b->at < LANE_COUNT;
}

/* files */

static enum err
find_file(struct bundle_out *b)
{
	struct pieces *p = &b->pieces;
	if (p->file.count && p->file.next < p->file.count)
		return OK;
	enum err e = sync_file_next(b->site->vault, &p->at, &p->file);
	p->are_over = p->file.count == 0;
	p->files += !e && !p->are_over;
	return e;
}

/* One that is damaged here is left out with the rest of its file, as a session leaves it. */
static enum err
add_chunk(struct bundle_out *b, struct buf *out)
{
	OWNED_BUF struct buf plain;
	struct pieces *p = &b->pieces;
	struct merkle_proof room;
	struct lane_event ev = {.kind = LANE_CHUNK_FETCHED};
	struct sync_msg m = {.kind = SYNC_CHUNK};
	const struct lane_action a = {.kind = LANE_FETCH_CHUNK, .file = p->file};
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	enum err e = sync_chunks_read(b->site->vault, &a, &room, &ev);
	if (e || !ev.found) {
		p->file.count = 0;
		return e;
	}
	memcpy(m.chunk.root, p->file.root, sizeof(m.chunk.root));
	m.chunk.index = p->file.next++;
	m.chunk.bytes = ev.bytes;
	m.chunk.proof = ev.proof;
	p->pieces++;
	p->bytes += ev.bytes.len;
	e = sync_pack(&plain, &m);
	return e ? e : add_frame(b, BUNDLE_CHUNK, buf_view(&plain), out);
}

static enum err
add_piece(struct bundle_out *b, struct buf *out)
{
	struct pieces *p = &b->pieces;
	enum err e = find_file(b);
	if (e || p->are_over)
		return e;
	if (p->bytes + SYNC_CHUNK_MAX_BYTES > b->ask.file_bytes ||
		p->files > BUNDLE_FILES_MAX_COUNT) {
		p->are_over = true;
		p->are_left = true;
		return OK;
	}
	return add_chunk(b, out);
}

enum err
bundle_out_piece(struct bundle_out *b, struct buf *out, bool *ret_more)
{
	*ret_more = true;
	if (!b->is_begun)
		return begin(b, out);
	if (has_more(b))
		return add_batch(b, out);
	if (!b->pieces.are_over)
		return add_piece(b, out);
	*ret_more = false;
	bundle_end(out, &b->sum, b->site->keys->writer);
	return OK;
}

void
bundle_out_say(const struct bundle_out *b, struct json_out *w)
{
	static const char *const about[LANE_COUNT] = {"control", "records", "acts"};
	json_put_text(w, "study", b->site->card->study);
	json_put_text(w, "site", b->site->card->site);
	json_put_int(w, "number", (int64_t)b->number);
	json_put_int(w, "frames", (int64_t)b->sum.count);
	json_put_array(w, "lanes");
	for (size_t i = 0; i < LANE_COUNT; i++) {
		uint64_t count = b->state.last[i].seq + 1 - b->state.first[i];
		json_put_object(w, NULL);
		json_put_text(w, "about", about[i]);
		json_put_int(w, "entries",
			b->state.first[i] > b->state.last[i].seq ? 0 : (int64_t)count);
		json_put_int(w, "first", (int64_t)b->state.first[i]);
		json_put_int(w, "last", (int64_t)b->state.last[i].seq);
		json_put_close(w);
	}
	json_put_close(w);
	json_put_int(w, "pieces", (int64_t)b->pieces.pieces);
	json_put_int(w, "file_bytes", (int64_t)b->pieces.bytes);
	json_put_bool(w, "files_left", b->pieces.are_left);
}
