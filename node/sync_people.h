/* sync_people - the persons of a site: study code to pseudonym, and what is on file of one
 * person.
 *
 * Always true: a pseudonym is 128 random bits, made once for a code and never changed; the code
 *              itself is in no entry.
 * Fields:      those of SYNC_PEOPLE, SYNC_CODE and SYNC_RECEIPT in ipc.h.
 * Errors:      E_FORMAT a code that is none; E_NOTFOUND an unknown one; those of vault.h.
 */
#ifndef WEIR_NODE_SYNC_PEOPLE_H
#define WEIR_NODE_SYNC_PEOPLE_H

#include "node/vault.h"

#define SYNC_PEOPLE_MAX_COUNT 100000

/* Pseudonyms of the codes in the request, made where there are none; the caller commits. */
CHECKED enum err sync_people_of(struct vault *v, struct cursor *asks, struct buf *answer);
/* What is on file of one person: pseudonym, entry names, rules parts of consents. */
CHECKED enum err sync_people_file(struct vault *v, struct cursor *asks, struct buf *answer);
/* The study code of the person whose consent or change has this receipt. */
CHECKED enum err sync_people_receipt(struct vault *v, struct cursor *asks, struct buf *answer);

#endif
