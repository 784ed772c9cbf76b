#include "node/sync_config.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/pack_partners.h"
#include "common/trust/ledgernote.h"
#include "common/trust/manifest.h"

#include "node/sync_closed.h"
#include "node/sync_past.h"

#define DOCUMENT_MAX_BYTES ((size_t)16 * 1024 * 1024)

/* A manifest with what was made of it. */
struct study {
	struct wire_manifest *manifest;
	struct pack *pack;
	uint8_t hash[HASH_BYTES];
};

struct sync_config {
	struct vault *vault;
	const struct hubcard *card;
	struct sync_past *past;
	struct sync_terms *terms;
	struct study now;
	struct study next; /* put into this turn's transaction, or on its way */
	bool next_put;
	struct buf next_signed;        /* SignedManifest that is being completed */
	struct ledgernote ledger_note; /* number 0: the hub named none */
	struct buf incoming;           /* of the thing being fetched */
	bool incoming_broken;
};

/* make, free */

static void
study_done(struct study *s)
{
	wire_manifest_free(s->manifest);
	pack_free(s->pack);
	*s = (struct study){0};
}

void
sync_config_free(struct sync_config *c)
{
	if (!c)
		return;
	study_done(&c->now);
	study_done(&c->next);
	sync_past_free(c->past);
	sync_terms_free(c->terms);
	buf_done(&c->next_signed);
	buf_done(&c->incoming);
	mem_drop(&c);
}

static enum err
open_manifest(struct sync_config *c, struct view bytes, struct study *ret)
{
	struct manifest_known known = {.study = c->card->study};
	memcpy(known.root_hash, c->card->root_hash, HASH_BYTES);
	if (c->now.manifest) {
		known.number = c->now.manifest->number;
		memcpy(known.hash, c->now.hash, HASH_BYTES);
	}
	return manifest_open(&ret->manifest, ret->hash, bytes, &known);
}

static enum err
load_pack(struct sync_config *c, struct study *s)
{
	return sync_past_load(&s->pack, c->vault, s->manifest);
}

enum err
sync_config_open(struct sync_config **ret, struct vault *v, const struct hubcard *card)
{
	OWNED(sync_config) struct sync_config *c = xcalloc(1, sizeof(*c));
	struct view row;
	*ret = NULL;
	c->vault = v;
	c->card = card;
	buf_init(&c->next_signed, WIRE_SIGNED_MANIFEST_MAX_BYTES);
	buf_init(&c->incoming, DOCUMENT_MAX_BYTES);
	enum err e = vault_get(v, VAULT_META, view_text(VAULT_META_MANIFEST), &row);
	if (!e)
		e = open_manifest(c, row, &c->now);
	else if (e == E_NOTFOUND)
		e = OK;
	if (!e && c->now.manifest)
		e = load_pack(c, &c->now);
	if (!e)
		e = sync_past_open(&c->past, v, card);
	if (!e)
		e = sync_terms_open(&c->terms, v);
	if (!e)
		*ret = take(c);
	return e;
}

/* what is in force */

const struct pack *
sync_config_pack(const struct sync_config *c)
{
	return c->now.pack;
}

const struct pack *const *
sync_config_past(const struct sync_config *c, size_t *ret_count)
{
	return sync_past_packs(c->past, ret_count);
}

const struct wire_manifest *
sync_config_manifest(const struct sync_config *c)
{
	return c->now.manifest;
}

uint64_t
sync_config_number(const struct sync_config *c)
{
	return c->now.manifest ? c->now.manifest->number : 0;
}

/* Joining gives the newest of its day; a manifest says its number. */
static uint32_t
ledger_number(const struct sync_config *c)
{
	return c->now.manifest ? c->now.manifest->ledger_number : 0;
}

const uint8_t *
sync_config_ledger(const struct sync_config *c)
{
	if (c->ledger_note.number > ledger_number(c))
		return c->ledger_note.public;
	return c->now.manifest ? c->now.manifest->ledger_public : c->card->ledger_public;
}

