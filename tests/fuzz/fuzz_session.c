#include "tests/fuzz/fuzz.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "common/trust/crypto.h"
#include "tests/sim/lane_world.h"

#define WORLD_SEED       7
#define SETTLE_MS        120000
#define RUN_UNIT_MS      500
#define STEPS_MOST_COUNT 64
#define WRITTEN_MOST     4
#define FRAME_MOST_BYTES 1024

/* What does not unpack never comes as far as the machines. */
static void
inject(struct world *w, bool to_hub, struct view frame)
{
	struct wire_arena arena = {.room = sync_arena_bytes(frame.len)};
	OWNED_MEM uint8_t *memory = xcalloc(arena.room, 1);
	struct sync_msg message;
	arena.at = memory;
	if (!sync_unpack(&message, &arena, frame))
		world_inject(w, to_hub, frame);
}

/* A frame that nobody has sent. */
static void
strange_frame(struct world *w, struct cursor *c, bool to_hub)
{
	size_t len = MIN((size_t)cursor_u16(c), MIN(c->left, (size_t)FRAME_MOST_BYTES));
	inject(w, to_hub, cursor_bytes(c, len));
}

/* A frame that is under way comes once more with one byte changed. */
static void
spoiled_frame(struct world *w, struct cursor *c)
{
	uint8_t which = cursor_u8(c), value = cursor_u8(c);
	uint16_t offset = cursor_u16(c);
	if (c->broken || w->frame_count == 0)
		return;
	const struct world_frame *f =
		&w->frames[(w->frame_first + which % w->frame_count) % WORLD_FRAMES_MAX_COUNT];
	if (f->len == 0 || !f->to_hub)
		return;
	OWNED_MEM uint8_t *copy = xmemdup(f->bytes, f->len);
	copy[offset % f->len] ^= value;
	inject(w, true, view_of(copy, f->len));
}

static void
write_entries(struct world *w, struct cursor *c)
{
	static const uint8_t lanes[] = {LANE_C, LANE_R, LANE_A};
	uint8_t what = cursor_u8(c);
	world_write(w, lanes[what % ARRAY_LEN(lanes)], 1 + what / 16 % WRITTEN_MOST, 40);
}

static bool
step(struct world *w, struct cursor *c, bool *ret_strange)
{
	switch (cursor_u8(c)) {
	case 'h':
		strange_frame(w, c, true);
		return true;
	case 'n':
		/* Only the hub could say this: what a node believes then is no breach. */
		*ret_strange = true;
		strange_frame(w, c, false);
		return true;
	case 'x':
		spoiled_frame(w, c);
		return true;
	case 'w':
		write_entries(w, c);
		return true;
	case 'c':
		world_crash_hub(w);
		return true;
	case 'C':
		world_crash_node(w);
		return true;
	case 'r':
		world_run(w, (int64_t)RUN_UNIT_MS * (1 + cursor_u8(c)));
		return true;
	default:
		return false;
	}
}

/* A live session between the two machines, and what somebody on the line makes of it. Whatever
 * a node sends, in whatever order, no promise of the hub breaks and nothing is lost: when the
 * line is quiet again the hub has all that the node has, or the two have stopped. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (crypto_init())
		return 0;
	struct cursor c = cursor_of(view_of(data, size));
	OWNED(world) struct world *w = world_new(WORLD_SEED);
	bool strange = false;
	world_write(w, LANE_C, 1, 40);
	world_run(w, SETTLE_MS);
	for (int i = 0; i < STEPS_MOST_COUNT && c.left && step(w, &c, &strange); i++)
		;
	world_run(w, SETTLE_MS);
	if (!strange && w->breach)
		(void)fprintf(stderr, "broken: %s\n", w->breach);
	fuzz_must(strange || !w->breach);
	return 0;
}
