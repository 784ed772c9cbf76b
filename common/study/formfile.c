#include "common/study/formfile.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/xlsx.h"
#include "common/study/xlsform.h"

enum sheets { SURVEY, CHOICES, SETTINGS, ENTITIES, SHEET_COUNT };
static const char *const sheet_names[SHEET_COUNT] = {
	"survey", "choices", "settings", "entities"};

struct formfile {
	char *name;
	struct sheet *sheets[SHEET_COUNT];
	struct xlsform *made; /* of sheets */
	struct form *form;
};

/* ---- sheets ---- */

/* The sentence of a sheet begins with its name, which the place says already. */
static void
add_fault(struct faults *faults, const char *name)
{
	const char *says = err_text();
	size_t len = strlen(name);
	if (strncmp(says, name, len) == 0 && says[len] != '\0')
		says += len + 1 + (says[len] == ':');
	faults_add(faults, (struct fault_place){name, 0, NULL}, "%s", says);
}

static void
read_csv(struct formfile *f, const struct formfile_source *s, struct faults *faults)
{
	const struct view texts[SHEET_COUNT] = {
		s->survey, s->choices, s->settings, s->entities};
	for (size_t i = 0; i < SHEET_COUNT; i++) {
		OWNED_MEM char *name = xasprintf("%s/%s.csv", s->name, sheet_names[i]);
		if (!texts[i].at)
			continue;
		if (texts[i].len == 0)
			faults_add(faults, (struct fault_place){name, 0, NULL},
				"this file is empty");
		else if (sheet_from_csv(&f->sheets[i], texts[i], name) != OK)
			add_fault(faults, name);
	}
	if (!s->survey.at) {
		OWNED_MEM char *name = xasprintf("%s/survey.csv", s->name);
		faults_add(faults, (struct fault_place){name, 0, NULL}, "this file is missing");
	}
}

static void
read_xlsx(struct formfile *f, const struct formfile_source *s, struct faults *faults)
{
	OWNED(xlsx) struct xlsx *x = NULL;
	if (xlsx_open(&x, s->xlsx) != OK) {
		add_fault(faults, s->name);
		return;
	}
	for (size_t i = 0; i < SHEET_COUNT; i++) {
		int at = xlsx_sheet(x, sheet_names[i]);
		if (at >= 0 && xlsx_read(&f->sheets[i], x, (size_t)at, s->name) != OK)
			add_fault(faults, s->name);
		else if (at < 0 && i == SURVEY)
			faults_add(faults, (struct fault_place){s->name, 0, NULL},
				"the workbook has no sheet 'survey'");
	}
	if (xlsx_sheet(x, "external_choices") >= 0)
		faults_add(faults, (struct fault_place){s->name, 0, NULL},
			"a sheet 'external_choices' is not built: put the choices into a CSV "
			"file and use select_one_from_file");
}

/* An empty sheet says nothing; the form has to be there all the same. */
static const struct sheet *
filled(const struct sheet *s)
{
	return s && sheet_columns(s) ? s : NULL;
}

static void
convert(struct formfile *f, const struct formfile_source *s, struct faults *faults)
{
	const struct xlsform_book book = {
		.id = s->id,
		.study = s->study,
		.survey = filled(f->sheets[SURVEY]),
		.choices = filled(f->sheets[CHOICES]),
		.settings = filled(f->sheets[SETTINGS]),
		.entities = filled(f->sheets[ENTITIES]),
	};
	if (book.survey)
		f->made = xlsform_convert(&book, faults);
	else if (f->sheets[SURVEY])
		faults_add(faults, (struct fault_place){sheet_name(f->sheets[SURVEY]), 0, NULL},
			"this sheet is empty");
}

/* ---- the form ---- */

/* Faults of the XForm that was made from sheets with faults say the same once more. */
static void
read_form(
	struct formfile *f, const struct formfile_source *s, struct faults *faults, bool faulty)
{
	OWNED(faults) struct faults *again = faults_new();
	const struct xform_source source = {
		.xml = f->made ? xlsform_xml(f->made) : s->xml,
		.name = s->name,
		.files = s->files,
		.file_count = s->file_count,
		.place = f->made ? xlsform_place : NULL,
		.context = f->made,
	};
	size_t before = faults->errors;
	enum err e = form_read(&f->form, &source, faulty ? again : faults);
	if (e && !faulty && faults->errors == before)
		add_fault(faults, s->name);
}

static void
check_id(const struct formfile *f, const struct formfile_source *s, struct faults *faults)
{
	struct fault_place place = {s->name, 0, NULL};
	if (f->made || !f->form)
		return;
	if (s->id && strcmp(f->form->id, s->id) != 0)
		faults_add(
			faults, place, "the id of the form has to be '%s', as the file", s->id);
	if (s->study && !*f->form->version)
		faults_add(faults, place, "the form has no version");
}

struct formfile *
formfile_read(const struct formfile_source *s, struct faults *faults)
{
	struct formfile *f = xcalloc(1, sizeof(*f));
	size_t before = faults->errors;
	f->name = xstrdup(s->name);
	if (s->xlsx.at)
		read_xlsx(f, s, faults);
	else if (!s->xml.at)
		read_csv(f, s, faults);
	if (!s->xml.at)
		convert(f, s, faults);
	if (s->xml.at || f->made)
		read_form(f, s, faults, faults->errors > before);
	check_id(f, s, faults);
	return f;
}

void
formfile_free(struct formfile *f)
{
	if (!f)
		return;
	xlsform_free(f->made);
	for (size_t i = 0; i < SHEET_COUNT; i++)
		sheet_free(f->sheets[i]);
	form_free(f->form);
	free(f->name);
	free(f);
}

struct form *
formfile_form(const struct formfile *f)
{
	return f->form;
}

struct form *
formfile_take(struct formfile *f)
{
	return take(f->form);
}

void
formfile_check(const struct formfile *f, const struct form *form, struct faults *faults)
{
	const struct formcheck check = {
		.form = form,
		.name = f->name,
		.place = f->made ? xlsform_place : NULL,
		.context = f->made,
	};
	formcheck_study(&check, faults);
}
