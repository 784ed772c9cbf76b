#include "common/codec/csv.h"

#include <stdlib.h>
#include <string.h>

#include <csv.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define PIECE_BYTES      ((size_t)64 << 10) /* parsed between two looks at the error */
#define FIRST_COUNT      ((size_t)256)
#define SHOWN_NAME_BYTES 60

struct csv_sheet {
	char *text;        /* all cells, each with a zero behind it */
	uint32_t *cells;   /* offsets into text, the header row first, row by row */
	uint32_t *numbers; /* what a spreadsheet shows beside each kept row, the header first */
	size_t columns;
	size_t rows; /* with the header */
};

/* A sheet being read. */
struct load {
	struct csv_sheet *sheet;
	const char *name;
	struct buf text;
	size_t cell_count;
	size_t cell_room;
	size_t row_room;
	size_t row_start; /* cell_count where this row began */
	size_t number;    /* of this row */
	bool after_cr;
	bool filled; /* a cell of this row holds something */
	enum err e;
};

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct view
trimmed(const void *at, size_t len)
{
	struct view v = view_of(at, len);
	while (v.len && is_blank(v.at[0])) {
		v.at++;
		v.len--;
	}
	while (v.len && is_blank(v.at[v.len - 1]))
		v.len--;
	return v;
}

static enum err
cell_fits(const struct load *l, size_t column, size_t len)
{
	if (len > CSV_MAX_CELL_BYTES)
		return fail(E_FULL, "%s row %zu: cell %zu holds more than %zu bytes", l->name,
			l->number, column + 1, CSV_MAX_CELL_BYTES);
	if (column >= CSV_MAX_COLUMNS)
		return fail(E_FULL, "%s row %zu: more than %zu columns", l->name, l->number,
			CSV_MAX_COLUMNS);
	return OK;
}

static void
on_cell(void *at, size_t len, void *data)
{
	struct load *l = data;
	struct csv_sheet *c = l->sheet;
	struct view v = trimmed(at, len);
	l->after_cr = false;
	if (l->e == OK)
		l->e = cell_fits(l, l->cell_count - l->row_start, v.len);
	if (l->e != OK)
		return;
	if (l->cell_count == l->cell_room) {
		l->cell_room = l->cell_room ? 2 * l->cell_room : FIRST_COUNT;
		c->cells = xrealloc(c->cells, l->cell_room, sizeof(*c->cells));
	}
	c->cells[l->cell_count++] = (uint32_t)l->text.len;
	buf_add_view(&l->text, v);
	buf_u8(&l->text, 0);
	l->filled = l->filled || v.len;
}

static enum err
keep_row(struct load *l)
{
	struct csv_sheet *c = l->sheet;
	size_t cells = l->cell_count - l->row_start;
	if (c->rows == 0)
		c->columns = cells;
	if (cells != c->columns)
		return fail(E_FORMAT, "%s row %zu: %zu cells, the header row has %zu", l->name,
			l->number, cells, c->columns);
	if (c->rows > CSV_MAX_ROWS)
		return fail(E_FULL, "%s: more than %zu rows", l->name, CSV_MAX_ROWS);
	if (c->rows == l->row_room) {
		l->row_room = l->row_room ? 2 * l->row_room : FIRST_COUNT;
		c->numbers = xrealloc(c->numbers, l->row_room, sizeof(*c->numbers));
	}
	c->numbers[c->rows++] = (uint32_t)l->number;
	l->row_start = l->cell_count;
	return OK;
}

/* Called at each line end outside quotes, so that empty rows count; CR LF calls it twice. */
static void
on_row(int end, void *data)
{
	struct load *l = data;
	if (l->e != OK)
		return;
	if (end == '\n' && l->after_cr) {
		l->after_cr = false;
		return;
	}
	l->after_cr = end == '\r';
	if (l->filled)
		l->e = keep_row(l);
	else
		l->cell_count = l->row_start;
	l->filled = false;
	l->number++;
}

