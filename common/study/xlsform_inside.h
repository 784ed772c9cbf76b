/* xlsform_inside - what the files of the room xlsform do for each other, and nobody else.
 *
 * Read: settings, columns, choices, survey, entities, in this order; then put: binds, body,
 * primary instance, lists and translations, each into a buffer of its own.
 */
#ifndef WEIR_XLSFORM_INSIDE_H
#define WEIR_XLSFORM_INSIDE_H

#include "common/codec/xmlout.h"
#include "common/study/xlsform_parts.h"

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
/* gives the path from a node to all instances of the group that holds a question of a
 * repeat. */
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
