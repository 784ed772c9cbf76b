/* leaving - sites that left the study: since when, and what becomes of their data.
 *
 * Row:         META "leave-" site '/' number u8 -> version u8 | data u8 | blob day | digest:32
 *              of the body | blob reason | blob by | leaf u64 | blob agreed by | agreed leaf
 *              u64 | agreed u64 s
 * Two words:   a person of the study says it, the person who answers for the site agrees to the
 *              same bytes. Until both did, nothing changes. The last row that both said counts;
 *              a later one can only take more away: keep, stop, erase.
 * Effect:      whatever was chosen, no record is taken that was collected on the day or later.
 *              keep: what came before is used as before. stop: it is in no cohort from the day
 *              on. erase: the same, and every person of the site is erased as if the person had
 *              asked for it, with all records about the site (leaving_tick.h).
 * Journal:     what both said is noted there (leaving_note.h): no restore brings a site back.
 * Day:         begins as the study's clock says (zone.h).
 * Errors:      E_FORMAT; E_FULL; those of vault.h.
 */
#ifndef WEIR_HUB_LEAVING_H
#define WEIR_HUB_LEAVING_H

#include "common/study/lineage.h"
#include "common/study/rules.h"
#include "common/trust/crypto.h"

#include "hub/row.h"
#include "hub/vault.h"

#define LEAVING_ROWS_MAX 8 /* of one site */

/* On disk. */
enum leaving_data {
	LEAVING_KEEP = 1,
	LEAVING_STOP = 2,
	LEAVING_ERASE = 3,
};

struct leaving {
	char site[ROW_ID_BYTES];
	uint8_t number;
	enum leaving_data data;
	char day[LINEAGE_DAY_BYTES];
	uint8_t digest[HASH_BYTES];
	char reason[ROW_TEXT_BYTES + 1];
	char by[ROW_ID_BYTES];
	uint64_t leaf;
	char agreed_by[ROW_ID_BYTES]; /* "": it waits for the site */
	uint64_t agreed_leaf;
	int64_t agreed_s;
};

/* "keep", "stop", "erase"; and back, 0 for another word. */
const char *leaving_word(enum leaving_data data);
enum leaving_data leaving_of_word(const char *word);

CHECKED enum err leaving_put(struct vault_txn *t, const struct leaving *l);

/* All rows, those of a site in order. Fills an empty struct; release it with leavings_done()
 * whatever the result. */
struct leavings {
	struct leaving *at;
	size_t count;
};
CHECKED enum err leavings_read(struct leavings *ret, struct vault_txn *t);
void leavings_done(struct leavings *l);
#define OWNED_LEAVINGS OWNED_BY(leavings_done)

/* What counts of the site, as known; the newest row whether agreed or not. NULL: none. lend. */
const struct leaving *leaving_of(
	const struct leavings *l, const char *site, uint64_t known_upto);
const struct leaving *leaving_last(const struct leavings *l, const char *site);

/* Is this day begun by then, in the study's zone? */
bool leaving_begun(const struct leaving *l, const char *zone, int64_t wall_ms);

/* What is asked about a record of the site. */
struct leaving_ask {
	const char *zone;
	uint64_t known_upto;
	int64_t true_at_ms;
	int64_t captured_ms;
};
/* Why it may be neither taken nor used; false: the site did not leave, or it may. */
bool leaving_denies(const struct leavings *l, const char *site, const struct leaving_ask *ask,
	char ret[static RULES_REASON_BYTES]);

#endif
