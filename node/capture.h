/* capture - the one way in: checked answers become sealed entries, ready to be kept.
 *
 * Makes:       one item of SYNC_KEEP (ipc.h) with one to three entries:
 *              lane C key      rules part of kind key, instance random; wrap_study to the
 *                              study's intake key; wrap_site to the site's review key where
 *                              the form lets the coordinator read (class both, else class hub)
 *              lane C consent  rules part of kind consent. Of a consent form (consent_form.h):
 *                              this in place of a record, with key_ref, and what goes `hub`
 *                              sealed in the detail part. With a questionnaire that counts as
 *                              consent: instance random, no detail
 *              lane R record   rules part with open fields, consent_ref, key_ref; sealed
 *                              answers
 * Answers:     {path, value}: path below the root with [n], n from 1, behind each repeat; a
 *              repeat instance without any answer is its own path with an empty value. A blank
 *              answer is left out, unless `checked` (then it was shown and left empty).
 * Instance:    given, or of a form with one record a person and wave: BLAKE2b-128, personal
 *              "weir-instance-v1", keyed with the site's row key, over fields of u32 length and
 *              bytes: form, pseudonym, wave; with many records, and about the site, the digest
 *              of what travels comes fourth. Rows that differ only in answers that stay at the
 *              site take turns (capture_instance_turn()): which of them is which is known here
 *              alone (sync_lines.h), and nothing of those answers is in a name that is sent.
 * Row digest:  given, or BLAKE2b-256, personal "weir-row-v1", keyed likewise, over form,
 *              pseudonym and the path and value of every answer in order, blanks left out. It
 *              stays at the site; the digest of what travels leaves out answers that go `site`.
 * Site part:   version u8 = 1 | number of the review key u32 | sealed box over version u8 = 1 |
 *              u8 1 answers, 2 XML of a form that is not known | fields of u32 length and
 *              bytes: study, participant, form, form version, instance | u32 count x (path,
 *              value).
 * Not kept:    a stamp that goes `site` (form_stamp.h): captured_s says when it was filled in.
 * Always true: answers that go nowhere (weir_goes = site) are in no byte of the item, not even
 *              as a length; plain answers are wiped before this room returns.
 * Errors:      E_FORMAT naming the path; nothing is added to `out` then.
 */
#ifndef WEIR_NODE_CAPTURE_H
#define WEIR_NODE_CAPTURE_H

#include "common/study/form.h"
#include "common/trust/crypto.h"

#include "node/consent.h"

#define CAPTURE_SITE_MAX_BYTES ((size_t)4 * 1024 * 1024)

/* What a site has to know to seal: nothing secret of people in it but the row key. */
struct capture_site {
	const char *study;
	uint32_t intake_number;
	uint8_t intake_public[BOX_PUBLIC_BYTES];
	uint32_t review_number;
	uint8_t review_public[BOX_PUBLIC_BYTES];
	uint8_t row_key[HASH_BYTES];
	const char *zone; /* of the study's days; NULL: UTC */
};

struct capture_record {
	const struct form *form;
	const char *code; /* study code: goes to sync, never into an entry */
	uint8_t participant[ID_BYTES];
	const char *wave;
	const char *group;
	const struct form_answer *answers;
	size_t count;
	const struct consent *consent; /* given with this record; NULL: one is on file */
	uint8_t consent_ref[ID_BYTES]; /* of the one on file; zeros if none */
	int64_t captured_s;
	bool captured_said;      /* by the form or a person: it is not when it came in */
	const uint8_t *instance; /* ID_BYTES, or NULL: made as said above */
	const uint8_t *digest;   /* HASH_BYTES, or NULL likewise */
	bool checked; /* passed submission_check(): asked here only whether the paths exist */
	/* The same answers, `count` of them, with texts taken out: sealed beside; or NULL. */
	const struct form_answer *spare;
};

/* Check the answers, seal them, add one item to out. */
CHECKED enum err capture_item(
	struct buf *out, const struct capture_site *site, const struct capture_record *r);

/* The same with its site part behind it, as SYNC_KEEP wants it. */
CHECKED enum err capture_row(
	struct buf *out, const struct capture_site *site, const struct capture_record *r);

/* The same with what else of a submission is kept; its files are sealed under `key`. */
struct capture_sealed {
	struct buf item;
	struct buf site_part; /* empty when nothing goes `site` but the study code */
	/* Of a record with `spare`: an entry of SYNC_KEEP that may stand in the item in the
	 * place of its last one, under the same key. */
	struct buf spare;
	struct secret *key;
	uint8_t instance[ID_BYTES];
};
CHECKED enum err capture_seal(struct capture_sealed *ret, const struct capture_site *site,
	const struct capture_record *r);
void capture_sealed_done(struct capture_sealed *s);
#define OWNED_SEALED OWNED_BY(capture_sealed_done)

/* The whole XML of a form version that is not known, as a site part. */
struct capture_unknown {
	const char *form;
	const char *version;
	uint8_t participant[ID_BYTES];
	uint8_t instance[ID_BYTES];
	struct view xml;
};
CHECKED enum err capture_unknown(
	struct buf *out, const struct capture_site *site, const struct capture_unknown *u);

#endif
