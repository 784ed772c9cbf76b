#include "hub/versions.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/trust/card.h"
#include "common/trust/manifest.h"

#include "hub/packrows.h"

#define STUDY_BYTES 64
#define WHY_BYTES   200
#define MS_PER_S    1000

/* One manifest that was put in force. */
struct past {
	uint64_t number;
	int64_t in_force_s; /* when the second officer signed */
	uint64_t leaf;
	uint8_t digest[HASH_BYTES]; /* over names and hashes of its documents */
	struct pack *pack; /* NULL: it cannot be read; lent by the one before when the same */
	bool is_own;
};

struct versions {
	char study[STUDY_BYTES];
	uint8_t root_hash[HASH_BYTES];
	struct past *pasts; /* by number, rising */
	size_t count;
	size_t lost_count;
	char lost_why[WHY_BYTES];
};

struct versions *
versions_new(const char *study, const uint8_t root[static SIGN_PUBLIC_BYTES])
{
	struct versions *v = xcalloc(1, sizeof(*v));
	(void)snprintf(v->study, sizeof(v->study), "%s", study);
	card_root_hash(v->root_hash, root);
	return v;
}

void
versions_free(struct versions *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->count; i++)
		if (v->pasts[i].is_own)
			pack_free(v->pasts[i].pack);
	mem_drop(&v->pasts);
	mem_drop(&v);
}

/* reading */

static void
digest_of(uint8_t ret[static HASH_BYTES], const struct wire_manifest *m)
{
	OWNED_BUF struct buf b;
	buf_init(&b, WIRE_MANIFEST_MAX_BYTES);
	for (size_t i = 0; i < m->document_count; i++) {
		buf_blob_text(&b, m->documents[i].name);
		buf_add(&b, m->documents[i].hash, HASH_BYTES);
	}
	struct view all = buf_view(&b);
	crypto_hash_many(ret, NULL, NULL, &all, 1);
}

/* What was fine once may have a fault for a later program; then that pack alone is lost. */
static enum err
load_own(struct versions *v, struct vault_txn *t, const struct wire_manifest *m, struct past *p)
{
	enum err e = packrows_load(&p->pack, t, m);
	p->is_own = e == OK;
	if (e != E_FORMAT && e != E_NOTFOUND)
		return e;
	v->lost_count++;
	(void)snprintf(v->lost_why, sizeof(v->lost_why), "manifest %" PRIu64 ": %s", m->number,
		err_text());
	return OK;
}

static enum err
add_manifest(
	struct versions *v, struct vault_txn *t, uint64_t number, struct view signed_manifest)
{
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	struct manifest_known pinned = {.study = v->study};
	struct past p = {.number = number};
	uint8_t hash[HASH_BYTES];
	memcpy(pinned.root_hash, v->root_hash, sizeof(pinned.root_hash));
	enum err e = manifest_open(&m, hash, signed_manifest, &pinned);
	if (!e && m->number != number)
		e = fail(E_DENIED, "the manifest is of another number");
	if (!e)
		e = manifest_in_force_s(signed_manifest, &p.in_force_s);
	if (!e)
		e = packrows_leaf(t, number, &p.leaf);
	if (e)
		return fail_in(e, "manifest %" PRIu64, number);
	digest_of(p.digest, m);
	for (size_t i = v->count; !p.pack && i > 0; i--)
		if (memcmp(v->pasts[i - 1].digest, p.digest, sizeof(p.digest)) == 0)
			p.pack = v->pasts[i - 1].pack;
	if (!p.pack)
		e = load_own(v, t, m, &p);
	if (e)
		return e;
	v->pasts = xrealloc(v->pasts, v->count + 1, sizeof(*v->pasts));
	v->pasts[v->count++] = p;
	return OK;
}

struct reading {
	struct versions *versions;
	struct vault_txn *txn;
};

