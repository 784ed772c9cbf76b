/* whom - the person whom a command is about, from the typed code on, and what it works with:
 * the connection to sync and the study pack in force.
 *
 * Always true: the study code is wiped before it is released.
 * Errors:      those of client.h, facts.h, typed.h and capture_said.h.
 */
#ifndef WEIR_NODE_WHOM_H
#define WEIR_NODE_WHOM_H

#include "common/run/program.h"

#include "node/consent.h"
#include "node/facts.h"

/* Begins as zeros; release with whom_done() whatever the result. */
struct whom {
	struct client *sync;
	struct facts *facts;
	char *code; /* owned */
	struct facts_person person;
};
CHECKED enum err whom_open(struct whom *w, struct program *p);
void whom_done(struct whom *w);

/* Asks for the study code, or the number of a receipt. */
CHECKED enum err whom_ask(struct whom *w, struct program *p);
/* Learns the pseudonym, and lends each version of the person's consent in order; entries gets
 * the names of what was given, with blanks between. */
CHECKED enum err whom_look(
	struct whom *w, struct buf *entries, facts_consent_fn *each, void *arg);
/* Keeps what follows on the version `before`: a participation change, or the consent that takes
 * one back. ret_instance: ID_BYTES, what the number of its receipt is made from. */
CHECKED enum err whom_keep(const struct whom *w, const struct consent *after,
	const struct wire_rules *before, uint8_t *ret_instance);

#endif
