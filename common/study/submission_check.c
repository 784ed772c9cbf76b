#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/submission_inside.h"

#define WORDS_BYTES 512

const char *
submission_path(struct check *c, int place)
{
	struct place *p = &c->s->places[place];
	if (p->path)
		return p->path;
	if (p->frame == 0)
		return c->x->nodes[p->node].path;
	/* Down from the first place above that has its path. */
	int chain[XML_MAX_DEPTH + 1];
	size_t depth = 0;
	for (int i = place; i > 0 && !c->s->places[i].path; i = c->s->places[i].parent)
		chain[depth++] = i;
	while (depth) {
		struct place *at = &c->s->places[chain[--depth]];
		const struct place *up = &c->s->places[at->parent];
		const char *above = up->path ? up->path : "";
		const char *name = c->x->tree[at->node].name, *slash = *above ? "/" : "";
		at->path = at->turn ? xasprintf("%s%s%s[%u]", above, slash, name, at->turn)
				    : xasprintf("%s%s%s", above, slash, name);
	}
	return p->path;
}

static void
say_path(struct submission_report *r, const char *path, const char *words)
{
	if (r->count == SUBMISSION_MAX_LINES) {
		r->more++;
		return;
	}
	struct submission_line *line = &r->lines[r->count++];
	line->path = xstrdup(path);
	line->reason = xstrdup(words);
}

void
submission_say(struct check *c, int place, const char *format, ...)
{
	char words[WORDS_BYTES];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	c->s->places[place].problem = true;
	say_path(c->report, place == 0 ? "" : submission_path(c, place), words);
}

/* Expressions */

static const struct xml_node *
find_instance(const void *context, const char *id)
{
	const struct xform *x = context;
	for (size_t i = 0; i < x->list_count; i++)
		if (strcmp(x->lists[i].id, id) == 0)
			return x->lists[i].node;
	return NULL;
}

static const char *
find_label(const void *context, int node, const char *code)
{
	const struct xform *x = context;
	const struct xform_list *list = xform_choices(x, node);
	int at = list ? xform_list_find(list, code) : -1;
	return at >= 0 ? list->items[at].label : NULL;
}

static void
make_world(struct check *c, const struct submission_context *context)
{
	c->world = xpath_world_new(&c->x->scope, &(struct xpath_sources){.context = c->x,
							 .instance = find_instance,
							 .label = find_label,
							 .now_ms = context->now_ms,
							 .zone_minutes = context->zone_minutes,
							 .version = c->x->version});
}

static void
put_place(struct check *c, const struct place *p)
{
	xpath_world_put(c->world, p->node, p->relevant ? p->at : NULL);
}

static void
load_turn(struct check *c, int turn)
{
	const struct place *head = &c->s->places[turn];
	int repeat = c->x->tree[head->node].repeat;
	if (repeat >= 0 && c->loaded[repeat] == turn)
		return;
	put_place(c, head);
	for (int i = head->next_in_frame; i >= 0; i = c->s->places[i].next_in_frame)
		put_place(c, &c->s->places[i]);
	if (repeat >= 0)
		c->loaded[repeat] = turn;
}

/* Let the world show the turns in which this place stands. */
static void
load(struct check *c, int place)
{
	for (int turn = c->s->places[place].frame; turn > 0;
		turn = c->s->places[c->s->places[turn].parent].frame)
		load_turn(c, turn);
}

/* What cannot be decided here is not held against the submission. */
static bool
is_met(struct check *c, int place, enum xform_rule which, bool otherwise)
{
	const struct xpath *rule = c->x->nodes[c->s->places[place].node].rule[which];
	bool met = otherwise;
	if (!rule || xpath_is_vague(rule))
		return otherwise;
	load(c, place);
	if (xpath_bool(c->world, rule, &met) != OK) {
		submission_say(c, place, "%s: %s", xform_rule_names[which], err_text());
		return otherwise;
	}
	return met;
}

static bool
is_filled(const struct place *p)
{
	return p->value && p->value[strspn(p->value, " \t\r\n")] != '\0';
}

static void
check_relevance(struct check *c, int place)
{
	struct place *p = &c->s->places[place];
	bool above = p->parent < 0 || c->s->places[p->parent].relevant;
	if (above && is_met(c, place, XFORM_RELEVANT, true))
		return;
	p->relevant = false;
	load(c, place);
	xpath_world_put(c->world, p->node, NULL);
	bool own = c->x->nodes[p->node].field >= 0;
	if (own && is_filled(p))
		submission_say(c, place, "is answered, and was not to be asked");
}