static uint8_t
separator_of(struct view text)
{
	bool quoted = false, begun = false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		if (!quoted && (c == ',' || c == ';'))
			return c;
		if (!quoted && begun && (c == '\r' || c == '\n'))
			break;
		quoted = (c == '"') != quoted;
		begun = begun || !is_blank(c);
	}
	return ',';
}

static enum err
parse(struct load *l, struct view text)
{
	struct csv_parser parser;
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0)
		return fail(E_IO, "%s: the reader of sheets did not start", l->name);
	csv_set_delim(&parser, separator_of(text));
	bool good = true;
	for (size_t at = 0; good && l->e == OK && at < text.len; at += PIECE_BYTES) {
		size_t piece = MIN(PIECE_BYTES, text.len - at);
		good = csv_parse(&parser, text.at + at, piece, on_cell, on_row, l) == piece;
	}
	if (good && l->e == OK)
		good = csv_fini(&parser, on_cell, on_row, l) == 0;
	csv_free(&parser);
	if (!good && l->e == OK)
		l->e = fail(E_FORMAT,
			"%s row %zu: a quote without its pair, or in the middle of a cell",
			l->name, l->number);
	return l->e;
}

static enum err
check_header(const struct csv_sheet *c, const char *name)
{
	if (c->rows == 0)
		return fail(E_FORMAT, "%s: no header row", name);
	for (size_t i = 0; i < c->columns; i++) {
		const char *column = csv_column_name(c, i);
		if (!*column)
			return fail(E_FORMAT, "%s row %u: column %zu has no name", name,
				c->numbers[0], i + 1);
		if (csv_column(c, column) != (int)i)
			return fail(E_FORMAT, "%s row %u: two columns have the name '%.*s'",
				name, c->numbers[0], SHOWN_NAME_BYTES, column);
	}
	return OK;
}

enum err
csv_load(struct csv_sheet **ret, struct view text, const char *name)
{
	*ret = NULL;
	if (text.len > CSV_MAX_BYTES)
		return fail(E_FULL, "%s: more than %zu bytes", name, CSV_MAX_BYTES);
	if (text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0)
		text = view_of(text.at + 3, text.len - 3);
	if (!text_is_utf8(text))
		return fail(E_FORMAT, "%s: not UTF-8 text; save it as \"CSV UTF-8\"", name);
	OWNED(csv_sheet) struct csv_sheet *c = xcalloc(1, sizeof(*c));
	struct load l = {.sheet = c, .name = name, .number = 1};
	/* A cell takes its bytes and a zero; its separator or line end stood in the file for
	 * the zero. */
	buf_init(&l.text, text.len + 1);
	enum err e = parse(&l, text);
	size_t len = 0;
	if (e == OK)
		e = buf_check(&l.text, name);
	c->text = (char *)buf_take(&l.text, &len);
	if (e == OK)
		e = check_header(c, name);
	if (e == OK)
		*ret = take(c);
	return e;
}

size_t
csv_rows(const struct csv_sheet *c)
{
	return c->rows - 1;
}

size_t
csv_columns(const struct csv_sheet *c)
{
	return c->columns;
}

const char *
csv_column_name(const struct csv_sheet *c, size_t column)
{
	return column < c->columns ? c->text + c->cells[column] : "";
}

int
csv_column(const struct csv_sheet *c, const char *name)
{
	for (size_t i = 0; i < c->columns; i++)
		if (strcmp(csv_column_name(c, i), name) == 0)
			return (int)i;
	return -1;
}

const char *
csv_cell(const struct csv_sheet *c, size_t row, int column)
{
	if (row >= csv_rows(c) || column < 0 || (size_t)column >= c->columns)
		return "";
	return c->text + c->cells[(row + 1) * c->columns + (size_t)column];
}

size_t
csv_row_number(const struct csv_sheet *c, size_t row)
{
	return row < csv_rows(c) ? c->numbers[row + 1] : 0;
}

void
csv_sheet_free(struct csv_sheet *c)
{
	if (!c)
		return;
	free(c->text);
	free(c->cells);
	free(c->numbers);
	free(c);
}
