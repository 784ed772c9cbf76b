#include "common/codec/xlsx.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zip.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/xlsx_cell.h"
#include "common/codec/xml.h"

#define MAX_STRINGS ((size_t)200000)
#define MAX_STYLES  ((size_t)65536)
#define MAX_FORMATS ((size_t)1000) /* Excel itself allows some 250 */

/* The name and the part of a sheet. */
struct entry {
	char *name;
	char *part;
};

struct xlsx {
	zip_t *zip;
	size_t unpacked; /* bytes of all parts read so far */
	struct entry *sheets;
	size_t sheet_count;
	char **strings; /* shared texts of cells */
	size_t string_count;
	bool *is_date; /* by style of a cell */
	size_t style_count;
	bool from_1904;
};

/* ---- parts of the archive ---- */

static void
close_file(zip_file_t **f)
{
	if (*f)
		(void)zip_fclose(*f);
}

static enum err
unpack(struct xlsx *x, const char *part, uint8_t *to, size_t len)
{
	OWNED_BY(close_file) zip_file_t *f = zip_fopen(x->zip, part, 0);
	if (!f)
		return fail(
			E_FORMAT, "the part %s cannot be unpacked; has it a password?", part);
	/* One byte more than is claimed: an archive may not hold more than it says. */
	zip_int64_t n = zip_fread(f, to, len + 1);
	if (n < 0 || (size_t)n != len)
		return fail(E_FORMAT, "the part %s is damaged", part);
	return OK;
}

static enum err
read_part(struct xlsx *x, const char *part, struct xml **ret)
{
	zip_stat_t stat;
	zip_stat_init(&stat);
	*ret = NULL;
	if (zip_stat(x->zip, part, 0, &stat) != 0 || !(stat.valid & ZIP_STAT_SIZE))
		return fail(E_NOTFOUND, "the part %s is missing", part);
	if (stat.size > XLSX_MAX_PART_BYTES || x->unpacked + stat.size > XLSX_MAX_BYTES)
		return fail(E_FULL, "the part %s is larger than %zu MiB unpacked", part,
			XLSX_MAX_PART_BYTES >> 20);
	size_t len = (size_t)stat.size;
	x->unpacked += len;
	OWNED_MEM uint8_t *bytes = xcalloc(len + 1, 1);
	enum err e = unpack(x, part, bytes, len);
	if (!e)
		e = xml_parse(ret, view_of(bytes, len));
	return e == OK || e == E_FULL ? e : fail_in(E_FORMAT, "the part %s", part);
}

/* The same for a part that a workbook can do without: none gives NULL. */
static enum err
read_optional(struct xlsx *x, const char *part, struct xml **ret)
{
	*ret = NULL;
	return zip_name_locate(x->zip, part, 0) < 0 ? OK : read_part(x, part, ret);
}

/* ---- the workbook ---- */

static const char *
attr(const struct xml_node *n, const char *name)
{
	const char *value = xml_attr(n, NULL, name);
	return value ? value : "";
}

/* gives the part that a relationship of the workbook leads to; NULL if there is none. */
static char *
part_of(const struct xml *rels, const char *id)
{
	const struct xml_node *root = xml_root(rels);
	for (const struct xml_node *n = xml_child(root); n; n = xml_next(n)) {
		const char *target = attr(n, "Target");
		if (strcmp(attr(n, "Id"), id) != 0)
			continue;
		return *target == '/' ? xstrdup(target + 1) : xasprintf("xl/%s", target);
	}
	return NULL;
}

/* The id of a sheet's relationship is the one attribute "id" that has a namespace. */
static const char *
relation(const struct xml_node *n)
{
	static const char *const spaces[] = {
		"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
		"http://purl.oclc.org/ooxml/officeDocument/relationships"};
	for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
		const char *id = xml_attr(n, spaces[i], "id");
		if (id)
			return id;
	}
	return "";
}

static enum err
read_sheets(struct xlsx *x, const struct xml *book, const struct xml *rels)
{
	const struct xml_node *list = xml_find(xml_root(book), "sheets");
	for (const struct xml_node *n = list ? xml_child(list) : NULL; n; n = xml_next(n)) {
		char *part = part_of(rels, relation(n));
		if (!part)
			return fail(E_FORMAT, "a sheet of the workbook has no part");
		x->sheets = xrealloc(x->sheets, x->sheet_count + 1, sizeof(*x->sheets));
		x->sheets[x->sheet_count++] = (struct entry){xstrdup(attr(n, "name")), part};
		if (x->sheet_count == XLSX_MAX_SHEETS)
			return fail(
				E_FULL, "a workbook has at most %d sheets", XLSX_MAX_SHEETS);
	}
	return x->sheet_count ? OK : fail(E_FORMAT, "the workbook has no sheet");
}

