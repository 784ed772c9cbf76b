#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/xform_reader.h"

#define ITEXT_CALL "jr:itext("

static int
by_id(const void *a, const void *b)
{
	const struct xform_text *left = a, *right = b;
	return strcmp(left->id, right->id);
}

const struct xml_node *
xform_find_text(const struct xform *x, const char *id)
{
	const struct xform_text wanted = {.id = id};
	const struct xform_text *found =
		x->text_count
			? bsearch(&wanted, x->texts, x->text_count, sizeof(*x->texts), by_id)
			: NULL;
	return found ? found->node : NULL;
}

static const char *
trimmed_end(char *text)
{
	size_t len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* gives the text without blanks around it. */
static char *
trimmed(const struct xml_node *n)
{
	OWNED_MEM char *text = xml_text(n);
	const char *at = trimmed_end(text);
	return xstrdup(at + strspn(at, " \t\r\n"));
}

/* The words among the values of a text: the one without a form (image, audio ...). */
static char *
value_of(const struct xml_node *text)
{
	for (const struct xml_node *v = xml_child(text); v; v = xml_next(v))
		if (strcmp(xml_name(v), "value") == 0 && !xml_attr(v, "", "form"))
			return trimmed(v);
	return xstrdup("");
}

/* gives the id in jr:itext('id'); NULL if it is something else. */
static char *
id_in_call(const char *ref)
{
	const char *at = ref + strspn(ref, " \t\r\n");
	if (strncmp(at, ITEXT_CALL, strlen(ITEXT_CALL)) != 0)
		return NULL;
	at += strlen(ITEXT_CALL);
	at += strspn(at, " ");
	char quote = *at;
	const char *end = quote == '\'' || quote == '"' ? strchr(at + 1, quote) : NULL;
	return end ? xmemdup(at + 1, (size_t)(end - at - 1)) : NULL;
}

char *
xform_words(const struct xform *x, const struct xml_node *label)
{
	const char *ref = xml_attr(label, "", "ref");
	if (!ref)
		return trimmed(label);
	OWNED_MEM char *id = id_in_call(ref);
	const struct xml_node *text = id ? xform_find_text(x, id) : NULL;
	return text ? value_of(text) : xstrdup("");
}

/* Pictures and sounds of a text are files. */
static void
name_media(struct xform *x, const struct xml_node *text)
{
	for (const struct xml_node *v = xml_child(text); v; v = xml_next(v)) {
		OWNED_MEM char *value = trimmed(v);
		if (xml_attr(v, "", "form") && strncmp(value, "jr://", 5) == 0)
			xform_name_file(x, xform_file_of(value));
	}
}

static const struct xml_node *
default_translation(const struct xml_node *itext)
{
	for (const struct xml_node *t = xml_child(itext); t; t = xml_next(t))
		if (xml_attr(t, "", "default"))
			return t;
	return xml_child(itext);
}

static void
add_text(struct xform *x, const struct xml_node *text)
{
	const char *id = xml_attr(text, "", "id");
	if (!id)
		return;
	if ((x->text_count & (x->text_count + 1)) == 0)
		x->texts = xrealloc(x->texts, (x->text_count + 1) * 2, sizeof(*x->texts));
	x->texts[x->text_count++] = (struct xform_text){id, text};
}

void
xform_read_texts(struct xform_reader *r)
{
	struct xform *x = r->x;
	const struct xml_node *itext = xml_find(r->model, "itext");
	const struct xml_node *chosen = itext ? default_translation(itext) : NULL;
	const char *language = chosen ? xml_attr(chosen, "", "lang") : NULL;
	x->language = xstrdup(language ? language : "");
	for (const struct xml_node *t = itext ? xml_child(itext) : NULL; t; t = xml_next(t))
		for (const struct xml_node *text = xml_child(t); text; text = xml_next(text)) {
			name_media(x, text);
			if (t == chosen)
				add_text(x, text);
		}
	if (x->text_count)
		qsort(x->texts, x->text_count, sizeof(*x->texts), by_id);
}
