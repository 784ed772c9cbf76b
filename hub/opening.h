/* opening - answers in, protected tables out: the keeper's one computation, without vault or
 * keys.
 *
 * Order:       opening_new(), opening_add() for each record, opening_close().
 * Tables:      one for each indicator by sites and all together, crossed with its `by`; a
 *              codebook row that asks for a distribution and for numbers makes two under one
 *              name. All tables of people of a release are judged as one (disclose.h), with
 *              those that only a cell expression reads; figures about sites and counts of nodes
 *              have no people threshold (sitefigures.h, systemfigures.h); cell expressions are
 *              worked out last (cellfigures.h).
 * Waves:       of one wave, or of a wave and an earlier one like it (season.h): then each has
 *              tables of its own, all judged as one, and figures stand side by side
 *              (compared.h).
 * Sites:       tables name those of the cut (sitecut.h); a record counts for the one that its
 *              site counts for, and is still refused where its own site takes no part.
 * Hidden:      where the profile names no smallest count nothing is hidden and nothing refused;
 *              else the smallest is the profile's, or an indicator's min_n if that is larger. A
 *              site's group of fewer people is [c] and in no figure of ALL, as a note says
 *              (tablespec.h): one small site does not keep the others' tables back (D-24).
 * Records:     of any version that `written` knows; an item that the form in force does not
 *              share counts in nothing (D-77), how many came under which version is evidence.
 * Refused:     a profile that this version cannot carry out in full: count.of other than cells,
 *              rounding, an audit other than exact, dominance by sites, hiding without a
 *              measure; what chosen.h says.
 * Evidence:    why each hidden count is hidden and what a reader can work out, records that did
 *              not open. Canonical JSON; for officers only.
 * Errors:      E_DENIED the release is refused, with the reason; E_FORMAT a record that does
 *              not fit its form (nothing of it is added); E_NOTFOUND; E_FULL over a stated
 *              bound.
 * It can hurt: it holds people's answers in the clear until opening_free(), which wipes them.
 */
#ifndef WEIR_HUB_OPENING_H
#define WEIR_HUB_OPENING_H

#include "common/codec/wire_answers.h"
#include "common/codec/wire_rules.h"
#include "common/study/pack.h"

#include "hub/approvalitems.h"
#include "hub/chosen.h"
#include "hub/sitecut.h"
#include "hub/staged.h"

#define OPENING_WAVES_MAX 2

struct opening;

/* All lent as long as the opening lives. */
struct opening_ask {
	const struct pack *pack;
	const struct cohort_site *sites;
	size_t site_count;
	/* What approvals say of each site (approvalitems.h); NULL: records say it
	 * themselves. */
	const struct approval_figures *approvals;
	const struct sitecut *cut; /* of these sites; NULL: as recorded */
	const char *const *indicators;
	size_t indicator_count;
	uint32_t wave;     /* needed only where it is compared */
	uint32_t compared; /* an earlier wave; 0: none */
	/* Lends an earlier version of a form, NULL when there is none of it. May be NULL. */
	const struct form *(*written)(void *arg, const char *form, const char *version);
	void *written_arg;
};

/* gives. Checks the profile and the indicators before any answer is seen. */
CHECKED enum err opening_new(struct opening **ret, const struct opening_ask *ask);
void opening_free(struct opening *o);
OWNER(opening)

/* Count one record of a site. rules: its open fields are used, too. */
CHECKED enum err opening_add(struct opening *o, const char *site,
	const struct wire_rules *rules, const struct wire_answers *answers);
/* A record that did not open: its entry's name and why, for the evidence. */
void opening_miss(struct opening *o, const char *entry, const char *why);
size_t opening_missed_count(const struct opening *o);

/* Tabulate, protect and write: the staged document to `document`, the evidence to
 * `evidence`. */
CHECKED enum err opening_close(struct opening *o, const struct staged_head *head,
	struct buf *document, struct buf *evidence);

/* May these indicators be released together? Also asked before a cohort is frozen. E_DENIED,
 * E_NOTFOUND, E_FORMAT. gives what they need; ret may be NULL. */
CHECKED enum err opening_check(const struct pack *pack, const char *const *indicators,
	size_t count, struct chosen **ret);

#endif
