#include "hub/export_fhir_page.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/trust/entry.h"

#include "hub/consents.h"
#include "hub/export_ground.h"
#include "hub/record.h"
#include "hub/standing.h"
#include "hub/versions.h"
#include "hub/withheld.h"
#include "hub/writer.h"

#define SHEETS_MAX_COUNT 256
/* a header (wire_entry.h) is shorter */
#define HEADER_MAX_BYTES ((size_t)65536)

/* One version, with what it lends from. */
struct version {
	struct fhir_consent said;
	struct wire_rules *rules;
	struct wire_consent bare; /* of a withdrawal that only the journal knows */
	struct export_ground ground;
	char entry[PLACE_NAME_BYTES];
	char site[ROW_ID_BYTES];
};

struct page {
	struct hub *hub;
	const struct export_scope *scope;
	struct json_out *w;
	size_t bytes;
	size_t persons;
	bool is_full;
	uint8_t last[ID_BYTES];
	const struct form *sheets[SHEETS_MAX_COUNT]; /* lent by the hub's versions */
	size_t sheet_count;
	struct delegation delegation;
	/* the person at hand */
	uint8_t participant[ID_BYTES];
	char site[ROW_ID_BYTES];
	struct version *versions;
	size_t count, room;
};

static void
forget_person(struct page *p)
{
	for (size_t i = 0; i < p->count; i++)
		wire_rules_free(p->versions[i].rules);
	p->count = 0;
}

static void
page_done(struct page *p)
{
	forget_person(p);
	mem_drop(&p->versions);
	delegation_done(&p->delegation);
}

static const char *
site_name(const struct page *p, const char *id)
{
	const struct pack_site *s = p->hub->pack ? pack_site(p->hub->pack, id) : NULL;
	return s ? s->name : NULL;
}

/* sheets */

/* lends the form of this version if its bytes can be hashed; then it is in the page. */
static const struct form *
note_sheet(struct page *p, const char *form, const char *version)
{
	const struct versions *known = p->hub->versions;
	const struct form *f = known ? versions_form(known, form, version) : NULL;
	if (!f || !f->xml)
		return NULL;
	for (size_t i = 0; i < p->sheet_count; i++)
		if (p->sheets[i] == f)
			return f;
	if (p->sheet_count == SHEETS_MAX_COUNT)
		return NULL;
	p->sheets[p->sheet_count++] = f;
	return f;
}

/* What the person saw, or else the form in which it was written down: what is shown on paper
 * may be numbered otherwise than the forms of the study. */
static void
find_sheet(struct page *p, struct version *v)
{
	const struct wire_consent *said = v->said.consent;
	const struct form *f = note_sheet(p, said->form, said->form_version);
	if (!f && v->rules)
		f = note_sheet(p, v->rules->form, v->rules->form_version);
	v->said.sheet_form = f ? f->id : NULL;
	v->said.sheet_version = f ? f->version : NULL;
}

static void
put_entry(struct page *p, const struct buf *entry)
{
	json_put_view(p->w, NULL, buf_view(entry));
	p->bytes += entry->len;
}

static enum err
put_sheet(struct page *p, const struct form *f)
{
	OWNED_BUF struct buf entry;
	const struct form *newest = p->hub->pack ? pack_form(p->hub->pack, f->id) : NULL;
	struct fhir_sheet s = {.study = p->hub->study,
		.form = f->id,
		.version = f->version,
		.title = f->title,
		.language = f->language,
		.bytes = f->xml->len,
		.is_superseded = !newest || strcmp(newest->version, f->version) != 0};
	struct view xml = buf_view(f->xml);
	buf_init(&entry, EXPORT_FHIR_ENTRY_BYTES);
	crypto_sha256(s.sha256, &xml, 1);
	enum err e = fhir_put_sheet(&entry, &s);
	if (!e)
		put_entry(p, &entry);
	return e;
}

