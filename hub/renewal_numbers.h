/* renewal_numbers - the numbered keys that are not destroyed yet, as the hub knows them.
 *
 * Row:         META "renewals" -> version u8 | asked u64 s (0: nobody did)
 *              | u32 count, count x (kind u8, number u32, made u64 s, epoch u32, told u64, told
 *              at u64 s). told: number of the first manifest that named it.
 * Errors:      those of vault.h; E_FORMAT.
 */
#ifndef WEIR_HUB_RENEWAL_NUMBERS_H
#define WEIR_HUB_RENEWAL_NUMBERS_H

#include "hub/renewal.h"

#define RENEWAL_NUMBERS_COUNT 160

struct renewal_number {
	enum renewal_kind kind;
	uint32_t number;
	int64_t made_s;
	uint32_t epoch;
	uint64_t told; /* manifest; 0: not yet */
	int64_t told_s;
};

struct renewal_numbers {
	int64_t asked_s;
	size_t count;
	struct renewal_number list[RENEWAL_NUMBERS_COUNT];
};

/* Empty where there is no row. */
CHECKED enum err renewal_numbers_get(struct hub *h, struct renewal_numbers *ret);
/* In the turn's transaction. */
CHECKED enum err renewal_numbers_put(struct hub *h, const struct renewal_numbers *n);
/* lends; NULL: it is not there. */
struct renewal_number *renewal_numbers_find(
	struct renewal_numbers *n, enum renewal_kind kind, uint32_t number);

#endif
