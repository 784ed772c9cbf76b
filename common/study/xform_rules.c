#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/xform_reader.h"

/* Expressions */

static bool
is_plain_true(const char *text)
{
	return strcmp(text, "true()") == 0;
}

/* jr:count names a node by its path; everything else is an expression. */
static void
compile_rule(struct xform_reader *r, int at, enum xform_rule rule)
{
	struct xform *x = r->x;
	struct xform_node *n = &x->nodes[at];
	const char *text = n->text[rule];
	if (!text || !text[strspn(text, " \t\r\n")])
		return;
	if (rule == XFORM_RELEVANT && is_plain_true(text))
		return;
	if (xpath_compile(&n->rule[rule], text, &x->scope, at) != OK) {
		xform_fault(r, at, xform_rule_names[rule], n->line, "%s: %s",
			xform_rule_names[rule], err_text());
		return;
	}
	if (rule == XFORM_CONSTRAINT && xpath_is_vague(n->rule[rule]))
		xform_warn(r, at, xform_rule_names[rule], n->line,
			"constraint: only the client can decide it (a pattern or a function "
			"that "
			"is not known here)");
}

/* Expressions of labels, setvalue and the like: only their faults are of interest. */
static void
try_one(struct xform_reader *r, const struct xml_node *n, const char *text, int at)
{
	OWNED(xpath) struct xpath *x = NULL;
	if (xpath_compile(&x, text, &r->x->scope, at) != OK)
		xform_fault(r, at, "", xml_line(n), "<%.40s>: %s", xml_name(n), err_text());
}

static int
target_of(const struct xform *x, const struct xml_node *n)
{
	for (; n; n = xml_parent(n)) {
		const char *path = xml_attr(n, "", "ref");
		if (!path)
			path = xml_attr(n, "", "nodeset");
		int node = path && *path == '/' ? xform_resolve(x, path, 0) : -1;
		if (node >= 0)
			return node;
	}
	return 0;
}

static void
try_setvalue(struct xform_reader *r, const struct xml_node *n)
{
	const char *value = xml_attr(n, "", "value"), *ref = xml_attr(n, "", "ref");
	int at = ref ? xform_resolve(r->x, ref, target_of(r->x, xml_parent(n))) : -1;
	if (!ref || at < 0)
		xform_fault(r, -1, "", xml_line(n), "<%.40s> has no ref, or one to no node",
			xml_name(n));
	else if (value && value[strspn(value, " ")])
		try_one(r, n, value, at);
}

static void
try_all(struct xform_reader *r, const struct xml_node *top)
{
	for (const struct xml_node *n = xml_walk(top, top); n; n = xml_walk(top, n)) {
		const char *name = xml_name(n), *value = xml_attr(n, "", "value");
		if (strcmp(name, "setvalue") == 0)
			try_setvalue(r, n);
		if (strcmp(name, "output") == 0 && value && top == r->body)
			try_one(r, n, value, target_of(r->x, n));
	}
}

/* Circles: the value of a node hangs on what its calculation and its relevance read, and on its
 * group being relevant. The number of turns of a repeat is left out, as in ODK: forms let it
 * grow with what was answered in the last turn. */

enum colour { WHITE, GREY, BLACK };

struct search {
	const struct xform *x;
	unsigned char *colour;
	int *path;     /* nodes that wait, the last one innermost */
	size_t *tried; /* how many of its edges were followed, by place in path */
	size_t depth;
};

/* coalesce(/data/geo, ...) as the calculation of geo keeps what is there: no circle. */
static bool
keeps_itself(const struct xform_node *n, enum xform_rule rule)
{
	static const char *const calls[] = {"coalesce(", "once(", "if("};
	const char *text = n->text[rule] + strspn(n->text[rule], " \t\r\n");
	for (size_t i = 0; rule == XFORM_CALCULATE && i < ARRAY_LEN(calls); i++)
		if (strncmp(text, calls[i], strlen(calls[i])) == 0)
			return true;
	return false;
}

/* The i-th node that this one hangs on, -1 behind the last, -2 for one that does not count. */
static int
edge(const struct xform *x, int node, size_t i)
{
	static const enum xform_rule rules[] = {XFORM_CALCULATE, XFORM_RELEVANT};
	if (i == 0)
		return x->tree[node].parent >= 0 ? x->tree[node].parent : -2;
	i--;
	for (size_t k = 0; k < ARRAY_LEN(rules); k++) {
		const struct xpath *rule = x->nodes[node].rule[rules[k]];
		size_t count = 0;
		const int *uses = rule ? xpath_uses(rule, &count) : NULL;
		if (i < count)
			return uses[i] == node && keeps_itself(&x->nodes[node], rules[k])
				       ? -2
				       : uses[i];
		i -= count;
	}
	return -1;
}

static void
visit(struct search *s, int node)
{
	s->colour[node] = GREY;
	s->path[s->depth] = node;
	s->tried[s->depth++] = 0;
}

/* The node at which a circle closes, or -1. */
static int
search_from(struct search *s, int start)
{
	visit(s, start);
	while (s->depth) {
		int node = s->path[s->depth - 1];
		int to = edge(s->x, node, s->tried[s->depth - 1]++);
		if (to == -1) {
			s->colour[node] = BLACK;
			s->depth--;
		} else if (to >= 0 && s->colour[to] == GREY)
			return to;
		else if (to >= 0 && s->colour[to] == WHITE)
			visit(s, to);
	}
	return -1;
}

static void
find_circle(struct xform_reader *r)
{
	const struct xform *x = r->x;
	OWNED_MEM unsigned char *colour = xcalloc(x->count + 1, sizeof(*colour));
	OWNED_MEM int *path = xcalloc(x->count + 1, sizeof(*path));
	OWNED_MEM size_t *tried = xcalloc(x->count + 1, sizeof(*tried));
	struct search s = {.x = x, .colour = colour, .path = path, .tried = tried};
	int found = -1;
	for (size_t i = 0; i < x->count && found < 0; i++)
		if (colour[i] == WHITE)
			found = search_from(&s, (int)i);
	if (found < 0)
		return;
	int with = s.path[s.depth - 1];
	xform_fault(r, found, "", x->nodes[found].line,
		"its value hangs on itself, by way of '%.200s'", x->nodes[with].path);
}

static bool
needs_all(const struct xform_node *n)
{
	return n->rule[XFORM_RELEVANT] || n->filtered || n->rule[XFORM_COUNT] ||
	       (n->rule[XFORM_CONSTRAINT] && !xpath_is_alone(n->rule[XFORM_CONSTRAINT])) ||
	       (n->rule[XFORM_REQUIRED] && !xpath_is_alone(n->rule[XFORM_REQUIRED]));
}

void
xform_read_rules(struct xform_reader *r)
{
	struct xform *x = r->x;
	x->scope = (struct xpath_scope){x->tree, x->count, x->list_ids, x->list_count};
	size_t before = r->faults->errors;
	for (size_t i = 0; i < x->count; i++) {
		for (enum xform_rule rule = XFORM_RELEVANT; rule < XFORM_RULES; rule++)
			compile_rule(r, (int)i, rule);
		x->rules = x->rules || needs_all(&x->nodes[i]);
	}
	try_all(r, r->model);
	try_all(r, r->body);
	if (r->faults->errors == before)
		find_circle(r);
}
