#include "hub/fhirout.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"

#define PERSONAL         "weir-fhir-v1"
#define ID_MAX_BYTES     ((size_t)4096)
#define MS_PER_S         1000
#define UUID_VERSION     0x80 /* 8: made from what the maker chose */
#define UUID_VARIANT     0x80
#define URN_MAX_BYTES    128
#define SYSTEM_MAX_BYTES 128

void
fhirout_uuid(char ret[static FHIROUT_UUID_BYTES], const struct fhirout_id *id)
{
	static const size_t groups[] = {4, 2, 2, 2, 6};
	uint8_t hash[ID_BYTES];
	OWNED_BUF struct buf b;
	size_t from = 0, to = 0;
	buf_init(&b, ID_MAX_BYTES);
	buf_blob_text(&b, id->study);
	buf_blob_text(&b, id->kind);
	buf_blob(&b, id->key);
	struct view all = buf_view(&b);
	crypto_hash_id(hash, PERSONAL, NULL, &all, 1);
	hash[6] = (uint8_t)((hash[6] & 0x0f) | UUID_VERSION);
	hash[8] = (uint8_t)((hash[8] & 0x3f) | UUID_VARIANT);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		if (i)
			ret[to++] = '-';
		text_hex(ret + to, hash + from, groups[i]);
		to += 2 * groups[i];
		from += groups[i];
	}
}

/* "urn:uuid:" and the id. */
static void
urn_of(char ret[static URN_MAX_BYTES], const struct fhirout_id *id)
{
	char uuid[FHIROUT_UUID_BYTES];
	fhirout_uuid(uuid, id);
	(void)snprintf(ret, URN_MAX_BYTES, "urn:uuid:%s", uuid);
}

static void
system_of(char ret[static SYSTEM_MAX_BYTES], const char *of)
{
	(void)snprintf(ret, SYSTEM_MAX_BYTES, "%s%s", FHIROUT_SYSTEM, of);
}

void
fhirout_begin(struct json_out *w, const struct fhirout_id *id)
{
	char urn[URN_MAX_BYTES], uuid[FHIROUT_UUID_BYTES];
	urn_of(urn, id);
	fhirout_uuid(uuid, id);
	json_put_object(w, NULL);
	json_put_text(w, "fullUrl", urn);
	json_put_object(w, "resource");
	json_put_text(w, "resourceType", id->kind);
	json_put_text(w, "id", uuid);
}

void
fhirout_end(struct json_out *w)
{
	json_put_close(w);
	json_put_close(w);
}

void
fhirout_time(struct json_out *w, const char *key, int64_t s)
{
	char text[CLOCK_TEXT_BYTES];
	clock_text(text, s * MS_PER_S);
	json_put_text(w, key, text);
}

void
fhirout_period(struct json_out *w, const char *key, int64_t from_s, int64_t until_s)
{
	if (!from_s && !until_s)
		return;
	json_put_object(w, key);
	if (from_s)
		fhirout_time(w, "start", from_s);
	if (until_s)
		fhirout_time(w, "end", until_s - 1);
	json_put_close(w);
}

void
fhirout_identifier(struct json_out *w, const char *key, const char *of, const char *value)
{
	char system[SYSTEM_MAX_BYTES];
	system_of(system, of);
	json_put_object(w, key);
	json_put_text(w, "system", system);
	json_put_text(w, "value", value);
	json_put_close(w);
}

void
fhirout_concept(struct json_out *w, const char *key, const char *system, const char *code)
{
	json_put_object(w, key);
	json_put_array(w, "coding");
	json_put_object(w, NULL);
	json_put_text(w, "system", system);
	json_put_text(w, "code", code);
	json_put_close(w);
	json_put_close(w);
	json_put_close(w);
}

void
fhirout_reference(struct json_out *w, const char *key, const struct fhirout_id *to)
{
	char urn[URN_MAX_BYTES];
	urn_of(urn, to);
	json_put_object(w, key);
	json_put_text(w, "reference", urn);
	json_put_close(w);
}

void
fhirout_named(struct json_out *w, const char *key, const struct fhirout_named *to)
{
	json_put_object(w, key);
	json_put_text(w, "type", to->type);
	fhirout_identifier(w, "identifier", to->of, to->value);
	if (to->display && to->display[0])
		json_put_text(w, "display", to->display);
	json_put_close(w);
}

void
fhirout_extension(struct json_out *w, const char *of, const char *text)
{
	char url[SYSTEM_MAX_BYTES];
	if (!text || !text[0])
		return;
	system_of(url, of);
	json_put_object(w, NULL);
	json_put_text(w, "url", url);
	json_put_text(w, "valueString", text);
	json_put_close(w);
}
