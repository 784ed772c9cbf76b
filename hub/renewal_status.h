/* renewal_status - numbered keys as the status of the hub shows them.
 *
 * Member:      "keys" {"intake", "ledger"}, each {newest, told, oldest, made_s, due, waits
 *              [{site, node (first 8 hex digits), words, until_s}]}: whom the oldest number
 *              stays for, and until when at most.
 * Errors:      those of renewal.h.
 */
#ifndef WEIR_HUB_RENEWAL_STATUS_H
#define WEIR_HUB_RENEWAL_STATUS_H

#include "hub/hub.h"

struct json_out;

CHECKED enum err renewal_status_put(struct json_out *w, struct hub *h, int64_t days);

#endif
