/* contact_typed - what the coordinator types of one person for the desk's names, a text a line.
 *
 * Read from terminal, where each is asked for by its name, --file or standard input; never an
 * argument. Blanks around a text are taken off.
 * Errors: E_FORMAT too many lines, no study code, or more than the study code where that is all
 *         that is wanted; those of program.h.
 */
#ifndef WEIR_NODE_CONTACT_TYPED_H
#define WEIR_NODE_CONTACT_TYPED_H

#include "common/run/program.h"
#include "common/trust/crypto.h"

#define CONTACT_TYPED_COUNT 4 /* study code, name, contact, preferred way */

/* Begins as zeros. */
struct contact_typed {
	struct secret *all;
	struct view line[CONTACT_TYPED_COUNT]; /* lent by all */
};
void contact_typed_done(struct contact_typed *t);
#define OWNED_CONTACT_TYPED OWNED_BY(contact_typed_done)

/* count: 1, the study code alone, or CONTACT_TYPED_COUNT. */
CHECKED enum err contact_typed_read(struct program *p, struct contact_typed *t, size_t count);

#endif
