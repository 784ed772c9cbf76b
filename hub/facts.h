/* facts - questions about the hub's own state that commands ask before they sign something.
 *
 * Questions and answers (canonical JSON; keys and hashes in hex, documents in base64):
 *   facts      {"study","root_public","ledger_public","receipt_public","transport_public",
 *              "log_vkey","keeper":bool,"release_public","intake":[{"number","public"}],
 *              "manifest","manifest_hash","persons":[{"id","name","organisation","roles":[],
 *              "card","revoked_s"}]}
 *   proposal   {"number","manifest","by","documents":[{"name","hash","length"}]}
 *   approvals  {"approvals":[{"id","kind","decision","reference","reason","site","from_s",
 *              "until_s","entered_by","verified_by"}]}
 *   invites    {"invites":[{"id","site","by","state","name","expires_s","failures",
 *              "transcript"}]}
 * Errors:      E_NOTFOUND "there is no question NAME".
 */
#ifndef WEIR_HUB_FACTS_H
#define WEIR_HUB_FACTS_H

#include "hub/hub.h"

/* Adds the answer to reply. */
CHECKED enum err facts_answer(struct hub *h, const char *question, struct buf *reply);

#endif
