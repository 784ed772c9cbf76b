/* sim_pool - entries and frames of a simulation: immutable, each content once.
 *
 * Numbers begin with 1; 0 is none. A pool is emptied between seeds; it ends the process when it
 * is full, which is a mistake of the bounds and not of what is simulated.
 */
#ifndef WEIR_SIM_POOL_H
#define WEIR_SIM_POOL_H

#include "common/codec/wire_sync.h"
#include "common/trust/merkle.h"
#include "common/trust/note.h"

#define POOL_HEADER_MAX_BYTES 320
#define POOL_PART_BYTES       8
#define POOL_LARGE_BYTES      ((size_t)60 * 1024)

enum pool_kind { POOL_RECORD = 1, POOL_CONSENT, POOL_WITHDRAWAL, POOL_ACT };

/* What an entry says; it keeps it when it is said again in another incarnation. */
struct pool_content {
	uint16_t number;
	uint8_t kind, subject;
	bool is_large; /* with answers of POOL_LARGE_BYTES */
};

struct pool_entry {
	struct pool_content content;
	uint32_t incarnation;
	uint64_t seq;
	uint16_t root; /* the entry that it says again, or itself */
	uint8_t lane, part[POOL_PART_BYTES];
	uint8_t hash[HASH_BYTES], prev[HASH_BYTES];
	uint16_t header_len;
	uint8_t header[POOL_HEADER_MAX_BYTES];
};

/* Where a new entry goes. */
struct pool_place {
	uint32_t incarnation;
	uint8_t lane;
	uint64_t seq;
	uint8_t prev[HASH_BYTES];
	uint16_t repeats; /* entry, or 0 */
};

struct sim_pool;
struct sim_pool *pool_new(void); /* gives */
void pool_free(struct sim_pool *p);
void pool_empty(struct sim_pool *p);

struct secret *pool_writer_key(struct sim_pool *p);
struct secret *pool_receipt_key(struct sim_pool *p);
struct secret *pool_log_key(struct sim_pool *p);
struct secret *pool_witness_key(struct sim_pool *p);
const struct note_key *pool_log(const struct sim_pool *p);
const uint8_t *pool_witness(const struct sim_pool *p);
/* The root of a file by its record's number. */
const uint8_t *pool_root(const struct sim_pool *p, uint16_t number);
const uint8_t *pool_writer(const struct sim_pool *p);
const uint8_t *pool_receipt(const struct sim_pool *p);

uint16_t pool_make(
	struct sim_pool *p, const struct pool_place *place, const struct pool_content *content);
const struct pool_entry *pool_entry(const struct sim_pool *p, uint16_t number);
/* As it goes into a batch; its parts are lent. */
void pool_sync_entry(const struct sim_pool *p, uint16_t number, struct sync_entry *ret);
/* Whom the entry of this hash is about, as a bit; 0 if nobody ever made it. */
uint32_t pool_subjects(const struct sim_pool *p, const uint8_t hash[static HASH_BYTES]);
/* The entry with this header; 0 if nobody ever made it. */
uint16_t pool_find(const struct sim_pool *p, struct view header);

uint32_t pool_frame(struct sim_pool *p, struct view bytes);
struct view pool_bytes(const struct sim_pool *p, uint32_t frame); /* lent */
uint64_t pool_digest(const struct sim_pool *p, uint32_t frame);   /* of its bytes */

/* Room for one step; not part of any state. */
struct pool_room {
	struct lane_actions *actions;
	struct sync_entry entries[SYNC_BATCH_MAX_COUNT];
	struct sync_batch batch;
	struct wire_arena arena;
	uint8_t chunk[8], note[SYNC_NOTE_MAX_BYTES];
	struct merkle_proof proof;
};
struct pool_room *pool_room(struct sim_pool *p);

#endif
