#include "common/codec/xmlout.h"

#include <string.h>

#include "common/codec/text.h"

bool
xml_can_hold(const char *text)
{
	for (const char *p = text; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
			return false;
		/* U+FFFE and U+FFFF */
		if (c == 0xef && (unsigned char)p[1] == 0xbf && (unsigned char)p[2] >= 0xbe)
			return false;
	}
	return text_is_utf8(view_text(text));
}

static const char *
escape_of(char c, bool attribute)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '\r':
		return "&#13;";
	case '"':
		return attribute ? "&quot;" : NULL;
	case '\n':
		return attribute ? "&#10;" : NULL;
	case '\t':
		return attribute ? "&#9;" : NULL;
	default:
		return NULL;
	}
}

static void
put(struct buf *b, const char *text, bool attribute)
{
	if (!xml_can_hold(text)) {
		b->broken = true;
		return;
	}
	const char *from = text;
	for (const char *p = text; *p; p++) {
		const char *escape = escape_of(*p, attribute);
		if (!escape)
			continue;
		buf_add(b, from, (size_t)(p - from));
		xml_put_raw(b, escape);
		from = p + 1;
	}
	xml_put_raw(b, from);
}

void
xml_put_text(struct buf *b, const char *text)
{
	put(b, text, false);
}

void
xml_put_attr(struct buf *b, const char *name, const char *value)
{
	xml_put_raw(b, " ");
	xml_put_raw(b, name);
	xml_put_raw(b, "=\"");
	put(b, value, true);
	xml_put_raw(b, "\"");
}

void
xml_put_leaf(struct buf *b, const char *name, const char *text)
{
	xml_put_raw(b, "<");
	xml_put_raw(b, name);
	if (!*text) {
		xml_put_raw(b, "/>");
		return;
	}
	xml_put_raw(b, ">");
	put(b, text, false);
	xml_put_raw(b, "</");
	xml_put_raw(b, name);
	xml_put_raw(b, ">");
}

void
xml_put_raw(struct buf *b, const char *xml)
{
	buf_add(b, xml, strlen(xml));
}
