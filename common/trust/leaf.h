/* leaf - one act as it stands in the audit log: who, what, on which ground, with what outcome.
 *
 * Format:       canonical JSON (json.h), members always all there and in this order:
 *               {"v":1,"id":,"t":,"site":,
 *               "actor":{"pseudonym":,"role":,"org":,"key_id":},"action":,
 *               "object":{"type":,"commit":},"person_commit":,"purpose":,"conf_basis":,
 *               "art6":,"art9":,"approval_ids":[],"consent_ref":,"decision":,
 *               "rules_fired":[],"ruleset_sha256":,"outcome":,"reason_code":,
 *               "count_bucket":,"request_id":,"prev_local_checkpoint":,"detail_sha256":}
 *               v and t are numbers, the lists hold text, all else is text; "" says
 *               nothing.
 * Always true:  t is a whole minute in unix seconds; a leaf has one spelling, so parsing
 *               refuses bytes that writing would not make; at most LEAF_MOST_BYTES.
 * It can hurt:  leaves are for ever and go to every officer: codes and ids, no name, no
 *               answer.
 */
#ifndef WEIR_LEAF_H
#define WEIR_LEAF_H

#include "common/codec/json.h"

#define LEAF_MOST_BYTES      16384
#define LEAF_TEXT_MOST_BYTES 200
#define LEAF_LIST_MOST_COUNT 48
#define LEAF_MINUTE_S        60

struct leaf_list {
	size_t count;
	const char *at[LEAF_LIST_MOST_COUNT];
};

/* All text is UTF-8 without control characters, at most LEAF_TEXT_MOST_BYTES; NULL stands for
 * "". */
struct leaf {
	const char *id; /* required; 1..64 of a-z A-Z 0-9 . _ : - */
	int64_t t_s;    /* when, a whole minute: see leaf_minute_s() */
	const char *site;
	const char *actor; /* pseudonym of the person or "ledger", "sync", ... */
	const char *role;
	const char *org;
	const char *key_id;
	const char *action; /* required; 1..64 of the same letters */
	const char *object_type;
	const char *object_commit;
	const char *person_commit; /* 64 hex digits or "" */
	const char *purpose;
	const char *conf_basis;
	const char *art6;
	const char *art9;
	struct leaf_list approvals;
	const char *consent_ref;
	const char *decision; /* "permit", "hold", "deny" or "" */
	struct leaf_list rules;
	const char *ruleset_sha256; /* 64 hex digits or "" */
	const char *outcome;
	const char *reason_code;
	const char *count_bucket;
	const char *request_id;
	const char *prev_local_checkpoint;
	const char *detail_sha256; /* 64 hex digits or "" */
};

/* The whole minute in unix seconds at or before wall_ms. */
int64_t leaf_minute_s(int64_t wall_ms);

/* Add the leaf's bytes to out; E_FORMAT names the member that is out of bounds. */
CHECKED enum err leaf_write(struct buf *out, const struct leaf *l);

/* Read a leaf; gives the tree that ret's texts are lent by. No text of it is NULL. */
CHECKED enum err leaf_parse(struct leaf *ret, struct json **ret_tree, struct view bytes);

#endif
