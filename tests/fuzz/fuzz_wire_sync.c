#include "tests/fuzz/fuzz.h"

#include "common/base/mem.h"
#include "common/codec/wire_sync.h"

static void
try_receipt(struct view v)
{
	struct sync_receipt receipt;
	OWNED_BUF struct buf out = {0};
	buf_init(&out, SYNC_FRAME_MAX_BYTES);
	if (!sync_unpack_receipt(&receipt, v)) {
		fuzz_must(!sync_pack_receipt(&out, &receipt));
		fuzz_must_repeat(&out, v);
	}
}

/* Packs again what a frame holds; false if it is no frame. */
static bool
repack(struct buf *out, struct view frame)
{
	struct wire_arena arena = {.room = sync_arena_bytes(frame.len)};
	OWNED_MEM uint8_t *memory = xcalloc(arena.room, 1);
	arena.at = memory;
	struct sync_msg message;
	if (sync_unpack(&message, &arena, frame))
		return false;
	fuzz_must(!sync_pack(out, &message));
	return true;
}

/* A frame may hold fields of a later version, and numbers that are spelled at length: packed
 * again these are gone, and what is left stays as it is. */
static void
try_frame(struct view v)
{
	OWNED_BUF struct buf out = {0};
	OWNED_BUF struct buf again = {0};
	buf_init(&out, SYNC_FRAME_MAX_BYTES);
	buf_init(&again, SYNC_FRAME_MAX_BYTES);
	if (!repack(&out, v))
		return;
	fuzz_must(repack(&again, buf_view(&out)));
	fuzz_must_repeat(&again, buf_view(&out));
}

/* A first byte 'r' means a receipt alone; anything else is a frame as it comes from a peer. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && data[0] == 'r')
		try_receipt(view_of(data + 1, size - 1));
	else
		try_frame(view_of(data, size));
	return 0;
}
