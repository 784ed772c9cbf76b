#include "hub/bundle_out.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/wire_study.h"
#include "common/study/termspieces.h"
#include "common/sync/lane_carry.h"

#include "hub/attachments.h"
#include "hub/audit.h"
#include "hub/ingest_inside.h"
#include "hub/ipc.h"
#include "hub/study.h"
#include "hub/witness.h"

#define NUMBER_PREFIX   "bundles-"
#define FILES_PER_PIECE 64

enum step {
	STEP_BEGIN,
	STEP_ACKS,
	STEP_TERMS,
	STEP_FILES,
	STEP_MANIFEST,
	STEP_DOCUMENTS,
	STEP_END
};

struct bundle_out {
	struct hub *hub;
	struct ingest *ingest;
	struct bundle_out_about about;
	enum step step;
	struct bundle_sum sum;
	uint64_t number;
	bool has_acks;
	struct sync_ack acks[LANE_COUNT];
	struct buf terms; /* signed, as they were when the first piece of them was written */
	uint64_t terms_number;
	size_t terms_said; /* pieces */
	struct buf whole;
	size_t whole_said;                /* bytes of it */
	uint64_t file_cursor, file_count; /* lacking ones that were said */
	struct sync_offer offer;
	struct wire_manifest *manifest; /* of the offer; NULL when none goes along */
	size_t document_count;          /* that went along */
	struct buf document;
	uint8_t document_hash[HASH_BYTES];
	size_t offset;
};

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

static enum err
add_message(struct bundle_out *b, const struct sync_msg *m, struct buf *out)
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
load_document(struct bundle_out *b, const uint8_t hash[static HASH_BYTES])
{
	struct vault_txn *t;
	buf_reset(&b->document);
	b->offset = 0;
	memcpy(b->document_hash, hash, HASH_BYTES);
	enum err e = hub_txn_reserve(b->hub, &t);
	return e ? e : vault_get(t, VAULT_DOCUMENTS, view_of(hash, HASH_BYTES), &b->document);
}

static enum err
load_manifest(struct bundle_out *b)
{
	enum err e = study_offer(b->hub, &b->offer);
	if (e || b->offer.number <= b->about.config)
		return e;
	e = study_in_force(b->hub, &b->manifest);
	return e ? e : load_document(b, b->offer.hash);
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
		e = load_manifest(b);
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
	return add_message(b, &m, out);
}

static enum err
copy_terms(struct bundle_out *b)
{
	struct vault_txn *t;
	enum err e = hub_txn_reserve(b->hub, &t);
	if (!e)
		e = siteterms_refresh(b->ingest->terms, b->hub, t);
	if (e)
		return e;
	buf_add_view(&b->terms,
		siteterms_of(b->ingest->terms, b->about.writer.site, &b->terms_number));
	return buf_check(&b->terms, "terms of a bundle");
}

/* A site that never connects has to hear what it may do, too. */
static enum err
add_terms(struct bundle_out *b, struct buf *out)
{
	OWNED_BUF struct buf piece, box;
	enum err e = b->terms_said == 0 ? copy_terms(b) : OK;
	const struct view terms = buf_view(&b->terms);
	buf_init(&piece, TERMS_FRAME_BYTES);
	buf_init(&box, BUNDLE_BOX_MAX_BYTES);
	if (!e && b->terms_said < termspieces_count(terms)) {
		e = termspieces_write(&piece, terms, b->terms_number, b->terms_said++);
		box_seal(&box, buf_view(&piece), b->about.writer.box);
		bundle_frame(out, &b->sum, BUNDLE_TERMS, buf_view(&box));
	}
	if (b->terms_said == termspieces_count(terms))
		b->step = STEP_FILES;
	return e ? e : buf_check(&box, "terms of a bundle");
}

static enum err
add_acks(struct bundle_out *b, struct buf *out)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < LANE_COUNT; i++) {
		struct sync_msg m = {.kind = SYNC_ACK, .ack = b->acks[i]};
		m.ack.config = b->offer;
		e = add_message(b, &m, out);
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

/* One piece of the document at hand. */
static enum err
add_part(struct bundle_out *b, struct buf *out)
{
	struct sync_msg m = {.kind = SYNC_CFG_PART};
	size_t len = MIN(SYNC_CFG_PART_BYTES, b->document.len - b->offset);
	memcpy(m.cfg_part.hash, b->document_hash, HASH_BYTES);
	m.cfg_part.offset_bytes = b->offset;
	m.cfg_part.total_bytes = b->document.len;
	m.cfg_part.bytes = view_of(b->document.at + b->offset, len);
	b->offset += len;
	return add_message(b, &m, out);
}

static enum err
add_config(struct bundle_out *b, struct buf *out)
{
	enum err e = OK;
	if (b->offset == b->document.len && b->step == STEP_DOCUMENTS) {
		if (b->document_count == b->manifest->document_count) {
			b->step = STEP_END;
			return OK;
		}
		e = load_document(b, b->manifest->documents[b->document_count++].hash);
	}
	if (!e && b->offset < b->document.len)
		e = add_part(b, out);
	if (!e && b->offset == b->document.len)
		b->step = STEP_DOCUMENTS;
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
		return add_terms(b, out);
	case STEP_FILES:
		return add_files(b, out);
	case STEP_MANIFEST:
	case STEP_DOCUMENTS:
		return add_config(b, out);
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
