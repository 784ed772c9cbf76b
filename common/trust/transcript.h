/* transcript - what both ends of an enrolment have seen, as one hash and as digits to compare.
 *
 * Format: BLAKE2b-256, personal "weir-enrol-v1", over nine fields, each a u32 length and the bytes, in
 *         the order of struct enrolment. The digits: six groups of four decimals, group i being
 *         bytes 4i..4i+3 of BLAKE2b-256, personal "weir-groups-v1", of the hash, big-endian, modulo 10,000.
 *         Two people compare them by telephone: 80 bits are too many to search for a second match
 *         within an invitation's life, as 24 digits are read without mistakes.
 */
#ifndef WEIR_TRANSCRIPT_H
#define WEIR_TRANSCRIPT_H

#include "common/trust/crypto.h"

#define TRANSCRIPT_GROUPS_BYTES 30 /* "1234 5678 9012 3456 7890 1234" and its zero */

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
void transcript_groups(
	char ret[static TRANSCRIPT_GROUPS_BYTES], const uint8_t hash[static HASH_BYTES]);

/* BLAKE2b-256, personal "weir-root-v1", of the study root's public key: what an invitation pins. */
void transcript_root_hash(
	uint8_t ret[static HASH_BYTES], const uint8_t root[static SIGN_PUBLIC_BYTES]);

#endif
