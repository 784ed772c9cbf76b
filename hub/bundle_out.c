#include "hub/bundle_out_inside.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/sync/lane_carry.h"

#include "hub/attachments.h"
#include "hub/audit.h"
#include "hub/ingest_inside.h"
#include "hub/ipc.h"
#include "hub/witness.h"

#define NUMBER_PREFIX   "bundles-"
#define FILES_PER_PIECE 64

struct bundle_out *
bundle_out_new(struct hub *h, struct ingest *g, const struct bundle_out_about *about)
{
	struct bundle_out *b = xcalloc(1, sizeof(*b));
	b->hub = h;
	b->ingest = g;
	b->about = *about;
	buf_init(&b->document, IPC_DOCUMENT_MAX_BYTES);
	buf_init(&b->terms, TERMS_SIGNED_MAX_BYTES);
	buf_init(&b->whole, about->whole.len);
	buf_add_view(&b->whole, about->whole);
	b->about.whole = view_of(NULL, 0);
	return b;
}

void
bundle_out_free(struct bundle_out *b)
{
	if (!b)
		return;
	buf_done(&b->document);
	buf_done(&b->terms);
	buf_done(&b->whole);
	wire_manifest_free(b->manifest);
	mem_drop(&b);
}

static enum err
node_of(struct bundle_out *b, struct node **ret)
{
	struct vault_txn *t;
	enum err e = hub_txn_reserve(b->hub, &t);
	if (!e)
		e = ingest_node_of_key(
			b->ingest, b->about.writer.transport, clock_mono_ms(), ret);
	return e == E_NOTFOUND
		       ? fail(E_DENIED, "this node was revoked: nothing is written to it")
		       : e;
}

/* receipts */

enum err
bundle_out_published(struct bundle_out *b)
{
	struct node *n;
	const struct lane_event checkpoint = ingest_checkpoint(b->ingest);
	enum err e = b->has_acks ? OK : node_of(b, &n);
	if (e || b->has_acks)
		return e;
	for (uint8_t i = 0; i < LANE_COUNT; i++) {
		struct lane_action a;
		lane_hub_carry_ack(
			&n->lane, (uint8_t)(i + 1), &checkpoint, b->about.answers, &a);
		if (a.sign)
			lane_sign(&a, b->hub->receipt);
		b->acks[i] = a.msg.ack;
	}
	b->has_acks = true;
	return OK;
}

/* frames */

static enum err
add_frame(
	struct bundle_out *b, enum bundle_kind kind, const struct sync_msg *m, struct buf *out)
{
	OWNED_BUF struct buf plain, box;
	buf_init(&plain, SYNC_FRAME_MAX_BYTES);
	buf_init(&box, BUNDLE_BOX_MAX_BYTES);
	enum err e = sync_pack(&plain, m);
	if (e)
		return e;
	box_seal(&box, buf_view(&plain), b->about.writer.box);
	bundle_frame(out, &b->sum, kind, buf_view(&box));
	return buf_check(&box, "frame of a bundle");
}

enum err
bundle_out_message(struct bundle_out *b, const struct sync_msg *m, struct buf *out)
{
	return add_frame(b, BUNDLE_MESSAGE, m, out);
}

static void
add_state(struct bundle_out *b, const struct node *n, struct buf *out)
{
	OWNED_BUF struct buf plain, box;
	struct bundle_hub_state s = {.verdict = n->lane.standing, .config = b->offer.number};
	buf_init(&plain, BUNDLE_STATE_MAX_BYTES);
	buf_init(&box, BUNDLE_BOX_MAX_BYTES);
	memcpy(s.answers, b->about.answers, sizeof(s.answers));
	bundle_hub_state_write(&plain, &s);
	box_seal(&box, buf_view(&plain), b->about.writer.box);
	bundle_frame(out, &b->sum, BUNDLE_STATE, buf_view(&box));
}

/* Bundles to one node are numbered from 1. */
static enum err
next_number(struct bundle_out *b)
{
	OWNED_BUF struct buf key, row;
	buf_init(&key, sizeof(NUMBER_PREFIX) + SIGN_PUBLIC_BYTES);
	buf_init(&row, sizeof(uint64_t));
	buf_add_view(&key, view_text(NUMBER_PREFIX));
	buf_add(&key, b->about.writer.public, SIGN_PUBLIC_BYTES);
	enum err e = vault_get(b->hub->txn, VAULT_META, buf_view(&key), &row);
	if (e && e != E_NOTFOUND)
		return e;
	struct cursor c = cursor_of(buf_view(&row));
	b->number = e ? 1 : cursor_u64(&c) + 1;
	if (!e)
		e = cursor_end(&c, "number of a bundle");
	if (e && e != E_NOTFOUND)
		return e;
	buf_reset(&row);
	buf_u64(&row, b->number);
	return vault_put(b->hub->txn, VAULT_META, buf_view(&key), buf_view(&row));
}

static enum err
begin(struct bundle_out *b, struct buf *out)
{
	struct node *n;
	struct bundle_head head = {.way = BUNDLE_TO_NODE, .wall_ms = clock_wall_ms()};
	enum err e = node_of(b, &n);
	if (!e)
		e = next_number(b);
	if (!e)
		e = bundle_out_load_manifest(b);
	if (e)
		return e;
	memcpy(head.study, b->hub->study, MIN(sizeof(head.study), sizeof(b->hub->study)));
	sign_public(head.from, b->hub->receipt);
	memcpy(head.to, b->about.writer.public, sizeof(head.to));
	head.number = b->number;
	head.epoch = n->lane.epoch;
	bundle_begin(out, &b->sum, &head);
	add_state(b, n, out);
	b->step = STEP_ACKS;
	return OK;
}

