/* intake_token - who may use the door for tablets, and how much: collectors by their token.
 *
 * Always true: a token itself is never kept, only its hash (BLAKE2b-256, personal
 *              weir-token-v1); sync says which hashes are good (SYNC_FACTS).
 *              quotas are buckets that fill up steadily: `requests a minute` and `MiB a day`, a
 *              whole bucket to begin with; 0 of either is no bound. They outlive a new list.
 * Purity:      no clock: times are given, monotonic.
 */
#ifndef WEIR_NODE_INTAKE_TOKEN_H
#define WEIR_NODE_INTAKE_TOKEN_H

#include "common/trust/crypto.h"

#define INTAKE_COLLECTORS_MAX_COUNT 10000
#define INTAKE_TOKEN_MAX_BYTES      128

struct intake_collector {
	uint8_t token[HASH_BYTES];
	char *id;
	uint32_t requests_per_min;
	uint32_t mib_per_day;
	double requests_left; /* in the buckets, at filled_mono_ms */
	double bytes_left;
	int64_t filled_mono_ms;
};

struct intake_tokens;
struct intake_tokens *intake_tokens_new(void);
void intake_tokens_free(struct intake_tokens *t);
OWNER(intake_tokens)

/* Take over the list as it stands in SYNC_FACTS; who was in it before keeps what is left. */
CHECKED enum err intake_tokens_read(struct intake_tokens *t, struct cursor *c);
size_t intake_tokens_count(const struct intake_tokens *t);

/* lends whose token this is, until the next list; E_DENIED. */
CHECKED enum err intake_token_find(
	struct intake_tokens *t, const char *token, struct intake_collector **ret);
/* Count one request of so many bytes; E_BUSY when the quota does not hold it: nothing is
 * counted then. */
CHECKED enum err intake_token_spend(
	struct intake_collector *c, uint64_t bytes, int64_t now_mono_ms);

#endif
