/* formfile - a form out of the files that hold it: sheets, a workbook, or an XForm.
 *
 * Sheets:      survey.csv, choices.csv, settings.csv, entities.csv of one folder, or the sheets
 *              of these names in one .xlsx (room xlsform turns either into an XForm);
 *              a ready .xml is taken as it is.
 * Always true: what comes out was read from the XForm that clients are given, whatever it was
 *              written in (form->xml).
 * Faults:      by sheet, row and column where there are sheets, by line and path otherwise.
 */
#ifndef WEIR_FORMFILE_H
#define WEIR_FORMFILE_H

#include "common/study/faults.h"
#include "common/study/formcheck.h"
#include "common/study/xform.h"

/* What there is of a form; all of it is lent for the call, but the bytes of `files`, which are
 * lent as long as the form lives. Views with NULL are not there. */
struct formfile_source {
	const char *id;   /* what its id has to be; NULL: anything */
	const char *name; /* "forms/consent" of sheets, "forms/a.xlsx", "forms/a.xml" */
	bool study;       /* a form of a study pack; else one made by others */
	struct view survey, choices, settings, entities;
	struct view xlsx;
	struct view xml;
	const struct form_file *files;
	size_t file_count;
};

struct formfile;

/* gives the form file. It holds a form unless faults were added that leave none. */
struct formfile *formfile_read(const struct formfile_source *source, struct faults *faults);
void formfile_free(struct formfile *f);
OWNER(formfile)

/* lends the form; NULL if there is none. */
struct form *formfile_form(const struct formfile *f);
/* gives the form, once; NULL if there is none. The rest still knows where its parts stand. */
struct form *formfile_take(struct formfile *f);

/* What the form of this file has to keep to in a study: formcheck_study(). The form is the one
 * that was read, whoever owns it now. */
void formfile_check(const struct formfile *f, const struct form *form, struct faults *faults);

#endif
