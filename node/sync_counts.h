/* sync_counts - what the node counts and people enter, added up and sent as records about the
 * site (common/study/counts.h has the names).
 *
 * Entered:     table counts, key: u8 0 entered or 1 coded | "WAVE/NAME/FORM/GROUP[/DETAIL]". A
 *              file replaces all rows of its kind.
 * Always true: a wave's record is made only when a number of it differs from the one before.
 * Errors:      E_FORMAT names the key; E_NOTFOUND no study; those of the vault.
 */
#ifndef WEIR_NODE_SYNC_COUNTS_H
#define WEIR_NODE_SYNC_COUNTS_H

#include "common/codec/wire_study.h"

#include "node/hubcard.h"
#include "node/sync_judge.h"

struct sync_counts_site {
	const struct sync_judge *judge;
	const struct wire_manifest *manifest;
	const struct hubcard *card;
};

/* SYNC_COUNTS: adds text CSV: wave,name,form,group,detail,number. */
CHECKED enum err sync_counts_show(const struct sync_counts_site *s, struct buf *answer);
/* SYNC_COUNTS_SET: adds the number of records made. */
CHECKED enum err sync_counts_set(
	const struct sync_counts_site *s, struct cursor *asks, struct buf *answer);
/* Make the records that are due; in the turn's transaction. */
CHECKED enum err sync_counts_send(const struct sync_counts_site *s, uint32_t *ret_made);

#endif
