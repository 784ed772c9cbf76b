/* handed - a staged release as a command fetched it, held against the study root before it is
 * used.
 *
 * Always true: the document carries the signature of the release key, that key stands in hub
 *              keys signed by the study root, and the root is the one in DIR/root.public: the
 *              ledger is not asked to be believed.
 * Errors:      E_NOTFOUND, E_CONFLICT what the ledger said; E_AUTH a signature does not fit;
 *              E_FORMAT.
 */
#ifndef WEIR_HUB_HANDED_H
#define WEIR_HUB_HANDED_H

#include "common/trust/crypto.h"

#include "hub/office.h"
#include "hub/staged.h"

struct handed {
	uint8_t *bytes; /* the exact document */
	size_t len;
	uint8_t digest[HASH_BYTES]; /* what an approval is signed over */
	struct staged *staged;
};

CHECKED enum err handed_fetch(
	struct handed **ret, struct office *o, const char *dir, const char *release);
/* Its table as a file. E_IO, E_FULL. */
CHECKED enum err handed_write(const struct handed *h, const char *path);
void handed_free(struct handed *h);
OWNER(handed)

#endif
