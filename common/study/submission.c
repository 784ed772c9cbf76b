#include "common/study/submission.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/submission_inside.h"

static void
wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void
submission_forget(struct submission *s)
{
	for (size_t i = 0; i < s->count; i++) {
		wipe(s->places[i].value);
		free(s->places[i].path);
	}
	for (size_t i = 0; i < s->file_count; i++)
		free(s->files[i]);
	free(s->places);
	free(s->answers);
	free(s->files);
	s->places = NULL;
	s->answers = NULL;
	s->files = NULL;
	s->count = s->room = s->answer_count = s->file_count = 0;
}

void
submission_free(struct submission *s)
{
	if (!s)
		return;
	submission_forget(s);
	free(s->id);
	free(s->version);
	free(s->instance);
	free(s->deprecated);
	xml_free(s->xml);
	free(s);
}

void
submission_shed(struct submission *s)
{
	xml_free(s->xml);
	s->xml = NULL;
	for (size_t i = 0; i < s->count; i++)
		s->places[i].at = NULL;
	if (s->answers || s->encrypted)
		return;
	/* Of a check that was given up nothing but the places is there. */
	submission_forget(s);
}

static char *
attr_of(const struct xml_node *root, const char *name)
{
	const char *value = xml_attr(root, "", name);
	if (!value)
		value = xml_attr(root, NULL, name);
	return xstrdup(value ? value : "");
}

static char *
meta_of(const struct xml_node *meta, const char *name)
{
	const struct xml_node *n = meta ? xml_find(meta, name) : NULL;
	OWNED_MEM char *text = n ? xml_text(n) : xstrdup("");
	const char *at = text + strspn(text, " \t\r\n");
	return xmemdup(at, strcspn(at, " \t\r\n"));
}

/* The manifest of an encrypted submission names all of its files. */
static void
read_manifest(struct submission *s, const struct xml_node *root)
{
	for (const struct xml_node *n = root; n; n = xml_walk(root, n)) {
		bool file = strcmp(xml_name(n), "file") == 0 ||
			    strcmp(xml_name(n), "encryptedXmlFile") == 0;
		if (!file)
			continue;
		s->files = xrealloc(s->files, s->file_count + 1, sizeof(*s->files));
		s->files[s->file_count++] = xml_text(n);
	}
}

enum err
submission_parse(struct submission **ret, struct view xml)
{
	*ret = NULL;
	OWNED(submission) struct submission *s = xcalloc(1, sizeof(*s));
	enum err e = xml_parse(&s->xml, xml);
	if (e != OK)
		return e;
	const struct xml_node *root = xml_root(s->xml), *meta = xml_find(root, "meta");
	const char *encrypted = xml_attr(root, NULL, "encrypted");
	s->id = attr_of(root, "id");
	if (!*s->id && *xml_space(root)) {
		free(s->id);
		s->id = xstrdup(xml_space(root));
	}
	s->version = attr_of(root, "version");
	s->instance = meta_of(meta, "instanceID");
	s->deprecated = meta_of(meta, "deprecatedID");
	s->encrypted = encrypted && strcmp(encrypted, "yes") == 0;
	if (!*s->id)
		return fail(E_FORMAT, "the submission does not say of which form it is");
	if (s->encrypted)
		read_manifest(s, root);
	*ret = take(s);
	return OK;
}

const char *
submission_form_id(const struct submission *s)
{
	return s->id;
}

const char *
submission_version(const struct submission *s)
{
	return s->version;
}

const char *
submission_instance_id(const struct submission *s)
{
	return s->instance;
}

const char *
submission_deprecated_id(const struct submission *s)
{
	return s->deprecated;
}

bool
submission_is_encrypted(const struct submission *s)
{
	return s->encrypted;
}

const struct submission_answer *
submission_answers(const struct submission *s, size_t *ret_count)
{
	*ret_count = s->answer_count;
	return s->answers;
}

const char *const *
submission_attachments(const struct submission *s, size_t *ret_count)
{
	*ret_count = s->file_count;
	return (const char *const *)s->files;
}

void
submission_report_done(struct submission_report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->lines[i].path);
		free(r->lines[i].reason);
	}
	*r = (struct submission_report){0};
}
