/* acts_digest - what a statement's digest is taken over, for each kind of act.
 *
 * Format: manifests: manifest_hash(); all other bodies: BLAKE2b-256, personal "weir-body-v1".
 */
#ifndef WEIR_HUB_ACTS_DIGEST_H
#define WEIR_HUB_ACTS_DIGEST_H

#include "common/trust/crypto.h"

void acts_digest_of(uint8_t ret[static HASH_BYTES], const char *kind, struct view body);

#endif
