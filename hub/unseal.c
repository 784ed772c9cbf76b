#include "hub/unseal.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/entry.h"

#include "hub/record_instance.h"
#include "hub/writer.h"

#define WRAP_MAX_BYTES 4096

struct unseal {
	struct unseal_with with;
	struct writer writer; /* the one looked up last */
	bool has_writer;
	struct seal_opener *openers[KEEPERKEY_INTAKE_COUNT]; /* made at the first wrap */
	struct secret *taken; /* out of a wrap, on its way into the keyring */
	struct buf header;    /* the four are kept between records, so that each does not */
	struct buf rules;     /* allocate */
	struct buf sealed;
	struct buf plain; /* wiped after each record */
};

struct unseal *
unseal_new(const struct unseal_with *with)
{
	struct unseal *u = xcalloc(1, sizeof(*u));
	u->with = *with;
	buf_init(&u->header, WIRE_HEADER_MAX_BYTES);
	buf_init(&u->rules, WIRE_RULES_MAX_BYTES);
	buf_init(&u->sealed, SEAL_PART_MAX_BYTES);
	buf_init(&u->plain, SEAL_CONTENT_MAX_BYTES);
	return u;
}

void
unseal_free(struct unseal *u)
{
	if (!u)
		return;
	for (size_t i = 0; i < KEEPERKEY_INTAKE_COUNT; i++)
		seal_opener_free(u->openers[i]);
	secret_free(u->taken);
	buf_done(&u->header);
	buf_done(&u->rules);
	buf_done(&u->sealed);
	buf_wipe(&u->plain);
	mem_drop(&u);
}

void
unsealed_done(struct unsealed *u)
{
	wire_rules_free(take(u->rules));
	wire_answers_free(take(u->answers));
}

/* entries */

/* One row lacks or is damaged: not the fault of the store as a whole. */
static bool
is_of_row(enum err e)
{
	return e == E_NOTFOUND || e == E_AUTH || e == E_FORMAT;
}

static enum err
read_header(struct unseal *u, const struct place *p, struct wire_header *ret)
{
	uint8_t key[PLACE_KEY_BYTES];
	buf_reset(&u->header);
	place_key(key, p);
	enum err e =
		vault_get(u->with.txn, VAULT_ENTRIES, view_of(key, sizeof(key)), &u->header);
	if (!e)
		e = wire_header_unpack(ret, buf_view(&u->header));
	if (e)
		return e;
	if (strcmp(ret->study, u->with.study) != 0)
		return fail(E_AUTH, "the entry is of another study");
	if (memcmp(ret->writer, p->writer, sizeof(p->writer)) != 0 ||
		ret->incarnation != p->incarnation || (uint8_t)ret->lane != p->lane ||
		ret->seq != p->seq)
		return fail(E_AUTH, "the entry stands in another's place");
	return OK;
}

/* Fills `out` with a part that is what the header names. */
static enum err
read_part(struct unseal *u, const struct place *p, const struct wire_header *h,
	enum part_kind kind, struct buf *out)
{
	buf_reset(out);
	enum err e = record_part(u->with.txn, p, (uint8_t)kind, out);
	if (e == E_FULL) /* it is this record's fault, and not the disk's */
		return fail(E_FORMAT, "a part is longer than it may be");
	return e ? e : entry_part_check(h, kind, buf_view(out));
}

static enum err
read_rules(struct unseal *u, const struct place *p, const struct wire_header *h,
	struct wire_rules **ret)
{
	enum err e = read_part(u, p, h, PART_RULES, &u->rules);
	return e ? e : wire_rules_unpack(ret, buf_view(&u->rules));
}

/* keys */

struct key_id {
	uint8_t now[ID_BYTES];
	bool is_again;
	uint8_t before[ID_BYTES]; /* of the one that it wraps again */
};

/* lends; NULL when the number is of no key that is here. */
static struct seal_opener *
find_opener(struct unseal *u, uint32_t number)
{
	const struct keeperkey *k = u->with.keys;
	size_t i = 0;
	while (i < k->intake_count && k->intake_number[i] != number)
		i++;
	if (i == k->intake_count)
		return NULL;
	if (!u->openers[i])
		u->openers[i] = seal_opener_new(u->with.study, k->intake[i]);
	return u->openers[i];
}

/* Into u->taken. */
static enum err
open_wrap(struct unseal *u, const struct keyring_entry *entry, struct view wrap)
{
	struct seal_context context = {.study = u->with.study, .class = entry->class};
	uint32_t number;
	memcpy(context.participant, entry->participant, ID_BYTES);
	enum err e = seal_wrap_number(&number, wrap);
	if (e)
		return e;
	struct seal_opener *opener = find_opener(u, number);
	if (!opener)
		return fail(E_NOTFOUND, "intake key number %u is not here any more", number);
	if (!u->taken)
		u->taken = secret_new(AEAD_KEY_BYTES);
	return seal_opener_wrap(opener, u->taken, wrap, &context);
}

