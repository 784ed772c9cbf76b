/* release - from a proposed table to what is published, step by step (design 8).
 *
 * Acts and bodies (canonical JSON):
 *   release-propose  {"id","indicators":[],"purpose","wave"}; wave 0: the only one of the
 *                    study; "compare", an earlier wave like it, where figures of both are to
 *                    stand side by side (season.h, compared.h); and "sites" where they are not
 *                    named as recorded: "lineage" or
 *                    "as-of:YYYY-MM-DD" (lineage.h)
 *   release-approve  the staged document's exact bytes
 *   release-publish  {"id","digest"}: digest of the staged document, hex
 * States:      proposed -> staged -> approved -> released; refused instead of staged. Never
 *              back: what has to change is proposed again under another id.
 * Always true: a cohort is frozen once, with its leaf, before anything is opened; every member
 *              is permitted for a table of its site and for a pooled figure at that time.
 *              staged bytes carry the release key's signature; they never change.
 *              two approvers at least, neither the author; nothing is released unless the
 *              second approval's leaf is in a checkpoint and every member is permitted again.
 * Indicators:  ids of the codebook, or "all" alone.
 * Refused:     what question.h, chosen.h and opening.h say; a wave left out where there are
 *              several. Where the profile hides anything, a release whose sites are cut
 *              otherwise than those of another one of the wave that was not refused: the two
 *              could be subtracted, and each release is judged alone.
 * Questions:   releases    {"releases":[{"id","state","author","purpose","indicators":[],
 *                          "proposed_s","approvals"}]}
 *              release     asks {"id"}: {"id","state","author","purpose","indicators":[],
 *                          "proposed_s","wave","manifest","cohort","count_bucket","digest",
 *                          "words","needed","approvals":[{"person","time_s"}],
 *                          "published_by","released_s"}, and "compared" where it compares
 *              staged      asks {"id"}: {"id","document","signature","digest","keys"}: base64,
 *                          hex, hex, base64 of the SignedHubKeys that name the release key
 *              releasable  asks {"indicators":[]}, and {"wave","compare"} where waves are to be
 *                          compared: {"forms":[]}, or why they cannot be released
 * Errors:      E_NOTFOUND, E_DENIED, E_CONFLICT, E_FORMAT: one sentence each.
 */
#ifndef WEIR_HUB_RELEASE_H
#define WEIR_HUB_RELEASE_H

#include "hub/acts.h"

#define RELEASE_APPROVERS_MIN_COUNT 2

CHECKED enum err release_propose(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err release_approve(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err release_publish(struct hub *h, const struct act *a, struct buf *reply);

bool release_is_question(const char *question);
/* Adds the answer to one of the questions above; args: canonical JSON. E_NOTFOUND for
 * others. */
CHECKED enum err release_answer(
	struct hub *h, const char *question, struct view args, struct buf *reply);

#endif
