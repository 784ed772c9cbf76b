/* transcript - what both ends of an enrolment have seen, as one hash.
 *
 * Format: BLAKE2b-256, personal "weir-enrol-v1", over nine fields, each a u32 length and the
 *         bytes, in the order of struct enrolment. Two people compare it by telephone as the
 *         six groups of invite.h: 80 bits are too many to search for a second match within an
 *         invitation's life.
 */
#ifndef WEIR_TRANSCRIPT_H
#define WEIR_TRANSCRIPT_H

#include "common/trust/crypto.h"

struct enrolment {
	uint8_t invite[ID_BYTES];
	uint8_t enrol_public[BOX_PUBLIC_BYTES]; /* made from the invitation's secret */
	uint8_t hub_public[BOX_PUBLIC_BYTES];   /* CURVE key of the hub */
	uint8_t root_hash[HASH_BYTES];
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint8_t transport[BOX_PUBLIC_BYTES];
	uint8_t box[BOX_PUBLIC_BYTES];
	uint8_t review[BOX_PUBLIC_BYTES];
	uint8_t witness[SIGN_PUBLIC_BYTES];
};

void transcript_hash(uint8_t ret[static HASH_BYTES], const struct enrolment *e);

#endif
