#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/mem.h"
#include "common/study/xlsform_inside.h"

static const char *const column_names[XF_COLUMN_COUNT] = {"type", "name", "appearance",
	"calculation", "choice_filter", "constraint", "repeat_count", "default", "disabled",
	"parameters", "read_only", "relevant", "required", "save_to", "trigger", "autoplay",
	"rows"};

/* The survey sheet while it is read: the groups that are open. */
struct reader {
	struct xf *x;
	size_t row;
	int open[XF_MAX_DEPTH];
	size_t depth;
	size_t deeper; /* groups that were refused and are open */
};

static const char *
cell(const struct reader *r, enum xf_column column)
{
	return sheet_cell(r->x->book->survey, r->row, r->x->at[column]);
}

static struct fault_place
place_at(const struct xf *x, size_t row, enum xf_column column)
{
	const struct sheet *s = x->book->survey;
	const char *name = x->at[column] >= 0 ? sheet_column_name(s, (size_t)x->at[column])
					      : column_names[column];
	return (struct fault_place){sheet_name(s), sheet_row_number(s, row), name};
}

static struct fault_place
here(const struct reader *r, enum xf_column column)
{
	return place_at(r->x, r->row, column);
}

struct fault_place
xf_place(const struct xf *x, const struct xf_node *n, enum xf_column column)
{
	return place_at(x, n->row, column);
}

const char *
xf_cell(const struct xf *x, const struct xf_node *n, enum xf_column column)
{
	if (n->made)
		return n->made_column == column ? n->made_text : "";
	return sheet_cell(x->book->survey, n->row, x->at[column]);
}

int
xf_yes(const char *text)
{
	static const char *const yes[] = {"yes", "true", "true()", "1"};
	static const char *const no[] = {"", "no", "false", "false()", "0"};
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (strcasecmp(text, yes[i]) == 0)
			return 1;
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (strcasecmp(text, no[i]) == 0)
			return 0;
	return -1;
}

/* A name as XML 1.0 has it, with letters beyond ASCII left to the reader of the document. */
bool
xf_is_name(const char *text)
{
	static const char more[] = "0123456789-.:";
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	if (!*text || strlen(text) > XF_MAX_NAME_BYTES)
		return false;
	for (const char *p = text; *p; p++)
		if (!strchr(letters, *p) && !((unsigned char)*p & 0x80) &&
			(p == text || !strchr(more, *p)))
			return false;
	return true;
}

char *
xf_absolute(const struct xf *x, const char *path)
{
	return xasprintf("/%s/%s", x->settings.root, path);
}

int
xf_repeat_of(const struct xf *x, int node)
{
	while (node >= 0 && x->nodes[node].kind != XF_REPEAT)
		node = x->nodes[node].parent;
	return node;
}

/* ---- nodes ---- */

static bool
is_taken(const struct xf *x, const struct xf_node *n)
{
	size_t first = n->parent < 0 ? 0 : (size_t)n->parent + 1;
	for (size_t i = first; i < x->node_count; i++)
		if (x->nodes[i].parent == n->parent && strcmp(x->nodes[i].name, n->name) == 0)
			return true;
	return n->parent < 0 && strcmp(n->name, "meta") == 0;
}

static void
node_done(struct xf_node *n)
{
	free(n->name);
	free(n->path);
	free(n->file);
	free(n->made_text);
}

int
xf_add_node(struct xf *x, struct xf_node n)
{
	struct fault_place place = place_at(x, n.row, XF_NAME);
	bool full = x->node_count == XF_MAX_NODES;
	if (full)
		faults_add(x->faults, place, "more than %d questions", XF_MAX_NODES);
	else if (is_taken(x, &n))
		faults_add(x->faults, place, "the name '%s' stands twice in one group", n.name);
	if (full) {
		node_done(&n);
		return XF_NOWHERE;
	}
	const struct xf_node *parent = n.parent < 0 ? NULL : &x->nodes[n.parent];
	n.path = parent ? xasprintf("%s/%s", parent->path, n.name) : xstrdup(n.name);
	n.level = parent ? parent->level + 1 : 1;
	n.end = x->node_count + 1;
	if (!x->nodes || x->node_count % 64 == 0)
		x->nodes = xrealloc(x->nodes, x->node_count + 64, sizeof(*x->nodes));
	x->nodes[x->node_count] = n;
	return (int)x->node_count++;
}

