#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/xlsform_inside.h"

#define MAX_OPEN      64
#define MAX_OUT_BYTES ((size_t)1 << 20)

/* An expression while ${name} is replaced: what is open around the place that is read. */
struct scan {
	struct xf *x;
	struct xf_at at;
	const char *p;
	struct buf out;
	char quote;        /* inside a literal: its quote */
	bool bent;         /* it began with a bent one */
	unsigned brackets; /* how many [ are open */
	struct {
		bool indexed; /* the arguments of indexed-repeat() */
		unsigned argument;
	} open[MAX_OPEN];
	size_t depth;
	bool bad;
};

/* ---- names ---- */

int
xf_named(struct xf *x, const char *name, struct fault_place place)
{
	int found = XF_NOWHERE;
	for (size_t i = 0; i < x->node_count; i++) {
		if (strcmp(x->nodes[i].name, name) != 0)
			continue;
		if (found >= 0) {
			faults_add(x->faults, place,
				"${%.60s} could be two questions: give them two names", name);
			return XF_NOWHERE;
		}
		found = (int)i;
	}
	if (found < 0)
		faults_add(x->faults, place, "there is no question '%.60s'", name);
	return found;
}

void
xf_source(struct xf *x, const char *id, const char *src, struct fault_place place)
{
	if (xf_list(x, id)) {
		faults_add(x->faults, place,
			"'%s' is a list of the choices sheet already: rename one of them", id);
		return;
	}
	for (size_t i = 0; i < x->source_count; i++) {
		if (strcmp(x->sources[i].id, id) != 0)
			continue;
		if (strcmp(x->sources[i].src, src) != 0)
			faults_add(x->faults, place,
				"'%s' is the name of two different files here", id);
		return;
	}
	x->sources = xrealloc(x->sources, x->source_count + 1, sizeof(*x->sources));
	x->sources[x->source_count++] = (struct xf_source){xstrdup(id), xstrdup(src)};
}

/* ---- paths ---- */

static bool
holds(const struct xf *x, int group, int node)
{
	return group < 0 || (node > group && (size_t)node < x->nodes[group].end);
}

/* The innermost group that holds both; XF_NOWHERE: only the root does. */
static int
common_group(const struct xf *x, int a, int b)
{
	int group = x->nodes[a].parent;
	while (group >= 0 && !holds(x, group, b))
		group = x->nodes[group].parent;
	return group;
}

/* Inside one repeat a path has to lead from node to node, or it would mean every instance of
 * it; anywhere else the whole path is plainer. */
static char *
relative(const struct xf *x, int from, int to)
{
	int group = common_group(x, from, to);
	if (xf_repeat_of(x, group) < 0)
		return NULL;
	struct buf path;
	buf_init(&path, MAX_OUT_BYTES);
	size_t up = x->nodes[from].level - x->nodes[group].level;
	for (size_t i = 0; i < up; i++)
		xml_put_raw(&path, i ? "/.." : "..");
	buf_format(&path, "%s", x->nodes[to].path + strlen(x->nodes[group].path));
	size_t len;
	return (char *)buf_take(&path, &len);
}

static char *
path_to(const struct xf *x, int node, struct xf_at at, bool absolute)
{
	if (at.choices > 0 && holds(x, at.choices - 1, node))
		return xasprintf(
			".%s", x->nodes[node].path + strlen(x->nodes[at.choices - 1].path));
	OWNED_MEM char *path = at.node < 0 || absolute ? NULL : relative(x, at.node, node);
	if (path)
		return at.predicate ? xasprintf("current()/%s", path) : take(path);
	return xf_absolute(x, x->nodes[node].path);
}

char *
xf_answers(const struct xf *x, int from, int question)
{
	int repeat = xf_repeat_of(x, common_group(x, from, question));
	const char *path = x->nodes[x->nodes[question].parent].path;
	if (repeat < 0)
		return xf_absolute(x, path);
	/* From inside the repeat all its instances are seen from above it. */
	struct buf made;
	buf_init(&made, MAX_OUT_BYTES);
	size_t up = x->nodes[from].level - x->nodes[repeat].level + 1;
	for (size_t i = 0; i < up; i++)
		xml_put_raw(&made, "../");
	int above = x->nodes[repeat].parent;
	xml_put_raw(&made, above < 0 ? path : path + strlen(x->nodes[above].path) + 1);
	size_t len;
	return (char *)buf_take(&made, &len);
}

