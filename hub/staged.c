#include "hub/staged.h"

#include <string.h>

#include "common/base/mem.h"

#define TEXT_MAX_BYTES 1024
#define WHOLE          "ALL" /* in the CSV, where a row is not broken down */
#define AS_RECORDED    "recorded"

/* writing */

void
staged_put_row(struct json_out *w, const char *const *by, size_t by_count,
	const struct staged_row *row)
{
	json_put_object(w, NULL);
	json_put_text(w, "indicator", row->indicator);
	json_put_text(w, "site", row->site);
	json_put_object(w, "by");
	for (size_t i = 0; i < by_count; i++)
		if (row->by[i])
			json_put_text(w, by[i], row->by[i]);
	json_put_close(w);
	json_put_text(w, "level", row->level);
	json_put_text(w, "statistic", row->statistic);
	json_put_text(w, "value", row->value);
	if (row->earlier) {
		json_put_text(w, "earlier", row->earlier);
		json_put_text(w, "change", row->change);
	}
	json_put_close(w);
}

/* reading */

static const char *const members[] = {"format", "study", "release", "purpose", "author",
	"manifest", "rules", "profile", "cohort", "frozen_at", "count_bucket", "code",
	"witnessed", "wave", "compared", "sites_by", "sites", "notes", "by", "rows"};

static enum err
read_texts(struct staged *s)
{
	const struct {
		const char *key;
		const char **to;
	} texts[] = {{"study", &s->study}, {"release", &s->release}, {"purpose", &s->purpose},
		{"author", &s->author}, {"count_bucket", &s->count_bucket},
		{"cohort", &s->cohort}};
	enum err e = OK;
	for (size_t i = 0; !e && i < ARRAY_LEN(texts); i++)
		e = json_get_text(s->tree, texts[i].key, TEXT_MAX_BYTES, texts[i].to);
	return e;
}

static enum err
read_by(struct staged *s)
{
	const struct json *list = NULL;
	enum err e = json_get_array(s->tree, "by", STAGED_BY_MAX, &list);
	s->by_count = e ? 0 : json_count(list);
	for (size_t i = 0; !e && i < s->by_count; i++)
		e = json_item_text(list, i, "by", TEXT_MAX_BYTES, &s->by[i]);
	return e;
}

static enum err
read_sites(struct staged *s)
{
	s->sites_by = AS_RECORDED;
	if (!json_has(s->tree, "sites_by"))
		return OK;
	enum err e = json_get_text(s->tree, "sites_by", TEXT_MAX_BYTES, &s->sites_by);
	if (!e)
		e = json_get_array(s->tree, "notes", STAGED_NOTES_MAX, &s->notes);
	s->note_count = e ? 0 : json_count(s->notes);
	return e;
}

static enum err
read_waves(struct staged *s)
{
	int64_t wave = 0, compared = 0;
	enum err e = OK;
	if (json_has(s->tree, "wave"))
		e = json_get_int(s->tree, "wave", 0, UINT32_MAX, &wave);
	if (!e && json_has(s->tree, "compared"))
		e = json_get_int(s->tree, "compared", 1, UINT32_MAX, &compared);
	s->wave = (uint32_t)wave;
	s->compared = (uint32_t)compared;
	return e;
}

static enum err
read_head(struct staged *s)
{
	const char *format = "";
	enum err e = json_only(s->tree, members, ARRAY_LEN(members));
	if (!e)
		e = json_get_text(s->tree, "format", TEXT_MAX_BYTES, &format);
	if (!e && strcmp(format, STAGED_FORMAT) != 0)
		e = fail(E_FORMAT, "the document is not of the format %s", STAGED_FORMAT);
	if (!e)
		e = read_texts(s);
	if (!e)
		e = json_get_int(s->tree, "frozen_at", 0, INT64_MAX, &s->frozen_at_s);
	if (!e)
		e = read_waves(s);
	if (!e)
		e = read_sites(s);
	if (!e)
		e = read_by(s);
	if (!e)
		e = json_get_array(s->tree, "rows", STAGED_ROWS_MAX, &s->rows);
	s->row_count = e ? 0 : json_count(s->rows);
	return e;
}

