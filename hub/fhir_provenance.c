#include "hub/fhir_inside.h"

#include <inttypes.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/codec/wire.h"

#define SYSTEM_AGENT "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
/* Who approached is of no type of that system: the task of the delegation log is beside it. */
#define TASK_APPROACH "approach"
#define SYSTEM_SIGNED "urn:iso-astm:E1762-95:2013"
/* Verification Signature: the site's node vouches for what it took in; it is nobody's own. */
#define SIGNED_VERIFIED "1.2.840.10065.1.12.1.5"
#define KEY_MAX_BYTES   ((size_t)1024)

/* What an agent did: a type of the system, or a task as delegated. The other is NULL. */
struct part_taken {
	const char *type, *task;
};

static void
put_part(struct json_out *w, struct part_taken as)
{
	if (as.type)
		fhirout_concept(w, "type", SYSTEM_AGENT, as.type);
	if (!as.task)
		return;
	json_put_array(w, "extension");
	fhirout_extension(w, "task", as.task);
	json_put_close(w);
}

static void
put_agent(struct json_out *w, struct part_taken as, const struct fhirout_named *who,
	const struct fhir_site *site)
{
	json_put_object(w, NULL);
	put_part(w, as);
	fhirout_named(w, "who", who);
	fhir_put_site(w, "onBehalfOf", "Organization", site);
	json_put_close(w);
}

/* A person of the site by the staff code; nobody where there is none. */
static void
put_staff(struct json_out *w, struct part_taken as, const char *code,
	const struct fhir_site *site)
{
	OWNED_MEM char *staff = xasprintf("site:%s:staff", site->id);
	if (code && *code)
		put_agent(w, as, &(struct fhirout_named){"Practitioner", staff, code, NULL},
			site);
}

static void
put_agents(struct json_out *w, const struct fhir_consent *c)
{
	char writer[2 * SIGN_PUBLIC_BYTES + 1];
	text_hex(writer, c->head.writer, SIGN_PUBLIC_BYTES);
	json_put_array(w, "agent");
	put_staff(w, (struct part_taken){.type = "performer"}, c->consent->taken_by, &c->site);
	/* A change repeats what the agreement before it says. */
	if (!c->is_change)
		put_staff(w, (struct part_taken){.task = TASK_APPROACH}, c->consent->approacher,
			&c->site);
	put_agent(w, (struct part_taken){.type = "assembler"},
		&(struct fhirout_named){"Device", "writer", writer, NULL}, &c->site);
	json_put_close(w);
}

static void
put_entity(struct json_out *w, const char *of, const char *value)
{
	json_put_object(w, NULL);
	json_put_text(w, "role", "source");
	json_put_object(w, "what");
	fhirout_identifier(w, "identifier", of, value);
	json_put_close(w);
	json_put_close(w);
}

/* The entry, its hash, and the head whose signature stands over both. */
static void
put_entities(struct json_out *w, const struct fhir_consent *c)
{
	char writer[2 * SIGN_PUBLIC_BYTES + 1], head[2 * HASH_BYTES + 1];
	char hash[2 * HASH_BYTES + 1];
	text_hex(writer, c->head.writer, SIGN_PUBLIC_BYTES);
	text_hex(head, c->head.hash, HASH_BYTES);
	text_hex(hash, c->entry_hash, HASH_BYTES);
	OWNED_MEM char *place = xasprintf("%s/%" PRIu32 "/C/%" PRIu64 "/%s", writer,
		c->head.incarnation, c->head.seq, head);
	json_put_array(w, "entity");
	put_entity(w, "entry", c->entry);
	put_entity(w, "entry-hash", hash);
	put_entity(w, "head", place);
	json_put_close(w);
}

static void
put_signature(struct json_out *w, const struct fhir_consent *c)
{
	OWNED_MEM char *data = text_base64(view_of(c->head.signature, SIGNATURE_BYTES));
	char writer[2 * SIGN_PUBLIC_BYTES + 1];
	text_hex(writer, c->head.writer, SIGN_PUBLIC_BYTES);
	json_put_array(w, "signature");
	json_put_object(w, NULL);
	json_put_array(w, "type");
	json_put_object(w, NULL);
	json_put_text(w, "system", SYSTEM_SIGNED);
	json_put_text(w, "code", SIGNED_VERIFIED);
	json_put_close(w);
	json_put_close(w);
	fhirout_time(w, "when", c->received_s);
	fhirout_named(w, "who", &(struct fhirout_named){"Device", "writer", writer, NULL});
	json_put_text(w, "sigFormat", "application/octet-stream");
	json_put_text(w, "data", data);
	json_put_close(w);
	json_put_close(w);
}

enum err
fhir_put_provenance(struct buf *out, const struct fhir_consent *c)
{
	OWNED_BUF struct buf room, target;
	struct json_out w;
	buf_init(&room, KEY_MAX_BYTES);
	buf_init(&target, KEY_MAX_BYTES);
	const struct fhirout_id id = fhir_version_id(c, "Provenance", &room);
	const struct fhirout_id of = fhir_version_id(c, "Consent", &target);
	json_begin(&w, out);
	fhirout_begin(&w, &id);
	json_put_array(&w, "target");
	fhirout_reference(&w, NULL, &of);
	json_put_close(&w);
	if (c->captured_s)
		fhirout_time(&w, "occurredDateTime", c->captured_s);
	fhirout_time(&w, "recorded", c->received_s);
	put_agents(&w, c);
	put_entities(&w, c);
	if (!wire_is_zero(c->head.signature, sizeof(c->head.signature)))
		put_signature(&w, c);
	fhirout_end(&w);
	return json_end(&w, "Provenance");
}
