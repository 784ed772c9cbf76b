#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/formfile.h"
#include "common/study/pack_own.h"

/* The forms while the pack is read: what stands where, for checks that come later. */
struct pack_forms {
	struct formfile *files[PACK_MAX_FORMS];
	const struct form *forms[PACK_MAX_FORMS];
	size_t count;
};

/* A file in which a form may be written: its name is the form's id between these two. */
static const struct {
	const char *folder; /* "": none but the pack's; else that of the form */
	const char *ending; /* NULL: sheets */
} shapes[] = {{"", ".xml"}, {"", ".xlsx"}, {"/", ".xml"}, {"/", ".xlsx"}, {"/", NULL}};

/* gives "forms/a.xml", "forms/a/a.xml", "forms/a/survey.csv". */
static char *
shape_name(size_t shape, const char *id)
{
	const char *ending = shapes[shape].ending;
	if (!ending)
		return xasprintf(PACK_FORMS "%s/survey.csv", id);
	return *shapes[shape].folder ? xasprintf(PACK_FORMS "%s/%s%s", id, id, ending)
				     : xasprintf(PACK_FORMS "%s%s", id, ending);
}

static struct view
bytes_of(const struct pack_private *own, const char *id, const char *sheet)
{
	OWNED_MEM char *name = xasprintf(PACK_FORMS "%s/%s.csv", id, sheet);
	const struct pack_document *d = pack_document_named(own, name);
	return d ? d->bytes : view_of(NULL, 0);
}

/* ---- files beside a form ---- */

/* The sheets and the form itself travel as the XForm. */
static bool
is_form_itself(const char *file, const char *id)
{
	static const char *const sheets[] = {
		"survey.csv", "choices.csv", "settings.csv", "entities.csv"};
	for (size_t i = 0; i < ARRAY_LEN(sheets); i++)
		if (strcmp(sheets[i], file) == 0)
			return true;
	size_t len = strlen(id);
	return strncmp(file, id, len) == 0 &&
	       (strcmp(file + len, ".xml") == 0 || strcmp(file + len, ".xlsx") == 0);
}

static size_t
files_beside(struct pack_private *own, const char *id,
	struct form_file files[static PACK_MAX_DOCUMENTS])
{
	OWNED_MEM char *folder = xasprintf(PACK_FORMS "%s/", id);
	OWNED_MEM char *partners = xasprintf(PACK_FORMS "%s/" PACK_PARTNERS, id);
	const struct view list = pack_partner_list(own);
	size_t len = strlen(folder), count = 0;
	for (size_t i = 0; i < own->document_count; i++) {
		const struct pack_document *d = &own->documents[i];
		if (strncmp(d->name, folder, len) != 0 || is_form_itself(d->name + len, id))
			continue;
		files[count++] = (struct form_file){
			.name = (char *)(uintptr_t)(d->name + len), .bytes = d->bytes};
	}
	/* A list of its own that a form brings goes before the pack's. */
	if (list.at && !pack_document_named(own, partners) && count < PACK_MAX_DOCUMENTS)
		files[count++] = (struct form_file){
			.name = (char *)(uintptr_t)PACK_PARTNERS, .bytes = list};
	return count;
}

/* ---- one form ---- */

/* The one file that holds the form; with two of them nobody knows which is meant. */
static int
shape_of(const struct pack *p, const char *id, struct faults *faults)
{
	int found = -1;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		OWNED_MEM char *name = shape_name(i, id);
		if (!pack_document_named(p->own, name))
			continue;
		if (found >= 0) {
			OWNED_MEM char *other = shape_name((size_t)found, id);
			faults_add(faults, (struct fault_place){name, 0, NULL},
				"the form is in %s already: one of them has to go", other);
		}
		found = (int)i;
	}
	OWNED_MEM char *folder = xasprintf(PACK_FORMS "%s", id);
	if (found < 0)
		faults_add(faults, (struct fault_place){folder, 0, NULL},
			"there is no form here: survey.csv, %s.xlsx or %s.xml", id, id);
	return found;
}

static struct formfile *
read_source(const struct pack *p, const char *id, size_t shape, struct faults *faults)
{
	struct form_file files[PACK_MAX_DOCUMENTS];
	OWNED_MEM char *name = shape_name(shape, id);
	struct formfile_source s = {
		.id = id,
		.name = name,
		.study = true,
		.files = files,
		.file_count = files_beside(p->own, id, files),
	};
	const struct pack_document *d = pack_document_named(p->own, name);
	const char *ending = shapes[shape].ending;
	if (ending && strcmp(ending, ".xml") == 0)
		s.xml = d->bytes;
	else if (ending)
		s.xlsx = d->bytes;
	if (ending)
		return formfile_read(&s, faults);
	*strrchr(name, '/') = '\0'; /* sheets are named by their folder */
	s.survey = d->bytes;
	s.choices = bytes_of(p->own, id, "choices");
	s.settings = bytes_of(p->own, id, "settings");
	s.entities = bytes_of(p->own, id, "entities");
	return formfile_read(&s, faults);
}

/* A form that could not be read stands there without a question, so that nothing says there
 * were no such form. */
static struct form *
form_or_none(struct formfile *f, const char *id)
{
	struct form *form = f ? formfile_take(f) : NULL;
	if (form)
		return form;
	form = xcalloc(1, sizeof(*form));
	form->id = xstrdup(id);
	form->title = xstrdup("");
	form->version = xstrdup("");
	form->language = xstrdup("");
	return form;
}

static void
read_form(struct pack *p, const char *id, struct pack_forms *forms, struct faults *faults)
{
	OWNED_MEM char *folder = xasprintf(PACK_FORMS "%s", id);
	if (p->form_count == PACK_MAX_FORMS) {
		faults_add(faults, (struct fault_place){folder, 0, NULL}, "more than %d forms",
			PACK_MAX_FORMS);
		return;
	}
	int shape = shape_of(p, id, faults);
	struct formfile *f = shape < 0 ? NULL : read_source(p, id, (size_t)shape, faults);
	struct form *form = form_or_none(f, id);
	p->own->formless = p->own->formless || form->field_count == 0;
	p->forms = xrealloc(p->forms, p->form_count + 1, sizeof(struct form *));
	p->forms[p->form_count++] = form;
	forms->forms[forms->count] = form;
	forms->files[forms->count++] = f;
}

struct pack_forms *
pack_read_forms(struct pack *p, struct faults *faults)
{
	struct pack_forms *forms = xcalloc(1, sizeof(*forms));
	for (size_t i = 0; i < p->own->document_count; i++) {
		OWNED_MEM char *id = pack_form_of(p->own->documents[i].name);
		if (id && !pack_form(p, id))
			read_form(p, id, forms, faults);
	}
	if (p->form_count == 0)
		faults_add(faults, (struct fault_place){"forms", 0, NULL}, "there is no form");
	return forms;
}

void
pack_check_forms(const struct pack_forms *forms, struct faults *faults)
{
	for (size_t i = 0; i < forms->count; i++)
		if (forms->files[i])
			formfile_check(forms->files[i], forms->forms[i], faults);
}

void
pack_forms_free(struct pack_forms *forms)
{
	if (!forms)
		return;
	for (size_t i = 0; i < forms->count; i++)
		formfile_free(forms->files[i]);
	free(forms);
}
