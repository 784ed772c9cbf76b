/* fhir_inside - what the files of fhir share; nobody else includes this.
 *
 * fhir: study, sheets, persons, consents. fhir_provenance: where a version of a consent came
 * from.
 */
#ifndef WEIR_HUB_FHIR_INSIDE_H
#define WEIR_HUB_FHIR_INSIDE_H

#include "hub/fhir.h"
#include "hub/fhirout.h"

/* The id of a version's resource of this kind; its key goes into room, which lasts as long. */
struct fhirout_id fhir_version_id(
	const struct fhir_consent *c, const char *kind, struct buf *room);

/* A site as an organisation or a place that is in no bundle. */
void fhir_put_site(
	struct json_out *w, const char *key, const char *type, const struct fhir_site *s);

#endif
