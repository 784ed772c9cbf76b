/* xform - a form as its XForm says it: what is asked where, of what form, when, and out of
 * which list.
 *
 * Format:      ODK XForms (getodk.github.io/xforms-spec): one primary instance with id and
 *              version, binds, itext, secondary instances (inside, or as jr:// files beside the
 *              form), a body of controls, groups and repeats. Attributes of binds in the
 *              namespace XFORM_WEIR are ours; clients ignore them.
 * Always true: nodes are in document order, a parent before what it holds; every expression was
 *              compiled: its functions are known, its paths lead to nodes, its instances are
 *              declared, and no value depends on itself.
 * Limits:      XML_MAX_BYTES, XFORM_MAX_DEPTH levels below the root, XFORM_MAX_NODES nodes,
 *              XFORM_MAX_ITEMS items in all lists together.
 * Errors:      each fault goes to `faults` with the line of the XML, or with the place that the
 *              caller's `place` knows better; sentences name paths, functions and attributes.
 * It can hurt: a file that is named and not given (bytes NULL) makes its list unknown: codes of
 *              it are not held against anything.
 */
#ifndef WEIR_XFORM_H
#define WEIR_XFORM_H

#include "common/codec/xml.h"
#include "common/study/faults.h"

#define XFORM_WEIR      "https://weir.example/xforms"
#define XFORM_MAX_DEPTH 64
#define XFORM_MAX_NODES 10000
#define XFORM_MAX_ITEMS 200000

struct xform;

/* What a client writes down of the time at which the form is filled in: jr:preload "timestamp"
 * with "end", "date" with "today". */
enum xform_stamp { XFORM_NO_STAMP = 0, XFORM_END, XFORM_TODAY };

/* A list or picture that travels with the form. */
struct form_file {
	char *name;        /* "outcomes.csv" */
	struct view bytes; /* lent by whoever loaded the form; NULL at: named, not there */
};

/* Where a form comes from. All of it is lent for the call, but the bytes of the files, which
 * are lent as long as the form lives. */
struct xform_source {
	struct view xml;
	const char *name; /* "forms/consent/consent.xml", for faults */
	const struct form_file *files;
	size_t file_count;
	/* May be NULL: says where the author wrote `what` ("relevant", "constraint", "",
	 * ...) of the node with this path below the root. False: place it by line. */
	bool (*place)(const void *context, const char *path, const char *what,
		struct fault_place *ret);
	const void *context;
};

/* gives the model. E_FORMAT when faults were added; E_FULL over a limit (a fault, too). */
CHECKED enum err xform_read(
	struct xform **ret, const struct xform_source *source, struct faults *faults);
void xform_free(struct xform *x);
OWNER(xform)

const char *xform_rsa_key(const struct xform *x); /* base64RsaPublicKey; "" if none */

#endif