static enum err
read_book(struct xlsx *x)
{
	OWNED(xml) struct xml *book = NULL;
	OWNED(xml) struct xml *rels = NULL;
	if (zip_name_locate(x->zip, "xl/workbook.xml", 0) < 0)
		return fail(E_FORMAT, "this archive holds no workbook (no xl/workbook.xml)");
	enum err e = read_part(x, "xl/workbook.xml", &book);
	if (!e)
		e = read_part(x, "xl/_rels/workbook.xml.rels", &rels);
	if (e)
		return e == E_NOTFOUND ? fail_in(E_FORMAT, "the workbook") : e;
	const struct xml_node *pr = xml_find(xml_root(book), "workbookPr");
	const char *from_1904 = pr ? attr(pr, "date1904") : "";
	x->from_1904 = strcmp(from_1904, "1") == 0 || strcmp(from_1904, "true") == 0;
	return read_sheets(x, book, rels);
}

/* gives the text of a string item: its own <t>, or those of its runs; a phonetic guide (rPh)
 * is no part of it. */
static char *
string_of(const struct xml_node *item)
{
	OWNED_BUF struct buf text;
	buf_init(&text, XLSX_MAX_PART_BYTES);
	for (const struct xml_node *n = xml_child(item); n; n = xml_next(n)) {
		const struct xml_node *t = strcmp(xml_name(n), "t") == 0 ? n : NULL;
		if (strcmp(xml_name(n), "r") == 0)
			t = xml_find(n, "t");
		OWNED_MEM char *piece = t ? xml_text(t) : NULL;
		if (piece)
			buf_add(&text, piece, strlen(piece));
	}
	size_t len = 0;
	return (char *)buf_take(&text, &len);
}

static enum err
read_strings(struct xlsx *x)
{
	OWNED(xml) struct xml *doc = NULL;
	enum err e = read_optional(x, "xl/sharedStrings.xml", &doc);
	if (e || !doc)
		return e;
	size_t count = 0;
	for (const struct xml_node *n = xml_child(xml_root(doc)); n; n = xml_next(n))
		count++;
	if (count > MAX_STRINGS)
		return fail(E_FULL, "a workbook has at most %zu texts", MAX_STRINGS);
	x->strings = xcalloc(count + 1, sizeof(*x->strings));
	for (const struct xml_node *n = xml_child(xml_root(doc)); n; n = xml_next(n))
		x->strings[x->string_count++] = string_of(n);
	return OK;
}

/* ---- styles: which numbers are dates ---- */

static unsigned
number_attr(const struct xml_node *n, const char *name)
{
	int64_t value;
	if (!text_int(view_text(attr(n, name)), &value) || value < 0 || value > INT32_MAX)
		return 0;
	return (unsigned)value;
}

static const char *
format_code(const struct xml_node *formats, unsigned id)
{
	const struct xml_node *n = formats ? xml_child(formats) : NULL;
	for (size_t i = 0; n && i < MAX_FORMATS; n = xml_next(n), i++)
		if (number_attr(n, "numFmtId") == id)
			return attr(n, "formatCode");
	return "";
}

static enum err
read_styles(struct xlsx *x)
{
	OWNED(xml) struct xml *doc = NULL;
	enum err e = read_optional(x, "xl/styles.xml", &doc);
	if (e || !doc)
		return e;
	const struct xml_node *formats = xml_find(xml_root(doc), "numFmts");
	const struct xml_node *styles = xml_find(xml_root(doc), "cellXfs");
	x->is_date = xcalloc(MAX_STYLES, sizeof(*x->is_date));
	for (const struct xml_node *n = styles ? xml_child(styles) : NULL;
		n && x->style_count < MAX_STYLES; n = xml_next(n)) {
		unsigned id = number_attr(n, "numFmtId");
		x->is_date[x->style_count++] =
			xlsx_format_is_date(id, format_code(formats, id));
	}
	return OK;
}

/* ---- one sheet ---- */

struct cell {
	size_t row;
	size_t column;
};

/* Where a cell stands: where it says, or behind the one before. */
static enum err
locate(const struct xml_node *n, struct cell *at)
{
	size_t row = 0, column = 0;
	if (!*attr(n, "r"))
		return OK;
	if (!xlsx_address(attr(n, "r"), &row, &column) || row != at->row)
		return fail(E_FORMAT, "row %zu: a cell whose address is not in its row",
			at->row + 1);
	at->column = column;
	return OK;
}

static enum err
put_shared(const struct xlsx *x, struct sheet *s, struct cell at, const char *index)
{
	int64_t i;
	if (!text_int(view_text(index), &i) || i < 0 || (size_t)i >= x->string_count)
		return fail(
			E_FORMAT, "row %zu: a cell names a text that is not there", at.row + 1);
	return sheet_put(s, at.row, at.column, view_text(x->strings[i]));
}

