/* chain - the entries of a vault, held against each other one after another.
 *
 * Feed the entries in the order of their places. A lane begins where writer, incarnation or
 * lane change.
 * Always true: after OK the header is of its form, names this study and the place it lies at,
 *              and stands on the entry followed before it. The first entry of an incarnation
 *              past the first stands on the end of the one before: what it names there is not
 *              compared here.
 * Errors:      E_FORMAT, E_CONFLICT, E_NOTFOUND; the next entry is followed from this one on.
 */
#ifndef WEIR_CHAIN_H
#define WEIR_CHAIN_H

#include "common/trust/entry.h"

struct chain_at {
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint32_t incarnation;
	uint8_t lane; /* enum lane */
	uint64_t seq; /* 0 before the first entry of the lane */
};

struct chain {
	const char *study; /* lent */
	struct chain_at at;
	uint8_t head[HASH_BYTES]; /* of the entry followed last */
};

bool chain_same_lane(const struct chain_at *a, const struct chain_at *b);

/* The header of the entry at this place; ret is set when the bytes are of their form. */
CHECKED enum err chain_follow(struct chain *c, const struct chain_at *at, struct view header,
	struct wire_header *ret);

#endif
