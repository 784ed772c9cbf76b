/* xlsform_parts - the parts of a form while it is turned from sheets into an XForm.
 *
 * Texts of cells are lent by the sheets. Nodes stand in the order of the form, a group before
 * what it holds; paths are below the root, without '/' in front.
 */
#ifndef WEIR_XLSFORM_PARTS_H
#define WEIR_XLSFORM_PARTS_H

#include "common/study/xlsform.h"
#include "common/study/xlsform_sheet.h"
#include "common/study/xlsform_types.h"

enum xf_kind { XF_QUESTION, XF_GROUP, XF_REPEAT };

struct xf_node {
	enum xf_kind kind;
	const struct xf_type *type;
	int parent;   /* XF_NOWHERE: the root */
	size_t end;   /* the first node behind what it holds */
	size_t level; /* 1 below the root */
	size_t row;   /* of the survey sheet */
	char *name;
	char *path;
	int list;                   /* its choices; XF_NOWHERE none */
	char *file;                 /* the file with its choices, NULL none */
	int from;                   /* the question of a repeat whose answers are its choices */
	bool made;                  /* not in the sheet: a repeat's count, an "other" text */
	enum xf_column made_column; /* its one filled cell, */
	char *made_text;            /* and what it holds */
	int counter; /* of a repeat: the node that says how often; XF_NOWHERE none */
};

struct xf_list {
	char *name;
	size_t *rows; /* of the choices sheet */
	size_t count;
	bool used;  /* by a question or an expression: others are left out */
	bool itext; /* labels are translated, have media or name answers */
	bool other; /* some question offers "other" beyond the list */
};

/* A list or document that comes with the form or from the client. */
struct xf_source {
	char *id;
	char *src;
};

/* A text that has to stand in the table of translations. */
struct xf_text {
	char *id;
	enum xf_word word;
	struct xf_row row;
	int node;          /* whose answers it may name; XF_NOWHERE for a choice */
	const char *fixed; /* in every language; NULL: the row's */
};

struct xf {
	const struct xlsform_book *book;
	struct faults *faults;
	struct xf_settings settings;
	int at[XF_COLUMN_COUNT];
	struct xf_words words;        /* of the survey sheet */
	struct xf_words choice_words; /* of the choices sheet */
	struct xf_custom custom[XF_MAX_CUSTOM];
	size_t custom_count;
	char *languages[XF_MAX_LANGUAGES];
	size_t language_count;
	size_t *extra; /* further columns of the choices sheet */
	size_t extra_count;
	struct xf_node *nodes;
	size_t node_count;
	struct xf_list *lists;
	size_t list_count;
	struct xf_source *sources;
	size_t source_count;
	struct xf_text *texts;
	size_t text_count;
	bool entities;   /* the form makes or changes an entity */
	bool updates;    /* it changes one */
	bool last_saved; /* it looks at the record saved before */
	bool audit;
	size_t audit_row;
	struct buf meta;    /* inside <meta>, behind instanceID */
	struct buf binds;   /* <bind> elements */
	struct buf actions; /* <setvalue> and the like of the model */
	struct buf body;
	struct buf primary;
};

#endif
