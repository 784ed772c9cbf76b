/* xlsform_inside - a form while it is turned from sheets into an XForm; shared by the files of
 * the room xlsform and by nobody else.
 *
 * Texts of cells are lent by the sheets. Nodes stand in the order of the form, a group before
 * what it holds; paths are below the root, without '/' in front.
 */
#ifndef WEIR_XLSFORM_INSIDE_H
#define WEIR_XLSFORM_INSIDE_H

#include "common/codec/xmlout.h"
#include "common/study/xlsform.h"
#include "common/study/xlsform_types.h"

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

/* ---- columns ---- */
void xf_read_settings(struct xf *x);
void xf_read_columns(struct xf *x);
void xf_read_choice_columns(struct xf *x);

/* ---- rows ---- */
void xf_read_choices(struct xf *x);
struct xf_list *xf_list(struct xf *x, const char *name);
/* The list of this name, if there is one, has to come along. */
void xf_use_list(struct xf *x, const char *name);
void xf_read_survey(struct xf *x);
/* gives the node a place below `parent`; its index, or XF_NOWHERE with a fault. takes name. */
int xf_add_node(struct xf *x, struct xf_node node);
void xf_read_entities(struct xf *x);

/* lends the cell of a node; "" if it is empty. */
const char *xf_cell(const struct xf *x, const struct xf_node *n, enum xf_column column);
struct fault_place xf_place(const struct xf *x, const struct xf_node *n, enum xf_column column);
struct fault_place xf_word_place(const struct xf *x, struct xf_row row, enum xf_word word);
/* "yes", "true", "true()", "1" in any letters: 1; "no", ..., "": 0; anything else: -1. */
int xf_yes(const char *cell);
/* May the text be the name of an element? */
bool xf_is_name(const char *text);
/* gives the path with the root in front: "/data/group/x". */
char *xf_absolute(const struct xf *x, const char *path);
/* Is the node inside a repeat, or one itself? Index of the innermost, or XF_NOWHERE. */
int xf_repeat_of(const struct xf *x, int node);

/* ---- expressions ---- */
struct xf_at {
	int node;       /* where the expression stands; XF_NOWHERE: nowhere in the form */
	bool predicate; /* it stands in [...] already */
	int choices;    /* it stands in the [...] of this node, counted from 1; 0: of none */
	struct fault_place place;
};
/* gives the expression with ${name} replaced by paths; "" after a fault. */
char *xf_expression(struct xf *x, const char *text, struct xf_at at);
/* gives the path of one name, as it has to be written at this place; NULL after a fault. */
char *xf_reference(struct xf *x, const char *name, struct xf_at at);
/* gives the path that leads from one node to another. */
char *xf_path(struct xf *x, int from, int to);
/* gives the path from a node to all instances of the group that holds a question of a repeat. */
char *xf_answers(const struct xf *x, int from, int question);
/* Index of the question, group or repeat of this name, or XF_NOWHERE with a fault. */
int xf_named(struct xf *x, const char *name, struct fault_place place);
/* Does the default have to be worked out? */
bool xf_is_dynamic(const char *text);
/* A list from elsewhere, once; a fault if the id means two things. */
void xf_source(struct xf *x, const char *id, const char *src, struct fault_place place);

/* ---- words ---- */
/* lends the word in a language; where it has none, what stands in its place; "" if nothing. */
const char *xf_word(const struct xf *x, struct xf_row row, enum xf_word word, size_t language);
bool xf_word_translated(const struct xf *x, struct xf_row row, enum xf_word word);
bool xf_has_media(const struct xf *x, struct xf_row row);
/* Puts label and hint of a node into the body. */
void xf_put_words(struct xf *x, int node);
/* Puts an attribute with a message, translated or not. */
void xf_put_message(struct xf *x, int node, enum xf_word word, const char *attr);
void xf_put_itext(struct xf *x, struct buf *out);

/* ---- the document ---- */
void xf_put_binds(struct xf *x);
void xf_put_bind(struct xf *x, int node);
void xf_put_body(struct xf *x);
void xf_put_control(struct xf *x, int node);
void xf_put_primary(struct xf *x);
void xf_put_lists(struct xf *x, struct buf *out);
void xf_put_document(struct xf *x, struct buf *out);
/* Attributes that parameters become; `bind`: those of the bind, else those of the control. */
void xf_put_parameters(struct xf *x, const struct xf_node *n, bool bind, struct buf *out);
/* gives the value of a parameter, NULL if it is not there. */
char *xf_parameter(const struct xf *x, const struct xf_node *n, const char *key);
void xf_check_parameters(struct xf *x, const struct xf_node *n);

#endif
