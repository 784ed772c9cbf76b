/* fhir - consents and their provenance as HL7 FHIR R4 resources; pure.
 *
 * Gives:       one entry of a Bundle of type collection a call, as canonical JSON:
 *              ResearchStudy, DocumentReference (a form in one version, with its SHA-256),
 *              ResearchSubject, Consent, Provenance.
 * Always true: the scope of a Consent is research, its category LOINC 57016-8 and research,
 *              its purpose HRESCH. Its root provision denies; what was permitted or refused
 *              in words stands below it, each with its period, and with the limits on other
 *              research as purposes (Data Use Ontology). A version that another one
 *              followed is inactive; so is every participation change, which repeats all
 *              permissions as it left them. "withdrawn" is no status of a Consent, and none of
 *              a ResearchSubject here: what ended stands in the provisions.
 *              a person is the pseudonym; no name, no study code, no answer is in an entry.
 *              the same facts give the same bytes; the clock is not asked, so a period may be
 *              over while the status says active.
 * In common:   what ISO/IEC TS 27560 wants of a record and what stands in study.ini for all
 *              (plan, controllers, recipients, storage, retention, jurisdiction, bases in law)
 *              is said of each Consent, in the words of the study in force on the day it was
 *              given.
 * Signature:   the site's signature over the head of the lane, which vouches for every entry up
 *              to it; heads carry no time, so `when` is the entry's arrival at the hub.
 * Errors:      E_FULL, E_FORMAT as json_end() says.
 */
#ifndef WEIR_HUB_FHIR_H
#define WEIR_HUB_FHIR_H

#include "common/codec/wire_rules.h"
#include "common/study/pack_parts.h"
#include "common/trust/crypto.h"

struct fhir_site {
	const char *id;
	const char *name; /* the public one; may be NULL */
};

struct fhir_study {
	const char *id, *title;
	const struct fhir_site *sites;
	size_t site_count;
};

/* A form in one version, as people are shown it. */
struct fhir_sheet {
	const char *study, *form, *version, *title, *language;
	uint8_t sha256[HASH_BYTES];
	size_t bytes;
	bool is_superseded;
};

/* What a site's writer signed last on the lane; writer zeros: there is none. */
struct fhir_head {
	uint8_t writer[SIGN_PUBLIC_BYTES];
	uint32_t incarnation;
	uint64_t seq;
	uint8_t hash[HASH_BYTES];
	uint8_t signature[SIGNATURE_BYTES];
};

/* One version of a person's consent. */
struct fhir_consent {
	const char *study;
	struct fhir_site site;
	const uint8_t *participant; /* ID_BYTES */
	uint32_t version;           /* of this person, from 1 */
	bool is_last;
	bool is_change; /* a participation change, not a consent form */
	/* Form and version of a DocumentReference in the bundle; NULL: none is known. */
	const char *sheet_form, *sheet_version;
	const struct wire_consent *consent;
	/* The study of that day: confidentiality and what is alike for all; NULL: not known. */
	const char *basis;
	const struct pack_legal *legal;
	const char *receipt;    /* its number, as who agreed holds it; "" */
	const char *delegation; /* leaf of the line by which the taker takes consent; "" */
	const char *entry;      /* its place, or "" of one that only the journal knows */
	uint8_t entry_hash[HASH_BYTES];
	int64_t captured_s, received_s;
	struct fhir_head head;
};

/* A code of Consent.status. */
const char *fhir_status(const struct fhir_consent *c);
/* A code of ResearchSubject.status; `last` is the person's last version, was_in whether one of
 * them permitted anything. */
const char *fhir_subject_status(const struct fhir_consent *last, bool was_in);

/* Each adds one entry to out. */
CHECKED enum err fhir_put_study(struct buf *out, const struct fhir_study *s);
CHECKED enum err fhir_put_sheet(struct buf *out, const struct fhir_sheet *s);
CHECKED enum err fhir_put_subject(
	struct buf *out, const struct fhir_consent *last, bool was_in);
CHECKED enum err fhir_put_consent(struct buf *out, const struct fhir_consent *c);
CHECKED enum err fhir_put_provenance(struct buf *out, const struct fhir_consent *c);

/* What stands around the entries, which have a comma and a line between them. */
CHECKED enum err fhir_bundle_begin(struct buf *out, const char *study);
void fhir_bundle_end(struct buf *out);

#endif
