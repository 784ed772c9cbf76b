/* outlook - would figures made from now on still count a person after a change? As the rules of
 * the study say it, not as the permissions look: a rule may let a person go whose permissions
 * all stand (the dead, R08; lost capacity, R13).
 *
 * How:         the rules about a person's own word (R07, R08, R10, R13, R14, R19) are asked
 *              twice about a record that was collected a second after the agreement that
 *              stands: as it is now, and with the change behind it. One that lets it go the
 *              second time only makes it leave.
 * Always true: an answer, no promise: the hub judges each record with its own facts.
 */
#ifndef WEIR_NODE_OUTLOOK_H
#define WEIR_NODE_OUTLOOK_H

#include "common/study/pack.h"

#include "node/sync_consents.h"

/* The change is one of those that sync_consents.h calls a change or a death. */
bool outlook_leaves(const struct pack *pack, const struct sync_consents *on_file,
	const struct wire_consent *change, int64_t now_ms);

#endif
