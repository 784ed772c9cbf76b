#include "node/import_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/xmlout.h"
#include "common/trust/crypto.h"

#define ROW_MAX_BYTES ((size_t)4 << 20)
#define PATH_BYTES    1024

#define PASSES_MAX_COUNT 16

static const char *
path_of(const struct form_field *f)
{
	return f->path ? f->path : f->name;
}

/* "outcome_view[2]/achieved": the repeat, the turn, the name. */
static struct import_column
column_of_turn(const struct form *f, const char *name)
{
	struct import_column none = {.field = -1};
	const char *open = strchr(name, '['), *close = strchr(name, ']');
	int64_t turn = 0;
	if (!open || !close || close < open || close[1] != '/' || strchr(close, '[') ||
		!text_int(view_of((const uint8_t *)open + 1, (size_t)(close - open - 1)),
			&turn) ||
		turn < 1 || turn > IMPORT_TURNS_MAX_COUNT)
		return none;
	for (size_t i = 0; i < f->field_count; i++) {
		const struct form_field *x = &f->fields[i];
		if (x->repeat < 0 || strcmp(x->name, close + 2) != 0)
			continue;
		const struct form_repeat *r = &f->repeats[x->repeat];
		if (r->outer < 0 && strlen(r->name) == (size_t)(open - name) &&
			strncmp(r->name, name, strlen(r->name)) == 0)
			return (struct import_column){(int)i, (unsigned)turn};
	}
	return none;
}

struct import_column
import_column_of(const struct form *f, const char *name)
{
	if (strchr(name, '['))
		return column_of_turn(f, name);
	int field = form_field(f, name);
	if (field >= 0 && f->fields[field].repeat >= 0)
		field = -1;
	return (struct import_column){field, 0};
}

/* writing */

/* What the form works out from the row. */
struct worked_out {
	struct submission_value *list;
	size_t count;
};

static void
worked_out_done(struct worked_out *w)
{
	submission_values_done(w->list, w->count);
	*w = (struct worked_out){0};
}

struct writer {
	struct buf *out;
	const struct worked_out *values;
	char open[PATH_BYTES]; /* the elements that stand open below the root */
};

static void
close_last(struct writer *w)
{
	char *slash = strrchr(w->open, '/');
	char *name = slash ? slash + 1 : w->open;
	buf_format(w->out, "</%s>", name);
	*(slash ? slash : w->open) = 0;
}

/* Is `path` the folder `dir`, or below it? */
static bool
is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);
	return len == 0 || (strncmp(path, dir, len) == 0 && (!path[len] || path[len] == '/'));
}

/* Close and open groups until just `dir` stands open. */
static void
go_to(struct writer *w, const char *dir)
{
	while (*w->open && !is_below(dir, w->open))
		close_last(w);
	while (strcmp(w->open, dir) != 0) {
		size_t have = strlen(w->open);
		const char *next = dir + have + (have ? 1 : 0);
		size_t len = strcspn(next, "/");
		buf_format(w->out, "<%.*s>", (int)len, next);
		(void)snprintf(w->open + have, sizeof(w->open) - have, "%s%.*s",
			have ? "/" : "", (int)len, next);
	}
}

static void
folder_of(char ret[static PATH_BYTES], const char *path)
{
	(void)snprintf(ret, PATH_BYTES, "%s", path);
	char *slash = strrchr(ret, '/');
	*(slash ? slash : ret) = 0;
}

/* The cell of a field and turn; NULL: no column. */
static const char *
cell_of(const struct import_table *t, size_t row, size_t field, unsigned turn)
{
	for (size_t k = 0; k < csv_columns(t->sheet); k++)
		if (t->columns[k].field == (int)field && t->columns[k].turn == turn)
			return csv_cell(t->sheet, row, (int)k);
	return NULL;
}

/* "outcome[2]/outcome_code" of the turn of a repeat at `repeat`. */
static const char *
value_of(const struct writer *w, const struct form_field *f, const char *repeat, unsigned turn)
{
	char path[PATH_BYTES];
	size_t len = repeat ? strlen(repeat) : 0;
	if (repeat)
		(void)snprintf(path, sizeof(path), "%s[%u]%s", repeat, turn, path_of(f) + len);
	else
		(void)snprintf(path, sizeof(path), "%s", path_of(f));
	for (size_t i = 0; i < w->values->count; i++)
		if (strcmp(w->values->list[i].path, path) == 0)
			return w->values->list[i].value;
	return NULL;
}

static void
write_field(struct writer *w, const struct form_field *f, const char *cell)
{
	char folder[PATH_BYTES];
	if (!cell)
		return;
	folder_of(folder, path_of(f));
	go_to(w, folder);
	const char *name = strrchr(path_of(f), '/');
	xml_put_leaf(w->out, name ? name + 1 : path_of(f), cell);
}

struct cell {
	size_t row, field;
	unsigned turn;
};

