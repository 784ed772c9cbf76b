#include "common/codec/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/xmlout.h"

/* A cell as it was put: its text begins at `offset` of the texts and ends with a zero. */
struct put {
	size_t row;
	size_t column;
	size_t offset;
};

struct sheet {
	char *name;
	struct buf texts;
	struct put *puts;
	size_t put_count;
	size_t put_room;
	size_t *numbers; /* of kept rows, header first, as shown */
	size_t kept;
	size_t columns;
	const char **cells; /* kept * columns */
};

struct sheet *
sheet_new(const char *name)
{
	struct sheet *s = xcalloc(1, sizeof(*s));
	s->name = xstrdup(name);
	buf_init(&s->texts, SHEET_MAX_TEXT_BYTES);
	return s;
}

void
sheet_free(struct sheet *s)
{
	if (!s)
		return;
	free(s->name);
	buf_done(&s->texts);
	free(s->puts);
	free(s->numbers);
	free(s->cells);
	free(s);
}

/* Blanks, with the no-break space that word processors leave behind. */
static size_t
blank_at(const uint8_t *at, size_t left)
{
	if (left > 0 && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
		return 1;
	return left > 1 && at[0] == 0xc2 && at[1] == 0xa0 ? 2 : 0;
}

static struct view
trimmed(struct view v)
{
	for (size_t n; (n = blank_at(v.at, v.len)) > 0;)
		v = view_of(v.at + n, v.len - n);
	for (;;) {
		if (v.len > 1 && blank_at(v.at + v.len - 2, 2) == 2)
			v.len -= 2;
		else if (v.len > 0 && blank_at(v.at + v.len - 1, 1) == 1)
			v.len--;
		else
			return v;
	}
}

enum err
sheet_put(struct sheet *s, size_t row, size_t column, struct view text)
{
	text = trimmed(text);
	if (text.len == 0)
		return OK;
	if (row >= SHEET_MAX_ROWS || column >= SHEET_MAX_COLUMNS)
		return fail(E_FULL, "row %zu: a sheet has at most %zu rows and %zu columns",
			row + 1, SHEET_MAX_ROWS, SHEET_MAX_COLUMNS);
	if (text.len > SHEET_MAX_CELL_BYTES)
		return fail(E_FULL, "row %zu: a cell is longer than %zu bytes", row + 1,
			SHEET_MAX_CELL_BYTES);
	if (s->put_count && s->puts[s->put_count - 1].row > row)
		return fail(E_FORMAT, "row %zu: stands behind a later row", row + 1);
	if (s->put_count == s->put_room) {
		s->put_room = s->put_room ? s->put_room * 2 : 256;
		s->puts = xrealloc(s->puts, s->put_room, sizeof(*s->puts));
	}
	size_t offset = s->texts.len;
	buf_add_view(&s->texts, text);
	buf_u8(&s->texts, 0);
	s->puts[s->put_count++] = (struct put){row, column, offset};
	return buf_check(&s->texts, "the sheet");
}

static enum err
measure(struct sheet *s)
{
	s->numbers = xcalloc(s->put_count + 1, sizeof(*s->numbers));
	for (size_t i = 0; i < s->put_count; i++) {
		const struct put *p = &s->puts[i];
		if (s->kept == 0 || s->numbers[s->kept - 1] != p->row + 1)
			s->numbers[s->kept++] = p->row + 1;
		s->columns = MAX(s->columns, p->column + 1);
	}
	if (s->kept * s->columns > SHEET_MAX_CELLS)
		return fail(E_FULL, "a sheet has at most %zu cells", SHEET_MAX_CELLS);
	return OK;
}

static enum err
fill(struct sheet *s)
{
	s->cells = xcalloc(s->kept * s->columns + 1, sizeof(*s->cells));
	size_t row = 0;
	for (size_t i = 0; i < s->put_count; i++) {
		const struct put *p = &s->puts[i];
		const char *text = (const char *)s->texts.at + p->offset;
		while (s->numbers[row] != p->row + 1)
			row++;
		const char **cell = &s->cells[row * s->columns + p->column];
		if (*cell)
			return fail(E_FORMAT, "row %zu: a cell stands there twice", p->row + 1);
		if (!xml_can_hold(text))
			return fail(E_FORMAT,
				"row %zu: a control character, or text that is not UTF-8",
				p->row + 1);
		*cell = text;
	}
	return OK;
}

static enum err
check_header(const struct sheet *s)
{
	for (size_t i = 0; i < s->columns; i++) {
		const char *name = sheet_column_name(s, i);
		if (*name && sheet_column(s, name) != (int)i)
			return fail(E_FORMAT, "row %zu: two columns have one name",
				sheet_header_number(s));
	}
	return OK;
}

enum err
sheet_finish(struct sheet *s)
{
	enum err e = measure(s);
	if (!e)
		e = fill(s);
	free(take(s->puts));
	s->put_count = s->put_room = 0;
	return e ? e : check_header(s);
}

static enum err
put_row(struct sheet *s, const struct csv_sheet *c, size_t row)
{
	enum err e = OK;
	for (size_t k = 0; !e && k < csv_columns(c); k++)
		e = sheet_put(
			s, csv_row_number(c, row) - 1, k, view_text(csv_cell(c, row, (int)k)));
	return e;
}

enum err
sheet_from_csv(struct sheet **ret, struct view text, const char *name)
{
	*ret = NULL;
	OWNED(csv_sheet) struct csv_sheet *c = NULL;
	enum err e = csv_load(&c, text, name);
	if (e)
		return e;
	OWNED(sheet) struct sheet *s = sheet_new(name);
	for (size_t k = 0; !e && k < csv_columns(c); k++)
		e = sheet_put(s, 0, k, view_text(csv_column_name(c, k)));
	for (size_t row = 0; !e && row < csv_rows(c); row++)
		e = put_row(s, c, row);
	if (!e)
		e = sheet_finish(s);
	if (e)
		return fail_in(e, "%s", name);
	*ret = take(s);
	return OK;
}

const char *
sheet_name(const struct sheet *s)
{
	return s->name;
}

size_t
sheet_header_number(const struct sheet *s)
{
	return s->kept ? s->numbers[0] : 1;
}

size_t
sheet_rows(const struct sheet *s)
{
	return s->kept ? s->kept - 1 : 0;
}

size_t
sheet_row_number(const struct sheet *s, size_t row)
{
	return row < sheet_rows(s) ? s->numbers[row + 1] : 0;
}

size_t
sheet_columns(const struct sheet *s)
{
	return s->columns;
}

const char *
sheet_column_name(const struct sheet *s, size_t column)
{
	return column < s->columns && s->cells[column] ? s->cells[column] : "";
}

int
sheet_column(const struct sheet *s, const char *name)
{
	for (size_t i = 0; i < s->columns; i++)
		if (strcmp(sheet_column_name(s, i), name) == 0 && *name)
			return (int)i;
	return -1;
}

const char *
sheet_cell(const struct sheet *s, size_t row, int column)
{
	if (column < 0 || (size_t)column >= s->columns || row >= sheet_rows(s))
		return "";
	const char *cell = s->cells[(row + 1) * s->columns + (size_t)column];
	return cell ? cell : "";
}
