#include "tests/sim/sim_pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/sync/lane_action.h"
#include "common/trust/entry.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_files.h"

#define ENTRIES_MOST 60000
#define TABLE_SLOTS  131072 /* more than twice as many */
#define FIRST_FRAMES 1024

/* What stands in every large answer. */
static const uint8_t large[POOL_LARGE_BYTES];

struct stored_frame {
	uint64_t hash;
	uint32_t len;
	uint8_t *bytes;
};

struct sim_pool {
	struct pool_entry *entries;
	size_t entry_count;
	uint16_t *entry_slots;
	struct stored_frame *frames;
	size_t frame_count, frame_room, slot_count;
	uint32_t *frame_slots;
	uint8_t writer[SIGN_PUBLIC_BYTES], receipt[SIGN_PUBLIC_BYTES];
	struct secret *writer_key, *receipt_key;
	uint8_t witness[SIGN_PUBLIC_BYTES];
	struct secret *witness_key, *log_key;
	struct note_key log;
	uint8_t (*roots)[HASH_BYTES];
	struct pool_room room;
};

static void
full(const char *what)
{
	(void)fprintf(stderr, "simulator: no room for more %s\n", what);
	abort();
}

static void
make_log(struct sim_pool *p)
{
	static const uint8_t witness_seed[SIGN_SEED_BYTES] = {3},
			     log_seed[SIGN_SEED_BYTES] = {4};
	uint8_t log[SIGN_PUBLIC_BYTES];
	sign_from_seed(p->witness, &p->witness_key, witness_seed);
	sign_from_seed(log, &p->log_key, log_seed);
	if (note_key_make(&p->log, SIM_ORIGIN, NOTE_ED25519, log))
		abort();
	p->roots = xcalloc(SIM_FILES_COUNT, sizeof(*p->roots));
	sim_files_roots(p->roots);
}

struct sim_pool *
pool_new(void)
{
	static const uint8_t writer_seed[SIGN_SEED_BYTES] = {1},
			     hub_seed[SIGN_SEED_BYTES] = {2};
	struct sim_pool *p = xcalloc(1, sizeof(*p));
	p->entries = xcalloc(ENTRIES_MOST + 1, sizeof(*p->entries));
	p->entry_slots = xcalloc(TABLE_SLOTS, sizeof(*p->entry_slots));
	p->frame_room = FIRST_FRAMES;
	p->slot_count = 4 * FIRST_FRAMES;
	p->frames = xcalloc(p->frame_room, sizeof(*p->frames));
	p->frame_slots = xcalloc(p->slot_count, sizeof(*p->frame_slots));
	sign_from_seed(p->writer, &p->writer_key, writer_seed);
	sign_from_seed(p->receipt, &p->receipt_key, hub_seed);
	make_log(p);
	p->room.actions = xcalloc(1, sizeof(*p->room.actions));
	p->room.arena.room = sync_arena_bytes(SYNC_FRAME_MAX_BYTES);
	p->room.arena.at = xcalloc(1, p->room.arena.room);
	pool_empty(p);
	return p;
}

void
pool_empty(struct sim_pool *p)
{
	for (size_t i = 1; i < p->frame_count; i++)
		free(p->frames[i].bytes);
	if (p->entry_count > 1)
		memset(p->entry_slots, 0, TABLE_SLOTS * sizeof(*p->entry_slots));
	if (p->frame_count > 1)
		memset(p->frame_slots, 0, p->slot_count * sizeof(*p->frame_slots));
	p->entry_count = p->frame_count = 1;
}

void
pool_free(struct sim_pool *p)
{
	pool_empty(p);
	free(p->entries);
	free(p->entry_slots);
	free(p->frames);
	free(p->frame_slots);
	free(p->room.actions);
	free(p->room.arena.at);
	secret_free(p->writer_key);
	secret_free(p->receipt_key);
	secret_free(p->witness_key);
	secret_free(p->log_key);
	free(p->roots);
	free(p);
}

struct secret *
pool_writer_key(struct sim_pool *p)
{
	return p->writer_key;
}

struct secret *
pool_receipt_key(struct sim_pool *p)
{
	return p->receipt_key;
}

struct secret *
pool_log_key(struct sim_pool *p)
{
	return p->log_key;
}

struct secret *
pool_witness_key(struct sim_pool *p)
{
	return p->witness_key;
}

const struct note_key *
pool_log(const struct sim_pool *p)
{
	return &p->log;
}

const uint8_t *
pool_witness(const struct sim_pool *p)
{
	return p->witness;
}

const uint8_t *
pool_root(const struct sim_pool *p, uint16_t number)
{
	return p->roots[number % SIM_FILES_COUNT];
}

const uint8_t *
pool_writer(const struct sim_pool *p)
{
	return p->writer;
}

const uint8_t *
pool_receipt(const struct sim_pool *p)
{
	return p->receipt;
}

struct pool_room *
pool_room(struct sim_pool *p)
{
	return &p->room;
}

/* ---- entries ---- */

static uint16_t *
entry_slot(const struct sim_pool *p, const uint8_t hash[static HASH_BYTES])
{
	size_t at;
	memcpy(&at, hash, sizeof(at));
	for (;; at++) {
		uint16_t *slot = &p->entry_slots[at % TABLE_SLOTS];
		if (*slot == 0 || memcmp(p->entries[*slot].hash, hash, HASH_BYTES) == 0)
			return slot;
	}
}

