/* cohort - the records one release may count, frozen: what was asked, when, and who is in.
 *
 * Format:      version u8 = 1 | blob study | blob release | u64 manifest number | rules digest
 *              32 | u64 true-at s | u32 wave | u32 sites, sites x (blob id, u8 state) | u32
 *              members | u32 rows, the bits: byte i holds ordinals 8i to 8i+7, lowest bit first
 *              A cohort has one spelling; bits behind the last row are zero.
 *              version u8 = 2 is the same of another view than as recorded (lineage.h), with
 *              blob view behind the wave and (blob printed code, u8 stands) behind each state
 *              version u8 = 3 compares waves: u32 compared and u8 viewed behind the wave, then
 *              as 2 where viewed is 1, else as 1
 * Digest:      BLAKE2b-256, personal "weir-cohort-v1", over the packed cohort.
 * Row:         COHORTS  release id -> packed cohort, kept for good
 * Members:     ordinals of RECORDS (record.h). Sites stand as in the pack; a site without an
 *              admitted node when the cohort was frozen is not in the wave, nor is one that
 *              left and whose data are not used any more.
 * Errors:      E_FORMAT "the cohort is not of its form"; those of vault.h.
 */
#ifndef WEIR_HUB_COHORT_H
#define WEIR_HUB_COHORT_H

#include "common/figures/bitmap.h"
#include "common/figures/columns.h"
#include "common/study/lineage.h"
#include "common/trust/crypto.h"

#include "hub/row.h"
#include "hub/vault.h"

#define COHORT_ROWS_MAX  COLUMNS_ROWS_MAX
#define COHORT_MAX_BYTES ((size_t)4 * 1024 * 1024)

struct cohort_site {
	char id[ROW_ID_BYTES];
	enum site_state state;
};

/* For which printed site it counts. */
struct cohort_as {
	char as[ROW_ID_BYTES];
	bool stands; /* its numbers (of people, ...) are those of the printed site */
};

/* Owns its sites and members. */
struct cohort {
	char study[ROW_ID_BYTES];
	char release[ROW_ID_BYTES];
	uint64_t manifest_number;
	uint8_t rules_digest[HASH_BYTES]; /* SHA-256 of rules.ini */
	int64_t true_at_s;
	uint32_t wave;
	uint32_t compared; /* records of this earlier wave are in, too; 0: of none */
	struct cohort_site *sites;
	size_t site_count;
	char view[LINEAGE_VIEW_BYTES]; /* "": as recorded */
	struct cohort_as *as;          /* one a site; NULL: as recorded */
	struct bitmap *members;        /* one row an ordinal */
};

struct cohort *cohort_new(size_t site_count, size_t row_count); /* gives an empty one */
void cohort_free(struct cohort *c);
OWNER(cohort)

/* Does the site count for the same printed site in both? A site that one of them lacks does. */
bool cohort_same_view(const struct cohort *a, const struct cohort *b);

/* Adds the packed cohort to out. */
CHECKED enum err cohort_pack(struct buf *out, const struct cohort *c);
CHECKED enum err cohort_unpack(struct cohort **ret, struct view packed); /* gives */
void cohort_digest(uint8_t ret[static HASH_BYTES], struct view packed);

CHECKED enum err cohort_keep(struct vault_txn *t, const char *release, struct view packed);
CHECKED enum err cohort_get(struct vault_txn *t, const char *release, struct buf *out);

/* How many, as leaves and released tables may say it: "0", "1-9", "10-99", "100-999", ... */
const char *cohort_bucket(size_t people);

#endif
