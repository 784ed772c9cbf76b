#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/xlsform_inside.h"

#define DEFAULT_LANGUAGE "default"

static const char *const word_names[XF_WORD_COUNT] = {"label", "hint", "guidance_hint",
	"constraint_message", "required_message", "image", "big-image", "audio", "video"};

static const char *
plain_of(struct xf_row row, enum xf_word word)
{
	return sheet_cell(row.words->sheet, row.row, row.words->plain[word]);
}

static const char *
word_in(struct xf_row row, enum xf_word word, size_t language)
{
	return sheet_cell(row.words->sheet, row.row, row.words->in[word][language]);
}

static int
default_index(const struct xf *x)
{
	for (size_t i = 0; i < x->language_count; i++)
		if (strcmp(x->languages[i], x->settings.language) == 0)
			return (int)i;
	return XF_NOWHERE;
}

/* A language that lacks a text shows that of the default language: better than nothing. */
const char *
xf_word(const struct xf *x, struct xf_row row, enum xf_word word, size_t language)
{
	if (!row.words->sheet)
		return "";
	const char *text = language < x->language_count ? word_in(row, word, language) : "";
	int other = default_index(x);
	if (!*text)
		text = plain_of(row, word);
	if (!*text && other >= 0)
		text = word_in(row, word, (size_t)other);
	for (size_t i = 0; !*text && i < x->language_count; i++)
		text = word_in(row, word, i);
	return text;
}

bool
xf_word_translated(const struct xf *x, struct xf_row row, enum xf_word word)
{
	for (size_t i = 0; row.words->sheet && i < x->language_count; i++)
		if (*word_in(row, word, i))
			return true;
	return false;
}

bool
xf_has_media(const struct xf *x, struct xf_row row)
{
	for (enum xf_word w = XF_IMAGE; w <= XF_VIDEO; w++)
		if (*xf_word(x, row, w, 0))
			return true;
	return false;
}

struct fault_place
xf_word_place(const struct xf *x, struct xf_row row, enum xf_word word)
{
	const struct sheet *s = row.words->sheet;
	int column = row.words->plain[word];
	for (size_t i = 0; column < 0 && i < x->language_count; i++)
		column = row.words->in[word][i];
	return (struct fault_place){sheet_name(s), sheet_row_number(s, row.row),
		column < 0 ? word_names[word] : sheet_column_name(s, (size_t)column)};
}

/* ---- texts that name answers ---- */

/* Puts the text with an <output> for each ${name}. */
static void
put_text(struct xf *x, struct buf *out, const char *text, struct xf_at at)
{
	for (const char *from = text;;) {
		const char *dollar = strstr(from, "${");
		const char *close = dollar ? strchr(dollar, '}') : NULL;
		if (!close) {
			xml_put_text(out, from);
			return;
		}
		OWNED_MEM char *before = xmemdup(from, (size_t)(dollar - from));
		OWNED_MEM char *ref = xmemdup(dollar, (size_t)(close + 1 - dollar));
		OWNED_MEM char *path = xf_expression(x, ref, at);
		xml_put_text(out, before);
		xml_put_raw(out, "<output");
		xml_put_attr(out, "value", path);
		xml_put_raw(out, "/>");
		from = close + 1;
	}
}

/* A value of the table of translations: what it shows, or the address of a file. */
static void
put_value(struct xf *x, struct buf *out, const char *form, const char *text)
{
	static const struct {
		const char *form;
		const char *folder;
	} media[] = {{"image", "images"}, {"big-image", "images"}, {"audio", "audio"},
		{"video", "video"}};
	(void)x;
	if (!*text)
		return;
	for (size_t i = 0; i < ARRAY_LEN(media); i++) {
		if (strcmp(media[i].form, form) != 0)
			continue;
		OWNED_MEM char *address =
			strncmp(text, "jr://", 5) == 0
				? xstrdup(text)
				: xasprintf("jr://%s/%s", media[i].folder, text);
		xml_put_raw(out, "<value");
		xml_put_attr(out, "form", form);
		xml_put_raw(out, ">");
		xml_put_text(out, address);
		xml_put_raw(out, "</value>");
	}
}

static void
put_words_of(struct xf *x, struct buf *out, const struct xf_text *t, enum xf_word word,
	size_t language)
{
	const char *text = t->fixed ? t->fixed : xf_word(x, t->row, word, language);
	struct xf_at at = {.node = t->node};
	if (!t->fixed)
		at.place = xf_word_place(x, t->row, word);
	if (!*text && word == XF_GUIDANCE)
		return;
	xml_put_raw(out, word == XF_GUIDANCE ? "<value form=\"guidance\">" : "<value>");
	put_text(x, out, text, at);
	xml_put_raw(out, "</value>");
}

