#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/xform_reader.h"

/* Where the walk through the instance stands, level by level. */
struct level {
	const struct xml_node *next; /* child to be read */
	int node;                    /* whose child it is */
	int last;                    /* the child read before, or -1 */
};

static char *
path_below(const struct xform *x, int parent, const char *name, bool attribute)
{
	const char *above = parent >= 0 ? x->nodes[parent].path : "";
	return xasprintf("%s%s%s%s", above, *above ? "/" : "", attribute ? "@" : "", name);
}

static int
add_node(struct xform *x, int parent, int last, const char *name, size_t line)
{
	int at = (int)x->count++;
	if ((at & (at + 1)) == 0 || at == 0) {
		size_t room = (size_t)(at + 1) * 2;
		x->tree = xrealloc(x->tree, room, sizeof(*x->tree));
		x->nodes = xrealloc(x->nodes, room, sizeof(*x->nodes));
	}
	x->tree[at] = (struct xpath_node){
		.name = name, .parent = parent, .first = -1, .next = -1, .repeat = -1};
	x->nodes[at] = (struct xform_node){.line = line, .list = -1, .field = -1};
	if (parent >= 0 && last < 0)
		x->tree[parent].first = at;
	if (last >= 0)
		x->tree[last].next = at;
	return at;
}

/* Further turns of a repeat stand in the instance as further elements of its name. */
static bool
is_known(const struct xform *x, const struct level *l, const char *name)
{
	if (l->last < 0)
		return false;
	if (strcmp(x->tree[l->last].name, name) == 0)
		return true;
	return xform_child(x, l->node, name) >= 0;
}

/* Attributes that an entity carries are nodes, too: binds set them. */
static void
add_attributes(struct xform *x, struct level *l, const struct xml_node *n)
{
	static const char *const names[] = {
		"dataset", "id", "create", "update", "baseVersion", "trunkVersion", "branchId"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!xml_attr(n, "", names[i]))
			continue;
		l->last = add_node(x, l->node, l->last, names[i], xml_line(n));
		x->tree[l->last].attribute = true;
		x->nodes[l->last].path = path_below(x, l->node, names[i], true);
	}
}

static enum err
too_large(struct xform_reader *r, const struct xml_node *n, const char *words)
{
	xform_fault(r, -1, "", xml_line(n), "%s", words);
	return fail(E_FULL, "%s: %s", r->source->name, words);
}

/* The nodes below the root, in document order. */
static enum err
walk(struct xform_reader *r, const struct xml_node *root)
{
	struct xform *x = r->x;
	struct level levels[XFORM_MAX_DEPTH + 1];
	size_t depth = 0;
	levels[0] = (struct level){xml_child(root), 0, -1};
	for (;;) {
		struct level *l = &levels[depth];
		const struct xml_node *n = l->next;
		if (!n && depth == 0)
			return OK;
		if (!n) {
			depth--;
			continue;
		}
		l->next = xml_next(n);
		if (is_known(x, l, xml_name(n)))
			continue;
		if (depth == XFORM_MAX_DEPTH)
			return too_large(r, n, "groups are nested deeper than 64 levels");
		if (x->count + 8 >= XFORM_MAX_NODES)
			return too_large(r, n, "the form has more than 10,000 nodes");
		l->last = add_node(x, l->node, l->last, xml_name(n), xml_line(n));
		x->nodes[l->last].path = path_below(x, l->node, xml_name(n), false);
		levels[++depth] = (struct level){xml_child(n), l->last, -1};
		add_attributes(x, &levels[depth], n);
	}
}

static const char *
root_attr(const struct xml_node *root, const char *name)
{
	const char *value = xml_attr(root, "", name);
	return value ? value : xml_attr(root, NULL, name);
}

static enum err
no_instance(struct xform_reader *r, const struct xml_node *at, const char *words)
{
	xform_fault(r, -1, "", xml_line(at), "%s", words);
	return E_FORMAT;
}

