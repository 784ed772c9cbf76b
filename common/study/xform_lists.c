#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/json.h"
#include "common/study/xform_reader.h"

#define TREE_MAX_BYTES    XML_MAX_BYTES
#define GEOJSON_MAX_BYTES ((size_t)16 << 20)
#define FEATURES_MAX      100000
#define PROPERTY_MAX      ((size_t)16384)

void
xform_list_done(struct xform_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->items[i].code);
		free(l->items[i].label);
	}
	free(l->items);
	free(l->order);
	free(l->id);
	free(l->file_name);
	xml_free(l->file);
}

int
xform_list_find(const struct xform_list *l, const char *code)
{
	size_t from = 0, to = l->count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int side = strcmp(code, l->items[l->order[middle]].code);
		if (side == 0)
			return (int)l->order[middle];
		if (side < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return -1;
}

const struct xform_list *
xform_choices(const struct xform *x, int node)
{
	const struct xform_node *n = &x->nodes[node];
	if (n->own_items)
		return n->own_items;
	return n->list >= 0 ? &x->lists[n->list] : NULL;
}

/* Files become trees of <instance><root><item>..., as those inside the form are. */

static void
put_text(struct buf *out, const char *text)
{
	for (const char *at = text; *at; at++) {
		unsigned char c = (unsigned char)*at;
		if (c == '<')
			buf_format(out, "&lt;");
		else if (c == '&')
			buf_format(out, "&amp;");
		else if (c == '>')
			buf_format(out, "&gt;");
		else if (c >= ' ' || c == '\t' || c == '\n')
			buf_u8(out, c);
	}
}

static bool
is_element_name(const char *name)
{
	const char *at = name;
	for (; *at; at++) {
		unsigned char c = (unsigned char)*at;
		bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
		bool later = (c >= '0' && c <= '9') || c == '-' || c == '.';
		if (!letter && c != '_' && c < 0x80 && !(later && at > name))
			return false;
	}
	return at != name;
}

static void
put_cell(struct buf *out, const char *name, const char *value)
{
	if (!is_element_name(name))
		return;
	buf_format(out, "<%s>", name);
	put_text(out, value);
	buf_format(out, "</%s>", name);
}

static enum err
tree_of_csv(struct buf *out, const struct form_file *file)
{
	OWNED(csv_sheet) struct csv_sheet *sheet = NULL;
	enum err e = csv_load(&sheet, file->bytes, file->name);
	for (size_t row = 0; e == OK && row < csv_rows(sheet); row++) {
		buf_format(out, "<item>");
		for (size_t c = 0; c < csv_columns(sheet); c++)
			put_cell(out, csv_column_name(sheet, c), csv_cell(sheet, row, (int)c));
		buf_format(out, "</item>");
	}
	return e;
}

static void
put_property(struct buf *out, const struct json *object, const char *name)
{
	const char *text;
	int64_t n;
	if (!json_has(object, name))
		return;
	if (json_get_text(object, name, PROPERTY_MAX, &text) == OK)
		put_cell(out, name, text);
	else if (json_get_int(object, name, INT64_MIN, INT64_MAX, &n) == OK)
		buf_format(out, "<%s>%lld</%s>", name, (long long)n, name);
}

/* GeoJSON (RFC 7946): of each feature its id and the properties that selects may ask for. */
static enum err
tree_of_geojson(struct buf *out, const struct form_file *file)
{
	static const char *const names[] = {
		"name", "label", "title", "marker-color", "marker-symbol"};
	OWNED(json) struct json *all = NULL;
	const struct json *features, *feature, *properties;
	enum err e = json_parse(&all, file->bytes, GEOJSON_MAX_BYTES);
	if (e == OK)
		e = json_get_array(all, "features", FEATURES_MAX, &features);
	for (size_t i = 0; e == OK && i < json_count(features); i++) {
		e = json_item_object(features, i, "features", &feature);
		if (e != OK)
			break;
		buf_format(out, "<item>");
		put_property(out, feature, "id");
		bool has = json_get_object(feature, "properties", &properties) == OK;
		if (has && !json_has(feature, "id"))
			put_property(out, properties, "id");
		for (size_t k = 0; has && k < ARRAY_LEN(names); k++)
			put_property(out, properties, names[k]);
		buf_format(out, "</item>");
	}
	return e;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);
	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static enum err
tree_of_file(struct xml **ret, const struct form_file *file)
{
	OWNED_BUF struct buf out;
	buf_init(&out, TREE_MAX_BYTES);
	if (ends_with(file->name, ".xml"))
		return xml_parse(ret, file->bytes);
	buf_format(&out, "<instance><root>");
	enum err e =
		ends_with(file->name, ".csv") ? tree_of_csv(&out, file)
		: ends_with(file->name, ".geojson")
			? tree_of_geojson(&out, file)
			: fail(E_FORMAT, "%s: lists are .csv, .xml or .geojson", file->name);
	buf_format(&out, "</root></instance>");
	if (e == OK)
		e = buf_check(&out, file->name);
	return e == OK ? xml_parse(ret, buf_view(&out)) : e;
}

static const struct form_file *
file_of(const struct xform_source *s, const char *name)
{
	for (size_t i = 0; i < s->file_count; i++)
		if (strcmp(s->files[i].name, name) == 0)
			return &s->files[i];
	return NULL;
}

static void
read_file(struct xform_reader *r, struct xform_list *l, const struct xml_node *n)
{
	const struct form_file *file = file_of(r->source, l->file_name);
	if (!file || !file->bytes.at)
		return;
	if (tree_of_file(&l->file, file) != OK) {
		xform_fault(r, -1, "", xml_line(n), "the list %s cannot be read: %s",
			l->file_name, err_text());
		return;
	}
	xpath_plain(l->file);
	l->node = xml_root(l->file);
	l->known = true;
}

/* Items */

static char *
cell_of(const struct xml_node *item, const char *name)
{
	const struct xml_node *cell = xml_find(item, name);
	return cell ? xml_text(cell) : NULL;
}

static char *
label_of(const struct xform *x, const struct xml_node *item)
{
	OWNED_MEM char *id = cell_of(item, "itextId");
	const struct xml_node *text = id ? xform_find_text(x, id) : NULL;
	const struct xml_node *value = text ? xml_find(text, "value") : NULL;
	if (value)
		return xml_text(value);
	char *label = cell_of(item, "label");
	return label ? label : xstrdup("");
}

static int
by_code(const void *a, const void *b, void *context)
{
	const struct xform_list *l = context;
	const size_t *left = a, *right = b;
	return strcmp(l->items[*left].code, l->items[*right].code);
}

static void
sort_list(struct xform_list *l)
{
	l->order = xcalloc(l->count + 1, sizeof(*l->order));
	for (size_t i = 0; i < l->count; i++)
		l->order[i] = i;
	qsort_r(l->order, l->count, sizeof(*l->order), by_code, l);
}

static void
add_item(struct xform_list *l, struct xform_item item)
{
	if ((l->count & (l->count + 1)) == 0)
		l->items = xrealloc(l->items, (l->count + 1) * 2, sizeof(*l->items));
	l->items[l->count++] = item;
}

static bool
too_many(struct xform_reader *r, size_t count, const struct xml_node *at)
{
	if (count < XFORM_MAX_ITEMS)
		return false;
	xform_fault(r, -1, "", xml_line(at), "the form has more than 200,000 choices");
	return true;
}

/* `value` is the name of the cell that holds the code, as the itemset says it. */
static void
read_items(struct xform_reader *r, struct xform_list *l, const char *value)
{
	const struct xml_node *root = l->node ? xml_child(l->node) : NULL;
	/* A file may be the root itself. */
	if (root && l->file && strcmp(xml_name(l->node), "root") == 0)
		root = l->node;
	for (const struct xml_node *i = root ? xml_child(root) : NULL; i; i = xml_next(i)) {
		if (too_many(r, l->count, i))
			return;
		char *code = cell_of(i, value);
		if (code)
			add_item(l, (struct xform_item){code, label_of(r->x, i), i});
	}
}

static void
read_list(struct xform_reader *r, const struct xml_node *n, const char *id)
{
	struct xform *x = r->x;
	x->lists = xrealloc(x->lists, x->list_count + 1, sizeof(*x->lists));
	struct xform_list *l = &x->lists[x->list_count++];
	const char *src = xml_attr(n, "", "src");
	*l = (struct xform_list){.id = xstrdup(id), .node = n, .known = !src};
	bool last_saved = src && strcmp(src, "jr://instance/last-saved") == 0;
	l->file_name = xstrdup(src && !last_saved ? xform_file_of(src) : "");
	if (src)
		l->node = NULL;
	if (*l->file_name) {
		xform_name_file(x, l->file_name);
		read_file(r, l, n);
	}
}

static const char *
value_name(const struct xform *x, size_t list)
{
	for (size_t i = 0; i < x->count; i++)
		if (x->nodes[i].list == (int)list && x->nodes[i].value_name)
			return x->nodes[i].value_name;
	return "name";
}

void
xform_read_lists(struct xform_reader *r)
{
	struct xform *x = r->x;
	const struct xml_node *n = xml_find(r->model, "instance");
	for (n = n ? xml_next(n) : NULL; n; n = xml_next(n)) {
		const char *id = xml_attr(n, "", "id");
		if (strcmp(xml_name(n), "instance") != 0)
			continue;
		if (!id)
			xform_fault(r, -1, "", xml_line(n), "a secondary instance has no id");
		else
			read_list(r, n, id);
	}
	x->list_ids = xcalloc(x->list_count + 1, sizeof(*x->list_ids));
	for (size_t i = 0; i < x->list_count; i++)
		x->list_ids[i] = x->lists[i].id;
}

void
xform_read_choices(struct xform_reader *r)
{
	struct xform *x = r->x;
	for (size_t i = 0; i < x->list_count; i++)
		read_items(r, &x->lists[i], value_name(x, i));
	for (size_t i = 0; i < x->list_count; i++)
		sort_list(&x->lists[i]);
}

void
xform_read_own_choices(struct xform_reader *r, int node, const struct xml_node *control)
{
	struct xform_list *l = xcalloc(1, sizeof(*l));
	*l = (struct xform_list){.id = xstrdup(""), .file_name = xstrdup(""), .known = true};
	for (const struct xml_node *i = xml_child(control); i; i = xml_next(i)) {
		const struct xml_node *value = xml_find(i, "value"),
				      *label = xml_find(i, "label");
		if (strcmp(xml_name(i), "item") != 0 || too_many(r, l->count, i))
			continue;
		if (!value) {
			xform_fault(r, node, "", xml_line(i), "an item has no value");
			continue;
		}
		add_item(l, (struct xform_item){xml_text(value),
				    label ? xform_words(r->x, label) : xstrdup(""), NULL});
	}
	sort_list(l);
	r->x->nodes[node].own_items = l;
}
