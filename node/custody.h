/* custody - what only the coordinator of a site opens, and who that is.
 *
 * DIR/desk/review.key  "weir-custody-v1" 15 bytes | u32 count, count x who | count x blob box
 *   who        kind u8 (custody_kind) | text id | box public 32 | blob lock: of a coordinator
 *              the seed of that key under the passphrase (keys_seal(), kind
 *              "node-coordinator"); of the sheet nothing, for its code is the seed (rescue.h)
 *   box        for each of them a sealed box over: version u8 = 1 | hash:32 of the list before
 *              the boxes, without the locks | names key 32 | u32 count, count x (number u32,
 *              review secret 32), numbers rising from 1; the last one is in force
 * Always true: to seal anew takes no passphrase: whoever has it open can give it to all who
 *              are in the list, and to nobody whom the list inside the boxes does not name.
 *              Only the desk replaces the file; the bytes of the old one are overwritten and
 *              synced (supersede.h). At least one coordinator and at most one sheet.
 *              Who had it open before has what it held then: renewing the number is what ends
 *              that.
 * Errors:      E_AUTH wrong passphrase or code, or the list was changed; E_NOTFOUND; E_CONFLICT
 *              the file exists, or the id is taken; E_FORMAT; those of supersede.h.
 */
#ifndef WEIR_NODE_CUSTODY_H
#define WEIR_NODE_CUSTODY_H

#include "common/trust/keys.h"

#define CUSTODY_REVIEW_COUNT 64
#define CUSTODY_WHO_COUNT    8
#define CUSTODY_ID_BYTES     64
#define CUSTODY_LOCK_BYTES   512
#define CUSTODY_PACKED_BYTES 4096

/* On the disk. */
enum custody_kind { CUSTODY_COORDINATOR = 1, CUSTODY_SHEET = 2 };

/* Plain data, copied freely; nothing of it is secret. */
struct custody_who {
	enum custody_kind kind;
	char id[CUSTODY_ID_BYTES]; /* "sheet" for the sheet */
	uint8_t public[BOX_PUBLIC_BYTES];
	uint8_t lock[CUSTODY_LOCK_BYTES];
	size_t lock_len;
};

struct custody_list {
	size_t count;
	struct custody_who who[CUSTODY_WHO_COUNT];
};

/* What they hold. */
struct custody {
	uint8_t list[HASH_BYTES]; /* of those whom it is sealed to */
	uint8_t file[HASH_BYTES]; /* custody_stamp() of the file it was opened from */
	struct secret *names;     /* AEAD key of the desk's own store */
	size_t count;
	uint32_t number[CUSTODY_REVIEW_COUNT];
	struct secret *review[CUSTODY_REVIEW_COUNT]; /* X25519 secrets */
};
void custody_free(struct custody *k);
OWNER(custody)

bool custody_there(const char *dir);
/* gives new keys, written for this coordinator; review number 1. */
CHECKED enum err custody_make(
	struct custody **ret, const char *dir, const struct custody_who *first);
/* Who is in the file, as it says itself. */
CHECKED enum err custody_read_list(struct custody_list *ret, const char *dir);

/* Of the file's bytes: a change that somebody began before another one is told from one that
 * was not. */
CHECKED enum err custody_stamp(uint8_t ret[static HASH_BYTES], const char *dir);

/* Adds a list, locks and all; reads one that custody_change() would take. */
void custody_put_list(struct buf *out, const struct custody_list *l);
CHECKED enum err custody_get_list(struct custody_list *ret, struct cursor *c);

/* gives what the file holds; id NULL: the only coordinator, or the one whose passphrase it is.
 * ret_id: whose it was. */
CHECKED enum err custody_open(struct custody **ret, char ret_id[static CUSTODY_ID_BYTES],
	const char *dir, const char *id, struct secret *passphrase);
CHECKED enum err custody_open_sheet(struct custody **ret, const char *dir, const char *code);

/* A new coordinator under this passphrase; the sheet whose code this is. */
CHECKED enum err custody_coordinator(
	struct custody_who *ret, const char *id, struct secret *passphrase, enum kdf_cost cost);
CHECKED enum err custody_sheet(struct custody_who *ret, const char *code);

/* A new review number, in force at once; destroys those up to `retired`, never the newest. In
 * memory only. */
CHECKED enum err custody_renew(struct custody *k, bool makes_number, uint32_t retired);
/* Seals k to those in the file, which have to be those it was opened with. */
CHECKED enum err custody_rewrite(const struct custody *k, const char *dir);
/* The same to others. */
CHECKED enum err custody_change(
	struct custody *k, const char *dir, const struct custody_list *to);
/* What a crash left half done. By the one writer, before it serves. */
CHECKED enum err custody_recover(const char *dir);

/* Adds list hash, names key and review keys, as desk is given them by a command; reads them. */
void custody_pack(const struct custody *k, struct buf *out);
CHECKED enum err custody_unpack(struct custody **ret, struct view packed);

#endif