uint16_t
pool_make(
	struct sim_pool *p, const struct pool_place *place, const struct pool_content *content)
{
	if (p->entry_count > ENTRIES_MOST)
		full("entries");
	struct pool_entry *e = &p->entries[p->entry_count];
	*e = (struct pool_entry){.content = *content,
		.incarnation = place->incarnation,
		.seq = place->seq,
		.lane = place->lane};
	memcpy(e->prev, place->prev, sizeof(e->prev));
	memcpy(e->part, &content->number, sizeof(content->number));
	e->part[2] = content->kind;
	e->part[3] = content->subject;
	struct entry_place at = {.study = SIM_STUDY,
		.incarnation = place->incarnation,
		.lane = (enum lane)place->lane,
		.seq = place->seq};
	memcpy(at.writer, p->writer, sizeof(at.writer));
	memcpy(at.prev, place->prev, sizeof(at.prev));
	e->root = (uint16_t)p->entry_count;
	if (place->repeats) {
		e->root = place->repeats;
		memcpy(at.repeats, p->entries[place->repeats].hash, sizeof(at.repeats));
	}
	const struct entry_part parts[] = {{PART_RULES, view_of(e->part, sizeof(e->part))},
		{PART_ANSWERS, view_of(large, sizeof(large))}};
	size_t part_count = content->is_large ? 2 : 1;
	OWNED_BUF struct buf header;
	buf_init(&header, sizeof(e->header));
	if (entry_make(&header, e->hash, &at, parts, part_count))
		full("bytes of a header");
	e->header_len = (uint16_t)header.len;
	memcpy(e->header, header.at, header.len);
	uint16_t *slot = entry_slot(p, e->hash);
	if (*slot == 0)
		*slot = (uint16_t)p->entry_count++;
	return *slot;
}

const struct pool_entry *
pool_entry(const struct sim_pool *p, uint16_t number)
{
	return &p->entries[number];
}

void
pool_sync_entry(const struct sim_pool *p, uint16_t number, struct sync_entry *ret)
{
	const struct pool_entry *e = &p->entries[number];
	*ret = (struct sync_entry){
		.header = view_of(e->header, e->header_len), .part_count = 1};
	ret->parts[0] = (struct sync_part){PART_RULES, view_of(e->part, sizeof(e->part))};
	if (e->content.is_large)
		ret->parts[ret->part_count++] =
			(struct sync_part){PART_ANSWERS, view_of(large, sizeof(large))};
}

uint16_t
pool_find(const struct sim_pool *p, struct view header)
{
	uint8_t hash[HASH_BYTES];
	entry_hash(hash, header);
	return *entry_slot(p, hash);
}

uint32_t
pool_subjects(const struct sim_pool *p, const uint8_t hash[static HASH_BYTES])
{
	uint16_t at = *entry_slot(p, hash);
	return at ? 1u << p->entries[at].content.subject : 0;
}

/* ---- frames ---- */

/* In the manner of FNV-1a (Fowler, Noll, Vo), a word at a time; only to find equal frames. */
static uint64_t
hash_of(struct view v)
{
	uint64_t h = 0xcbf29ce484222325u ^ v.len, word;
	size_t i = 0;
	for (; i + sizeof(word) <= v.len; i += sizeof(word)) {
		memcpy(&word, v.at + i, sizeof(word));
		h = (h ^ word) * 0x100000001b3u;
		h ^= h >> 29;
	}
	for (; i < v.len; i++)
		h = (h ^ v.at[i]) * 0x100000001b3u;
	return h;
}

static uint32_t *
frame_slot(const struct sim_pool *p, uint64_t hash, struct view v)
{
	for (size_t at = hash;; at++) {
		uint32_t *slot = &p->frame_slots[at % p->slot_count];
		const struct stored_frame *f = &p->frames[*slot];
		if (*slot == 0 || (f->hash == hash && f->len == v.len &&
					  memcmp(f->bytes, v.at, v.len) == 0))
			return slot;
	}
}

static void
grow_frames(struct sim_pool *p)
{
	p->frame_room *= 2;
	p->slot_count *= 2;
	p->frames = xrealloc(p->frames, p->frame_room, sizeof(*p->frames));
	free(p->frame_slots);
	p->frame_slots = xcalloc(p->slot_count, sizeof(*p->frame_slots));
	for (size_t i = 1; i < p->frame_count; i++) {
		const struct stored_frame *f = &p->frames[i];
		*frame_slot(p, f->hash, view_of(f->bytes, f->len)) = (uint32_t)i;
	}
}

uint32_t
pool_frame(struct sim_pool *p, struct view v)
{
	uint64_t hash = hash_of(v);
	uint32_t *slot = frame_slot(p, hash, v);
	if (*slot)
		return *slot;
	if (p->frame_count == p->frame_room) {
		grow_frames(p);
		slot = frame_slot(p, hash, v);
	}
	p->frames[p->frame_count] =
		(struct stored_frame){hash, (uint32_t)v.len, xmemdup(v.at, v.len)};
	*slot = (uint32_t)p->frame_count++;
	return *slot;
}

struct view
pool_bytes(const struct sim_pool *p, uint32_t frame)
{
	return view_of(p->frames[frame].bytes, p->frames[frame].len);
}

uint64_t
pool_digest(const struct sim_pool *p, uint32_t frame)
{
	return p->frames[frame].hash;
}
