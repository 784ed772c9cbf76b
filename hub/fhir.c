#include "hub/fhir.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/study/rules_limits.h"

#include "hub/fhir_inside.h"

#define SYSTEM_SCOPE    "http://terminology.hl7.org/CodeSystem/consentscope"
#define SYSTEM_CATEGORY "http://terminology.hl7.org/CodeSystem/consentcategorycodes"
#define SYSTEM_LOINC    "http://loinc.org"
#define SYSTEM_REASON   "http://terminology.hl7.org/CodeSystem/v3-ActReason"
#define SYSTEM_DUO      "http://purl.obolibrary.org/obo/duo.owl"
#define LOINC_CONSENT   "57016-8"
#define SCHEMA_VERSION  "1" /* of proto/consent.proto, as these entries show it */
#define KEY_MAX_BYTES   ((size_t)1024)

static bool
is(const char *text, const char *word)
{
	return text && strcmp(text, word) == 0;
}

static struct fhirout_id
study_id(const char *study)
{
	return (struct fhirout_id){study, "ResearchStudy", view_text(study)};
}

/* form and version, length-prefixed into room */
static struct fhirout_id
sheet_id(const char *study, const char *form, const char *version, struct buf *room)
{
	buf_blob_text(room, form);
	buf_blob_text(room, version);
	return (struct fhirout_id){study, "DocumentReference", buf_view(room)};
}

struct fhirout_id
fhir_version_id(const struct fhir_consent *c, const char *kind, struct buf *room)
{
	buf_add(room, c->participant, ID_BYTES);
	buf_u32(room, c->version);
	return (struct fhirout_id){c->study, kind, buf_view(room)};
}

/* The person, who is in no bundle: a pseudonym of this study. */
static void
put_person(struct json_out *w, const char *key, const struct fhir_consent *c)
{
	char hex[2 * ID_BYTES + 1];
	text_hex(hex, c->participant, ID_BYTES);
	fhirout_named(w, key, &(struct fhirout_named){"Patient", "participant", hex, NULL});
}

void
fhir_put_site(struct json_out *w, const char *key, const char *type, const struct fhir_site *s)
{
	fhirout_named(w, key, &(struct fhirout_named){type, "site", s->id, s->name});
}

/* study and sheets */

enum err
fhir_put_study(struct buf *out, const struct fhir_study *s)
{
	const struct fhirout_id id = study_id(s->id);
	struct json_out w;
	json_begin(&w, out);
	fhirout_begin(&w, &id);
	json_put_array(&w, "identifier");
	fhirout_identifier(&w, NULL, "study", s->id);
	json_put_close(&w);
	if (s->title && s->title[0])
		json_put_text(&w, "title", s->title);
	json_put_text(&w, "status", "active");
	if (s->site_count) {
		json_put_array(&w, "site");
		for (size_t i = 0; i < s->site_count; i++)
			fhir_put_site(&w, NULL, "Location", &s->sites[i]);
		json_put_close(&w);
	}
	fhirout_end(&w);
	return json_end(&w, "ResearchStudy");
}

static void
put_attachment(struct json_out *w, const struct fhir_sheet *s)
{
	json_put_array(w, "content");
	json_put_object(w, NULL);
	json_put_object(w, "attachment");
	json_put_text(w, "contentType", "application/xml");
	if (s->language && s->language[0])
		json_put_text(w, "language", s->language);
	json_put_int(w, "size", (int64_t)s->bytes);
	if (s->title && s->title[0])
		json_put_text(w, "title", s->title);
	json_put_close(w);
	json_put_close(w);
	json_put_close(w);
}

enum err
fhir_put_sheet(struct buf *out, const struct fhir_sheet *s)
{
	OWNED_BUF struct buf room;
	char hex[2 * HASH_BYTES + 1];
	struct json_out w;
	buf_init(&room, KEY_MAX_BYTES);
	const struct fhirout_id id = sheet_id(s->study, s->form, s->version, &room);
	text_hex(hex, s->sha256, HASH_BYTES);
	json_begin(&w, out);
	fhirout_begin(&w, &id);
	json_put_array(&w, "identifier");
	fhirout_identifier(&w, NULL, "form", s->form);
	fhirout_identifier(&w, NULL, "form-version", s->version);
	fhirout_identifier(&w, NULL, "sha256", hex);
	json_put_close(&w);
	json_put_text(&w, "status", s->is_superseded ? "superseded" : "current");
	json_put_text(&w, "docStatus", "final");
	fhirout_concept(&w, "type", SYSTEM_LOINC, LOINC_CONSENT);
	put_attachment(&w, s);
	fhirout_end(&w);
	return json_end(&w, "DocumentReference");
}

/* status */

static bool
is_refusal(const struct wire_consent *c)
{
	return is(c->event, "refused") || is(c->event, "advice-against") ||
	       is(c->assent, "dissent");
}

