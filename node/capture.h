/* capture - the one way in: checked answers become sealed entries, ready to be kept.
 *
 * Makes:       one item of SYNC_KEEP (ipc.h) with two or three entries:
 *              lane C key      rules part of kind key, instance random; wrap_study to the
 *                              study's intake key; wrap_site to the site's review key where
 *                              the form lets the coordinator read (class both, else class hub)
 *              lane C consent  rules part of kind consent, instance random; only with a new
 *                              consent
 *              lane R record   rules part with open fields, consent_ref, key_ref; sealed
 *                              answers
 * Instance:    of a form with one record a person and wave: BLAKE2b-128, personal
 *              "weir-instance-v1", keyed with the site's row key, over fields of u32 length and
 *              bytes: form, pseudonym, wave; with many records the row digest comes fourth. The
 *              same row is the same instance, here only.
 * Row digest:  BLAKE2b-256, personal "weir-row-v1", keyed likewise, over form, pseudonym and
 *              the name and value of every answer in the form's order, blanks left out.
 * Always true: answers that go nowhere (weir_goes = site) are in no byte of the item, not even
 *              as a length; plain answers are wiped before this room returns.
 * Errors:      E_FORMAT naming the column; nothing is added to `out` then.
 */
#ifndef WEIR_NODE_CAPTURE_H
#define WEIR_NODE_CAPTURE_H

#include "common/study/form.h"
#include "common/trust/crypto.h"

#include "node/consent.h"

/* What a site has to know to seal: nothing secret of people in it but the row key. */
struct capture_site {
	const char *study;
	uint32_t intake_number;
	uint8_t intake_public[BOX_PUBLIC_BYTES];
	uint32_t review_number;
	uint8_t review_public[BOX_PUBLIC_BYTES];
	uint8_t row_key[HASH_BYTES];
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
};

/* Check the answers, seal them, add one item to out. */
CHECKED enum err capture_item(
	struct buf *out, const struct capture_site *site, const struct capture_record *r);

/* A participation change as an item: the code of the person, one entry of lane C. */
struct capture_change {
	const char *code;
	uint8_t participant[ID_BYTES];
	const struct consent *after; /* what consent_change() made */
	uint8_t refers_to[ID_BYTES]; /* the consent it changes */
	int64_t captured_s;
};
CHECKED enum err capture_change_item(struct buf *out, const struct capture_change *c);

#endif
