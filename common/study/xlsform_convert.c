#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/xlsform_inside.h"

#define MAX_PART_BYTES ((size_t)16 << 20)

struct xlsform {
	struct xlsform_book book;
	struct xf x;
	struct buf xml;
};

static void
xf_init(struct xf *x, const struct xlsform_book *book, struct faults *faults)
{
	struct buf *parts[] = {&x->meta, &x->binds, &x->actions, &x->body, &x->primary};
	*x = (struct xf){.book = book, .faults = faults};
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		buf_init(parts[i], MAX_PART_BYTES);
}

static void
xf_done(struct xf *x)
{
	struct buf *parts[] = {&x->meta, &x->binds, &x->actions, &x->body, &x->primary};
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		buf_done(parts[i]);
	for (size_t i = 0; i < x->node_count; i++) {
		free(x->nodes[i].name);
		free(x->nodes[i].path);
		free(x->nodes[i].file);
		free(x->nodes[i].made_text);
	}
	for (size_t i = 0; i < x->list_count; i++) {
		free(x->lists[i].name);
		free(x->lists[i].rows);
	}
	for (size_t i = 0; i < x->source_count; i++) {
		free(x->sources[i].id);
		free(x->sources[i].src);
	}
	for (size_t i = 0; i < x->text_count; i++)
		free(x->texts[i].id);
	for (size_t i = 0; i < x->language_count; i++)
		free(x->languages[i]);
	free(x->nodes);
	free(x->lists);
	free(x->sources);
	free(x->texts);
	free(x->extra);
}

struct xlsform *
xlsform_convert(const struct xlsform_book *book, struct faults *faults)
{
	struct xlsform *f = xcalloc(1, sizeof(*f));
	struct xf *x = &f->x;
	f->book = *book;
	xf_init(x, &f->book, faults);
	buf_init(&f->xml, MAX_PART_BYTES);
	xf_read_settings(x);
	xf_read_columns(x);
	xf_read_choice_columns(x);
	xf_read_choices(x);
	xf_read_survey(x);
	xf_read_entities(x);
	xf_put_document(x, &f->xml);
	if (f->xml.broken)
		faults_add(faults, (struct fault_place){sheet_name(book->survey), 0, NULL},
			"the form is larger than %zu MiB", MAX_PART_BYTES >> 20);
	return f;
}

void
xlsform_free(struct xlsform *f)
{
	if (!f)
		return;
	xf_done(&f->x);
	buf_done(&f->xml);
	free(f);
}

struct view
xlsform_xml(const struct xlsform *f)
{
	return buf_view(&f->xml);
}

static bool
custom_place(
	const struct xf *x, const struct xf_node *n, const char *what, struct fault_place *ret)
{
	const struct sheet *s = x->book->survey;
	const char *name = strncmp(what, "weir:", 5) == 0 ? what + 5 : what;
	for (size_t i = 0; i < x->custom_count; i++) {
		if (strcmp(x->custom[i].name, name) != 0)
			continue;
		*ret = (struct fault_place){sheet_name(s), sheet_row_number(s, n->row),
			sheet_column_name(s, (size_t)x->custom[i].column)};
		return true;
	}
	return false;
}

static void
place_of(const struct xf *x, const struct xf_node *n, const char *what, struct fault_place *ret)
{
	static const struct {
		const char *what;
		enum xf_column column;
	} columns[] = {{"type", XF_TYPE}, {"name", XF_NAME}, {"calculate", XF_CALCULATION},
		{"constraint", XF_CONSTRAINT}, {"relevant", XF_RELEVANT},
		{"required", XF_REQUIRED}, {"readonly", XF_READONLY},
		{"nodeset", XF_CHOICE_FILTER}, {"itemset", XF_CHOICE_FILTER},
		{"jr:count", XF_COUNT}, {"count", XF_COUNT}, {"setvalue", XF_DEFAULT},
		{"default", XF_DEFAULT}, {"saveto", XF_SAVE_TO}};
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (strcmp(columns[i].what, what) == 0) {
			*ret = xf_place(x, n,
				n->made && n->made_column == XF_CALCULATION
					? XF_COUNT
					: columns[i].column);
			return;
		}
	const struct xf_row row = {&x->words, n->row};
	*ret = xf_place(x, n, XF_TYPE);
	if (strcmp(what, "label") == 0 || strcmp(what, "hint") == 0)
		*ret = xf_word_place(x, row, *what == 'l' ? XF_LABEL : XF_HINT);
	else if (!*what || !custom_place(x, n, what, ret))
		ret->column = NULL;
}

bool
xlsform_place(const void *context, const char *path, const char *what, struct fault_place *ret)
{
	const struct xlsform *f = context;
	for (size_t i = 0; i < f->x.node_count; i++) {
		if (strcmp(f->x.nodes[i].path, path) != 0)
			continue;
		place_of(&f->x, &f->x.nodes[i], what, ret);
		return true;
	}
	return false;
}