/* gives the name of the row; one is made up where nobody would look for it. */
static char *
name_of(const struct reader *r, bool may_lack)
{
	const char *name = cell(r, XF_NAME);
	size_t number = sheet_row_number(r->x->book->survey, r->row);
	if (!*name && may_lack && !r->x->book->study)
		return xasprintf("unnamed_row_%zu", number);
	if (xf_is_name(name) && !strchr(name, ':'))
		return xstrdup(name);
	faults_add(r->x->faults, here(r, XF_NAME),
		*name ? "a name is letters, digits, '_', '-', '.', a letter or '_' first"
		      : "the row has no name");
	return xasprintf("unnamed_row_%zu", number);
}

static struct xf_node
fresh(const struct reader *r, enum xf_kind kind)
{
	return (struct xf_node){
		.kind = kind,
		.parent = r->depth ? r->open[r->depth - 1] : XF_NOWHERE,
		.row = r->row,
		.list = XF_NOWHERE,
		.from = XF_NOWHERE,
		.counter = XF_NOWHERE,
	};
}

/* ---- groups and repeats ---- */

/* Is the text one ${name} and nothing else? */
static bool
is_name_alone(const char *text)
{
	return strncmp(text, "${", 2) == 0 && text[strcspn(text, "}")] == '}' &&
	       text[strcspn(text, "}") + 1] == '\0';
}

/* How often a repeat is filled in: a question says it, or an expression in a node of its own
 * before the repeat. */
static int
add_counter(struct reader *r, const char *name)
{
	const char *text = cell(r, XF_COUNT);
	if (!*text || is_name_alone(text))
		return XF_NOWHERE;
	struct xf_node n = fresh(r, XF_QUESTION);
	n.type = xf_type_calculate();
	n.name = xasprintf("%s_count", name);
	n.made = true;
	n.made_column = XF_CALCULATION;
	n.made_text = xstrdup(text);
	return xf_add_node(r->x, n);
}

static void
find_counter(struct xf *x, struct xf_node *n)
{
	const char *text = xf_cell(x, n, XF_COUNT);
	if (n->kind != XF_REPEAT || !is_name_alone(text))
		return;
	const char *from = text + 2 + strspn(text + 2, " ");
	OWNED_MEM char *name = xmemdup(from, strcspn(from, " }"));
	n->counter = xf_named(x, name, xf_place(x, n, XF_COUNT));
}

static void
begin(struct reader *r, enum xf_kind kind)
{
	struct xf *x = r->x;
	if (kind == XF_GROUP && *cell(r, XF_COUNT))
		faults_add(x->faults, here(r, XF_COUNT), "only a repeat has a repeat_count");
	if (r->depth == XF_MAX_DEPTH) {
		faults_add(x->faults, here(r, XF_TYPE),
			"more than %d groups inside one another", XF_MAX_DEPTH);
		r->deeper++;
		return;
	}
	char *name = name_of(r, true);
	int counter = kind == XF_REPEAT ? add_counter(r, name) : XF_NOWHERE;
	struct xf_node n = fresh(r, kind);
	n.name = name;
	n.counter = counter;
	int i = xf_add_node(x, n);
	if (i >= 0)
		r->open[r->depth++] = i;
	else
		r->deeper++;
}

static void
end(struct reader *r, enum xf_kind kind)
{
	const char *what = kind == XF_REPEAT ? "repeat" : "group";
	struct xf *x = r->x;
	if (r->deeper > 0) {
		r->deeper--;
		return;
	}
	if (r->depth == 0) {
		faults_add(x->faults, here(r, XF_TYPE), "no %s is open here", what);
		return;
	}
	struct xf_node *n = &x->nodes[r->open[--r->depth]];
	if (n->kind != kind)
		faults_add(x->faults, here(r, XF_TYPE),
			"the %s '%s' of row %zu is open here, not a %s",
			n->kind == XF_REPEAT ? "repeat" : "group", n->name,
			sheet_row_number(x->book->survey, n->row), what);
	n->end = x->node_count;
}

