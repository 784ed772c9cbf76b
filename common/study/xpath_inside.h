/* xpath_inside - what the files of the room xpath share, and nobody else.
 *
 * An expression is read once by xpath_read.c, which writes another one for libxml2: each path
 * that means one node has become a variable $nINDEX, names have lost their prefixes, and what
 * has to be a number or a date is wrapped into functions of our own (weir-n, weir-same).
 */
#ifndef WEIR_XPATH_INSIDE_H
#define WEIR_XPATH_INSIDE_H

#include <libxml/xpathInternals.h>

#include "common/codec/xml_inside.h"
#include "common/study/pattern.h"
#include "common/study/xpath.h"

#define XPATH_MAX_PATTERNS 16

enum xpath_type { XPATH_ANY = 1, XPATH_NODES, XPATH_NUM, XPATH_TEXT, XPATH_DAY, XPATH_BOOL };

struct xpath {
	int at;
	struct buf out; /* the text for libxml2 */
	xmlXPathCompExpr *compiled;
	int *uses;
	size_t use_count;
	struct pattern *patterns[XPATH_MAX_PATTERNS];
	size_t pattern_count;
	bool elsewhere; /* names an instance, a text or a label */
	bool vague;
	enum xpath_type type;
	struct xpath_world *alone; /* of an expression without scope: where it is worked out */
};

struct xpath_world {
	xmlXPathContext *context;
	const struct xpath_scope *scope;
	struct xpath_sources sources;
	const struct xpath *running;
	unsigned long steps_left;
	xmlDoc *blanks;
	xmlNode *blank; /* stands for every node that is not there */
	xmlNode **at;
	size_t count;
};

struct xpath_function {
	const char *name; /* as forms write it */
	const char *as;   /* as libxml2 is told */
	int least, most;  /* arguments; most -1: any number */
	enum xpath_type gives;
	enum { XPATH_NATIVE, XPATH_NODES_FIRST, XPATH_FREE, XPATH_CLIENT } how;
	xmlXPathFunction run; /* NULL: libxml2's own */
};

/* NULL if there is none of this name. */
const struct xpath_function *xpath_function(const char *name, size_t len);
/* For libxml2, by the name it was told. */
xmlXPathFunction xpath_lookup(void *context, const xmlChar *name, const xmlChar *space);

/* Read `text` into x->out, x->uses, x->patterns. */
CHECKED enum err xpath_read(struct xpath *x, const char *text, const struct xpath_scope *scope);

/* A pattern of Java in the words of POSIX; false if it cannot be said there. `ret` gets it. */
bool xpath_posix(struct buf *ret, struct view java);

/* Days since 1970 of "YYYY-MM-DD", with or without a time behind it; NaN if it is neither. */
double xpath_days(const char *text);
/* A number as XPath reads it, else days of a date, else NaN. */
double xpath_value(const char *text);

/* Functions. A file of them shows one table, which ends with a NULL name. */
extern const struct xpath_function xpath_core[], xpath_words[], xpath_sums[], xpath_sets[],
	xpath_dates[], xpath_places[];

struct xpath_world *xpath_running(const xmlXPathParserContext *p);
/* The i-th of `count` arguments: lent until the answer is given. */
xmlXPathObject *xpath_arg(const xmlXPathParserContext *p, int count, int i);
char *xpath_arg_text(const xmlXPathParserContext *p, int count, int i); /* gives */
double xpath_arg_number(const xmlXPathParserContext *p, int count, int i);
/* Nodes of an argument; 0 if it is no set. */
int xpath_arg_nodes(
	const xmlXPathParserContext *p, int count, int i, xmlNode *const **ret_nodes);
char *xpath_node_text(xmlNode *n); /* gives */
/* Take the arguments off and put the answer there. */
void xpath_give(xmlXPathParserContext *p, int count, xmlXPathObject *answer); /* takes */
void xpath_give_text(xmlXPathParserContext *p, int count, const char *text);
void xpath_give_number(xmlXPathParserContext *p, int count, double n);
void xpath_give_bool(xmlXPathParserContext *p, int count, bool yes);

#endif