enum err
sync_config_take_ledger_key(struct sync_config *c, struct view note, bool *ret_new)
{
	struct ledgernote n;
	*ret_new = false;
	enum err e = ledgernote_read(&n, note, c->card->study, sync_config_receipt(c));
	if (e || n.number <= MAX(c->ledger_note.number, ledger_number(c)))
		return e;
	c->ledger_note = n;
	*ret_new = true;
	return OK;
}

const uint8_t *
sync_config_receipt(const struct sync_config *c)
{
	return c->now.manifest ? c->now.manifest->receipt_public : c->card->receipt_public;
}

/* Forms are given out with the partners of this site alone. */
enum err
sync_config_document(
	const struct sync_config *c, struct buf *out, const char *name, struct view bytes)
{
	OWNED_BUF struct buf own;
	enum err e = OK;
	const bool is_partners = strcmp(name, PACK_PARTNERS) == 0;
	buf_init(&own, DOCUMENT_MAX_BYTES);
	if (is_partners)
		e = pack_partners_at(&own, bytes, c->card->site);
	buf_blob_text(out, name);
	buf_blob(out, is_partners ? buf_view(&own) : bytes);
	return e;
}

const struct terms *
sync_config_terms(const struct sync_config *c)
{
	return sync_terms_now(c->terms);
}

enum err
sync_config_take_terms(struct sync_config *c, struct view signed_terms)
{
	const struct sync_terms_for whose = {
		c->card->study, c->card->site, sync_config_receipt(c), sync_config_number(c)};
	return sync_terms_take(c->terms, &whose, signed_terms);
}

struct sync_terms *
sync_config_word(struct sync_config *c)
{
	return c->terms;
}

int64_t
sync_config_over_s(struct sync_config *c)
{
	return sync_terms_over_s(c->terms, sync_config_number(c));
}

enum err
sync_config_write(struct sync_config *c, struct buf *out)
{
	const struct wire_manifest *m = c->now.manifest;
	struct view row = {0};
	enum err e =
		m ? vault_get(c->vault, VAULT_META, view_text(VAULT_META_MANIFEST), &row) : OK;
	if (e)
		return e;
	buf_blob(out, row);
	buf_u32(out, m ? (uint32_t)m->document_count : 0);
	for (size_t i = 0; m && !e && i < m->document_count; i++) {
		e = vault_get(c->vault, VAULT_DOCUMENTS,
			view_of(m->documents[i].hash, HASH_BYTES), &row);
		if (!e)
			e = sync_config_document(c, out, m->documents[i].name, row);
	}
	return e ? e : buf_check(out, "the study's documents");
}

/* fetching */

void
sync_config_part(struct sync_config *c, const struct sync_offer *what, uint64_t offset_bytes,
	struct view bytes)
{
	if (offset_bytes == 0) {
		buf_reset(&c->incoming);
		c->incoming_broken = what->length_bytes > DOCUMENT_MAX_BYTES;
	}
	if (offset_bytes != c->incoming.len)
		c->incoming_broken = true;
	if (!c->incoming_broken)
		buf_add_view(&c->incoming, bytes);
}

static enum err
take_incoming(struct sync_config *c, const struct sync_offer *what)
{
	uint8_t hash[HASH_BYTES];
	if (c->incoming_broken || c->incoming.broken || c->incoming.len != what->length_bytes)
		return fail(E_FORMAT, "a document of the study did not come whole");
	manifest_document_hash(hash, buf_view(&c->incoming));
	if (memcmp(hash, what->hash, HASH_BYTES) != 0)
		return fail(E_AUTH, "a document of the study is not the one its hash names");
	return OK;
}

/* The first document of the next manifest that is not here yet. */
static enum err
find_missing(struct sync_config *c, struct sync_offer *ret, bool *ret_found)
{
	const struct wire_manifest *m = c->next.manifest;
	struct view row;
	*ret_found = false;
	for (size_t i = 0; i < m->document_count; i++) {
		const struct wire_document *d = &m->documents[i];
		enum err e = vault_get(
			c->vault, VAULT_DOCUMENTS, view_of(d->hash, HASH_BYTES), &row);
		if (e && e != E_NOTFOUND)
			return e;
		if (e) {
			*ret = (struct sync_offer){.length_bytes = d->length};
			memcpy(ret->hash, d->hash, HASH_BYTES);
			*ret_found = true;
			return OK;
		}
	}
	return OK;
}