/* What stands in the sheet; what the form works out where nothing does. */
static const char *
text_of(const struct writer *w, const struct import_table *t, struct cell c)
{
	const struct form_field *f = &t->form->fields[c.field];
	const char *cell = cell_of(t, c.row, c.field, c.turn);
	if (!f->calculated || (cell && *cell))
		return cell;
	return value_of(w, f, f->repeat >= 0 ? t->form->repeats[f->repeat].path : NULL, c.turn);
}

static bool
has_turn(const struct import_table *t, size_t row, int repeat, unsigned turn)
{
	for (size_t k = 0; k < csv_columns(t->sheet); k++) {
		const struct import_column *c = &t->columns[k];
		if (c->field >= 0 && c->turn == turn &&
			t->form->fields[c->field].repeat == repeat &&
			*csv_cell(t->sheet, row, (int)k))
			return true;
	}
	return false;
}

/* Turns that the form asks for: those are there even if nothing was answered. */
static int64_t
turns_wanted(const struct writer *w, const char *path)
{
	int64_t wanted = 0;
	for (size_t i = 0; i < w->values->count; i++)
		if (strcmp(w->values->list[i].path, path) == 0 &&
			!text_int(view_text(w->values->list[i].value), &wanted))
			return 0;
	return wanted;
}

static void
write_repeat(struct writer *w, const struct import_table *t, size_t row, int repeat)
{
	const char *path = t->form->repeats[repeat].path;
	char folder[PATH_BYTES];
	int64_t wanted = turns_wanted(w, path);
	folder_of(folder, path);
	for (unsigned turn = 1; turn <= IMPORT_TURNS_MAX_COUNT; turn++) {
		if (turn > wanted && !has_turn(t, row, repeat, turn))
			continue;
		go_to(w, folder);
		go_to(w, path);
		for (size_t i = 0; i < t->form->field_count; i++)
			if (t->form->fields[i].repeat == repeat)
				write_field(w, &t->form->fields[i],
					text_of(w, t, (struct cell){row, i, turn}));
	}
	go_to(w, folder);
}

static enum err
write_row(struct buf *out, const struct import_table *t, size_t row,
	const struct worked_out *values)
{
	struct writer w = {.out = out, .values = values};
	const struct form *f = t->form;
	OWNED_MEM bool *done = xcalloc(f->repeat_count + 1, sizeof(*done));
	buf_format(out, "<data");
	xml_put_attr(out, "id", f->id);
	xml_put_attr(out, "version", f->version);
	buf_format(out, ">");
	for (size_t i = 0; i < f->field_count; i++) {
		const struct form_field *field = &f->fields[i];
		if (field->repeat < 0)
			write_field(&w, field, text_of(&w, t, (struct cell){row, i, 0}));
		else if (!done[field->repeat]) {
			done[field->repeat] = true;
			write_repeat(&w, t, row, field->repeat);
		}
	}
	go_to(&w, "");
	buf_format(out, "<meta><instanceID>row:%zu</instanceID></meta></data>", row);
	return buf_check(out, "row");
}

static enum err
parse_row(struct submission **ret, const struct import_table *t, size_t row,
	const struct worked_out *values)
{
	struct buf xml;
	*ret = NULL;
	buf_init(&xml, ROW_MAX_BYTES);
	buf_reserve(&xml, ROW_MAX_BYTES / 16);
	enum err e = write_row(&xml, t, row, values);
	if (!e)
		e = submission_parse(ret, buf_view(&xml));
	buf_wipe(&xml);
	return e;
}

static bool
same_values(const struct worked_out *a, const struct worked_out *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->list[i].path, b->list[i].path) != 0 ||
			strcmp(a->list[i].value, b->list[i].value) != 0)
			return false;
	return true;
}

static bool
calculates(const struct form *f)
{
	for (size_t i = 0; i < f->field_count; i++)
		if (f->fields[i].calculated)
			return true;
	return false;
}

enum err
import_row_read(struct submission **ret, const struct import_table *t,
	const struct import_ask *ask, struct submission_report *ret_report)
{
	OWNED(submission) struct submission *s = NULL;
	OWNED_BY(worked_out_done) struct worked_out values = {0};
	*ret = NULL;
	*ret_report = (struct submission_report){0};
	enum err e = parse_row(&s, t, ask->row, &values);
	bool settled = !calculates(t->form) && t->form->repeat_count == 0;
	/* Each time those come out that build on what came out before. */
	for (int turn = 0; !e && !settled && turn < PASSES_MAX_COUNT; turn++) {
		struct worked_out next = {0};
		e = submission_calculate(s, t->form, &ask->context, &next.list, &next.count);
		settled = !e && same_values(&values, &next);
		worked_out_done(&values);
		values = next;
		if (e || settled)
			break;
		submission_free(take(s));
		e = parse_row(&s, t, ask->row, &values);
	}
	if (!e)
		e = submission_check(s, t->form, &ask->context, ret_report);
	if (!e)
		*ret = take(s);
	return e;
}
