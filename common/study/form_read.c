#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/form.h"
#include "common/study/xform_reader.h"

#define COLUMNS_MAX_COUNT 100

struct reader {
	struct form *form;
	const struct xform *x;
	struct xform_reader at; /* for faults */
};

/* Lists */

static bool
is_number(const char *code)
{
	int64_t n;
	return text_int(view_text(code), &n);
}

/* The further columns are those of the first item. */
static void
read_columns(struct form_list *l, const struct xml_node *item)
{
	for (const struct xml_node *c = item ? xml_child(item) : NULL; c; c = xml_next(c)) {
		const char *name = xml_name(c);
		if (strcmp(name, "name") == 0 || strcmp(name, "label") == 0 ||
			strcmp(name, "itextId") == 0 || l->column_count == COLUMNS_MAX_COUNT)
			continue;
		l->columns = xrealloc(l->columns, l->column_count + 1, sizeof(*l->columns));
		l->columns[l->column_count++] = xstrdup(name);
	}
}

static void
read_choice(struct form_list *l, struct form_choice *c, const struct xform_item *item)
{
	*c = (struct form_choice){.code = xstrdup(item->code), .label = xstrdup(item->label)};
	c->more = xcalloc(l->column_count + 1, sizeof(*c->more));
	for (size_t i = 0; i < l->column_count; i++) {
		const struct xml_node *cell =
			item->node ? xml_find(item->node, l->columns[i]) : NULL;
		c->more[i] = cell ? xml_text(cell) : xstrdup("");
	}
}

static void
read_list(struct form_list *l, const char *name, const struct xform_list *from)
{
	*l = (struct form_list){.name = xstrdup(name),
		.count = from->count,
		.numeric = from->count > 0,
		.external = *from->file_name != '\0'};
	read_columns(l, from->count ? from->items[0].node : NULL);
	l->choices = xcalloc(from->count + 1, sizeof(*l->choices));
	for (size_t i = 0; i < from->count; i++) {
		read_choice(l, &l->choices[i], &from->items[i]);
		l->numeric = l->numeric && is_number(from->items[i].code);
	}
}

/* Lists of the form first, in their order; then those inside controls, by their node. */
static void
read_lists(struct reader *r)
{
	const struct xform *x = r->x;
	size_t own = 0;
	for (size_t i = 0; i < x->count; i++)
		own += x->nodes[i].own_items != NULL;
	r->form->lists = xcalloc(x->list_count + own + 1, sizeof(*r->form->lists));
	for (size_t i = 0; i < x->list_count; i++)
		read_list(&r->form->lists[r->form->list_count++], x->lists[i].id, &x->lists[i]);
	for (size_t i = 0; i < x->count; i++)
		if (x->nodes[i].own_items)
			read_list(&r->form->lists[r->form->list_count++], x->tree[i].name,
				x->nodes[i].own_items);
}

static const struct form_list *
list_named(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->list_count; i++)
		if (strcmp(f->lists[i].name, name) == 0)
			return &f->lists[i];
	return NULL;
}

static const struct form_list *
list_of(const struct reader *r, int node)
{
	const struct xform_node *n = &r->x->nodes[node];
	size_t own = r->x->list_count;
	if (n->list >= 0)
		return &r->form->lists[n->list];
	if (!n->own_items)
		return NULL;
	for (int i = 0; i < node; i++)
		own += r->x->nodes[i].own_items != NULL;
	return &r->form->lists[own];
}

/* Repeats */

static int
repeat_of(const struct reader *r, int node)
{
	int repeat = node >= 0 ? r->x->tree[node].repeat : -1;
	for (size_t i = 0; repeat >= 0 && i < r->form->repeat_count; i++)
		if (strcmp(r->form->repeats[i].path, r->x->nodes[repeat].path) == 0)
			return (int)i;
	return -1;
}

static void
read_repeats(struct reader *r)
{
	struct form *f = r->form;
	for (size_t i = 1; i < r->x->count; i++) {
		if (r->x->tree[i].repeat != (int)i)
			continue;
		f->repeats = xrealloc(f->repeats, f->repeat_count + 1, sizeof(*f->repeats));
		f->repeats[f->repeat_count++] =
			(struct form_repeat){.name = xstrdup(r->x->tree[i].name),
				.path = xstrdup(r->x->nodes[i].path),
				.outer = repeat_of(r, r->x->tree[i].parent)};
	}
}

/* Fields */

