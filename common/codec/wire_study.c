#include "common/codec/wire_study.h"

#include <stdlib.h>
#include <string.h>

#include "common/codec/wire_pb.h"
#include "study.pb-c.h"

#define STUDY_VERSION 1

#define MANIFEST(field) ((struct wire_field){"manifest", field})
#define CARD(field)     ((struct wire_field){"person card", field})
#define HUB_KEYS(field) ((struct wire_field){"hub keys", field})

static enum err
check_documents(const Weir__Manifest *m)
{
	enum err e = wire_is_count(MANIFEST("documents"), m->n_documents, WIRE_DOCUMENTS_MAX);
	for (size_t i = 0; !e && i < m->n_documents; i++) {
		const Weir__Document *d = m->documents[i];
		e = wire_is_text(MANIFEST("document"), d->name, 1, WIRE_TEXT_BYTES);
		if (!e && d->hash.len != WIRE_HASH_BYTES)
			e = fail(E_FORMAT, "manifest: document: hash: not 32 bytes");
		/* In the order of their names, so that none can stand twice. */
		if (!e && i > 0 && strcmp(m->documents[i - 1]->name, d->name) >= 0)
			e = fail(E_FORMAT, "manifest: documents: names have to rise");
	}
	return e;
}

static enum err
check_intake(const Weir__Manifest *m)
{
	enum err e = wire_is_count(MANIFEST("intake"), m->n_intake, WIRE_INTAKE_MAX);
	if (!e && m->n_intake == 0)
		e = fail(E_FORMAT, "manifest: intake: no key to seal to");
	for (size_t i = 0; !e && i < m->n_intake; i++) {
		uint32_t before = i > 0 ? m->intake[i - 1]->number : 0;
		if (m->intake[i]->number <= before)
			e = fail(E_FORMAT, "manifest: intake: numbers have to rise from 1");
		else if (m->intake[i]->public_.len != WIRE_KEY_BYTES)
			e = fail(E_FORMAT, "manifest: intake: key: not 32 bytes");
	}
	return e;
}

/* Everything but the lists. */
static enum err
read_manifest_head(struct wire_manifest *r, const Weir__Manifest *m)
{
	enum err e = wire_is_version(MANIFEST("version"), m->version, STUDY_VERSION);
	if (!e)
		e = wire_copy_text(MANIFEST("study"), r->study, sizeof(r->study), 1, m->study);
	if (!e)
		e = wire_copy_or_zero(MANIFEST("previous"), r->previous, WIRE_HASH_BYTES,
			view_pb(m->previous));
	if (!e)
		e = wire_copy(MANIFEST("ledger_public"), r->ledger_public, WIRE_KEY_BYTES,
			view_pb(m->ledger_public));
	if (!e)
		e = wire_copy(MANIFEST("receipt_public"), r->receipt_public, WIRE_KEY_BYTES,
			view_pb(m->receipt_public));
	if (!e)
		e = wire_copy(MANIFEST("release_public"), r->release_public, WIRE_KEY_BYTES,
			view_pb(m->release_public));
	if (!e)
		e = wire_is_text(MANIFEST("log_vkey"), m->log_vkey, 1, WIRE_TEXT_BYTES);
	if (!e)
		e = wire_is_time(MANIFEST("time_s"), m->time_s);
	if (!e && m->number == 0)
		e = fail(E_FORMAT, "manifest: number: counts from 1");
	if (!e && (m->number == 1) != wire_is_zero(r->previous, WIRE_HASH_BYTES))
		e = fail(E_FORMAT, "manifest: previous: there is one from number 2 on");
	return e;
}

static enum err
check_manifest(struct wire_manifest *r, const Weir__Manifest *m)
{
	enum err e = read_manifest_head(r, m);
	if (!e)
		e = check_documents(m);
	return e ? e : check_intake(m);
}

static void
put_manifest(Weir__Manifest *m, const struct wire_manifest *r)
{
	m->version = STUDY_VERSION;
	m->study = pb_text(r->study);
	m->number = r->number;
	m->previous = pb_bytes_or_none(r->previous, WIRE_HASH_BYTES);
	m->ledger_public = pb_bytes(r->ledger_public, WIRE_KEY_BYTES);
	m->receipt_public = pb_bytes(r->receipt_public, WIRE_KEY_BYTES);
	m->release_public = pb_bytes(r->release_public, WIRE_KEY_BYTES);
	m->log_vkey = pb_text(r->log_vkey);
	m->time_s = r->time_s;
	/* Number 1 is left out, so that it has one spelling. */
	m->ledger_number = r->ledger_number > 1 ? r->ledger_number : 0;
}

