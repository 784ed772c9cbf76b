#include "common/study/xpath_reader.h"

#include <string.h>

#include "common/base/mem.h"

#define PATTERN_MAX_BYTES_OUT ((size_t)8 * XPATH_MAX_BYTES)

static bool
is_listed(const struct xpath_scope *s, struct view id)
{
	for (size_t i = 0; s && i < s->instance_count; i++)
		if (view_same(view_text(s->instances[i]), id))
			return true;
	return false;
}

static struct view
unquoted(struct view quoted)
{
	return view_of(quoted.at + 1, quoted.len - 2);
}

/* The argument of instance() has to be there to be held against the form. */
static enum err
check_instance(struct xpath_reader *r)
{
	if (r->token.kind != XPATH_T_QUOTED)
		return fail(E_FORMAT, "instance() takes the name of an instance in quotes");
	struct view id = unquoted(r->token.text);
	if (!is_listed(r->scope, id))
		return fail(E_FORMAT, "instance('%.*s'): the form has no such instance",
			(int)MIN(id.len, (size_t)64), (const char *)id.at);
	return OK;
}

/* A pattern in quotes is compiled once and handed on by its number. */
enum err
xpath_reader_pattern(struct xpath_reader *r)
{
	struct xpath *x = r->x;
	OWNED_BUF struct buf posix;
	buf_init(&posix, PATTERN_MAX_BYTES_OUT);
	bool told = xpath_posix(&posix, unquoted(r->token.text)) && !posix.broken;
	buf_u8(&posix, 0);
	size_t start = x->out.len;
	if (told && x->pattern_count < XPATH_MAX_PATTERNS &&
		pattern_compile(&x->patterns[x->pattern_count], (char *)posix.at) == OK)
		buf_format(&x->out, "%zu", x->pattern_count++);
	else {
		x->vague = true;
		buf_u8(&x->out, '0');
	}
	xpath_reader_step(r);
	return xpath_reader_push(r, start, XPATH_NUM, XPATH_OF_TEXT);
}

bool
xpath_reader_wants_pattern(struct xpath_reader *r)
{
	const struct xpath_waiting *w = xpath_reader_top(r);
	return w && w->opened == 'f' && w->arguments == 1 &&
	       strcmp(w->function->name, "regex") == 0;
}

static void
note_function(struct xpath *x, const struct xpath_function *f)
{
	static const char *const outside[] = {"instance", "pulldata", "jr:choice-name",
		"jr:itext", "once", "position", "last", "name", "local-name", "namespace-uri"};
	if (f->how == XPATH_CLIENT)
		x->vague = true;
	for (size_t i = 0; i < ARRAY_LEN(outside); i++)
		if (strcmp(f->name, outside[i]) == 0)
			x->elsewhere = true;
}

enum err
xpath_reader_call(struct xpath_reader *r)
{
	struct view name = r->token.text;
	const struct xpath_function *f = xpath_function((const char *)name.at, name.len);
	if (!f)
		return fail(E_FORMAT, "%.*s() is no function of ODK XForms",
			(int)MIN(name.len, (size_t)64), (const char *)name.at);
	struct xpath_waiting w = {.level = XPATH_LEVEL_OPEN,
		.opened = 'f',
		.start = r->x->out.len,
		.function = f};
	note_function(r->x, f);
	buf_format(&r->x->out, "%s(", f->as);
	xpath_reader_step(r);
	xpath_reader_step(r);
	enum err e = xpath_reader_wait(r, w);
	if (e == OK && strcmp(f->name, "instance") == 0)
		e = check_instance(r);
	if (e == OK && xpath_reader_at(r, ")"))
		return xpath_reader_close_call(r);
	if (e == OK)
		xpath_reader_top(r)->arguments = 0;
	return e;
}

static enum err
check_count(const struct xpath_function *f, int count)
{
	if (count < f->least)
		return fail(E_FORMAT, "%s() wants %d or more arguments, not %d", f->name,
			f->least, count);
	if (f->most >= 0 && count > f->most)
		return fail(E_FORMAT, "%s() takes %d arguments at most, not %d", f->name,
			f->most, count);
	return OK;
}

/* if() gives what both of its sides give. */
static enum xpath_type
type_of_call(const struct xpath_reader *r, const struct xpath_waiting *w)
{
	if (strcmp(w->function->name, "if") != 0)
		return w->function->gives;
	const struct xpath_operand *yes = &r->operands[w->operands + 1];
	return yes[0].type == yes[1].type && yes[0].type != XPATH_NODES ? yes[0].type
									: XPATH_ANY;
}

/* At ')' of a function: its last argument, if it has one, was read. */
enum err
xpath_reader_close_call(struct xpath_reader *r)
{
	struct xpath_waiting w = *xpath_reader_top(r);
	const struct xpath_function *f = w.function;
	int count = (int)(r->count - w.operands);
	enum err e = check_count(f, count);
	if (e != OK)
		return e;
	if (f->how == XPATH_NODES_FIRST && count && r->operands[w.operands].type != XPATH_NODES)
		return fail(E_FORMAT, "%s() wants nodes as its first argument", f->name);
	if (strcmp(f->name, "regex") == 0 && r->operands[w.operands + 1].type != XPATH_NUM)
		r->x->vague = true;
	enum xpath_type type = type_of_call(r, &w);
	r->height--;
	r->depth--;
	r->count = w.operands;
	buf_u8(&r->x->out, ')');
	xpath_reader_step(r);
	if (type == XPATH_NODES && (xpath_reader_at(r, "/") || xpath_reader_at(r, "["))) {
		struct xpath_path p = {
			.start = w.start, .node = XPATH_UNKNOWN, .base = r->x->at, .raw = true};
		return xpath_reader_path(r, &p);
	}
	return xpath_reader_push(r, w.start, type, XPATH_OF_TEXT);
}
