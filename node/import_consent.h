/* import_consent - the consent that comes with each row of a sheet: a questionnaire that was
 * returned counts as one, with what --permit says.
 *
 * Always true: it is given when its row was filled in, and holds to the end of the day --until.
 * Errors:      E_FORMAT naming the code; E_FORMAT it is over before it was given.
 */
#ifndef WEIR_NODE_IMPORT_CONSENT_H
#define WEIR_NODE_IMPORT_CONSENT_H

#include "common/study/form.h"

#include "node/consent.h"

/* What was asked for, lent; mode NULL: rows come without a consent. given: of the last row. */
struct import_consent {
	const char *mode, *permits, *until; /* until NULL: it has no end */
	const char *zone;
	const struct form *form;
	struct consent given;
	char codes[CONSENT_LIST_BYTES];
};

/* What is wrong with how it was asked for, as a sentence; NULL: nothing. */
const char *import_consent_wrong(const struct import_consent *c);
/* Fills `given` for a row that was filled in then; nothing without a mode. */
CHECKED enum err import_consent_at(struct import_consent *c, int64_t at_s);

#endif