char *
xf_path(struct xf *x, int from, int to)
{
	return path_to(x, to, (struct xf_at){.node = from}, false);
}

char *
xf_reference(struct xf *x, const char *name, struct xf_at at)
{
	static const char saved[] = "last-saved#";
	bool is_saved = strncmp(name, saved, sizeof(saved) - 1) == 0;
	int node = xf_named(x, is_saved ? name + sizeof(saved) - 1 : name, at.place);
	if (node < 0)
		return NULL;
	if (!is_saved)
		return path_to(x, node, at, false);
	x->last_saved = true;
	OWNED_MEM char *path = xf_absolute(x, x->nodes[node].path);
	return xasprintf("instance('__last-saved')%s", path);
}

/* ---- one expression ---- */

static void
wrong(struct scan *s, const char *says)
{
	if (!s->bad)
		faults_add(s->x->faults, s->at.place, "%s", says);
	s->bad = true;
}

/* Arguments of indexed-repeat(what, repeat, n, repeat, n, ...) that name nodes and not numbers
 * are whole paths. */
static bool
wants_whole_path(const struct scan *s)
{
	if (s->depth == 0 || !s->open[s->depth - 1].indexed)
		return false;
	unsigned argument = s->open[s->depth - 1].argument;
	return argument == 0 || argument % 2 == 1;
}

/* The byte that stands `back` bytes before the last one; a blank where none is. */
static char
byte_before(const struct scan *s, size_t back)
{
	if (s->out.len <= back)
		return ' ';
	return (char)s->out.at[s->out.len - 1 - back];
}

/* A blank keeps the path apart from a '-' or word beside it; in a literal it would be a part of
 * it. */
static void
put_path(struct scan *s, const char *path)
{
	static const char apart[] = " \t\n()[],=<>+*|/";
	if (!s->quote && !strchr(apart, byte_before(s, 0)))
		buf_u8(&s->out, ' ');
	xml_put_raw(&s->out, path);
	if (!s->quote && !strchr(apart, *s->p))
		buf_u8(&s->out, ' ');
}

/* Is the path of a name all that stands in date()? The date() of ODK Web Forms takes a text or
 * a number, and ends the whole form over a path; for the others string() changes nothing. */
static bool
stands_in_date(const struct scan *s)
{
	static const char word[] = "date(", inside[] = "-_.:";
	size_t len = sizeof(word) - 1;
	if (s->quote || *s->p != ')' || s->out.len < len ||
		memcmp(s->out.at + s->out.len - len, word, len) != 0)
		return false;
	char before = byte_before(s, len);
	return !isalnum((unsigned char)before) && !strchr(inside, before);
}

static void
put_name(struct scan *s, const char *name)
{
	struct xf_at at = s->at;
	at.predicate = at.predicate || s->brackets > 0;
	OWNED_MEM char *path = NULL;
	if (wants_whole_path(s)) {
		int node = xf_named(s->x, name, at.place);
		path = node < 0 ? NULL : path_to(s->x, node, at, true);
	} else {
		path = xf_reference(s->x, name, at);
	}
	if (!path) {
		s->bad = true;
		return;
	}
	OWNED_MEM char *text = stands_in_date(s) ? xasprintf("string(%s)", path) : NULL;
	put_path(s, text ? text : path);
}

static void
read_name(struct scan *s)
{
	const char *from = s->p + 2 + strspn(s->p + 2, " ");
	size_t len = strcspn(from, "}");
	if (from[len] != '}') {
		wrong(s, "a ${ is not closed");
		s->p += strlen(s->p);
		return;
	}
	s->p = from + len + 1;
	while (len > 0 && from[len - 1] == ' ')
		len--;
	OWNED_MEM char *name = xmemdup(from, len);
	put_name(s, name);
}

static bool
ends_with(const struct buf *b, const char *word)
{
	size_t len = strlen(word), end = b->len;
	while (end > 0 && b->at[end - 1] == ' ')
		end--;
	return end >= len && memcmp(b->at + end - len, word, len) == 0;
}

