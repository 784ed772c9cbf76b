/* approval - what somebody outside decided: entered by one person, verified by another, and
 * what became of it since.
 *
 * Row:         APPROVALS  id -> version u8 | 8 blobs (id, kind, decision, reference, reason,
 *                         site, entered by, verified by) | from u64 s | until u64 s |
 *                         digest:32 | entered leaf u64 | verified leaf u64, and behind them
 *                         8 blobs (issuer, partner, person, flow, supersedes, term, category,
 *                         evidence) | submitted u64 s | review due u64 s | cost u64 |
 *                         6 blobs of what it covers, words parted by blanks | u32 count of
 *                         conditions (blob text, blob kind, due u64 s) | u32 count of turns
 *                         (u8 kind, u32 condition, u64 at s, blob reason, blob by, blob
 *                         verified by, digest:32, leaf u64, verified leaf u64)
 * Always true: an approval without verified_by is not in force. A turn that widens counts only
 *              when a second person verified it; one that narrows at once.
 *              what was entered is never changed: conditions and turns only come on top.
 * Scope:       study; site; partner of a site; person (letter of access, contract, training);
 *              flow (a stream of data, section 251). "" = not limited to one.
 * Errors:      E_NOTFOUND, E_FORMAT; those of vault.h.
 */
#ifndef WEIR_HUB_APPROVAL_H
#define WEIR_HUB_APPROVAL_H

#include "hub/row.h"
#include "hub/vault.h"

#define APPROVAL_CONDITIONS_MAX 8
#define APPROVAL_TURNS_MAX      24
#define APPROVAL_WORDS_BYTES    160

/* Lists of what it covers, in the order of their names in a body. */
enum approval_covers {
	APPROVAL_PROTOCOLS,
	APPROVAL_FORMS,
	APPROVAL_DATA,
	APPROVAL_ACTIVITIES,
	APPROVAL_SITES,
	APPROVAL_MODES,
	APPROVAL_COVERS_COUNT
};

struct approval_condition {
	char text[ROW_TEXT_BYTES];
	char kind[32];
	int64_t due_s; /* 0: from the start */
};

/* On disk. Suspended and withdrawn narrow; the others widen. */
enum approval_turn_kind {
	APPROVAL_SUSPENDED = 1,
	APPROVAL_WITHDRAWN = 2,
	APPROVAL_LIFTED = 3,
	APPROVAL_MET = 4,      /* a condition */
	APPROVAL_REVIEWED = 5, /* its review or report was done */
};

struct approval_turn {
	enum approval_turn_kind kind;
	uint32_t condition; /* of `met`, from 0 */
	int64_t at_s;
	char reason[ROW_TEXT_BYTES];
	char by[ROW_ID_BYTES];
	char verified_by[ROW_ID_BYTES]; /* "": one that widens waits */
	uint8_t digest[HASH_BYTES];
	uint64_t leaf;
	uint64_t verified_leaf;
};

/* An approval: what somebody outside decided, entered by one person and verified by another. */
struct approval {
	char id[ROW_ID_BYTES];
	char kind[32];     /* rec, uni_rec, site_agreement, ..., modification */
	char decision[48]; /* favourable, not-required, suspended, ... */
	char reference[ROW_TEXT_BYTES];
	char reason[ROW_TEXT_BYTES]; /* needed by a "not-required" */
	char site[ROW_ID_BYTES];     /* "": the whole study */
	int64_t from_s;
	int64_t until_s; /* 0: open end */
	char entered_by[ROW_ID_BYTES];
	char verified_by[ROW_ID_BYTES]; /* "": not in force yet */
	uint8_t digest[HASH_BYTES];     /* of the body that was entered */
	uint64_t entered_leaf;
	uint64_t verified_leaf;

	char issuer[ROW_TEXT_BYTES];
	char partner[ROW_ID_BYTES];
	char person[ROW_ID_BYTES];
	char flow[ROW_ID_BYTES];
	char supersedes[ROW_ID_BYTES];     /* the approval that ends when this one begins */
	char term[32];                     /* of a modification */
	char category[8];                  /* of a modification: a, b or c */
	char evidence[2 * HASH_BYTES + 1]; /* SHA-256 of the letter, hex */
	int64_t submitted_s;               /* 0: not known */
	int64_t review_due_s;              /* 0: as the rules say */
	int64_t cost;                      /* what getting it cost, in the study's currency */
	char covers[APPROVAL_COVERS_COUNT][APPROVAL_WORDS_BYTES];
	size_t condition_count;
	struct approval_condition conditions[APPROVAL_CONDITIONS_MAX];
	size_t turn_count;
	struct approval_turn turns[APPROVAL_TURNS_MAX];
};

bool approval_turn_widens(enum approval_turn_kind kind);
/* "suspend", "withdraw", "lift", "met", "reviewed"; 0: no such word. */
const char *approval_turn_word(enum approval_turn_kind kind);
enum approval_turn_kind approval_turn_of(const char *word);
bool approval_is_withdrawn(const struct approval *a);

CHECKED enum err approval_put(struct vault_txn *t, const struct approval *a);
CHECKED enum err approval_get(struct vault_txn *t, const char *id, struct approval *ret);
typedef enum err approval_fn(void *arg, const struct approval *a);
CHECKED enum err approval_each(struct vault_txn *t, approval_fn *each, void *arg);

#endif
