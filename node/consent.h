/* consent - what a person permits, as atomic permissions; and what a participation change makes
 * of them.
 *
 * Always true: a permission that nobody gave counts as refused; a change is a new version that
 *              rewrites the permissions, the version before it stays as it was.
 * Codes:       those of reference governance 1.2: approach, contact, collect-direct, ...
 *              Unknown codes and limits are refused by name, and so are unknown events,
 *              modes, givers, kinds of capacity, assent and approach.
 * Witness:     what is said in front of a witness, or for somebody who cannot read, needs one:
 *              only a consent form can name one, so it is no mode of consent_give().
 * Levels:      no-further-contact denies contact and recontact; no-more-collection besides all
 *              collect-* and record-audio; no-further-use and erase besides all use-*, share-*,
 *              link, quote-verbatim and inform-results, erase store-identifiable, too;
 *              objection does what no-further-use does until somebody has looked at it;
 *              capacity-lost what no-more-collection does; died denies contact at once, and
 *              whether what was given stays in use is the study's rule R08 (after.death): its
 *              given_at_s is the day of death, the change is known from when it was kept.
 * Purity:      no clock, no disk: times are given.
 *              Whether the study promised a level is asked by the caller, who has the pack.
 * Errors:      E_FORMAT naming the code, mode or level.
 */
#ifndef WEIR_NODE_CONSENT_H
#define WEIR_NODE_CONSENT_H

#include "common/codec/wire_rules.h"

#define CONSENT_GIVEN      "given"
#define CONSENT_CHANGED    "changed"
#define CONSENT_REAFFIRMED "reaffirmed"

/* A consent with room for its permissions; texts are lent by the caller or constant. */
struct consent {
	struct wire_consent wire;
	struct wire_permission permissions[WIRE_PERMISSIONS_MAX];
	const char *limits[WIRE_LIMITS_MAX]; /* of the permission that has some */
};

/* Is this the code of a permission? */
bool consent_is_permission(const char *code);

/* Is this one of the ways in which consent is given? */
bool consent_is_mode(const char *mode);

/* E_FORMAT, naming the field, unless its codes are ones that are known and go together: a
 * consultee advises, nobody else does; an assessment found that the person cannot decide, or
 * has lost it, where a consultee speaks. What is "" was not asked, but for event and mode. */
CHECKED enum err consent_check(const struct wire_consent *c);
/* Does it count only with a witness? */
bool consent_needs_witness(const struct wire_consent *c);
/* Is it of an event, or with a dissent, that permits nothing, whatever else was answered? */
bool consent_permits_nothing(const struct wire_consent *c);

/* Consent as given: permits exactly the codes of `list` ("collect-direct,use-aggregate"),
 * denies nothing else in words. Limits on other research stand behind the code that has them:
 * "share-secondary:HMB+NCU". codes: room for the split list, lent by ret. */
struct consent_given {
	const char *mode;
	const char *list;
	const char *form;
	const char *form_version;
	int64_t given_at_s;
};
#define CONSENT_LIST_BYTES 1024
CHECKED enum err consent_give(struct consent *ret, char codes[static CONSENT_LIST_BYTES],
	const struct consent_given *g);

/* It holds until this moment and no longer, each of its permissions too. E_FORMAT: it is over
 * before it was given. */
CHECKED enum err consent_end(struct consent *c, int64_t until_s);

/* What stood before, agreed to again at this time; texts are lent by `before`. A permission
 * that had ended stays so. */
void consent_again(struct consent *ret, const struct wire_consent *before, int64_t at_s);

/* After a request to erase nothing less is taken. */
#define CONSENT_ERASED_WORDS                                                                   \
	"the person has asked that everything be erased: no lesser change can be recorded "    \
	"after that, unless they take the wish back (weir-node change back)"

/* The consent after a change of this level at this time; texts are lent by `before`. */
CHECKED enum err consent_change(struct consent *ret, const struct wire_consent *before,
	const char *level, int64_t at_s);
/* The same of one that takes away what another level does: `as`. */
CHECKED enum err consent_change_as(struct consent *ret, const struct wire_consent *before,
	const char *level, const char *as, int64_t at_s);

/* A permission in the words of who gives it; the code itself if it is not known. Lasts. */
const char *consent_code_words(const char *code);

/* How far a change of this level reaches, to compare levels: a greater number takes all that a
 * lesser one takes, and more. 0: the level is not known. */
unsigned consent_reach(const char *level);

/* Plain words of what a level does: what stops, what stays, what cannot be undone. */
struct consent_words {
	const char *stops;
	const char *stays;
	const char *final;
};
CHECKED enum err consent_words(const char *level, struct consent_words *ret);

#endif
