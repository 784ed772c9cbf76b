#include "common/study/xpath_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define NODES_A_STEP 2 /* passed by going along them, which is quick */

/* libxml2 counts its own steps only: what a function goes through counts as well. */
static void
charge(const xmlXPathParserContext *p, size_t steps)
{
	p->context->opCount += steps;
}

static void
run_instance(xmlXPathParserContext *p, int count)
{
	const struct xpath_sources *s = &xpath_running(p)->sources;
	OWNED_MEM char *id = xpath_arg_text(p, count, 0);
	const struct xml_node *at = s->instance ? s->instance(s->context, id) : NULL;
	xmlNode *n = at ? xml_inside(at) : NULL;
	/* A file's document stands for the <instance> around its root. */
	if (n && n->parent && n->parent->type == XML_DOCUMENT_NODE &&
		!xmlStrEqual(n->name, (const xmlChar *)"instance"))
		n = n->parent;
	xpath_give(p, count, xmlXPathNewNodeSet(n));
}

/* position() of the context; position(node): its number among those of its name beside it. */
static void
run_position(xmlXPathParserContext *p, int count)
{
	xmlNode *const *nodes = NULL;
	if (count == 0) {
		xpath_give_number(p, 0, p->context->proximityPosition);
		return;
	}
	double place = NAN;
	if (xpath_arg_nodes(p, count, 0, &nodes) && nodes[0]->type == XML_ELEMENT_NODE) {
		place = 1;
		for (const xmlNode *n = nodes[0]->prev; n; n = n->prev)
			place += n->type == XML_ELEMENT_NODE &&
				 xmlStrEqual(n->name, nodes[0]->name);
		charge(p, (size_t)place / NODES_A_STEP);
	}
	xpath_give_number(p, count, place);
}

static void
run_count_non_empty(xmlXPathParserContext *p, int count)
{
	xmlNode *const *nodes;
	int n = xpath_arg_nodes(p, count, 0, &nodes);
	double filled = 0;
	for (int i = 0; i < n; i++) {
		OWNED_MEM char *text = xpath_node_text(nodes[i]);
		filled += *text != '\0';
	}
	xpath_give_number(p, count, filled);
}

static bool
is_within(const xmlNode *n, const xmlNode *top)
{
	while (n && n != top)
		n = n->parent;
	return n != NULL;
}

/* indexed-repeat(node, repeat, n, [inner repeat, n ...]): the node in the n-th turn. */
static void
run_indexed_repeat(xmlXPathParserContext *p, int count)
{
	const xmlNode *turn = NULL;
	xmlNode *const *nodes;
	for (int i = 1; i + 1 < count; i += 2) {
		double wanted = xpath_arg_number(p, count, i + 1), seen = 0;
		int n = xpath_arg_nodes(p, count, i, &nodes);
		const xmlNode *found = NULL;
		for (int k = 0; k < n && !found; k++)
			if ((!turn || is_within(nodes[k], turn)) && ++seen == wanted)
				found = nodes[k];
		turn = found;
		if (!turn)
			break;
	}
	xmlNode *found = NULL;
	int n = turn ? xpath_arg_nodes(p, count, 0, &nodes) : 0;
	for (int k = 0; k < n && !found; k++)
		if (is_within(nodes[k], turn))
			found = nodes[k];
	xpath_give(p, count, xmlXPathNewNodeSet(found));
}

/* The order that randomize() makes is the client's; what is in the set is not. */
static void
run_randomize(xmlXPathParserContext *p, int count)
{
	xpath_give(p, count, xmlXPathObjectCopy(xpath_arg(p, count, 0)));
}