static enum err
read_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct reading *r = arg;
	uint64_t number = packrows_number(key);
	(void)ret_stop;
	if (number == 0)
		return fail(E_FORMAT, "the hub's row of a manifest is damaged");
	return add_manifest(r->versions, r->txn, number, value);
}

enum err
versions_read(struct versions *v, struct vault_txn *t)
{
	struct reading r = {v, t};
	uint8_t from[PACKROWS_NUMBER_BYTES];
	packrows_key(from, v->count ? v->pasts[v->count - 1].number + 1 : 0);
	struct vault_range range = {
		.table = VAULT_MANIFESTS, .from = view_of(from, sizeof(from))};
	return vault_each(t, &range, read_row, &r);
}

/* asking */

static const struct form *
form_in(const struct past *p, const char *form, const char *version)
{
	const struct form *f = p->pack ? pack_form(p->pack, form) : NULL;
	return f && strcmp(f->version, version) == 0 ? f : NULL;
}

/* The newest manifest with this version of the form, or NULL. */
static const struct past *
find(const struct versions *v, const char *form, const char *version)
{
	for (size_t i = v->count; i > 0; i--)
		if (form_in(&v->pasts[i - 1], form, version))
			return &v->pasts[i - 1];
	return NULL;
}

const struct form *
versions_form(const struct versions *v, const char *form, const char *version)
{
	const struct past *p = find(v, form, version);
	return p ? form_in(p, form, version) : NULL;
}

bool
versions_has(const struct versions *v, const char *form)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->pasts[i].pack && pack_form(v->pasts[i].pack, form))
			return true;
	return false;
}

bool
versions_at_site(
	const struct versions *v, const char *form, const char *version, const char *site)
{
	const struct past *p = find(v, form, version);
	return p && pack_form_at(p->pack, form_in(p, form, version), site);
}

int64_t
versions_closed_s(const struct versions *v, const char *form)
{
	int64_t since_s = INT64_MAX;
	for (size_t i = v->count; i > 0; i--) {
		const struct past *p = &v->pasts[i - 1];
		if (!p->pack)
			continue;
		const struct form *f = pack_form(p->pack, form);
		if (f && !pack_form_closed(p->pack, f))
			break;
		since_s = p->in_force_s;
	}
	return since_s;
}

const struct pack *
versions_in_force(const struct versions *v, int64_t wall_ms)
{
	for (size_t i = v->count; i > 0; i--)
		if (v->pasts[i - 1].in_force_s * MS_PER_S <= wall_ms)
			return v->pasts[i - 1].pack;
	return NULL;
}

int64_t
versions_sealed_ms(const struct versions *v, uint64_t *ret_leaf)
{
	int64_t since_ms = 0;
	*ret_leaf = 0;
	for (size_t i = v->count; i > 0; i--) {
		const struct past *p = &v->pasts[i - 1];
		if (!p->pack || !p->pack->sealed_ms)
			break;
		since_ms = MAX(p->pack->sealed_ms, p->in_force_s * MS_PER_S);
		*ret_leaf = p->leaf;
	}
	return since_ms;
}

size_t
versions_manifests(const struct versions *v)
{
	return v->count;
}

struct versions_manifest
versions_manifest(const struct versions *v, size_t i)
{
	const struct past *p = &v->pasts[i];
	return (struct versions_manifest){p->pack, p->in_force_s, p->leaf};
}

size_t
versions_count(const struct versions *v)
{
	size_t own = 0;
	for (size_t i = 0; i < v->count; i++)
		own += v->pasts[i].is_own;
	return own;
}

const struct pack *
versions_at(const struct versions *v, size_t i)
{
	for (size_t k = 0; k < v->count; k++)
		if (v->pasts[k].is_own && i-- == 0)
			return v->pasts[k].pack;
	return NULL;
}

size_t
versions_lost(const struct versions *v, const char **ret_why)
{
	*ret_why = v->lost_why;
	return v->lost_count;
}
