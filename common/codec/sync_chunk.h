/* sync_chunk - the frames that carry files of records, and what the log shows. Data only.
 *
 * Field by field as in proto/sync.proto, where their meaning stands; wire_sync.h says how they
 * become bytes.
 */
#ifndef WEIR_SYNC_CHUNK_H
#define WEIR_SYNC_CHUNK_H

#include "common/codec/sync_data.h"

#define SYNC_CHUNK_MAX_BYTES  ((size_t)64 * 1024 + 40) /* sealed */
#define SYNC_CHUNKS_MAX_COUNT ((uint32_t)1 << 20)      /* of a file: 64 GiB */
#define SYNC_NOTE_MAX_BYTES   1024                     /* a checkpoint signed by its log */
#define SYNC_PROOF_MAX_BYTES  ((size_t)64 * WIRE_HASH_BYTES)

struct sync_chunk {
	uint8_t session[WIRE_ID_BYTES], root[WIRE_HASH_BYTES];
	uint32_t index;
	struct view bytes; /* empty: the node does not have it */
	struct view proof; /* hashes, end to end */
};

struct sync_want {
	uint8_t session[WIRE_ID_BYTES], root[WIRE_HASH_BYTES];
	uint32_t next, count; /* equal: the hub has the whole file */
};

struct sync_log_get {
	uint8_t session[WIRE_ID_BYTES];
	uint64_t size;
};

struct sync_log {
	uint8_t session[WIRE_ID_BYTES];
	uint64_t size;
	struct view note, proof;
};

struct sync_witness {
	uint8_t session[WIRE_ID_BYTES];
	struct sync_mark checkpoint; /* seq: its size, head: its root */
	uint64_t time_s;
	uint8_t signature[WIRE_SIGNATURE_BYTES];
};

#endif
