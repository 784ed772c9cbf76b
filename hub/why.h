/* why - what was decided about one entry, then and now, and on which consents.
 *
 * Asks:        {"entry","purpose"}, and "known_at" (log index: nothing after it is known) and
 *              "true_at_s" (a time, with the study's rules in force then) where it is not
 *              about now; purpose collect (or ""), site, pooled (for tables), quote, link or
 *              share.
 *              "request": instead of a purpose, the purpose of a release, as its author would
 *              write it (question.h), and "author", whose training and contract are looked at.
 * Answers:     {"entry","site","kind","form","form_version","wave","captured_s",
 *              "captured_said","received_s","leaf","manifest","stored":VERDICT,
 *              of a record: "purpose","true_at_s","known_at" (where it was asked for),
 *              "rules_version","rules_digest" (hex),"now":VERDICT (at that time, with what was
 *              known then),
 *              "approvals":[ids, each once],
 *              "consents":[{"entry","leaf","event","level","given_s","until_s",
 *              "permissions":[{"code","decision","from_s","until_s","limits":[words]}]}]}
 *              A check of the national opt-out stands among the consents: event
 *              "opt-out-checked", level "in" or "out", given_s when it was looked at.
 *              VERDICT: {"outcome","reason","fired":[{"rule","outcome","reason"}]}
 * Errors:      E_NOTFOUND no such entry, or a leaf that the log has not; E_FORMAT.
 */
#ifndef WEIR_HUB_WHY_H
#define WEIR_HUB_WHY_H

#include "hub/answer.h"

CHECKED enum err why_answer(struct answer *a);

#endif
