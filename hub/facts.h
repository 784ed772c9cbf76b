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
 *   pack       {"number","documents":[{"name","hash","length"}]} of the manifest in force;
 *              number 0 and none before the first
 *   document   asks {"hash","from"}: {"length","bytes"}, a piece of at most FACTS_PIECE_BYTES
 *              of a document that a manifest names
 * Errors:      E_NOTFOUND "there is no question NAME"; no such document; E_FORMAT arguments.
 */
#ifndef WEIR_HUB_FACTS_H
#define WEIR_HUB_FACTS_H

#include "hub/hub.h"

#define FACTS_PIECE_BYTES ((size_t)1024 * 1024)

struct json;

/* Adds the answer to reply. */
CHECKED enum err facts_answer(
	struct hub *h, const char *question, const struct json *args, struct buf *reply);

#endif
