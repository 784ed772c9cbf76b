/* pseudonym - who a study code stands for, at this site only.
 *
 * Made:        BLAKE2b-128, personal "weir-person-v1", keyed with the site's row key, of the
 *              code. To everybody without the row key it is as good as random; to this node a
 *              code stands for the same person again after a restore, so a withdrawal by a card
 *              that was handed out after the backup finds its person, and a file that is loaded
 *              again makes nobody twice. What is on file for a code from before stands.
 * Errors:      E_NOTFOUND nobody is known under the code; those of vault.h.
 */
#ifndef WEIR_NODE_PSEUDONYM_H
#define WEIR_NODE_PSEUDONYM_H

#include "node/vault.h"

void pseudonym_make(uint8_t ret[static ID_BYTES], const struct vault *v, struct view code);
/* Of a code that is on file, or that entries here are about. */
CHECKED enum err pseudonym_find(
	struct vault *v, struct view code, uint8_t ret[static ID_BYTES]);

#endif
