#include "hub/tally.h"

#include <stdio.h>
#include <string.h>

#define TALLY_PREFIX "tally-"
#define FORMS_PREFIX "forms-"
#define TALLY_OTHER  "other"

struct tally_key {
	uint8_t bytes[sizeof(TALLY_PREFIX) - 1 + SIGN_PUBLIC_BYTES];
};

static struct tally_key
tally_key(const char *prefix, const uint8_t writer[static SIGN_PUBLIC_BYTES])
{
	struct tally_key k;
	memcpy(k.bytes, prefix, sizeof(TALLY_PREFIX) - 1); /* both are as long */
	memcpy(k.bytes + sizeof(TALLY_PREFIX) - 1, writer, SIGN_PUBLIC_BYTES);
	return k;
}

static void
read_rows(struct cursor *c, struct tally *t)
{
	uint32_t count = cursor_u32(c);
	if (count > TALLY_ROWS_COUNT)
		c->broken = true;
	for (; t->count < count && !c->broken; t->count++) {
		uint8_t outcome = cursor_u8(c);
		if (outcome > RULES_PERMIT)
			c->broken = true;
		else
			t->at[t->count].outcome = (enum rules_outcome)outcome;
		row_text(c, t->at[t->count].reason, sizeof(t->at[t->count].reason));
		t->at[t->count].records = cursor_u64(c);
	}
}

static void
read_forms(struct cursor *c, struct tally *t)
{
	uint32_t count = cursor_u32(c);
	if (count > TALLY_ROWS_COUNT)
		c->broken = true;
	for (; t->form_count < count && !c->broken; t->form_count++) {
		struct tally_form *f = &t->forms[t->form_count];
		row_text(c, f->form, sizeof(f->form));
		row_text(c, f->version, sizeof(f->version));
		for (size_t i = 0; i < ARRAY_LEN(f->records); i++)
			f->records[i] = cursor_u64(c);
	}
}

static enum err
get_row(struct vault_txn *t, struct tally_key k, struct tally *ret,
	void (*read)(struct cursor *c, struct tally *t))
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = vault_get(t, VAULT_META, view_of(k.bytes, sizeof(k.bytes)), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	read(&c, ret);
	return row_end(&c, "tally");
}

enum err
tally_get(
	struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES], struct tally *ret)
{
	*ret = (struct tally){0};
	enum err e = get_row(t, tally_key(TALLY_PREFIX, writer), ret, read_rows);
	return e ? e : get_row(t, tally_key(FORMS_PREFIX, writer), ret, read_forms);
}

static enum err
put_row(struct vault_txn *t, struct tally_key k, const struct buf *row)
{
	enum err e = buf_check(row, "tally");
	return e ? e
		 : vault_put(t, VAULT_META, view_of(k.bytes, sizeof(k.bytes)), buf_view(row));
}

static enum err
put_forms(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	const struct tally *tally)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u32(&row, (uint32_t)tally->form_count);
	for (size_t i = 0; i < tally->form_count; i++) {
		const struct tally_form *f = &tally->forms[i];
		buf_blob_text(&row, f->form);
		buf_blob_text(&row, f->version);
		for (size_t k = 0; k < ARRAY_LEN(f->records); k++)
			buf_u64(&row, f->records[k]);
	}
	return put_row(t, tally_key(FORMS_PREFIX, writer), &row);
}

enum err
tally_put(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	const struct tally *tally)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u32(&row, (uint32_t)tally->count);
	for (size_t i = 0; i < tally->count; i++) {
		buf_u8(&row, (uint8_t)tally->at[i].outcome);
		buf_blob_text(&row, tally->at[i].reason);
		buf_u64(&row, tally->at[i].records);
	}
	enum err e = put_row(t, tally_key(TALLY_PREFIX, writer), &row);
	return e ? e : put_forms(t, writer, tally);
}

void
tally_reason(char ret[static TALLY_REASON_BYTES], const struct record_verdict *v)
{
	(void)snprintf(ret, TALLY_REASON_BYTES, "%s", v->reason);
	if (v->reason[0])
		return;
	for (size_t i = 0; i < v->verdict.fired_count; i++) {
		const struct rules_fired *f = &v->verdict.fired[i];
		if (f->outcome != v->verdict.outcome)
			continue;
		(void)snprintf(ret, TALLY_REASON_BYTES, "%s%s%s", f->rule,
			f->rule[0] ? " " : "", f->reason);
		return;
	}
}

static size_t
find(const struct tally *tally, enum rules_outcome outcome, const char *reason)
{
	size_t i = 0;
	while (i < tally->count &&
		(tally->at[i].outcome != outcome || strcmp(tally->at[i].reason, reason) != 0))
		i++;
	return i;
}

/* The row of a form version; the last one is kept for all others. */
static struct tally_form *
form_row(struct tally *tally, const char *form, const char *version)
{
	char cut_form[TALLY_NAME_BYTES], cut_version[TALLY_NAME_BYTES];
	(void)snprintf(cut_form, sizeof(cut_form), "%s", form);
	(void)snprintf(cut_version, sizeof(cut_version), "%s", version);
	for (size_t i = 0; i < tally->form_count; i++)
		if (strcmp(tally->forms[i].form, cut_form) == 0 &&
			strcmp(tally->forms[i].version, cut_version) == 0)
			return &tally->forms[i];
	if (tally->form_count == TALLY_ROWS_COUNT)
		return &tally->forms[TALLY_ROWS_COUNT - 1];
	struct tally_form *f = &tally->forms[tally->form_count++];
	*f = (struct tally_form){.form = TALLY_OTHER};
	if (tally->form_count == TALLY_ROWS_COUNT)
		return f;
	memcpy(f->form, cut_form, sizeof(f->form));
	memcpy(f->version, cut_version, sizeof(f->version));
	return f;
}

void
tally_add(struct tally *tally, const struct record_verdict *v, const char *form,
	const char *version)
{
	form_row(tally, form, version)->records[v->verdict.outcome]++;
	char reason[TALLY_REASON_BYTES];
	tally_reason(reason, v);
	size_t i = find(tally, v->verdict.outcome, reason);
	/* The last rows are kept for "other", one an outcome. */
	if (i == tally->count && i >= TALLY_ROWS_COUNT - (RULES_PERMIT + 1)) {
		(void)snprintf(reason, sizeof(reason), "%s", TALLY_OTHER);
		i = find(tally, v->verdict.outcome, reason);
	}
	if (i == tally->count) {
		tally->count++;
		tally->at[i].outcome = v->verdict.outcome;
		memcpy(tally->at[i].reason, reason, sizeof(reason));
	}
	tally->at[i].records++;
}
