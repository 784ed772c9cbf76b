#include "hub/claims.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/wire_entry.h"

#include "hub/vault_scan.h"

#define PENDING_COUNT 16
#define IDS_EACH      2 /* its instance, and what there may be one of only (record.h) */

struct slot {
	uint8_t ids[IDS_EACH][ID_BYTES]; /* zero: none */
};

/* The records of one lane by their number, from 1 on. */
struct lane_slots {
	uint8_t key[PLACE_LANE_BYTES];
	struct slot *at;
	size_t room;
};

/* Slots lie anywhere in memory: while some are fetched the next rows are opened. */
struct pending {
	struct slot *slot;
	uint8_t id[ID_BYTES];
};

struct claims {
	uint64_t version;         /* of the table when it was read; 0: not read */
	struct lane_slots *lanes; /* in the order of their keys */
	size_t lane_count;
	size_t slot_count;
	struct pending pending[PENDING_COUNT];
	size_t pending_count;
};

static void
forget(struct claims *c)
{
	for (size_t i = 0; i < c->lane_count; i++)
		mem_drop(&c->lanes[i].at);
	mem_drop(&c->lanes);
	*c = (struct claims){.version = 0};
}

struct claims *
claims_new(void)
{
	return xcalloc(1, sizeof(struct claims));
}

void
claims_free(struct claims *c)
{
	if (!c)
		return;
	forget(c);
	mem_drop(&c);
}

/* Where the lane is, or would have to be put. */
static size_t
find_lane(
	const struct claims *c, const uint8_t key[static PLACE_LANE_BYTES], bool *ret_is_there)
{
	size_t from = 0, to = c->lane_count;
	*ret_is_there = false;
	while (from < to && !*ret_is_there) {
		const size_t middle = from + (to - from) / 2;
		const int order = memcmp(c->lanes[middle].key, key, PLACE_LANE_BYTES);
		*ret_is_there = order == 0;
		if (order > 0 || *ret_is_there)
			to = middle;
		else
			from = middle + 1;
	}
	return to;
}

static void
settle(struct claims *c)
{
	for (size_t i = 0; i < c->pending_count; i++) {
		struct slot *slot = c->pending[i].slot;
		size_t free = 0;
		while (free < IDS_EACH && !wire_is_zero(slot->ids[free], ID_BYTES))
			free++;
		if (free < IDS_EACH)
			memcpy(slot->ids[free], c->pending[i].id, ID_BYTES);
	}
	c->pending_count = 0;
}

static struct lane_slots *
lane_of(struct claims *c, const uint8_t key[static PLACE_LANE_BYTES])
{
	bool is_there = false;
	const size_t at = find_lane(c, key, &is_there);
	if (is_there)
		return &c->lanes[at];
	c->lanes = xrealloc(c->lanes, c->lane_count + 1, sizeof(*c->lanes));
	memmove(c->lanes + at + 1, c->lanes + at, (c->lane_count - at) * sizeof(*c->lanes));
	c->lane_count++;
	c->lanes[at] = (struct lane_slots){.room = 0};
	memcpy(c->lanes[at].key, key, PLACE_LANE_BYTES);
	return &c->lanes[at];
}

/* NULL: there is no room for so many. */
static struct slot *
slot_of(struct claims *c, const struct place *p)
{
	uint8_t key[PLACE_KEY_BYTES];
	place_key(key, p);
	if (p->seq == 0 || p->seq > CLAIMS_MAX_COUNT)
		return NULL;
	struct lane_slots *lane = lane_of(c, key);
	if (p->seq <= lane->room)
		return &lane->at[p->seq - 1];
	/* Ids come in no order of the records: a lane grows seldom, and to about its end. */
	const size_t room = MAX((size_t)p->seq, lane->room + lane->room / 2);
	const size_t more = room - lane->room;
	if (more > CLAIMS_MAX_COUNT - c->slot_count)
		return NULL;
	settle(c); /* before slots move */
	lane->at = xrealloc(lane->at, room, sizeof(*lane->at));
	memset(lane->at + lane->room, 0, more * sizeof(*lane->at));
	lane->room = room;
	c->slot_count += more;
	return &lane->at[p->seq - 1];
}

static enum err
see_row(void *arg, struct view key, bool is_damaged, struct view value)
{
	struct place p;
	if (is_damaged || key.len != ID_BYTES || place_from_key(&p, value) || p.lane != LANE_R)
		return OK;
	struct claims *c = arg;
	struct slot *slot = slot_of(c, &p);
	if (!slot)
		return OK;
	__builtin_prefetch(slot, 1);
	c->pending[c->pending_count].slot = slot;
	memcpy(c->pending[c->pending_count++].id, key.at, ID_BYTES);
	if (c->pending_count == PENDING_COUNT)
		settle(c);
	return OK;
}

enum err
claims_read(struct claims *c, struct vault_txn *t)
{
	const uint64_t version = vault_version(t, VAULT_INSTANCES);
	forget(c);
	enum err e = version ? vault_scan(t, VAULT_INSTANCES, see_row, c) : OK;
	if (e) {
		forget(c);
		return e;
	}
	settle(c);
	c->version = version;
	return OK;
}

bool
claims_has(const struct claims *c, const struct vault_txn *t, const uint8_t id[static ID_BYTES],
	const struct place *p)
{
	uint8_t key[PLACE_KEY_BYTES];
	bool has = false, is_there = false;
	if (c->version == 0 || vault_version(t, VAULT_INSTANCES) != c->version ||
		wire_is_zero(id, ID_BYTES))
		return false;
	place_key(key, p);
	const size_t at = find_lane(c, key, &is_there);
	if (!is_there || p->seq == 0 || p->seq > c->lanes[at].room)
		return false;
	for (size_t i = 0; i < IDS_EACH; i++)
		has = has || memcmp(c->lanes[at].at[p->seq - 1].ids[i], id, ID_BYTES) == 0;
	return has;
}
