/* vault_rebase_inside - what the files of vault_rebase share: one rebase on its way.
 *
 * vault_taken: what came from the hub, and the chains that it makes with what stays here.
 * vault_again: own entries that the hub has not. vault_rebase: what is put.
 */
#ifndef WEIR_NODE_VAULT_REBASE_INSIDE_H
#define WEIR_NODE_VAULT_REBASE_INSIDE_H

#include "node/vault_inside.h"
#include "node/vault_rebase.h"

/* A lane of an incarnation as it was taken. */
struct taken_lane {
	bool ended;
	struct sync_mark end;
	uint64_t first; /* 0: the whole lane is here already */
	uint8_t first_prev[HASH_BYTES];
	struct sync_mark last; /* taken so far */
};

struct taken {
	uint32_t incarnation;
	struct taken_lane lanes[LANE_COUNT];
};

/* An own entry that is in no chain of the hub. */
struct again {
	uint8_t root[HASH_BYTES];
	struct vault_at at;
	bool there; /* the hub has it under another place, or it is said again already */
};

struct rebase {
	struct vault *vault;
	const struct vault_rebase *asked;
	struct taken *taken; /* owned, rising */
	size_t taken_count;
	struct vault_chains made;
	struct again *again; /* owned */
	struct again **by_root;
	size_t again_count, again_room;
	struct vault_rebased done;
};

/* What waits aside, and the chains as they will be; E_CONFLICT if it does not fit together. */
CHECKED enum err rebase_read_taken(struct rebase *r);
/* Own entries of a lane that stay where they are. */
uint64_t rebase_stays(struct rebase *r, const struct lane_chain *own, enum lane lane);
/* Each own entry that stays, or each that does not. */
typedef enum err rebase_entry_fn(struct rebase *r, const struct vault_at *at);
CHECKED enum err rebase_each(struct rebase *r, bool that_stay, rebase_entry_fn *each);
bool rebase_is_damage(enum err e);
/* Of an entry that cannot be read: as what stands around it says. */
CHECKED enum err rebase_hash_of(
	struct rebase *r, const struct vault_at *at, uint8_t ret[static HASH_BYTES]);

/* What has to be said again, each once, in the order of its places. */
CHECKED enum err rebase_find_again(struct rebase *r);

#endif
