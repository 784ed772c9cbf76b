#include "hub/erased.h"
#include "hub/ingest_inside.h"

#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire_rules.h"
#include "common/trust/entry.h"
#include "common/trust/leaf.h"

#include "hub/acts.h"
#include "hub/attachments.h"
#include "hub/audit.h"
#include "hub/erase.h"
#include "hub/forward.h"

#define PART_MAX_BYTES ((size_t)2 * 1024 * 1024)

static struct place
place_of(const struct node *n, uint32_t incarnation, uint8_t lane, uint64_t seq)
{
	struct place p = {.incarnation = incarnation, .lane = lane, .seq = seq};
	memcpy(p.writer, n->writer.public, sizeof(p.writer));
	return p;
}

/* Adds the row's bytes; *ret_found: it is there and can be read. */
static enum err
read_row(struct ingest *g, enum vault_table table, struct view key, struct buf *out,
	bool *ret_found)
{
	enum err e = vault_get(g->hub->txn, table, key, out);
	*ret_found = !e;
	if (e == E_AUTH || e == E_FORMAT)
		log_error("ingest", "%s", err_text());
	return e == E_NOTFOUND || e == E_AUTH || e == E_FORMAT || e == E_FULL ? OK : e;
}

static enum err
read_header(struct ingest *g, const struct place *p, struct buf *out, bool *ret_found)
{
	uint8_t key[PLACE_KEY_BYTES];
	struct wire_header h;
	size_t from = out->len;
	place_key(key, p);
	enum err e = read_row(g, VAULT_ENTRIES, view_of(key, sizeof(key)), out, ret_found);
	if (!e && *ret_found &&
		wire_header_unpack(&h, view_of(out->at + from, out->len - from)))
		*ret_found = false;
	return e;
}

static enum err
find_mark(struct ingest *g, const struct place *p, struct lane_event *ev)
{
	OWNED_BUF struct buf header;
	buf_init(&header, WIRE_HEADER_MAX_BYTES);
	enum err e = read_header(g, p, &header, &ev->found);
	ev->mark.seq = p->seq;
	if (!e && ev->found)
		entry_hash(ev->mark.head, buf_view(&header));
	return e;
}

enum err
ingest_find_head(
	struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps)
{
	struct place p = place_of(n, n->standing.incarnation, a->lane, a->mark.seq);
	struct lane_event ev = ingest_answer_to(a, LANE_HEAD_FOUND);
	enum err e = find_mark(g, &p, &ev);
	if (!e)
		ingest_steps_add(steps, &ev);
	return e;
}

/* What was committed of this lane, and the signature if there is one for that end. */
static enum err
find_end(struct ingest *g, struct node *n, const struct place *p, struct sync_mark *ret,
	uint8_t ret_signature[static SIGNATURE_BYTES])
{
	enum err e = standing_signed_get(g->hub->txn, p, ret, ret_signature);
	const struct sync_mark *kept = &n->lane.lanes[p->lane - 1].durable;
	if (e || p->incarnation != n->lane.incarnation || kept->seq == ret->seq)
		return e;
	/* This turn went on; what it added may not be kept. */
	*ret = *kept;
	memset(ret_signature, 0, SIGNATURE_BYTES);
	return OK;
}

enum err
ingest_look(struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps)
{
	struct place p = place_of(n, a->incarnation, a->lane, a->mark.seq);
	struct lane_event ev = ingest_answer_to(a, LANE_LOOKED);
	struct standing_base base;
	uint8_t signature[SIGNATURE_BYTES];
	enum err e = find_end(g, n, &p, &ev.end, signature);
	if (!e)
		e = standing_base_get(g->hub->txn, n->writer.public, a->incarnation, &base);
	if (!e)
		e = find_mark(g, &p, &ev);
	if (e)
		return e;
	ev.found = ev.found && p.seq <= ev.end.seq;
	ev.chain.incarnation = a->incarnation;
	ev.chain.base_incarnation = base.incarnation;
	ingest_steps_add(steps, &ev);
	return OK;
}

/* Where bytes begin that were added to a buffer whose room does not move. */
static struct view
added_since(const struct buf *b, size_t from)
{
	return view_of(b->at + from, b->len - from);
}

