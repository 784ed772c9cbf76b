/* chosen - the indicators of a release: those it names, and those that their cell expressions
 * read.
 *
 * Names:       ids of the codebook in force; or "all" alone, for every one of them.
 * Records:     of the forms that the indicators are of; for item non-response, of every form
 *              that takes one record of a person or site in a wave; with an outcome, where the
 *              study sets a response rate for them, the counts of nodes.
 * Refused:     an indicator that is not there or named twice; of a form that takes several
 *              records of a person in a wave, because people are counted.
 * Errors:      E_NOTFOUND, E_FORMAT, E_DENIED: one sentence that names the indicator.
 */
#ifndef WEIR_HUB_CHOSEN_H
#define WEIR_HUB_CHOSEN_H

#include "common/study/pack.h"

#define CHOSEN_ALL       "all"
#define CHOSEN_SYSTEM    "system" /* the form that counts of nodes are records of */
#define CHOSEN_MAX_FORMS 40

struct chosen {
	const struct pack *pack;
	const struct codebook *codebook;
	bool *named;  /* by number of the indicator: is published */
	bool *needed; /* is worked out: named, or read by a named one */
	/* Forms whose records it takes: ids lent by the pack. */
	const char *forms[CHOSEN_MAX_FORMS];
	size_t form_count;
};

/* gives; the pack is lent. */
CHECKED enum err chosen_make(
	struct chosen **ret, const struct pack *pack, const char *const *names, size_t count);
void chosen_free(struct chosen *c);
OWNER(chosen)

/* Is it an outcome of people that is published, and has the study set a response rate? */
bool chosen_is_judged(const struct chosen *c, size_t indicator);
/* Does it take records of this form? */
bool chosen_has_form(const struct chosen *c, const char *form);

#endif
