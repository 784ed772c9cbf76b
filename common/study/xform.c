#include "common/study/xform.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/xform_reader.h"

#define WORDS_BYTES 512

const char *const xform_rule_names[XFORM_RULES] = {
	[XFORM_RELEVANT] = "relevant",
	[XFORM_CONSTRAINT] = "constraint",
	[XFORM_REQUIRED] = "required",
	[XFORM_CALCULATE] = "calculate",
	[XFORM_READONLY] = "readonly",
	[XFORM_COUNT] = "count",
	[XFORM_ITEMSET] = "itemset",
};

static struct fault_place
place_of(const struct xform_reader *r, int node, const char *what, size_t line)
{
	const struct xform_source *s = r->source;
	struct fault_place at = {s->name, line, NULL};
	if (node >= 0 && s->place)
		(void)s->place(s->context, r->x->nodes[node].path, what, &at);
	return at;
}

/* gives "'about/age': ..." where only the line is known. */
static char *
said(const struct xform_reader *r, int node, bool placed, const char *words)
{
	const char *path = node > 0 && !placed ? r->x->nodes[node].path : NULL;
	return path ? xasprintf("'%s': %s", path, words) : xstrdup(words);
}

void
xform_fault(struct xform_reader *r, int node, const char *what, size_t line, const char *format,
	...)
{
	char words[WORDS_BYTES];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	struct fault_place at = place_of(r, node, what, line);
	OWNED_MEM char *all = said(r, node, at.column != NULL, words);
	faults_add(r->faults, at, "%s", all);
}

void
xform_warn(struct xform_reader *r, int node, const char *what, size_t line, const char *format,
	...)
{
	char words[WORDS_BYTES];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	struct fault_place at = place_of(r, node, what, line);
	OWNED_MEM char *all = said(r, node, at.column != NULL, words);
	faults_warn(r->faults, at, "%s", all);
}

int
xform_child(const struct xform *x, int node, const char *name)
{
	for (int i = x->tree[node].first; i >= 0; i = x->tree[i].next)
		if (!x->tree[i].attribute && strcmp(x->tree[i].name, name) == 0)
			return i;
	return -1;
}

static int
child_named(const struct xform *x, int node, struct view name, bool attribute)
{
	for (int i = x->tree[node].first; i >= 0; i = x->tree[i].next)
		if (x->tree[i].attribute == attribute &&
			view_same(view_text(x->tree[i].name), name))
			return i;
	return -1;
}

/* One step of a path, its prefix dropped; -1 if it leads nowhere. */
static int
one_step(const struct xform *x, int node, struct view step, bool first)
{
	bool attribute = step.len && *step.at == '@';
	if (attribute)
		step = view_of(step.at + 1, step.len - 1);
	const uint8_t *colon = step.len ? memchr(step.at, ':', step.len) : NULL;
	if (colon)
		step = view_of(colon + 1, step.len - (size_t)(colon + 1 - step.at));
	if (view_same(step, view_text(".")))
		return node;
	if (view_same(step, view_text("..")))
		return x->tree[node].parent;
	if (first)
		return view_same(step, view_text(x->tree[0].name)) ? 0 : -1;
	return child_named(x, node, step, attribute);
}

int
xform_resolve(const struct xform *x, const char *path, int from)
{
	static const char blanks[] = " \t\r\n";
	const char *at = path + strspn(path, blanks);
	bool first = *at == '/';
	int node = first ? 0 : from;
	if (!*at)
		return -1;
	while (*at && node >= 0) {
		at += *at == '/';
		size_t len = strcspn(at, "/ \t\r\n");
		if (len == 0)
			return -1;
		node = one_step(x, node, view_of(at, len), first);
		first = false;
		at += len;
		at += strspn(at, blanks);
		if (*at && *at != '/')
			return -1;
	}
	return node;
}

const char *
xform_file_of(const char *address)
{
	const char *slash = strrchr(address, '/');
	return slash ? slash + 1 : address;
}

void
xform_name_file(struct xform *x, const char *name)
{
	for (size_t i = 0; i < x->file_count; i++)
		if (strcmp(x->files[i], name) == 0)
			return;
	x->files = xrealloc(x->files, x->file_count + 1, sizeof(*x->files));
	x->files[x->file_count++] = xstrdup(name);
}

/* Reading */

static const char *
first_attr(const struct xml_node *n, const char *name)
{
	const char *value = xml_attr(n, "", name);
	return value ? value : xml_attr(n, NULL, name);
}

