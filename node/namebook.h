/* namebook - who the people behind the study codes of a site are: the desk's own store.
 *
 * On disk:     DIR/desk/names (common/store), opened by the desk alone and only while it is
 *              unlocked.
 *              locks   id 16 of the names key -> K sealed with it, AAD "weir-names-v1"
 *              people  id 16 -> version u8 = 1 | sealed with K, AAD "weir-names-v1" and id
 *              marks   "compact" -> u8 1: deleted bytes may still be in the file
 *   id         of a key: BLAKE2b-128, personal "weir-names-key", keyed with it; of a person:
 *              the same, personal "weir-names-id", keyed with K, of the study code
 *   sealed     fields of u32 length and bytes: study code, name, contact, preferred way; u64
 *              wall s of the last change, u64 of the last contact (0: none); zeros up to
 *              NAMEBOOK_PAD_BYTES: no length shows
 * Always true: no byte of it is in an entry, a bundle, the vault or a backup of the vault;
 *              names and codes stand nowhere in clear. What was removed is in no file of the
 *              store any more when namebook_remove() answers.
 *              After namebook_renew() and namebook_settle() a copy of the store from before
 *              opens with no key in force: that is how an erased person's name ends. The
 *              desk does so before each end of a review number, whoever is in the store then.
 * Renewing:    namebook_renew(next), then whoever keeps the keys keeps `next`, then
 *              namebook_settle(). The store opens with the key before and with `next` in
 *              between, so a crash between any two of these loses nothing; do all three
 *              again.
 * Damage:      a row that does not open keeps nobody else from anything: walks pass over it, a
 *              renewal removes it, for no key will ever open it. It is named by the beginning
 *              of its id, which says nothing to who lacks K.
 * Errors:      E_AUTH the store is under another key; E_NOTFOUND nobody is in it under this
 *              code; E_FORMAT a text is too long, empty or not of its form, or the store is
 *              damaged; E_FULL; those of store.h.
 * It can hurt: a text that was lent may be read until the next call.
 */
#ifndef WEIR_NODE_NAMEBOOK_H
#define WEIR_NODE_NAMEBOOK_H

#include "common/trust/crypto.h"

#define NAMEBOOK_TEXT_MAX_BYTES 400 /* each of name, contact and preferred way */
#define NAMEBOOK_CODE_MAX_BYTES 63
#define NAMEBOOK_PAD_BYTES      1536
#define NAMEBOOK_MAX_COUNT      50000

#define NAMEBOOK_ROW_SHOWN_BYTES 4 /* of a row's id, as hex digits */

struct namebook;

/* What is kept of one person. Texts are lent. */
struct name {
	struct view code;    /* study code, as the site keeps it */
	struct view name;    /* not empty */
	struct view contact; /* telephone, e-mail or address */
	struct view way;     /* how and when the person would like to be reached */
	int64_t changed_s;
	int64_t contacted_s; /* when it was shown last to contact the person; 0: never */
};

/* Rows that the last walk, count, removal of those or renewal met and that do not open. */
struct namebook_damage {
	uint32_t count;
	char row[2 * NAMEBOOK_ROW_SHOWN_BYTES + 1]; /* the first of them; "": none */
};

/* gives the store below the node directory `dir`; key: AEAD_KEY_BYTES, copied. Makes an empty
 * one where there is none; finishes what a crash left. */
CHECKED enum err namebook_open(struct namebook **ret, const char *dir, struct secret *key);
void namebook_free(struct namebook *n);
OWNER(namebook)

/* Keeps a person; replaces what is there under the code. Durable when OK. */
CHECKED enum err namebook_put(struct namebook *n, const struct name *p);
CHECKED enum err namebook_get(struct namebook *n, struct view code, struct name *ret);
CHECKED enum err namebook_remove(struct namebook *n, struct view code);
/* Removes all whom `goes` names, in one go. */
typedef bool namebook_goes_fn(const void *arg, const struct name *p);
CHECKED enum err namebook_remove_those(
	struct namebook *n, namebook_goes_fn *goes, const void *arg, uint32_t *ret_count);
/* How many can be read. */
CHECKED enum err namebook_count(struct namebook *n, uint64_t *ret);
struct namebook_damage namebook_damage(const struct namebook *n);

/* Everybody, in no order that says anything; an error ends the walk. Nothing may be changed
 * meanwhile. */
typedef enum err namebook_each_fn(void *arg, const struct name *p);
CHECKED enum err namebook_each(struct namebook *n, namebook_each_fn *each, void *arg);

/* Seals everybody anew, under a fresh K, for the key in force and for `next`; but for those
 * whom `leave` names (NULL: nobody), who are removed: not for a moment do they stand under
 * `next`. */
typedef bool namebook_leave_fn(const void *arg, struct view code);
CHECKED enum err namebook_renew(
	struct namebook *n, struct secret *next, namebook_leave_fn *leave, const void *arg);
/* The store opens with `key` and with no other from now on. */
CHECKED enum err namebook_settle(struct namebook *n, struct secret *key);

#endif
