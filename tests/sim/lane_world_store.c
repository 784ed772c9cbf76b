#include "tests/sim/lane_world_inside.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/trust/entry.h"

uint64_t
world_chance(struct world *w)
{
	/* splitmix64 (Steele, Lea, Flood 2014): a counter, well stirred. */
	uint64_t z = (w->chance += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

bool
world_percent(struct world *w, unsigned of_hundred)
{
	return of_hundred && world_chance(w) % 100 < of_hundred;
}

void
world_breach(struct world *w, const char *promise)
{
	if (!w->breach)
		w->breach = promise;
}

void
world_fresh_id(struct world *w, uint8_t ret[static WIRE_ID_BYTES])
{
	memset(ret, 0xa5, WIRE_ID_BYTES);
	uint64_t number = ++w->ids;
	memcpy(ret, &number, sizeof(number));
}

struct sync_mark
world_mark_at(const struct world_lane *l, uint64_t seq)
{
	struct sync_mark m = {.seq = seq};
	if (seq)
		memcpy(m.head, l->entries[seq - 1].hash, sizeof(m.head));
	return m;
}

void
world_make_entry(struct world *w, uint8_t lane, size_t part_bytes)
{
	struct world_lane *l = &w->at_node[lane - 1];
	struct world_entry *e = &l->entries[l->count];
	uint8_t *part = xcalloc(1, part_bytes);
	uint64_t salt = world_chance(w);
	memcpy(part, &salt, MIN(sizeof(salt), part_bytes));
	struct entry_place place = {.study = WORLD_STUDY,
		.incarnation = 1,
		.lane = (enum lane)lane,
		.seq = l->count + 1};
	memcpy(place.writer, w->node_setup.writer, sizeof(place.writer));
	if (l->count)
		memcpy(place.prev, l->entries[l->count - 1].hash, sizeof(place.prev));
	const struct entry_part parts[] = {{PART_RULES, view_of(part, part_bytes)}};
	OWNED_BUF struct buf header;
	buf_init(&header, WIRE_HEADER_MAX_BYTES);
	if (entry_make(&header, e->hash, &place, parts, 1))
		abort();
	size_t len = 0;
	e->header.at = buf_take(&header, &len);
	e->header.len = len;
	e->part = view_of(part, part_bytes);
	l->kept = ++l->count;
}

void
world_drop_entries(struct world_lane *l, size_t from)
{
	for (size_t i = from; i < l->count; i++) {
		free(wire_lend(l->entries[i].header.at));
		free(wire_lend(l->entries[i].part.at));
	}
	l->count = from;
	l->kept = MIN(l->kept, from);
}

void
world_batch(struct world *w, uint8_t lane, uint64_t first, size_t count,
	struct sync_entry *entries, struct sync_batch *ret)
{
	const struct world_lane *l = &w->at_node[lane - 1];
	*ret = (struct sync_batch){
		.lane = lane, .first = first, .entries = entries, .count = count};
	for (size_t i = 0; i < count; i++) {
		const struct world_entry *e = &l->entries[first - 1 + i];
		entries[i] = (struct sync_entry){.header = e->header, .part_count = 1};
		entries[i].parts[0] = (struct sync_part){PART_RULES, e->part};
	}
	if (count == 0)
		return;
	struct entry_head head = {.study = WORLD_STUDY,
		.incarnation = 1,
		.lane = (enum lane)lane,
		.seq = first + count - 1};
	memcpy(head.writer, w->node_setup.writer, sizeof(head.writer));
	memcpy(head.hash, l->entries[head.seq - 1].hash, sizeof(head.hash));
	memcpy(ret->head, head.hash, sizeof(ret->head));
	entry_head_sign(ret->signature, &head, w->writer_key);
}
