#include "common/trust/entry.h"

#include <stdio.h>
#include <string.h>

#define ENTRY_PERSONAL "weir-entry-v1"
#define PART_PERSONAL  "weir-part-v1"
#define HEAD_FORMAT    "weir-head-v1"
#define HEAD_MAX_BYTES 256

void
entry_hash(uint8_t ret[static HASH_BYTES], struct view header)
{
	crypto_hash_one(ret, ENTRY_PERSONAL, header);
}

void
entry_part_hash(uint8_t ret[static HASH_BYTES], struct view part)
{
	crypto_hash_one(ret, PART_PERSONAL, part);
}

enum err
entry_make(struct buf *out, uint8_t ret_hash[static HASH_BYTES],
	const struct entry_place *place, const struct entry_part *parts, size_t count)
{
	struct wire_header h = {
		.incarnation = place->incarnation, .lane = place->lane, .seq = place->seq};
	memset(ret_hash, 0, HASH_BYTES);
	if (count > WIRE_PARTS_MAX)
		return fail(E_FORMAT, "entry: %zu parts, at most %d are allowed", count,
			WIRE_PARTS_MAX);
	if (snprintf(h.study, sizeof(h.study), "%s", place->study) >= (int)sizeof(h.study))
		return fail(E_FORMAT, "entry: study: too long");
	memcpy(h.writer, place->writer, sizeof(h.writer));
	memcpy(h.prev, place->prev, sizeof(h.prev));
	memcpy(h.repeats, place->repeats, sizeof(h.repeats));
	h.part_count = count;
	for (size_t i = 0; i < count; i++) {
		if (parts[i].bytes.len > UINT32_MAX)
			return fail(E_FORMAT, "entry: a part is too long");
		h.parts[i].kind = parts[i].kind;
		h.parts[i].length = (uint32_t)parts[i].bytes.len;
		entry_part_hash(h.parts[i].hash, parts[i].bytes);
	}
	size_t start = out->len;
	enum err e = wire_header_pack(out, &h);
	if (!e)
		entry_hash(ret_hash, view_of(out->at + start, out->len - start));
	return e;
}

enum err
entry_part_check(const struct wire_header *header, enum part_kind kind, struct view bytes)
{
	const struct wire_part *p = wire_header_part(header, kind);
	if (!p)
		return fail(
			E_AUTH, "entry: the header names no part of kind %u", (unsigned)kind);
	uint8_t hash[HASH_BYTES];
	entry_part_hash(hash, bytes);
	if (p->length != bytes.len || memcmp(hash, p->hash, HASH_BYTES) != 0)
		return fail(E_AUTH, "entry: the part of kind %u is not the one that was hashed",
			(unsigned)kind);
	return OK;
}

enum err
entry_chain_check(uint64_t prev_seq, const uint8_t prev_hash[static HASH_BYTES],
	const struct wire_header *header)
{
	if (header->seq <= prev_seq)
		return fail(E_CONFLICT, "entry: its number is taken");
	if (header->seq - prev_seq > 1)
		return fail(E_NOTFOUND, "entry: entries before it are missing");
	if (memcmp(prev_hash, header->prev, HASH_BYTES) != 0)
		return fail(E_CONFLICT, "entry: it stands on another entry");
	return OK;
}

static void
put_head(struct buf *b, const struct entry_head *head)
{
	buf_blob_text(b, HEAD_FORMAT);
	buf_blob_text(b, head->study);
	buf_blob(b, view_of(head->writer, sizeof(head->writer)));
	buf_u32(b, sizeof(head->incarnation));
	buf_u32(b, head->incarnation);
	buf_u32(b, sizeof(uint8_t));
	buf_u8(b, (uint8_t)head->lane);
	buf_u32(b, sizeof(head->seq));
	buf_u64(b, head->seq);
	buf_blob(b, view_of(head->hash, sizeof(head->hash)));
}

void
entry_head_sign(uint8_t ret[static SIGNATURE_BYTES], const struct entry_head *head,
	struct secret *writer_secret)
{
	OWNED_BUF struct buf b;
	buf_init(&b, HEAD_MAX_BYTES);
	put_head(&b, head);
	sign_make(ret, buf_view(&b), writer_secret);
}

enum err
entry_head_verify(
	const uint8_t signature[static SIGNATURE_BYTES], const struct entry_head *head)
{
	OWNED_BUF struct buf b;
	buf_init(&b, HEAD_MAX_BYTES);
	put_head(&b, head);
	enum err e = buf_check(&b, "head");
	if (!e && !sign_check(signature, buf_view(&b), head->writer))
		e = fail(E_AUTH, "head: not signed by its writer");
	return e;
}
