#include "common/figures/rows.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"

#define FIRST_ROOM_COUNT 256u

struct figure_rows {
	struct figure_row *rows;
	size_t count;
	size_t room;
};

struct figure_rows *
figure_rows_new(void)
{
	return xcalloc(1, sizeof(struct figure_rows));
}

void
figure_rows_free(struct figure_rows *r)
{
	if (!r)
		return;
	if (r->rows)
		explicit_bzero(r->rows, r->count * sizeof(*r->rows));
	mem_drop(&r->rows);
	mem_drop(&r);
}

/* The old rows are wiped, which realloc would not do. */
static void
grow(struct figure_rows *r)
{
	size_t room = r->room ? 2 * r->room : FIRST_ROOM_COUNT;
	struct figure_row *made = xcalloc(room, sizeof(*made));
	if (r->rows) {
		memcpy(made, r->rows, r->count * sizeof(*made));
		explicit_bzero(r->rows, r->count * sizeof(*made));
		mem_drop(&r->rows);
	}
	r->rows = made;
	r->room = room;
}

void
figure_rows_put(struct figure_rows *r, const struct figure_row *row)
{
	if (r->count == r->room)
		grow(r);
	struct figure_row *to = &r->rows[r->count++];
	*to = *row;
	if (row->hidden)
		(void)snprintf(to->text, sizeof(to->text), "%s", SYMBOL_HIDDEN);
	else if (!*row->text)
		figure_text(to->text, row->value);
}

size_t
figure_rows_count(const struct figure_rows *r)
{
	return r->count;
}

const struct figure_row *
figure_rows_at(const struct figure_rows *r, size_t i)
{
	return &r->rows[i];
}

const struct figure_row *
figure_rows_find(const struct figure_rows *r, size_t of, const char *site, const char *key,
	enum statistic statistic)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct figure_row *row = &r->rows[i];
		if (row->of != of || row->statistic != statistic || *row->level || row->by[1] ||
			!row->by[0] != !key || strcmp(row->site, site) != 0)
			continue;
		if (!key || strcmp(row->by[0], key) == 0)
			return row;
	}
	return NULL;
}

size_t
figure_rows_keys(
	const struct figure_rows *r, size_t of, const char *site, const char **ret, size_t room)
{
	size_t count = 0;
	for (size_t i = 0; i < r->count && count < room; i++) {
		const struct figure_row *row = &r->rows[i];
		if (row->of != of || !row->by[0] || row->by[1] || strcmp(row->site, site) != 0)
			continue;
		bool known = false;
		for (size_t k = 0; !known && k < count; k++)
			known = strcmp(ret[k], row->by[0]) == 0;
		if (!known)
			ret[count++] = row->by[0];
	}
	return count;
}
