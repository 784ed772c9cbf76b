/* intake_sealed - a submission that was checked, as the bytes of a SYNC_SUBMIT request.
 *
 * Always true: plain answers go into capture, plain files into attach, and nowhere else.
 *              a consent, or an open answer, that its form does not let be so is never sealed
 *              as one: it is kept whole.
 *              a submission that cannot be sealed answer by answer goes whole into the site
 *              part (SUBMIT_NO_FORM), with the reason.
 * Errors:      E_FULL over SUBMIT_MAX_BYTES; those of capture and attach.
 */
#ifndef WEIR_NODE_INTAKE_SEALED_H
#define WEIR_NODE_INTAKE_SEALED_H

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

/* Adds the request of SYNC_SUBMIT. May turn the record into one of SUBMIT_NO_FORM. */
CHECKED enum err intake_record_seal(struct intake_record *r, struct buf *out);

#endif
