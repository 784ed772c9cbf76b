/* xlsform_sheet - what the columns of an XLSForm's sheets are, for the files of the room
 * xlsform.
 */
#ifndef WEIR_XLSFORM_SHEET_H
#define WEIR_XLSFORM_SHEET_H

#include "common/codec/sheet.h"

#define XF_MAX_NODES      10000
#define XF_MAX_DEPTH      60
#define XF_MAX_LANGUAGES  40
#define XF_MAX_CUSTOM     60
#define XF_MAX_NAME_BYTES 126
#define XF_NOWHERE        (-1)

/* Columns of the survey sheet with one cell a row. */
enum xf_column {
	XF_TYPE,
	XF_NAME,
	XF_APPEARANCE,
	XF_CALCULATION,
	XF_CHOICE_FILTER,
	XF_CONSTRAINT,
	XF_COUNT,
	XF_DEFAULT,
	XF_DISABLED,
	XF_PARAMETERS,
	XF_READONLY,
	XF_RELEVANT,
	XF_REQUIRED,
	XF_SAVE_TO,
	XF_TRIGGER,
	XF_AUTOPLAY,
	XF_ROWS,
	XF_COLUMN_COUNT
};

/* Columns with a cell for each language. */
enum xf_word {
	XF_LABEL,
	XF_HINT,
	XF_GUIDANCE,
	XF_CONSTRAINT_MESSAGE,
	XF_REQUIRED_MESSAGE,
	XF_IMAGE,
	XF_BIG_IMAGE,
	XF_AUDIO,
	XF_VIDEO,
	XF_WORD_COUNT
};

/* Where the words of a sheet stand: column indices, -1 for none. */
struct xf_words {
	const struct sheet *sheet;
	int plain[XF_WORD_COUNT];
	int in[XF_WORD_COUNT][XF_MAX_LANGUAGES];
};

/* A row of a sheet with words. */
struct xf_row {
	const struct xf_words *words;
	size_t row;
};

/* A column that becomes an attribute. */
struct xf_custom {
	enum { XF_OF_BIND, XF_OF_BODY, XF_OF_INSTANCE, XF_OF_WEIR } of;
	int column;
	const char *name; /* of the attribute; weir's without "weir_" */
};

struct xf_settings {
	const char *title;
	const char *id;
	const char *version;
	const char *language;
	const char *root;
	const char *style;
	const char *instance_name;
	const char *key;
	const char *submission;
	const char *auto_send;
	const char *auto_delete;
	const char *namespaces;
	const char *space;
	bool duplicates; /* allow_choice_duplicates */
	bool no_id;      /* omit_instanceID */
};

#endif
