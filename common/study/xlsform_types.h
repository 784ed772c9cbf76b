/* xlsform_types - the types of questions an XLSForm may ask, and what each is in an XForm.
 *
 * Words follow xlsform.org and ODK's form documentation; old spellings stand beside them.
 */
#ifndef WEIR_XLSFORM_TYPES_H
#define WEIR_XLSFORM_TYPES_H

#include "common/base/base.h"

enum xf_control {
	XF_NONE, /* nothing to see */
	XF_INPUT,
	XF_TRIGGERED, /* a tick: <trigger> */
	XF_UPLOAD,
	XF_RANGE,
	XF_SELECT_ONE,
	XF_SELECT_MANY,
	XF_RANK,
	XF_BACKGROUND, /* recorded while the form is open */
	XF_OUTSIDE,    /* no node at all: a list from a file */
};

struct xf_type {
	const char *word;
	const char *bind; /* the bind's type */
	enum xf_control control;
	const char *media;   /* of an upload; of a background type, its event */
	const char *preload; /* NULL: none */
	const char *params;  /* of the preload */
};

enum xf_row_kind {
	XF_ROW_QUESTION,
	XF_ROW_BEGIN_GROUP,
	XF_ROW_END_GROUP,
	XF_ROW_BEGIN_REPEAT,
	XF_ROW_END_REPEAT,
};

/* What the type cell of a row says. */
struct xf_said {
	enum xf_row_kind kind;
	const struct xf_type *type; /* NULL: not known, `reason` says why */
	const char *reason;         /* NULL: no such type */
	const char *rest;           /* behind the words of the type: a list, a file; lent */
	bool from_file;
};

struct xf_said xf_type_said(const char *cell);
const struct xf_type *xf_type_text(void);
const struct xf_type *xf_type_calculate(void);

/* Two spellings of one word: letters of any case, '_' for a blank. */
bool xf_same_word(const char *a, const char *b);

#endif
