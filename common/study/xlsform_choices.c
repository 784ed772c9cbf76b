#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/xmlout.h"
#include "common/study/xlsform_inside.h"

/* Columns of the choices sheet by their spellings. */
static int
either(const struct sheet *s, const char *one, const char *other)
{
	int column = sheet_column(s, one);
	return column >= 0 ? column : sheet_column(s, other);
}

struct keys {
	const struct sheet *sheet;
	int list;
	int name;
};

static struct fault_place
place_at(const struct keys *k, size_t row, const char *column)
{
	return (struct fault_place){
		sheet_name(k->sheet), sheet_row_number(k->sheet, row), column};
}

struct xf_list *
xf_list(struct xf *x, const char *name)
{
	for (size_t i = 0; i < x->list_count; i++)
		if (strcmp(x->lists[i].name, name) == 0)
			return &x->lists[i];
	return NULL;
}

void
xf_use_list(struct xf *x, const char *name)
{
	struct xf_list *l = xf_list(x, name);
	if (l)
		l->used = true;
}

static struct xf_list *
list_made(struct xf *x, const char *name)
{
	struct xf_list *l = xf_list(x, name);
	if (l)
		return l;
	x->lists = xrealloc(x->lists, x->list_count + 1, sizeof(*x->lists));
	x->lists[x->list_count] = (struct xf_list){.name = xstrdup(name)};
	return &x->lists[x->list_count++];
}

/* Answers of select_multiple are codes with blanks between them. */
static bool
is_code(const char *code)
{
	return *code && !strpbrk(code, " \t\r\n");
}

static void
read_choice(struct xf *x, const struct keys *k, size_t row)
{
	const char *list = sheet_cell(k->sheet, row, k->list);
	const char *code = sheet_cell(k->sheet, row, k->name);
	struct xf_row at = {&x->choice_words, row};
	if (!xf_is_name(list) || strchr(list, ':')) {
		faults_add(x->faults, place_at(k, row, "list_name"),
			*list ? "a list has a name of letters, digits, '_', '-', '.', a letter "
				"first"
			      : "the choice belongs to no list");
		return;
	}
	if (!is_code(code)) {
		faults_add(x->faults, place_at(k, row, "name"),
			*code ? "a code has no blanks" : "the choice has no code");
		return;
	}
	struct xf_list *l = list_made(x, list);
	l->rows = l->count % 64 ? l->rows : xrealloc(l->rows, l->count + 64, sizeof(*l->rows));
	l->rows[l->count++] = row;
	const char *label = xf_word(x, at, XF_LABEL, 0);
	l->itext = l->itext || xf_word_translated(x, at, XF_LABEL) || xf_has_media(x, at) ||
		   strstr(label, "${");
	if (*label || xf_has_media(x, at))
		return;
	if (x->book->study)
		faults_add(x->faults, place_at(k, row, "label"),
			"the choice '%.60s' of '%.60s' has no label", code, list);
	else
		faults_warn(x->faults, place_at(k, row, "label"),
			"the choice '%.60s' of '%.60s' has no label", code, list);
}

struct coded {
	const char *code;
	size_t row;
};

static int
by_code(const void *a, const void *b)
{
	const struct coded *x = a, *y = b;
	int order = strcmp(x->code, y->code);
	return order ? order : (x->row > y->row) - (x->row < y->row);
}

static void
check_list(struct xf *x, const struct keys *k, const struct xf_list *l)
{
	OWNED_MEM struct coded *all = xcalloc(l->count, sizeof(*all));
	for (size_t i = 0; i < l->count; i++)
		all[i] = (struct coded){sheet_cell(k->sheet, l->rows[i], k->name), l->rows[i]};
	qsort(all, l->count, sizeof(*all), by_code);
	for (size_t i = 1; i < l->count; i++)
		if (strcmp(all[i - 1].code, all[i].code) == 0)
			faults_add(x->faults, place_at(k, all[i].row, "name"),
				"the list '%s' has the code '%.60s' twice", l->name,
				all[i].code);
}