static enum err
read_parts(struct ingest *g, const struct place *p, const struct wire_header *header,
	struct sync_entry *ret, bool *ret_found)
{
	struct buf *bytes = &g->fetched_bytes;
	uint8_t key[PLACE_PART_KEY_BYTES];
	bool is_erased = false;
	enum err e = OK;
	for (size_t i = 0; !e && *ret_found && i < header->part_count; i++) {
		size_t from = bytes->len;
		struct sync_part *part = &ret->parts[ret->part_count++];
		place_part_key(key, p, (uint8_t)header->parts[i].kind);
		e = read_row(g, VAULT_PARTS, view_of(key, sizeof(key)), bytes, ret_found);
		if (!e && !*ret_found)
			e = erased_has(g->hub->txn, p, &is_erased);
		if (!e && is_erased) {
			*ret_found = true;
			ret->part_count--;
			continue;
		}
		part->kind = (uint8_t)header->parts[i].kind;
		part->bytes = added_since(bytes, from);
	}
	return e;
}

/* One entry with its parts behind the others; not found also when it does not fit. */
static enum err
read_entry(struct ingest *g, const struct place *p, struct sync_entry *ret, bool *ret_found)
{
	struct buf *bytes = &g->fetched_bytes;
	struct wire_header header;
	size_t from = bytes->len;
	*ret = (struct sync_entry){.part_count = 0};
	enum err e = read_header(g, p, bytes, ret_found);
	if (e || !*ret_found)
		return e;
	ret->header = added_since(bytes, from);
	if (wire_header_unpack(&header, ret->header)) {
		*ret_found = false;
		return OK;
	}
	e = read_parts(g, p, &header, ret, ret_found);
	*ret_found = *ret_found && !bytes->broken;
	return e;
}

/* A dense run of sound entries from the place on. */
static enum err
read_run(struct ingest *g, struct place p, uint64_t last, const struct lane_action *a)
{
	size_t bytes = sync_batch_bytes(&(const struct sync_batch){.count = 0});
	bool found = true;
	enum err e = OK;
	for (; !e && p.seq <= last && g->batch.count < a->max_count; p.seq++) {
		struct sync_entry *one = &g->fetched[g->batch.count];
		e = read_entry(g, &p, one, &found);
		if (e || !found)
			break;
		bytes += sync_entry_bytes(one);
		if (bytes > (g->batch.count ? a->max_bytes : a->limit_bytes))
			break;
		entry_hash(g->batch.head, one->header);
		g->batch.count++;
	}
	return e;
}

enum err
ingest_fetch(struct ingest *g, struct node *n, const struct lane_action *a, struct steps *steps)
{
	struct place p = place_of(n, a->incarnation, a->lane, a->mark.seq);
	struct lane_event ev = ingest_answer_to(a, LANE_FETCHED);
	uint8_t signature[SIGNATURE_BYTES];
	struct sync_mark end;
	if (!g->fetched)
		g->fetched = xcalloc(SYNC_BATCH_MAX_COUNT, sizeof(*g->fetched));
	buf_reset(&g->fetched_bytes);
	buf_reserve(&g->fetched_bytes, INGEST_FETCH_MAX_BYTES);
	g->batch = (struct sync_batch){.lane = a->lane,
		.first = a->mark.seq,
		.incarnation = a->incarnation,
		.entries = g->fetched};
	enum err e = find_end(g, n, &p, &end, signature);
	if (!e)
		e = read_run(g, p, end.seq, a);
	if (e)
		return e;
	if (g->batch.count && g->batch.first + g->batch.count - 1 == end.seq)
		memcpy(g->batch.signature, signature, sizeof(g->batch.signature));
	ev.batch = &g->batch;
	ingest_steps_add(steps, &ev);
	return OK;
}

/* repair */

/* Puts the bytes where the row lacks them; counts what was put. */
static enum err
mend(struct ingest *g, enum vault_table table, struct view key, struct view bytes,
	size_t *count)
{
	OWNED_BUF struct buf row;
	bool found;
	buf_init(&row, PART_MAX_BYTES);
	enum err e = read_row(g, table, key, &row, &found);
	if (e || (found && view_same(buf_view(&row), bytes)))
		return e;
	(*count)++;
	return vault_put(g->hub->txn, table, key, bytes);
}

/* Is it of a person who was erased while its rules part could not be read here? Then nothing of
 * it comes back. */
static bool
is_of_gone(const struct hub *h, const struct sync_entry *from)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	for (size_t i = 0; !r && i < from->part_count; i++)
		if (from->parts[i].kind == PART_RULES &&
			wire_rules_unpack(&r, from->parts[i].bytes))
			return false;
	return r && erase_is_gone(h, r->participant);
}

