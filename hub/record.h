/* record - the rows that entries leave at the hub beside their header and parts.
 *
 * Rows:        RECORDS    ordinal u32 -> version u8 | place key | stands u8 | hash of the rules
 *                         part:32 | verdict. Every record gets the next ordinal, from 0 on,
 *                         whatever its verdict: cohorts are bitmaps over ordinals.
 *              VERDICTS   place key -> version u8 | 1 u8 | ordinal u32 of the record with the
 *                         verdict; of an entry that is none: version u8 | 0 u8 | verdict
 *              CONSENTS   participant:16 index u32 -> version u8 | place key | leaf u64
 *              PEOPLE     participant:16 -> version u8 | writer:32 | audit key 32 | blob site
 * Verdict:     leaf u64 | at u64 s | manifest u64 | outcome u8 | blob reason | rules version
 *              u32 | rules digest:32 | u32 count, count x (blob rule, outcome u8, blob reason)
 * Stands:      bit 1: the record's instance leads to it; bit 2: so does the id of its person,
 *              form and wave. Where a bit is not set INSTANCES has to be asked
 *              (record_instance.h).
 * Errors:      E_NOTFOUND, E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_RECORD_H
#define WEIR_HUB_RECORD_H

#include "common/codec/wire_entry.h"
#include "common/codec/wire_rules.h"
#include "common/study/counts.h"
#include "common/study/rules.h"

#include "hub/place.h"
#include "hub/row.h"

#define RECORD_PART_MAX_BYTES ((size_t)2 * 1024 * 1024)

/* Verdict as it was stored when the entry came. */
struct record_verdict {
	uint64_t leaf; /* log index of the entry's leaf */
	int64_t at_s;
	uint64_t manifest_number;
	char reason[RULES_REASON_BYTES]; /* "" or what no rule decided: "duplicate", ... */
	struct verdict verdict;          /* outcome, fired, rules_digest */
};

struct record_person {
	uint8_t writer[SIGN_PUBLIC_BYTES]; /* whose entry named the person first */
	uint8_t audit_key[32];             /* keys person_commit; goes with an erasure */
	char site[ROW_ID_BYTES];
};

/* What a verdict begins with; the rules that spoke are not read. */
struct record_stamp {
	uint64_t leaf;
	int64_t at_s;
	uint64_t manifest_number;
	enum rules_outcome outcome;
	char reason[RULES_REASON_BYTES];
};

/* A record by its ordinal. */
struct record {
	struct place place;
	bool leads, leads_once; /* the bits of "stands" */
	uint8_t part_hash
		[HASH_BYTES];       /* of its rules part, by its header; zeros: it has none */
	struct record_stamp stored; /* what its verdict begins with */
};

/* Number the record and keep it with its verdict; r->stored is not looked at. */
CHECKED enum err record_add(
	struct vault_txn *t, const struct record *r, const struct record_verdict *v);
CHECKED enum err record_get(struct vault_txn *t, uint32_t ordinal, struct record *ret);
/* Take both bits of the record at this place; nothing happens where there is none that can be
 * read. Where the row in VERDICTS is damaged all records are walked. */
CHECKED enum err record_yield(struct vault_txn *t, const struct place *p);
/* The place of a record alone. */
CHECKED enum err record_at(struct vault_txn *t, uint32_t ordinal, struct place *ret);
CHECKED enum err record_count(struct vault_txn *t, uint32_t *ret);

/* gives the rules part of an entry; E_NOTFOUND if it was erased or never came. */
CHECKED enum err record_rules(
	struct vault_txn *t, const struct place *p, struct wire_rules **ret);
/* Adds the bytes of any part to out. */
CHECKED enum err record_part(
	struct vault_txn *t, const struct place *p, uint8_t part_kind, struct buf *out);

/* Keep the verdict of an entry that is no record. */
CHECKED enum err record_verdict_put(
	struct vault_txn *t, const struct place *p, const struct record_verdict *v);
CHECKED enum err record_verdict_get(
	struct vault_txn *t, const struct place *p, struct record_verdict *ret);
CHECKED enum err record_stamp_get(
	struct vault_txn *t, const struct place *p, struct record_stamp *ret);

CHECKED enum err record_person_get(struct vault_txn *t,
	const uint8_t participant[static ID_BYTES], struct record_person *ret);
/* *ret_is false: no row, or one that is damaged, which is logged: it keeps nobody else up. */
CHECKED enum err record_person_find(struct vault_txn *t,
	const uint8_t participant[static ID_BYTES], struct record_person *ret, bool *ret_is);
/* The person's row, made with a new audit key at first sight. */
CHECKED enum err record_person_see(struct vault_txn *t,
	const uint8_t participant[static ID_BYTES], const struct record_person *first,
	struct record_person *ret);

/* Consent versions of a person, in the order they came. */
struct record_consent {
	uint32_t index;
	struct place place;
	uint64_t leaf;
};
CHECKED enum err record_consent_add(struct vault_txn *t,
	const uint8_t participant[static ID_BYTES], const struct place *p, uint64_t leaf);
typedef enum err record_consent_fn(void *arg, const struct record_consent *c);
CHECKED enum err record_consent_each(struct vault_txn *t,
	const uint8_t participant[static ID_BYTES], record_consent_fn *each, void *arg);

#endif