static enum err
refuse(struct sync_config *c, uint64_t number, struct sync_config_step *ret)
{
	*ret = (struct sync_config_step){.next = SYNC_CONFIG_REFUSED, .offer.number = number};
	sync_config_dropped(c);
	return OK;
}

/* What is in force goes into the past with the commit that ends it. */
static enum err
remember_now(struct sync_config *c)
{
	struct view row;
	if (!c->now.manifest)
		return OK;
	enum err e = vault_get(c->vault, VAULT_META, view_text(VAULT_META_MANIFEST), &row);
	return e ? e : sync_past_put(c->vault, c->now.manifest, row);
}

static enum err
go_on(struct sync_config *c, struct sync_config_step *ret)
{
	bool missing;
	int64_t in_force_s = 0;
	uint64_t number = c->next.manifest->number;
	*ret = (struct sync_config_step){.next = SYNC_CONFIG_WANT};
	enum err e = find_missing(c, &ret->offer, &missing);
	if (e || missing)
		return e;
	if (load_pack(c, &c->next))
		return refuse(c, number, ret);
	e = remember_now(c);
	if (!e)
		e = manifest_in_force_s(buf_view(&c->next_signed), &in_force_s);
	if (!e)
		e = sync_closed_note(c->vault, c->now.pack, c->next.pack, in_force_s);
	if (!e)
		e = vault_put(c->vault, VAULT_META, view_text(VAULT_META_MANIFEST),
			buf_view(&c->next_signed));
	c->next_put = e == OK;
	*ret = (struct sync_config_step){.next = SYNC_CONFIG_READY, .offer.number = number};
	return e;
}

enum err
sync_config_done(struct sync_config *c, const struct sync_offer *what, bool ok,
	struct sync_config_step *ret)
{
	uint64_t number = what->number       ? what->number
			  : c->next.manifest ? c->next.manifest->number
					     : 0;
	if (!ok && fail(E_NOTFOUND, "the hub does not have a document of its study"))
		return refuse(c, number, ret);
	if (take_incoming(c, what))
		return refuse(c, number, ret);
	if (what->number) {
		sync_config_dropped(c);
		if (open_manifest(c, buf_view(&c->incoming), &c->next))
			return refuse(c, number, ret);
		buf_add_view(&c->next_signed, buf_view(&c->incoming));
		if (c->next_signed.broken)
			return refuse(c, number, ret);
		return go_on(c, ret);
	}
	if (!c->next.manifest)
		return refuse(c, number, ret);
	enum err e = vault_put(c->vault, VAULT_DOCUMENTS, view_of(what->hash, HASH_BYTES),
		buf_view(&c->incoming));
	return e ? e : go_on(c, ret);
}

/* turns */

/* Documents that neither the manifest in force nor one of the past names are of no more use. */
static enum err
sweep_one(void *arg, struct view key, struct view content)
{
	struct sync_config *c = arg;
	const struct wire_manifest *m = c->now.manifest;
	(void)content;
	if (key.len != HASH_BYTES || sync_past_names(c->past, key.at))
		return OK;
	for (size_t i = 0; i < m->document_count; i++)
		if (view_same(key, view_of(m->documents[i].hash, HASH_BYTES)))
			return OK;
	return vault_delete(c->vault, VAULT_DOCUMENTS, key);
}

enum err
sync_config_committed(struct sync_config *c, bool *ret_new)
{
	*ret_new = c->next_put;
	sync_terms_committed(c->terms);
	if (!c->next_put)
		return OK;
	struct study before = c->now;
	c->now = c->next;
	c->next = (struct study){0};
	sync_config_dropped(c);
	enum err e = before.manifest
			     ? sync_past_add(c->past, before.manifest, before.pack, c->now.pack)
			     : OK;
	if (e)
		return e;
	return vault_each(c->vault, VAULT_DOCUMENTS, view_of(NULL, 0), sweep_one, c);
}

void
sync_config_dropped(struct sync_config *c)
{
	study_done(&c->next);
	c->next_put = false;
	buf_reset(&c->next_signed);
}

void
sync_config_failed(struct sync_config *c)
{
	sync_config_dropped(c);
	sync_terms_dropped(c->terms);
}
