#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/xform_reader.h"

static enum xform_control
control_of(const char *name)
{
	static const struct {
		const char *name;
		enum xform_control control;
	} controls[] = {{"input", XFORM_INPUT}, {"secret", XFORM_INPUT},
		{"select1", XFORM_SELECT1}, {"select", XFORM_SELECT}, {"rank", XFORM_RANK},
		{"upload", XFORM_UPLOAD}, {"trigger", XFORM_TRIGGER}, {"range", XFORM_RANGE},
		{"group", XFORM_GROUP}, {"repeat", XFORM_REPEAT}};
	for (size_t i = 0; i < ARRAY_LEN(controls); i++)
		if (strcmp(controls[i].name, name) == 0)
			return controls[i].control;
	return XFORM_NONE;
}

/* The node of the innermost group or repeat around, for paths that do not begin with '/'. */
static int
around(const struct xform *x, const struct xml_node *n, const struct xml_node *body)
{
	for (n = xml_parent(n); n && n != body; n = xml_parent(n)) {
		const char *path = xml_attr(n, "", "nodeset");
		if (!path)
			path = xml_attr(n, "", "ref");
		if (control_of(xml_name(n)) && path && *path == '/')
			return xform_resolve(x, path, 0);
	}
	return 0;
}

/* Old forms name the bind in place of the node. */
static const char *
path_of_bind(const struct xform_reader *r, const char *id)
{
	for (const struct xml_node *b = xml_child(r->model); b; b = xml_next(b)) {
		const char *other = xml_attr(b, "", "id");
		if (strcmp(xml_name(b), "bind") == 0 && other && strcmp(other, id) == 0)
			return xml_attr(b, "", "nodeset");
	}
	return NULL;
}

static const char *
path_of(const struct xform_reader *r, const struct xml_node *n)
{
	const char *path = xml_attr(n, "", "ref");
	const char *bind = xml_attr(n, "", "bind");
	if (!path)
		path = xml_attr(n, "", "nodeset");
	return path || !bind ? path : path_of_bind(r, bind);
}

/* -1 and a fault if the control's path leads nowhere; a group may stand without one. */
static int
node_of(struct xform_reader *r, const struct xml_node *n, enum xform_control control)
{
	const char *path = path_of(r, n);
	if (!path && control == XFORM_GROUP)
		return -1;
	if (!path) {
		xform_fault(
			r, -1, "", xml_line(n), "a control <%.40s> has no ref", xml_name(n));
		return -1;
	}
	int node = xform_resolve(r->x, path, around(r->x, n, r->body));
	if (node < 0)
		xform_fault(r, -1, "", xml_line(n),
			"a control is for '%.200s': the form has no such node", path);
	return node;
}

static void
read_words(struct xform_reader *r, const struct xml_node *control, struct xform_node *n)
{
	const struct xml_node *label = xml_find(control, "label"),
			      *hint = xml_find(control, "hint");
	if (label && !n->label)
		n->label = xform_words(r->x, label);
	if (hint && !n->hint)
		n->hint = xform_words(r->x, hint);
}

static double
number_attr(const struct xml_node *n, const char *name, double otherwise)
{
	const char *text = xml_attr(n, "", name);
	double d;
	return text && text_decimal(view_text(text), &d) ? d : otherwise;
}

static void
read_range(struct xform_reader *r, const struct xml_node *control, int at)
{
	struct xform_node *n = &r->x->nodes[at];
	double start = number_attr(control, "start", NAN),
	       end = number_attr(control, "end", NAN);
	double step = number_attr(control, "step", NAN);
	if (isnan(start) || isnan(end) || isnan(step) || step == 0) {
		xform_fault(r, at, "parameters", xml_line(control),
			"a range wants numbers as start, end and step, and a step that is not "
			"0");
		return;
	}
	n->least = fmin(start, end);
	n->most = fmax(start, end);
	if (n->type != XFORM_INT && n->type != XFORM_DECIMAL)
		xform_fault(
			r, at, "type", xml_line(control), "a range is of type int or decimal");
}

