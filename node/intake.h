/* intake - the process that faces tablets and browsers: it serves forms and takes submissions.
 *
 * Always true: it holds no secret of the node: no writer key, no review key, no name. Plain
 *              answers pass through its memory and are sealed before they leave it.
 *              it opens no store; sync is the one that keeps, and an acknowledgement leaves
 *              behind sync's commit only.
 *              the forms and collectors it knows are at most INTAKE_FACTS_MS old, plus the time
 *              that sync needs to answer.
 * Files:       DIR/run/intake.address: where it listens, written at its start.
 * Confined:    to DIR/run; it may neither bind nor connect over TCP once it listens.
 */
#ifndef WEIR_NODE_INTAKE_H
#define WEIR_NODE_INTAKE_H

#include "common/base/err.h"

#define INTAKE_FACTS_MS 1000

struct intake_setup {
	const char *dir;
	enum err (*confine)(void *arg); /* once it listens; NULL: not at all */
	void *arg;
};

/* Serve until a stop signal. */
CHECKED enum err intake_run(const struct intake_setup *setup);

#endif
