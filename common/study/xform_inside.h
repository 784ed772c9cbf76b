/* xform_inside - what a model of an XForm is made of, for the rooms xform, form and submission.
 *
 * Node i of `tree` (what expressions see) and node i of `nodes` are the same one.
 */
#ifndef WEIR_XFORM_INSIDE_H
#define WEIR_XFORM_INSIDE_H

#include "common/study/xform.h"
#include "common/study/xform_kinds.h"
#include "common/study/xpath.h"

struct xform_item {
	char *code;
	char *label;
	const struct xml_node *node; /* of a list; NULL of one inside its control */
};

/* Choices of a control, or of a secondary instance. */
struct xform_list {
	char *id; /* "" of one inside its control */
	struct xform_item *items;
	size_t count;
	struct xml *file;            /* of an external one */
	const struct xml_node *node; /* <instance>, or the root of the file's tree */
	char *file_name;             /* "" if it is inside */
	bool known;                  /* its items are here */
	size_t *order;               /* places of the items by code */
};

struct xform_node {
	char *path; /* below the root: "working/aims_agreed"; "" of the root */
	size_t line;
	enum xform_type type;
	enum xform_control control;
	bool bound;
	enum xform_stamp stamp;
	const char *text[XFORM_RULES]; /* as written; NULL if not; lent by the document */
	struct xpath *rule[XFORM_RULES];
	const char *message, *required_message; /* lent; NULL if none */
	const char *weir[XFORM_WEIRS];          /* lent; NULL if not said */
	char *label, *hint;                     /* "" if none */
	const struct xml_node *element;         /* of its control */
	struct xform_list *own_items;           /* inside its control */
	int list;                               /* index of the list of its itemset, or -1 */
	char *value_name, *label_name;          /* of the items of its itemset */
	bool filtered;                          /* its itemset has a choice filter */
	double least, most;                     /* of a range */
	int field;                              /* of the form, or -1 */
};

struct xform_text {
	const char *id;
	const struct xml_node *node;
};

struct xform {
	struct xml *doc;
	struct xpath_scope scope;
	struct xpath_node *tree;
	struct xform_node *nodes;
	size_t count;
	struct xform_list *lists;
	size_t list_count;
	const char **list_ids;
	struct xform_text *texts; /* of the default language, by id */
	size_t text_count;
	char **files;
	size_t file_count;
	char *id, *version, *title, *language, *rsa_key;
	int meta;   /* the node of that name, or -1 */
	bool rules; /* some relevance, or a constraint beyond the answer itself */
};

/* The node a path leads to, from `from` if it is relative; -1. Predicates are not taken. */
int xform_resolve(const struct xform *x, const char *path, int from);
/* The next node of the form's document order is the next index; -1 at the end of `top`. */
int xform_child(const struct xform *x, int node, const char *name);
/* gives the text of a label or hint: its own, or that of the itext it refers to. */
char *xform_words(const struct xform *x, const struct xml_node *label);
/* The text of this id in the default language, or NULL. */
const struct xml_node *xform_find_text(const struct xform *x, const char *id);

/* A leaf that carries an answer or a calculation; notes and what is below meta are none. */
bool xform_is_field(const struct xform *x, int node);
void xform_list_done(struct xform_list *l);
/* Place of a code, or -1. */
int xform_list_find(const struct xform_list *l, const char *code);
/* The choices of a node: those inside its control or of its list; NULL if it has none. */
const struct xform_list *xform_choices(const struct xform *x, int node);

#endif