static enum err
refuse(struct xform_reader *r, const struct xml_node *at, const char *words)
{
	xform_fault(r, -1, "", at ? xml_line(at) : 0, "%s", words);
	return E_FORMAT;
}

/* Find model and body: an XHTML page with a head and a body, in their namespaces. */
static enum err
find_parts(struct xform_reader *r)
{
	const struct xml_node *html = xml_root(r->x->doc);
	const struct xml_node *head = xml_find(html, "head");
	if (!xml_is(html, XFORM_HTML, "html"))
		return refuse(r, html, "not an XForm: its root is no html of " XFORM_HTML);
	r->body = xml_find(html, "body");
	r->model = head ? xml_find(head, "model") : NULL;
	if (!r->model || !r->body)
		return refuse(r, html, "not an XForm: it has no head with a model, or no body");
	if (strcmp(xml_space(r->model), XFORM_SPACE) != 0)
		return refuse(r, r->model, "not an XForm: its model is not of " XFORM_SPACE);
	const struct xml_node *title = xml_find(head, "title");
	free(r->x->title);
	r->x->title = title ? xml_text(title) : xstrdup("");
	return OK;
}

/* Entities of lists in repeats (2025.1) are the newest known. */
static void
read_entities(struct xform_reader *r)
{
	const char *version = xml_attr(r->model, XFORM_ENTITIES, "entities-version");
	static const char *const known[] = {"2022.1", "2023.1", "2024.1", "2025.1"};
	if (!version)
		return;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		size_t len = strlen(known[i]);
		if (strncmp(version, known[i], len) == 0 &&
			(!version[len] || version[len] == '.'))
			return;
	}
	xform_fault(r, -1, "", xml_line(r->model),
		"entities-version is not one of 2022.1 to 2025.1: this version cannot read it");
}

static void
read_submission(struct xform_reader *r)
{
	const struct xml_node *s = xml_find(r->model, "submission");
	const char *key = s ? first_attr(s, "base64RsaPublicKey") : NULL;
	r->x->rsa_key = xstrdup(key ? key : "");
}

static enum err
read_all(struct xform_reader *r)
{
	size_t before = r->faults->errors;
	enum err e = find_parts(r);
	if (e == OK)
		e = xform_read_tree(r);
	if (e != OK)
		return e;
	read_entities(r);
	read_submission(r);
	xform_read_texts(r);
	xform_read_binds(r);
	xform_read_lists(r);
	xform_read_body(r);
	xform_read_rules(r);
	xpath_plain(r->x->doc);
	return r->faults->errors == before ? OK : E_FORMAT;
}

enum err
xform_read(struct xform **ret, const struct xform_source *source, struct faults *faults)
{
	*ret = NULL;
	OWNED(xform) struct xform *x = xcalloc(1, sizeof(*x));
	struct xform_reader r = {.x = x, .source = source, .faults = faults};
	x->meta = -1;
	enum err e = xml_parse(&x->doc, source->xml);
	if (e != OK) {
		xform_fault(&r, -1, "", 0, "%s", err_text());
		return e;
	}
	e = read_all(&r);
	if (e == OK)
		*ret = take(x);
	else if (e == E_FORMAT)
		e = fail(E_FORMAT, "%s: not a form that can be used", source->name);
	return e;
}

static void
node_done(struct xform_node *n)
{
	for (size_t i = 0; i < XFORM_RULES; i++)
		xpath_free(n->rule[i]);
	if (n->own_items)
		xform_list_done(n->own_items);
	free(n->own_items);
	free(n->path);
	free(n->label);
	free(n->hint);
	free(n->value_name);
	free(n->label_name);
}

void
xform_free(struct xform *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->count; i++)
		node_done(&x->nodes[i]);
	for (size_t i = 0; i < x->list_count; i++)
		xform_list_done(&x->lists[i]);
	for (size_t i = 0; i < x->file_count; i++)
		free(x->files[i]);
	free(x->nodes);
	free(x->tree);
	free(x->lists);
	free(x->list_ids);
	free(x->texts);
	free(x->files);
	free(x->id);
	free(x->version);
	free(x->title);
	free(x->language);
	free(x->rsa_key);
	xml_free(x->doc);
	free(x);
}

const char *
xform_rsa_key(const struct xform *x)
{
	return x->rsa_key;
}