/* instance('NAME') looks into a list, pulldata('NAME', ...) into NAME.csv. */
static void
note_list(struct scan *s, bool file)
{
	const char *p = s->p + 1 + strspn(s->p + 1, " ");
	const char quote[] = {*p, '\0'};
	if (*p != '\'' && *p != '"')
		return;
	OWNED_MEM char *id = xmemdup(p + 1, strcspn(p + 1, quote));
	OWNED_MEM char *src = xasprintf("jr://file-csv/%s.csv", id);
	if (!file)
		xf_use_list(s->x, id);
	else if (xf_is_name(id))
		xf_source(s->x, id, src, s->at.place);
}

static void
open_bracket(struct scan *s)
{
	if (s->depth == MAX_OPEN) {
		wrong(s, "more than 64 brackets inside one another");
		return;
	}
	s->open[s->depth].indexed = ends_with(&s->out, "indexed-repeat");
	s->open[s->depth++].argument = 0;
	if (ends_with(&s->out, "pulldata") || ends_with(&s->out, "instance"))
		note_list(s, ends_with(&s->out, "pulldata"));
}

static void
close_bracket(struct scan *s)
{
	if (s->depth == 0)
		wrong(s, "a ')' has no '(' before it");
	else
		s->depth--;
}

/* Word processors bend quotes; both ways they mean the straight ones here. Bytes of the bent
 * one, 0 for anything else. */
static size_t
bent_quote(const char *p, char *ret)
{
	static const struct {
		const char *bytes;
		char quote;
	} bent[] = {{"\xe2\x80\x98", '\''}, {"\xe2\x80\x99", '\''}, {"\xe2\x80\x9c", '"'},
		{"\xe2\x80\x9d", '"'}};
	for (size_t i = 0; i < ARRAY_LEN(bent); i++)
		if (strncmp(p, bent[i].bytes, 3) == 0) {
			*ret = bent[i].quote;
			return 3;
		}
	return 0;
}

static void
read_sign(struct scan *s, char c)
{
	if (s->quote) {
		if (c == s->quote)
			s->quote = 0;
	} else if (c == '\'' || c == '"') {
		s->quote = c;
	} else if (c == '(') {
		open_bracket(s);
	} else if (c == ')') {
		close_bracket(s);
	} else if (c == '[') {
		s->brackets++;
	} else if (c == ']') {
		if (s->brackets == 0)
			wrong(s, "a ']' has no '[' before it");
		else
			s->brackets--;
	} else if (c == ',' && s->depth > 0) {
		s->open[s->depth - 1].argument++;
	}
	buf_add(&s->out, &c, 1);
}

static void
read_all(struct scan *s)
{
	while (*s->p && !s->bad) {
		char c = *s->p;
		if (strncmp(s->p, "${", 2) == 0) {
			read_name(s);
			continue;
		}
		/* Inside a literal of straight quotes a bent one is a letter. */
		size_t bytes = s->quote && !s->bent ? 0 : bent_quote(s->p, &c);
		if (!s->quote)
			s->bent = bytes > 0;
		read_sign(s, c);
		s->p += bytes ? bytes : 1;
	}
	if (s->quote)
		wrong(s, "a quote is not closed");
	if (s->depth)
		wrong(s, "a '(' is not closed");
	if (s->brackets)
		wrong(s, "a '[' is not closed");
}

char *
xf_expression(struct xf *x, const char *text, struct xf_at at)
{
	struct scan s = {.x = x, .at = at, .p = text};
	buf_init(&s.out, MAX_OUT_BYTES);
	read_all(&s);
	if (s.out.broken)
		wrong(&s, "this expression is too long");
	if (s.bad)
		buf_reset(&s.out);
	size_t len;
	OWNED_MEM char *made = (char *)buf_take(&s.out, &len);
	size_t blanks = strspn(made, " ");
	while (len > blanks && made[len - 1] == ' ')
		made[--len] = '\0';
	return xstrdup(made + blanks);
}

bool
xf_is_dynamic(const char *text)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyz0123456789-:";
	if (strstr(text, "${"))
		return true;
	size_t len = strspn(text, name);
	/* today(), uuid(), concat('a', 'b'): a function from the first letter to the last
	 * ')'. */
	return len > 0 && text[len] == '(' && text[strlen(text) - 1] == ')';
}