void
xf_read_choices(struct xf *x)
{
	const struct sheet *s = x->book->choices;
	if (!s || sheet_rows(s) == 0)
		return;
	const struct keys k = {
		s, either(s, "list_name", "list name"), either(s, "name", "value")};
	struct fault_place place = {sheet_name(s), sheet_header_number(s), "list_name"};
	if (k.list < 0)
		faults_add(x->faults, place, "this column is missing");
	place.column = "name";
	if (k.name < 0)
		faults_add(x->faults, place, "this column is missing");
	if (k.list < 0 || k.name < 0)
		return;
	for (size_t row = 0; row < sheet_rows(s); row++)
		read_choice(x, &k, row);
	for (size_t i = 0; !x->settings.duplicates && i < x->list_count; i++)
		check_list(x, &k, &x->lists[i]);
}

/* ---- into secondary instances ---- */

static void
put_item(struct xf *x, struct buf *out, const struct xf_list *l, size_t i)
{
	const struct sheet *s = x->book->choices;
	struct xf_row at = {&x->choice_words, l->rows[i]};
	xml_put_raw(out, "<item>");
	if (l->itext)
		buf_format(out, "<itextId>%s-%zu</itextId>", l->name, i);
	xml_put_leaf(out, "name", sheet_cell(s, l->rows[i], either(s, "name", "value")));
	if (!l->itext)
		xml_put_leaf(out, "label", xf_word(x, at, XF_LABEL, 0));
	for (size_t k = 0; k < x->extra_count; k++) {
		const char *cell = sheet_cell(s, l->rows[i], (int)x->extra[k]);
		if (*cell)
			xml_put_leaf(out, sheet_column_name(s, x->extra[k]), cell);
	}
	xml_put_raw(out, "</item>");
}

static void
add_text(struct xf *x, const struct xf_list *l, size_t i)
{
	x->texts = xrealloc(x->texts, x->text_count + 1, sizeof(*x->texts));
	x->texts[x->text_count++] = (struct xf_text){
		.id = xasprintf("%s-%zu", l->name, i),
		.word = XF_LABEL,
		.row = {&x->choice_words, l->rows[i]},
		.node = XF_NOWHERE,
	};
}

/* What or_other adds to its list. */
static void
put_other(struct xf *x, struct buf *out, const struct xf_list *l)
{
	xml_put_raw(out, "<item>");
	if (l->itext) {
		buf_format(out, "<itextId>%s-other</itextId>", l->name);
		x->texts = xrealloc(x->texts, x->text_count + 1, sizeof(*x->texts));
		x->texts[x->text_count++] = (struct xf_text){
			.id = xasprintf("%s-other", l->name), .fixed = "Other"};
	}
	xml_put_raw(out, "<name>other</name>");
	if (!l->itext)
		xml_put_raw(out, "<label>Other</label>");
	xml_put_raw(out, "</item>");
}

static void
put_list(struct xf *x, struct buf *out, const struct xf_list *l)
{
	xml_put_raw(out, "<instance");
	xml_put_attr(out, "id", l->name);
	xml_put_raw(out, "><root>");
	for (size_t i = 0; i < l->count; i++) {
		put_item(x, out, l, i);
		if (l->itext)
			add_text(x, l, i);
	}
	if (l->other)
		put_other(x, out, l);
	xml_put_raw(out, "</root></instance>\n");
}

void
xf_put_lists(struct xf *x, struct buf *out)
{
	for (size_t i = 0; i < x->list_count; i++)
		if (x->lists[i].used)
			put_list(x, out, &x->lists[i]);
	for (size_t i = 0; i < x->source_count; i++) {
		xml_put_raw(out, "<instance");
		xml_put_attr(out, "id", x->sources[i].id);
		xml_put_attr(out, "src", x->sources[i].src);
		xml_put_raw(out, "/>\n");
	}
}
