#include "common/codec/xml.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/xml_inside.h"

/* NODICT: short texts would go into a dictionary of names, which nobody can wipe. */
#define PARSE_OPTIONS                                                                          \
	(XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NODICT |        \
		XML_PARSE_NOCDATA)

struct xml {
	xmlDoc *doc;
};

/* What one parse has seen so far; stands in the context's _private. */
struct watch {
	size_t nodes;
	size_t depth;
	enum err err;
	const char *reason;
};

static struct watch *
watch_of(void *context)
{
	xmlParserCtxt *parser = context;
	return parser->_private;
}

static void
stop(void *context, enum err err, const char *reason)
{
	struct watch *w = watch_of(context);
	if (w->err == OK) {
		w->err = err;
		w->reason = reason;
	}
	xmlStopParser(context);
}

static void
on_doctype(void *context, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
	(void)name;
	(void)id;
	(void)system;
	stop(context, E_FORMAT, "a document type declaration is not taken");
}

static void
on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *space,
	int space_count, const xmlChar **spaces, int count, int defaulted,
	const xmlChar **attrs)
{
	struct watch *w = watch_of(context);
	w->nodes += 1 + (size_t)count + (size_t)space_count;
	w->depth++;
	if (w->depth > XML_MAX_DEPTH)
		stop(context, E_FULL, "elements are nested deeper than 100 levels");
	else if (w->nodes > XML_MAX_NODES)
		stop(context, E_FULL, "more than 500,000 elements and attributes");
	else
		xmlSAX2StartElementNs(context, name, prefix, space, space_count, spaces, count,
			defaulted, attrs);
}

static void
on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *space)
{
	watch_of(context)->depth--;
	xmlSAX2EndElementNs(context, name, prefix, space);
}

/* Comments and processing instructions mean nothing in the documents we read. */
static void
on_comment(void *context, const xmlChar *text)
{
	(void)context;
	(void)text;
}

static void
on_instruction(void *context, const xmlChar *target, const xmlChar *text)
{
	(void)context;
	(void)target;
	(void)text;
}

static void
listen(xmlParserCtxt *parser, struct watch *w)
{
	parser->_private = w;
	parser->sax->internalSubset = on_doctype;
	parser->sax->externalSubset = on_doctype;
	parser->sax->startElementNs = on_start;
	parser->sax->endElementNs = on_end;
	parser->sax->comment = on_comment;
	parser->sax->processingInstruction = on_instruction;
}

/* What libxml2 found, in our words: its own repeat parts of the document. */
static const char *
reason_of(int code)
{
	if (code == XML_ERR_TAG_NAME_MISMATCH || code == XML_ERR_TAG_NOT_FINISHED)
		return "an element is not closed, or closed by another name";
	if (code == XML_ERR_DOCUMENT_EMPTY || code == XML_ERR_DOCUMENT_END)
		return "not one whole XML document";
	if (code == XML_ERR_UNDECLARED_ENTITY || code == XML_WAR_UNDECLARED_ENTITY ||
		code == XML_ERR_ENTITYREF_SEMICOL_MISSING || code == XML_ERR_NAME_REQUIRED)
		return "'&' has to be written &amp;, and '<' as &lt;";
	if (code == XML_ERR_ATTRIBUTE_REDEFINED)
		return "an attribute stands twice in one element";
	if (code == XML_NS_ERR_UNDEFINED_NAMESPACE)
		return "a prefix is used that no xmlns: declares";
	if (code == XML_ERR_INVALID_CHAR || code == XML_ERR_INVALID_ENCODING)
		return "a character that XML does not have";
	return "not well-formed XML";
}

static enum err
fault_of(xmlParserCtxt *parser, const struct watch *w)
{
	const xmlError *last = xmlCtxtGetLastError(parser);
	int line = parser->input ? parser->input->line : 0;
	if (w->err == E_FULL)
		return fail(E_FULL, "XML line %d: %s", line, w->reason);
	if (w->err != OK)
		return fail(E_FORMAT, "XML line %d: %s", line, w->reason);
	if (last && last->code != XML_ERR_OK)
		return fail(E_FORMAT, "XML line %d: %s", last->line, reason_of(last->code));
	return fail(E_FORMAT, "XML: not well-formed");
}

static void
parser_drop(xmlParserCtxt **parser)
{
	if (*parser)
		xmlFreeParserCtxt(*parser);
}

static void
wipe_text(xmlChar *text)
{
	if (text)
		explicit_bzero(text, strlen((const char *)text));
}

static void
wipe_node(xmlNode *n)
{
	if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE)
		wipe_text(n->content);
	if (n->type != XML_ELEMENT_NODE)
		return;
	for (xmlAttr *a = n->properties; a; a = a->next)
		for (xmlNode *text = a->children; text; text = text->next)
			wipe_text(text->content);
}

static xmlNode *
after(const xmlNode *top, xmlNode *n)
{
	if (n->type == XML_ELEMENT_NODE && n->children)
		return n->children;
	while (n != top && !n->next)
		n = n->parent;
	return n == top ? NULL : n->next;
}

