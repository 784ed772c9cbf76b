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

/* A first byte 'r' means a receipt alone; anything else is a frame as it comes from a peer. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && data[0] == 'r') {
		try_receipt(view_of(data + 1, size - 1));
		return 0;
	}
	struct view frame = view_of(data, size);
	struct wire_arena arena = {.room = sync_arena_bytes(size)};
	OWNED_MEM uint8_t *memory = xcalloc(arena.room ? arena.room : 1, 1);
	arena.at = memory;
	struct sync_msg message;
	if (sync_unpack(&message, &arena, frame))
		return 0;
	OWNED_BUF struct buf out = {0};
	buf_init(&out, SYNC_FRAME_MAX_BYTES);
	fuzz_must(!sync_pack(&out, &message));
	fuzz_must_repeat(&out, frame);
	return 0;
}