static bool
permits_anything(const struct wire_consent *c)
{
	for (size_t i = 0; i < c->permission_count; i++)
		if (c->permissions[i].permit)
			return true;
	return false;
}

const char *
fhir_status(const struct fhir_consent *c)
{
	static const char *const agreed[] = {
		"given", "reaffirmed", "advice-supports", "changed"};
	if (c->is_change)
		return "inactive";
	if (is(c->consent->event, "invalidated"))
		return "entered-in-error";
	if (is_refusal(c->consent))
		return "rejected";
	if (is(c->consent->event, "requested"))
		return "proposed";
	for (size_t i = 0; i < ARRAY_LEN(agreed); i++)
		if (is(c->consent->event, agreed[i]) && c->is_last)
			return "active";
	return "inactive";
}

const char *
fhir_subject_status(const struct fhir_consent *last, bool was_in)
{
	if (is(last->consent->event, "requested") && !was_in)
		return "candidate";
	if (!was_in)
		return "not-registered";
	if (is_refusal(last->consent) || is(last->consent->event, "expired") ||
		is(last->consent->event, "invalidated") || !permits_anything(last->consent))
		return "off-study";
	return "on-study";
}

enum err
fhir_put_subject(struct buf *out, const struct fhir_consent *last, bool was_in)
{
	OWNED_BUF struct buf room;
	const struct fhirout_id id = {
		last->study, "ResearchSubject", view_of(last->participant, ID_BYTES)};
	const struct fhirout_id study = study_id(last->study);
	char hex[2 * ID_BYTES + 1];
	struct json_out w;
	buf_init(&room, KEY_MAX_BYTES);
	const struct fhirout_id consent = fhir_version_id(last, "Consent", &room);
	text_hex(hex, last->participant, ID_BYTES);
	json_begin(&w, out);
	fhirout_begin(&w, &id);
	json_put_array(&w, "identifier");
	fhirout_identifier(&w, NULL, "participant", hex);
	json_put_close(&w);
	json_put_text(&w, "status", fhir_subject_status(last, was_in));
	fhirout_reference(&w, "study", &study);
	put_person(&w, "individual", last);
	fhirout_reference(&w, "consent", &consent);
	fhirout_end(&w);
	return json_end(&w, "ResearchSubject");
}

/* consent */

static void
put_common(struct json_out *w, const struct fhir_consent *c)
{
	const struct pack_legal *l = c->legal;
	fhirout_extension(w, "confidentiality", c->basis);
	if (!l)
		return;
	fhirout_extension(w, "protocol-version", l->protocol);
	fhirout_extension(w, "controllers", l->controllers);
	fhirout_extension(w, "recipients", l->recipients);
	fhirout_extension(w, "storage-location", l->storage);
	fhirout_extension(w, "retention", l->retention);
	fhirout_extension(w, "jurisdiction", l->jurisdiction);
	fhirout_extension(w, "gdpr-art6", l->art6);
	fhirout_extension(w, "gdpr-art9", l->art9);
	fhirout_extension(w, "dpa2018", l->dpa2018);
}

static void
put_extensions(struct json_out *w, const struct fhir_consent *c)
{
	const struct wire_consent *said = c->consent;
	json_put_array(w, "extension");
	fhirout_extension(w, "consent-event", said->event[0] ? said->event : "unknown");
	fhirout_extension(w, "participation-change", c->is_change ? said->level : "");
	fhirout_extension(w, "consent-mode", said->mode);
	fhirout_extension(w, "grantor-role", said->grantor_role);
	fhirout_extension(w, "capacity", said->capacity);
	fhirout_extension(w, "assent", said->assent);
	fhirout_extension(w, "approach-by", said->approach_by);
	fhirout_extension(w, "receipt", c->receipt);
	fhirout_extension(w, "delegation-leaf", c->delegation);
	fhirout_extension(w, "schema-version", SCHEMA_VERSION);
	put_common(w, c);
	json_put_close(w);
}

static void
put_categories(struct json_out *w)
{
	fhirout_concept(w, "scope", SYSTEM_SCOPE, "research");
	json_put_array(w, "category");
	fhirout_concept(w, NULL, SYSTEM_LOINC, LOINC_CONSENT);
	fhirout_concept(w, NULL, SYSTEM_CATEGORY, "research");
	json_put_close(w);
}

/* Who spoke: the person, or somebody for the person, known by the role alone. */
static void
put_performer(struct json_out *w, const struct fhir_consent *c)
{
	const char *role = c->consent->grantor_role;
	json_put_array(w, "performer");
	if (!role || !role[0] || is(role, "self") || is(role, "participant")) {
		put_person(w, NULL, c);
	} else {
		json_put_object(w, NULL);
		json_put_text(w, "type", "RelatedPerson");
		json_put_text(w, "display", role);
		json_put_close(w);
	}
	json_put_close(w);
}