static enum err
put_study(struct page *p)
{
	const struct pack *pack = p->hub->pack;
	size_t count = pack ? pack->site_count : 0;
	OWNED_BUF struct buf entry;
	OWNED_MEM struct fhir_site *sites = xcalloc(MAX(count, (size_t)1), sizeof(*sites));
	struct fhir_study s = {.id = p->hub->study,
		.title = pack ? pack->title : NULL,
		.sites = sites,
		.site_count = count};
	buf_init(&entry, (size_t)1024 * 1024);
	for (size_t i = 0; i < count; i++)
		sites[i] = (struct fhir_site){pack->sites[i].id, pack->sites[i].name};
	enum err e = fhir_put_study(&entry, &s);
	if (!e)
		put_entry(p, &entry);
	return e;
}

/* one person */

static struct version *
add_version(struct page *p)
{
	if (p->count == p->room) {
		p->room = MAX(p->room * 2, (size_t)8);
		p->versions = xrealloc(p->versions, p->room, sizeof(*p->versions));
	}
	p->versions[p->count] = (struct version){.rules = NULL};
	return &p->versions[p->count++];
}

static enum err
read_head(struct page *p, const struct place *at, struct version *v)
{
	OWNED_BUF struct buf header;
	struct fhir_head *head = &v->said.head;
	struct sync_mark mark;
	uint8_t key[PLACE_KEY_BYTES];
	buf_init(&header, HEADER_MAX_BYTES);
	place_key(key, at);
	enum err e = vault_get(p->hub->txn, VAULT_ENTRIES, view_of(key, sizeof(key)), &header);
	if (!e)
		e = standing_signed_get(p->hub->txn, at, &mark, head->signature);
	if (e)
		return e;
	entry_hash(v->said.entry_hash, buf_view(&header));
	memcpy(head->writer, at->writer, sizeof(head->writer));
	memcpy(head->hash, mark.head, sizeof(head->hash));
	head->incarnation = at->incarnation;
	head->seq = mark.seq;
	return OK;
}

static enum err
read_origin(struct page *p, const struct place *at, struct version *v)
{
	struct record_verdict stored;
	struct writer writer;
	enum err e = record_verdict_get(p->hub->txn, at, &stored);
	if (!e)
		e = writer_get(p->hub->txn, at->writer, &writer);
	if (e)
		return e;
	v->said.received_s = stored.at_s;
	memcpy(v->site, writer.site, sizeof(v->site));
	place_name(v->entry, at);
	return read_head(p, at, v);
}

static enum err
take_version(void *arg, const struct record_consent *row)
{
	struct page *p = arg;
	OWNED(wire_rules) struct wire_rules *rules = NULL;
	if (row->leaf >= p->scope->before_leaf || p->count == CONSENTS_MAX_COUNT)
		return OK;
	enum err e = record_rules(p->hub->txn, &row->place, &rules);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	if (rules->kind == RULES_OPT_OUT)
		return OK;
	struct version *v = add_version(p);
	v->rules = take(rules);
	v->said.version = row->index + 1;
	v->said.is_change = v->rules->kind == RULES_CHANGE;
	v->said.captured_s = v->rules->captured_s;
	return read_origin(p, &row->place, v);
}

/* A withdrawal whose entry the nodes have still to send again: it permits nothing. */
static enum err
take_withheld(void *arg, const struct withheld *held)
{
	struct page *p = arg;
	if (held->known >= p->scope->before_leaf || p->count == CONSENTS_MAX_COUNT)
		return OK;
	struct version *v = add_version(p);
	v->bare = (struct wire_consent){.event = "changed",
		.grantor_role = "",
		.form = "",
		.form_version = "",
		.mode = "",
		.capacity = "",
		.assent = "",
		.taken_by = "",
		.approach_by = "",
		.level = held->level,
		.given_at_s = held->given_s};
	v->said.is_change = true;
	v->said.version = UINT32_MAX - (uint32_t)(p->count - 1);
	memcpy(v->site, p->site, sizeof(v->site));
	return OK;
}

/* What a version lends stands where it stays by now. */
static void
settle_versions(struct page *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct version *v = &p->versions[i];
		v->said.study = p->hub->study;
		v->said.participant = p->participant;
		v->said.site = (struct fhir_site){v->site, site_name(p, v->site)};
		v->said.entry = v->entry;
		v->said.consent = v->rules ? &v->rules->consent : &v->bare;
		v->said.is_last = i + 1 == p->count;
		find_sheet(p, v);
		export_ground_fill(&v->ground, &v->said, v->rules ? v->rules->instance : NULL,
			p->hub, &p->delegation);
	}
}

