#include "common/trust/roots.h"

#include <stdlib.h>
#include <string.h>

#define FILE_PERSONAL  "weir-file-v1"
#define NAME_MAX_BYTES 1024
#define ROOTS_VERSION  1

void
roots_file_id(
	uint8_t ret[static ID_BYTES], const uint8_t instance[static ID_BYTES], const char *name)
{
	OWNED_BUF struct buf about;
	buf_init(&about, 2 * NAME_MAX_BYTES);
	buf_blob(&about, view_of(instance, ID_BYTES));
	buf_blob_text(&about, name);
	struct view whole = buf_view(&about);
	crypto_hash_id(ret, FILE_PERSONAL, NULL, &whole, 1);
}

static int
by_id(const void *a, const void *b)
{
	return memcmp(((const struct roots_file *)a)->id, ((const struct roots_file *)b)->id,
		ID_BYTES);
}

enum err
roots_pack(struct buf *out, struct roots_file *list, size_t count)
{
	if (count > ROOTS_MAX_COUNT)
		return fail(E_FULL, "a record has more than %d files", ROOTS_MAX_COUNT);
	if (count)
		qsort(list, count, sizeof(*list), by_id);
	buf_u8(out, ROOTS_VERSION);
	buf_u16(out, (uint16_t)count);
	for (size_t i = 0; i < count; i++) {
		buf_add(out, list[i].id, ID_BYTES);
		buf_add(out, list[i].key_ref, ID_BYTES);
		buf_u64(out, list[i].plain_bytes);
		buf_u32(out, list[i].chunk_count);
		buf_add(out, list[i].root, HASH_BYTES);
	}
	return buf_check(out, "files of a record");
}

enum err
roots_unpack(struct roots_file *ret, size_t *ret_count, struct view part)
{
	struct cursor c = cursor_of(part);
	*ret_count = 0;
	if (cursor_u8(&c) != ROOTS_VERSION)
		return fail(E_FORMAT, "roots of files: unknown version");
	size_t count = cursor_u16(&c);
	if (count > ROOTS_MAX_COUNT)
		return fail(E_FORMAT, "roots of files: too many");
	for (size_t i = 0; i < count; i++) {
		struct roots_file *r = &ret[i];
		cursor_copy(&c, r->id, ID_BYTES);
		cursor_copy(&c, r->key_ref, ID_BYTES);
		r->plain_bytes = cursor_u64(&c);
		r->chunk_count = cursor_u32(&c);
		cursor_copy(&c, r->root, HASH_BYTES);
		if (!c.broken && i && memcmp(ret[i - 1].id, r->id, ID_BYTES) >= 0)
			return fail(E_FORMAT, "roots of files: they are not in order");
		if (!c.broken && (r->chunk_count == 0 || r->chunk_count > ROOTS_CHUNKS_MAX))
			return fail(E_FORMAT, "roots of files: a number of chunks cannot be");
	}
	enum err e = cursor_end(&c, "roots of files");
	if (!e)
		*ret_count = count;
	return e;
}
