#include "node/sync_past.h"

#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/trust/manifest.h"

#define ALL_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define PREFIX        "past:"
#define KEY_BYTES     32

struct sync_past {
	struct vault *vault;
	const struct hubcard *card;
	struct wire_manifest *manifests[SYNC_PAST_MAX_COUNT];
	const struct pack *packs[SYNC_PAST_MAX_COUNT]; /* owned */
	size_t count;
};

static void
key_of(char ret[static KEY_BYTES], const struct wire_manifest *m)
{
	(void)snprintf(ret, KEY_BYTES, PREFIX "%010llu", (unsigned long long)m->number);
}

/* The pack as two officers signed it; names are lent by the manifest, bytes by the vault. */
enum err
sync_past_load(struct pack **ret, struct vault *v, const struct wire_manifest *m)
{
	OWNED_MEM struct pack_document *list = xcalloc(m->document_count + 1, sizeof(*list));
	OWNED(faults) struct faults *faults = faults_new();
	size_t total = 0;
	enum err e = OK;
	for (size_t i = 0; !e && i < m->document_count; i++) {
		list[i].name = m->documents[i].name;
		e = vault_get(v, VAULT_DOCUMENTS, view_of(m->documents[i].hash, HASH_BYTES),
			&list[i].bytes);
		total += e ? 0 : list[i].bytes.len;
	}
	if (!e && total > ALL_MAX_BYTES)
		e = fail(E_FORMAT, "the study pack is too large");
	return e ? e : pack_load_documents(ret, list, m->document_count, faults);
}

static bool
has_version(const struct pack *p, const struct form *f)
{
	const struct form *there = pack_form(p, f->id);
	return there && strcmp(there->version, f->version) == 0;
}

/* Has the pack a version of a form that neither `now` nor the first `count` of the list has? */
static bool
is_wanted(const struct sync_past *p, const struct pack *pack, const struct pack *now,
	size_t count)
{
	for (size_t i = 0; i < pack->form_count; i++) {
		bool known = has_version(now, pack->forms[i]);
		for (size_t k = 0; !known && k < count; k++)
			known = has_version(p->packs[k], pack->forms[i]);
		if (!known)
			return true;
	}
	return false;
}

static void
drop_at(struct sync_past *p, size_t at)
{
	wire_manifest_free(p->manifests[at]);
	pack_free((struct pack *)(uintptr_t)p->packs[at]);
	p->count--;
	for (size_t i = at; i < p->count; i++) {
		p->manifests[i] = p->manifests[i + 1];
		p->packs[i] = p->packs[i + 1];
	}
}

/* The newest stands first; takes both. */
static void
put_first(struct sync_past *p, struct wire_manifest *m, struct pack *pack)
{
	for (size_t i = p->count; i > 0; i--) {
		p->manifests[i] = p->manifests[i - 1];
		p->packs[i] = p->packs[i - 1];
	}
	p->manifests[0] = m;
	p->packs[0] = pack;
	p->count++;
}

/* reading */

static enum err
read_one(void *arg, struct view key, struct view content)
{
	struct sync_past *p = arg;
	struct manifest_known known = {.study = p->card->study};
	struct wire_manifest *m = NULL;
	struct pack *pack = NULL;
	uint8_t hash[HASH_BYTES];
	(void)key;
	if (p->count == SYNC_PAST_MAX_COUNT)
		drop_at(p, p->count - 1);
	memcpy(known.root_hash, p->card->root_hash, HASH_BYTES);
	enum err e = manifest_open(&m, hash, content, &known);
	if (!e)
		e = sync_past_load(&pack, p->vault, m);
	if (e) {
		wire_manifest_free(m);
		log_warn("sync", "an earlier study is left out: %s", err_text());
		return e == E_IO ? e : OK;
	}
	put_first(p, m, pack); /* numbers rise on disk */
	return OK;
}

enum err
sync_past_open(struct sync_past **ret, struct vault *v, const struct hubcard *card)
{
	OWNED(sync_past) struct sync_past *p = xcalloc(1, sizeof(*p));
	*ret = NULL;
	p->vault = v;
	p->card = card;
	enum err e = vault_each(v, VAULT_META, view_text(PREFIX), read_one, p);
	if (!e)
		*ret = take(p);
	return e;
}

void
sync_past_free(struct sync_past *p)
{
	if (!p)
		return;
	while (p->count)
		drop_at(p, p->count - 1);
	mem_drop(&p);
}

const struct pack *const *
sync_past_packs(const struct sync_past *p, size_t *ret_count)
{
	*ret_count = p->count;
	return p->packs;
}

bool
sync_past_names(const struct sync_past *p, const uint8_t document[static HASH_BYTES])
{
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; k < p->manifests[i]->document_count; k++)
			if (memcmp(p->manifests[i]->documents[k].hash, document, HASH_BYTES) ==
				0)
				return true;
	return false;
}

/* adding */

enum err
sync_past_put(struct vault *v, const struct wire_manifest *m, struct view signed_manifest)
{
	char key[KEY_BYTES];
	OWNED_BUF struct buf copy;
	key_of(key, m);
	buf_init(&copy, signed_manifest.len);
	buf_add_view(&copy, signed_manifest);
	return vault_put(v, VAULT_META, view_text(key), buf_view(&copy));
}

static enum err
forget_row(struct sync_past *p, const struct wire_manifest *m)
{
	char key[KEY_BYTES];
	key_of(key, m);
	enum err e = vault_delete(p->vault, VAULT_META, view_text(key));
	return e == E_NOTFOUND ? OK : e;
}

/* Older ones may have lost what was their own. */
static enum err
weed(struct sync_past *p, const struct pack *now)
{
	enum err e = OK;
	for (size_t i = p->count; !e && i > 0; i--) {
		size_t at = i - 1;
		if (at < SYNC_PAST_MAX_COUNT - 1 && is_wanted(p, p->packs[at], now, at))
			continue;
		e = forget_row(p, p->manifests[at]);
		drop_at(p, at);
	}
	return e;
}

enum err
sync_past_add(
	struct sync_past *p, struct wire_manifest *m, struct pack *pack, const struct pack *now)
{
	enum err e = weed(p, now);
	if (e || !is_wanted(p, pack, now, 0)) {
		e = e ? e : forget_row(p, m);
		wire_manifest_free(m);
		pack_free(pack);
		return e;
	}
	put_first(p, m, pack);
	return weed(p, now);
}