/* What cannot be proved is left out, as a session leaves it out. */
static enum err
add_log(struct bundle_out *b, struct buf *out)
{
	OWNED_BUF struct buf note;
	struct merkle_proof proof = {.count = 0};
	struct sync_msg m = {.kind = SYNC_LOG};
	buf_init(&note, SYNC_NOTE_MAX_BYTES);
	if (witness_prove(b->hub->audit, b->about.log_size, &note, &proof)) {
		log_warn("bundles", "%s", err_text());
		return OK;
	}
	m.log.size = b->about.log_size;
	m.log.note = buf_view(&note);
	m.log.proof = view_of(proof.hash, proof.count * HASH_BYTES);
	return bundle_out_message(b, &m, out);
}

static enum err
add_acks(struct bundle_out *b, struct buf *out)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < LANE_COUNT; i++) {
		struct sync_msg m = {.kind = SYNC_ACK, .ack = b->acks[i]};
		m.ack.config = b->offer;
		e = bundle_out_message(b, &m, out);
	}
	if (!e)
		e = add_log(b, out);
	b->step = STEP_TERMS;
	return e;
}

static enum err
add_want(struct bundle_out *b, const struct lane_file *file, struct buf *out)
{
	struct sync_msg m = {.kind = SYNC_WANT};
	memcpy(m.want.root, file->root, HASH_BYTES);
	m.want.next = file->next;
	m.want.count = file->count;
	return add_frame(b, BUNDLE_WANT, &m, out);
}

/* The next file to speak of: one that came whole by the bundle that this answers, then one
 * that is missing. count 0: there is none. */
static enum err
next_file(struct bundle_out *b, struct vault_txn *t, struct lane_file *ret)
{
	*ret = (struct lane_file){.count = 0};
	while (b->whole_said < b->whole.len) {
		const uint8_t *root = b->whole.at + b->whole_said;
		b->whole_said += HASH_BYTES;
		enum err e = attachments_of(t, root, ret);
		if (e != E_NOTFOUND)
			return e;
	}
	if (b->file_count == BUNDLE_FILES_MAX_COUNT)
		return OK;
	enum err e = attachments_next(t, b->about.writer.public, b->file_cursor, ret);
	b->file_cursor = ret->cursor;
	b->file_count += !e && ret->count;
	return e;
}

static enum err
add_files(struct bundle_out *b, struct buf *out)
{
	struct vault_txn *t;
	struct lane_file file = {.count = 1};
	enum err e = hub_txn_reserve(b->hub, &t);
	for (size_t i = 0; !e && file.count && i < FILES_PER_PIECE; i++) {
		e = next_file(b, t, &file);
		if (!e && file.count)
			e = add_want(b, &file, out);
	}
	if (!file.count)
		b->step = b->manifest ? STEP_MANIFEST : STEP_END;
	return e;
}

static enum err
add_step(struct bundle_out *b, struct buf *out)
{
	switch (b->step) {
	case STEP_BEGIN:
		return begin(b, out);
	case STEP_ACKS:
		return add_acks(b, out);
	case STEP_TERMS:
		return bundle_out_terms(b, out);
	case STEP_FILES:
		return add_files(b, out);
	case STEP_MANIFEST:
	case STEP_DOCUMENTS:
		return bundle_out_study(b, out);
	case STEP_END:
		bundle_end(out, &b->sum, b->hub->receipt);
		return OK;
	}
	return OK;
}

enum err
bundle_out_piece(struct bundle_out *b, struct buf *out, bool *ret_more, bool *ret_spoils)
{
	bool is_last = b->step == STEP_END;
	enum err e = OK;
	*ret_more = true;
	*ret_spoils = false;
	if (!b->has_acks && audit_is_behind(b->hub->audit))
		return fail(E_BUSY, "the log is being published");
	if (!b->has_acks)
		e = bundle_out_published(b);
	if (!e)
		e = add_step(b, out);
	*ret_more = !is_last;
	*ret_spoils = e == E_IO || e == E_FULL;
	return e;
}

void
bundle_out_say(const struct bundle_out *b, struct json_out *w)
{
	static const char *const about[LANE_COUNT] = {"control", "records", "acts"};
	json_put_text(w, "site", b->about.writer.site);
	json_put_hex(w, "node", view_of(b->about.writer.public, 4));
	json_put_int(w, "number", (int64_t)b->number);
	json_put_array(w, "receipts");
	for (size_t i = 0; i < LANE_COUNT; i++) {
		json_put_object(w, NULL);
		json_put_text(w, "about", about[i]);
		json_put_int(w, "up_to", (int64_t)b->acks[i].durable[i].seq);
		json_put_close(w);
	}
	json_put_close(w);
	json_put_int(w, "study", b->manifest ? (int64_t)b->offer.number : 0);
	json_put_int(w, "files_whole", (int64_t)(b->whole.len / HASH_BYTES));
	json_put_int(w, "files_wanted", (int64_t)b->file_count);
	json_put_int(w, "documents", (int64_t)b->document_count);
}
