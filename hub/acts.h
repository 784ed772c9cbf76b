/* acts - what persons decide at the hub: signed statements, checked, applied, logged, kept.
 *
 * Always true: an act is applied once, by a person in office whose role may do it, for exactly
 *              the bytes its statement names; statement and body are kept for good beside the
 *              leaf.
 * Statement:   see statement.h; digest as acts_digest.h says.
 * Kinds and bodies (JSON with these members and no others; times are unix seconds):
 *   person          by root  SignedCard
 *   person-revoke   {"person","reason"}: by root or another officer; nothing the person signs
 *                   from then on holds, what was signed before stands
 *   keeper-setup    by root  see hubkeys_put()
 *   keys-renew      {"reason"}: see renewal.h
 *   keeper-holders  {"holders","reason","study_public"}: by two holders (holders.h)
 *   manifest        Manifest bytes; every document it names was sent by LEDGER_DOCUMENT
 *                   before. The first officer proposes it, another one's statement over the
 *                   same bytes puts it in force; the statement's id is its number
 *   approval        see approval_body.h
 *   approval-verify the approval's body again, by another person
 *   approval-turn, approval-turn-verify: what becomes of an approval (approvals.h)
 *   site-rules      a site's own rules.ini (siterules.h); by two officers
 *   invite          {"id","site","enrol_public","expires_s"} (hex)
 *   admit           {"id","transcript"} (hex)
 *   recovery-waive  {"node","reason"}: first 8 digits of a node that is lost (recovery.h)
 *   node-revoke     {"node","reason"}; journal-waive {"reason","loss"}: see nodeacts.h
 *   export-fhir     {"reason","entry","site"}: see export_fhir.h
 *   erase-run {"receipts"}, erase-refuse {"receipt","reason"}: see erase.h
 *   site-change, site-strike, site-leave, site-leave-agree: see siteacts.h
 *   hold {"receipt"}, hold-lift {"receipt","reason"}: see holdacts.h
 *   release-propose, release-approve, release-publish: see release.h
 * Errors:      E_AUTH signature; E_DENIED role, separation, other bytes, recovery;
 *              E_CONFLICT used before, or done before; E_FORMAT body; E_NOTFOUND. One sentence
 *              each, names the thing.
 */
#ifndef WEIR_HUB_ACTS_H
#define WEIR_HUB_ACTS_H

#include "hub/hub.h"
#include "hub/ipc.h"
#include "hub/person.h"

struct leaf;
struct record_person;

/* A statement that was found to hold, and who made it. */
struct act {
	char kind[32];
	char id[ROW_ID_BYTES];
	uint8_t digest[HASH_BYTES];
	int64_t time_s;
	struct view body;
	struct view signed_statement;
	struct person by; /* of the root: id "root", role "owner" */
	const char *role; /* in which this person may do it */
};

/* Check and apply one signed act in this turn's transaction; adds a JSON answer to reply. */
CHECKED enum err acts_apply(
	struct hub *h, struct view signed_statement, struct view body, struct buf *reply);

/* Would acts_apply() find the statement to hold, of this kind? Nothing is changed. */
CHECKED enum err acts_check(
	struct hub *h, const char *kind, struct view signed_statement, struct view body);

/* Begin a leaf for an act: action, actor, role, key id, object type and commit (the digest).
 * The texts are lent by the act and by `room`, which lives as long as the leaf. */
struct act_leaf_room {
	char id[2 * ID_BYTES + 1];
	char key_id[2 * 8 + 1];
	char commit[2 * HASH_BYTES + 1];
	char person[2 * HASH_BYTES + 1];
};
void acts_leaf(
	struct leaf *ret, struct act_leaf_room *room, const struct act *a, const char *action);
/* The same of an act about a person, with that person's commit and site. The number of the
 * receipt and the digest of a body with nothing else in it would make all leaves of the person
 * look alike: the statement's id, which its nonce makes new, stands in their place.
 * person NULL: the hub has no row of the person any more. */
CHECKED enum err acts_leaf_person(struct leaf *ret, struct act_leaf_room *room,
	const struct act *a, const char *action, const struct record_person *person);

#endif
