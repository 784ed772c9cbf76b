/* xml_inside - the libxml2 document behind a tree, for the rooms that run XPath over it and for
 * nobody else.
 *
 * Errors:      libxml2 prints nothing: whoever makes a context of its own sets
 *              xml_quiet_error() as its error function.
 * It can hurt: nodes hung into a document by hand are wiped and freed with it.
 */
#ifndef WEIR_XML_INSIDE_H
#define WEIR_XML_INSIDE_H

#include <libxml/tree.h>

#include "common/codec/xml.h"

/* The same element in the words of libxml2, lent. Only the owner of the document changes it. */
xmlNode *xml_inside(const struct xml_node *n);
const struct xml_node *xml_outside(const xmlNode *n);

/* Takes an error of libxml2 and says nothing. */
void xml_quiet_error(void *context, xmlError *error);

#endif
