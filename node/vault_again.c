#include "node/vault_rebase_inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"

static enum err
root_of(struct view header, uint8_t ret[static HASH_BYTES])
{
	struct wire_header h;
	if (wire_header_unpack(&h, header))
		return vault_damaged("a header is not of its form");
	if (wire_is_zero(h.repeats, sizeof(h.repeats)))
		entry_hash(ret, header);
	else
		memcpy(ret, h.repeats, HASH_BYTES);
	return OK;
}

/* E_FORMAT, E_NOTFOUND if header or parts cannot be read. Parts that are not there were erased
 * or pruned. */
static enum err
root_of_whole(struct rebase *r, const struct vault_at *at, uint8_t ret[static HASH_BYTES])
{
	uint8_t key[PLACE_PART_BYTES];
	struct wire_header h;
	struct view row;
	enum err e = vault_header_row(r->vault, at, &row);
	if (!e)
		e = root_of(row, ret);
	if (!e)
		e = wire_header_unpack(&h, row);
	vault_place(key, at);
	for (size_t i = 0; !e && i < h.part_count; i++) {
		key[PLACE_BYTES] = (uint8_t)h.parts[i].kind;
		e = vault_row_get(r->vault, TABLE_PARTS, view_of(key, sizeof(key)), &row);
		e = e == E_NOTFOUND ? OK : e;
	}
	return e;
}

static enum err
add_again(struct rebase *r, const struct vault_at *at)
{
	if (r->again_count == r->again_room) {
		r->again_room = r->again_room ? 2 * r->again_room : 64;
		r->again = xrealloc(r->again, r->again_room, sizeof(*r->again));
	}
	struct again *a = &r->again[r->again_count];
	*a = (struct again){.at = *at};
	enum err e = root_of_whole(r, at, a->root);
	if (!e)
		r->again_count++;
	if (!rebase_is_damage(e))
		return e;
	log_error("sync",
		"entry %u/%d/%" PRIu64 " is damaged, and no other copy of it is known: %s",
		at->incarnation, at->lane, at->seq, err_text());
	r->done.lost++;
	return OK;
}

static int
by_root(const void *a, const void *b)
{
	const struct again *const *x = a, *const *y = b;
	int order = memcmp((*x)->root, (*y)->root, HASH_BYTES);
	return order ? order : (*x > *y) - (*x < *y);
}

/* Of several that say the same the first one counts. */
static void
sort_again(struct rebase *r)
{
	r->by_root = xcalloc(r->again_count + 1, sizeof(struct again *));
	for (size_t i = 0; i < r->again_count; i++)
		r->by_root[i] = &r->again[i];
	qsort(r->by_root, r->again_count, sizeof(struct again *), by_root);
	for (size_t i = 1; i < r->again_count; i++)
		if (memcmp(r->by_root[i - 1]->root, r->by_root[i]->root, HASH_BYTES) == 0)
			r->by_root[i]->there = true;
}

static void
strike_out(struct rebase *r, const uint8_t root[static HASH_BYTES])
{
	size_t low = 0, high = r->again_count;
	while (low < high) {
		size_t at = low + (high - low) / 2;
		if (memcmp(r->by_root[at]->root, root, HASH_BYTES) < 0)
			low = at + 1;
		else
			high = at;
	}
	if (low < r->again_count && memcmp(r->by_root[low]->root, root, HASH_BYTES) == 0)
		r->by_root[low]->there = true;
}

static enum err
strike_out_own(struct rebase *r, const struct vault_at *at)
{
	struct view header;
	uint8_t root[HASH_BYTES];
	enum err e = vault_header_row(r->vault, at, &header);
	if (!e)
		e = root_of(header, root);
	if (rebase_is_damage(e))
		e = rebase_hash_of(r, at, root);
	if (e)
		return e == E_CONFLICT ? OK : e;
	strike_out(r, root);
	return OK;
}

static enum err
strike_out_taken(void *arg, struct view key, struct view row, bool *ret_stop)
{
	struct view header;
	uint8_t root[HASH_BYTES];
	(void)ret_stop;
	if (key.len != PLACE_BYTES)
		return OK;
	enum err e = vault_row_open(TABLE_ASIDE, key, row, &header);
	if (!e)
		e = root_of(header, root);
	if (!e)
		strike_out(arg, root);
	return e;
}

enum err
rebase_find_again(struct rebase *r)
{
	enum err e = rebase_each(r, false, add_again);
	if (e || r->again_count == 0)
		return e;
	sort_again(r);
	e = rebase_each(r, true, strike_out_own);
	return e ? e : vault_rows(r->vault, TABLE_ASIDE, strike_out_taken, r);
}
