#include "common/sync/lane_proof.h"

#include <string.h>

#include "common/trust/merkle.h"

static bool
read_proof(struct merkle_proof *ret, struct view proof)
{
	ret->count = proof.len / HASH_BYTES;
	if (proof.len % HASH_BYTES != 0 || ret->count > MERKLE_PROOF_MOST_COUNT)
		return false;
	if (proof.len)
		memcpy(ret->hash, proof.at, proof.len);
	return true;
}

bool
lane_chunk_fits(const struct lane_file *file, const struct sync_chunk *c)
{
	struct merkle_proof proof;
	uint8_t leaf[HASH_BYTES];
	if (c->index >= file->count || !read_proof(&proof, c->proof))
		return false;
	merkle_leaf(leaf, c->bytes);
	return merkle_check_inclusion(&proof, c->index, file->count, leaf, file->root) == OK;
}

static enum err
write_text(struct buf *out, const char *origin, const struct sync_mark *mark)
{
	struct note_checkpoint cp = {.size = mark->seq};
	size_t len = strlen(origin);
	if (len >= sizeof(cp.origin))
		return fail(E_FORMAT, "checkpoint: the origin is too long");
	memcpy(cp.origin, origin, len + 1);
	memcpy(cp.root, mark->head, sizeof(cp.root));
	return note_checkpoint_text(out, &cp);
}

/* Nothing but the three lines: only those are signed again, and with more a log could show one
 * witness what it hides from another. */
bool
lane_log_read(struct sync_mark *ret, struct view note, const struct note_key *log_key)
{
	OWNED_BUF struct buf text;
	struct note_checkpoint cp;
	struct note parsed;
	if (note.len > SYNC_NOTE_MAX_BYTES || note_checkpoint_open(&cp, &parsed, note, log_key))
		return false;
	buf_init(&text, SYNC_NOTE_MAX_BYTES);
	ret->seq = cp.size;
	memcpy(ret->head, cp.root, sizeof(ret->head));
	return write_text(&text, log_key->name, ret) == OK &&
	       view_same(buf_view(&text), parsed.text);
}

bool
lane_log_grew(const struct sync_mark *old, const struct sync_mark *now, struct view packed)
{
	struct merkle_proof proof;
	if (now->seq < old->seq || !read_proof(&proof, packed))
		return false;
	if (old->seq == 0)
		return proof.count == 0;
	return merkle_check_consistency(&proof, old->seq, old->head, now->seq, now->head) == OK;
}

enum err
lane_witness_sign(struct sync_witness *w, const char *origin, struct secret *witness_key)
{
	OWNED_BUF struct buf text;
	buf_init(&text, SYNC_NOTE_MAX_BYTES);
	enum err e = write_text(&text, origin, &w->checkpoint);
	return e ? e : note_cosign(w->signature, buf_view(&text), w->time_s, witness_key);
}

bool
lane_witness_check(const struct sync_witness *w, const char *origin,
	const uint8_t witness_public[static SIGN_PUBLIC_BYTES])
{
	OWNED_BUF struct buf text;
	buf_init(&text, SYNC_NOTE_MAX_BYTES);
	return write_text(&text, origin, &w->checkpoint) == OK &&
	       note_cosigned(w->signature, buf_view(&text), w->time_s, witness_public);
}
