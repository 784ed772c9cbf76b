/* arrival_inside - what the files of arrival share; nobody else includes this.
 *
 * arrival_leaf: what the log says of an entry, and what a site's act says to other rooms.
 * arrival: all else.
 */
#ifndef WEIR_HUB_ARRIVAL_INSIDE_H
#define WEIR_HUB_ARRIVAL_INSIDE_H

#include "hub/arrival.h"

#define ARRIVAL_BAD_RULES "rules part not of its form"

/* One entry on its way in. */
struct incoming {
	struct place place;
	struct wire_header header;
	const struct sync_entry *entry;
	struct wire_rules *rules; /* NULL for an act, or when the part is not of its form */
	struct record_person person;
	uint8_t hash[HASH_BYTES]; /* of its header */
	uint8_t root[HASH_BYTES]; /* of what it says, however often it is said */
	int64_t now_ms;           /* wall time */
	bool has_person;
	bool is_foreign;
	bool is_repeated; /* the hub has it already */
	struct record record;
	struct judged judged;
	struct record_verdict verdict;
};

/* The bytes of one part; empty: there is none. */
struct view arrival_part(const struct sync_entry *entry, enum part_kind kind);

/* The leaf of an entry, whose place in the log goes to in->verdict. */
CHECKED enum err arrival_log_entry(const struct arrival *a, struct incoming *in);
/* The same of an act. What the site wrote stands, but for who it is from, when it came and whom
 * it is about; what it says of delegation, erasure or numbered keys is taken over. */
CHECKED enum err arrival_log_act(const struct arrival *a, struct incoming *in);

#endif