/* The id in "instance('id')..."; NULL if the itemset is something else. */
static char *
instance_in(const char *nodeset)
{
	static const char call[] = "instance(";
	const char *at = nodeset + strspn(nodeset, " \t\r\n");
	if (strncmp(at, "randomize(", 10) == 0)
		at += 10 + strspn(at + 10, " \t\r\n");
	if (strncmp(at, call, strlen(call)) != 0)
		return NULL;
	at += strlen(call);
	at += strspn(at, " \t\r\n");
	const char *end = *at == '\'' || *at == '"' ? strchr(at + 1, *at) : NULL;
	return end ? xmemdup(at + 1, (size_t)(end - at - 1)) : NULL;
}

static int
list_of(const struct xform *x, const char *id)
{
	for (size_t i = 0; id && i < x->list_count; i++)
		if (strcmp(x->lists[i].id, id) == 0)
			return (int)i;
	return -1;
}

static void
read_itemset(struct xform_reader *r, const struct xml_node *itemset, int at)
{
	struct xform_node *n = &r->x->nodes[at];
	const struct xml_node *value = xml_find(itemset, "value"),
			      *label = xml_find(itemset, "label");
	const char *nodeset = xml_attr(itemset, "", "nodeset");
	const char *name = value ? xml_attr(value, "", "ref") : NULL;
	const char *label_name = label ? xml_attr(label, "", "ref") : NULL;
	if (!nodeset || !name) {
		xform_fault(r, at, "type", xml_line(itemset),
			"an itemset wants a nodeset, and a value with a ref");
		return;
	}
	OWNED_MEM char *id = instance_in(nodeset);
	n->list = list_of(r->x, id);
	n->filtered = strchr(nodeset, '[') != NULL || n->list < 0;
	n->text[XFORM_ITEMSET] = nodeset;
	free(n->value_name);
	free(n->label_name);
	n->value_name = xstrdup(name);
	n->label_name = xstrdup(label_name ? label_name : "label");
}

static void
read_select(struct xform_reader *r, const struct xml_node *control, int at)
{
	const struct xml_node *itemset = xml_find(control, "itemset");
	if (r->x->nodes[at].own_items || r->x->nodes[at].text[XFORM_ITEMSET])
		return;
	if (itemset)
		read_itemset(r, itemset, at);
	else
		xform_read_own_choices(r, at, control);
}

static void
read_repeat(struct xform_reader *r, const struct xml_node *control, int at)
{
	if (at == 0) {
		xform_fault(r, at, "", xml_line(control), "the whole form cannot be a repeat");
		return;
	}
	r->x->tree[at].repeat = at;
	r->x->nodes[at].text[XFORM_COUNT] = xml_attr(control, XFORM_JAVAROSA, "count");
}

static void
read_control(struct xform_reader *r, const struct xml_node *n)
{
	enum xform_control control = control_of(xml_name(n));
	int at = node_of(r, n, control);
	if (at < 0)
		return;
	struct xform_node *node = &r->x->nodes[at];
	read_words(r, n, node);
	/* A group around a repeat has the same ref; the repeat is what counts. */
	if (control != XFORM_GROUP || node->control == XFORM_NONE)
		node->control = control;
	node->element = n;
	if (control == XFORM_REPEAT)
		read_repeat(r, n, at);
	if (control == XFORM_RANGE)
		read_range(r, n, at);
	if (control == XFORM_SELECT1 || control == XFORM_SELECT || control == XFORM_RANK) {
		read_select(r, n, at);
		/* ODK Web Forms ends the whole form over any other. */
		if (node->type != XFORM_STRING)
			xform_fault(r, at, "type", xml_line(n), "a choice is of type string");
	}
}

/* Every node below a repeat belongs to the innermost one. */
static void
spread_repeats(struct xform *x)
{
	for (size_t i = 1; i < x->count; i++)
		if (x->tree[i].repeat < 0)
			x->tree[i].repeat = x->tree[x->tree[i].parent].repeat;
}

/* Outside of repeats a form may still have several elements of a name; nothing can be said of
 * them node by node. */
void
xform_read_body(struct xform_reader *r)
{
	for (const struct xml_node *n = xml_walk(r->body, r->body); n; n = xml_walk(r->body, n))
		if (control_of(xml_name(n)))
			read_control(r, n);
	spread_repeats(r->x);
	xform_read_choices(r);
	for (size_t i = 0; i < r->x->count; i++) {
		struct xform_node *n = &r->x->nodes[i];
		n->label = n->label ? n->label : xstrdup("");
		n->hint = n->hint ? n->hint : xstrdup("");
	}
}
