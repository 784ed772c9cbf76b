#include "common/study/xpath.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/xpath_inside.h"

#define CACHE_OBJECTS 100

static void
world_done(struct xpath_world *w)
{
	if (w->context)
		xmlXPathFreeContext(w->context);
	if (w->blanks)
		xmlFreeDoc(w->blanks);
	free(w->at);
}

void
xpath_world_free(struct xpath_world *w)
{
	if (!w)
		return;
	world_done(w);
	free(w);
}

/* $nINDEX: where a node of the form stands now. */
static xmlXPathObject *
variable(void *context, const xmlChar *name, const xmlChar *space)
{
	const struct xpath_world *w = context;
	(void)space;
	unsigned long node = strtoul((const char *)name + 1, NULL, 10);
	xmlNode *at = node < w->count ? w->at[node] : NULL;
	return xmlXPathNewNodeSet(at ? at : w->blank);
}

struct xpath_world *
xpath_world_new(const struct xpath_scope *scope, const struct xpath_sources *sources)
{
	struct xpath_world *w = xcalloc(1, sizeof(*w));
	w->scope = scope;
	w->sources = *sources;
	w->steps_left = XPATH_ALL_STEPS;
	w->count = scope ? scope->count : 0;
	w->at = xcalloc(w->count + 1, sizeof(xmlNode *));
	w->blanks = xmlNewDoc((const xmlChar *)"1.0");
	w->blank = xmlNewDocNode(w->blanks, NULL, (const xmlChar *)"blank", NULL);
	xmlDocSetRootElement(w->blanks, w->blank);
	w->context = xmlXPathNewContext(w->blanks);
	w->context->userData = w;
	w->context->error = xml_quiet_error;
	xmlXPathRegisterFuncLookup(w->context, xpath_lookup, w);
	xmlXPathRegisterVariableLookup(w->context, variable, w);
	(void)xmlXPathContextSetCache(w->context, 1, CACHE_OBJECTS, 0);
	return w;
}

void
xpath_world_put(struct xpath_world *w, int node, const struct xml_node *at)
{
	if (node >= 0 && (size_t)node < w->count)
		w->at[node] = at ? xml_inside(at) : NULL;
}

void
xpath_plain(struct xml *x)
{
	const struct xml_node *root = xml_root(x);
	for (const struct xml_node *n = root; n; n = xml_walk(root, n)) {
		xmlNode *at = xml_inside(n);
		at->ns = NULL;
		for (xmlAttr *a = at->properties; a; a = a->next)
			a->ns = NULL;
	}
}

/* Compiling */

static enum err
compile(struct xpath *x, const char *text, const struct xpath_scope *scope)
{
	enum err e = xpath_read(x, text, scope);
	if (e != OK)
		return e;
	OWNED(xpath_world)
	struct xpath_world *w = xpath_world_new(scope, &(struct xpath_sources){0});
	x->compiled = xmlXPathCtxtCompile(w->context, x->out.at);
	if (!x->compiled)
		return fail(E_FORMAT, "the expression cannot be compiled");
	if (!scope)
		x->alone = take(w);
	return OK;
}

enum err
xpath_compile(struct xpath **ret, const char *text, const struct xpath_scope *scope, int at)
{
	*ret = NULL;
	OWNED(xpath) struct xpath *x = xcalloc(1, sizeof(*x));
	x->at = at;
	enum err e = compile(x, text, scope);
	if (e == OK)
		*ret = take(x);
	return e;
}

void
xpath_free(struct xpath *x)
{
	if (!x)
		return;
	if (x->compiled)
		xmlXPathFreeCompExpr(x->compiled);
	for (size_t i = 0; i < x->pattern_count; i++)
		pattern_free(x->patterns[i]);
	xpath_world_free(x->alone);
	buf_done(&x->out);
	free(x->uses);
	free(x);
}

const int *
xpath_uses(const struct xpath *x, size_t *ret_count)
{
	*ret_count = x->use_count;
	return x->uses;
}

bool
xpath_is_alone(const struct xpath *x)
{
	return x->use_count == 0 && !x->elsewhere;
}

bool
xpath_is_vague(const struct xpath *x)
{
	return x->vague;
}

/* Results */

