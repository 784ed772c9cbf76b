/* studydiff_inside - what the files of studydiff share; nobody else includes this. */
#ifndef WEIR_HUB_STUDYDIFF_INSIDE_H
#define WEIR_HUB_STUDYDIFF_INSIDE_H

#include "hub/studydiff.h"

/* Where a change stands. */
struct studydiff_place {
	struct studydiff *to;
	const char *file;
};

void studydiff_show(struct studydiff_place at, const char *what, const char *format, ...)
	PRINTF(3, 4);
void studydiff_refuse(struct studydiff_place at, const char *what, const char *format, ...)
	PRINTF(3, 4);

/* A form that both have. */
void studydiff_form(struct studydiff *d, const struct form *before, const struct form *after);

#endif