static void
check_leaf(struct check *c, int place)
{
	struct place *p = &c->s->places[place];
	const struct xform_node *n = &c->x->nodes[p->node];
	if (!is_filled(p)) {
		const char *text = n->text[XFORM_REQUIRED];
		bool always = text && strcmp(text, "true()") == 0;
		if (n->control && (always || is_met(c, place, XFORM_REQUIRED, false)))
			submission_say(c, place, "has to be answered");
		return;
	}
	load(c, place);
	submission_check_value(c, place);
	if (!p->problem && !is_met(c, place, XFORM_CONSTRAINT, true))
		submission_say(c, place, "does not meet its condition");
}

/* A repeat below one place: its turns, and how many jr:count says. */
struct turns {
	double there, wanted;
	int one; /* the last of them; -1 */
};

/* False when the form says nothing, or nothing that can be decided. */
static bool
count_turns(struct check *c, int place, int repeat, struct turns *ret)
{
	const struct xpath *rule = c->x->nodes[repeat].rule[XFORM_COUNT];
	*ret = (struct turns){.one = -1};
	if (!rule || xpath_is_vague(rule))
		return false;
	for (int i = c->s->places[place].first; i >= 0; i = c->s->places[i].next)
		if (c->s->places[i].node == repeat) {
			ret->there++;
			ret->one = i;
		}
	/* Without any turn the repeat may not be relevant; its relevance is its turns' own. */
	if (ret->one < 0 && c->x->nodes[repeat].rule[XFORM_RELEVANT])
		return false;
	if (ret->one >= 0 && !c->s->places[ret->one].relevant)
		return false;
	load(c, place);
	if (xpath_number(c->world, rule, &ret->wanted) != OK) {
		submission_say(c, place, "count: %s", err_text());
		return false;
	}
	ret->wanted = isnan(ret->wanted) || ret->wanted < 0 ? 0 : floor(ret->wanted);
	return true;
}

static void
check_turns(struct check *c, int place, int repeat)
{
	struct turns t;
	if (count_turns(c, place, repeat, &t) && t.there != t.wanted)
		submission_say(c, t.one >= 0 ? t.one : place,
			"'%s' is there %.0f times, and the form wants it %.0f times",
			c->x->tree[repeat].name, t.there, t.wanted);
}

static void
check_places(struct check *c)
{
	struct submission *s = c->s;
	load_turn(c, 0);
	for (size_t i = 0; i < s->count; i++)
		check_relevance(c, (int)i);
	for (size_t i = 0; i < s->count; i++) {
		const struct place *p = &s->places[i];
		if (!p->relevant)
			continue;
		if (c->x->nodes[p->node].field >= 0)
			check_leaf(c, (int)i);
		for (int k = c->x->tree[p->node].first; k >= 0; k = c->x->tree[k].next)
			if (c->x->tree[k].repeat == k)
				check_turns(c, (int)i, k);
	}
}

/* Answers */

/* A turn with a leaf in it needs no line of its own. */
static bool
has_leaf(const struct check *c, int turn)
{
	const struct place *places = c->s->places;
	for (int i = places[turn].next_in_frame; i >= 0; i = places[i].next_in_frame)
		if (places[i].at && c->x->nodes[places[i].node].field >= 0)
			return true;
	return false;
}

static void
add_file(struct submission *s, const char *name)
{
	for (size_t i = 0; i < s->file_count; i++)
		if (strcmp(s->files[i], name) == 0)
			return;
	s->files = xrealloc(s->files, s->file_count + 1, sizeof(*s->files));
	s->files[s->file_count++] = xstrdup(name);
}

static void
add_answer(struct check *c, int place)
{
	struct submission *s = c->s;
	const struct place *p = &s->places[place];
	int field = c->x->nodes[p->node].field;
	bool turn = p->turn > 0;
	if (p->node == 0 || !p->at || (!turn && field < 0) || (turn && has_leaf(c, place)))
		return;
	s->answers[s->answer_count++] =
		(struct submission_answer){.path = submission_path(c, place),
			.value = p->value && !turn ? p->value : "",
			.field = turn ? -1 : field,
			.problem = p->problem,
			.relevant = p->relevant};
	if (!turn && is_filled(p) && c->form->fields[field].type == FORM_BINARY)
		add_file(s, p->value);
}

static int
next_place(const struct place *places, int at)
{
	if (places[at].first >= 0)
		return places[at].first;
	while (at >= 0 && places[at].next < 0)
		at = places[at].parent;
	return at >= 0 ? places[at].next : -1;
}

