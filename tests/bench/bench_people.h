/* bench_people - a hub's vault filled with many people at once: the rows that entries leave
 * there, written straight, as fast as the store takes them.
 *
 * Each person (pseudonyms are numbers, marked as made up) has an entry with a consent to all,
 * one with a key that is wrapped for the study, if keys are asked for, and as many records as
 * are asked for, each of its own wave. Parts and headers are packed as nodes pack them and the
 * verdict is a permit, so that the judge, the erasure and the keeper read what they read in the
 * field. Left out: chains (a head covers each lane), and the leaves of the entries.
 */
#ifndef WEIR_BENCH_PEOPLE_H
#define WEIR_BENCH_PEOPLE_H

#include "hub/hub.h"
#include "hub/place.h"

struct bench_people {
	uint32_t persons;
	uint32_t records; /* of each */
	bool keys;
	bool answers; /* a sealed part of the smallest bucket; its bytes open nothing */
};

/* Into a hub of bench_hub_open() with one node; commits. */
void bench_people_fill(struct hub *h, const struct bench_people *p);
/* The pseudonym of a person, from 0 on. */
void bench_people_id(uint8_t ret[static ID_BYTES], uint32_t person);

#endif
