/* sync_item - one item of entries as it comes to sync: read, checked, judged and put into the
 * turn's transaction (ipc.h has its fields). sync_item.c reads, checks and judges;
 * sync_item_put.c knows what is on file, and puts.
 *
 * Always true: reading, checking and judging put nothing, so a refusal needs nothing taken
 *              back. what is put is an entry with its parts, its instance, its person, its
 *              consent and what is current of its form and wave.
 *              In a study that goes without consent (section 251) what the person said and is
 *              held is heard first: until then nothing is kept without (sync_hold_said.h).
 * Checked:     lane R holds rules, answers and perhaps roots; lane C a key (rules, wraps), a
 *              consent (rules, detail), a change or a check of the opt-out (rules); an entry
 *              fits a frame of sync.
 * Errors:      E_FORMAT, E_DENIED, those of the vault; E_CONFLICT an id is on file already.
 */
#ifndef WEIR_NODE_SYNC_ITEM_H
#define WEIR_NODE_SYNC_ITEM_H

#include "node/pseudonym.h"
#include "node/sync_judge.h"

#define SYNC_ITEM_ENTRIES_MAX_COUNT 16
#define SYNC_CODE_BYTES             64

/* lends its bytes from what was read, but for a rules part that was changed. */
struct sync_item_entry {
	enum lane lane;
	struct entry_part parts[WIRE_PARTS_MAX];
	size_t part_count;
	struct wire_rules *rules; /* owned */
};

struct sync_item {
	struct view code; /* "" about the site */
	uint8_t instance[ID_BYTES];
	uint8_t digest[HASH_BYTES];
	struct sync_item_entry entries[SYNC_ITEM_ENTRIES_MAX_COUNT];
	size_t entry_count;
	uint8_t participant[ID_BYTES];
	struct buf changed_rules;
	struct buf roots;
	bool has_files_of_site; /* files of it stay here, as its submission says */
};

/* Reads one item; sync_item_done() in any case. */
CHECKED enum err sync_item_read(struct cursor *c, struct sync_item *ret);
void sync_item_done(struct sync_item *t);
#define OWNED_ITEM OWNED_BY(sync_item_done)
/* One entry alone, as SYNC_KEEP has it. */
CHECKED enum err sync_item_read_entry(struct cursor *c, struct sync_item_entry *ret);
void sync_item_write_entry(struct buf *out, const struct sync_item_entry *n);

/* Is this text of the form of a study code? 1 to 63 bytes of UTF-8 without control
 * characters. */
bool sync_item_is_code(struct view code);

/* Are its entries of their form, and about t->participant? */
CHECKED enum err sync_item_check(const struct sync_item *t);
/* The entry that the item is named by; NULL if none. */
struct sync_item_entry *sync_item_named(struct sync_item *t);
/* E_DENIED unless consent and study let it in. */
CHECKED enum err sync_item_judge(
	const struct sync_judge *j, const struct sync_item *t, const struct sync_item_entry *n);

/* Make the named entry say what it corrects, and which files go with it. */
CHECKED enum err sync_item_refer(struct sync_item *t, const uint8_t id[static ID_BYTES]);
CHECKED enum err sync_item_add_roots(struct sync_item *t, struct view roots);

/* Into the turn's transaction, all entries of the item in order. */
CHECKED enum err sync_item_put(struct vault *v, const struct sync_item *t);
CHECKED enum err sync_item_put_entry(
	struct vault *v, const struct sync_item *t, const struct sync_item_entry *n);

/* That an entry at this place is about a person, or a version of that person's consent. */
CHECKED enum err sync_item_put_person(
	struct vault *v, const struct wire_rules *r, const struct vault_at *at);
CHECKED enum err sync_item_put_consent(
	struct vault *v, const struct wire_rules *r, const struct vault_at *at);
/* Or the last check of that person's opt-out. */
CHECKED enum err sync_item_put_opt_out(
	struct vault *v, const struct wire_rules *r, const struct vault_at *at);

/* Is the instance on file? ret_digest (zeros: it came back from the hub, and nobody can tell),
 * ret_lane: of what is there. */
CHECKED enum err sync_item_find(struct vault *v, const uint8_t id[static ID_BYTES],
	bool *ret_found, uint8_t ret_digest[static HASH_BYTES], enum lane *ret_lane);
/* It came back from the hub, and the row that it is made of was handed in again. */
CHECKED enum err sync_item_claim(struct vault *v, const uint8_t id[static ID_BYTES],
	const uint8_t digest[static HASH_BYTES]);
/* The record of this person, form and wave that is current. */
CHECKED enum err sync_item_current(struct vault *v, const struct wire_rules *r, bool *ret_found,
	uint8_t ret[static ID_BYTES]);
CHECKED enum err sync_item_set_current(
	struct vault *v, const struct wire_rules *r, const uint8_t id[static ID_BYTES]);

#endif
