/* sync_hold_said - what a person has said that is held: nobody has taken it up yet.
 *
 * Always true: whatever could be a consent form counts as one: of what could not be taken apart
 *              by its form, each whose form is a consent form in a version known here, or is
 *              not known here at all.
 * Not found:   what is held without a person, because no study code of this site could be read
 *              from it (intake_record.h).
 * Errors:      those of the vault.
 */
#ifndef WEIR_NODE_SYNC_HOLD_SAID_H
#define WEIR_NODE_SYNC_HOLD_SAID_H

#include "node/sync_judge.h"

struct sync_hold_said {
	bool any;
	bool goes_on; /* one of it does by itself one day (HOLD_TERMS) */
};
CHECKED enum err sync_hold_said(const struct sync_judge *j,
	const uint8_t participant[static ID_BYTES], struct sync_hold_said *ret);

#endif