static enum form_type
type_by_bind(enum xform_type type)
{
	switch (type) {
	case XFORM_INT:
		return FORM_INTEGER;
	case XFORM_DECIMAL:
		return FORM_DECIMAL;
	case XFORM_DATE:
		return FORM_DATE;
	case XFORM_TIME:
		return FORM_TIME;
	case XFORM_DATETIME:
		return FORM_DATETIME;
	case XFORM_GEOPOINT:
	case XFORM_GEOTRACE:
	case XFORM_GEOSHAPE:
		return FORM_GEO;
	case XFORM_BINARY:
		return FORM_BINARY;
	case XFORM_STRING:
	case XFORM_BOOLEAN:
	case XFORM_BARCODE:
	case XFORM_INTENT:
		return FORM_TEXT;
	}
	return FORM_TEXT;
}

static enum form_type
type_of(const struct xform_node *n, const struct form_list *list)
{
	if (n->control == XFORM_SELECT1 && list)
		return FORM_SELECT_ONE;
	if (n->control == XFORM_SELECT && list)
		return FORM_SELECT_MULTIPLE;
	if (n->control == XFORM_RANK && list)
		return FORM_RANK;
	if (n->control == XFORM_UPLOAD)
		return FORM_BINARY;
	if (n->control == XFORM_TRIGGER)
		return FORM_ACKNOWLEDGE;
	if (n->control == XFORM_NONE && list)
		return FORM_SELECT_ONE;
	return type_by_bind(n->type);
}

bool
xform_is_field(const struct xform *x, int node)
{
	const struct xform_node *n = &x->nodes[node];
	bool under_meta = false;
	for (int up = node; up >= 0; up = x->tree[up].parent)
		under_meta = under_meta || up == x->meta;
	if (under_meta || x->tree[node].attribute || node == 0)
		return false;
	if (n->control == XFORM_GROUP || n->control == XFORM_REPEAT)
		return false;
	for (int i = x->tree[node].first; i >= 0; i = x->tree[i].next)
		if (!x->tree[i].attribute)
			return false;
	bool note = n->control == XFORM_INPUT && n->text[XFORM_READONLY] &&
		    !n->text[XFORM_CALCULATE] && n->type == XFORM_STRING &&
		    strcmp(n->text[XFORM_READONLY], "true()") == 0;
	return !note;
}

/* The place of a weir word in "first|second"; 0 if it is not said, a fault if it is another. */
static unsigned
word_of(struct reader *r, int node, enum xform_weir which, const char *what, const char *words)
{
	const char *said = r->x->nodes[node].weir[which];
	if (!said || !*said)
		return 0;
	unsigned place = 1;
	for (const char *at = words; *at; place++) {
		size_t len = strcspn(at, "|");
		if (strlen(said) == len && memcmp(said, at, len) == 0)
			return place;
		at += len + (at[len] != '\0');
	}
	xform_fault(
		&r->at, node, what, r->x->nodes[node].line, "%s: not one of %s", what, words);
	return 0;
}

static void
read_words(struct form_words *to, const char *cell)
{
	char *rest = NULL;
	to->text = xstrdup(cell ? cell : "");
	to->at = xcalloc(strlen(to->text) + 1, sizeof(*to->at));
	for (char *one = strtok_r(to->text, " ", &rest); one; one = strtok_r(NULL, " ", &rest))
		to->at[to->count++] = one;
}

static void
read_weir(struct reader *r, struct form_field *f, int node)
{
	const char *const *weir = r->x->nodes[node].weir;
	f->goes = (enum form_goes)word_of(r, node, XFORM_GOES, "weir:goes", "site|hub|open");
	f->disclosure = (enum form_disclosure)word_of(r, node, XFORM_DISCLOSURE,
		"weir:disclosure", "direct|quasi|free_text|pseudonym");
	f->asks_staff = word_of(r, node, XFORM_ASKS, "weir:asks", "staff") == 1;
	f->reverse = word_of(r, node, XFORM_REVERSE, "weir:reverse", "yes|no") == 1;
	f->scale = xstrdup(weir[XFORM_SCALE] ? weir[XFORM_SCALE] : "");
	f->permission = xstrdup(weir[XFORM_PERMISSION] ? weir[XFORM_PERMISSION] : "");
	read_words(&f->limits, weir[XFORM_DUO]);
	if (!weir[XFORM_LIST] || !*weir[XFORM_LIST])
		return;
	f->list = list_named(r->form, weir[XFORM_LIST]);
	if (!f->list)
		xform_fault(&r->at, node, "weir:list", r->x->nodes[node].line,
			"weir:list: the form has no list '%.63s'", weir[XFORM_LIST]);
}