/* Out of an entry of kind key under this id, and into the keyring. One that wraps another again
 * is looked at as a key of its own, too; so its number stays until both are in the keyring. */
static enum err
take_from(struct unseal *u, const struct place *p, const struct wire_header *h,
	const struct keyring_entry *entry, const struct key_id *id)
{
	OWNED(wire_rules) struct wire_rules *rules = NULL;
	OWNED_BUF struct buf wrap;
	buf_init(&wrap, WRAP_MAX_BYTES);
	enum err e = read_rules(u, p, h, &rules);
	if (!e &&
		(rules->kind != RULES_KEY ||
			memcmp(rules->participant, entry->participant, ID_BYTES) != 0 ||
			memcmp(rules->instance, id->now, ID_BYTES) != 0 ||
			(id->is_again && memcmp(rules->refers_to, id->before, ID_BYTES) != 0)))
		e = fail(E_AUTH, "the key that the record names is another's");
	if (!e)
		e = read_part(u, p, h, PART_WRAP_STUDY, &wrap);
	if (!e)
		e = open_wrap(u, entry, buf_view(&wrap));
	if (!e)
		e = keyring_put(u->with.keyring, entry, u->taken);
	if (u->taken)
		crypto_wipe(secret_bytes(u->taken), secret_len(u->taken));
	return e;
}

/* The entry in which the same writer wrapped the key again, if it has come. */
static enum err
find_again(struct unseal *u, const struct place *first, struct key_id *id, struct place *ret,
	struct wire_header *ret_header)
{
	id->is_again = true;
	memcpy(id->before, id->now, ID_BYTES);
	seal_again_id(id->now, id->before);
	enum err e = record_instance_get(u->with.txn, id->now, ret);
	if (!e && memcmp(ret->writer, first->writer, sizeof(first->writer)) != 0)
		e = fail(E_AUTH, "a key was wrapped again by another node");
	return e ? e : read_header(u, ret, ret_header);
}

static enum err
take_over(struct unseal *u, const struct place *p, const struct wire_header *h,
	const struct keyring_entry *entry)
{
	struct key_id id = {.is_again = false};
	memcpy(id.now, entry->id, ID_BYTES);
	enum err e = take_from(u, p, h, entry, &id);
	for (int i = 0; e == E_NOTFOUND && i < SEAL_AGAIN_MOST_COUNT; i++) {
		struct place again;
		struct wire_header header;
		e = find_again(u, p, &id, &again, &header);
		if (e)
			return e == E_NOTFOUND
				       ? fail(e, "the number of the intake key that it is "
						 "wrapped for is not here any more")
				       : e;
		e = take_from(u, &again, &header, entry, &id);
	}
	return e;
}

