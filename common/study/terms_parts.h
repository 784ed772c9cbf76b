/* terms_parts - what terms of a site (terms.h) say of single persons: by receipt number and
 * mark, never by name. */
#ifndef WEIR_TERMS_PARTS_H
#define WEIR_TERMS_PARTS_H

#include "common/codec/bytes.h"
#include "common/study/receipt.h"
#include "common/trust/crypto.h"

struct terms_hold {
	char number[RECEIPT_BYTES];
	int64_t placed_s;
};

/* Of the hub: the site deletes whom it is about, and keeps it as the receipt. */
struct terms_paper {
	struct view text;
	uint8_t signature[SIGNATURE_BYTES];
};

/* Of the hub, too: whoever has rows of the person deletes them. */
struct terms_gone {
	uint8_t start[RECEIPT_START_BYTES];
	int64_t stopped_s;
	uint8_t mark[ID_BYTES];
};

#endif
