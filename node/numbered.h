/* numbered - the consent or change that the number of a receipt names.
 *
 * Found by:    the rows of instances, which begin with what the number says: nothing else of
 *              the vault is looked at, however many took part.
 * Always true: consents and changes alone are found, of lane C. Two may begin alike.
 * Errors:      those of the callback and of the vault.
 */
#ifndef WEIR_NODE_NUMBERED_H
#define WEIR_NODE_NUMBERED_H

#include "common/codec/wire_rules.h"
#include "common/study/receipt.h"

#include "node/vault.h"

/* Not those whose parts are erased. r: lent; NULL when the rules part is damaged, and waits for
 * the scrub (sync_scrub.h). */
typedef enum err numbered_fn(void *arg, const struct wire_rules *r);
CHECKED enum err numbered_each(struct vault *v, const uint8_t start[static RECEIPT_START_BYTES],
	numbered_fn *each, void *arg);

#endif
