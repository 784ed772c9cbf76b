#include "hub/record.h"

#include <stdio.h>
#include <string.h>

#include "common/codec/text.h"

#define ONCE_PERSONAL      "weir-once-v1"
#define ORDINAL_BYTES      4
#define CONSENT_KEY_BYTES  (ID_BYTES + 4)
#define VERDICT_FIRED_MOST ((uint32_t)RULES_MAX + 1)

static void
put_u32(uint8_t to[static 4], uint32_t v)
{
	for (size_t i = 0; i < 4; i++)
		to[i] = (uint8_t)(v >> (8 * (3 - i)));
}

static uint32_t
get_u32(const uint8_t from[static 4])
{
	struct cursor c = cursor_of(view_of(from, 4));
	return cursor_u32(&c);
}

/* Adds the place to a row, or reads it as one. */
static void
place_write(struct buf *b, const struct place *p)
{
	uint8_t key[PLACE_KEY_BYTES];
	place_key(key, p);
	buf_add(b, key, sizeof(key));
}

static void
place_read(struct cursor *c, struct place *ret)
{
	struct view key = cursor_bytes(c, PLACE_KEY_BYTES);
	if (c->broken || place_from_key(ret, key))
		c->broken = true;
}

/* A row that is nothing but a place. */
static enum err
get_place(struct vault_txn *t, enum vault_table table, struct view key, struct place *ret)
{
	OWNED_BUF struct buf row;
	buf_init(&row, PLACE_KEY_BYTES);
	*ret = (struct place){0};
	enum err e = vault_get(t, table, key, &row);
	return e ? e : place_from_key(ret, buf_view(&row));
}

/* E_CONFLICT where there is one. */
static enum err
put_place(struct vault_txn *t, enum vault_table table, struct view key, const struct place *p)
{
	uint8_t value[PLACE_KEY_BYTES];
	place_key(value, p);
	return vault_put_new(t, table, key, view_of(value, sizeof(value)));
}

/* records */

enum err
record_count(struct vault_txn *t, uint32_t *ret)
{
	OWNED_BUF struct buf key;
	buf_init(&key, ORDINAL_BYTES);
	*ret = 0;
	enum err e = vault_last(t, VAULT_RECORDS, view_of(NULL, 0), &key, NULL);
	if (e == E_NOTFOUND)
		return OK;
	if (!e && key.len != ORDINAL_BYTES)
		e = fail(E_FORMAT, "the hub's row of a record is damaged");
	if (!e)
		*ret = get_u32(key.at) + 1;
	return e;
}

enum err
record_add(struct vault_txn *t, const struct place *p, uint32_t *ret_ordinal)
{
	uint8_t key[ORDINAL_BYTES];
	enum err e = record_count(t, ret_ordinal);
	if (!e && *ret_ordinal == UINT32_MAX)
		e = fail(E_FULL, "the hub holds as many records as it can number");
	put_u32(key, *ret_ordinal);
	return e ? e : put_place(t, VAULT_RECORDS, view_of(key, sizeof(key)), p);
}

enum err
record_at(struct vault_txn *t, uint32_t ordinal, struct place *ret)
{
	uint8_t key[ORDINAL_BYTES];
	put_u32(key, ordinal);
	return get_place(t, VAULT_RECORDS, view_of(key, sizeof(key)), ret);
}

/* parts */

enum err
record_part(struct vault_txn *t, const struct place *p, uint8_t part_kind, struct buf *out)
{
	uint8_t key[PLACE_PART_KEY_BYTES];
	place_part_key(key, p, part_kind);
	return vault_get(t, VAULT_PARTS, view_of(key, sizeof(key)), out);
}

enum err
record_rules(struct vault_txn *t, const struct place *p, struct wire_rules **ret)
{
	OWNED_BUF struct buf part;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	*ret = NULL;
	enum err e = record_part(t, p, PART_RULES, &part);
	if (e == E_FULL) /* as it came; no longer one is of its form */
		return fail(E_FORMAT, "rules part: longer than it may be");
	return e ? e : wire_rules_unpack(ret, buf_view(&part));
}

/* verdicts */

enum err
record_verdict_put(struct vault_txn *t, const struct place *p, const struct record_verdict *v)
{
	OWNED_BUF struct buf row;
	uint8_t key[PLACE_KEY_BYTES];
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, v->leaf);
	buf_u64(&row, (uint64_t)v->at_s);
	buf_u64(&row, v->manifest_number);
	buf_u8(&row, (uint8_t)v->verdict.outcome);
	buf_blob_text(&row, v->reason);
	buf_u32(&row, v->verdict.rules_version);
	buf_add(&row, v->verdict.rules_digest, sizeof(v->verdict.rules_digest));
	buf_u32(&row, (uint32_t)v->verdict.fired_count);
	for (size_t i = 0; i < v->verdict.fired_count; i++) {
		buf_blob_text(&row, v->verdict.fired[i].rule);
		buf_u8(&row, (uint8_t)v->verdict.fired[i].outcome);
		buf_blob_text(&row, v->verdict.fired[i].reason);
	}
	place_key(key, p);
	enum err e = buf_check(&row, "verdict");
	return e ? e : vault_put(t, VAULT_VERDICTS, view_of(key, sizeof(key)), buf_view(&row));
}