static void
end_all(struct reader *r)
{
	while (r->depth > 0) {
		struct xf_node *n = &r->x->nodes[r->open[--r->depth]];
		faults_add(r->x->faults, xf_place(r->x, n, XF_TYPE),
			"the %s '%s' is never closed",
			n->kind == XF_REPEAT ? "repeat" : "group", n->name);
		n->end = r->x->node_count;
	}
}

/* ---- choices of a question ---- */

static const struct {
	const char *ending;
	const char *folder;
} files[] = {{".csv", "file-csv"}, {".xml", "file"}, {".geojson", "file"}};

static void
read_file_choices(struct reader *r, struct xf_node *n, const char *file)
{
	size_t len = strcspn(file, " ");
	OWNED_MEM char *name = xmemdup(file, len);
	const char *dot = strrchr(name, '.');
	for (size_t i = 0; dot && i < ARRAY_LEN(files); i++) {
		if (strcmp(dot, files[i].ending) != 0)
			continue;
		OWNED_MEM char *id = xmemdup(name, (size_t)(dot - name));
		OWNED_MEM char *src = xasprintf("jr://%s/%s", files[i].folder, name);
		if (!xf_is_name(id) || strchr(id, ':'))
			break;
		xf_source(r->x, id, src, here(r, XF_TYPE));
		n->file = take(name);
		return;
	}
	faults_add(r->x->faults, here(r, XF_TYPE),
		"a file of choices is NAME.csv, NAME.xml or NAME.geojson, NAME of letters, "
		"digits, '_', '-'");
}

static void
read_list(struct reader *r, struct xf_node *n, const char *rest, bool *ret_other)
{
	size_t len = strcspn(rest, " ");
	OWNED_MEM char *name = xmemdup(rest, len);
	const char *more = rest + len + strspn(rest + len, " ");
	*ret_other = xf_same_word(more, "or other") || xf_same_word(more, "or specify other");
	if (*more && !*ret_other)
		faults_add(r->x->faults, here(r, XF_TYPE),
			"only or_other can stand behind the name of the list");
	struct xf_list *l = xf_list(r->x, name);
	if (l)
		n->list = (int)(l - r->x->lists);
	else if (len)
		faults_add(r->x->faults, here(r, XF_TYPE), "there is no choice list '%.60s'",
			name);
	else
		faults_add(r->x->faults, here(r, XF_TYPE),
			"the name of a choice list has to stand behind '%s'", n->type->word);
	xf_use_list(r->x, name);
	if (l && *ret_other)
		l->other = true;
	if (*ret_other && *cell(r, XF_CHOICE_FILTER))
		faults_add(r->x->faults, here(r, XF_CHOICE_FILTER),
			"or_other cannot be used with a choice filter");
}

/* The text question that or_other puts behind its own. */
static void
add_other(struct reader *r, const char *name)
{
	struct xf_node n = fresh(r, XF_QUESTION);
	n.type = xf_type_text();
	n.name = xasprintf("%s_other", name);
	n.made = true;
	n.made_column = XF_RELEVANT;
	n.made_text = xasprintf("selected(../%s, 'other')", name);
	(void)xf_add_node(r->x, n);
}

/* ---- questions ---- */

static void
read_outside(struct reader *r, const struct xf_type *type)
{
	bool csv = strcmp(type->word, "csv-external") == 0;
	OWNED_MEM char *id = name_of(r, false);
	OWNED_MEM char *src =
		xasprintf("jr://%s/%s.%s", csv ? "file-csv" : "file", id, csv ? "csv" : "xml");
	xf_source(r->x, id, src, here(r, XF_NAME));
}

/* The choices of a question: a list, a file, or the answers to another question. */
static void
read_choices_of(struct reader *r, struct xf_node *n, struct xf_said said, bool *ret_other)
{
	if (said.from_file)
		read_file_choices(r, n, said.rest);
	else if (strncmp(said.rest, "${", 2) == 0)
		n->file = xstrdup(said.rest); /* looked up when all questions are there */
	else
		read_list(r, n, said.rest, ret_other);
}

