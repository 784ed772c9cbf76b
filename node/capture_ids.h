/* capture_ids - what a record is called: digests and instances (capture.h says of what).
 *
 * Always true: keyed with the site's row key; the same row is the same name, here only.
 * Errors:      E_FORMAT naming the path.
 */
#ifndef WEIR_NODE_CAPTURE_IDS_H
#define WEIR_NODE_CAPTURE_IDS_H

#include "node/capture.h"

/* Has the form many records, and answers that stay at the site? Its rows then have to be asked
 * about: what each is called. */
bool capture_hides(const struct form *f);
struct capture_ids {
	uint8_t digest[HASH_BYTES]; /* of the whole row */
	uint8_t first[ID_BYTES];    /* what it is called as the first of its like */
	uint8_t before[ID_BYTES];   /* what earlier versions called it: known, never sent */
};
CHECKED enum err capture_ids(struct capture_ids *ret, const struct capture_site *site,
	const struct capture_record *r);
/* What the row of this turn is called; turn 0 is the first. */
void capture_instance_turn(uint8_t ret[static ID_BYTES],
	const uint8_t row_key[static HASH_BYTES], const uint8_t first[static ID_BYTES],
	uint32_t turn);

/* The instance of an instanceID: BLAKE2b-128, personal "weir-instance-v1", keyed. */
void capture_instance_of(uint8_t ret[static ID_BYTES], const uint8_t row_key[static HASH_BYTES],
	const char *instance_id);
/* Digest of a document or file: BLAKE2b-256, personal "weir-row-v1", keyed. */
void capture_digest_of(uint8_t ret[static HASH_BYTES], const uint8_t row_key[static HASH_BYTES],
	struct view bytes);

#endif