enum err
wire_manifest_pack(struct buf *out, const struct wire_manifest *r)
{
	Weir__NumberedKey keys[WIRE_INTAKE_MAX];
	Weir__NumberedKey *lent_keys[WIRE_INTAKE_MAX];
	enum err e =
		wire_is_count(MANIFEST("documents"), r->document_count, WIRE_DOCUMENTS_MAX);
	if (!e)
		e = wire_is_count(MANIFEST("intake"), r->intake_count, WIRE_INTAKE_MAX);
	if (e)
		return e;
	OWNED_MEM Weir__Document *documents = xcalloc(r->document_count, sizeof(*documents));
	OWNED_MEM Weir__Document **lent = xcalloc(r->document_count, sizeof(Weir__Document *));
	for (size_t i = 0; i < r->document_count; i++) {
		documents[i] = (Weir__Document)WEIR__DOCUMENT__INIT;
		documents[i].name = pb_text(r->documents[i].name);
		documents[i].hash = pb_bytes(r->documents[i].hash, WIRE_HASH_BYTES);
		documents[i].length = r->documents[i].length;
		lent[i] = &documents[i];
	}
	for (size_t i = 0; i < r->intake_count; i++) {
		keys[i] = (Weir__NumberedKey)WEIR__NUMBERED_KEY__INIT;
		keys[i].number = r->intake[i].number;
		keys[i].public_ = pb_bytes(r->intake[i].public, WIRE_KEY_BYTES);
		lent_keys[i] = &keys[i];
	}
	Weir__Manifest m = WEIR__MANIFEST__INIT;
	put_manifest(&m, r);
	m.n_documents = r->document_count;
	m.documents = lent;
	m.n_intake = r->intake_count;
	m.intake = lent_keys;
	struct wire_manifest again;
	e = check_manifest(&again, &m);
	if (e)
		return e;
	wire_pack(out, &m);
	return buf_check(out, "manifest");
}

static enum err
read_manifest(struct wire_manifest *r, const Weir__Manifest *m, struct wire_arena *arena)
{
	enum err e = check_manifest(r, m);
	if (e)
		return e;
	struct wire_document *documents =
		wire_arena_take(arena, m->n_documents * sizeof(*documents));
	struct wire_numbered_key *keys = wire_arena_take(arena, m->n_intake * sizeof(*keys));
	if (!documents || !keys)
		return fail(E_FORMAT, "manifest: too large");
	for (size_t i = 0; i < m->n_documents; i++) {
		documents[i].name = m->documents[i]->name;
		documents[i].length = m->documents[i]->length;
		memcpy(documents[i].hash, m->documents[i]->hash.data, WIRE_HASH_BYTES);
	}
	for (size_t i = 0; i < m->n_intake; i++) {
		keys[i].number = m->intake[i]->number;
		memcpy(keys[i].public, m->intake[i]->public_.data, WIRE_KEY_BYTES);
	}
	r->number = m->number;
	r->log_vkey = m->log_vkey;
	r->time_s = m->time_s;
	r->ledger_number = MAX(m->ledger_number, 1u);
	r->document_count = m->n_documents;
	r->documents = documents;
	r->intake_count = m->n_intake;
	r->intake = keys;
	return OK;
}

enum err
wire_manifest_unpack(struct wire_manifest **ret, struct view bytes)
{
	*ret = NULL;
	enum err e = wire_is_capped("manifest", bytes.len, WIRE_MANIFEST_MAX_BYTES);
	if (e)
		return e;
	struct wire_arena arena = arena_for(bytes.len, sizeof(struct wire_manifest));
	OWNED(wire_manifest) struct wire_manifest *r = wire_arena_take(&arena, sizeof(*r));
	void *m = NULL;
	e = wire_unpack(&m, &weir__manifest__descriptor, &arena, bytes, "manifest");
	if (!e)
		e = read_manifest(r, m, &arena);
	if (!e)
		*ret = take(r);
	return e;
}

void
wire_manifest_free(struct wire_manifest *m)
{
	free(m);
}

static enum err
read_card_texts(struct wire_card *c, const Weir__PersonCard *m)
{
	enum err e = wire_copy_text(CARD("study"), c->study, sizeof(c->study), 1, m->study);
	if (!e)
		e = wire_copy_text(CARD("person"), c->person, sizeof(c->person), 1, m->person);
	if (!e)
		e = wire_copy_text(CARD("name"), c->name, sizeof(c->name), 1, m->name);
	if (!e)
		e = wire_copy_text(CARD("organisation"), c->organisation,
			sizeof(c->organisation), 0, m->organisation);
	if (!e)
		e = wire_is_count(CARD("roles"), m->n_roles, WIRE_ROLES_MAX);
	if (!e && m->n_roles == 0)
		e = fail(E_FORMAT, "person card: roles: at least one is needed");
	for (size_t i = 0; !e && i < m->n_roles; i++)
		e = wire_copy_text(CARD("role"), c->roles[i], WIRE_NAME_BYTES, 1, m->roles[i]);
	c->role_count = m->n_roles;
	return e;
}