static enum err
put_version(struct page *p, const struct fhir_consent *said)
{
	OWNED_BUF struct buf consent, provenance;
	buf_init(&consent, EXPORT_FHIR_ENTRY_BYTES);
	buf_init(&provenance, EXPORT_FHIR_ENTRY_BYTES);
	enum err e = fhir_put_consent(&consent, said);
	if (!e)
		put_entry(p, &consent);
	if (e || !said->entry[0])
		return e;
	e = fhir_put_provenance(&provenance, said);
	if (!e)
		put_entry(p, &provenance);
	return e;
}

static bool
ever_permitted(const struct page *p)
{
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; k < p->versions[i].said.consent->permission_count; k++)
			if (p->versions[i].said.consent->permissions[k].permit)
				return true;
	return false;
}

static enum err
put_person(struct page *p)
{
	OWNED_BUF struct buf entry;
	buf_init(&entry, EXPORT_FHIR_ENTRY_BYTES);
	enum err e = record_consent_each(p->hub->txn, p->participant, take_version, p);
	if (!e)
		e = withheld_each(p->hub->txn, p->participant, take_withheld, p);
	if (e || !p->count)
		return e;
	settle_versions(p);
	e = fhir_put_subject(&entry, &p->versions[p->count - 1].said, ever_permitted(p));
	if (!e)
		put_entry(p, &entry);
	for (size_t i = 0; !e && i < p->count; i++)
		e = put_version(p, &p->versions[i].said);
	p->persons++;
	return e;
}

static enum err
visit_person(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct page *p = arg;
	struct record_person person;
	(void)value;
	if (key.len != ID_BYTES)
		return fail(E_FORMAT, "the hub's row of a participant is damaged");
	if (!p->scope->is_first && memcmp(key.at, p->scope->after, ID_BYTES) <= 0)
		return OK;
	memcpy(p->participant, key.at, ID_BYTES);
	enum err e = record_person_get(p->hub->txn, p->participant, &person);
	crypto_wipe(person.audit_key, sizeof(person.audit_key));
	if (e || (p->scope->site[0] && strcmp(person.site, p->scope->site) != 0))
		return e;
	memcpy(p->site, person.site, sizeof(p->site));
	e = put_person(p);
	forget_person(p);
	memcpy(p->last, p->participant, ID_BYTES);
	p->is_full = p->bytes >= EXPORT_FHIR_PAGE_BYTES;
	*ret_stop = p->is_full;
	return e;
}

static enum err
put_persons(struct page *p)
{
	const struct export_scope *s = p->scope;
	struct vault_range range = {.table = VAULT_PEOPLE};
	if (s->is_one)
		range.prefix = view_of(s->participant, ID_BYTES);
	else if (!s->is_first)
		range.from = view_of(s->after, ID_BYTES);
	return vault_each(p->hub->txn, &range, visit_person, p);
}

enum err
export_fhir_write(struct hub *h, const struct export_scope *s, struct json_out *w)
{
	OWNED_BY(page_done) struct page p = {.hub = h, .scope = s, .w = w};
	enum err e = delegation_read(&p.delegation, h->txn);
	json_put_object(w, NULL);
	json_put_array(w, "study");
	if (!e && s->is_first)
		e = put_study(&p);
	json_put_close(w);
	json_put_array(w, "entries");
	if (!e)
		e = put_persons(&p);
	json_put_close(w);
	json_put_array(w, "sheets");
	for (size_t i = 0; !e && i < p.sheet_count; i++)
		e = put_sheet(&p, p.sheets[i]);
	json_put_close(w);
	json_put_int(w, "persons", (int64_t)p.persons);
	if (p.is_full)
		json_put_hex(w, "next", view_of(p.last, ID_BYTES));
	else
		json_put_text(w, "next", "");
	json_put_close(w);
	return e;
}
