/* audit_receipt - `weir-audit receipt`: is a receipt of an erasure what hub and site signed?
 *
 * Receipt:     a line of canonical JSON, signed by the hub's receipt key over the format
 *              "weir-erased-v1" (hub/erase.h); in it the site's own paper, signed by its node
 *              over "weir-erased-site-v1" (hub/erase_site.h); a line with the hub's signature
 *              in hex.
 * Keys:        a file of lines "hub HEX" and "node SITE HEX", as `weir-node erase keys` and
 *              `weir-hub erase keys` print them: take it from the side that you do not ask.
 * Always true: nothing but the file of keys is trusted; both papers have to be about one study
 *              and receipt number, and the dates of the site have to be the ones it signed.
 * Errors:      E_AUTH a signature or key does not fit, or the papers differ; E_FORMAT.
 * It can hurt: that both signed is not that nothing is left: it says who answers for it.
 */
#ifndef WEIR_AUDIT_RECEIPT_H
#define WEIR_AUDIT_RECEIPT_H

#include "common/run/program.h"

extern const struct program_option audit_receipt_options[];

/* Prints the dates and who signed; E_AUTH unless hub and, where it says erased, site signed. */
CHECKED enum err audit_receipt(struct program *p);

#endif