static enum err
find_key(struct secret **ret_lent, struct unseal *u, const struct wire_rules *record,
	enum seal_class *ret_class)
{
	struct keyring_entry entry;
	struct wire_header header;
	struct place p;
	memcpy(entry.id, record->key_ref, ID_BYTES);
	memcpy(entry.participant, record->participant, ID_BYTES);
	enum err e = record_instance_get(u->with.txn, record->key_ref, &p);
	if (e == E_NOTFOUND)
		return fail(e, "the key that the record names did not come");
	if (!e)
		e = read_header(u, &p, &header);
	if (e)
		return e;
	entry.class = wire_header_part(&header, PART_WRAP_SITE) ? SEAL_BOTH : SEAL_HUB;
	*ret_class = entry.class;
	e = keyring_find(ret_lent, u->with.keyring, &entry);
	if (!is_of_row(e))
		return e;
	e = take_over(u, &p, &header, &entry);
	return e ? e : keyring_find(ret_lent, u->with.keyring, &entry);
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
open_answers(struct unseal *u, const struct place *p, const struct wire_header *h,
	struct unsealed *ret)
{
	struct secret *key = NULL;
	const struct wire_rules *r = ret->rules;
	struct seal_context context = {
		.study = u->with.study, .form = r->form, .form_version = r->form_version};
	memcpy(context.participant, r->participant, ID_BYTES);
	memcpy(context.instance, r->instance, ID_BYTES);
	enum err e = find_key(&key, u, r, &context.class);
	if (!e)
		e = read_part(u, p, h, PART_ANSWERS, &u->sealed);
	if (!e)
		e = seal_open_answers(&u->plain, buf_view(&u->sealed), &context, key);
	if (!e)
		e = wire_answers_unpack(&ret->answers, buf_view(&u->plain));
	if (u->plain.at)
		crypto_wipe(u->plain.at, u->plain.room);
	buf_reset(&u->plain);
	return e ? e : check_answers(r, ret->answers);
}

/* A snapshot shows one state of a row, and a cohort's records of one node mostly follow each
 * other. */
static enum err
find_writer(struct unseal *u, const uint8_t public[static SIGN_PUBLIC_BYTES])
{
	if (u->has_writer && memcmp(u->writer.public, public, SIGN_PUBLIC_BYTES) == 0)
		return OK;
	enum err e = writer_get(u->with.txn, public, &u->writer);
	u->has_writer = !e && memcmp(u->writer.public, public, SIGN_PUBLIC_BYTES) == 0;
	return e;
}

enum err
unseal_record(struct unseal *u, uint32_t ordinal, struct unsealed *ret)
{
	struct wire_header header;
	*ret = (struct unsealed){0};
	const struct place *p = &ret->place;
	enum err e = record_at(u->with.txn, ordinal, &ret->place);
	if (e)
		ret->place = (struct place){0};
	if (!e)
		e = find_writer(u, p->writer);
	if (!e)
		e = read_header(u, p, &header);
	if (!e)
		e = read_rules(u, p, &header, &ret->rules);
	if (!e && ret->rules->kind != RULES_RECORD)
		e = fail(E_FORMAT, "the entry is no record");
	if (!e)
		e = open_answers(u, p, &header, ret);
	if (e)
		unsealed_done(ret);
	else
		memcpy(ret->site, u->writer.site, sizeof(ret->site));
	return e;
}

/* What a node sent and nobody can use is whole. */
enum err
unseal_is_damaged(struct unseal *u, const struct place *p, bool *ret)
{
	static const enum part_kind kinds[] = {PART_RULES, PART_WRAP_STUDY};
	struct wire_header header;
	OWNED_BUF struct buf part;
	buf_init(&part, VAULT_VALUE_MAX_BYTES);
	enum err e = read_header(u, p, &header);
	*ret = false;
	if (e == E_NOTFOUND)
		return OK;
	for (size_t i = 0; !e && i < ARRAY_LEN(kinds); i++)
		e = wire_header_part(&header, kinds[i])
			    ? read_part(u, p, &header, kinds[i], &part)
			    : OK;
	*ret = is_of_row(e);
	return is_of_row(e) ? OK : e;
}

/* Whose key it is, if it is one; *ret_is false otherwise. */
static enum err
read_entry(struct unseal *u, const struct place *p, struct wire_header *header,
	struct keyring_entry *ret, bool *ret_is)
{
	OWNED(wire_rules) struct wire_rules *rules = NULL;
	*ret_is = false;
	enum err e = read_header(u, p, header);
	if (!e)
		e = read_rules(u, p, header, &rules);
	if (e || rules->kind != RULES_KEY || !wire_header_part(header, PART_WRAP_STUDY))
		return e;
	memcpy(ret->id, rules->instance, ID_BYTES);
	memcpy(ret->participant, rules->participant, ID_BYTES);
	ret->class = wire_header_part(header, PART_WRAP_SITE) ? SEAL_BOTH : SEAL_HUB;
	*ret_is = true;
	return OK;
}

enum err
unseal_is_wrapped(struct unseal *u, const struct place *p, uint32_t *ret_number)
{
	OWNED_BUF struct buf wrap;
	struct wire_header header;
	struct keyring_entry entry;
	struct secret *key = NULL;
	bool is_key = false;
	buf_init(&wrap, WRAP_MAX_BYTES);
	*ret_number = 0;
	enum err e = read_entry(u, p, &header, &entry, &is_key);
	if (e || !is_key)
		return e;
	e = keyring_find(&key, u->with.keyring, &entry);
	if (!is_of_row(e))
		return e;
	e = read_part(u, p, &header, PART_WRAP_STUDY, &wrap);
	if (!e)
		e = seal_wrap_number(ret_number, buf_view(&wrap));
	/* What nobody can open waits for nothing. */
	if (!e && open_wrap(u, &entry, buf_view(&wrap)))
		*ret_number = 0;
	if (u->taken)
		crypto_wipe(secret_bytes(u->taken), secret_len(u->taken));
	return e;
}

enum err
unseal_key(struct unseal *u, const struct place *p, struct keyring *before, bool *ret_taken)
{
	struct wire_header header;
	struct keyring_entry entry;
	struct secret *key = NULL;
	bool is_key = false;
	*ret_taken = false;
	enum err e = read_entry(u, p, &header, &entry, &is_key);
	if (e || !is_key)
		return e;
	e = keyring_find(&key, before, &entry);
	if (!e)
		e = keyring_put(u->with.keyring, &entry, key);
	else if (is_of_row(e))
		e = take_over(u, p, &header, &entry);
	*ret_taken = e == OK;
	return e;
}