static void
collect_answers(struct check *c)
{
	struct submission *s = c->s;
	s->answers = xcalloc(s->count + 1, sizeof(*s->answers));
	for (int i = 0; i >= 0; i = next_place(s->places, i)) {
		const struct place *p = &s->places[i];
		bool audit = p->parent >= 0 && s->places[p->parent].node == c->x->meta &&
			     strcmp(c->x->tree[p->node].name, "audit") == 0;
		add_answer(c, i);
		if (audit && is_filled(p))
			add_file(s, p->value);
	}
}

static void
check_done(struct check *c)
{
	xpath_world_free(c->world);
	free(c->loaded);
}

static enum err
begin(struct check *c, const struct submission_context *context)
{
	struct submission *s = c->s;
	*c->report = (struct submission_report){0};
	if (!s->xml)
		return fail(E_FORMAT, "the submission is not held in full any more");
	if (!c->form->model || s->encrypted)
		return fail(E_FORMAT, s->encrypted
					      ? "the submission is encrypted"
					      : "the form has no XForm to hold it against");
	if (strcmp(s->id, c->form->id) != 0)
		return fail(E_FORMAT, "the submission is of another form");
	submission_forget(s);
	if (!s->plain)
		xpath_plain(s->xml);
	s->plain = true;
	make_world(c, context);
	c->loaded = xcalloc(c->x->count + 1, sizeof(*c->loaded));
	return submission_match(c);
}

enum err
submission_check(struct submission *s, const struct form *f,
	const struct submission_context *context, struct submission_report *ret)
{
	OWNED_BY(check_done) struct check c = {.s = s, .form = f, .x = f->model, .report = ret};
	enum err e = begin(&c, context);
	if (e != OK)
		return e;
	check_places(&c);
	collect_answers(&c);
	return OK;
}

/* Calculations */

struct values {
	struct submission_value *list;
	size_t count, room;
};

static void
add_value(struct values *v, char *path, char *value)
{
	if (v->count == v->room) {
		v->room = 2 * v->room + 16;
		v->list = xrealloc(v->list, v->room, sizeof(*v->list));
	}
	v->list[v->count++] = (struct submission_value){path, value};
}

static enum err
calculate(struct check *c, int place, struct values *ret)
{
	const struct xpath *rule = c->x->nodes[c->s->places[place].node].rule[XFORM_CALCULATE];
	OWNED_MEM char *text = NULL;
	if (!rule || xpath_is_vague(rule))
		return OK;
	load(c, place);
	enum err e = xpath_text(c->world, rule, &text);
	if (e)
		return fail_in(e, "%s", submission_path(c, place));
	if (*text)
		add_value(ret, xstrdup(submission_path(c, place)), take(text));
	return OK;
}

/* How many turns the form wants of each repeat right below a place. */
static void
calculate_turns(struct check *c, int place, struct values *ret)
{
	const char *above = place ? submission_path(c, place) : "";
	int node = c->s->places[place].node;
	struct turns t;
	for (int k = c->x->tree[node].first; k >= 0; k = c->x->tree[k].next)
		if (c->x->tree[k].repeat == k && count_turns(c, place, k, &t))
			add_value(ret,
				xasprintf(
					"%s%s%s", above, *above ? "/" : "", c->x->tree[k].name),
				xasprintf("%.0f", t.wanted));
}

enum err
submission_calculate(struct submission *s, const struct form *f,
	const struct submission_context *context, struct submission_value **ret,
	size_t *ret_count)
{
	struct submission_report report;
	OWNED_BY(check_done)
	struct check c = {.s = s, .form = f, .x = f->model, .report = &report};
	struct values v = {0};
	*ret = NULL;
	*ret_count = 0;
	enum err e = begin(&c, context);
	if (!e)
		load_turn(&c, 0);
	for (size_t i = 0; !e && i < s->count; i++)
		check_relevance(&c, (int)i);
	for (size_t i = 0; !e && i < s->count; i++) {
		if (!s->places[i].relevant)
			continue;
		e = calculate(&c, (int)i, &v);
		calculate_turns(&c, (int)i, &v);
	}
	submission_report_done(&report);
	if (e) {
		submission_values_done(v.list, v.count);
		return e;
	}
	*ret = v.list;
	*ret_count = v.count;
	return OK;
}

void
submission_values_done(struct submission_value *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(values[i].path);
		free(values[i].value);
	}
	free(values);
}
