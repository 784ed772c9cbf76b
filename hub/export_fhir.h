/* export_fhir - the consents of a person, a site or all, as the entries of a FHIR bundle
 * (fhir.h), given out page by page under an officer's act.
 *
 * Always true: an export begins with an act that leaves a leaf: who, when, why and, of one
 *              person, person_commit. Pages are given under that leaf alone, for EXPORT_FHIR_S,
 *              and hold what had come before it.
 *              rules parts are read and nothing else: no answer is opened.
 *              entries are ordered by pseudonym, of a person by arrival: the same vault gives
 *              the same bytes.
 *              of a person whose rules parts were erased there is nothing.
 * Act:         export-fhir, by an officer, refused while the hub is in recovery. Body:
 *              {"reason","entry","site"}; entry: the person whom this entry is about; site: the
 *              persons who came first from this site; both "": all. Answer: {"leaf"}.
 * Question:    fhir {"leaf","body","after"}: the act's leaf and the very text of its body,
 *              `after` what the page before gave as `next`, "" at first. Answer: {"study":
 *              [entry],"sheets":[entry],"entries":[entry],"persons","next"}; next "": it was
 *              the last. An entry is a text of JSON; a sheet may come again with another page.
 * Errors:      E_DENIED the leaf is not of this act or too old; E_NOTFOUND no such entry or
 *              site; E_FORMAT; those of the vault.
 * Limit:       a page ends behind the person with whom it passes EXPORT_FHIR_PAGE_BYTES.
 */
#ifndef WEIR_HUB_EXPORT_FHIR_H
#define WEIR_HUB_EXPORT_FHIR_H

#include "hub/acts.h"

#define EXPORT_FHIR_KIND           "export-fhir"
#define EXPORT_FHIR_S              3600
#define EXPORT_FHIR_PAGE_BYTES     ((size_t)1024 * 1024)
#define EXPORT_FHIR_ENTRY_BYTES    ((size_t)65536)
#define EXPORT_FHIR_BODY_MAX_BYTES 4096

struct json;
struct json_out;

CHECKED enum err export_fhir(struct hub *h, const struct act *a, struct buf *reply);

/* The answer of the question, as one value. */
CHECKED enum err export_fhir_page(struct hub *h, const struct json *args, struct json_out *w);

#endif