enum err
staged_parse(struct staged **ret, struct view document)
{
	OWNED(staged) struct staged *s = xcalloc(1, sizeof(*s));
	*ret = NULL;
	enum err e = json_parse(&s->tree, document, STAGED_MAX_BYTES);
	if (!e)
		e = read_head(s);
	if (!e)
		*ret = take(s);
	return e;
}

void
staged_free(struct staged *s)
{
	if (!s)
		return;
	json_free(s->tree);
	mem_drop(&s);
}

enum err
staged_row(const struct staged *s, size_t i, struct staged_row *ret)
{
	const struct json *row = NULL, *by = NULL;
	*ret = (struct staged_row){0};
	enum err e = json_item_object(s->rows, i, "rows", &row);
	if (!e)
		e = json_get_text(row, "indicator", TEXT_MAX_BYTES, &ret->indicator);
	if (!e)
		e = json_get_text(row, "site", TEXT_MAX_BYTES, &ret->site);
	if (!e)
		e = json_get_object(row, "by", &by);
	for (size_t k = 0; !e && k < s->by_count; k++)
		if (json_has(by, s->by[k]))
			e = json_get_text(by, s->by[k], TEXT_MAX_BYTES, &ret->by[k]);
	if (!e)
		e = json_get_text(row, "level", TEXT_MAX_BYTES, &ret->level);
	if (!e)
		e = json_get_text(row, "statistic", TEXT_MAX_BYTES, &ret->statistic);
	if (!e)
		e = json_get_text(row, "value", TEXT_MAX_BYTES, &ret->value);
	if (!e && s->compared)
		e = json_get_text(row, "earlier", TEXT_MAX_BYTES, &ret->earlier);
	if (!e && s->compared)
		e = json_get_text(row, "change", TEXT_MAX_BYTES, &ret->change);
	return e;
}

enum err
staged_note(const struct staged *s, size_t i, const char **ret)
{
	return json_item_text(s->notes, i, "notes", TEXT_MAX_BYTES, ret);
}

enum err
staged_notes(const struct staged *s, struct buf *out)
{
	const bool is_recorded = strcmp(s->sites_by, AS_RECORDED) == 0;
	const char *note = "";
	enum err e = OK;
	if (!is_recorded || s->note_count)
		buf_format(out, "sites are named: %s\n", s->sites_by);
	for (size_t i = 0; !e && i < s->note_count; i++) {
		e = staged_note(s, i, &note);
		if (!e)
			buf_format(out, "%s\n", note);
	}
	return e ? e : buf_check(out, "notes of a released table");
}

/* CSV */

/* RFC 4180: quoted where a reader would split it. */
static void
add_cell(struct buf *out, const char *text)
{
	if (!strpbrk(text, ",;\"\r\n")) {
		buf_add_view(out, view_text(text));
		return;
	}
	buf_u8(out, '"');
	for (const char *at = text; *at; at++) {
		if (*at == '"')
			buf_u8(out, '"');
		buf_u8(out, (uint8_t)*at);
	}
	buf_u8(out, '"');
}

static void
add_cells(struct buf *out, const struct staged *s, const struct staged_row *r)
{
	add_cell(out, r->indicator);
	buf_u8(out, ',');
	add_cell(out, r->site);
	for (size_t k = 0; k < s->by_count; k++) {
		buf_u8(out, ',');
		add_cell(out, r->by[k] ? r->by[k] : WHOLE);
	}
	buf_u8(out, ',');
	add_cell(out, r->level);
	buf_u8(out, ',');
	add_cell(out, r->statistic);
	buf_u8(out, ',');
	add_cell(out, r->value);
	if (s->compared) {
		buf_u8(out, ',');
		add_cell(out, r->earlier);
		buf_u8(out, ',');
		add_cell(out, r->change);
	}
	buf_u8(out, '\n');
}

enum err
staged_csv(const struct staged *s, struct buf *out)
{
	struct staged_row row = {.indicator = "indicator",
		.site = "site",
		.level = "level",
		.statistic = "statistic",
		.value = "value",
		.earlier = "earlier",
		.change = "change"};
	memcpy(row.by, s->by, sizeof(row.by));
	add_cells(out, s, &row);
	enum err e = OK;
	for (size_t i = 0; !e && i < s->row_count; i++) {
		e = staged_row(s, i, &row);
		if (!e)
			add_cells(out, s, &row);
	}
	return e ? e : buf_check(out, "released table");
}
