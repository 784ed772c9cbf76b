#include "common/study/xpath_inside.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/xpath_reader.h"

#define OUT_MAX_BYTES ((size_t)8 * XPATH_MAX_BYTES)

void
xpath_reader_step(struct xpath_reader *r)
{
	r->token = xpath_token_next(&r->left);
}

bool
xpath_reader_at(const struct xpath_reader *r, const char *sign)
{
	return xpath_token_is(&r->token, sign);
}

static int
shown(const struct xpath_reader *r)
{
	return (int)MIN(r->token.text.len, (size_t)64);
}

enum err
xpath_reader_unexpected(const struct xpath_reader *r)
{
	if (r->token.kind == XPATH_T_END)
		return fail(E_FORMAT, "the expression is not complete");
	if (r->token.kind == XPATH_T_WRONG)
		return fail(
			E_FORMAT, "a quote without its pair, or a character of no use here");
	return fail(E_FORMAT, "'%.*s' stands where %s is wanted", shown(r),
		(const char *)r->token.text.at, r->want ? "a value" : "an operator");
}

enum err
xpath_reader_push(
	struct xpath_reader *r, size_t start, enum xpath_type type, enum xpath_kind kind)
{
	if (r->count == XPATH_MAX_WORDS || ++r->words > XPATH_MAX_WORDS)
		return fail(E_FULL, "more than %d values in one expression", XPATH_MAX_WORDS);
	r->operands[r->count++] = (struct xpath_operand){start, type, kind};
	r->want = false;
	return OK;
}

enum err
xpath_reader_wait(struct xpath_reader *r, struct xpath_waiting w)
{
	if (r->height == XPATH_MAX_WAITING)
		return fail(E_FULL, "more than %d operators wait for each other",
			XPATH_MAX_WAITING);
	if (w.opened && ++r->depth > XPATH_MAX_DEPTH)
		return fail(E_FULL, "brackets are nested deeper than %d", XPATH_MAX_DEPTH);
	w.operands = r->count;
	r->stack[r->height++] = w;
	r->want = true;
	return OK;
}

struct xpath_waiting *
xpath_reader_top(struct xpath_reader *r)
{
	return r->height ? &r->stack[r->height - 1] : NULL;
}

/* Put `text` before what stands at `start`. */
static void
insert(struct xpath_reader *r, size_t start, struct view text)
{
	size_t behind = r->x->out.len - start;
	buf_add_view(&r->x->out, text);
	if (r->x->out.broken)
		return;
	uint8_t *place = r->x->out.at + start;
	memmove(place + text.len, place, behind);
	memcpy(place, text.at, text.len);
}

/* Make the bytes from `start` to `end` a number; gives how much was added. */
static size_t
as_number(struct xpath_reader *r, const struct xpath_operand *o, size_t end)
{
	if (o->type == XPATH_NUM || o->type == XPATH_BOOL)
		return 0;
	insert(r, end, view_text(")"));
	insert(r, o->start, view_text("weir-n("));
	return strlen("weir-n()");
}

/* Text of both sides and the operator: "left op right" is complete in out. `op` is where the
 * operator stands. Numbers are compared as numbers, and dates by their days, as ODK does it. */
static void
join_numbers(struct xpath_reader *r, const struct xpath_operand *a,
	const struct xpath_operand *b, size_t op)
{
	(void)as_number(r, b, r->x->out.len);
	(void)as_number(r, a, op);
}

static void
join_same(struct xpath_reader *r, const struct xpath_operand *a, const struct xpath_operand *b,
	size_t op)
{
	bool numeric_nodes = a->kind == XPATH_OF_NUMBER && b->kind == XPATH_OF_NUMBER;
	if (a->type == XPATH_BOOL || b->type == XPATH_BOOL)
		return;
	if (a->type == XPATH_NUM || b->type == XPATH_NUM || numeric_nodes)
		join_numbers(r, a, b, op);
}

