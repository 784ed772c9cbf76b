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

struct writer {
	struct buf *out;
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

static void
write_field(struct writer *w, const struct form_field *f, const char *cell)
{
	char folder[PATH_BYTES];
	if (!cell || (!*cell && f->calculated))
		return;
	folder_of(folder, path_of(f));
	go_to(w, folder);
	const char *name = strrchr(path_of(f), '/');
	xml_put_leaf(w->out, name ? name + 1 : path_of(f), cell);
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

static void
write_repeat(struct writer *w, const struct import_table *t, size_t row, int repeat)
{
	const char *path = t->form->repeats[repeat].path;
	char folder[PATH_BYTES];
	folder_of(folder, path);
	for (unsigned turn = 1; turn <= IMPORT_TURNS_MAX_COUNT; turn++) {
		if (!has_turn(t, row, repeat, turn))
			continue;
		go_to(w, folder);
		go_to(w, path);
		for (size_t i = 0; i < t->form->field_count; i++)
			if (t->form->fields[i].repeat == repeat)
				write_field(w, &t->form->fields[i], cell_of(t, row, i, turn));
	}
	go_to(w, folder);
}

static enum err
write_row(struct buf *out, const struct import_table *t, size_t row)
{
	struct writer w = {.out = out};
	const struct form *f = t->form;
	OWNED_MEM bool *done = xcalloc(f->repeat_count + 1, sizeof(*done));
	buf_format(out, "<data");
	xml_put_attr(out, "id", f->id);
	xml_put_attr(out, "version", f->version);
	buf_format(out, ">");
	for (size_t i = 0; i < f->field_count; i++) {
		const struct form_field *field = &f->fields[i];
		if (field->repeat < 0)
			write_field(&w, field, cell_of(t, row, i, 0));
		else if (!done[field->repeat]) {
			done[field->repeat] = true;
			write_repeat(&w, t, row, field->repeat);
		}
	}
	go_to(&w, "");
	buf_format(out, "<meta><instanceID>row:%zu</instanceID></meta></data>", row);
	return buf_check(out, "row");
}

enum err
import_row_read(struct submission **ret, const struct import_table *t,
	const struct import_ask *ask, struct submission_report *ret_report)
{
	struct buf xml;
	OWNED(submission) struct submission *s = NULL;
	*ret = NULL;
	*ret_report = (struct submission_report){0};
	buf_init(&xml, ROW_MAX_BYTES);
	buf_reserve(&xml, ROW_MAX_BYTES / 16);
	enum err e = write_row(&xml, t, ask->row);
	if (!e)
		e = submission_parse(&s, buf_view(&xml));
	buf_wipe(&xml);
	if (!e)
		e = submission_check(s, t->form, &ask->context, ret_report);
	if (!e)
		*ret = take(s);
	return e;
}
