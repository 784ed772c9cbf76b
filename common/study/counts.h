/* counts - the names of what forms cannot tell and nodes count (derivations of a study pack,
 * system:...), as both sides write them.
 *
 * A node sends them as records about the site: form COUNTS_FORM, version COUNTS_VERSION, one
 * for each wave (field wave of the rules part), participant zeros, lane R, sealed to the study;
 * each later one corrects the one before (refers_to), so the newest is what holds. Its answers:
 *
 *   path   NAME/FORM/GROUP or NAME/FORM/GROUP/DETAIL       value  a whole number from 0
 *
 * FORM and GROUP are ids of the pack, "-" where the node cannot know (a consent of somebody
 * without a record). The rows of one NAME add up; no row says what another one counts already.
 *
 *   entered by people     eligible, approached (DETAIL: role of who approached), not_eligible,
 *                         declined
 *   counted by the node   completed      people with a record of the form in this wave
 *                         consented      people whose first event is given or advice-supports,
 *                                        in the first wave that was open then or after
 *                         withdrawn      of these, who took something back at any time after
 *                                        it, also of who came back later: by a refusal, a
 *                                        changed agreement, or a change of participation but
 *                                        for no-further-contact; a death is no withdrawal
 *                                        (DETAIL: before or after completing, '-', level or
 *                                        event of what reached furthest: a refusal as far as
 *                                        no-further-use, a changed agreement less than any
 *                                        level; of two as far, the first)
 *                         seen_in_both   people with a record in this wave and the one before
 *                         seen_earlier   people with one in the wave before who have not ended,
 *                                        or have one in this wave, too. Who died has ended,
 *                                        and whose last word is a no; who came back behind a
 *                                        change (rules_ended.h) has not
 *   decided by coders     worse_read, harm, own_read; theme (DETAIL: theme code): people
 *
 * system:item_missing needs no count of a node: who opens the answers sees what was shown and
 * left empty.
 */
#ifndef WEIR_COUNTS_H
#define WEIR_COUNTS_H

#define COUNTS_FORM       "system"
#define COUNTS_VERSION    "1"
#define COUNTS_UNKNOWN    "-"
#define COUNTS_PATH_BYTES 255

#define COUNTS_ELIGIBLE     "eligible"
#define COUNTS_APPROACHED   "approached"
#define COUNTS_NOT_ELIGIBLE "not_eligible"
#define COUNTS_DECLINED     "declined"
#define COUNTS_COMPLETED    "completed"
#define COUNTS_CONSENTED    "consented"
#define COUNTS_WITHDRAWN    "withdrawn"
#define COUNTS_SEEN_IN_BOTH "seen_in_both"
#define COUNTS_SEEN_EARLIER "seen_earlier"
#define COUNTS_WORSE_READ   "worse_read"
#define COUNTS_HARM         "harm"
#define COUNTS_OWN_READ     "own_read"
#define COUNTS_THEME        "theme"

#endif
