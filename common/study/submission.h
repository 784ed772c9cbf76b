/* submission - one filled-in form as a client sends it, held against the form it names.
 *
 * Format:      the primary instance of an ODK XForm: root element with id and version, meta
 *              with instanceID (children of meta in any namespace), one element for each node
 *              that was relevant; repeats as further elements of the same name.
 * Re-check:    unknown and doubled nodes, types and ranges, choices of lists (choice filters
 *              too), required, constraint, relevance (inherited from groups), number of
 *              repeats against jr:count. A calculation is held against its type and list, not
 *              worked out again: it may hang on the moment of filling in.
 * Paths:       below the root, with [n] from 1 behind each repeat: "outcome_view[2]/achieved".
 * Errors:      E_FORMAT or E_FULL with a sentence that never has an answer in it.
 * It can hurt: holds a person's answers; submission_free() wipes them.
 */
#ifndef WEIR_SUBMISSION_H
#define WEIR_SUBMISSION_H

#include "common/study/form.h"

#define SUBMISSION_MAX_LINES 100

struct submission;

/* gives the parsed submission: well-formed, its root has an id. Copies. */
CHECKED enum err submission_parse(struct submission **ret, struct view xml);
void submission_free(struct submission *s);
OWNER(submission)

/* Lent as long as the submission lives; "" where it does not say. */
const char *submission_form_id(const struct submission *s);
const char *submission_version(const struct submission *s);
const char *submission_instance_id(const struct submission *s);
const char *submission_deprecated_id(const struct submission *s);
/* encrypted="yes": all else is in files beside it. */
bool submission_is_encrypted(const struct submission *s);

/* What the form's expressions see of the world. */
struct submission_context {
	int64_t now_ms;
	int zone_minutes; /* the study's clock before UTC, for today() and now() */
};

struct submission_line {
	char *path;   /* with indices; "" for the whole */
	char *reason; /* a sentence without the answer */
};

/* Zero lines: valid. `more` counts those beyond SUBMISSION_MAX_LINES. */
struct submission_report {
	struct submission_line lines[SUBMISSION_MAX_LINES];
	size_t count;
	size_t more;
};

void submission_report_done(struct submission_report *r); /* frees what it holds */

/* Hold the submission against the form; needs f->model, else E_FORMAT. `ret` is the caller's
 * and is emptied first. E_FORMAT too if it is of another form; of another version is no error
 * here. */
CHECKED enum err submission_check(struct submission *s, const struct form *f,
	const struct submission_context *context, struct submission_report *ret);

/* Let go of the tree of the XML, which takes some thirty times its bytes: ids, answers and
 * names of files stay. Nothing can be checked or worked out after that. */
void submission_shed(struct submission *s);

/* A calculation of the form, as it comes out of what the submission holds. */
struct submission_value {
	char *path; /* with indices */
	char *value;
};
/* Work out what the form calculates where it is relevant, and of a repeat how many turns it
 * wants (path without the number); values that only a client knows, and
 * blank ones, are left out. `ret` is the caller's; it frees paths and values with
 * submission_values_done(). Those that build on others need these in the submission first. */
CHECKED enum err submission_calculate(struct submission *s, const struct form *f,
	const struct submission_context *context, struct submission_value **ret,
	size_t *ret_count);
void submission_values_done(struct submission_value *values, size_t count);

/* One leaf, or a repeat without any (then the path ends with "]", and value is ""). */
struct submission_answer {
	const char *path;
	const char *value; /* "": shown and left empty */
	int field;         /* index in f->fields; -1 for a repeat without leaves */
	bool problem;      /* a line of the report names it */
	bool relevant;     /* was to be asked */
};

/* Everything that is there, after submission_check() with this form, in the order of the XML;
 * values of fields beneath `meta` are not among them. Lent as long as the submission lives. */
const struct submission_answer *submission_answers(
	const struct submission *s, size_t *ret_count);

/* Names of the files that its binary fields, and meta/audit, name; after submission_check().
 * Of an encrypted one: those of its manifest, and no check is needed. Lent. */
const char *const *submission_attachments(const struct submission *s, size_t *ret_count);

#endif