static enum err
reduce_one(struct xpath_reader *r)
{
	struct xpath_waiting w = r->stack[--r->height];
	if (w.level == XPATH_LEVEL_MINUS) {
		struct xpath_operand *o = &r->operands[r->count - 1];
		(void)as_number(r, o, r->x->out.len);
		*o = (struct xpath_operand){w.start, XPATH_NUM, XPATH_OF_TEXT};
		return OK;
	}
	const struct xpath_operand b = r->operands[--r->count];
	struct xpath_operand *a = &r->operands[r->count - 1];
	enum xpath_type gives = XPATH_BOOL;
	if (w.level == XPATH_LEVEL_ORDER || w.level == XPATH_LEVEL_ADD ||
		w.level == XPATH_LEVEL_TIMES)
		join_numbers(r, a, &b, w.start);
	if (w.level == XPATH_LEVEL_SAME)
		join_same(r, a, &b, w.start);
	if (w.level == XPATH_LEVEL_ADD || w.level == XPATH_LEVEL_TIMES)
		gives = XPATH_NUM;
	if (w.level == XPATH_LEVEL_UNION) {
		if (a->type != XPATH_NODES || b.type != XPATH_NODES)
			return fail(E_FORMAT, "'|' joins sets of nodes only");
		gives = XPATH_NODES;
	}
	a->type = gives;
	a->kind = XPATH_OF_TEXT;
	return OK;
}

static enum err
reduce(struct xpath_reader *r, enum xpath_level down_to)
{
	enum err e = OK;
	const struct xpath_waiting *w = xpath_reader_top(r);
	while (e == OK && w && !w->opened && w->level >= down_to) {
		e = reduce_one(r);
		w = xpath_reader_top(r);
	}
	return e;
}

/* Values */

static enum err
read_plain(struct xpath_reader *r, enum xpath_type type)
{
	size_t start = r->x->out.len;
	buf_add_view(&r->x->out, r->token.text);
	xpath_reader_step(r);
	return xpath_reader_push(r, start, type, XPATH_OF_TEXT);
}

static bool
call_follows(const struct xpath_reader *r)
{
	struct view left = r->left;
	struct xpath_token next = xpath_token_next(&left);
	return xpath_token_is(&next, "(");
}

static enum err
read_bracket(struct xpath_reader *r)
{
	struct xpath_waiting w = {
		.level = XPATH_LEVEL_OPEN, .opened = '(', .start = r->x->out.len};
	buf_u8(&r->x->out, '(');
	xpath_reader_step(r);
	return xpath_reader_wait(r, w);
}

static enum err
read_minus(struct xpath_reader *r)
{
	struct xpath_waiting w = {.level = XPATH_LEVEL_MINUS, .start = r->x->out.len};
	buf_u8(&r->x->out, '-');
	xpath_reader_step(r);
	return xpath_reader_wait(r, w);
}

static enum err
read_value(struct xpath_reader *r)
{
	if (r->token.kind == XPATH_T_NUMBER)
		return read_plain(r, XPATH_NUM);
	if (r->token.kind == XPATH_T_QUOTED)
		return xpath_reader_wants_pattern(r) ? xpath_reader_pattern(r)
						     : read_plain(r, XPATH_TEXT);
	if (xpath_reader_at(r, "-"))
		return read_minus(r);
	if (xpath_reader_at(r, "("))
		return read_bracket(r);
	if (xpath_reader_at(r, "/"))
		return xpath_reader_absolute(r);
	if (r->token.kind == XPATH_T_NAME && call_follows(r) && !xpath_reader_at(r, "node"))
		return xpath_reader_at(r, "current") ? xpath_reader_current(r)
						     : xpath_reader_call(r);
	if (r->token.kind == XPATH_T_NAME || xpath_reader_at(r, ".") ||
		xpath_reader_at(r, "..") || xpath_reader_at(r, "@") || xpath_reader_at(r, "*"))
		return xpath_reader_relative(r);
	return xpath_reader_unexpected(r);
}

/* Operators and closing brackets */

static enum xpath_level
level_of(const struct xpath_reader *r)
{
	static const struct {
		const char *sign;
		enum xpath_level level;
	} levels[] = {{"or", XPATH_LEVEL_OR}, {"and", XPATH_LEVEL_AND}, {"=", XPATH_LEVEL_SAME},
		{"!=", XPATH_LEVEL_SAME}, {"<", XPATH_LEVEL_ORDER}, {"<=", XPATH_LEVEL_ORDER},
		{">", XPATH_LEVEL_ORDER}, {">=", XPATH_LEVEL_ORDER}, {"+", XPATH_LEVEL_ADD},
		{"-", XPATH_LEVEL_ADD}, {"*", XPATH_LEVEL_TIMES}, {"div", XPATH_LEVEL_TIMES},
		{"mod", XPATH_LEVEL_TIMES}, {"|", XPATH_LEVEL_UNION}};
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (xpath_reader_at(r, levels[i].sign))
			return levels[i].level;
	return XPATH_LEVEL_OPEN;
}