/* jr:choice-name(code, 'path of the select'): the path is text, as ODK has it. */
static void
run_choice_name(xmlXPathParserContext *p, int count)
{
	const struct xpath_world *w = xpath_running(p);
	OWNED_MEM char *code = xpath_arg_text(p, count, 0);
	OWNED_MEM char *path = xpath_arg_text(p, count, 1);
	const struct xpath_scope *s = w->scope;
	const char *at = path + strspn(path, " /");
	const char *label = NULL;
	int node = 0;
	for (at += strcspn(at, "/"); s && *at && node >= 0;) {
		at += strspn(at, "/ ");
		size_t len = strcspn(at, "/ ");
		int child = s->nodes[node].first;
		while (child >= 0 &&
			!view_same(view_text(s->nodes[child].name), view_of(at, len)))
			child = s->nodes[child].next;
		node = child;
		at += len;
	}
	if (s && node > 0 && w->sources.label)
		label = w->sources.label(w->sources.context, node, code);
	xpath_give_text(p, count, label ? label : "");
}

/* Without a document type no attribute is an id. */
static void
run_id(xmlXPathParserContext *p, int count)
{
	xpath_give(p, count, xmlXPathNewNodeSet(NULL));
}

static xmlNode *
child_named(xmlNode *n, const char *name)
{
	xmlNode *child = n->children;
	while (child && (child->type != XML_ELEMENT_NODE ||
				strcmp((const char *)child->name, name) != 0))
		child = child->next;
	return child;
}

/* pulldata(instance, column, key column, key). */
static void
run_pulldata(xmlXPathParserContext *p, int count)
{
	const struct xpath_sources *s = &xpath_running(p)->sources;
	OWNED_MEM char *id = xpath_arg_text(p, count, 0);
	OWNED_MEM char *column = xpath_arg_text(p, count, 1);
	OWNED_MEM char *key_column = xpath_arg_text(p, count, 2);
	OWNED_MEM char *key = xpath_arg_text(p, count, 3);
	const struct xml_node *at = s->instance ? s->instance(s->context, id) : NULL;
	const struct xml_node *root = at ? xml_child(at) : NULL;
	xmlNode *found = NULL;
	for (const struct xml_node *i = root ? xml_child(root) : NULL; i && !found;
		i = xml_next(i)) {
		charge(p, 1);
		xmlNode *cell = child_named(xml_inside(i), key_column);
		OWNED_MEM char *text = cell ? xpath_node_text(cell) : NULL;
		if (text && strcmp(text, key) == 0)
			found = child_named(xml_inside(i), column);
	}
	OWNED_MEM char *value = found ? xpath_node_text(found) : xstrdup("");
	xpath_give_text(p, count, value);
}

const struct xpath_function xpath_sets[] = {
	{"instance", "instance", 1, 1, XPATH_NODES, XPATH_FREE, run_instance},
	{"position", "weir-position", 0, 1, XPATH_NUM, XPATH_NODES_FIRST, run_position},
	{"count-non-empty", "count-non-empty", 1, 1, XPATH_NUM, XPATH_NODES_FIRST,
		run_count_non_empty},
	{"indexed-repeat", "indexed-repeat", 3, 7, XPATH_NODES, XPATH_NODES_FIRST,
		run_indexed_repeat},
	{"randomize", "randomize", 1, 2, XPATH_NODES, XPATH_NODES_FIRST, run_randomize},
	{"jr:choice-name", "jr-choice-name", 2, 2, XPATH_TEXT, XPATH_FREE, run_choice_name},
	{"pulldata", "pulldata", 4, 4, XPATH_TEXT, XPATH_FREE, run_pulldata},
	{"count", "count", 1, 1, XPATH_NUM, XPATH_NODES_FIRST, NULL},
	{"sum", "sum", 1, 1, XPATH_NUM, XPATH_NODES_FIRST, NULL},
	{"last", "last", 0, 0, XPATH_NUM, XPATH_NATIVE, NULL},
	{"name", "name", 0, 1, XPATH_TEXT, XPATH_NODES_FIRST, NULL},
	{"local-name", "local-name", 0, 1, XPATH_TEXT, XPATH_NODES_FIRST, NULL},
	{"namespace-uri", "namespace-uri", 0, 1, XPATH_TEXT, XPATH_NODES_FIRST, NULL},
	{"id", "weir-id", 1, 1, XPATH_NODES, XPATH_CLIENT, run_id},
	{0},
};
