/* erase_inside - what the files of erase share; nobody else includes this.
 *
 * erase: the steps. erase_start: what a ledger that ended left of them. erase_wish: what
 * becomes of a wish before them. erase_decide: what an officer decides of it. erase_renew: the
 * keeper's part. erase_keys: the vault's keys, and who is erased by now. erase_paper: lists and
 * receipts. erase_tell: what sites hear.
 */
#ifndef WEIR_HUB_ERASE_INSIDE_H
#define WEIR_HUB_ERASE_INSIDE_H

#include "hub/erase.h"
#include "hub/erase_rows.h"
#include "hub/erase_site.h"
#include "hub/forward_erase.h"

struct erase {
	struct hub *hub;
	erase_send_fn *send;
	void *arg;
	struct erase_search *search; /* persons are being deleted, or NULL */
	bool moves;                  /* rows of persons were deleted: the vault has to move */
	bool tidies; /* rows about nobody were deleted: it has to move, and nothing is noted */
	bool is_moving;      /* a move is under way */
	bool moving_persons; /* of rows of persons */
	bool moved;          /* that of persons is through, and nobody noted it yet */
	bool owes;           /* the vault says still that it has to move */
	bool waits;          /* the keeper was asked and has not answered */
	bool makes;          /* for a number, and took the keys of whoever was there */
	bool heard;   /* it was open since this ledger began: it answered whoever was before */
	bool changed; /* something of this in the turn that lasts */
	uint64_t damaged; /* keys in entries that the keeper cannot read: it waits for them */
	bool leaves_damaged; /* an officer gave them up */
	uint32_t oldest_key; /* of the vault that is not destroyed; 0: nobody looked yet */
	int64_t asked_s;
	int64_t retry_ms; /* mono: a move that found no room is tried again */
};

/* One person's wish, as hub and site know it. */
struct erase_wish {
	const struct forward_erasure *hub;
	struct erase_site site;
	bool is_unread; /* what the site reported does not read; site says who asked only */
};
CHECKED enum err erase_wish_read(
	struct hub *h, const struct forward_erasure *e, struct erase_wish *ret);
bool erase_wish_is_erased(const struct erase_wish *w);
/* The hub's paper on it, and its signature. */
CHECKED enum err erase_paper_sign(struct hub *h, const struct erase_wish *wish,
	struct buf *paper, uint8_t ret[static SIGNATURE_BYTES]);
/* The wish with this receipt number. E_FORMAT, E_NOTFOUND, E_CONFLICT in words. */
CHECKED enum err erase_paper_find(
	struct hub *h, const char *number, const struct forward_erasure **ret);

/* On the disk, in META: why the vault has to move. */
#define ERASE_ROW_OWED "compact"
enum erase_owed { ERASE_OWED_TO_NOBODY = 1, ERASE_OWED_TO_PERSONS = 2 };
/* The row stays until the vault has moved: who was killed in between moves it at the start. */
CHECKED enum err erase_owe(struct vault_txn *t, enum erase_owed why);

typedef bool erase_wanted_fn(const struct forward_erasure *e);
/* Deleting began, and is not noted to be through. */
bool erase_is_begun(const struct forward_erasure *e);
size_t erase_count(const struct erase *x, erase_wanted_fn *wanted);
/* gives the search for all of them. */
struct erase_search *erase_search_of(const struct erase *x, erase_wanted_fn *wanted);
/* E_BUSY: the persons before are not gone yet. */
CHECKED enum err erase_may_begin(const struct erase *x);
/* Deleting begins of those who were noted as begun, `count` of them in this turn. */
CHECKED enum err erase_begin(struct erase *x, size_t count);
CHECKED enum err erase_tell_deleted(struct erase *x, const struct erase_done *done);
/* Not refused, not taken back, and nothing deleted yet. */
bool erase_is_pending(const struct forward_erasure *e);

int64_t erase_now_s(void);
struct forward *erase_forward(const struct hub *h);
CHECKED enum err erase_add_leaf(struct hub *h, const char *action, const char *reason);

/* The last intake number that the keeper made, and the last one that nodes are told of. */
CHECKED enum err erase_numbers(struct hub *h, uint32_t *ret_made, uint32_t *ret_told);
/* The newest of the vault's keys whose vault a verified backup holds; 0: none. */
uint32_t erase_newest_backed_key(const struct hub *h);
/* Destroys the vault's keys that came before the one in force and that of a backup. They go
 * before the turn is kept: META "keys-told" -> version u8 | u32 says below which one a leaf
 * tells that they went. Where the file of keys says more the leaf follows; in a vault that was
 * put back it stands once more. */
CHECKED enum err erase_see_vault_keys(struct erase *x);
/* Notes who is erased by now: nothing is left that opens a copy from before. */
CHECKED enum err erase_note_erased(struct erase *x);
/* Each ten seconds while the keeper is open: what it has to renew or to destroy. */
CHECKED enum err erase_see_renewal(struct erase *x);

#endif
