/* submission_inside - what the files of the room submission share, and nobody else.
 *
 * A place is a node of the form where it stands in one submission: one for each turn of a
 * repeat, and one for each node that could be there and is not (`at` is NULL).
 */
#ifndef WEIR_SUBMISSION_INSIDE_H
#define WEIR_SUBMISSION_INSIDE_H

#include "common/study/submission.h"
#include "common/study/xform_inside.h"

#define SUBMISSION_MAX_PLACES 200000

struct place {
	int node;
	int parent;        /* place; -1 of the root */
	int frame;         /* the turn of a repeat it stands in, or the root: a place */
	int first, next;   /* its first child, the next one beside: in the order of the XML */
	int next_in_frame; /* -1 at the end */
	unsigned turn;     /* of a repeat, from 1 */
	const struct xml_node *at;
	bool relevant, problem;
	char *value; /* of a leaf that is there */
	char *path;  /* with indices; NULL until it is asked for */
};

struct submission {
	struct xml *xml;
	char *id, *version, *instance, *deprecated;
	bool encrypted;
	bool plain; /* namespaces were taken off */
	struct place *places;
	size_t count, room;
	struct submission_answer *answers;
	size_t answer_count;
	char **files;
	size_t file_count;
};

struct check {
	struct submission *s;
	const struct form *form;
	const struct xform *x;
	struct xpath_world *world;
	struct submission_report *report;
	int *loaded; /* by node of a repeat: the turn that the world shows; 0 none */
};

/* A line about a place, which names it. */
void submission_say(struct check *c, int place, const char *format, ...) PRINTF(3, 4);
const char *submission_path(struct check *c, int place); /* lent */

/* Find the place of everything that is there, and of what is missing. */
CHECKED enum err submission_match(struct check *c);
/* Forget what an earlier check found. */
void submission_forget(struct submission *s);
/* One value that is there and not blank. */
void submission_check_value(struct check *c, int place);

#endif
