/* sync_batch - a run of committed entries, read from the vault and signed for sending.
 *
 * Always true: entries are dense from the asked number on; every part that is here matches its
 *              header; the head is signed by the writer. A part that was erased is left out.
 * Errors:      those of vault.h; E_FORMAT or E_NOTFOUND when the first entry is damaged: what
 *              lies before a damaged one is read.
 */
#ifndef WEIR_NODE_SYNC_BATCH_H
#define WEIR_NODE_SYNC_BATCH_H

#include "common/codec/sync_data.h"

#include "node/vault.h"

struct sync_reader;
struct sync_reader *sync_reader_new(void); /* gives */
void sync_reader_free(struct sync_reader *r);
OWNER(sync_reader)

struct sync_reader_ask {
	uint32_t incarnation;
	enum lane lane;
	uint64_t first;
	size_t max_bytes, limit_bytes, max_count; /* as LANE_FETCH says */
	const char *study;
	const uint8_t *writer; /* SIGN_PUBLIC_BYTES */
	struct secret *key;
};
/* lends the batch until the next read; count 0: its first entry is over limit_bytes. */
CHECKED enum err sync_reader_read(struct sync_reader *r, struct vault *v,
	const struct sync_reader_ask *ask, const struct sync_batch **ret);

#endif
