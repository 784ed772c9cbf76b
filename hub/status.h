/* status - what came from each node, what was decided about it, and what waits for a person.
 *
 * Asks:        {}
 * Answers:     {"study","manifest","leaves","published","started_s","now_s",
 *              "keeper_open":bool,"refused","lost_packs","lost_why","journal_bytes","epoch",
 *              "backups":[{"id","made_s"}],"nodes":[{"writer" (8 hex digits),"site","name",
 *              "connected":bool,"heard_s","trouble","standing","manifest","contact_s",
 *              "told_manifest","told_until_s" (standing_told of standing.h),
 *              "lanes":[{"lane","entries"}],"records_incomplete","files_missing",
 *              "cosigned_size","cosigned_s","forms":[{"form","version","permit","hold",
 *              "deny"}],"records":[{"outcome","reason","count"}]}]}; while nodes are waited
 *              for "recovery":{"since_s","leaves_vault","leaves_back","acts","waits"};
 *              "keys" of renewal_status.h, "decisions" of decisions.h.
 * Always true: entries are counted over all incarnations of a node.
 * Errors:      those of the rooms asked.
 */
#ifndef WEIR_HUB_STATUS_H
#define WEIR_HUB_STATUS_H

#include "hub/answer.h"

CHECKED enum err status_answer(struct answer *a);

#endif