static enum rules_outcome
read_outcome(struct cursor *c)
{
	uint8_t outcome = cursor_u8(c);
	if (outcome > RULES_PERMIT)
		c->broken = true;
	return c->broken ? RULES_DENY : (enum rules_outcome)outcome;
}

static void
read_fired(struct cursor *c, struct verdict *v)
{
	uint32_t count = cursor_u32(c);
	if (count > VERDICT_FIRED_MOST)
		c->broken = true;
	for (uint32_t i = 0; i < count && !c->broken; i++) {
		struct rules_fired *f = &v->fired[v->fired_count++];
		row_text(c, f->rule, sizeof(f->rule));
		f->outcome = read_outcome(c);
		row_text(c, f->reason, sizeof(f->reason));
	}
}

static void
read_stamp(struct cursor *c, struct record_stamp *ret)
{
	ret->leaf = cursor_u64(c);
	ret->at_s = (int64_t)cursor_u64(c);
	ret->manifest_number = cursor_u64(c);
	ret->outcome = read_outcome(c);
	row_text(c, ret->reason, sizeof(ret->reason));
}

enum err
record_stamp_get(struct vault_txn *t, const struct place *p, struct record_stamp *ret)
{
	OWNED_BUF struct buf row;
	uint8_t key[PLACE_KEY_BYTES];
	struct record_stamp stamp;
	buf_init(&row, ROW_MAX_BYTES);
	*ret = (struct record_stamp){.outcome = RULES_DENY};
	place_key(key, p);
	enum err e = vault_get(t, VAULT_VERDICTS, view_of(key, sizeof(key)), &row);
	if (e)
		return e;
	struct cursor c = row_begin(buf_view(&row));
	read_stamp(&c, &stamp);
	if (c.broken)
		return fail(E_FORMAT, "a row of the hub is damaged: verdict");
	*ret = stamp;
	return OK;
}

enum err
record_verdict_get(struct vault_txn *t, const struct place *p, struct record_verdict *ret)
{
	OWNED_BUF struct buf row;
	uint8_t key[PLACE_KEY_BYTES];
	struct record_verdict v = {.verdict = {.consent_then = -1, .consent_now = -1}};
	buf_init(&row, ROW_MAX_BYTES);
	*ret = v;
	place_key(key, p);
	enum err e = vault_get(t, VAULT_VERDICTS, view_of(key, sizeof(key)), &row);
	if (e)
		return e;
	struct cursor c = row_begin(buf_view(&row));
	struct record_stamp stamp;
	read_stamp(&c, &stamp);
	v.leaf = stamp.leaf;
	v.at_s = stamp.at_s;
	v.manifest_number = stamp.manifest_number;
	v.verdict.outcome = stamp.outcome;
	memcpy(v.reason, stamp.reason, sizeof(v.reason));
	v.verdict.rules_version = cursor_u32(&c);
	cursor_copy(&c, v.verdict.rules_digest, sizeof(v.verdict.rules_digest));
	read_fired(&c, &v.verdict);
	e = row_end(&c, "verdict");
	if (!e)
		*ret = v;
	return e;
}

/* people */

enum err
record_person_get(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	struct record_person *ret)
{
	OWNED_BUF struct buf row;
	struct record_person p = {0};
	buf_init(&row, ROW_MAX_BYTES);
	*ret = p;
	enum err e = vault_get(t, VAULT_PEOPLE, view_of(participant, ID_BYTES), &row);
	if (e)
		return e;
	struct cursor c = row_begin(buf_view(&row));
	cursor_copy(&c, p.writer, sizeof(p.writer));
	cursor_copy(&c, p.audit_key, sizeof(p.audit_key));
	row_text(&c, p.site, sizeof(p.site));
	e = row_end(&c, "participant");
	if (!e)
		*ret = p;
	return e;
}

enum err
record_person_see(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	const struct record_person *first, struct record_person *ret)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = record_person_get(t, participant, ret);
	if (e != E_NOTFOUND)
		return e;
	*ret = *first;
	crypto_random(ret->audit_key, sizeof(ret->audit_key));
	buf_u8(&row, ROW_VERSION);
	buf_add(&row, ret->writer, sizeof(ret->writer));
	buf_add(&row, ret->audit_key, sizeof(ret->audit_key));
	buf_blob_text(&row, ret->site);
	e = buf_check(&row, "participant");
	return e ? e
		 : vault_put_new(
			   t, VAULT_PEOPLE, view_of(participant, ID_BYTES), buf_view(&row));
}