static void
free_document(xmlDoc *doc)
{
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	for (xmlNode *n = root; n; n = after(root, n))
		wipe_node(n);
	if (doc)
		xmlFreeDoc(doc);
}

static enum err
check_bytes(struct view bytes)
{
	if (bytes.len > XML_MAX_BYTES)
		return fail(E_FULL, "XML: longer than %zu bytes", XML_MAX_BYTES);
	if (bytes.len == 0)
		return fail(E_FORMAT, "XML: empty");
	if (memchr(bytes.at, 0, bytes.len))
		return fail(E_FORMAT, "XML: has a zero byte");
	if (!text_is_utf8(bytes))
		return fail(E_FORMAT, "XML: not UTF-8 text");
	return OK;
}

enum err
xml_parse(struct xml **ret, struct view bytes)
{
	*ret = NULL;
	enum err e = check_bytes(bytes);
	if (e != OK)
		return e;
	OWNED_BY(parser_drop) xmlParserCtxt *parser = xmlNewParserCtxt();
	if (!parser)
		return fail(E_FULL, "XML: no memory to read it");
	struct watch w = {0};
	listen(parser, &w);
	xmlDoc *doc = xmlCtxtReadMemory(
		parser, (const char *)bytes.at, (int)bytes.len, NULL, "UTF-8", PARSE_OPTIONS);
	/* libxml2 still calls a document well-formed that names a prefix of no namespace. */
	if (w.err != OK || !doc || !parser->wellFormed || !parser->nsWellFormed ||
		!xmlDocGetRootElement(doc)) {
		free_document(doc);
		return fault_of(parser, &w);
	}
	struct xml *x = xcalloc(1, sizeof(*x));
	x->doc = doc;
	*ret = x;
	return OK;
}

void
xml_free(struct xml *x)
{
	if (!x)
		return;
	free_document(x->doc);
	free(x);
}

xmlNode *
xml_inside(const struct xml_node *n)
{
	return (xmlNode *)(uintptr_t)n;
}

const struct xml_node *
xml_outside(const xmlNode *n)
{
	return (const struct xml_node *)(const void *)n;
}

void
xml_quiet_error(void *context, xmlError *error)
{
	(void)context;
	(void)error;
}

const struct xml_node *
xml_root(const struct xml *x)
{
	return xml_outside(xmlDocGetRootElement(x->doc));
}

static const struct xml_node *
element_from(const xmlNode *n)
{
	while (n && n->type != XML_ELEMENT_NODE)
		n = n->next;
	return xml_outside(n);
}

const struct xml_node *
xml_child(const struct xml_node *n)
{
	return element_from(xml_inside(n)->children);
}

const struct xml_node *
xml_next(const struct xml_node *n)
{
	return element_from(xml_inside(n)->next);
}

const struct xml_node *
xml_parent(const struct xml_node *n)
{
	const xmlNode *up = xml_inside(n)->parent;
	return up && up->type == XML_ELEMENT_NODE ? xml_outside(up) : NULL;
}

const struct xml_node *
xml_find(const struct xml_node *n, const char *name)
{
	const struct xml_node *child = xml_child(n);
	while (child && strcmp(xml_name(child), name) != 0)
		child = xml_next(child);
	return child;
}

const struct xml_node *
xml_walk(const struct xml_node *top, const struct xml_node *at)
{
	const struct xml_node *next = xml_child(at);
	while (!next && at && at != top) {
		next = xml_next(at);
		at = xml_parent(at);
	}
	return next;
}

const char *
xml_name(const struct xml_node *n)
{
	return (const char *)xml_inside(n)->name;
}

const char *
xml_space(const struct xml_node *n)
{
	const xmlNs *space = xml_inside(n)->ns;
	return space && space->href ? (const char *)space->href : "";
}

bool
xml_is(const struct xml_node *n, const char *space, const char *name)
{
	return strcmp(xml_name(n), name) == 0 && strcmp(xml_space(n), space) == 0;
}

const char *
xml_attr(const struct xml_node *n, const char *space, const char *name)
{
	for (const xmlAttr *a = xml_inside(n)->properties; a; a = a->next) {
		const char *of = a->ns && a->ns->href ? (const char *)a->ns->href : "";
		if (strcmp((const char *)a->name, name) != 0 ||
			(space && strcmp(of, space) != 0))
			continue;
		/* Without entities of its own a value is at most one text. */
		return a->children && a->children->content ? (const char *)a->children->content
							   : "";
	}
	return NULL;
}

char *
xml_text(const struct xml_node *n)
{
	xmlNode *top = xml_inside(n);
	struct buf text;
	buf_init(&text, XML_MAX_BYTES);
	for (xmlNode *at = top; at; at = after(top, at))
		if (at->type == XML_TEXT_NODE && at->content)
			buf_add(&text, at->content, strlen((const char *)at->content));
	size_t len;
	return (char *)buf_take(&text, &len);
}

size_t
xml_line(const struct xml_node *n)
{
	long line = xmlGetLineNo(xml_inside(n));
	return line > 0 ? (size_t)line : 0;
}