static void
put_entry(struct xf *x, struct buf *out, const struct xf_text *t, size_t language)
{
	xml_put_raw(out, "<text");
	xml_put_attr(out, "id", t->id);
	xml_put_raw(out, ">");
	bool media = t->word == XF_LABEL && !t->fixed && xf_has_media(x, t->row);
	/* A label of pictures alone has no text of its own. */
	if (t->fixed || !media || *xf_word(x, t->row, t->word, language))
		put_words_of(x, out, t, t->word, language);
	for (enum xf_word w = XF_IMAGE; media && w <= XF_VIDEO; w++)
		put_value(x, out, word_names[w], xf_word(x, t->row, w, language));
	if (t->word == XF_HINT && !t->fixed)
		put_words_of(x, out, t, XF_GUIDANCE, language);
	xml_put_raw(out, "</text>\n");
}

void
xf_put_itext(struct xf *x, struct buf *out)
{
	if (x->text_count == 0)
		return;
	int first = default_index(x);
	size_t count = x->language_count ? x->language_count : 1;
	xml_put_raw(out, "<itext>\n");
	for (size_t l = 0; l < count; l++) {
		const char *name = x->language_count       ? x->languages[l]
				   : *x->settings.language ? x->settings.language
							   : DEFAULT_LANGUAGE;
		xml_put_raw(out, "<translation");
		xml_put_attr(out, "lang", name);
		if ((first < 0 && l == 0) || (int)l == first)
			xml_put_attr(out, "default", "true()");
		xml_put_raw(out, ">\n");
		for (size_t i = 0; i < x->text_count; i++)
			put_entry(x, out, &x->texts[i], l);
		xml_put_raw(out, "</translation>\n");
	}
	xml_put_raw(out, "</itext>\n");
}

/* ---- words of a node ---- */

/* gives the id under which a text stands in the table. */
static char *
entry(struct xf *x, int node, enum xf_word word, const char *what)
{
	const struct xf_node *n = &x->nodes[node];
	OWNED_MEM char *path = xf_absolute(x, n->path);
	x->texts = xrealloc(x->texts, x->text_count + 1, sizeof(*x->texts));
	x->texts[x->text_count++] = (struct xf_text){
		.id = xasprintf("%s:%s", path, what),
		.word = word,
		.row = {&x->words, n->row},
		.node = node,
	};
	return xasprintf("jr:itext('%s:%s')", path, what);
}

static void
put_plain(struct xf *x, int node, enum xf_word word, const char *tag)
{
	const struct xf_row row = {&x->words, x->nodes[node].row};
	buf_format(&x->body, "<%s>", tag);
	put_text(x, &x->body, xf_word(x, row, word, 0),
		(struct xf_at){.node = node, .place = xf_word_place(x, row, word)});
	buf_format(&x->body, "</%s>", tag);
}

static void
put_label(struct xf *x, int node)
{
	const struct xf_row row = {&x->words, x->nodes[node].row};
	if (xf_word_translated(x, row, XF_LABEL) || xf_has_media(x, row)) {
		OWNED_MEM char *ref = entry(x, node, XF_LABEL, "label");
		xml_put_raw(&x->body, "<label");
		xml_put_attr(&x->body, "ref", ref);
		xml_put_raw(&x->body, "/>");
	} else if (*xf_word(x, row, XF_LABEL, 0)) {
		put_plain(x, node, XF_LABEL, "label");
	}
}

static void
put_hint(struct xf *x, int node)
{
	const struct xf_row row = {&x->words, x->nodes[node].row};
	if (xf_word_translated(x, row, XF_HINT) || *xf_word(x, row, XF_GUIDANCE, 0)) {
		OWNED_MEM char *ref = entry(x, node, XF_HINT, "hint");
		xml_put_raw(&x->body, "<hint");
		xml_put_attr(&x->body, "ref", ref);
		xml_put_raw(&x->body, "/>");
	} else if (*xf_word(x, row, XF_HINT, 0)) {
		put_plain(x, node, XF_HINT, "hint");
	}
}

void
xf_put_words(struct xf *x, int node)
{
	if (x->nodes[node].made) {
		xml_put_raw(&x->body, "<label>Please say which.</label>");
		return;
	}
	const struct xf_row row = {&x->words, x->nodes[node].row};
	put_label(x, node);
	if (x->nodes[node].kind == XF_QUESTION)
		put_hint(x, node);
	else if (*xf_word(x, row, XF_HINT, 0))
		faults_warn(x->faults, xf_word_place(x, row, XF_HINT),
			"ODK shows no hints of groups: a note inside shows these words");
}

void
xf_put_message(struct xf *x, int node, enum xf_word word, const char *attr)
{
	const struct xf_node *n = &x->nodes[node];
	const struct xf_row row = {&x->words, n->row};
	if (n->made)
		return;
	const char *text = xf_word(x, row, word, 0);
	if (xf_word_translated(x, row, word) || strstr(text, "${")) {
		OWNED_MEM char *ref = entry(x, node, word, attr);
		xml_put_attr(&x->binds, attr, ref);
	} else if (*text) {
		xml_put_attr(&x->binds, attr, text);
	}
}
