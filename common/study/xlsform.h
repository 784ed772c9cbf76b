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

#endif
