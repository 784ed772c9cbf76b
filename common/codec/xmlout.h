/* xmlout - text and attributes on their way into an XML document.
 *
 * Always true: what was put reads back as the same text. '<', '>', '&', quotes, and in
 *              attributes tab and line end, are escaped; a carriage return is, too.
 * Errors:      a control character, bytes that are not UTF-8 and the two code points that XML
 *              leaves out cannot stand in any XML document: they break the buffer, which
 *              buf_check() tells. Who takes text from outside asks xml_can_hold() first.
 */
#ifndef WEIR_XMLOUT_H
#define WEIR_XMLOUT_H

#include "common/codec/bytes.h"

/* Can the text stand in an XML document? */
bool xml_can_hold(const char *text);

/* The text between two tags. */
void xml_put_text(struct buf *b, const char *text);

/* ` name="value"`, with the blank before it; the name is ours and put as it is. */
void xml_put_attr(struct buf *b, const char *name, const char *value);

/* `<name>text</name>`, or `<name/>` for an empty text. */
void xml_put_leaf(struct buf *b, const char *name, const char *text);

/* Bytes that are XML already. */
void xml_put_raw(struct buf *b, const char *xml);

#endif
