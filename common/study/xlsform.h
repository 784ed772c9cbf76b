/* xlsform - a form from its three sheets: survey.csv, choices.csv, settings.csv.
 *
 * Format:  XLSForm (xlsform.org) as far as this version builds it: types text, integer,
 *          decimal, date, select_one LIST; columns name, label, hint, required, constraint,
 *          constraint_message and the weir_ columns asks, disclosure, goes, permission. Every
 *          other column known of XLSForm may stand there with empty cells; a filled one is a
 *          fault, and so is an unknown column.
 * Checks:  names, lists and codes exist and differ; every answer has weir_goes; constraints
 *          compile; no question to a person is compulsory without a way to refuse it (a choice
 *          99; "no" for a permission), and no number or text ever; the study code alone has to
 *          be required, and stays at the site.
 */
#ifndef WEIR_XLSFORM_H
#define WEIR_XLSFORM_H

#include "common/codec/csv.h"
#include "common/codec/sheet.h"
#include "common/study/faults.h"
#include "common/study/form.h"

struct xlsform_sheets {
	const char *id;  /* the directory's name; has to be form_id of the settings sheet */
	const char *dir; /* "forms/attitudes", for faults */
	struct view survey;
	struct view choices; /* empty when no field is a select_one */
	struct view settings;
};

/* gives the form. When faults were added it holds what could be read, and is good only for
 * finding more faults in what refers to it. */
struct form *xlsform_read(const struct xlsform_sheets *sheets, struct faults *faults);

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
 * only for finding more faults in what refers to it. The sheets are lent as long as it lives. */
struct xlsform *xlsform_convert(const struct xlsform_book *book, struct faults *faults);
void xlsform_free(struct xlsform *f);
OWNER(xlsform)

struct view xlsform_xml(const struct xlsform *f); /* lent */

/* Where the author wrote `what` of the node with this path below the root: "relevant",
 * "constraint", "required", "calculate", "type", "weir:goes", ..., "" for its row. False when it
 * stands in no sheet. The context is the form; fits xform_read() (room xform). */
bool xlsform_place(
	const void *context, const char *path, const char *what, struct fault_place *ret);

#endif
