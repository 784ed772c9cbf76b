#include "hub/journalitem.h"

#include <string.h>

#include "common/base/mem.h"

#define JOURNAL_PERSONAL  "weir-journal-v1"
#define ALIGN_BYTES       16
#define SECTOR_BYTES      512 /* the least that disks keep whole */
#define TORN_MOST_BYTES   4096
#define KIND_AT           4
#define HIDDEN_MOST_BYTES ((size_t)8192) /* more than all items but those of backups */

static void
make_check(uint8_t ret[static ID_BYTES], const uint8_t before[static ID_BYTES], uint8_t kind,
	struct view content)
{
	const struct view parts[] = {view_of(before, ID_BYTES), view_of(&kind, 1), content};
	crypto_hash_id(ret, JOURNAL_PERSONAL, NULL, parts, ARRAY_LEN(parts));
}

static bool
is_zeros(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.at[i])
			return false;
	return true;
}

/* Where the check stands. */
static size_t
check_at(size_t content)
{
	return (JOURNALITEM_FRAME_BYTES + content + ALIGN_BYTES - 1) / ALIGN_BYTES *
	       ALIGN_BYTES;
}

size_t
journalitem_bytes(size_t content)
{
	return check_at(content) + ID_BYTES;
}

void
journalitem_put(struct buf *to, const uint8_t before[static ID_BYTES], uint8_t kind,
	struct view content, uint8_t ret_check[static ID_BYTES])
{
	static const uint8_t zeros[ALIGN_BYTES];
	make_check(ret_check, before, kind, content);
	buf_u32(to, (uint32_t)content.len);
	buf_u8(to, kind);
	buf_add_view(to, content);
	buf_add(to, zeros, check_at(content.len) - JOURNALITEM_FRAME_BYTES - content.len);
	buf_add(to, ret_check, ID_BYTES);
}

size_t
journalitem_head(uint64_t at, size_t bytes)
{
	return bytes > TORN_MOST_BYTES ? (size_t)(SECTOR_BYTES - at % SECTOR_BYTES) : 0;
}

bool
journalitem_is_whole(struct view bytes, const uint8_t before[static ID_BYTES], size_t content,
	uint8_t ret_check[static ID_BYTES])
{
	const size_t used = JOURNALITEM_FRAME_BYTES + content, check = check_at(content);
	make_check(ret_check, before, bytes.at[KIND_AT],
		view_of(bytes.at + JOURNALITEM_FRAME_BYTES, content));
	return is_zeros(view_of(bytes.at + used, check - used)) &&
	       memcmp(ret_check, bytes.at + check, ID_BYTES) == 0;
}

bool
journalitem_hides_whole(struct view bytes, const uint8_t before[static ID_BYTES])
{
	uint8_t check[ID_BYTES];
	const size_t most = MIN(bytes.len, HIDDEN_MOST_BYTES);
	for (size_t content = 0; journalitem_bytes(content) <= most; content++)
		if (journalitem_is_whole(bytes, before, content, check))
			return true;
	return false;
}

bool
journalitem_is_torn(struct view bytes, uint64_t at, uint64_t rest, uint64_t item)
{
	bool torn = false;
	for (size_t done = 0, len; done < bytes.len; done += len) {
		const size_t into = (size_t)((at + done) % SECTOR_BYTES);
		len = MIN(SECTOR_BYTES - into, bytes.len - done);
		torn = torn || (len >= ALIGN_BYTES && is_zeros(view_of(bytes.at + done, len)));
	}
	return torn && (rest <= TORN_MOST_BYTES || rest == item);
}
