#include "hub/fresh.h"

#include <string.h>

void
fresh_init(struct fresh *f)
{
	f->first = 0;
	f->count = 0;
	buf_init(&f->bytes, FRESH_MAX_BYTES);
}

void
fresh_done(struct fresh *f)
{
	buf_done(&f->bytes);
	f->count = 0;
}

static size_t
end_of(const struct fresh *f, size_t count)
{
	return count ? f->end[count - 1] : 0;
}

void
fresh_add(struct fresh *f, uint64_t index, struct view leaf,
	const uint8_t hash[static HASH_BYTES])
{
	if (f->count == 0)
		f->first = index;
	if (index != f->first + f->count || f->count == FRESH_MAX_COUNT ||
		leaf.len > FRESH_MAX_BYTES - f->bytes.len)
		return;
	buf_add_view(&f->bytes, leaf);
	memcpy(f->hash[f->count], hash, HASH_BYTES);
	f->end[f->count++] = f->bytes.len;
}

void
fresh_cut(struct fresh *f, uint64_t size)
{
	if (size <= f->first)
		f->count = 0;
	else if (size - f->first < f->count)
		f->count = (size_t)(size - f->first);
	f->bytes.len = end_of(f, f->count);
}

static bool
is_kept(const struct fresh *f, uint64_t index)
{
	return index >= f->first && index - f->first < f->count;
}

bool
fresh_find(const struct fresh *f, uint64_t index, struct view *ret)
{
	if (!is_kept(f, index))
		return false;
	size_t at = (size_t)(index - f->first), from = end_of(f, at);
	*ret = view_of(f->bytes.at + from, f->end[at] - from);
	return true;
}

bool
fresh_hash(const struct fresh *f, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	if (!is_kept(f, index))
		return false;
	memcpy(ret, f->hash[index - f->first], HASH_BYTES);
	return true;
}
