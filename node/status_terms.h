/* status_terms - what `weir-node status` prints of the word of the hub: until when the study is
 * in force here, what the site lacks, whom it has to ask. Out of the document of sync_status.h.
 *
 * Errors:      those of json.h.
 */
#ifndef WEIR_NODE_STATUS_TERMS_H
#define WEIR_NODE_STATUS_TERMS_H

#include "common/codec/json.h"

/* The version in force, and its last day. */
CHECKED enum err status_terms_until(const struct json *status, int64_t number);
CHECKED enum err status_terms_print(const struct json *status);

#endif
