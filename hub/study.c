#include "hub/study.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/trust/manifest.h"

#include "hub/packrows.h"
#include "hub/row.h"
#include "hub/study_inside.h"
#include "hub/versions.h"

/* documents */

enum err
study_document(struct hub *h, struct view bytes, struct buf *reply)
{
	uint8_t hash[HASH_BYTES];
	struct vault_txn *txn;
	manifest_document_hash(hash, bytes);
	enum err e = hub_txn(h, &txn);
	if (!e)
		e = vault_put(txn, VAULT_DOCUMENTS, view_of(hash, sizeof(hash)), bytes);
	if (!e)
		buf_add(reply, hash, sizeof(hash));
	return e;
}

/* Hashes that manifests name, sorted. */
struct named {
	uint8_t (*hashes)[HASH_BYTES];
	size_t count;
};

static void
named_done(struct named *n)
{
	mem_drop(&n->hashes);
}

static void
name_hash(struct named *n, const uint8_t hash[static HASH_BYTES])
{
	if ((n->count & (n->count - 1)) == 0)
		n->hashes =
			xrealloc(n->hashes, MAX(n->count * 2, (size_t)1), sizeof(*n->hashes));
	memcpy(n->hashes[n->count++], hash, HASH_BYTES);
}

static enum err
name_documents(void *arg, struct view key, struct view value, bool *ret_stop)
{
	OWNED(wire_signed_manifest) struct wire_signed_manifest *s = NULL;
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	uint8_t own[HASH_BYTES];
	(void)key;
	(void)ret_stop;
	enum err e = wire_signed_manifest_unpack(&s, value);
	if (!e)
		e = wire_manifest_unpack(&m, s->manifest);
	if (e)
		return e;
	manifest_document_hash(own, value);
	name_hash(arg, own);
	for (size_t i = 0; i < m->document_count; i++)
		name_hash(arg, m->documents[i].hash);
	return OK;
}

static int
compare_hashes(const void *a, const void *b)
{
	return memcmp(a, b, HASH_BYTES);
}

struct dropping {
	struct vault_txn *txn;
	const struct named *named;
};

static enum err
drop_unnamed(void *arg, struct view key, struct view value, bool *ret_stop)
{
	const struct dropping *d = arg;
	uint8_t hash[HASH_BYTES];
	(void)value;
	(void)ret_stop;
	if (key.len == HASH_BYTES &&
		bsearch(key.at, d->named->hashes, d->named->count, HASH_BYTES, compare_hashes))
		return OK;
	if (key.len != HASH_BYTES)
		return fail(E_FORMAT, "the hub's row of a document is damaged");
	memcpy(hash, key.at, sizeof(hash));
	return vault_delete(d->txn, VAULT_DOCUMENTS, view_of(hash, sizeof(hash)));
}

enum err
study_drop_unused(struct hub *h)
{
	OWNED_BY(named_done) struct named named = {0};
	struct dropping d = {h->txn, &named};
	const struct vault_range manifests = {.table = VAULT_MANIFESTS};
	const struct vault_range documents = {.table = VAULT_DOCUMENTS};
	enum err e = vault_each(h->txn, &manifests, name_documents, &named);
	if (e || named.count == 0)
		return e;
	qsort(named.hashes, named.count, HASH_BYTES, compare_hashes);
	return vault_each(h->txn, &documents, drop_unnamed, &d);
}

/* in force */

void
study_put_in_force(struct hub *h, uint64_t number, struct pack *pack)
{
	pack_free(h->pack);
	versions_free(h->versions);
	h->pack = pack;
	h->manifest_number = number;
	h->versions = versions_new(h->study, h->root_public);
}

static enum err
last_manifest(struct hub *h, struct buf *out)
{
	struct vault_txn *txn;
	enum err e = hub_txn_reserve(h, &txn);
	if (!e)
		e = vault_last(txn, VAULT_MANIFESTS, view_of(NULL, 0), NULL, out);
	return e;
}

enum err
study_in_force(struct hub *h, struct wire_manifest **ret)
{
	OWNED_BUF struct buf bytes;
	OWNED(wire_signed_manifest) struct wire_signed_manifest *s = NULL;
	buf_init(&bytes, WIRE_SIGNED_MANIFEST_MAX_BYTES);
	*ret = NULL;
	enum err e = last_manifest(h, &bytes);
	if (!e)
		e = wire_signed_manifest_unpack(&s, buf_view(&bytes));
	return e ? e : wire_manifest_unpack(ret, s->manifest);
}

enum err
study_load(struct hub *h)
{
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	OWNED(pack) struct pack *pack = NULL;
	enum err e = study_in_force(h, &m);
	if (e == E_NOTFOUND) {
		study_put_in_force(h, 0, NULL);
		return OK;
	}
	if (!e)
		e = packrows_load(&pack, h->txn, m);
	if (!e)
		study_put_in_force(h, m->number, take(pack));
	return e;
}

enum err
study_offer(struct hub *h, struct sync_offer *ret)
{
	OWNED_BUF struct buf bytes;
	buf_init(&bytes, WIRE_SIGNED_MANIFEST_MAX_BYTES);
	*ret = (struct sync_offer){0};
	enum err e = last_manifest(h, &bytes);
	if (e == E_NOTFOUND)
		return OK;
	if (!e) {
		ret->number = h->manifest_number;
		ret->length_bytes = bytes.len;
		manifest_document_hash(ret->hash, buf_view(&bytes));
	}
	return e;
}

enum err
study_manifest_hash(struct hub *h, uint8_t ret[static HASH_BYTES])
{
	OWNED_BUF struct buf bytes;
	OWNED(wire_signed_manifest) struct wire_signed_manifest *s = NULL;
	buf_init(&bytes, WIRE_SIGNED_MANIFEST_MAX_BYTES);
	memset(ret, 0, HASH_BYTES);
	enum err e = last_manifest(h, &bytes);
	if (e == E_NOTFOUND)
		return OK;
	if (!e)
		e = wire_signed_manifest_unpack(&s, buf_view(&bytes));
	if (!e)
		manifest_hash(ret, s->manifest);
	return e;
}

bool
study_has_site(const struct hub *h, const char *site)
{
	return h->pack && pack_site(h->pack, site);
}
