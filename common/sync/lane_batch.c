#include "common/sync/lane_batch.h"

#include <string.h>

bool
lane_batch_signed(const struct lane_origin *origin, const struct sync_batch *b)
{
	struct entry_head head = {.study = origin->study,
		.incarnation = origin->incarnation,
		.lane = (enum lane)b->lane,
		.seq = b->first + b->count - 1};
	memcpy(head.writer, origin->writer, sizeof(head.writer));
	memcpy(head.hash, b->head, sizeof(head.hash));
	return entry_head_verify(b->signature, &head) == OK;
}

static enum err
check_origin(const struct lane_origin *origin, const struct sync_batch *b,
	const struct wire_header *h)
{
	if (strcmp(h->study, origin->study) != 0)
		return fail(E_FORMAT, "batch: an entry is of another study");
	if (memcmp(h->writer, origin->writer, SIGN_PUBLIC_BYTES) != 0 ||
		h->incarnation != origin->incarnation)
		return fail(E_FORMAT, "batch: an entry is of another writer");
	if (h->lane != b->lane)
		return fail(E_FORMAT, "batch: an entry is of another lane");
	return OK;
}

static enum err
check_parts(const struct sync_entry *entry, const struct wire_header *h)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < entry->part_count; i++)
		e = entry_part_check(
			h, (enum part_kind)entry->parts[i].kind, entry->parts[i].bytes);
	return e;
}

enum err
lane_batch_check(const struct lane_origin *origin, const struct sync_batch *b, uint64_t at,
	uint8_t ret_prev[static HASH_BYTES], uint8_t ret_at[static HASH_BYTES])
{
	uint8_t hash[HASH_BYTES] = {0};
	memset(ret_prev, 0, HASH_BYTES);
	memset(ret_at, 0, HASH_BYTES);
	for (size_t i = 0; i < b->count; i++) {
		struct wire_header h;
		enum err e = wire_header_unpack(&h, b->entries[i].header);
		if (!e && i == 0) {
			memcpy(hash, h.prev, sizeof(hash));
			memcpy(ret_prev, h.prev, sizeof(hash));
		}
		if (!e)
			e = check_origin(origin, b, &h);
		if (!e)
			e = entry_chain_check(b->first + i - 1, hash, &h);
		if (!e)
			e = check_parts(&b->entries[i], &h);
		if (e)
			return e;
		entry_hash(hash, b->entries[i].header);
		if (b->first + i == at)
			memcpy(ret_at, hash, sizeof(hash));
	}
	if (memcmp(hash, b->head, sizeof(hash)) != 0)
		return fail(E_AUTH, "batch: the signed head is not that of its last entry");
	return OK;
}
