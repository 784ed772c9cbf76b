#include "hub/record.h"

#include <string.h>

#define ORDINAL_BYTES      4
#define VERDICT_FIRED_MOST ((uint32_t)RULES_MAX + 1)
#define LEADS              1u
#define LEADS_ONCE         2u
#define STANDS_AT_BYTES    (1 + PLACE_KEY_BYTES) /* where they are in the row */
/* Where the verdict of an entry is. */
#define VERDICT_HERE      0
#define VERDICT_AT_RECORD 1

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

static void
write_verdict(struct buf *row, const struct record_verdict *v)
{
	buf_u64(row, v->leaf);
	buf_u64(row, (uint64_t)v->at_s);
	buf_u64(row, v->manifest_number);
	buf_u8(row, (uint8_t)v->verdict.outcome);
	buf_blob_text(row, v->reason);
	buf_u32(row, v->verdict.rules_version);
	buf_add(row, v->verdict.rules_digest, sizeof(v->verdict.rules_digest));
	buf_u32(row, (uint32_t)v->verdict.fired_count);
	for (size_t i = 0; i < v->verdict.fired_count; i++) {
		buf_blob_text(row, v->verdict.fired[i].rule);
		buf_u8(row, (uint8_t)v->verdict.fired[i].outcome);
		buf_blob_text(row, v->verdict.fired[i].reason);
	}
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

static void
read_verdict(struct cursor *c, struct record_verdict *v)
{
	struct record_stamp stamp;
	read_stamp(c, &stamp);
	v->leaf = stamp.leaf;
	v->at_s = stamp.at_s;
	v->manifest_number = stamp.manifest_number;
	v->verdict.outcome = stamp.outcome;
	memcpy(v->reason, stamp.reason, sizeof(v->reason));
	v->verdict.rules_version = cursor_u32(c);
	cursor_copy(c, v->verdict.rules_digest, sizeof(v->verdict.rules_digest));
	read_fired(c, &v->verdict);
}

/* records */

static enum err
get_row(struct vault_txn *t, uint32_t ordinal, struct buf *row)
{
	uint8_t key[ORDINAL_BYTES];
	bytes_put_u32(key, ordinal);
	buf_reset(row);
	return vault_get(t, VAULT_RECORDS, view_of(key, sizeof(key)), row);
}

/* Up to where the verdict begins. */
static struct cursor
read_row(struct view row, struct record *ret)
{
	struct cursor c = row_begin(row);
	*ret = (struct record){.stored = {.outcome = RULES_DENY}};
	place_read(&c, &ret->place);
	const uint8_t stands = cursor_u8(&c);
	ret->leads = stands & LEADS;
	ret->leads_once = stands & LEADS_ONCE;
	cursor_copy(&c, ret->part_hash, sizeof(ret->part_hash));
	return c;
}

static enum err
put_row(struct vault_txn *t, uint32_t ordinal, const struct record *r,
	const struct record_verdict *v)
{
	OWNED_BUF struct buf row;
	uint8_t key[ORDINAL_BYTES];
	bytes_put_u32(key, ordinal);
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	place_write(&row, &r->place);
	buf_u8(&row, (uint8_t)((r->leads ? LEADS : 0) | (r->leads_once ? LEADS_ONCE : 0)));
	buf_add(&row, r->part_hash, sizeof(r->part_hash));
	write_verdict(&row, v);
	enum err e = buf_check(&row, "record");
	return e ? e : vault_put(t, VAULT_RECORDS, view_of(key, sizeof(key)), buf_view(&row));
}

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
		*ret = bytes_get_u32(key.at) + 1;
	return e;
}

/* The row that leads from the entry to its verdict. */
static enum err
put_verdict_row(struct vault_txn *t, const struct place *p, struct buf *row)
{
	uint8_t key[PLACE_KEY_BYTES];
	place_key(key, p);
	enum err e = buf_check(row, "verdict");
	return e ? e : vault_put(t, VAULT_VERDICTS, view_of(key, sizeof(key)), buf_view(row));
}

enum err
record_add(struct vault_txn *t, const struct record *r, const struct record_verdict *v)
{
	OWNED_BUF struct buf row;
	uint32_t ordinal;
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = record_count(t, &ordinal);
	if (!e && ordinal == UINT32_MAX)
		e = fail(E_FULL, "the hub holds as many records as it can number");
	if (!e)
		e = put_row(t, ordinal, r, v);
	buf_u8(&row, ROW_VERSION);
	buf_u8(&row, VERDICT_AT_RECORD);
	buf_u32(&row, ordinal);
	return e ? e : put_verdict_row(t, &r->place, &row);
}

enum err
record_get(struct vault_txn *t, uint32_t ordinal, struct record *ret)
{
	OWNED_BUF struct buf row;
	struct record r;
	buf_init(&row, ROW_MAX_BYTES);
	*ret = (struct record){.stored = {.outcome = RULES_DENY}};
	enum err e = get_row(t, ordinal, &row);
	if (e)
		return e;
	struct cursor c = read_row(buf_view(&row), &r);
	read_stamp(&c, &r.stored);
	if (c.broken)
		return fail(E_FORMAT, "a row of the hub is damaged: record");
	*ret = r;
	return OK;
}

