/* release_row - what the vault keeps of a release.
 *
 * Rows:        RELEASES  release id -> version u8 | state u8 | 3 blobs (id, author, purpose) |
 *                        u32 wave | u64 proposed s | u64 manifest | rules digest:32 |
 *                        cohort digest:32 | blob count bucket | u64 frozen leaf | statement
 *                        nonce:16 | staged digest:32 | blob words | blob publisher | u64
 *                        released s | u32 count, count x blob indicator | u32 count, count x
 *                        (blob person, u64 time s, u64 leaf) | u32 compared, where it compares
 *                        waves
 *              STAGED    release id -> version u8 | blob document | signature 64 |
 *                        blob evidence
 * Always true: a row is small: documents and cohorts are rows of their own; the proposal's
 *              statement and body stand under its nonce in STATEMENTS (acts.c).
 * Errors:      E_NOTFOUND "there is no release ID"; E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_RELEASE_ROW_H
#define WEIR_HUB_RELEASE_ROW_H

#include "common/trust/crypto.h"

#include "hub/row.h"
#include "hub/staged.h"
#include "hub/vault.h"

#define RELEASE_INDICATORS_MAX_COUNT 200
#define RELEASE_INDICATOR_BYTES      16
#define RELEASE_APPROVALS_MAX_COUNT  8
#define RELEASE_PURPOSE_MAX_BYTES    199
#define RELEASE_WORDS_MAX_BYTES      400
#define EVIDENCE_MAX_BYTES           ((size_t)4 * 1024 * 1024)

/* On disk. */
enum release_state {
	RELEASE_PROPOSED = 1,
	RELEASE_STAGED = 2,
	RELEASE_APPROVED = 3,
	RELEASE_RELEASED = 4,
	RELEASE_REFUSED = 5,
};

struct release {
	enum release_state state;
	char id[ROW_ID_BYTES];
	char author[ROW_ID_BYTES];
	char purpose[ROW_TEXT_BYTES];
	uint32_t wave;
	uint32_t compared; /* an earlier wave; 0: none */
	int64_t proposed_s;
	uint64_t manifest_number;
	uint8_t rules_digest[HASH_BYTES];
	uint8_t cohort_digest[HASH_BYTES];
	char count_bucket[32];
	uint64_t frozen_leaf;
	uint8_t nonce[ID_BYTES];                 /* of the proposal's statement */
	uint8_t staged_digest[HASH_BYTES];       /* zeros before it is staged */
	char words[RELEASE_WORDS_MAX_BYTES + 1]; /* why it was refused */
	char publisher[ROW_ID_BYTES];
	int64_t released_s;
	size_t indicator_count;
	char indicators[RELEASE_INDICATORS_MAX_COUNT][RELEASE_INDICATOR_BYTES];
	size_t approval_count;
	struct {
		char person[ROW_ID_BYTES];
		int64_t time_s;
		uint64_t leaf;
	} approvals[RELEASE_APPROVALS_MAX_COUNT];
};

/* "proposed", "staged", ... */
const char *release_state_word(enum release_state s);

CHECKED enum err release_row_put(struct vault_txn *t, const struct release *r);
CHECKED enum err release_row_get(struct vault_txn *t, const char *id, struct release *ret);
/* Is it of records of this wave? */
bool release_has_wave(const struct release *r, uint32_t wave);
/* *ret_stop = true ends the walk. */
typedef enum err release_row_fn(void *arg, const struct release *r, bool *ret_stop);
CHECKED enum err release_row_each(struct vault_txn *t, release_row_fn *each, void *arg);

/* What the keeper handed back; views lent by `bytes`. */
struct release_staged {
	struct view document;
	uint8_t signature[SIGNATURE_BYTES];
	struct view evidence; /* sealed to the study's intake key */
};
CHECKED enum err release_staged_put(
	struct vault_txn *t, const char *id, const struct release_staged *s);
CHECKED enum err release_staged_get(
	struct vault_txn *t, const char *id, struct buf *bytes, struct release_staged *ret);
/* A buffer for release_staged_get() has this maximum. */
#define RELEASE_STAGED_MAX_BYTES (STAGED_MAX_BYTES + EVIDENCE_MAX_BYTES + 1024)

/* The proposal's statement and body, from STATEMENTS; views lent by `bytes`. */
CHECKED enum err release_statement_get(struct vault_txn *t, const struct release *r,
	struct buf *bytes, struct view *ret_statement, struct view *ret_body);

#endif
