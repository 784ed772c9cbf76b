/* xml - documents from outside, as trees that are only read.
 *
 * Parsing:     by libxml2 with no network, no DTD and no entities of a document's own: a
 *              document type declaration is refused (that is where the bombs are).
 * Always true: what was parsed is UTF-8, has one root, at most XML_MAX_DEPTH levels and
 *              `max_nodes` nodes, and no NUL.
 * Names:       local names, with the address of their namespace ("" if none) beside them.
 * Errors:      E_FORMAT with line and what is wrong, never with the text of the document;
 *              E_FULL over a bound.
 * It can hurt: a tree may hold people's answers in the clear: xml_free() wipes the texts.
 */
#ifndef WEIR_XML_H
#define WEIR_XML_H

#include "common/codec/bytes.h"

#define XML_MAX_BYTES ((size_t)16 << 20)
#define XML_MAX_DEPTH 100
#define XML_MAX_NODES 500000

struct xml;
struct xml_node; /* an element; lent as long as its document lives */

CHECKED enum err xml_parse(struct xml **ret, struct view bytes); /* gives */
void xml_free(struct xml *x);
OWNER(xml)

const struct xml_node *xml_root(const struct xml *x);
/* The first element below, the next one beside, the one above; NULL where none is. */
const struct xml_node *xml_child(const struct xml_node *n);
const struct xml_node *xml_next(const struct xml_node *n);
const struct xml_node *xml_parent(const struct xml_node *n);
/* The first element below of this local name, in any namespace; NULL. */
const struct xml_node *xml_find(const struct xml_node *n, const char *name);
/* The next element in document order inside `top`, NULL at the end: no recursion. */
const struct xml_node *xml_walk(const struct xml_node *top, const struct xml_node *at);

const char *xml_name(const struct xml_node *n);  /* lent */
const char *xml_space(const struct xml_node *n); /* lent; "" if none */
bool xml_is(const struct xml_node *n, const char *space, const char *name);
/* lends the attribute's value; NULL if it has none of this name. space NULL: any. */
const char *xml_attr(const struct xml_node *n, const char *space, const char *name);
/* gives the text of the element and of all below it, as it stands. */
char *xml_text(const struct xml_node *n);
size_t xml_line(const struct xml_node *n);

#endif
