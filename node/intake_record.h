/* intake_record - a submission read and held against its form: what is wrong with it, for which
 * the coordinator looks at it, and whose it is.
 *
 * Always true: nothing is refused for its answers: what is wrong is a reason to hold it. A
 *              consent, or an open answer, that its form does not let be so makes it one that
 *              nobody takes apart (SUBMIT_NO_FORM).
 * Whose:       of a version that is not known the study code is read by another version of the
 *              form, in force where there is one. Where that finds none, and of what is
 *              encrypted, nobody can tell whose it is before a coordinator looks: no erasure
 *              finds it.
 * Collected:   when the form was filled in, by its item of type end, else of type today
 *              (collected.h). One that says a moment which cannot be is held, so that a person
 *              sees that the clock is wrong; accepted, it counts as filled in when it came. A
 *              consent is not held for it: it says itself when it was given.
 * Errors:      as each function says.
 */
#ifndef WEIR_NODE_INTAKE_RECORD_H
#define WEIR_NODE_INTAKE_RECORD_H

#include "common/study/collected.h"
#include "common/study/submission.h"

#include "node/intake_forms.h"
#include "node/intake_upload.h"

#define INTAKE_REASON_MAX_BYTES ((size_t)2048)
#define INTAKE_CODE_BYTES       64
#define INTAKE_AGENT_MAX_BYTES  ((size_t)255)

/* One submission after submission_check(). */
struct intake_record {
	const struct intake_upload *upload;
	const struct intake_form *form; /* NULL: its version is not known */
	const struct capture_site *site;
	struct submission *submission;
	enum submit_problem problem;
	struct buf reason;
	const char *group;            /* lent by the pack of the form */
	struct collected collected;   /* by the form; when it came in, where it does not say */
	char code[INTAKE_CODE_BYTES]; /* as it is kept; "" none, or not of its form */
	uint8_t participant[ID_BYTES];
	const char *collector;
	const char *agent;
	int64_t now_ms;
	enum submit_problem read_problem; /* as it was read, before a pseudonym was asked for */
	size_t read_reason_len;
};

/* Parse the XML and hold it against its form: fills problem, reason and code. forms: where the
 * form is looked for. E_FORMAT it is no submission; E_NOTFOUND nobody knows this form. */
CHECKED enum err intake_record_read(struct intake_record *r, const struct intake_forms *forms);
/* The code leads to this pseudonym; known: of somebody at this site. May be called again. */
void intake_record_owner(
	struct intake_record *r, bool known, const uint8_t pseudonym[static ID_BYTES]);
void intake_record_done(struct intake_record *r);

/* It is to be held for this, too. where: a path of the form, "" the whole. The first problem
 * stays, but for SUBMIT_NO_FORM; a reason that there is no room for is left out. */
void intake_record_hold(struct intake_record *r, enum submit_problem problem, const char *where,
	const char *why);
/* lends the answer to a field of the form; NULL: there is none. */
const char *intake_record_answer(const struct intake_record *r, const char *field);

#endif
