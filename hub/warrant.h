/* warrant - what a task has to show before the keeper opens anything.
 *
 * Checked:     the checkpoint is signed by the log key and the leaf lies under it; the leaf
 *              says cohort-frozen, of this release, with this cohort's digest, purpose and
 *              size; the proposal is signed by a person whose card the study root signed, with
 *              the role researcher, in office then, over these bytes, which name the wave, the
 *              one that it is compared with and how sites are named; for whom each site counts
 *              is what the vault's changes of sites say; the manifest of the cohort's number is
 *              the last one, signed by two officers, its documents have the hashes it names and
 *              its rules the digest that was frozen.
 * Trusted:     the root and log keys inside the opened key file; the vault only says where
 *              bytes are, but for changes of sites: these are believed as it has them, their
 *              leaves say who recorded them, and the table's notes what they are.
 * Not shown:   that the vault holds all that came: who owns vault key and log key can hide an
 *              entry or a manifest from the keeper, and the log, witnessed, holds him to it.
 * Errors:      E_AUTH a signature, hash or proof does not fit; E_DENIED it is for something
 *              else, or a role is missing; E_CONFLICT the study was replaced; E_FORMAT;
 *              E_NOTFOUND; those of vault.h.
 */
#ifndef WEIR_HUB_WARRANT_H
#define WEIR_HUB_WARRANT_H

#include "common/study/pack.h"

#include "hub/cohort.h"
#include "hub/keeperkey.h"
#include "hub/release_row.h"
#include "hub/sitecut.h"

/* The fields of KEEPER_TASK (ipc.h); views lent by the frame. */
struct warrant_task {
	char release[ROW_ID_BYTES];
	struct view cohort;
	uint64_t leaf_index;
	struct view leaf;
	size_t proof_count;
	struct view proof; /* proof_count hashes end to end */
	struct view checkpoint;
	struct view statement;
	struct view body;
};
CHECKED enum err warrant_task_read(struct cursor *c, struct warrant_task *ret);

/* What the keeper holds it against; all lent. */
struct warrant_known {
	const char *study;
	const char *origin; /* of the log */
	const struct keeperkey *keys;
	struct vault_txn *txn;
};

/* A task found to be in order. Owns what it points to. */
struct warrant {
	char release[ROW_ID_BYTES];
	char author[ROW_ID_BYTES];
	char purpose[ROW_TEXT_BYTES];
	uint32_t wave;     /* as proposed: 0 is the only one of the study */
	uint32_t compared; /* as proposed: 0 is none */
	struct cohort *cohort;
	uint8_t cohort_digest[HASH_BYTES];
	struct pack *pack;
	char view[LINEAGE_VIEW_BYTES]; /* how sites are named */
	struct sitecut *cut;           /* the same, as the vault has it now */
	size_t indicator_count;
	char indicators[RELEASE_INDICATORS_MAX_COUNT][RELEASE_INDICATOR_BYTES];
};

CHECKED enum err warrant_check(struct warrant **ret, const struct warrant_task *task,
	const struct warrant_known *known); /* gives */
void warrant_free(struct warrant *w);
OWNER(warrant)

#endif
