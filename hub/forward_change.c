#include "hub/forward_change.h"

#include "common/base/mem.h"

#include "hub/forward_inside.h"

const struct forward_change *
forward_changes(const struct forward *f, size_t *ret_count)
{
	*ret_count = f->change_count;
	return f->changes;
}

const struct forward_change *
forward_change_of(const struct forward *f, uint32_t number)
{
	for (size_t i = 0; i < f->change_count; i++)
		if (f->changes[i].number == number)
			return &f->changes[i];
	return NULL;
}

void
forward_note_change(struct forward *f, uint32_t number, struct view row)
{
	struct buf *b = forward_begin_note(f, NOTE_CHANGE);
	buf_u32(b, number);
	buf_blob(b, row);
}

void
forward_read_change(struct forward *f, struct cursor *c)
{
	const uint32_t number = cursor_u32(c);
	const struct view row = cursor_blob(c);
	size_t i = 0;
	if (c->broken)
		return;
	while (i < f->change_count && f->changes[i].number != number)
		i++;
	if (i == f->change_count) {
		f->changes = xrealloc(f->changes, i + 1, sizeof(*f->changes));
		f->changes[f->change_count++] = (struct forward_change){.number = number};
	}
	mem_drop(&f->changes[i].row);
	f->changes[i].row = xmemdup(row.at, row.len);
	f->changes[i].len = row.len;
}

void
forward_changes_free(struct forward *f)
{
	for (size_t i = 0; i < f->change_count; i++)
		mem_drop(&f->changes[i].row);
	mem_drop(&f->changes);
}
