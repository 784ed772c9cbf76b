#include "hub/unseal.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/entry.h"

#include "hub/writer.h"

#define WRAP_MAX_BYTES 4096

void
unsealed_done(struct unsealed *u)
{
	wire_rules_free(take(u->rules));
	wire_answers_free(take(u->answers));
}

/* entries */

static enum err
read_header(const struct unseal *u, const struct place *p, struct wire_header *ret)
{
	OWNED_BUF struct buf bytes;
	uint8_t key[PLACE_KEY_BYTES];
	buf_init(&bytes, WIRE_HEADER_MAX_BYTES);
	place_key(key, p);
	enum err e = vault_get(u->txn, VAULT_ENTRIES, view_of(key, sizeof(key)), &bytes);
	if (!e)
		e = wire_header_unpack(ret, buf_view(&bytes));
	if (e)
		return e;
	if (strcmp(ret->study, u->study) != 0)
		return fail(E_AUTH, "the entry is of another study");
	if (memcmp(ret->writer, p->writer, sizeof(p->writer)) != 0 ||
		ret->incarnation != p->incarnation || (uint8_t)ret->lane != p->lane ||
		ret->seq != p->seq)
		return fail(E_AUTH, "the entry stands in another's place");
	return OK;
}

/* Adds a part that is what the header names. */
static enum err
read_part(const struct unseal *u, const struct place *p, const struct wire_header *h,
	enum part_kind kind, struct buf *out)
{
	enum err e = record_part(u->txn, p, (uint8_t)kind, out);
	if (e == E_FULL) /* it is this record's fault, and not the disk's */
		return fail(E_FORMAT, "a part is longer than it may be");
	return e ? e : entry_part_check(h, kind, buf_view(out));
}

static enum err
read_rules(const struct unseal *u, const struct place *p, const struct wire_header *h,
	struct wire_rules **ret)
{
	OWNED_BUF struct buf part;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	enum err e = read_part(u, p, h, PART_RULES, &part);
	return e ? e : wire_rules_unpack(ret, buf_view(&part));
}

/* keys */

static struct secret *
find_intake(const struct keeperkey *k, uint32_t number)
{
	for (size_t i = 0; i < k->intake_count; i++)
		if (k->intake_number[i] == number)
			return k->intake[i];
	return NULL;
}

static enum err
open_wrap(struct secret **ret, const struct unseal *u, const struct keyring_entry *entry,
	struct view wrap)
{
	struct seal_context context = {.study = u->study, .class = entry->class};
	uint32_t number;
	memcpy(context.participant, entry->participant, ID_BYTES);
	enum err e = seal_wrap_number(&number, wrap);
	if (e)
		return e;
	struct secret *intake = find_intake(u->keys, number);
	if (!intake)
		return fail(E_NOTFOUND, "intake key number %u is not here any more", number);
	return seal_open_wrap(ret, wrap, &context, intake);
}

/* Out of the entry of kind key that the record names, and into the keyring. */
static enum err
take_over(const struct unseal *u, const struct place *p, const struct wire_header *h,
	const struct keyring_entry *entry)
{
	OWNED(wire_rules) struct wire_rules *rules = NULL;
	OWNED(secret) struct secret *key = NULL;
	OWNED_BUF struct buf wrap;
	buf_init(&wrap, WRAP_MAX_BYTES);
	enum err e = read_rules(u, p, h, &rules);
	if (!e && (rules->kind != RULES_KEY ||
			  memcmp(rules->participant, entry->participant, ID_BYTES) != 0 ||
			  memcmp(rules->instance, entry->id, ID_BYTES) != 0))
		e = fail(E_AUTH, "the key that the record names is another's");
	if (!e)
		e = read_part(u, p, h, PART_WRAP_STUDY, &wrap);
	if (!e)
		e = open_wrap(&key, u, entry, buf_view(&wrap));
	return e ? e : keyring_put(u->keyring, entry, key);
}

static enum err
find_key(struct secret **ret_lent, const struct unseal *u, const struct wire_rules *record,
	enum seal_class *ret_class)
{
	struct keyring_entry entry;
	struct wire_header header;
	struct place p;
	memcpy(entry.id, record->key_ref, ID_BYTES);
	memcpy(entry.participant, record->participant, ID_BYTES);
	enum err e = record_instance_get(u->txn, record->key_ref, &p);
	if (e == E_NOTFOUND)
		return fail(e, "the key that the record names did not come");
	if (!e)
		e = read_header(u, &p, &header);
	if (e)
		return e;
	entry.class = wire_header_part(&header, PART_WRAP_SITE) ? SEAL_BOTH : SEAL_HUB;
	*ret_class = entry.class;
	e = keyring_find(ret_lent, u->keyring, &entry);
	if (e != E_NOTFOUND)
		return e;
	e = take_over(u, &p, &header, &entry);
	return e ? e : keyring_find(ret_lent, u->keyring, &entry);
}

/* answers */

static enum err
check_answers(const struct wire_rules *r, const struct wire_answers *a)
{
	char instance[2 * ID_BYTES + 1];
	text_hex(instance, r->instance, ID_BYTES);
	if (strcmp(a->instance_id, instance) != 0 || strcmp(a->form, r->form) != 0 ||
		strcmp(a->form_version, r->form_version) != 0)
		return fail(E_FORMAT, "the answers are of another record");
	return OK;
}

static enum err
open_answers(const struct unseal *u, const struct place *p, const struct wire_header *h,
	struct unsealed *ret)
{
	OWNED_BUF struct buf sealed;
	OWNED_WIPED struct buf plain;
	struct secret *key = NULL;
	const struct wire_rules *r = ret->rules;
	struct seal_context context = {
		.study = u->study, .form = r->form, .form_version = r->form_version};
	buf_init(&sealed, SEAL_PART_MAX_BYTES);
	buf_init(&plain, SEAL_CONTENT_MAX_BYTES);
	memcpy(context.participant, r->participant, ID_BYTES);
	memcpy(context.instance, r->instance, ID_BYTES);
	enum err e = find_key(&key, u, r, &context.class);
	if (!e)
		e = read_part(u, p, h, PART_ANSWERS, &sealed);
	if (!e)
		e = seal_open_answers(&plain, buf_view(&sealed), &context, key);
	if (!e)
		e = wire_answers_unpack(&ret->answers, buf_view(&plain));
	return e ? e : check_answers(r, ret->answers);
}

enum err
unseal_record(const struct unseal *u, uint32_t ordinal, struct unsealed *ret)
{
	struct place p;
	struct wire_header header;
	struct writer writer;
	*ret = (struct unsealed){0};
	enum err e = record_at(u->txn, ordinal, &p);
	if (e)
		return e;
	place_name(ret->entry, &p);
	e = writer_get(u->txn, p.writer, &writer);
	if (!e)
		e = read_header(u, &p, &header);
	if (!e)
		e = read_rules(u, &p, &header, &ret->rules);
	if (!e && ret->rules->kind != RULES_RECORD)
		e = fail(E_FORMAT, "the entry is no record");
	if (!e)
		e = open_answers(u, &p, &header, ret);
	if (e)
		unsealed_done(ret);
	else
		memcpy(ret->site, writer.site, sizeof(ret->site));
	return e;
}
