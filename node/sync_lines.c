#include "node/sync_lines.h"

#include <string.h>

#include "common/base/mem.h"

#include "node/capture_ids.h"
#include "node/sync_item.h"

/* The rows that are called alike but for their turn: those on file, then those of this
 * request. */
struct like {
	uint8_t first[ID_BYTES];
	struct turn {
		uint8_t digest[HASH_BYTES]; /* zeros: it came back from the hub */
	} * turns;                          /* owned */
	size_t count, room;
	size_t back;     /* none of the turns before this one came back from the hub */
	uint32_t *slots; /* owned: by digest, 2 * room of them: turn + 1; 0: free */
};

static void
like_done(struct like *l)
{
	mem_drop(&l->turns);
	mem_drop(&l->slots);
}

/* The slot of the digest, or the free one that it would have: of keyed hashes the first bytes
 * are as good as random. */
static uint32_t *
slot_of(const struct like *l, const uint8_t digest[static HASH_BYTES])
{
	uint64_t at;
	memcpy(&at, digest, sizeof(at));
	for (at %= 2 * l->room; l->slots[at]; at = (at + 1) % (2 * l->room))
		if (memcmp(l->turns[l->slots[at] - 1].digest, digest, HASH_BYTES) == 0)
			break;
	return &l->slots[at];
}

/* Of turns with the same answers the first is the one that is found. */
static void
index_turn(struct like *l, size_t turn)
{
	const uint8_t *digest = l->turns[turn].digest;
	uint32_t *slot = wire_is_zero(digest, HASH_BYTES) ? NULL : slot_of(l, digest);
	if (slot && !*slot)
		*slot = (uint32_t)turn + 1;
}

static void
clear(struct like *l)
{
	l->count = l->back = 0;
	if (l->slots)
		memset(l->slots, 0, 2 * l->room * sizeof(*l->slots));
}

static void
grow(struct like *l)
{
	l->room = l->room ? 2 * l->room : 8;
	l->turns = xrealloc(l->turns, l->room, sizeof(*l->turns));
	mem_drop(&l->slots);
	l->slots = xcalloc(2 * l->room, sizeof(*l->slots));
	for (size_t i = 0; i < l->count; i++)
		index_turn(l, i);
}

static void
add_turn(struct like *l, const uint8_t digest[static HASH_BYTES])
{
	if (l->count == l->room)
		grow(l);
	memcpy(l->turns[l->count++].digest, digest, HASH_BYTES);
	index_turn(l, l->count - 1);
}

static enum err
read_like(struct like *l, struct vault *v, const uint8_t first[static ID_BYTES])
{
	uint8_t id[ID_BYTES], digest[HASH_BYTES];
	enum lane lane;
	bool found = true;
	enum err e = OK;
	memcpy(l->first, first, ID_BYTES);
	clear(l);
	while (!e && found && l->count < SYNC_LINES_MAX_COUNT) {
		capture_instance_turn(id, vault_row_key(v), first, (uint32_t)l->count);
		e = sync_item_find(v, id, &found, digest, &lane);
		if (!e && found)
			add_turn(l, digest);
	}
	return e;
}

/* Its own turn, else one that nobody can tell of, else a new one. */
static uint32_t
turn_of(struct like *l, const uint8_t digest[static HASH_BYTES])
{
	const uint32_t *slot = l->count ? slot_of(l, digest) : NULL;
	if (slot && *slot)
		return *slot - 1;
	while (l->back < l->count && !wire_is_zero(l->turns[l->back].digest, HASH_BYTES))
		l->back++;
	const uint32_t turn = (uint32_t)l->back;
	if (turn == l->count) {
		add_turn(l, digest);
		return turn;
	}
	memcpy(l->turns[turn].digest, digest, HASH_BYTES);
	index_turn(l, turn);
	return turn;
}

/* Zeros stand for a record whose answers nobody here can compare: that was this row, too. */
static enum err
find_before(struct vault *v, const uint8_t id[static ID_BYTES],
	const uint8_t digest[static HASH_BYTES], bool *ret)
{
	uint8_t there[HASH_BYTES];
	enum lane lane;
	bool found = false;
	enum err e = sync_item_find(v, id, &found, there, &lane);
	*ret = !e && found &&
	       (wire_is_zero(there, HASH_BYTES) || memcmp(there, digest, HASH_BYTES) == 0);
	return e;
}

static enum err
name_row(struct like *l, struct vault *v, struct cursor *asks, struct buf *answer)
{
	uint8_t first[ID_BYTES], before[ID_BYTES], digest[HASH_BYTES], id[ID_BYTES];
	bool known = false;
	cursor_copy(asks, first, sizeof(first));
	cursor_copy(asks, before, sizeof(before));
	cursor_copy(asks, digest, sizeof(digest));
	if (asks->broken)
		return fail(E_FORMAT, "the rows of a sheet are cut short");
	int order = memcmp(first, l->first, ID_BYTES);
	if (order < 0)
		return fail(E_FORMAT, "the rows of a sheet are not in order");
	/* A row without answers of the site is called as it always was. */
	enum err e = memcmp(first, before, ID_BYTES) == 0
			     ? OK
			     : find_before(v, before, digest, &known);
	if (!e && known) {
		buf_add(answer, before, sizeof(before));
		return OK;
	}
	if (!e && (order > 0 || !l->turns))
		e = read_like(l, v, first);
	if (e)
		return e;
	capture_instance_turn(id, vault_row_key(v), first, turn_of(l, digest));
	buf_add(answer, id, sizeof(id));
	return OK;
}

enum err
sync_lines_of(struct vault *v, struct cursor *asks, struct buf *answer)
{
	OWNED_BY(like_done) struct like l = {.count = 0};
	uint32_t count = cursor_u32(asks);
	enum err e = OK;
	if (asks->broken || count > SYNC_LINES_MAX_COUNT)
		return fail(E_FORMAT, "the sheet has too many rows");
	buf_u32(answer, count);
	for (uint32_t i = 0; !e && i < count; i++)
		e = name_row(&l, v, asks, answer);
	if (!e)
		e = cursor_end(asks, "rows of a sheet");
	return e ? e : buf_check(answer, "rows of a sheet");
}