enum err
record_at(struct vault_txn *t, uint32_t ordinal, struct place *ret)
{
	struct record r;
	enum err e = record_get(t, ordinal, &r);
	*ret = r.place;
	return e;
}

/* Where a verdict is found: in `row`, where the cursor stands. */
struct found {
	struct buf row;
	struct cursor at;
	bool has_record;
	uint32_t ordinal;
	struct record record;
};

static void
found_done(struct found *f)
{
	buf_done(&f->row);
}

static enum err
find_verdict(struct vault_txn *t, const struct place *p, struct found *f)
{
	uint8_t key[PLACE_KEY_BYTES];
	place_key(key, p);
	*f = (struct found){.ordinal = 0};
	buf_init(&f->row, ROW_MAX_BYTES);
	enum err e = vault_get(t, VAULT_VERDICTS, view_of(key, sizeof(key)), &f->row);
	if (e)
		return e;
	f->at = row_begin(buf_view(&f->row));
	if (cursor_u8(&f->at) != VERDICT_AT_RECORD)
		return OK;
	f->has_record = true;
	f->ordinal = cursor_u32(&f->at);
	e = row_end(&f->at, "verdict");
	if (!e)
		e = get_row(t, f->ordinal, &f->row);
	if (e)
		return e == E_NOTFOUND ? fail(E_FORMAT, "a row of the hub is damaged: verdict")
				       : e;
	f->at = read_row(buf_view(&f->row), &f->record);
	if (!place_same(&f->record.place, p))
		f->at.broken = true;
	return OK;
}

enum err
record_verdict_put(struct vault_txn *t, const struct place *p, const struct record_verdict *v)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u8(&row, VERDICT_HERE);
	write_verdict(&row, v);
	return put_verdict_row(t, p, &row);
}

enum err
record_stamp_get(struct vault_txn *t, const struct place *p, struct record_stamp *ret)
{
	OWNED_BY(found_done) struct found f = {.ordinal = 0};
	struct record_stamp stamp;
	*ret = (struct record_stamp){.outcome = RULES_DENY};
	enum err e = find_verdict(t, p, &f);
	if (e)
		return e;
	read_stamp(&f.at, &stamp);
	if (f.at.broken)
		return fail(E_FORMAT, "a row of the hub is damaged: verdict");
	*ret = stamp;
	return OK;
}

/* The verdict, and with it the rest of its row. */
static enum err
get_verdict(
	struct vault_txn *t, const struct place *p, struct found *f, struct record_verdict *ret)
{
	*ret = (struct record_verdict){.verdict = {.consent_then = -1, .consent_now = -1}};
	enum err e = find_verdict(t, p, f);
	if (e)
		return e;
	read_verdict(&f->at, ret);
	return row_end(&f->at, "verdict");
}

enum err
record_verdict_get(struct vault_txn *t, const struct place *p, struct record_verdict *ret)
{
	OWNED_BY(found_done) struct found f = {.ordinal = 0};
	struct record_verdict v;
	*ret = (struct record_verdict){.verdict = {.consent_then = -1, .consent_now = -1}};
	enum err e = get_verdict(t, p, &f, &v);
	if (!e)
		*ret = v;
	return e;
}

struct search {
	const struct place *place;
	bool is_found;
	uint32_t ordinal;
};

static enum err
see_record(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct search *s = arg;
	struct record r;
	const struct cursor c = read_row(value, &r);
	if (c.broken || key.len != ORDINAL_BYTES || !place_same(&r.place, s->place))
		return OK;
	s->ordinal = bytes_get_u32(key.at);
	*ret_stop = s->is_found = true;
	return OK;
}

/* Which record is at this place, though the row that leads to it be damaged. */
static enum err
find_ordinal(struct vault_txn *t, const struct place *p, struct search *ret)
{
	OWNED_BY(found_done) struct found f = {.ordinal = 0};
	const struct vault_range all = {.table = VAULT_RECORDS, .takes_damaged = true};
	enum err e = find_verdict(t, p, &f);
	*ret = (struct search){.place = p, .is_found = f.has_record, .ordinal = f.ordinal};
	if (e == E_NOTFOUND)
		return OK;
	if (!e && !f.at.broken)
		return OK;
	if (e && e != E_AUTH && e != E_FORMAT)
		return e;
	ret->is_found = false;
	return vault_each(t, &all, see_record, ret);
}

enum err
record_yield(struct vault_txn *t, const struct place *p)
{
	OWNED_BUF struct buf row;
	uint8_t key[ORDINAL_BYTES];
	struct search s;
	struct record r;
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = find_ordinal(t, p, &s);
	if (!e && s.is_found)
		e = get_row(t, s.ordinal, &row);
	if (e || !s.is_found)
		return e;
	(void)read_row(buf_view(&row), &r);
	if (!r.leads && !r.leads_once)
		return OK;
	row.at[STANDS_AT_BYTES] = 0;
	bytes_put_u32(key, s.ordinal);
	return vault_put(t, VAULT_RECORDS, view_of(key, sizeof(key)), buf_view(&row));
}
