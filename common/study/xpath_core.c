#include "common/study/xpath_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

struct xpath_world *
xpath_running(const xmlXPathParserContext *p)
{
	return p->context->userData;
}

xmlXPathObject *
xpath_arg(const xmlXPathParserContext *p, int count, int i)
{
	return p->valueTab[p->valueNr - count + i];
}

char *
xpath_node_text(xmlNode *n)
{
	/* Nearly every answer is one text below one element. */
	const xmlNode *only = n->type == XML_ELEMENT_NODE ? n->children : NULL;
	if (only && !only->next && only->type == XML_TEXT_NODE && only->content)
		return xstrdup((const char *)only->content);
	char *text = (char *)xmlNodeGetContent(n);
	return text ? text : xstrdup("");
}

int
xpath_arg_nodes(const xmlXPathParserContext *p, int count, int i, xmlNode *const **ret_nodes)
{
	const xmlXPathObject *o = xpath_arg(p, count, i);
	*ret_nodes = NULL;
	if (o->type != XPATH_NODESET || !o->nodesetval)
		return 0;
	*ret_nodes = o->nodesetval->nodeTab;
	return o->nodesetval->nodeNr;
}

char *
xpath_arg_text(const xmlXPathParserContext *p, int count, int i)
{
	xmlXPathObject *o = xpath_arg(p, count, i);
	if (o->type == XPATH_STRING)
		return xstrdup(o->stringval ? (const char *)o->stringval : "");
	if (o->type == XPATH_NODESET)
		return o->nodesetval && o->nodesetval->nodeNr
			       ? xpath_node_text(o->nodesetval->nodeTab[0])
			       : xstrdup("");
	char *text = (char *)xmlXPathCastToString(o);
	return text ? text : xstrdup("");
}

double
xpath_arg_number(const xmlXPathParserContext *p, int count, int i)
{
	const xmlXPathObject *o = xpath_arg(p, count, i);
	if (o->type == XPATH_NUMBER)
		return o->floatval;
	if (o->type == XPATH_BOOLEAN)
		return o->boolval ? 1 : 0;
	OWNED_MEM char *text = xpath_arg_text(p, count, i);
	return xpath_value(text);
}

void
xpath_give(xmlXPathParserContext *p, int count, xmlXPathObject *answer)
{
	for (int i = 0; i < count; i++)
		xmlXPathFreeObject(valuePop(p));
	valuePush(p, answer);
}

void
xpath_give_text(xmlXPathParserContext *p, int count, const char *text)
{
	xpath_give(p, count, xmlXPathNewCString(text));
}

void
xpath_give_number(xmlXPathParserContext *p, int count, double n)
{
	xpath_give(p, count, xmlXPathNewFloat(n));
}

void
xpath_give_bool(xmlXPathParserContext *p, int count, bool yes)
{
	xpath_give(p, count, xmlXPathNewBoolean(yes));
}

static bool
arg_bool(const xmlXPathParserContext *p, int count, int i)
{
	return xmlXPathCastToBoolean(xpath_arg(p, count, i)) != 0;
}

static void
run_n(xmlXPathParserContext *p, int count)
{
	xpath_give_number(p, count, xpath_arg_number(p, count, 0));
}

static void
run_if(xmlXPathParserContext *p, int count)
{
	int chosen = arg_bool(p, count, 0) ? 1 : 2;
	xpath_give(p, count, xmlXPathObjectCopy(xpath_arg(p, count, chosen)));
}

static void
run_coalesce(xmlXPathParserContext *p, int count)
{
	OWNED_MEM char *text = NULL;
	for (int i = 0; i < count && !(text && *text); i++) {
		free(text);
		text = xpath_arg_text(p, count, i);
	}
	xpath_give_text(p, count, text ? text : "");
}

/* What the node holds already stays. */
static void
run_once(xmlXPathParserContext *p, int count)
{
	OWNED_MEM char *own = xpath_node_text(p->context->node);
	OWNED_MEM char *other = xpath_arg_text(p, count, 0);
	xpath_give_text(p, count, *own ? own : other);
}