/* consents */

static enum err
next_index(struct vault_txn *t, const uint8_t participant[static ID_BYTES], uint32_t *ret)
{
	OWNED_BUF struct buf key;
	buf_init(&key, CONSENT_KEY_BYTES);
	*ret = 0;
	enum err e = vault_last(t, VAULT_CONSENTS, view_of(participant, ID_BYTES), &key, NULL);
	if (e == E_NOTFOUND)
		return OK;
	if (!e && (key.len != CONSENT_KEY_BYTES || get_u32(key.at + ID_BYTES) == UINT32_MAX))
		e = fail(E_FORMAT, "the hub's row of a consent is damaged");
	if (!e)
		*ret = get_u32(key.at + ID_BYTES) + 1;
	return e;
}

enum err
record_consent_add(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	const struct place *p, uint64_t leaf)
{
	OWNED_BUF struct buf row;
	uint8_t key[CONSENT_KEY_BYTES];
	uint32_t index;
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = next_index(t, participant, &index);
	if (e)
		return e;
	memcpy(key, participant, ID_BYTES);
	put_u32(key + ID_BYTES, index);
	buf_u8(&row, ROW_VERSION);
	place_write(&row, p);
	buf_u64(&row, leaf);
	e = buf_check(&row, "consent");
	return e ? e
		 : vault_put_new(t, VAULT_CONSENTS, view_of(key, sizeof(key)), buf_view(&row));
}

struct consent_walk {
	record_consent_fn *each;
	void *arg;
};

static enum err
consent_visit(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct consent_walk *w = arg;
	struct record_consent consent = {0};
	(void)ret_stop;
	if (key.len != CONSENT_KEY_BYTES)
		return fail(E_FORMAT, "the hub's row of a consent is damaged");
	consent.index = get_u32(key.at + ID_BYTES);
	struct cursor c = row_begin(value);
	place_read(&c, &consent.place);
	consent.leaf = cursor_u64(&c);
	enum err e = row_end(&c, "consent");
	return e ? e : w->each(w->arg, &consent);
}

enum err
record_consent_each(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	record_consent_fn *each, void *arg)
{
	struct consent_walk w = {each, arg};
	struct vault_range range = {
		.table = VAULT_CONSENTS, .prefix = view_of(participant, ID_BYTES)};
	return vault_each(t, &range, consent_visit, &w);
}

/* instances */

void
record_once_id(uint8_t ret[static ID_BYTES], const struct wire_rules *r, const struct place *p,
	const char *site)
{
	char writer[2 * SIGN_PUBLIC_BYTES + 1];
	const char *scope = "";
	OWNED_BUF struct buf b;
	buf_init(&b, WIRE_RULES_MAX_BYTES);
	if (wire_is_zero(r->participant, sizeof(r->participant))) {
		text_hex(writer, p->writer, sizeof(p->writer));
		scope = strcmp(r->form, COUNTS_FORM) == 0 ? writer : site;
	}
	buf_blob(&b, view_of(r->participant, sizeof(r->participant)));
	buf_blob_text(&b, scope);
	buf_blob_text(&b, r->form);
	buf_blob_text(&b, r->wave);
	struct view all = buf_view(&b);
	crypto_hash_id(ret, ONCE_PERSONAL, NULL, &all, 1);
}

enum err
record_instance_get(struct vault_txn *t, const uint8_t id[static ID_BYTES], struct place *ret)
{
	return get_place(t, VAULT_INSTANCES, view_of(id, ID_BYTES), ret);
}

enum err
record_instance_claim(
	struct vault_txn *t, const uint8_t id[static ID_BYTES], const struct place *p)
{
	return put_place(t, VAULT_INSTANCES, view_of(id, ID_BYTES), p);
}

enum err
record_instance_put(
	struct vault_txn *t, const uint8_t id[static ID_BYTES], const struct place *p)
{
	uint8_t value[PLACE_KEY_BYTES];
	place_key(value, p);
	return vault_put(
		t, VAULT_INSTANCES, view_of(id, ID_BYTES), view_of(value, sizeof(value)));
}

enum err
record_instance_drop(struct vault_txn *t, const uint8_t id[static ID_BYTES])
{
	return vault_delete(t, VAULT_INSTANCES, view_of(id, ID_BYTES));
}

enum err
record_stands(struct vault_txn *t, const uint8_t id[static ID_BYTES], const struct place *p,
	bool if_none, bool *ret)
{
	struct place other;
	enum err e = record_instance_get(t, id, &other);
	*ret = e == E_NOTFOUND ? if_none : !e && place_same(&other, p);
	return e == E_NOTFOUND ? OK : e;
}
