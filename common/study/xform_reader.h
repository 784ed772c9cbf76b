/* xform_reader - what the files that read an XForm share, and nobody else but form_read.c. */
#ifndef WEIR_XFORM_READER_H
#define WEIR_XFORM_READER_H

#include "common/study/xform_inside.h"

/* What is at hand while a form is read. */
struct xform_reader {
	struct xform *x;
	const struct xform_source *source;
	struct faults *faults;
	const struct xml_node *model, *body;
};

/* A fault at a node's `what`, or (node -1) at a line of the XML. */
void xform_fault(struct xform_reader *r, int node, const char *what, size_t line,
	const char *format, ...) PRINTF(5, 6);
void xform_warn(struct xform_reader *r, int node, const char *what, size_t line,
	const char *format, ...) PRINTF(5, 6);

/* The steps of reading, in this order. */
CHECKED enum err xform_read_tree(struct xform_reader *r); /* the primary instance */
void xform_read_texts(struct xform_reader *r);
void xform_read_binds(struct xform_reader *r);
void xform_read_lists(struct xform_reader *r);
void xform_read_body(struct xform_reader *r);
void xform_read_choices(struct xform_reader *r); /* once itemsets say where codes are */
void xform_read_own_choices(struct xform_reader *r, int node, const struct xml_node *control);
void xform_read_rules(struct xform_reader *r); /* compiles, and looks for circles */

/* The form refers to a file of this name. copies */
void xform_name_file(struct xform *x, const char *name);
/* Behind the last '/' of a jr:// address. */
const char *xform_file_of(const char *address);

#endif
