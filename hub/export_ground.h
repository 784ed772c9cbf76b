/* export_ground - what an exported consent stands on besides the word of the person: the study
 * of that day, the receipt that was handed out, the line of the delegation log of who took it.
 *
 * Always true: the study is the one in force on the day the consent was given; of a day before
 *              the first manifest, the first one that was put in force.
 *              the line is one for the task consent that covers the moment it was given, by
 *              what is known now; none where nobody took it, or nobody was allowed to (R11
 *              holds what stands on that).
 */
#ifndef WEIR_HUB_EXPORT_GROUND_H
#define WEIR_HUB_EXPORT_GROUND_H

#include "common/study/receipt.h"

#include "hub/delegation.h"
#include "hub/fhir.h"
#include "hub/hub.h"

#define EXPORT_GROUND_LEAF_BYTES 24

/* The texts that a consent lends of it. */
struct export_ground {
	char receipt[RECEIPT_BYTES];
	char delegation[EXPORT_GROUND_LEAF_BYTES]; /* leaf of the log, decimal */
};

/* Fills basis, legal, receipt and delegation of c, whose site, consent and captured_s stand.
 * instance: of its entry, NULL if none came. Lent by ret and by the hub's versions. */
void export_ground_fill(struct export_ground *ret, struct fhir_consent *c,
	const uint8_t *instance, const struct hub *h, const struct delegation *log);

#endif
