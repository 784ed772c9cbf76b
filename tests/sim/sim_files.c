#include "tests/sim/sim_files.h"

#include <string.h>

#include "common/trust/merkle.h"
#include "tests/sim/sim_inside.h"

#define CHUNK_BYTES       8
#define CHUNKS_MOST       3
#define DAMAGE            0x80
#define FILE_OF_CURSOR(c) ((c)-1)

/* ---- what there is ---- */

/* Every other record has a file, of one to three chunks. */
static uint32_t
count_of(const struct sim *s, uint16_t number)
{
	bool has = s->plays_log && number % 2 && number < SIM_FILES_COUNT;
	return has ? 1u + number / 2 % CHUNKS_MOST : 0;
}

static void
chunk_of(uint8_t ret[static CHUNK_BYTES], uint16_t number, uint32_t index)
{
	memset(ret, 0xf1, CHUNK_BYTES);
	ret[0] = (uint8_t)number;
	ret[1] = (uint8_t)index;
}

static enum err
subtree(void *arg, unsigned level, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	uint8_t chunk[CHUNK_BYTES], leaves[CHUNKS_MOST + 1][HASH_BYTES];
	uint16_t number = *(const uint16_t *)arg;
	size_t count = (size_t)1 << level;
	for (size_t i = 0; i < count; i++) {
		chunk_of(chunk, number, (uint32_t)((index << level) + i));
		merkle_leaf(leaves[i], view_of(chunk, sizeof(chunk)));
	}
	merkle_join(ret, (const uint8_t(*)[HASH_BYTES])leaves, count);
	return OK;
}

/* The number stands in the root's last byte in the pool's table of them. */
static uint16_t
number_of(struct sim *s, const uint8_t root[static HASH_BYTES])
{
	for (uint16_t n = 1; n < SIM_FILES_COUNT; n += 2)
		if (memcmp(pool_root(s->pool, n), root, HASH_BYTES) == 0)
			return n;
	sim_breach(s, "a file that is asked for is one that a record names");
	return 1;
}

void
sim_files_roots(uint8_t (*ret)[HASH_BYTES])
{
	for (uint16_t n = 1; n < SIM_FILES_COUNT; n += 2) {
		const struct merkle_source from = {subtree, &n};
		(void)!merkle_root_of(ret[n], &from, 1u + n / 2 % CHUNKS_MOST);
	}
}

/* ---- node ---- */

void
sim_files_write(const struct sim *s, struct sim_disk *d, uint16_t number)
{
	if (count_of(s, number))
		d->files[number] = 1;
}

void
sim_files_damage(struct sim *s, struct sim_disk *d)
{
	uint16_t number = (uint16_t)(sim_chance(s) % SIM_FILES_COUNT);
	if (d->files[number])
		d->files[number] = DAMAGE;
}

void
sim_files_fetch(struct sim *s, const struct sim_disk *d, const struct lane_action *a,
	struct lane_event *ev)
{
	struct pool_room *room = pool_room(s->pool);
	uint16_t number = number_of(s, a->file.root);
	const struct merkle_source from = {subtree, &number};
	ev->kind = LANE_CHUNK_FETCHED;
	ev->file = a->file;
	ev->found = d->files[number] != 0;
	if (!ev->found)
		return;
	(void)!merkle_prove_inclusion(&room->proof, &from, a->file.next, count_of(s, number));
	chunk_of(room->chunk, number, a->file.next);
	room->chunk[2] = (uint8_t)(room->chunk[2] ^ (d->files[number] & DAMAGE));
	ev->bytes = view_of(room->chunk, CHUNK_BYTES);
	ev->proof = view_of(room->proof.hash, room->proof.count * HASH_BYTES);
}

/* ---- hub ---- */

static void
next_file(struct sim *s, const struct lane_action *a, struct lane_event *ev)
{
	const struct sim_vault *v = &s->hub.live;
	uint64_t cursor = 0;
	ev->kind = LANE_LACKS;
	for (size_t c = 0; c < v->store.count; c++) {
		const struct sim_lane *r = &v->store.chains[c].lanes[LANE_R - 1];
		cursor = c * SIM_ENTRIES_COUNT;
		for (size_t i = 0; i < r->count; i++) {
			uint16_t n = pool_entry(s->pool, r->at[i])->content.number;
			if (++cursor <= a->file.cursor ||
				v->files[n % SIM_FILES_COUNT] >= count_of(s, n))
				continue;
			ev->file = (struct lane_file){
				.cursor = cursor, .next = v->files[n], .count = count_of(s, n)};
			memcpy(ev->file.root, pool_root(s->pool, n), HASH_BYTES);
			return;
		}
	}
}

static void
keep_chunk(struct sim *s, const struct lane_action *a)
{
	uint8_t chunk[CHUNK_BYTES];
	uint16_t number = number_of(s, a->file.root);
	uint8_t *next = &s->hub.live.files[number];
	chunk_of(chunk, number, a->file.next);
	if (a->file.next != *next)
		sim_breach(s, "chunks of a file are kept in their order");
	if (!view_same(a->bytes, view_of(chunk, sizeof(chunk))))
		sim_breach(s, "a file at the hub is the one that its record names");
	*next = (uint8_t)(*next + 1);
	s->hub.chunk_number = number;
	s->hub.is_dirty = true;
}

bool
sim_files_hub(struct sim *s, const struct lane_action *a, struct lane_event *ev)
{
	if (a->kind == LANE_NEXT_FILE)
		next_file(s, a, ev);
	else if (a->kind == LANE_KEEP_CHUNK)
		keep_chunk(s, a);
	return a->kind == LANE_NEXT_FILE || a->kind == LANE_KEEP_CHUNK;
}

void
sim_files_committed(struct sim *s)
{
	uint16_t number = s->hub.chunk_number;
	struct lane_event ev = {.kind = LANE_CHUNK_STORED};
	if (!number)
		return;
	s->hub.chunk_number = 0;
	ev.file.next = s->hub.disk.files[number];
	memcpy(ev.file.root, pool_root(s->pool, number), HASH_BYTES);
	sim_hub_tell(s, &ev);
}

/* ---- checks ---- */

/* A node that is told that a file is whole may let go of it. Before that, a session that
 * begins may ask behind a chunk of the turn that is open: a crash ends it, and the next one
 * asks anew. */
void
sim_files_check_want(struct sim *s, const struct sync_want *w)
{
	uint16_t number = number_of(s, w->root);
	const struct sim_vault *v = w->next == w->count ? &s->hub.disk : &s->hub.live;
	if (w->next > v->files[number])
		sim_breach(s, "a WANT that ends a file says only what survives a crash");
}

/* At the end: what a copy has of a file whose record is at the hub is there too. */
void
sim_files_check_settled(struct sim *s, const struct sim_disk *d)
{
	for (uint16_t n = 1; n < SIM_FILES_COUNT; n++)
		if (d->files[n] == 1 && s->hub.disk.files[n] < count_of(s, n) &&
			sim_holds_number(s, &d->store, n))
			sim_breach(s, "I5: a file of a record never reaches the hub");
}
