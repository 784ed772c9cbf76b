#include "node/sync_change.h"

#include <string.h>

#define PREFIX       "change-"
#define PREFIX_BYTES (sizeof(PREFIX) - 1)
#define LANE_BYTES   (PREFIX_BYTES + 4)
#define KEY_BYTES    (LANE_BYTES + 8)

static void
make_key(uint8_t ret[static KEY_BYTES], uint32_t incarnation, uint64_t seq)
{
	memcpy(ret, PREFIX, PREFIX_BYTES);
	for (size_t i = 0; i < 4; i++)
		ret[PREFIX_BYTES + i] = (uint8_t)(incarnation >> (24 - 8 * i));
	for (size_t i = 0; i < 8; i++)
		ret[LANE_BYTES + i] = (uint8_t)(seq >> (56 - 8 * i));
}

static enum err
put(struct vault *v, uint32_t incarnation, uint64_t seq, uint8_t known)
{
	uint8_t key[KEY_BYTES];
	make_key(key, incarnation, seq);
	return vault_put(v, VAULT_META, view_of(key, sizeof(key)), view_of(&known, 1));
}

enum err
sync_change_put(struct vault *v, const struct vault_at *at)
{
	return put(v, at->incarnation, at->seq, 0);
}

static enum err
drop_row(void *arg, struct view key, struct view content)
{
	uint8_t copy[KEY_BYTES];
	(void)content;
	if (key.len != sizeof(copy))
		return fail(E_FORMAT, "the vault is damaged: a change of participation");
	memcpy(copy, key.at, sizeof(copy));
	return vault_delete(arg, VAULT_META, view_of(copy, sizeof(copy)));
}

enum err
sync_change_forget(struct vault *v)
{
	return vault_each(v, VAULT_META, view_text(PREFIX), drop_row, v);
}

static uint64_t
seq_of(struct view key)
{
	uint64_t seq = 0;
	for (size_t i = LANE_BYTES; i < KEY_BYTES; i++)
		seq = seq << 8 | key.at[i];
	return seq;
}

static bool
is_of_lane(struct view key, const uint8_t lane[static KEY_BYTES])
{
	return key.len == KEY_BYTES && memcmp(key.at, lane, LANE_BYTES) == 0;
}

struct next {
	uint8_t from[KEY_BYTES];
	uint64_t seq;
};

static enum err
take_first(void *arg, struct view key, struct view content, bool *ret_stop)
{
	struct next *next = arg;
	(void)content;
	*ret_stop = true;
	if (is_of_lane(key, next->from))
		next->seq = seq_of(key);
	return OK;
}

enum err
sync_change_after(struct vault *v, uint32_t incarnation, uint64_t seq, uint64_t *ret)
{
	struct next next = {.seq = 0};
	make_key(next.from, incarnation, seq);
	enum err e = vault_each_after(
		v, VAULT_META, view_of(next.from, sizeof(next.from)), take_first, &next);
	*ret = next.seq;
	return e;
}

enum err
sync_change_known(struct vault *v, uint32_t incarnation, uint64_t seq)
{
	uint8_t key[KEY_BYTES];
	struct view row;
	make_key(key, incarnation, seq);
	enum err e = vault_get(v, VAULT_META, view_of(key, sizeof(key)), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	return put(v, incarnation, seq, 1);
}

struct counting {
	uint8_t from[KEY_BYTES];
	struct sync_change_counts *counts;
};

static enum err
count_row(void *arg, struct view key, struct view content, bool *ret_stop)
{
	struct counting *c = arg;
	*ret_stop = !is_of_lane(key, c->from);
	if (*ret_stop)
		return OK;
	if (content.len == 1 && content.at[0])
		c->counts->known++;
	else
		c->counts->waiting++;
	return OK;
}

enum err
sync_change_counts(struct vault *v, uint64_t at_hub, struct sync_change_counts *ret)
{
	struct counting c = {.counts = ret};
	*ret = (struct sync_change_counts){0};
	make_key(c.from, vault_incarnation(v), at_hub);
	return vault_each_after(v, VAULT_META, view_of(c.from, sizeof(c.from)), count_row, &c);
}
