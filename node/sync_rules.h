/* sync_rules - the rules of the study, and the site's own, asked about what would be kept now.
 *
 * Consent:     R07, R08, R10, R12 to R14 and R19 for the actions collect and sync (what is kept
 *              leaves as soon as there is a link), and some consent whatever the rules say, but
 *              in a study by section 251 support.
 * Terms:       R01 to R06, R20, R23, and what R07 asks of approvals, by the terms of the site
 *              (sync_terms.h): each kind of approval that the site needs, when the record was
 *              collected and now; what ends today ends here today, link or none. The plan, and
 *              the site's task and reason, as the hub has them: a site is not open before the
 *              hub has permitted the record that says them (D-6).
 *              R11 by the delegation log: the hub's, and what was said at this node since.
 *              R09 by the versions of consent forms as the hub has them: what the person had
 *              seen when the record was collected, or has seen since. A record is held without
 *              an end until they agree anew: they did agree once.
 *              As long as the hub has handed over no terms, or could not hand over all of
 *              them, nothing new is kept.
 *              A suspension that came while there was no link is not known here: the record is
 *              kept, and the hub, whose verdict binds, denies it.
 * Left to the hub: R15 to R18 beyond the own signatures, R21, R22, and what R23 asks of
 *              the first record of a wave.
 * Errors:      E_DENIED "R03: the site had not confirmed ..."; those of vault.h.
 */
#ifndef WEIR_NODE_SYNC_RULES_H
#define WEIR_NODE_SYNC_RULES_H

#include "common/study/pack.h"

#include "node/sync_consents.h"
#include "node/sync_terms.h"

struct sync_judge {
	struct vault *vault;
	const struct pack *pack;        /* in force */
	const struct pack *const *past; /* of manifests before it, for versions of forms */
	size_t past_count;
	const struct terms *terms; /* in force; NULL before the first */
	const char *site;
	uint64_t study;        /* number of the manifest in force */
	int64_t over_s;        /* when that ended, the hub's time; 0: it is in force */
	int64_t now_ms;        /* wall */
	uint32_t intake;       /* number of the study's intake key in force; 0: not looked at */
	uint32_t intake_first; /* the lowest that was not destroyed by the manifest; likewise */
	const char *by, *role; /* whose decision this is (staff.h); NULL: nobody's */
};

/* A record. p: the person's consents, NULL for one about the site. */
struct sync_rules_ask {
	const struct sync_judge *judge;
	const struct wire_rules *record;
	const struct form *form;
	const struct sync_consents *p;
	bool has_files_of_site; /* that stay here (datakind.h) */
};
CHECKED enum err sync_rules_record(const struct sync_rules_ask *q);
/* Does it go without: does nothing that the person said stand behind it? */
bool sync_rules_without(const struct sync_rules_ask *q);
/* Does the person's consent cover it, whatever the terms of the site are? */
CHECKED enum err sync_rules_consented(const struct sync_rules_ask *q);

/* Does somebody agree by an event of this name? Not who refuses. */
bool sync_rules_agrees(const char *event);
/* May whoever approached the person, and took this consent, do so here (R11)? A refusal is
 * taken from anybody. on_file: what the person said before. */
CHECKED enum err sync_rules_taker(const struct sync_judge *j,
	const struct sync_consents *on_file, const struct wire_rules *consent);

/* Why nothing new is taken when the version in force here is over. */
#define SYNC_RULES_OVER_BYTES 256
void sync_rules_over_text(const struct sync_judge *j, char ret[static SYNC_RULES_OVER_BYTES]);

/* What keeps records of this form from being collected now, "R01: ...", each in a line; none
 * when nothing does. */
CHECKED enum err sync_rules_lacking(
	const struct sync_judge *j, const struct form *form, struct buf *lines);

#endif