enum err
xform_read_tree(struct xform_reader *r)
{
	struct xform *x = r->x;
	const struct xml_node *instance = xml_find(r->model, "instance");
	const struct xml_node *root = instance ? xml_child(instance) : NULL;
	if (!root)
		return no_instance(r, r->model, "the model has no primary instance");
	const char *id = root_attr(root, "id"), *version = root_attr(root, "version");
	/* Old forms name themselves by their namespace. */
	if (!id && *xml_space(root) && strcmp(xml_space(root), XFORM_SPACE) != 0)
		id = xml_space(root);
	if (!id || !*id)
		return no_instance(r, root, "the primary instance has no id");
	x->id = xstrdup(id);
	x->version = xstrdup(version ? version : "");
	(void)add_node(x, -1, -1, xml_name(root), xml_line(root));
	x->nodes[0].path = xstrdup("");
	enum err e = walk(r, root);
	if (e != OK)
		return e;
	x->meta = xform_child(x, 0, "meta");
	return OK;
}

/* Binds */

static const struct {
	const char *name;
	enum xform_type type;
} types[] = {{"string", XFORM_STRING}, {"int", XFORM_INT}, {"integer", XFORM_INT},
	{"long", XFORM_INT}, {"boolean", XFORM_BOOLEAN}, {"decimal", XFORM_DECIMAL},
	{"double", XFORM_DECIMAL}, {"float", XFORM_DECIMAL}, {"date", XFORM_DATE},
	{"time", XFORM_TIME}, {"dateTime", XFORM_DATETIME}, {"geopoint", XFORM_GEOPOINT},
	{"geotrace", XFORM_GEOTRACE}, {"geoshape", XFORM_GEOSHAPE}, {"binary", XFORM_BINARY},
	{"barcode", XFORM_BARCODE}, {"intent", XFORM_INTENT}};

/* Unknown types are text, as the specification has it. */
static enum xform_type
type_of(const char *written)
{
	const char *colon = strchr(written, ':'), *name = colon ? colon + 1 : written;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return types[i].type;
	return XFORM_STRING;
}

static enum xpath_kind
kind_of(enum xform_type type)
{
	if (type == XFORM_INT || type == XFORM_DECIMAL)
		return XPATH_OF_NUMBER;
	if (type == XFORM_DATE || type == XFORM_DATETIME)
		return XPATH_OF_DATE;
	return XPATH_OF_TEXT;
}

/* What a client fills in by its clock when the form is filled in. */
static enum xform_stamp
stamp_of(const struct xml_node *bind)
{
	const char *preload = xml_attr(bind, XFORM_JAVAROSA, "preload");
	const char *params = xml_attr(bind, XFORM_JAVAROSA, "preloadParams");
	if (!preload || !params)
		return XFORM_NO_STAMP;
	if (strcmp(preload, "timestamp") == 0 && strcmp(params, "end") == 0)
		return XFORM_END;
	return strcmp(preload, "date") == 0 && strcmp(params, "today") == 0 ? XFORM_TODAY
									    : XFORM_NO_STAMP;
}

static void
read_bind(struct xform_reader *r, const struct xml_node *bind, int node)
{
	static const char *const weir[XFORM_WEIRS] = {
		"goes", "asks", "disclosure", "reverse", "scale", "list", "permission", "duo"};
	struct xform_node *n = &r->x->nodes[node];
	const char *type = xml_attr(bind, "", "type");
	n->bound = true;
	n->line = xml_line(bind);
	n->type = type_of(type ? type : "string");
	r->x->tree[node].kind = kind_of(n->type);
	for (size_t i = XFORM_RELEVANT; i <= XFORM_READONLY; i++)
		n->text[i] = xml_attr(bind, "", xform_rule_names[i]);
	n->message = xml_attr(bind, XFORM_JAVAROSA, "constraintMsg");
	n->required_message = xml_attr(bind, XFORM_JAVAROSA, "requiredMsg");
	n->stamp = stamp_of(bind);
	for (size_t i = 0; i < XFORM_WEIRS; i++)
		n->weir[i] = xml_attr(bind, XFORM_WEIR, weir[i]);
}

void
xform_read_binds(struct xform_reader *r)
{
	for (const struct xml_node *b = xml_child(r->model); b; b = xml_next(b)) {
		if (strcmp(xml_name(b), "bind") != 0)
			continue;
		const char *path = xml_attr(b, "", "nodeset");
		int node = path ? xform_resolve(r->x, path, 0) : -1;
		if (!path)
			xform_fault(r, -1, "", xml_line(b), "a bind has no nodeset");
		else if (node < 0)
			xform_warn(r, -1, "", xml_line(b),
				"a bind is for '%.200s': the form has no such node", path);
		else if (r->x->nodes[node].bound)
			xform_fault(r, node, "", xml_line(b), "has two binds");
		else
			read_bind(r, b, node);
	}
}
