#include "common/study/xpath_path.h"

#include <string.h>

#include "common/base/mem.h"

static int
child_of(const struct xpath_scope *s, int node, struct view name, bool attribute)
{
	for (int i = s->nodes[node].first; i >= 0; i = s->nodes[i].next)
		if (s->nodes[i].attribute == attribute &&
			view_same(view_text(s->nodes[i].name), name))
			return i;
	return -1;
}

/* Is `above` the node or something it stands in? */
static bool
is_above(const struct xpath_scope *s, int above, int node)
{
	while (node > above)
		node = s->nodes[node].parent;
	return node == above;
}

static enum err
no_node(const struct xpath_scope *s, int node, struct view name)
{
	return fail(E_FORMAT, "a path leads to no node: '%s' has no '%.*s'",
		s->nodes[node].name, (int)MIN(name.len, (size_t)64), (const char *)name.at);
}

static void
write_raw(struct xpath *x, struct xpath_path *p, const char *before, struct view name)
{
	if (!p->empty)
		buf_u8(&x->out, '/');
	buf_add(&x->out, before, strlen(before));
	buf_add_view(&x->out, name);
	p->empty = false;
}

static enum err
step_down(struct xpath *x, const struct xpath_scope *s, struct xpath_path *p, struct view name,
	bool attribute)
{
	int child = p->node >= 0 ? child_of(s, p->node, name, attribute) : XPATH_UNKNOWN;
	/* Attributes come and go with the kind of entity: an unknown one is empty, no fault. */
	if (p->node >= 0 && child < 0 && !attribute)
		return no_node(s, p->node, name);
	if (child < 0 && !p->raw)
		xpath_path_write(x, s, p);
	p->node = child;
	p->rose = false;
	p->own = false;
	if (p->raw)
		write_raw(x, p, attribute ? "@" : "", name);
	p->empty = false;
	return OK;
}

static enum err
step_up(struct xpath *x, const struct xpath_scope *s, struct xpath_path *p)
{
	if (p->node == 0)
		return fail(E_FORMAT, "'..' goes above the root of the form");
	if (p->node > 0)
		p->node = s->nodes[p->node].parent;
	if (p->node >= 0 && p->node < p->base)
		p->base = p->node;
	p->rose = true;
	p->own = false;
	if (p->raw)
		write_raw(x, p, "..", view_of("", 0));
	p->empty = false;
	return OK;
}

enum err
xpath_path_step(struct xpath *x, const struct xpath_scope *s, struct xpath_path *p,
	const struct xpath_token *step, bool attribute)
{
	if (xpath_token_is(step, ".")) {
		if (p->raw)
			write_raw(x, p, ".", view_of("", 0));
		p->empty = false;
		return OK;
	}
	if (xpath_token_is(step, ".."))
		return step_up(x, s, p);
	if (xpath_token_is(step, "*")) {
		if (!p->raw)
			xpath_path_write(x, s, p);
		write_raw(x, p, attribute ? "@*" : "*", view_of("", 0));
		p->node = XPATH_UNKNOWN;
		return OK;
	}
	if (step->kind != XPATH_T_NAME)
		return fail(E_FORMAT, "a name is wanted in a path");
	return step_down(x, s, p, xpath_token_local(step), attribute);
}

void
xpath_path_use(struct xpath *x, int node)
{
	for (size_t i = 0; i < x->use_count; i++)
		if (x->uses[i] == node)
			return;
	x->uses = xrealloc(x->uses, x->use_count + 1, sizeof(*x->uses));
	x->uses[x->use_count++] = node;
}

/* Does the path mean the turn of this repeat in which the expression stands? */
static bool
is_bound(const struct xpath *x, const struct xpath_scope *s, const struct xpath_path *p,
	int repeat)
{
	if (!is_above(s, repeat, x->at) || p->loose)
		return false;
	/* The repeat itself, reached from above, is all of its turns. */
	if (repeat == p->node && !p->rose && !p->own)
		return false;
	/* Going up and out, and down again, leaves the turn. */
	return p->absolute || p->base >= repeat;
}

/* The highest repeat on the way to the node that is not bound, or -1. */
static int
highest_free(const struct xpath *x, const struct xpath_scope *s, const struct xpath_path *p)
{
	int found = -1;
	for (int r = s->nodes[p->node].repeat; r >= 0;) {
		if (!is_bound(x, s, p, r))
			found = r;
		int up = s->nodes[r].parent;
		r = up >= 0 ? s->nodes[up].repeat : -1;
	}
	return found;
}

/* The names from below `from` down to `node`: written from the end backwards. */
static void
write_names(struct xpath *x, const struct xpath_scope *s, int from, int node)
{
	size_t depth = 0;
	for (int n = node; n != from; n = s->nodes[n].parent)
		depth++;
	for (; depth; depth--) {
		int n = node;
		for (size_t i = 1; i < depth; i++)
			n = s->nodes[n].parent;
		buf_format(
			&x->out, "/%s%s", s->nodes[n].attribute ? "@" : "", s->nodes[n].name);
	}
}

void
xpath_path_write(struct xpath *x, const struct xpath_scope *s, struct xpath_path *p)
{
	if (p->raw)
		return;
	p->raw = true;
	p->empty = false;
	if (p->own && p->node == x->at) {
		buf_u8(&x->out, '.');
		return;
	}
	xpath_path_use(x, p->node);
	int free_repeat = highest_free(x, s, p);
	int from = free_repeat >= 0 ? s->nodes[free_repeat].parent : p->node;
	if (from == p->node && s->nodes[from].attribute)
		from = s->nodes[from].parent;
	buf_format(&x->out, "$n%d", from);
	write_names(x, s, from, p->node);
}
