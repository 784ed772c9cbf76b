/* xpath - the expressions of a form: compiled once, worked out for each submission.
 *
 * Language:    XPath 1.0 with the functions of ODK XForms (getodk.github.io/xforms-spec), run
 *              by libxml2. What a form may say is read here first, so that a fault is found
 *              before any answer is there: unknown functions, wrong numbers of arguments,
 *              paths to no node, undeclared instances.
 * As in ODK:   namespaces of nodes mean nothing. An absolute path into a repeat means, from
 *              inside it, the same turn of it. Dates count as days since 1970 where a number is
 *              wanted. A node that is not relevant is empty. regex() has to match the whole.
 * Always true: work is bounded: XPATH_MAX_BYTES of text, XPATH_MAX_DEPTH brackets,
 *              XPATH_MAX_WORDS operands, XPATH_MAX_STEPS steps of libxml2 for one result and
 *              XPATH_ALL_STEPS for all of a submission.
 * Errors:      E_FORMAT in words of the expression, never of answers; E_FULL over the steps.
 */
#ifndef WEIR_XPATH_H
#define WEIR_XPATH_H

#include "common/codec/xml.h"

#define XPATH_MAX_BYTES 16384
#define XPATH_MAX_DEPTH 32
#define XPATH_MAX_WORDS 1000
#define XPATH_MAX_STEPS 5000000  /* for one result */
#define XPATH_ALL_STEPS 20000000 /* for all results of one world */

enum xpath_kind { XPATH_OF_TEXT = 0, XPATH_OF_NUMBER, XPATH_OF_DATE };

/* One node of the form. A tree in an array: a parent before its children, node 0 the root. */
struct xpath_node {
	const char *name; /* local; of an attribute without '@' */
	int parent;       /* -1 of the root */
	int first;        /* its first child, or -1 */
	int next;         /* the next one beside it, or -1 */
	int repeat;       /* the innermost repeat at or above it, or -1 */
	bool attribute;
	enum xpath_kind kind;
};

/* What expressions of one form may name. Lent as long as its expressions live. */
struct xpath_scope {
	const struct xpath_node *nodes;
	size_t count;
	const char *const *instances; /* ids of the secondary ones */
	size_t instance_count;
};

struct xpath;

/* gives the expression as one of node `at`. scope NULL: it may name nothing but '.'. */
CHECKED enum err xpath_compile(
	struct xpath **ret, const char *text, const struct xpath_scope *scope, int at);
void xpath_free(struct xpath *x);
OWNER(xpath)

/* The nodes it reads, its own among them if it does; lent. */
const int *xpath_uses(const struct xpath *x, size_t *ret_count);
/* It reads nothing but its own node, so that one answer is enough to work it out. */
bool xpath_is_alone(const struct xpath *x);
/* Only the client knows its value: random(), uuid(), property(), digest(), patterns that
 * POSIX cannot say. */
bool xpath_is_vague(const struct xpath *x);

/* Where expressions find what is not in the submission. Any function may be NULL: nothing. */
struct xpath_sources {
	const void *context;
	/* the <instance> element, or what stands for it */
	const struct xml_node *(*instance)(const void *context, const char *id);
	const char *(*itext)(const void *context, const char *id);
	/* the label of a code at this node */
	const char *(*label)(const void *context, int node, const char *code);
	int64_t now_ms;
	int zone_minutes;
	const char *version; /* of the form */
};

/* One submission, or one turn of its repeats, as expressions see it. */
struct xpath_world;

struct xpath_world *xpath_world_new(const struct xpath_scope *scope,
	const struct xpath_sources *sources); /* gives, copies */
void xpath_world_free(struct xpath_world *w);
OWNER(xpath_world)

/* Where the form's node stands now; NULL: it is empty or not there. Lent while the world is
 * asked. */
void xpath_world_put(struct xpath_world *w, int node, const struct xml_node *at);

/* Take the namespaces off a document, so that expressions find its nodes by name. */
void xpath_plain(struct xml *x);

/* The value at the expression's own node. */
CHECKED enum err xpath_bool(struct xpath_world *w, const struct xpath *x, bool *ret);
CHECKED enum err xpath_number(struct xpath_world *w, const struct xpath *x, double *ret);
CHECKED enum err xpath_text(
	struct xpath_world *w, const struct xpath *x, char **ret); /* gives */
/* Has one of the nodes it finds a child `name` with this text? */
CHECKED enum err xpath_finds(struct xpath_world *w, const struct xpath *x, const char *name,
	const char *wanted, bool *ret);

/* Is the text a date, a time, or (both) a date with a time, as ISO 8601 and ODK write them? */
bool xpath_is_moment(const char *text, bool date, bool time);

/* Does this one answer meet the condition, which is alone? What cannot be decided counts as
 * met. */
bool xpath_holds(const struct xpath *x, const char *answer);

#endif