/* gives the words of a message, which may be in the itext. */
static char *
message_of(const struct xform *x, const char *message)
{
	const char *quote = message ? strchr(message, '\'') : NULL;
	if (!message || strncmp(message, "jr:itext(", 9) != 0 || !quote)
		return xstrdup(message ? message : "");
	OWNED_MEM char *id = xmemdup(quote + 1, strcspn(quote + 1, "'"));
	const struct xml_node *text = xform_find_text(x, id);
	const struct xml_node *value = text ? xml_find(text, "value") : NULL;
	return value ? xml_text(value) : xstrdup("");
}

static void
read_constraint(struct reader *r, struct form_field *f, int node)
{
	const struct xform_node *n = &r->x->nodes[node];
	const struct xpath *rule = n->rule[XFORM_CONSTRAINT];
	f->constraint = xstrdup(rule ? n->text[XFORM_CONSTRAINT] : "");
	f->constraint_message = message_of(r->x, n->message);
	/* One that reads other answers is worked out with the whole record (submission). */
	if (rule && xpath_is_alone(rule) &&
		xpath_compile(&f->check, f->constraint, NULL, -1) != OK)
		f->check = NULL;
}

/* What is recorded beside the form has no control. Of a control that does not say what it
 * takes, anything may come. */
static bool
is_sound(const struct xform_node *n)
{
	static const char *const silent[] = {"image/", "application/", "text/"};
	const char *media = n->element ? xml_attr(n->element, "", "mediatype") : NULL;
	for (size_t i = 0; media && i < ARRAY_LEN(silent); i++)
		if (strncmp(media, silent[i], strlen(silent[i])) == 0)
			return false;
	return true;
}

static void
read_field(struct reader *r, struct form_field *f, int node)
{
	const struct xform_node *n = &r->x->nodes[node];
	*f = (struct form_field){.name = xstrdup(r->x->tree[node].name),
		.label = xstrdup(n->label),
		.hint = xstrdup(n->hint),
		.path = xstrdup(n->path),
		.repeat = repeat_of(r, node),
		.calculated = n->control == XFORM_NONE,
		.stamp = n->stamp};
	f->list = list_of(r, node);
	read_weir(r, f, node);
	f->type = type_of(n, f->list);
	f->sound = f->type == FORM_BINARY && is_sound(n);
	f->required = n->text[XFORM_REQUIRED] && strcmp(n->text[XFORM_REQUIRED], "true()") == 0;
	read_constraint(r, f, node);
}

static void
read_fields(struct reader *r)
{
	struct form *f = r->form;
	size_t count = 0;
	for (size_t i = 0; i < r->x->count; i++)
		count += xform_is_field(r->x, (int)i);
	if (count > FORM_MAX_FIELDS) {
		xform_fault(&r->at, -1, "", 0, "the form asks more than %d questions",
			FORM_MAX_FIELDS);
		return;
	}
	f->fields = xcalloc(count + 1, sizeof(*f->fields));
	for (size_t i = 0; i < r->x->count; i++)
		if (xform_is_field(r->x, (int)i)) {
			f->model->nodes[i].field = (int)f->field_count;
			read_field(r, &f->fields[f->field_count++], (int)i);
		}
}

static void
read_files(struct form *f, const struct xform *x, const struct xform_source *source)
{
	f->files = xcalloc(x->file_count + 1, sizeof(*f->files));
	for (size_t i = 0; i < x->file_count; i++) {
		struct form_file *file = &f->files[f->file_count++];
		file->name = xstrdup(x->files[i]);
		for (size_t k = 0; k < source->file_count; k++)
			if (strcmp(source->files[k].name, file->name) == 0)
				file->bytes = source->files[k].bytes;
	}
}

static void
read_text(struct form *f, const struct xform *x, struct view xml)
{
	f->id = xstrdup(x->id);
	f->title = xstrdup(x->title);
	f->version = xstrdup(x->version);
	f->language = xstrdup(x->language);
	f->xml = xcalloc(1, sizeof(*f->xml));
	buf_init(f->xml, XML_MAX_BYTES);
	buf_add_view(f->xml, xml);
}

enum err
form_read(struct form **ret, const struct xform_source *source, struct faults *faults)
{
	*ret = NULL;
	OWNED(form) struct form *f = xcalloc(1, sizeof(*f));
	size_t before = faults->errors;
	enum err e = xform_read(&f->model, source, faults);
	if (e != OK)
		return e;
	struct reader r = {.form = f,
		.x = f->model,
		.at = {.x = f->model, .source = source, .faults = faults}};
	read_text(f, f->model, source->xml);
	read_files(f, f->model, source);
	read_lists(&r);
	read_repeats(&r);
	read_fields(&r);
	if (faults->errors != before)
		return fail(E_FORMAT, "%s: not a form that can be used", source->name);
	*ret = take(f);
	return OK;
}
