#include "node/facts.h"

#include <string.h>

#include "common/base/mem.h"

#define PEOPLE_PER_CALL_COUNT 1000
#define CODE_MAX_BYTES        256

/* documents as they stand in the answer */
struct documents {
	struct pack_document *list;
	char **names;
	size_t count;
};

static void
documents_done(struct documents *d)
{
	for (size_t i = 0; i < d->count; i++)
		mem_drop(&d->names[i]);
	mem_drop(&d->names);
	mem_drop(&d->list);
}

static enum err
read_documents(struct cursor *c, struct documents *d)
{
	uint32_t count = cursor_u32(c);
	if (c->broken || count > PACK_MAX_DOCUMENTS)
		return fail(E_FORMAT, "facts of the node: too many documents");
	d->list = xcalloc(count, sizeof(*d->list));
	d->names = xcalloc(count, sizeof(*d->names));
	for (uint32_t i = 0; i < count; i++) {
		d->names[d->count++] = cursor_text(c, 512);
		d->list[i] = (struct pack_document){d->names[i], cursor_blob(c)};
	}
	return c->broken ? cursor_end(c, "facts of the node") : OK;
}

static enum err
read_facts(struct facts *f, struct cursor *c)
{
	OWNED_BY(documents_done) struct documents d = {0};
	OWNED(faults) struct faults *faults = faults_new();
	OWNED_MEM char *study = cursor_text(c, 63);
	f->site.intake_number = cursor_u32(c);
	cursor_copy(c, f->site.intake_public, BOX_PUBLIC_BYTES);
	f->site.review_number = cursor_u32(c);
	cursor_copy(c, f->site.review_public, BOX_PUBLIC_BYTES);
	cursor_copy(c, f->site.row_key, HASH_BYTES);
	(void)cursor_blob(c); /* the signed manifest: sync has checked it */
	enum err e = read_documents(c, &d);
	if (!e && d.count == 0)
		e = fail(E_NOTFOUND,
			"no study has arrived from the hub yet: wait until `weir-node "
			"status` shows one");
	if (!e)
		e = pack_load_documents(&f->pack, d.list, d.count, faults);
	if (!e && strcmp(f->pack->id, study) != 0)
		e = fail(E_FORMAT, "facts of the node: the pack is of another study");
	if (e)
		return e;
	f->site.study = f->pack->id;
	f->site.zone = pack_zone(f->pack);
	return OK;
}

enum err
facts_read(struct facts **ret, struct cursor *c)
{
	OWNED(facts) struct facts *f = xcalloc(1, sizeof(*f));
	*ret = NULL;
	enum err e = read_facts(f, c);
	if (!e)
		*ret = take(f);
	return e;
}

enum err
facts_load(struct facts **ret, struct client *sync)
{
	OWNED_BUF struct buf answer;
	buf_init(&answer, CLIENT_REPLY_BYTES);
	*ret = NULL;
	enum err e = client_call(sync, SYNC_FACTS, view_of(NULL, 0), &answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	return facts_read(ret, &c);
}

void
facts_free(struct facts *f)
{
	if (!f)
		return;
	pack_free(f->pack);
	crypto_wipe(f->site.row_key, sizeof(f->site.row_key));
	mem_drop(&f);
}

static enum err
ask_people(
	struct client *sync, const char *const *codes, size_t count, struct facts_person *ret)
{
	OWNED_BUF struct buf fields, answer;
	buf_init(&fields, (size_t)4 << 20);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	buf_u32(&fields, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		buf_blob_text(&fields, codes[i]);
	enum err e = buf_check(&fields, "study codes");
	if (!e)
		e = client_call(sync, SYNC_PEOPLE, buf_view(&fields), &answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	if (cursor_u32(&c) != count)
		c.broken = true;
	for (size_t i = 0; i < count; i++)
		cursor_copy(&c, ret[i].participant, ID_BYTES);
	return cursor_end(&c, "pseudonyms");
}

enum err
facts_people(
	struct client *sync, const char *const *codes, size_t count, struct facts_person *ret)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i += PEOPLE_PER_CALL_COUNT)
		e = ask_people(sync, codes + i, MIN(count - i, PEOPLE_PER_CALL_COUNT), ret + i);
	return e;
}

enum err
facts_of_code(struct client *sync, const char *code, struct facts_person *ret,
	struct buf *entries, facts_consent_fn *each, void *arg)
{
	OWNED_BUF struct buf fields, answer;
	buf_init(&fields, CODE_MAX_BYTES);
	buf_init(&answer, CLIENT_REPLY_BYTES);
	buf_blob_text(&fields, code);
	enum err e = buf_check(&fields, "study code");
	if (!e)
		e = client_call(sync, SYNC_CODE, buf_view(&fields), &answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	cursor_copy(&c, ret->participant, ID_BYTES);
	uint32_t entry_count = cursor_u32(&c);
	for (uint32_t i = 0; !c.broken && i < entry_count; i++) {
		struct view name = cursor_blob(&c);
		buf_format(
			entries, "%s%.*s", i ? " " : "", (int)name.len, (const char *)name.at);
	}
	uint32_t consent_count = cursor_u32(&c);
	for (uint32_t i = 0; !e && !c.broken && i < consent_count; i++) {
		struct view part = cursor_blob(&c);
		if (!c.broken)
			e = each(arg, part);
	}
	return e ? e : cursor_end(&c, "what is known of a study code");
}