static enum err
read_operator(struct xpath_reader *r, enum xpath_level level)
{
	enum err e = reduce(r, level);
	if (e != OK)
		return e;
	struct xpath_waiting w = {.level = level, .start = r->x->out.len};
	buf_format(
		&r->x->out, " %.*s ", (int)r->token.text.len, (const char *)r->token.text.at);
	xpath_reader_step(r);
	return xpath_reader_wait(r, w);
}

static enum err
close_bracket(struct xpath_reader *r)
{
	struct xpath_operand *o = &r->operands[r->count - 1];
	o->start = xpath_reader_top(r)->start;
	r->height--;
	r->depth--;
	buf_u8(&r->x->out, ')');
	xpath_reader_step(r);
	if (o->type != XPATH_NODES || !(xpath_reader_at(r, "/") || xpath_reader_at(r, "[")))
		return OK;
	struct xpath_path p = {
		.start = o->start, .node = XPATH_UNKNOWN, .base = r->x->at, .raw = true};
	r->count--;
	return xpath_reader_path(r, &p);
}

static enum err
close_predicate(struct xpath_reader *r)
{
	struct xpath_path p = xpath_reader_top(r)->path;
	r->height--;
	r->depth--;
	r->count--;
	buf_u8(&r->x->out, ']');
	xpath_reader_step(r);
	return xpath_reader_path(r, &p);
}

static enum err
next_argument(struct xpath_reader *r)
{
	struct xpath_waiting *w = xpath_reader_top(r);
	w->arguments++;
	buf_u8(&r->x->out, ',');
	xpath_reader_step(r);
	r->want = true;
	return OK;
}

static enum err
read_sign(struct xpath_reader *r)
{
	enum xpath_level level = level_of(r);
	if (level != XPATH_LEVEL_OPEN)
		return read_operator(r, level);
	bool argument = xpath_reader_at(r, ","), round = xpath_reader_at(r, ")"),
	     square = xpath_reader_at(r, "]");
	if (!argument && !round && !square)
		return xpath_reader_unexpected(r);
	enum err e = reduce(r, XPATH_LEVEL_OR);
	const struct xpath_waiting *w = xpath_reader_top(r);
	char opened = '\0';
	if (w)
		opened = w->opened;
	if (e != OK)
		return e;
	if (argument && opened == 'f')
		return next_argument(r);
	if (round && opened == 'f')
		return xpath_reader_close_call(r);
	if (round && opened == '(')
		return close_bracket(r);
	if (square && opened == '[')
		return close_predicate(r);
	return fail(E_FORMAT, argument ? "a comma outside the brackets of a function"
				       : "a bracket without its pair");
}

static enum err
read_all(struct xpath_reader *r)
{
	enum err e = OK;
	xpath_reader_step(r);
	while (e == OK && !(r->token.kind == XPATH_T_END && !r->want))
		e = r->want ? read_value(r) : read_sign(r);
	if (e == OK)
		e = reduce(r, XPATH_LEVEL_OR);
	if (e == OK && r->height)
		e = fail(E_FORMAT, "a bracket without its pair");
	return e;
}

enum err
xpath_read(struct xpath *x, const char *text, const struct xpath_scope *scope)
{
	struct view all = view_text(text);
	if (all.len > XPATH_MAX_BYTES)
		return fail(E_FULL, "an expression is longer than %d bytes", XPATH_MAX_BYTES);
	if (!text_is_utf8(all))
		return fail(E_FORMAT, "an expression is not UTF-8 text");
	OWNED_MEM struct xpath_reader *r = xcalloc(1, sizeof(*r));
	r->x = x;
	r->scope = scope;
	r->left = all;
	r->want = true;
	buf_init(&x->out, OUT_MAX_BYTES);
	enum err e = read_all(r);
	if (e != OK)
		return e;
	x->type = r->operands[0].type;
	buf_u8(&x->out, 0);
	return buf_check(&x->out, "an expression");
}
