/* outlook - do figures count a person, and would those made from now on after a change? As the
 * rules of the study say it, not as the permissions look: a rule may let a person go whose
 * permissions all stand (the dead, R08; lost capacity, R13).
 *
 * How:         the rules about a person's own word (R07, R08, R10, R13, R14, R19) are asked
 *              twice about records that were collected a second after the agreement that
 *              stands, of each kind of data and for each use of a release: as it is now, and
 *              with the change behind it. A change takes all uses alike: where one counts the
 *              person now and not afterwards, the person leaves.
 * Always true: an answer, no promise: the hub judges each record with its own facts.
 */
#ifndef WEIR_NODE_OUTLOOK_H
#define WEIR_NODE_OUTLOOK_H

#include "common/study/pack.h"

#include "node/sync_consents.h"

enum outlook {
	OUTLOOK_COUNTED,    /* as before the change */
	OUTLOOK_LEAVES,     /* counted until now */
	OUTLOOK_IN_NO_TABLE /* already before the change */
};

/* The change is one of those that sync_consents.h calls a change or a death. */
enum outlook outlook_of(const struct pack *pack, const struct sync_consents *on_file,
	const struct wire_consent *change, int64_t now_ms);

#endif