static enum err
read_card(struct wire_card *c, const Weir__PersonCard *m)
{
	enum err e = wire_is_version(CARD("version"), m->version, STUDY_VERSION);
	if (!e)
		e = read_card_texts(c, m);
	if (!e)
		e = wire_copy(CARD("sign_public"), c->sign_public, WIRE_KEY_BYTES,
			view_pb(m->sign_public));
	if (!e)
		e = wire_copy(CARD("box_public"), c->box_public, WIRE_KEY_BYTES,
			view_pb(m->box_public));
	if (!e)
		e = wire_is_time(CARD("time_s"), m->time_s);
	c->time_s = m->time_s;
	return e;
}

enum err
wire_card_pack(struct buf *out, const struct wire_card *c)
{
	char *roles[WIRE_ROLES_MAX];
	enum err e = wire_is_count(CARD("roles"), c->role_count, WIRE_ROLES_MAX);
	if (e)
		return e;
	for (size_t i = 0; i < c->role_count; i++)
		roles[i] = pb_text(c->roles[i]);
	Weir__PersonCard m = WEIR__PERSON_CARD__INIT;
	m.version = STUDY_VERSION;
	m.study = pb_text(c->study);
	m.person = pb_text(c->person);
	m.name = pb_text(c->name);
	m.n_roles = c->role_count;
	m.roles = roles;
	m.organisation = pb_text(c->organisation);
	m.sign_public = pb_bytes(c->sign_public, WIRE_KEY_BYTES);
	m.box_public = pb_bytes(c->box_public, WIRE_KEY_BYTES);
	m.time_s = c->time_s;
	struct wire_card again;
	e = read_card(&again, &m);
	if (e)
		return e;
	wire_pack(out, &m);
	return buf_check(out, "person card");
}

enum err
wire_card_unpack(struct wire_card *ret, struct view bytes)
{
	memset(ret, 0, sizeof(*ret));
	enum err e = wire_is_capped("person card", bytes.len, WIRE_CARD_MAX_BYTES);
	if (e)
		return e;
	struct wire_arena arena = arena_for(bytes.len, 0);
	OWNED_MEM void *memory = arena.at;
	void *m = NULL;
	struct wire_card made = {.role_count = 0};
	e = wire_unpack(&m, &weir__person_card__descriptor, &arena, bytes, "person card");
	if (!e)
		e = read_card(&made, m);
	if (!e)
		*ret = made;
	return e;
}

static enum err
read_hub_keys(struct wire_hub_keys *k, const Weir__HubKeys *m)
{
	enum err e = wire_is_version(HUB_KEYS("version"), m->version, STUDY_VERSION);
	if (!e)
		e = wire_copy_text(HUB_KEYS("study"), k->study, sizeof(k->study), 1, m->study);
	if (!e)
		e = wire_copy(HUB_KEYS("receipt_public"), k->receipt_public, WIRE_KEY_BYTES,
			view_pb(m->receipt_public));
	if (!e)
		e = wire_copy(HUB_KEYS("release_public"), k->release_public, WIRE_KEY_BYTES,
			view_pb(m->release_public));
	if (!e)
		e = wire_copy_text(
			HUB_KEYS("log_vkey"), k->log_vkey, sizeof(k->log_vkey), 1, m->log_vkey);
	if (!e)
		e = wire_is_time(HUB_KEYS("time_s"), m->time_s);
	k->time_s = m->time_s;
	return e;
}

enum err
wire_hub_keys_pack(struct buf *out, const struct wire_hub_keys *k)
{
	Weir__HubKeys m = WEIR__HUB_KEYS__INIT;
	m.version = STUDY_VERSION;
	m.study = pb_text(k->study);
	m.receipt_public = pb_bytes(k->receipt_public, WIRE_KEY_BYTES);
	m.release_public = pb_bytes(k->release_public, WIRE_KEY_BYTES);
	m.log_vkey = pb_text(k->log_vkey);
	m.time_s = k->time_s;
	struct wire_hub_keys again;
	enum err e = read_hub_keys(&again, &m);
	if (e)
		return e;
	wire_pack(out, &m);
	return buf_check(out, "hub keys");
}

enum err
wire_hub_keys_unpack(struct wire_hub_keys *ret, struct view bytes)
{
	memset(ret, 0, sizeof(*ret));
	enum err e = wire_is_capped("hub keys", bytes.len, WIRE_CARD_MAX_BYTES);
	if (e)
		return e;
	struct wire_arena arena = arena_for(bytes.len, 0);
	OWNED_MEM void *memory = arena.at;
	void *m = NULL;
	struct wire_hub_keys made;
	e = wire_unpack(&m, &weir__hub_keys__descriptor, &arena, bytes, "hub keys");
	if (!e)
		e = read_hub_keys(&made, m);
	if (!e)
		*ret = made;
	return e;
}
