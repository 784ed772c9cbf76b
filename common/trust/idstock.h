/* idstock - random ids, drawn from the system many at a time.
 *
 * Always true: an id is given once and wiped from the stock.
 * It can hurt: for what everybody may read, such as the id of a leaf: an id waits in ordinary
 *              memory. A copy of the process, after fork(), gives the same ones.
 */
#ifndef WEIR_IDSTOCK_H
#define WEIR_IDSTOCK_H

#include "common/trust/crypto.h"

#define IDSTOCK_COUNT 64

/* Begins as zeros: an empty one, that draws when it is asked. */
struct idstock {
	uint8_t at[IDSTOCK_COUNT][ID_BYTES];
	size_t left;
};

void idstock_take(uint8_t ret[static ID_BYTES], struct idstock *s);

#endif
