#include "tests/unit/workbook.h"

#include <string.h>

#include "common/base/mem.h"

#define MAX_PARTS  20
#define MAX_BYTES  ((size_t)1 << 20)
#define POLYNOMIAL 0xedb88320u
#define MAIN_SPACE "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define REL_SPACE  "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

static uint32_t
crc32_of(const char *text)
{
	uint32_t crc = 0xffffffffu;
	for (const char *p = text; *p; p++) {
		crc ^= (unsigned char)*p;
		for (int i = 0; i < 8; i++)
			crc = (crc >> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
	}
	return ~crc;
}

/* Zip numbers are little-endian. */
static void
put(struct buf *out, size_t bytes, size_t value)
{
	for (size_t i = 0; i < bytes; i++)
		buf_u8(out, (uint8_t)(i < sizeof(value) ? value >> (8 * i) : 0));
}

/* The fields that the header of a part and its entry in the directory share. */
static void
put_fields(struct buf *out, const struct workbook_part *p)
{
	size_t len = strlen(p->content);
	put(out, 2, 20); /* version needed */
	put(out, 2, 0);
	put(out, 2, 0); /* stored */
	put(out, 4, 0x21 << 16);
	put(out, 4, crc32_of(p->content));
	put(out, 4, len);
	put(out, 4, p->claims ? p->claims : len);
	put(out, 2, strlen(p->name));
	put(out, 2, 0);
}

static void
put_text(struct buf *out, const char *text)
{
	buf_add(out, text, strlen(text));
}

void
workbook_zip(struct buf *out, const struct workbook_part *parts, size_t count)
{
	size_t offsets[MAX_PARTS] = {0};
	buf_init(out, MAX_BYTES);
	for (size_t i = 0; i < count && i < MAX_PARTS; i++) {
		offsets[i] = out->len;
		put(out, 4, 0x04034b50);
		put_fields(out, &parts[i]);
		put_text(out, parts[i].name);
		put_text(out, parts[i].content);
	}
	size_t directory = out->len;
	for (size_t i = 0; i < count && i < MAX_PARTS; i++) {
		put(out, 4, 0x02014b50);
		put(out, 2, 20);
		put_fields(out, &parts[i]);
		put(out, 10, 0);
		put(out, 4, offsets[i]);
		put_text(out, parts[i].name);
	}
	size_t size = out->len - directory;
	put(out, 4, 0x06054b50);
	put(out, 4, 0);
	put(out, 2, count);
	put(out, 2, count);
	put(out, 4, size);
	put(out, 4, directory);
	put(out, 2, 0);
}

void
workbook_of_rows(struct buf *out, const char *rows, const char *strings)
{
	OWNED_MEM char *sheet =
		xasprintf("<worksheet xmlns=\"" MAIN_SPACE "\"><sheetData>%s</sheetData>"
			  "</worksheet>",
			rows);
	OWNED_MEM char *shared = xasprintf("<sst xmlns=\"" MAIN_SPACE "\">%s</sst>", strings);
	const struct workbook_part parts[] = {
		{"xl/workbook.xml",
			"<workbook xmlns=\"" MAIN_SPACE "\" xmlns:r=\"" REL_SPACE "\"><sheets>"
			"<sheet name=\"survey\" sheetId=\"1\" r:id=\"a\"/></sheets></workbook>",
			0},
		{"xl/_rels/workbook.xml.rels",
			"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/"
			"relationships\"><Relationship Id=\"a\" Target=\"worksheets/one.xml\"/>"
			"</Relationships>",
			0},
		{"xl/worksheets/one.xml", sheet, 0},
		{"xl/sharedStrings.xml", shared, 0},
		{"xl/styles.xml",
			"<styleSheet xmlns=\"" MAIN_SPACE
			"\"><numFmts><numFmt numFmtId=\"164\" "
			"formatCode=\"yyyy\\-mm\\-dd\"/></numFmts><cellXfs><xf numFmtId=\"0\"/>"
			"<xf numFmtId=\"164\"/></cellXfs></styleSheet>",
			0},
	};
	workbook_zip(out, parts, ARRAY_LEN(parts));
}
