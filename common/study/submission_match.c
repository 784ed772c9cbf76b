#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/submission_inside.h"

/* Children of one place while they are found. */
struct family {
	int place;
	int last;  /* the child added before, or -1 */
	int *seen; /* by node: the last place of it here, 0 none */
};

static int
add_place(struct submission *s, struct family *f, int node, const struct xml_node *at)
{
	int i = (int)s->count;
	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : 512;
		s->places = xrealloc(s->places, s->room, sizeof(*s->places));
	}
	s->count++;
	s->places[i] = (struct place){.node = node,
		.parent = f ? f->place : -1,
		.first = -1,
		.next = -1,
		.next_in_frame = -1,
		.at = at,
		.relevant = true};
	if (f && f->last < 0)
		s->places[f->place].first = i;
	else if (f)
		s->places[f->last].next = i;
	if (f) {
		f->last = i;
		f->seen[node] = i;
	}
	return i;
}

/* The turn that a place belongs to, and its list there. A turn heads its own list. */
static void
join_frame(struct submission *s, const struct xform *x, int i)
{
	struct place *p = &s->places[i];
	bool turn = x->tree[p->node].repeat == p->node;
	p->frame = turn ? i : s->places[p->parent].frame;
	if (turn)
		return;
	struct place *head = &s->places[p->frame];
	p->next_in_frame = head->next_in_frame;
	head->next_in_frame = i;
}

/* Clients keep the order of the form: the child wanted is nearly always the next one. */
static int
child_after(const struct xform *x, int parent, int hint, const char *name)
{
	int from = hint >= 0 ? hint : x->tree[parent].first;
	for (int i = from; i >= 0; i = x->tree[i].next)
		if (!x->tree[i].attribute && strcmp(x->tree[i].name, name) == 0)
			return i;
	for (int i = x->tree[parent].first; i >= 0 && i != from; i = x->tree[i].next)
		if (!x->tree[i].attribute && strcmp(x->tree[i].name, name) == 0)
			return i;
	return -1;
}

static bool
is_below_meta(const struct xform *x, int node)
{
	while (node > 0 && node != x->meta)
		node = x->tree[node].parent;
	return node > 0;
}

static void
add_child(struct check *c, struct family *f, const struct xml_node *at, int node)
{
	struct submission *s = c->s;
	bool repeat = c->x->tree[node].repeat == node;
	int before = f->seen[node];
	if (before && !repeat) {
		submission_say(c, before, "stands there twice");
		return;
	}
	int i = add_place(s, f, node, at);
	s->places[i].turn = !repeat ? 0 : before ? s->places[before].turn + 1 : 1;
	join_frame(s, c->x, i);
}

/* gives false when so much is wrong that looking on is no use. */
static bool
match_children(struct check *c, struct family *f)
{
	int parent = c->s->places[f->place].node, hint = -1;
	const struct xml_node *at = c->s->places[f->place].at;
	for (const struct xml_node *n = at ? xml_child(at) : NULL; n; n = xml_next(n)) {
		int node = child_after(c->x, parent, hint, xml_name(n));
		if (node >= 0) {
			add_child(c, f, n, node);
			hint = node;
		} else if (!is_below_meta(c->x, parent))
			submission_say(c, f->place,
				"has a node '%.63s' that the form does not have", xml_name(n));
		if (c->report->more || c->s->count > SUBMISSION_MAX_PLACES)
			return false;
	}
	return true;
}

static void
add_missing(struct check *c, struct family *f)
{
	int parent = c->s->places[f->place].node;
	for (int i = c->x->tree[parent].first; i >= 0; i = c->x->tree[i].next) {
		if (!f->seen[i] && c->x->tree[i].repeat != i && !c->x->tree[i].attribute)
			join_frame(c->s, c->x, add_place(c->s, f, i, NULL));
		f->seen[i] = 0;
	}
}

enum err
submission_match(struct check *c)
{
	struct submission *s = c->s;
	OWNED_MEM int *seen = xcalloc(c->x->count + 1, sizeof(*seen));
	(void)add_place(s, NULL, 0, xml_root(s->xml));
	for (size_t i = 0; i < s->count; i++) {
		struct family f = {.place = (int)i, .last = -1, .seen = seen};
		bool leaf = c->x->tree[s->places[i].node].first < 0;
		if (leaf && s->places[i].at)
			s->places[i].value = xml_text(s->places[i].at);
		if (!match_children(c, &f))
			return fail(E_FULL,
				"the submission has more faults or nodes than can be "
				"named");
		add_missing(c, &f);
	}
	return OK;
}
