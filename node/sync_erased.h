/* sync_erased - what a site says of those whom it erased: dates, who could still open a copy,
 * and its signature.
 *
 * Rows:        META "erased-" start of the change's instance 5 -> stopped u64 s | gone u64 s |
 *              erased u64 s (0: not yet) | u32 number of the review key in force when it went
 *              META "paper-" the same 5 -> the hub's paper (blob) and its signature 64
 * Paper:       canonical JSON {"study","site","receipt","stopped_s","gone_s","erased_s",
 *              "could_open"}, signed by the writer key over the format "weir-erased-site-v1".
 *              It travels as the report of an act in lane A (blob paper, signature 64), when
 *              the person is gone and when erased; the hub puts it, with the signature, into
 *              its own paper and signs that: one receipt, signed by both.
 * Always true: erased is said only after the number that was in force, and all before it, were
 *              destroyed (sync_review.h), and never while a vault that a restore put aside
 *              (vault.before-N) lies beside the one in use: it may have rows of the person, and
 *              records that nobody else has, so a person deletes it. Status names it.
 * Errors:      E_AUTH a paper that is not the hub's; E_DENIED one that says that nothing is to
 *              be deleted, or of another study; E_NOTFOUND; E_FORMAT; those of the vault.
 */
#ifndef WEIR_NODE_SYNC_ERASED_H
#define WEIR_NODE_SYNC_ERASED_H

#include "common/study/receipt.h"

#include "node/sync_judge.h"

/* All lent. */
struct sync_erase_ask {
	const struct sync_judge *judge;
	const char *study;
	const uint8_t *receipt_public; /* of the hub, SIGN_PUBLIC_BYTES */
	const uint8_t *writer_public;
	struct secret *writer;
};

struct sync_erased {
	uint8_t start[RECEIPT_START_BYTES];
	int64_t stopped_s, gone_s, erased_s;
	uint32_t review;
};
/* Puts the row and the act with the report. */
CHECKED enum err sync_erased_note(
	const struct sync_erase_ask *ask, const struct sync_erased *e);
/* The numbers before this one are destroyed: who waited for that is erased; nobody as long as
 * another vault lies beside the one in `dir` (NULL: not looked at). */
CHECKED enum err sync_erased_settle(
	const struct sync_erase_ask *ask, const char *dir, uint32_t number);
/* The number that has to be in force before all who are gone are erased; 0: all are. */
CHECKED enum err sync_erased_wants(struct vault *v, uint32_t *ret);

/* Is this a paper of the hub that says gone or erased? */
CHECKED enum err sync_erased_check(const struct sync_erase_ask *ask, struct view paper,
	struct view signature, uint8_t ret_start[static RECEIPT_START_BYTES]);
/* Keeps it for whoever wants the receipt later. *ret_known: the person is gone here. */
CHECKED enum err sync_erased_keep(const struct sync_erase_ask *ask,
	const uint8_t start[static RECEIPT_START_BYTES], struct view paper,
	struct view signature, bool *ret_known);

/* SYNC_ERASE with no paper: all of them; SYNC_ERASED: one. */
CHECKED enum err sync_erased_list(const struct sync_erase_ask *ask, struct buf *answer);
CHECKED enum err sync_erased_one(
	const struct sync_erase_ask *ask, struct cursor *fields, struct buf *answer);

#endif
