/* export_fhir_page - one page of an export: the persons behind a pseudonym, each with every
 * version of the consent, as entries of a FHIR bundle. export_fhir has checked what is asked.
 *
 * Errors:      those of the vault and of json.h.
 */
#ifndef WEIR_HUB_EXPORT_FHIR_PAGE_H
#define WEIR_HUB_EXPORT_FHIR_PAGE_H

#include "hub/export_fhir.h"

struct export_scope {
	const char *reason, *entry, *site; /* as in the act's body; lent */
	bool is_one;                       /* one person alone */
	uint8_t participant[ID_BYTES];
	bool is_first;           /* page; no `after` then */
	uint8_t after[ID_BYTES]; /* where the page before ended */
	uint64_t before_leaf;    /* what came before it */
};

/* Writes the answer of the question (export_fhir.h) as one value. */
CHECKED enum err export_fhir_write(
	struct hub *h, const struct export_scope *s, struct json_out *w);

#endif
