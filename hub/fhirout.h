/* fhirout - the small pieces that FHIR R4 resources are made of, written as JSON.
 *
 * Systems:     what weir names itself stands under urn:x-weir:WHAT; study, form, site and staff
 *              identifiers are weir's own ids, never a person's name or study code.
 * Ids:         UUIDs of version 8 (RFC 9562): BLAKE2b-128, personal "weir-fhir-v1", over the
 *              length-prefixed study, kind of resource and key. The same thing has the same id
 *              in every export.
 * Times:       whole seconds in UTC. weir's ends are the first second after; a Period of FHIR
 *              includes its end, so one second is taken off.
 * Purity:      no clock, no disk; every writer adds one value to an open object or array.
 */
#ifndef WEIR_HUB_FHIROUT_H
#define WEIR_HUB_FHIROUT_H

#include "common/codec/json.h"
#include "common/trust/crypto.h"

#define FHIROUT_UUID_BYTES 37
#define FHIROUT_SYSTEM     "urn:x-weir:"

/* One thing that resources are about: its id comes from these three. */
struct fhirout_id {
	const char *study;
	const char *kind; /* of resource: "Consent", ... */
	struct view key;
};
void fhirout_uuid(char ret[static FHIROUT_UUID_BYTES], const struct fhirout_id *id);

/* Opens {"fullUrl","resource":{"resourceType","id"; close both with fhirout_end(). */
void fhirout_begin(struct json_out *w, const struct fhirout_id *id);
void fhirout_end(struct json_out *w);

void fhirout_time(struct json_out *w, const char *key, int64_t s);
/* Left out where both are 0; until_s is the first second after. */
void fhirout_period(struct json_out *w, const char *key, int64_t from_s, int64_t until_s);
/* {"system","value"}; `of` is behind FHIROUT_SYSTEM. */
void fhirout_identifier(struct json_out *w, const char *key, const char *of, const char *value);
/* {"coding":[{"system","code"}]} */
void fhirout_concept(struct json_out *w, const char *key, const char *system, const char *code);
/* {"reference":"urn:uuid:..."} to a resource of this bundle. */
void fhirout_reference(struct json_out *w, const char *key, const struct fhirout_id *to);
/* A reference to what is in no bundle: {"type","identifier","display"}; display may be NULL. */
struct fhirout_named {
	const char *type, *of, *value, *display;
};
void fhirout_named(struct json_out *w, const char *key, const struct fhirout_named *to);
/* {"url","valueString"} in an open array; nothing for an empty text. */
void fhirout_extension(struct json_out *w, const char *of, const char *text);

#endif
