/* paper - what a participant is handed after a consent or a change: the receipt, as text and as
 * a page for one sheet.
 *
 * Always true: the telephone number stands first, the receipt number second; then in plain
 *              words what stops, what stays, what cannot be undone, and who could still open
 *              what until which day. No study code, no name, no number of an entry is on it.
 * Days:        "by" is the day by which every store has acted (done.within of study.ini); a
 *              site that the hub closed can promise none, and asks to ring instead. After an
 *              erasure copies that were made before, with the keys of that time, can be
 *              opened by their holders until those keys are destroyed, which is meant to be
 *              within PAPER_KEYS_DAYS. Both are days that people keep (an officer, the
 *              holders, a backup, the desk): the paper says "to be by" and never that
 *              something is erased which is not yet; the receipt of the erasure has the
 *              dates.
 */
#ifndef WEIR_NODE_PAPER_H
#define WEIR_NODE_PAPER_H

#include "common/study/pack_parts.h"

#include "node/consent.h"

#define PAPER_KEYS_DAYS 60
#define PAPER_MAX_BYTES 16384

struct paper {
	const char *telephone; /* "": the one on the information sheet */
	const char *title;     /* of the study */
	const char *number;    /* as receipt_number() prints it */
	const char *level;
	const char *stays;      /* instead of the level's own words; NULL: those */
	int64_t at_ms;          /* wall */
	int64_t done_within_ms; /* 0: not said */
	bool is_closed;         /* the hub hears this installation no more: it has to be rung */
};

/* Of a consent as it was given, asked for, or refused: what was agreed to (or advised, by a
 * consultee) and what not, each permission in words; whose word it is; which form was shown;
 * then, as study.ini says it, who is given answers, where and how long they are kept, and by
 * which law. */
struct paper_consent {
	const char *telephone, *title, *number;
	int64_t given_ms; /* wall */
	const struct wire_consent *consent;
	const struct pack_legal *legal; /* of the study; what it does not say has no line */
};
CHECKED enum err paper_consent(struct buf *out, const struct paper_consent *p, bool as_page);

/* Add to out. E_FORMAT: the level is not known. */
CHECKED enum err paper_text(struct buf *out, const struct paper *p);
CHECKED enum err paper_page(struct buf *out, const struct paper *p); /* HTML */

#endif
