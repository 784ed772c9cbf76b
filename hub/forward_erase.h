/* forward_erase - the journal's list of erasures: what a restore must not bring back.
 *
 * Note 12:     participant:16 | start of the receipt's number 5 | stopped u64 s |
 *              refused u64 s | taken back u64 s | begun u64 s | gone u64 s | erased u64 s |
 *              intake u32 | vault key u32 | blob site | blob by | blob reason; the last of a
 *              participant counts
 * Always true: what a turn noted is seen by the rest of that turn, and forgotten with it.
 */
#ifndef WEIR_HUB_FORWARD_ERASE_H
#define WEIR_HUB_FORWARD_ERASE_H

#include "common/study/receipt.h"
#include "common/trust/leaf.h"

#include "hub/forward.h"

/* What became of a person's wish to be erased. Nothing else of the person is here. */
struct forward_erasure {
	uint8_t participant[ID_BYTES];
	uint8_t receipt[RECEIPT_START_BYTES]; /* of the change that asked for it */
	int64_t stopped_s;
	int64_t refused_s;          /* 0: it was not */
	int64_t back_s;             /* a later consent took it back; 0: none did */
	int64_t begun_s;            /* deleting began: neither of the two is left; 0: not yet */
	int64_t gone_s;             /* the rows were deleted and the store moved; 0: not yet */
	int64_t erased_s;           /* no key is left that opens an older copy; 0: not yet */
	uint32_t intake;            /* this number and those before it could still open one */
	uint32_t vault_key;         /* so could the vault's keys before this one */
	char site[WIRE_NAME_BYTES]; /* that asked; "": not known */
	char by[WIRE_NAME_BYTES];   /* the officer who granted or refused it; "": nobody yet */
	char reason[LEAF_TEXT_MOST_BYTES + 1]; /* of the refusal */
};

const struct forward_erasure *forward_erasures(const struct forward *f, size_t *ret_count);
/* NULL: nobody asked for it. */
const struct forward_erasure *forward_erasure_of(
	const struct forward *f, const uint8_t participant[static ID_BYTES]);
/* The vault does not know the last turn of the journal that was opened: a crash ended it, so
 * nobody was answered and no leaf tells of it. Who was granted or refused an erasure in it
 * waits again, noted in this turn. *ret_count: how many. */
void forward_undecide(struct forward *f, size_t *ret_count);
void forward_note_erasure(struct forward *f, const struct forward_erasure *e);

#endif