static void
read_question(struct reader *r, struct xf_said said)
{
	bool other = false;
	struct xf_node n = fresh(r, XF_QUESTION);
	n.type = said.type;
	n.name = name_of(r, strcmp(said.type->word, "note") == 0);
	if (said.type->control == XF_SELECT_ONE || said.type->control == XF_SELECT_MANY ||
		said.type->control == XF_RANK)
		read_choices_of(r, &n, said, &other);
	OWNED_MEM char *name = xstrdup(n.name);
	(void)xf_add_node(r->x, n);
	if (other)
		add_other(r, name);
}

static void
read_audit(struct reader *r)
{
	r->x->audit = true;
	r->x->audit_row = r->row;
	const char *name = cell(r, XF_NAME);
	if (*name && strcmp(name, "audit") != 0)
		faults_add(r->x->faults, here(r, XF_NAME), "an audit has the name 'audit'");
}

static void
read_typed(struct reader *r, struct xf_said said)
{
	if (said.type->control == XF_OUTSIDE)
		read_outside(r, said.type);
	else if (strcmp(said.type->word, "audit") == 0)
		read_audit(r);
	else
		read_question(r, said);
}

static void
read_row(struct reader *r)
{
	const char *type = cell(r, XF_TYPE);
	int disabled = xf_yes(cell(r, XF_DISABLED));
	if (disabled < 0)
		faults_add(r->x->faults, here(r, XF_DISABLED), "yes or no is wanted here");
	if (disabled == 1)
		return;
	struct xf_said said = xf_type_said(type);
	if (!*type) {
		/* Remarks beside the form; a name or label alone is a forgotten type. */
		if (*cell(r, XF_NAME))
			faults_add(r->x->faults, here(r, XF_TYPE), "the row has no type");
		return;
	}
	if (said.reason)
		faults_add(r->x->faults, here(r, XF_TYPE), "%s", said.reason);
	else if (said.kind == XF_ROW_BEGIN_GROUP || said.kind == XF_ROW_BEGIN_REPEAT)
		begin(r, said.kind == XF_ROW_BEGIN_GROUP ? XF_GROUP : XF_REPEAT);
	else if (said.kind == XF_ROW_END_GROUP || said.kind == XF_ROW_END_REPEAT)
		end(r, said.kind == XF_ROW_END_GROUP ? XF_GROUP : XF_REPEAT);
	else if (said.type)
		read_typed(r, said);
	else
		faults_add(r->x->faults, here(r, XF_TYPE), "there is no type '%.60s'", type);
}

/* select_one ${name}: choices are the answers to a question of a repeat. */
static void
find_answers(struct xf *x, struct xf_node *n)
{
	if (!n->file || strncmp(n->file, "${", 2) != 0)
		return;
	OWNED_MEM char *text = take(n->file);
	size_t len = strcspn(text, "}");
	OWNED_MEM char *name = xmemdup(text + 2, len - 2);
	struct fault_place place = xf_place(x, n, XF_TYPE);
	if (text[len] != '}' || text[len + 1] != '\0') {
		faults_add(x->faults, place, "behind '%s' stands a list, a file or one ${name}",
			n->type->word);
		return;
	}
	n->from = xf_named(x, name, place);
	if (n->from >= 0 && xf_repeat_of(x, x->nodes[n->from].parent) < 0) {
		faults_add(x->faults, place,
			"'%s' is in no repeat: its one answer is no list of choices", name);
		n->from = XF_NOWHERE;
	}
}

void
xf_read_survey(struct xf *x)
{
	struct reader r = {.x = x};
	size_t rows = sheet_rows(x->book->survey);
	for (r.row = 0; r.row < rows; r.row++)
		read_row(&r);
	end_all(&r);
	for (size_t i = 0; i < x->node_count; i++) {
		find_answers(x, &x->nodes[i]);
		find_counter(x, &x->nodes[i]);
	}
	if (x->node_count == 0)
		faults_add(x->faults,
			(struct fault_place){sheet_name(x->book->survey), 0, NULL},
			"the form asks nothing");
}
