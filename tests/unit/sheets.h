/* sheets - a form for tests, read straight from the sheets of an XLSForm: fields, repeats and
 * lists.
 *
 * No XForm is made and nothing is checked: the rooms above forms are tried with it alone.
 * Made and freed as a whole; form_free() is not for it.
 */
#ifndef WEIR_SHEETS_H
#define WEIR_SHEETS_H

#include "common/study/form.h"

/* gives the form of DIR/survey.csv, DIR/choices.csv and the lists beside them; ends the
 * program when they cannot be read. */
struct form *sheets_form(const char *dir, const char *id);
/* The same from texts; no lists beside them. */
struct form *sheets_form_of(const char *id, const char *survey, const char *choices);
void sheets_form_free(struct form *f);

static inline void
sheets_form_drop(struct form **f)
{
	sheets_form_free(*f);
}
#define OWNED_SHEETS OWNED_BY(sheets_form_drop)

/* gives a file as text; ends the program when it cannot be read. */
char *sheets_file(const char *dir, const char *name);

#endif