static enum err
mend_entry(
	struct ingest *g, const struct place *p, const struct sync_entry *from, size_t *count)
{
	uint8_t key[PLACE_KEY_BYTES], part_key[PLACE_PART_KEY_BYTES];
	bool is_erased = false;
	place_key(key, p);
	enum err e = mend(g, VAULT_ENTRIES, view_of(key, sizeof(key)), from->header, count);
	if (!e)
		e = erased_has(g->hub->txn, p, &is_erased);
	if (!e && !is_erased && is_of_gone(g->hub, from)) {
		uint64_t parts = 0;
		(*count)++;
		return erased_make(g->hub->txn, p, &parts);
	}
	for (size_t i = 0; !e && !is_erased && i < from->part_count; i++) {
		place_part_key(part_key, p, from->parts[i].kind);
		e = mend(g, VAULT_PARTS, view_of(part_key, sizeof(part_key)),
			from->parts[i].bytes, count);
	}
	return e || is_erased ? e : attachments_mended(g->hub->txn, p);
}

static void
begin_leaf(struct leaf *leaf, struct act_leaf_room *room, const struct node *n,
	char commit[static 2 * SIGN_PUBLIC_BYTES + 1], const char *action)
{
	const struct act none = {0};
	text_hex(commit, n->writer.public, sizeof(n->writer.public));
	acts_leaf(leaf, room, &none, action);
	leaf->actor = "ledger";
	leaf->site = n->writer.site;
	leaf->object_type = "node";
	leaf->object_commit = commit;
	leaf->outcome = "done";
}

/* The entry behind it names it. */
static enum err
is_named_behind(struct ingest *g, struct place p, const uint8_t *hash, bool *ret)
{
	OWNED_BUF struct buf row;
	struct wire_header h;
	bool found = false;
	buf_init(&row, WIRE_HEADER_MAX_BYTES);
	p.seq++;
	enum err e = read_header(g, &p, &row, &found);
	*ret = !e && found && !wire_header_unpack(&h, buf_view(&row)) &&
	       memcmp(h.prev, hash, sizeof(h.prev)) == 0;
	return e;
}

/* A chain that came is the one that was here if its last entry is: by the row at its place, the
 * head of the lane, or the entry behind it. */
static enum err
is_vouched(struct ingest *g, const struct place *last, struct view header, bool *ret)
{
	struct sync_mark end;
	uint8_t hash[HASH_BYTES];
	OWNED_BUF struct buf row;
	bool found = false;
	buf_init(&row, WIRE_HEADER_MAX_BYTES);
	entry_hash(hash, header);
	enum err e = read_header(g, last, &row, &found);
	*ret = found && view_same(buf_view(&row), header);
	if (e || found)
		return e;
	e = standing_head_get(g->hub->txn, last, &end);
	*ret = !e && end.seq == last->seq && memcmp(end.head, hash, sizeof(hash)) == 0;
	if (e || *ret)
		return e == E_AUTH || e == E_FORMAT ? OK : e;
	return is_named_behind(g, *last, hash, ret);
}

enum err
ingest_take(struct ingest *g, struct node *n, const struct lane_action *a)
{
	char commit[2 * SIGN_PUBLIC_BYTES + 1];
	struct act_leaf_room room;
	struct leaf leaf;
	struct place p = place_of(n, a->incarnation, a->lane, a->batch->first);
	struct place last = p;
	size_t count = 0;
	bool vouched = false;
	last.seq += a->batch->count - 1;
	enum err e =
		is_vouched(g, &last, a->batch->entries[a->batch->count - 1].header, &vouched);
	if (!e && !vouched)
		log_warn("ingest", "what a node sent again is not what was here");
	for (size_t i = 0; !e && vouched && i < a->batch->count; i++, p.seq++)
		e = mend_entry(g, &p, &a->batch->entries[i], &count);
	if (e || !count)
		return e;
	log_warn("ingest", "%zu damaged rows were obtained again from their node", count);
	begin_leaf(&leaf, &room, n, commit, "entries-repaired");
	return audit_add(g->hub->audit, g->hub->txn, &leaf, NULL);
}

/* a later incarnation */

enum err
ingest_rise(struct ingest *g, struct node *n, const struct lane_action *a)
{
	char commit[2 * SIGN_PUBLIC_BYTES + 1];
	struct act_leaf_room room;
	struct leaf leaf;
	struct vault_txn *t = g->hub->txn;
	struct standing_base base = {.incarnation = a->base_incarnation};
	memcpy(base.at, a->base, sizeof(base.at));
	n->standing.incarnation = a->incarnation;
	n->standing.standing = SYNC_OK;
	enum err e = standing_base_put(t, n->writer.public, a->incarnation, &base);
	if (!e)
		e = ingest_node_keep(g, n);
	forward_note_end(audit_forward(g->hub->audit), n->writer.public, a->incarnation, LANE_C,
		&(const struct sync_mark){.seq = 0});
	begin_leaf(&leaf, &room, n, commit, "node-rebased");
	return e ? e : audit_add(g->hub->audit, t, &leaf, NULL);
}