static void
put_source(struct json_out *w, const struct fhir_consent *c)
{
	OWNED_BUF struct buf room;
	buf_init(&room, KEY_MAX_BYTES);
	if (!c->sheet_form)
		return;
	const struct fhirout_id id = sheet_id(c->study, c->sheet_form, c->sheet_version, &room);
	fhirout_reference(w, "sourceReference", &id);
}

/* FHIR asks for a policy or the text of a rule: here it is the form that was shown. */
static void
put_policy(struct json_out *w, const struct fhir_consent *c)
{
	const struct wire_consent *said = c->consent;
	OWNED_MEM char *words = said->form[0]
					? xasprintf("study %s, form %s, version %s", c->study,
						  said->form, said->form_version)
					: xasprintf("study %s", c->study);
	json_put_object(w, "policyRule");
	json_put_text(w, "text", words);
	json_put_close(w);
}

/* A limit is a purpose to which the permission is bound. */
static void
put_limits(struct json_out *w, const struct wire_permission *p)
{
	json_put_array(w, "purpose");
	for (size_t i = 0; i < p->limit_count; i++) {
		const char *word = p->limits[i], *id = rules_limit_id(word);
		json_put_object(w, NULL);
		json_put_text(w, "system", id ? SYSTEM_DUO : FHIROUT_SYSTEM "limit");
		json_put_text(w, "code", id ? id : word);
		json_put_text(w, "display", word);
		json_put_close(w);
	}
	json_put_close(w);
}

static void
put_permission(struct json_out *w, const struct wire_permission *p)
{
	json_put_object(w, NULL);
	json_put_text(w, "type", p->permit ? "permit" : "deny");
	fhirout_period(w, "period", p->from_s, p->until_s);
	if (p->limit_count)
		put_limits(w, p);
	json_put_array(w, "code");
	fhirout_concept(w, NULL, FHIROUT_SYSTEM "permission", p->code);
	json_put_close(w);
	json_put_close(w);
}

static void
put_provision(struct json_out *w, const struct wire_consent *c)
{
	json_put_object(w, "provision");
	json_put_text(w, "type", "deny");
	fhirout_period(w, "period", c->given_at_s, c->valid_until_s);
	json_put_array(w, "purpose");
	json_put_object(w, NULL);
	json_put_text(w, "system", SYSTEM_REASON);
	json_put_text(w, "code", "HRESCH");
	json_put_close(w);
	json_put_close(w);
	if (c->permission_count) {
		json_put_array(w, "provision");
		for (size_t i = 0; i < c->permission_count; i++)
			put_permission(w, &c->permissions[i]);
		json_put_close(w);
	}
	json_put_close(w);
}

enum err
fhir_put_consent(struct buf *out, const struct fhir_consent *c)
{
	OWNED_BUF struct buf room;
	OWNED_MEM char *version = xasprintf("%" PRIu32, c->version);
	struct json_out w;
	buf_init(&room, KEY_MAX_BYTES);
	const struct fhirout_id id = fhir_version_id(c, "Consent", &room);
	json_begin(&w, out);
	fhirout_begin(&w, &id);
	json_put_object(&w, "meta");
	json_put_text(&w, "versionId", version);
	json_put_close(&w);
	put_extensions(&w, c);
	if (c->entry[0]) {
		json_put_array(&w, "identifier");
		fhirout_identifier(&w, NULL, "entry", c->entry);
		json_put_close(&w);
	}
	json_put_text(&w, "status", fhir_status(c));
	put_categories(&w);
	put_person(&w, "patient", c);
	if (c->consent->given_at_s)
		fhirout_time(&w, "dateTime", c->consent->given_at_s);
	put_performer(&w, c);
	json_put_array(&w, "organization");
	fhir_put_site(&w, NULL, "Organization", &c->site);
	json_put_close(&w);
	put_source(&w, c);
	put_policy(&w, c);
	put_provision(&w, c->consent);
	fhirout_end(&w);
	return json_end(&w, "Consent");
}

/* bundle */

enum err
fhir_bundle_begin(struct buf *out, const char *study)
{
	OWNED_BUF struct buf id;
	struct json_out w;
	buf_init(&id, KEY_MAX_BYTES);
	json_begin(&w, &id);
	fhirout_identifier(&w, NULL, "study", study);
	enum err e = json_end(&w, "Bundle");
	if (!e)
		buf_format(out,
			"{\"resourceType\":\"Bundle\",\"identifier\":%.*s,"
			"\"type\":\"collection\",\"entry\":[\n",
			(int)id.len, (const char *)id.at);
	return e;
}

void
fhir_bundle_end(struct buf *out)
{
	buf_format(out, "\n]}\n");
}