static void
run_boolean_from_string(xmlXPathParserContext *p, int count)
{
	OWNED_MEM char *text = xpath_arg_text(p, count, 0);
	xpath_give_bool(p, count, strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

/* checklist(least, most, yes...): the number of trues lies between; -1 sets no bound. */
static void
run_checklist(xmlXPathParserContext *p, int count)
{
	double least = xpath_arg_number(p, count, 0), most = xpath_arg_number(p, count, 1);
	double yes = 0;
	for (int i = 2; i < count; i++)
		yes += arg_bool(p, count, i);
	xpath_give_bool(p, count, (least < 0 || yes >= least) && (most < 0 || yes <= most));
}

static void
run_weighted(xmlXPathParserContext *p, int count)
{
	double least = xpath_arg_number(p, count, 0), most = xpath_arg_number(p, count, 1);
	double sum = 0;
	for (int i = 2; i + 1 < count; i += 2)
		sum += arg_bool(p, count, i) ? xpath_arg_number(p, count, i + 1) : 0;
	xpath_give_bool(p, count, (least < 0 || sum >= least) && (most < 0 || sum <= most));
}

static void
run_version(xmlXPathParserContext *p, int count)
{
	const char *version = xpath_running(p)->sources.version;
	xpath_give_text(p, count, version ? version : "");
}

static void
run_itext(xmlXPathParserContext *p, int count)
{
	const struct xpath_sources *s = &xpath_running(p)->sources;
	OWNED_MEM char *id = xpath_arg_text(p, count, 0);
	const char *text = s->itext ? s->itext(s->context, id) : NULL;
	xpath_give_text(p, count, text ? text : "");
}

/* Nobody asks for these: what needs them is left to the client (XPATH_CLIENT). */
static void
run_nothing(xmlXPathParserContext *p, int count)
{
	xpath_give_text(p, count, "");
}

const struct xpath_function xpath_core[] = {
	{"weir-n()", "weir-n", 1, 1, XPATH_NUM, XPATH_FREE, run_n},
	{"number", "weir-n", 1, 1, XPATH_NUM, XPATH_FREE, run_n},
	{"if", "if", 3, 3, XPATH_ANY, XPATH_FREE, run_if},
	{"coalesce", "coalesce", 1, -1, XPATH_ANY, XPATH_FREE, run_coalesce},
	{"once", "once", 1, 1, XPATH_ANY, XPATH_FREE, run_once},
	{"boolean-from-string", "boolean-from-string", 1, 1, XPATH_BOOL, XPATH_FREE,
		run_boolean_from_string},
	{"checklist", "checklist", 3, -1, XPATH_BOOL, XPATH_FREE, run_checklist},
	{"weighted-checklist", "weighted-checklist", 4, -1, XPATH_BOOL, XPATH_FREE,
		run_weighted},
	{"version", "version", 0, 0, XPATH_TEXT, XPATH_FREE, run_version},
	{"jr:itext", "jr-itext", 1, 1, XPATH_TEXT, XPATH_FREE, run_itext},
	{"random", "random", 0, 0, XPATH_NUM, XPATH_CLIENT, run_nothing},
	{"uuid", "uuid", 0, 1, XPATH_TEXT, XPATH_CLIENT, run_nothing},
	{"property", "property", 1, 1, XPATH_TEXT, XPATH_CLIENT, run_nothing},
	{"digest", "digest", 2, 3, XPATH_TEXT, XPATH_CLIENT, run_nothing},
	{"extract-signed", "extract-signed", 2, 2, XPATH_TEXT, XPATH_CLIENT, run_nothing},
	{"true", "true", 0, 0, XPATH_BOOL, XPATH_NATIVE, NULL},
	{"false", "false", 0, 0, XPATH_BOOL, XPATH_NATIVE, NULL},
	{"not", "not", 1, 1, XPATH_BOOL, XPATH_NATIVE, NULL},
	{"boolean", "boolean", 1, 1, XPATH_BOOL, XPATH_NATIVE, NULL},
	{"string", "string", 0, 1, XPATH_TEXT, XPATH_NATIVE, NULL},
	{"lang", "lang", 1, 1, XPATH_BOOL, XPATH_NATIVE, NULL},
	{0},
};

static const struct xpath_function *const tables[] = {
	xpath_core, xpath_words, xpath_sums, xpath_sets, xpath_dates, xpath_places};

const struct xpath_function *
xpath_function(const char *name, size_t len)
{
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (const struct xpath_function *f = tables[t]; f->name; f++)
			if (strlen(f->name) == len && memcmp(f->name, name, len) == 0)
				return f;
	return NULL;
}

xmlXPathFunction
xpath_lookup(void *context, const xmlChar *name, const xmlChar *space)
{
	(void)context;
	(void)space;
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (const struct xpath_function *f = tables[t]; f->name; f++)
			if (strcmp(f->as, (const char *)name) == 0)
				return f->run;
	return NULL;
}