static enum err
put_value(const struct xlsx *x, struct sheet *s, struct cell at, const struct xml_node *n)
{
	const char *type = attr(n, "t");
	const struct xml_node *v = xml_find(n, "v"), *is = xml_find(n, "is");
	OWNED_MEM char *text = strcmp(type, "inlineStr") == 0 ? (is ? string_of(is) : NULL)
			       : v                            ? xml_text(v)
							      : NULL;
	char shown[XLSX_CELL_BYTES];
	if (!text || !*text)
		return OK;
	if (strcmp(type, "s") == 0)
		return put_shared(x, s, at, text);
	if (strcmp(type, "e") == 0)
		return fail(E_FORMAT, "row %zu: a cell holds an error of the spreadsheet",
			at.row + 1);
	if (strcmp(type, "b") == 0)
		return sheet_put(s, at.row, at.column,
			view_text(strcmp(text, "0") == 0 ? "FALSE" : "TRUE"));
	if (*type && strcmp(type, "n") != 0)
		return sheet_put(s, at.row, at.column, view_text(text));
	unsigned style = number_attr(n, "s");
	if (style < x->style_count && x->is_date[style])
		xlsx_date(shown, text, x->from_1904);
	else
		xlsx_number(shown, text);
	return sheet_put(s, at.row, at.column, view_text(shown));
}

static enum err
put_row(const struct xlsx *x, struct sheet *s, const struct xml_node *row, size_t number)
{
	struct cell at = {.row = number};
	enum err e = OK;
	for (const struct xml_node *n = xml_child(row); !e && n; n = xml_next(n)) {
		if (strcmp(xml_name(n), "c") != 0)
			continue;
		e = locate(n, &at);
		if (!e)
			e = put_value(x, s, at, n);
		at.column++;
	}
	return e;
}

static enum err
put_rows(const struct xlsx *x, struct sheet *s, const struct xml_node *data)
{
	size_t number = 0;
	enum err e = OK;
	for (const struct xml_node *n = xml_child(data); !e && n; n = xml_next(n)) {
		if (strcmp(xml_name(n), "row") != 0)
			continue;
		unsigned says = number_attr(n, "r");
		number = says ? says : number + 1;
		e = put_row(x, s, n, number - 1);
	}
	return e ? e : sheet_finish(s);
}

enum err
xlsx_read(struct sheet **ret, struct xlsx *x, size_t sheet, const char *file)
{
	*ret = NULL;
	if (sheet >= x->sheet_count)
		return fail(E_NOTFOUND, "%s: there is no such sheet", file);
	OWNED_MEM char *name = xasprintf("%s, sheet %s", file, x->sheets[sheet].name);
	OWNED(sheet) struct sheet *s = sheet_new(name);
	OWNED(xml) struct xml *doc = NULL;
	enum err e = read_part(x, x->sheets[sheet].part, &doc);
	if (!e) {
		const struct xml_node *data = xml_find(xml_root(doc), "sheetData");
		e = data ? put_rows(x, s, data) : fail(E_FORMAT, "is no sheet of cells");
	}
	if (e)
		return fail_in(e, "%s", name);
	*ret = take(s);
	return OK;
}

/* ---- make, ask, free ---- */

static enum err
open_zip(struct xlsx *x, struct view bytes)
{
	static const uint8_t old[] = {0xd0, 0xcf, 0x11, 0xe0};
	if (bytes.len > XLSX_MAX_FILE_BYTES)
		return fail(E_FULL, "larger than %zu MiB", XLSX_MAX_FILE_BYTES >> 20);
	if (bytes.len >= sizeof(old) && memcmp(bytes.at, old, sizeof(old)) == 0)
		return fail(E_FORMAT, "a workbook with a password, or one of the old form "
				      ".xls: save it as .xlsx without a password");
	zip_source_t *source = zip_source_buffer_create(bytes.at, bytes.len, 0, NULL);
	if (!source)
		return fail(E_FORMAT, "not a .xlsx workbook");
	x->zip = zip_open_from_source(source, ZIP_RDONLY, NULL);
	if (!x->zip)
		zip_source_free(source);
	return x->zip ? OK : fail(E_FORMAT, "not a .xlsx workbook (no zip archive)");
}

enum err
xlsx_open(struct xlsx **ret, struct view bytes)
{
	*ret = NULL;
	OWNED(xlsx) struct xlsx *x = xcalloc(1, sizeof(*x));
	enum err e = open_zip(x, bytes);
	if (!e)
		e = read_book(x);
	if (!e)
		e = read_strings(x);
	if (!e)
		e = read_styles(x);
	if (!e)
		*ret = take(x);
	return e;
}

void
xlsx_free(struct xlsx *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->sheet_count; i++) {
		free(x->sheets[i].name);
		free(x->sheets[i].part);
	}
	for (size_t i = 0; i < x->string_count; i++)
		free(x->strings[i]);
	free(x->sheets);
	free(x->strings);
	free(x->is_date);
	if (x->zip)
		zip_discard(x->zip);
	free(x);
}

size_t
xlsx_sheets(const struct xlsx *x)
{
	return x->sheet_count;
}

int
xlsx_sheet(const struct xlsx *x, const char *name)
{
	for (size_t i = 0; i < x->sheet_count; i++)
		if (strcasecmp(x->sheets[i].name, name) == 0)
			return (int)i;
	return -1;
}
