/* sync_erase - persons who asked to be erased, deleted at their site.
 *
 * When:        the hub's signed paper, which comes with the terms of the site or by hand, says
 *              that the person is gone there: so nobody is deleted here whose wish was refused;
 *              and the hub has signed for every entry about the person.
 * Deleted:     all parts of all entries about the person; consents, current records, what was
 *              held, files, site-only answers, keys with what was taken over of them, and the
 *              study code's way to the pseudonym. Then the vault moves to a new file.
 * Stays:       headers; ids of submissions, so that no tablet brings one back; the mark
 *              (mark.h); the dates (sync_erased.h).
 * Erased:      when the desk is opened next: it takes what all others have at this site over to
 *              a new number of the review key and destroys the one before (renewal.h). Until
 *              then whoever opens the desk could open a copy of this vault from before.
 * Taken back:  only by `weir-node change back`, at the person's word, and only until the hub
 *              has begun to carry it out (rules_wish.h): the hub's paper then says so, and
 *              nothing is deleted here. Nothing that comes with data takes a wish back; once it
 *              was carried out the person takes part again under another code.
 * It can hurt: the vault moves within the call: about as long as copying it takes.
 *              a vault that is put back from before has the person's rows again until it hears
 *              from the hub, whose terms name the person (sync_named.h); the desk opens nothing
 *              until then (putback.h).
 *              a copy of this vault from before shows codes, dates, open fields and the
 *              pseudonym without any key: the rules parts are clear at a site.
 *              what a restore put aside (vault.before-N) is such a copy: `erased` waits until
 *              it is deleted (sync_erased.h).
 * Damaged:     a rules part of the person keeps nothing: what it would say is looked for in
 *              the other rows, and it is deleted with them. A wish that cannot be read waits
 *              until the scrub has mended it: whose it is is not known; status says so, and it
 *              is tried again at each tick and start.
 * Row:         META "erase-damaged" -> u32: of how many papers the wish cannot be read
 * Errors:      E_AUTH, E_DENIED, E_BUSY, E_NOTFOUND for a paper; E_CONFLICT its wish is
 *              damaged; those of the vault.
 */
#ifndef WEIR_NODE_SYNC_ERASE_H
#define WEIR_NODE_SYNC_ERASE_H

#include "common/study/terms.h"

#include "node/sync_erased.h"

/* Deletes whom this paper of the hub is about; keeps the paper if that was done before.
 * Commits; nothing of a turn is open. */
CHECKED enum err sync_erase_run(
	const struct sync_erase_ask *ask, struct view paper, struct view signature);
/* The same for a person whom the terms of the hub name (sync_named.h), found by rows alone.
 * Puts it; the caller commits and moves the vault. */
CHECKED enum err sync_erase_named(const struct sync_erase_ask *ask,
	const struct terms_gone *gone, const uint8_t participant[static ID_BYTES]);
/* What status says; put when it changes, the caller commits. */
CHECKED enum err sync_erase_note_damaged(struct vault *v, uint32_t count);
CHECKED enum err sync_erase_damaged(struct vault *v, uint32_t *ret);
/* E_DENIED for a code whose holder asked to be erased. */
CHECKED enum err sync_erase_check(struct vault *v, struct view code);

#endif