static void
object_drop(xmlXPathObject **o)
{
	if (*o)
		xmlXPathFreeObject(*o);
}

static xmlXPathObject *
run(struct xpath_world *w, const struct xpath *x)
{
	xmlNode *own = x->at >= 0 && (size_t)x->at < w->count ? w->at[x->at] : NULL;
	w->context->node = own ? own : w->blank;
	w->context->doc = w->context->node->doc;
	/* A limit of 0 would be none. */
	w->context->opLimit = MAX(1, MIN(XPATH_MAX_STEPS, w->steps_left));
	w->context->opCount = 0;
	w->running = x;
	xmlXPathObject *o = xmlXPathCompiledEval(x->compiled, w->context);
	w->steps_left -= MIN(w->steps_left, w->context->opCount);
	return o;
}

static enum err
not_worked_out(const struct xpath_world *w)
{
	if (w->context->opLimit && w->context->opCount >= w->context->opLimit)
		return fail(E_FULL, "an expression takes too many steps");
	return fail(E_FORMAT, "an expression cannot be worked out");
}

enum err
xpath_bool(struct xpath_world *w, const struct xpath *x, bool *ret)
{
	*ret = false;
	OWNED_BY(object_drop) xmlXPathObject *o = run(w, x);
	if (!o)
		return not_worked_out(w);
	*ret = xmlXPathCastToBoolean(o) != 0;
	/* A node is true if it is not empty and not "0" or "false": ODK asks its value. */
	if (o->type == XPATH_NODESET && *ret) {
		OWNED_MEM char *text = o->nodesetval && o->nodesetval->nodeNr
					       ? xpath_node_text(o->nodesetval->nodeTab[0])
					       : xstrdup("");
		*ret = *text && strcmp(text, "0") != 0 && strcmp(text, "false") != 0;
	}
	return OK;
}

enum err
xpath_number(struct xpath_world *w, const struct xpath *x, double *ret)
{
	*ret = 0;
	OWNED_MEM char *text = NULL;
	OWNED_BY(object_drop) xmlXPathObject *o = run(w, x);
	if (!o)
		return not_worked_out(w);
	if (o->type == XPATH_NUMBER) {
		*ret = o->floatval;
		return OK;
	}
	text = (char *)xmlXPathCastToString(o);
	*ret = text ? xpath_value(text) : NAN;
	return OK;
}

enum err
xpath_text(struct xpath_world *w, const struct xpath *x, char **ret)
{
	*ret = NULL;
	OWNED_BY(object_drop) xmlXPathObject *o = run(w, x);
	if (!o)
		return not_worked_out(w);
	*ret = (char *)xmlXPathCastToString(o);
	return *ret ? OK : not_worked_out(w);
}

static bool
has_child(xmlNode *item, const char *name, const char *wanted)
{
	for (xmlNode *n = item->children; n; n = n->next) {
		if (n->type != XML_ELEMENT_NODE || strcmp((const char *)n->name, name) != 0)
			continue;
		OWNED_MEM char *text = xpath_node_text(n);
		return strcmp(text, wanted) == 0;
	}
	return false;
}

enum err
xpath_finds(struct xpath_world *w, const struct xpath *x, const char *name, const char *wanted,
	bool *ret)
{
	*ret = false;
	OWNED_BY(object_drop) xmlXPathObject *o = run(w, x);
	if (!o)
		return not_worked_out(w);
	if (o->type != XPATH_NODESET || !o->nodesetval)
		return OK;
	for (int i = 0; i < o->nodesetval->nodeNr && !*ret; i++)
		*ret = has_child(o->nodesetval->nodeTab[i], name, wanted);
	return OK;
}

bool
xpath_holds(const struct xpath *x, const char *answer)
{
	struct xpath_world *w = x->alone;
	bool met = true;
	if (!w || x->vague || !*answer)
		return true;
	xmlNode text = {.type = XML_TEXT_NODE, .doc = w->blanks};
	text.content = (xmlChar *)(uintptr_t)answer;
	text.parent = w->blank;
	w->blank->children = w->blank->last = &text;
	w->steps_left = XPATH_ALL_STEPS;
	enum err e = xpath_bool(w, x, &met);
	w->blank->children = w->blank->last = NULL;
	return e != OK || met;
}
