/* xlsform - a form that was written in a spreadsheet (XLSForm) as an XForm.
 *
 * Format:  XLSForm as xlsform.org describes it: sheets survey, choices, settings, entities.
 *          What comes out is an ODK XForm (getodk.github.io/xforms-spec), with the conventions
 *          that the programs of ODK are used to: choice lists are secondary instances,
 *          translated texts stand in itext, a repeat has a template, paths inside one repeat
 *          lead from node to node and are whole anywhere else. Columns weir_NAME become
 *          attributes weir:NAME of the bind; a node that is made for the count of a repeat
 *          stays at the site.
 * Refused: by name what is not built: choices in an external_choices sheet, search(), loops,
 *          OpenStreetMap questions, several entity lists, entities made in a repeat.
 * Faults:  name sheet, row and column. Expressions are looked at as far as names, quotes and
 *          brackets go; what they mean is for whoever reads the XForm (room xform), which finds
 *          the cell again with xlsform_place().
 * Limits:  10,000 questions, 60 groups inside one another, 40 languages, 16 MiB of XForm.
 */
#ifndef WEIR_XLSFORM_H
#define WEIR_XLSFORM_H

#include "common/codec/sheet.h"
#include "common/study/faults.h"

/* The sheets of one form. */
struct xlsform_book {
	const char *id; /* what form_id has to be; NULL: anything */
	bool study;     /* a form of a study: an unknown column is a fault, else a warning */
	const struct sheet *survey;
	const struct sheet *choices; /* this and those below: NULL if there is none */
	const struct sheet *settings;
	const struct sheet *entities;
};

/* A form turned into an XForm, and where each part of it stands in the sheets. */
struct xlsform;

/* gives the form, also when faults were added: then its XForm is what could be made, and good
 * only for finding more faults in what refers to it. The sheets are lent as long as it
 * lives. */
struct xlsform *xlsform_convert(const struct xlsform_book *book, struct faults *faults);
void xlsform_free(struct xlsform *f);
OWNER(xlsform)

struct view xlsform_xml(const struct xlsform *f); /* lent */

/* Where the author wrote `what` of the node with this path below the root: "relevant",
 * "constraint", "required", "calculate", "type", "weir:goes", ..., "" for its row. False when
 * it stands in no sheet. The context is the form; fits xform_read() (room xform). */
bool xlsform_place(
	const void *context, const char *path, const char *what, struct fault_place *ret);

#endif
