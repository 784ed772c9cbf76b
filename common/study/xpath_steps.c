#include "common/study/xpath_reader.h"

#include <string.h>

#include "common/study/xpath_inside.h"

/* The path is complete. */
static enum err
path_ends(struct xpath_reader *r, struct xpath_path *p)
{
	enum xpath_kind kind = XPATH_OF_TEXT;
	if (!r->scope && !p->own)
		return fail(E_FORMAT, "only '.', the answer itself, can be named here");
	if (p->node >= 0 && r->scope)
		kind = r->scope->nodes[p->node].kind;
	/* Written already, by a predicate: it still reads what it leads to. */
	if (p->raw && p->node >= 0)
		xpath_path_use(r->x, p->node);
	if (r->scope)
		xpath_path_write(r->x, r->scope, p);
	else
		buf_u8(&r->x->out, '.');
	return xpath_reader_push(r, p->start, XPATH_NODES, kind);
}

static enum err
path_predicate(struct xpath_reader *r, struct xpath_path *p)
{
	if (!r->scope)
		return fail(E_FORMAT, "only '.', the answer itself, can be named here");
	xpath_path_write(r->x, r->scope, p);
	buf_u8(&r->x->out, '[');
	xpath_reader_step(r);
	return xpath_reader_wait(r, (struct xpath_waiting){.level = XPATH_LEVEL_OPEN,
					    .opened = '[',
					    .start = p->start,
					    .path = *p});
}

/* child::, parent::, self::, attribute:: and node(): the long words for what has short ones. */
static enum err
read_axis(struct xpath_reader *r, bool *ret_attribute)
{
	static const struct xpath_token dot = {XPATH_T_SIGN, {(const uint8_t *)".", 1}},
					dots = {XPATH_T_SIGN, {(const uint8_t *)"..", 2}};
	struct xpath_token axis = r->token;
	xpath_reader_step(r);
	xpath_reader_step(r);
	*ret_attribute = xpath_token_is(&axis, "attribute");
	if (*ret_attribute || xpath_token_is(&axis, "child"))
		return OK;
	bool up = xpath_token_is(&axis, "parent");
	if (!up && !xpath_token_is(&axis, "self"))
		return fail(E_FORMAT, "the axis '%.*s' is not of ODK XForms",
			(int)axis.text.len, (const char *)axis.text.at);
	bool brackets = xpath_reader_at(r, "node");
	if (!brackets && !xpath_reader_at(r, "*"))
		return fail(E_FORMAT, "after parent:: and self:: stands node() or *");
	if (brackets) {
		xpath_reader_step(r);
		xpath_reader_step(r);
	}
	/* Leaves the last token of the step as the current one. */
	r->token = up ? dots : dot;
	return OK;
}

static bool
axis_follows(const struct xpath_reader *r)
{
	return r->token.kind == XPATH_T_NAME && r->left.len > 1 &&
	       memcmp(r->left.at, "::", 2) == 0;
}

/* One step: r->token is its first token. */
static enum err
path_step(struct xpath_reader *r, struct xpath_path *p)
{
	bool attribute = xpath_reader_at(r, "@");
	if (!r->scope)
		return fail(E_FORMAT, "only '.', the answer itself, can be named here");
	if (attribute)
		xpath_reader_step(r);
	enum err e = axis_follows(r) ? read_axis(r, &attribute) : OK;
	if (e == OK)
		e = xpath_path_step(r->x, r->scope, p, &r->token, attribute);
	xpath_reader_step(r);
	return e;
}

enum err
xpath_reader_path(struct xpath_reader *r, struct xpath_path *p)
{
	while (xpath_reader_at(r, "/")) {
		xpath_reader_step(r);
		enum err e = path_step(r, p);
		if (e != OK)
			return e;
	}
	if (xpath_reader_at(r, "//"))
		return fail(E_FORMAT, "'//' is not of ODK XForms: name the nodes between");
	return xpath_reader_at(r, "[") ? path_predicate(r, p) : path_ends(r, p);
}

/* The innermost predicate around, or NULL. */
static const struct xpath_waiting *
predicate_around(const struct xpath_reader *r)
{
	for (size_t i = r->height; i; i--)
		if (r->stack[i - 1].opened == '[')
			return &r->stack[i - 1];
	return NULL;
}

/* indexed-repeat() names nodes of all turns, and picks one itself. */
static bool
is_loose(const struct xpath_reader *r)
{
	for (size_t i = r->height; i; i--)
		if (r->stack[i - 1].opened == 'f')
			return strcmp(r->stack[i - 1].function->name, "indexed-repeat") == 0 &&
			       r->stack[i - 1].arguments < 2;
	return false;
}

static struct xpath_path
own_path(const struct xpath_reader *r)
{
	return (struct xpath_path){
		.start = r->x->out.len, .node = r->x->at, .base = r->x->at, .own = true};
}

enum err
xpath_reader_relative(struct xpath_reader *r)
{
	const struct xpath_waiting *w = predicate_around(r);
	struct xpath_path p = own_path(r);
	p.empty = true;
	if (w) {
		p.raw = true;
		p.own = false;
		p.node = w->path.node;
	}
	if (xpath_reader_at(r, ".") && !r->scope) {
		xpath_reader_step(r);
		return xpath_reader_at(r, "/") || xpath_reader_at(r, "[")
			       ? xpath_reader_unexpected(r)
			       : path_ends(r, &p);
	}
	enum err e = path_step(r, &p);
	return e == OK ? xpath_reader_path(r, &p) : e;
}

enum err
xpath_reader_absolute(struct xpath_reader *r)
{
	struct xpath_path p = own_path(r);
	p.own = false;
	p.absolute = true;
	p.loose = is_loose(r);
	p.node = 0;
	xpath_reader_step(r);
	struct view name = xpath_token_local(&r->token);
	if (!r->scope)
		return fail(E_FORMAT, "only '.', the answer itself, can be named here");
	if (r->token.kind != XPATH_T_NAME)
		return xpath_reader_unexpected(r);
	if (!view_same(name, view_text(r->scope->nodes[0].name)))
		return fail(E_FORMAT,
			"a path begins with '/%.*s': the root of the form is '%s'",
			(int)MIN(name.len, (size_t)64), (const char *)name.at,
			r->scope->nodes[0].name);
	xpath_reader_step(r);
	return xpath_reader_path(r, &p);
}

/* current() means the node whose expression this is, in a predicate too. */
enum err
xpath_reader_current(struct xpath_reader *r)
{
	struct xpath_path p = own_path(r);
	if (predicate_around(r))
		p.own = false;
	xpath_reader_step(r);
	xpath_reader_step(r);
	if (!xpath_reader_at(r, ")"))
		return fail(E_FORMAT, "current() takes no argument");
	xpath_reader_step(r);
	return xpath_reader_path(r, &p);
}
