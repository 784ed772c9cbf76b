/* form_list - the choices of a form, and the parts of it that are filled in again and again. */
#ifndef WEIR_FORM_LIST_H
#define WEIR_FORM_LIST_H

#include "common/codec/bytes.h"

struct form_choice {
	char *code;
	char *label;
	char **more; /* list->column_count cells: "" where empty */
};

struct form_list {
	char *name;
	struct form_choice *choices;
	size_t count;
	bool numeric;   /* every code is a whole number: the item is a number, not a code */
	char **columns; /* further columns of the choices, such as weir_frame */
	size_t column_count;
	bool external; /* from a file beside the form, not from its choices sheet */
};

/* A part of the form that is filled in again and again. */
struct form_repeat {
	char *name;
	char *path; /* like that of a field: "outcome_view" */
	int outer;  /* the repeat it stands in, or -1 */
};

/* Words of a cell, separated by blanks. */
struct form_words {
	char *text;      /* what they are lent from */
	const char **at; /* count of them */
	size_t count;
};

/* Place of a code in a list, from 0, or -1. */
int form_choice(const struct form_list *list, const char *code);

#endif
