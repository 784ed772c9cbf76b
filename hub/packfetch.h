/* packfetch - the study pack in force, as a command gets it from the ledger.
 *
 * Always true: every document has the hash that the manifest in force names.
 * Errors:      E_AUTH a document is not what was asked for; those of office.h and pack.h.
 */
#ifndef WEIR_HUB_PACKFETCH_H
#define WEIR_HUB_PACKFETCH_H

#include "common/study/pack.h"

#include "hub/office.h"

/* gives the pack; OK and NULL before the first was put in force. */
CHECKED enum err packfetch(struct pack **ret, struct office *o);

#endif
